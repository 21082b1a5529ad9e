//! The first TLS handshake of a process: the client's share of it, in memory, with the provider and roots that the product
//! has (`shared/src/systems/http/reqwest.rs`) and a chain of three RSA certificates, which is what AWS shows.

use crate::stats::median;
use anyhow::{Context as _, Result, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the test's certificate is for.
const HOST: &str = "measure.example";

/// Milliseconds of the client's work.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Handshake {
    /// Of the first one in a process.
    pub(crate) first_ms: f64,
    /// Of the second.
    pub(crate) second_ms: f64,
}

/// The medians of so many new processes, which each run this binary's hidden command.
///
/// # Errors
/// When one fails.
pub(crate) fn measured(certificates: &Path, runs: usize) -> Result<Handshake> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let output = Command::new(std::env::current_exe()?)
            .arg("--handshake")
            .arg(certificates)
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let one: Handshake = serde_json::from_slice(&output.stdout)?;
        first.push(one.first_ms);
        second.push(one.second_ms);
    }
    Ok(Handshake {
        first_ms: median(&mut first),
        second_ms: median(&mut second),
    })
}

/// Two handshakes in this process.
///
/// # Errors
/// When the certificates can't be read, or are not trusted.
pub(crate) fn twice(certificates: &Path) -> Result<Handshake> {
    let (client, server) = (client(certificates)?, server(certificates)?);
    Ok(Handshake {
        first_ms: once(&client, &server)?.as_secs_f64() * 1000.0,
        second_ms: once(&client, &server)?.as_secs_f64() * 1000.0,
    })
}

fn client(certificates: &Path) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots.add(CertificateDer::from_pem_file(certificates.join("root.pem"))?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    // The second one is to be whole, too.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

fn server(certificates: &Path) -> Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_file_iter(certificates.join("chain.pem"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(certificates.join("leaf.key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_no_client_auth().with_single_cert(chain, key)?))
}

/// The time that the client spends on one handshake; the server's is not counted.
fn once(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Result<Duration> {
    let begun = Instant::now();
    let mut client = ClientConnection::new(client.clone(), ServerName::try_from(HOST)?)?;
    let mut spent = begun.elapsed();
    let mut server = ServerConnection::new(server.clone())?;
    for _ in 0..10 {
        let begun = Instant::now();
        let mut flight = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut flight)?;
        }
        spent += begun.elapsed();
        if !client.is_handshaking() {
            return Ok(spent);
        }
        let answer = answered(&mut server, &flight)?;
        let begun = Instant::now();
        let mut rest = answer.as_slice();
        while !rest.is_empty() {
            client.read_tls(&mut rest)?;
            client.process_new_packets()?;
        }
        spent += begun.elapsed();
    }
    None.context("the handshake does not end")
}

fn answered(server: &mut ServerConnection, mut flight: &[u8]) -> Result<Vec<u8>> {
    while !flight.is_empty() {
        server.read_tls(&mut flight)?;
        server.process_new_packets()?;
    }
    let mut answer = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut answer)?;
    }
    Ok(answer)
}

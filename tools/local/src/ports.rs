//! A world's table, queues, secrets and twins on ports of this machine, for functions that run in other processes.

use crate::aws;
use crate::world::World;
use anyhow::{Context as _, Result};
use std::net::IpAddr;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use twins::Twin;

/// Ports that are taken and not served yet: a world is told where its AWS is when it is made.
#[derive(Debug)]
pub struct Ports {
    aws: TcpListener,
    zoho: TcpListener,
    portal: TcpListener,
    backoffice: TcpListener,
    app: TcpListener,
    netcash: TcpListener,
}

/// Where everything is.
#[derive(Clone, Debug)]
pub struct Urls {
    /// Table, queues and secrets.
    pub aws: String,
    /// The twins of Zoho CRM and Zoho Billing.
    pub zoho: String,
    /// The portal's.
    pub portal: String,
    /// The back office's.
    pub backoffice: String,
    /// The app's.
    pub app: String,
    /// Netcash's.
    pub netcash: String,
}

impl Ports {
    /// Takes free ports of an address of this machine.
    ///
    /// # Errors
    /// When it is none of this machine's, or no port is free.
    pub async fn take(on: IpAddr) -> Result<Self> {
        Ok(Self {
            aws: free(on).await?,
            zoho: free(on).await?,
            portal: free(on).await?,
            backoffice: free(on).await?,
            app: free(on).await?,
            netcash: free(on).await?,
        })
    }

    /// Where everything is for those who call this machine `host`.
    ///
    /// # Errors
    /// The listeners' own.
    pub fn urls(&self, host: &str) -> Result<Urls> {
        let url = |it: &TcpListener| Ok::<_, std::io::Error>(format!("http://{host}:{}", it.local_addr()?.port()));
        Ok(Urls {
            aws: url(&self.aws)?,
            zoho: url(&self.zoho)?,
            portal: url(&self.portal)?,
            backoffice: url(&self.backoffice)?,
            app: url(&self.app)?,
            netcash: url(&self.netcash)?,
        })
    }

    /// Serves all of a world, until the set is dropped.
    #[must_use]
    pub fn open(self, world: &World) -> JoinSet<Result<()>> {
        let (local, systems) = (world.aws.clone(), world.systems.clone());
        let mut doors = JoinSet::new();
        doors.spawn(async move { Ok(aws::serve(self.aws, local).await?) });
        doors.spawn(twin(self.zoho, systems.zohos()));
        doors.spawn(twin(self.portal, systems.portal));
        doors.spawn(twin(self.backoffice, systems.backoffice));
        doors.spawn(twin(self.app, systems.app));
        doors.spawn(twin(self.netcash, systems.netcash));
        doors
    }
}

async fn free(on: IpAddr) -> Result<TcpListener> {
    TcpListener::bind((on, 0))
        .await
        .with_context(|| format!("take a port of {on}"))
}

/// Serves a twin.
pub(crate) async fn twin(listener: TcpListener, twin: impl Twin) -> Result<()> {
    twins::serve(listener, twin).await;
    Ok(())
}

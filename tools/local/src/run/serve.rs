//! `cargo run`: serves until it is told to end.

use super::banner::{self, Place, Places};
use super::engine::Engine;
use super::keys::Keys;
use super::options::Serve;
use super::settings::{self, Settings};
use super::{data, say};
use crate::ports::twin;
use crate::world::{Options, World};
use crate::{aws, gateway};
use anyhow::{Context as _, Result, bail};
use jiff::SignedDuration;
use shared::clock::Clock;
use shared::config::environment;
use shared::model::System;
use std::fs::File;
use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

/// Everything that listens.
#[derive(Debug)]
struct Listeners {
    api: TcpListener,
    aws: TcpListener,
    twins: Vec<(System, TcpListener)>,
}

/// Serves until Ctrl-C or SIGTERM, or fires one schedule if that is asked for.
///
/// # Errors
/// One line for each mistake in the settings, a port in use, a directory that can't be used.
pub async fn serve(serve: &Serve) -> Result<()> {
    let settings = settings::read(&environment).map_err(anyhow::Error::msg)?;
    if let Some(name) = &serve.tick {
        let (world, _lock) = world(serve, settings, "http://127.0.0.1:4599")?;
        return say(&super::tick::tick(&world, name).await?);
    }
    let listeners = listen(serve, &settings).await?;
    let (world, _lock) = world(serve, settings.clone(), &url(listeners.aws.local_addr()?))?;
    let keys = Keys::mint(world.app(), serve.data.as_deref()).await?;
    let places = places(&world, serve, &settings, &listeners)?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let engine = Engine::start(&world)?;
    // Zoho's notification channel is made now, not a day later.
    world.tick("cron_renew")?;
    let mut doors = open(&world, listeners);
    say(&banner::text(&places, &keys))?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        Some(broken) = doors.join_next() => broken??,
    }
    doors.abort_all();
    engine.stop().await;
    say("\nended\n")
}

/// The world as the command line and the environment say it, with its directory taken.
///
/// # Errors
/// As [`World::new`], and when the directory is in use or was kept with other systems.
fn world(serve: &Serve, settings: Settings, aws_url: &str) -> Result<(World, Option<File>)> {
    let lock = serve.data.as_deref().map(data::take).transpose()?;
    let world = World::new(Options {
        clock: Clock::system().skewed(SignedDuration::from_secs(serve.ahead.into())),
        data: serve.data.clone(),
        variables: settings.variables,
        real: settings.real.clone(),
        aws_url: aws_url.to_owned(),
        ..Options::live()
    })?;
    if let Some(dir) = &serve.data {
        data::same_systems(dir, &data::systems(&world.app().config, &settings.real))?;
    }
    Ok((world, lock))
}

async fn listen(serve: &Serve, settings: &Settings) -> Result<Listeners> {
    let (api, aws) = (
        bind(serve.port, "--port").await?,
        bind(serve.aws_port, "--aws-port").await?,
    );
    let mut twins = Vec::new();
    for (system, place) in TWINS.into_iter().zip(0..) {
        if settings.real.contains(&system) {
            continue;
        }
        let port = match serve.twin_port {
            0 => 0,
            first => first.checked_add(place).context("--twin-port: is too large")?,
        };
        twins.push((system, bind(port, "--twin-port").await?));
    }
    Ok(Listeners { api, aws, twins })
}

/// The twins that have doors, in the order of their ports. Zoho Billing's is Zoho CRM's.
const TWINS: [System; 5] = [
    System::ZOHO_CRM,
    System::PORTAL,
    System::BACKOFFICE,
    System::APP,
    System::NETCASH,
];

/// Listens on this machine only.
async fn bind(port: u16, option: &str) -> Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is in use: choose another with {option}")
        }
        Err(error) => Err(error).with_context(|| format!("{option} {port}")),
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn places(world: &World, serve: &Serve, settings: &Settings, listeners: &Listeners) -> Result<Places> {
    let mut systems = Vec::new();
    for (system, listener) in &listeners.twins {
        systems.push((system.clone(), Place::Twin(url(listener.local_addr()?))));
    }
    let lines = data::systems(&world.app().config, &settings.real);
    for (name, host) in lines.lines().filter_map(|it| it.split_once(' ')) {
        let system = System::read(name);
        if settings.real.contains(&system) {
            systems.push((system, Place::Real(host.to_owned())));
        }
    }
    Ok(Places {
        api: url(listeners.api.local_addr()?),
        aws: url(listeners.aws.local_addr()?),
        table: world.app().config.table.clone(),
        systems,
        webhooks: banner::webhooks(&settings.variables),
        data: serve.data.as_ref().map(|it| it.display().to_string()),
    })
}

/// Opens all doors; one that breaks ends its task.
fn open(world: &World, listeners: Listeners) -> JoinSet<Result<()>> {
    let mut doors = JoinSet::new();
    let (api, systems) = (world.clone(), &world.systems);
    doors.spawn(async move {
        let router = move |request, peer: SocketAddr| {
            let world = api.clone();
            async move { world.request(request, &peer.ip().to_string()).await }
        };
        Ok(gateway::serve(listeners.api, router).await?)
    });
    let local = world.aws.clone();
    doors.spawn(async move { Ok(aws::serve(listeners.aws, local).await?) });
    for (system, listener) in listeners.twins {
        match system.as_str() {
            "portal" => drop(doors.spawn(twin(listener, systems.door(systems.portal.clone())))),
            "backoffice" => drop(doors.spawn(twin(listener, systems.door(systems.backoffice.clone())))),
            "app" => drop(doors.spawn(twin(listener, systems.door(systems.app.clone())))),
            "netcash" => drop(doors.spawn(twin(listener, systems.door(systems.netcash.clone())))),
            _ => drop(doors.spawn(twin(listener, systems.door(systems.zohos())))),
        }
    }
    doors
}

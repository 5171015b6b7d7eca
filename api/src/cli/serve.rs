//! `keyledger serve`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::Server;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};

use crate::config::ServeConfig;
use crate::decision_log::DecisionLog;
use crate::doors::{Authzen, Behind, Doors, FeedKey, Gateway, GrpcDoor};
use crate::http::app;
use crate::node::{FirstStart, Node};

/// How long open requests get when the server is told to end.
pub(super) const SHUTDOWN: Duration = Duration::from_secs(10);

pub(super) async fn ended() {
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

pub(super) fn log_lines() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("KEYLEDGER_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Standard output is for the owner's token alone, so that a script can read it.
    let _already_set = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// The port that is listened on: the system chose it where the configuration says 0.
pub(super) fn port_of(bound: &[poem::web::LocalAddr], asked: SocketAddr) -> u16 {
    let bound = bound.first().and_then(|address| address.as_socket_addr());
    bound.map_or(asked.port(), SocketAddr::port)
}

/// Serves until it is told to end.
pub(super) async fn run(config: &ServeConfig) -> Result<(), String> {
    log_lines();
    let gateway = Gateway::open(&config.gateway).map_err(|error| error.to_string())?;
    let authzen = Authzen::new(&config.authzen)?;
    let acceptor = TcpListener::bind(config.listen)
        .into_acceptor()
        .await
        .map_err(|error| format!("{}: {error}", config.listen))?;
    let port = port_of(&acceptor.local_addr(), config.listen);
    let node = Node::start(config)
        .await
        .map_err(|error| error.to_string())?;
    let node = Arc::new(node);
    let first = FirstStart {
        account_name: config.account_name.clone(),
        owner_email: config.owner_email.clone(),
        owner_password: config.owner_password.clone(),
    };
    if let Some(secret) = node
        .bootstrap(&first)
        .await
        .map_err(|error| error.to_string())?
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "owner token: {}", secret.reveal())
            .and_then(|()| out.flush())
            .map_err(|error| error.to_string())?;
    }
    tracing::info!(
        listen = %config.listen.ip(),
        port,
        position = node.live.position().get(),
        "keyledger serves; the API is described at /docs"
    );
    let memory = Arc::clone(&node.memory);
    let behind = Behind::Server(Arc::clone(&node));
    let log = DecisionLog::open(&config.decision_log, &config.data.decisions_file())
        .await
        .map_err(|error| error.to_string())?;
    let doors =
        Doors::new((memory, behind), gateway, authzen, log).map_err(|error| error.to_string())?;
    let doors = match config.feed {
        true => doors.feeding(FeedKey::of(&node.pepper)),
        false => doors,
    };
    let doors = Arc::new(doors);
    let grpc = GrpcDoor::open_if(config.gateway.grpc_listen, &doors).await?;
    let streams = Arc::clone(&node.streams);
    let ending = async move {
        ended().await;
        // Nobody waits for streams, which would go on for minutes.
        streams.close();
    };
    Server::new_with_acceptor(acceptor)
        .run_with_graceful_shutdown(
            app(Arc::clone(&node), Arc::clone(&doors)),
            ending,
            Some(SHUTDOWN),
        )
        .await
        .map_err(|error| error.to_string())?;
    if let Some(grpc) = grpc {
        grpc.close(SHUTDOWN).await;
    }
    doors.close().await;
    node.close().await;
    Ok(())
}

//! `keyledger sidecar`.

use std::sync::Arc;
use std::time::Duration;

use keyledger_embedded::{Config, Decider, pepper_file};
use poem::Server;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};

use super::serve::{SHUTDOWN, ended, log_lines, port_of};
use crate::config::SidecarConfig;
use crate::decision_log::DecisionLog;
use crate::doors::{Authzen, Behind, Doors, Gateway, GrpcDoor};
use crate::http::sidecar_app;

/// Answers decisions beside a service, until it is told to end.
pub(super) async fn run(config: &SidecarConfig) -> Result<(), String> {
    log_lines();
    let text = |error: &dyn std::error::Error| error.to_string();
    let gateway = Gateway::open(&config.gateway).map_err(|error| text(&error))?;
    let peppers = pepper_file::load(&config.pepper_file).map_err(|error| text(&error))?;
    let acceptor = TcpListener::bind(config.listen).into_acceptor().await;
    let acceptor = acceptor.map_err(|error| format!("{}: {error}", config.listen))?;
    let port = port_of(&acceptor.local_addr(), config.listen);
    let log = DecisionLog::open(&config.decision_log, &config.decision_log_file);
    let log = log.await.map_err(|error| text(&error))?;
    let decider = Decider::connect(Config {
        token_prefix: config.token_prefix.clone(),
        staleness_max_ms: config.staleness_max_ms,
        wait_max: Duration::from_millis(u64::from(config.wait_max_ms)),
        ..Config::new(config.server.clone(), peppers)
    });
    let decider = decider.await.map_err(|error| text(&error))?;
    let memory = Arc::clone(decider.memory());
    let behind = Behind::Sidecar(Arc::clone(decider.uses()));
    tracing::info!(
        port,
        position = decider.position(),
        "keyledger serves as a sidecar"
    );
    let doors = Doors::new((memory, behind), gateway, Authzen::default(), log);
    let doors = Arc::new(doors.map_err(|error| text(&error))?);
    let grpc = GrpcDoor::open_if(config.gateway.grpc_listen, &doors).await?;
    Server::new_with_acceptor(acceptor)
        .run_with_graceful_shutdown(sidecar_app(Arc::clone(&doors)), ended(), Some(SHUTDOWN))
        .await
        .map_err(|error| text(&error))?;
    if let Some(grpc) = grpc {
        grpc.close(SHUTDOWN).await;
    }
    doors.close().await;
    doors.memory().close().await;
    Ok(())
}

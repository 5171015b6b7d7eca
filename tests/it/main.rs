//! The integration tests: the real binary, real HTTP, real files. The tree mirrors the URL space.

mod support;

mod api;
mod as_of;
mod audit;
mod authorization;
mod authzen;
mod bad_input;
mod cli;
mod clients;
mod crash;
mod decision_log;
mod erase;
mod gateways;
mod health;
mod http;
mod idempotency;
mod invitation;
mod kubernetes;
mod oauth;
mod openapi;
mod parquet;
mod plans;
mod queries;
mod races;
mod rebuild;
mod replay;
mod schemathesis;
mod secrets;
mod session;
mod shapes;
mod sidecar;
mod start;
mod terraform;
mod tour;
mod vendor;

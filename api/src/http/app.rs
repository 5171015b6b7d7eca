//! The routes put together.

use std::sync::{Arc, LazyLock};

use poem::middleware::{AddData, CatchPanic, CookieJarManager};
use poem::{Endpoint, EndpointExt as _, IntoEndpoint as _, Request, Route};
use poem_openapi::{ExternalDocumentObject, LicenseObject, OpenApiService, ServerObject};

use super::middleware::outermost;
use super::paths::OnePathOnce;
use crate::console::console;
use crate::doors::{Doors, front};
use crate::error::ApiError;
use crate::node::Node;
use crate::routes;

fn service() -> OpenApiService<impl poem_openapi::OpenApi, ()> {
    OpenApiService::new(
        OnePathOnce(routes::all()),
        "Keyledger",
        env!("CARGO_PKG_VERSION"),
    )
    .summary("API access tokens whose permissions follow their members")
    .description(
        "LaunchDarkly's REST API for access tokens, members, custom roles, teams and the audit log, \
         served from an append-only event log. Times are Unix milliseconds; ids are 24 hex characters. \
         Every error is `{code, message, id}`: the message says what is wrong and where.",
    )
    .server(ServerObject::new("/").description("The server that gives this document"))
    .external_document(
        ExternalDocumentObject::new("https://launchdarkly.com/docs/api")
            .description("The vendor's description of the same operations"),
    )
    .license(LicenseObject::new("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0"))
}

/// The OpenAPI document, as YAML.
#[must_use]
pub fn openapi_yaml() -> String {
    service().spec_yaml()
}

/// The OpenAPI document as JSON, for the operation that gives it.
pub fn openapi_json() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| service().spec());
    &DOCUMENT
}

/// The whole server.
pub fn app(node: Arc<Node>, doors: Arc<Doors>) -> impl Endpoint<Output = poem::Response> {
    let service = service();
    let about = Route::new()
        .nest("/docs", service.swagger_ui())
        .at("/openapi.yaml", service.spec_endpoint_yaml());
    let operations = Arc::new(service.into_endpoint());
    let about = Arc::new(about);
    // Not as another route of `about`: a nested route takes each call's path apart and writes it anew.
    let routes = poem::endpoint::make(move |request: Request| {
        let (about, operations) = (Arc::clone(&about), Arc::clone(&operations));
        async move {
            match is_about(request.uri().path()) {
                true => about.call(request).await,
                false => operations.call(request).await,
            }
        }
    });
    let rest = routes
        .with(CookieJarManager::new())
        .with(CatchPanic::new().with_handler(|_| ApiError::internal("an operation panicked")))
        .around(outermost)
        .with(AddData::new(Arc::clone(&node)))
        .with(AddData::new(Arc::clone(&doors)));
    front(doors, console(node, rest))
}

/// Whether a path is of the pages that describe the operations.
fn is_about(path: &str) -> bool {
    path == "/docs" || path.starts_with("/docs/") || path == "/openapi.yaml"
}

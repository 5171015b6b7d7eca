//! The console: pages for people, made here and filled by the API that everybody else uses.
//!
//! A page asks the API in this process as the browser's own session, so it shows and changes what the member may, by the
//! same rules, limits and audit log; what the API refuses, it refuses. Pages are plain HTML with forms: they work without
//! any script, and scripts only add to them.

mod assets;
mod backend;
mod form;
mod page;
mod sign_in;
mod time;
mod tokens;

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem::{Endpoint, EndpointExt as _, Request, Response};

use crate::auth::require_own_origin;
use crate::node::Node;
use backend::Backend;
use page::Refusal;

/// Where the console begins; the vendor's command line leads people here for a token.
const HOME: &str = "/settings/authorization";

/// In front of the API: a request for a page is answered here, every other one goes on.
pub(crate) fn console<E>(node: Arc<Node>, api: E) -> impl Endpoint<Output = Response>
where
    E: Endpoint<Output = Response> + 'static,
{
    let api: Arc<BoxEndpoint<'static, Response>> = Arc::new(api.boxed());
    poem::endpoint::make(move |request: Request| {
        let (api, node) = (Arc::clone(&api), Arc::clone(&node));
        async move {
            match is_ours(request.uri().path()) {
                true => Ok(answer(&node, &api, request).await),
                false => api.call(request).await,
            }
        }
    })
}

fn is_ours(path: &str) -> bool {
    matches!(path, "/" | "/sign-in" | "/sign-out")
        || path == "/settings"
        || path.starts_with("/settings/")
        || path.starts_with(assets::FOLDER)
}

async fn answer(
    node: &Node,
    api: &BoxEndpoint<'static, Response>,
    mut request: Request,
) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if let Some(name) = path.strip_prefix(assets::FOLDER) {
        return assets::answer(&method, name, request.headers());
    }
    let backend = Backend::of(api, &request);
    let outcome = match (&method, path.as_str()) {
        (&Method::GET | &Method::HEAD, "/" | "/settings") => Ok(page::redirect(HOME)),
        (&Method::GET | &Method::HEAD, "/sign-in") => sign_in::show(&request),
        (&Method::GET | &Method::HEAD, _) => tokens::show(&backend, &path, &request).await,
        (&Method::POST, _) => match require_own_origin(node, &method, request.headers()) {
            Err(error) => Err(Refusal::of(&error)),
            Ok(()) => match path.as_str() {
                "/sign-in" => sign_in::enter(&backend, &mut request).await,
                "/sign-out" => sign_in::leave(&backend).await,
                _ => tokens::change(&backend, &path, &mut request).await,
            },
        },
        _ => Err(Refusal::method()),
    };
    match outcome {
        Ok(response) => response,
        Err(refusal) => refusal.into_page(&path),
    }
}

//! The console: pages for people, made here and filled by the API that everybody else uses.
//!
//! A page asks the API in this process as the browser's own session, so it shows and changes what the member may, by the
//! same rules, limits and audit log; what the API refuses, it refuses. Pages are plain HTML with forms: they work without
//! any script, and scripts only add to them.

mod assets;
mod audit;
mod backend;
mod compress;
mod form;
mod join;
mod members;
mod openid;
mod overview;
mod page;
mod plot;
mod policy;
mod roles;
mod sessions;
mod sign_in;
mod teams;
mod time;
mod tokens;
mod what_if;

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem::{Endpoint, EndpointExt as _, Request, Response};

use crate::auth::require_own_origin;
use crate::node::Node;
use backend::Backend;
use form::Form;
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
            match is_ours(request.method(), trimmed(request.uri().path())) {
                // In a box, so that calls of the API do not carry the pages' room with them.
                true => Ok(Box::pin(answer(&node, &api, request)).await),
                false => api.call(request).await,
            }
        }
    })
}

/// A path without slashes at its end, which people type.
fn trimmed(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    }
}

fn is_ours(method: &Method, path: &str) -> bool {
    matches!(
        path,
        "/" | "/sign-in" | "/sign-out" | "/join" | "/favicon.ico" | openid::PATH | openid::CALLBACK
    )
        || path == "/settings"
        || path.starts_with("/settings/")
        || path.starts_with(assets::FOLDER)
        // The link of an invitation leads to a page; what is posted there is the API's.
        || (path == crate::invitation::PATH && is_read(method))
}

fn is_read(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}

async fn answer(
    node: &Node,
    api: &BoxEndpoint<'static, Response>,
    mut request: Request,
) -> Response {
    let (method, path) = (
        request.method().clone(),
        trimmed(request.uri().path()).to_owned(),
    );
    let takes_gzip = compress::takes_gzip(request.headers());
    if let Some(name) = path.strip_prefix(assets::FOLDER) {
        return assets::answer(&method, name, request.headers());
    }
    let backend = Backend::of(node, api, &request);
    let part = page::asked_for_a_part(request.headers());
    let outcome = match is_read(&method) {
        // To come back from the provider of identities signs in; whoever looks whether there is a page does not want that.
        true if method == Method::HEAD && path == openid::CALLBACK => Err(Refusal::method()),
        true => {
            let query = Form::of(request.uri().query().unwrap_or_default().as_bytes());
            show(&backend, &path, &query).await
        }
        false if method == Method::POST => {
            match require_own_origin(node, &method, request.headers()) {
                Err(error) => Err(error.into()),
                Ok(()) => match Form::read(&mut request).await {
                    Ok(form) => change(&backend, &path, &form).await,
                    Err(refusal) => Err(refusal),
                },
            }
        }
        false => Err(Refusal::method()),
    };
    let response = match (outcome, part) {
        (Ok(response), _) => response,
        // A part of a page cannot be the form to sign in: the whole page goes there.
        (Err(Refusal::SignedOut(_)), Some(page)) => page::leave_whole(&page),
        (Err(refusal), _) => refusal.into_page(&path, request.uri().query()),
    };
    // What answers a form may show a secret beside what the form said; it is not compressed with it.
    match is_read(&method) && takes_gzip {
        true => compress::gzip(response).await,
        false => response,
    }
}

/// The parts of a path below `/settings/`.
fn parts(path: &str) -> Option<Vec<&str>> {
    let rest = path.strip_prefix("/settings/")?;
    Some(rest.split('/').collect())
}

async fn show(backend: &Backend<'_>, path: &str, query: &Form) -> Result<Response, Refusal> {
    match path {
        "/" | "/settings" => return Ok(page::redirect(HOME)),
        "/favicon.ico" => return Ok(page::redirect("/assets/icon.svg")),
        "/sign-in" => return sign_in::show(backend, query),
        openid::PATH => return openid::begin(backend, query).await,
        openid::CALLBACK => return openid::finish(backend, query).await,
        crate::invitation::PATH => return join::show(backend),
        _ => {}
    }
    match parts(path).unwrap_or_default().as_slice() {
        ["authorization", rest @ ..] => tokens::show(backend, rest, query).await,
        ["overview"] => overview::show(backend, query).await,
        ["members", rest @ ..] => members::show(backend, rest, query).await,
        ["roles", rest @ ..] => roles::show(backend, rest, query).await,
        ["teams", rest @ ..] => teams::show(backend, rest, query).await,
        ["audit", rest @ ..] => audit::show(backend, rest, query).await,
        ["sessions"] => sessions::show(backend).await,
        _ => Err(Refusal::no_page()),
    }
}

async fn change(backend: &Backend<'_>, path: &str, form: &Form) -> Result<Response, Refusal> {
    match path {
        "/sign-in" => return sign_in::enter(backend, form).await,
        "/sign-out" => return sign_in::leave(backend).await,
        "/join" => return join::enter(backend, form).await,
        openid::PATH | openid::CALLBACK => return Err(Refusal::method()),
        _ => {}
    }
    match parts(path).unwrap_or_default().as_slice() {
        ["authorization", rest @ ..] => tokens::change(backend, rest, form).await,
        ["policy"] => policy::check(backend, form).await,
        ["members", rest @ ..] => members::change(backend, rest, form).await,
        ["roles", rest @ ..] => roles::change(backend, rest, form).await,
        ["teams", rest @ ..] => teams::change(backend, rest, form).await,
        ["sessions", id, "end"] => sessions::end(backend, id).await,
        ["overview" | "audit" | "sessions", ..] => Err(Refusal::method()),
        _ => Err(Refusal::no_page()),
    }
}

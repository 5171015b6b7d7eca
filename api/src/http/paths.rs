//! One entry for each path in the OpenAPI document, and an answer to every method on each path.
//!
//! Each operation has a file and a type of its own, and the framework lists the paths of each type by
//! themselves: a path with three operations would stand there three times, which is no document.

use std::collections::HashMap;
use std::sync::Arc;

use poem::EndpointExt as _;
use poem::endpoint::{BoxEndpoint, make_sync};
use poem::http::Method;
use poem_openapi::OpenApi;
use poem_openapi::registry::{MetaApi, MetaPath, Registry};

use super::document::{complete, describe};
use super::in_api;
use super::method::ROUTED;
use crate::error::ApiError;

/// An API whose paths are there once each, with all of their operations.
pub(super) struct OnePathOnce<T>(pub(super) T);

impl<T: OpenApi> OpenApi for OnePathOnce<T> {
    fn meta() -> Vec<MetaApi> {
        let mut merged: Vec<MetaPath> = Vec::new();
        let paths = T::meta().into_iter().flat_map(|api| api.paths);
        let described = paths.map(|mut path| {
            for operation in &mut path.operations {
                describe(&path.path, operation);
            }
            path
        });
        for path in described {
            match merged.iter_mut().find(|known| known.path == path.path) {
                Some(known) => known.operations.extend(path.operations),
                None => merged.push(path),
            }
        }
        vec![MetaApi { paths: merged }]
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        complete(registry);
    }

    fn add_routes(self, table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(table);
        for (path, operations) in table {
            let allow = allow(path, operations);
            for method in ROUTED {
                operations
                    .entry(method)
                    .or_insert_with(|| refusing(Arc::clone(&allow)));
            }
        }
    }
}

/// The methods that a path takes, for the header `Allow`.
fn allow(path: &str, operations: &HashMap<Method, BoxEndpoint<'static>>) -> Arc<str> {
    let mut allowed: Vec<&str> = Vec::new();
    for method in &ROUTED {
        // Under /api/v2, OPTIONS is answered before there is a path.
        let options = method == Method::OPTIONS && in_api(path);
        if options || operations.contains_key(method) {
            allowed.push(method.as_str());
        }
        if method == Method::GET && operations.contains_key(method) {
            allowed.push(Method::HEAD.as_str());
        }
    }
    allowed.join(", ").into()
}

/// The answer to a method that a path does not take. The framework's own does not say which it does.
fn refusing(allow: Arc<str>) -> BoxEndpoint<'static> {
    make_sync(move |_| ApiError::method_not_allowed(Arc::clone(&allow)))
        .map_to_response()
        .boxed()
}

//! `/assets/…`: the console's own files, inside the program.

use std::sync::LazyLock;

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::compress;

/// Where they are.
pub(super) const FOLDER: &str = "/assets/";

/// A file as it is sent.
struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
    tag: String,
    small: Option<Vec<u8>>,
}

impl Asset {
    fn new(name: &'static str, kind: &'static str, text: &'static str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let hex: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        Self {
            name,
            kind,
            text,
            tag: format!("\"{hex}\""),
            small: compress::small(text.as_bytes()).ok(),
        }
    }
}

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        Asset::new(
            "console.css",
            "text/css; charset=utf-8",
            include_str!("../../assets/console.css"),
        ),
        Asset::new(
            "console.js",
            "text/javascript; charset=utf-8",
            include_str!("../../assets/console.js"),
        ),
        // Version and licence: assets/vendor/README.md.
        Asset::new(
            "htmx.js",
            "text/javascript; charset=utf-8",
            include_str!("../../assets/vendor/htmx.min.js"),
        ),
        Asset::new(
            "icon.svg",
            "image/svg+xml",
            include_str!("../../assets/icon.svg"),
        ),
    ]
});

pub(super) fn answer(method: &Method, name: &str, headers: &HeaderMap) -> Response {
    if *method != Method::GET && *method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == asset.tag.as_bytes());
    let small = asset
        .small
        .as_ref()
        .filter(|_| compress::takes_gzip(headers));
    let mut response = match (known, small) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, Some(small)) => small.clone().into_response(),
        (false, None) => asset.text.into_response(),
    };
    let headers = response.headers_mut();
    if !known && small.is_some() {
        compress::mark(headers);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // Another program has other files: the browser asks whether it has this one's.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&asset.tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

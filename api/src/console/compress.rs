//! Pages and files made smaller on their way, for browsers that say that they can read it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::http::{HeaderMap, HeaderValue, header};
use poem::{Body, Response};

/// What is smaller than this fits into one packet anyway, in bytes.
const BYTES_MIN: usize = 1_000;
/// The most that is made smaller, in bytes.
const BYTES_MAX: usize = 8 << 20;

/// Whether a browser reads gzip (RFC 9110 §12.5.3).
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let value = headers.get(header::ACCEPT_ENCODING);
    let value = value.and_then(|value| value.to_str().ok());
    value.unwrap_or_default().split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
    })
}

/// The bytes, smaller.
pub(super) fn small(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(5));
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Says that it is gzip.
pub(super) fn mark(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
}

/// A page, smaller.
pub(super) async fn gzip(mut response: Response) -> Response {
    let Ok(bytes) = response.take_body().into_bytes_limit(BYTES_MAX).await else {
        return poem::IntoResponse::into_response(poem::http::StatusCode::INTERNAL_SERVER_ERROR);
    };
    let smaller = match bytes.len() < BYTES_MIN {
        true => None,
        false => small(&bytes).ok(),
    };
    match smaller {
        Some(smaller) => {
            mark(response.headers_mut());
            response.set_body(Body::from(smaller));
        }
        None => response.set_body(Body::from(bytes)),
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_say_so_gets_it_as_it_is() {
        for (value, takes) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("deflate, br", false),
            ("gzip;q=0", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(takes_gzip(&headers), takes, "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}

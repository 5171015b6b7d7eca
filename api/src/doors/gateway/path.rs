//! The path of a request in one form only, so that no two spellings of one path are decided differently.
//!
//! What an upstream may read in another way than this does is refused, not guessed: an encoded slash, a backslash, a
//! parameter after `;`, a control character, a climb above the root.

use std::borrow::Cow;

/// The longest path that is looked at, in bytes.
pub(super) const PATH_BYTES_MAX: usize = 4_096;
/// The most segments of a path.
pub(super) const SEGMENTS_MAX: usize = 64;

/// Why a path has no one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    /// It does not begin with a slash.
    #[error("the path does not begin with /")]
    Relative,
    /// It is longer than [`PATH_BYTES_MAX`], or has more segments than [`SEGMENTS_MAX`].
    #[error("the path is longer than paths may be")]
    TooLong,
    /// A percent sign without two hex digits, or bytes that are no UTF-8.
    #[error("the path is not encoded as paths are")]
    Encoding,
    /// Something that upstreams read in different ways.
    #[error("the path has {0}, which upstreams read in different ways")]
    Ambiguous(&'static str),
    /// More `..` than segments before it.
    #[error("the path climbs above the root")]
    AboveRoot,
}

/// The segments of a path, decoded, without empty ones, `.` and `..`; the query is left out (RFC 3986 §5.2.4, §6.2.2).
///
/// # Errors
/// When it has no one form.
pub(super) fn segments(target: &str) -> Result<Vec<Cow<'_, str>>, PathError> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if path.len() > PATH_BYTES_MAX {
        return Err(PathError::TooLong);
    }
    let rest = path.strip_prefix('/').ok_or(PathError::Relative)?;
    let mut segments = Vec::new();
    for raw in rest.split('/') {
        let segment = decoded(raw)?;
        match &*segment {
            "" | "." => {}
            ".." => {
                segments.pop().ok_or(PathError::AboveRoot)?;
            }
            _ if segments.len() >= SEGMENTS_MAX => return Err(PathError::TooLong),
            _ => segments.push(segment),
        }
    }
    Ok(segments)
}

fn decoded(raw: &str) -> Result<Cow<'_, str>, PathError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if raw.bytes().all(plain) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let value = high
                    .zip(low)
                    .and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                value.ok_or(PathError::Encoding)?
            }
            plain => plain,
        };
        match byte {
            b'/' => return Err(PathError::Ambiguous("an encoded slash")),
            b'\\' => return Err(PathError::Ambiguous("a backslash")),
            b';' => return Err(PathError::Ambiguous("a semicolon")),
            b'%' => return Err(PathError::Ambiguous("an encoded percent sign")),
            0..=0x1f | 0x7f => return Err(PathError::Ambiguous("a control character")),
            other => bytes.push(other),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| PathError::Encoding)?;
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_path_are_one() {
        for path in [
            "/a/b",
            "//a///b/",
            "/a/./b",
            "/a/x/../b",
            "/%61/%62",
            "/x/%2e%2E/a/b?c=/d",
            "/a/b#c",
        ] {
            assert_eq!(
                segments(path),
                Ok(vec![Cow::Borrowed("a"), Cow::Borrowed("b")]),
                "{path}"
            );
        }
        assert_eq!(segments("/"), Ok(Vec::new()));
        assert_eq!(segments("/caf%C3%A9"), Ok(vec![Cow::Borrowed("café")]));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for path in [
            "/a%2fb", "/a%2Fb", "/a\\b", "/a%5cb", "/a;x=1/b", "/a%3Bb", "/a%00", "/a%0a",
            "/a%252fb",
        ] {
            assert!(
                matches!(segments(path), Err(PathError::Ambiguous(_))),
                "{path}"
            );
        }
        for path in ["/..", "/a/../..", "/%2e%2e/a"] {
            assert_eq!(segments(path), Err(PathError::AboveRoot), "{path}");
        }
        for path in ["/%", "/%4", "/%zz", "/%ff"] {
            assert_eq!(segments(path), Err(PathError::Encoding), "{path}");
        }
        for path in ["", "a/b", "http://x/a"] {
            assert_eq!(segments(path), Err(PathError::Relative), "{path}");
        }
        assert_eq!(
            segments(&"/a".repeat(SEGMENTS_MAX + 1)),
            Err(PathError::TooLong)
        );
        assert_eq!(
            segments(&format!("/{}", "a".repeat(PATH_BYTES_MAX))),
            Err(PathError::TooLong)
        );
    }
}

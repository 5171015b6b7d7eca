//! What fields may hold. Everything has a limit.

use email_address::{EmailAddress, Options};

use crate::policy::NAME_BYTES_MAX;
use crate::rejection::Rejection;

/// The longest name of a token, role or person, in characters.
pub const NAME_CHARS_MAX: usize = 256;
/// The longest description or comment, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// The longest e-mail, in bytes (RFC 5321 §4.5.3.1.3).
const EMAIL_BYTES_MAX: usize = 254;
/// The shortest password, in characters (NIST SP 800-63B §5.1.1.2).
pub const PASSWORD_CHARS_MIN: usize = 8;
/// The longest password, in characters: what is hashed must be bounded.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// The API versions that a token may ask for by default, in rising order.
pub const API_VERSIONS: [u32; 5] = [20_160_426, 20_191_212, 20_210_729, 20_220_603, 20_240_415];
/// The API version of a token that names none.
pub const LATEST_API_VERSION: u32 = 20_240_415;

fn text(pointer: &str, text: &str, max: usize) -> Result<(), Rejection> {
    let chars = text.chars().count();
    if chars > max {
        return Err(Rejection::invalid(
            pointer,
            format!("is {chars} characters long; at most {max} are allowed"),
        ));
    }
    match text
        .chars()
        .position(|c| c.is_control() && c != '\n' && c != '\t')
    {
        Some(at) => Err(Rejection::invalid(
            pointer,
            format!("has a control character at character {}", at + 1),
        )),
        None => Ok(()),
    }
}

/// A name, which may be empty.
pub(super) fn name(pointer: &str, value: &str) -> Result<(), Rejection> {
    text(pointer, value, NAME_CHARS_MAX)
}

/// A description or comment, which may be empty.
pub(super) fn description(pointer: &str, value: &str) -> Result<(), Rejection> {
    text(pointer, value, TEXT_CHARS_MAX)
}

/// A comment that is worth keeping.
pub(super) fn comment(value: Option<&str>) -> Result<Option<String>, Rejection> {
    match value.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => {
            description("/comment", text)?;
            Ok(Some(text.to_owned()))
        }
    }
}

/// A name that must be there.
pub(super) fn required_name(pointer: &str, value: &str) -> Result<(), Rejection> {
    if value.trim().is_empty() {
        return Err(Rejection::invalid(pointer, "must not be empty"));
    }
    name(pointer, value)
}

/// The key of a role: what stands in URLs and in `role/<key>`.
pub(super) fn key(pointer: &str, value: &str) -> Result<(), Rejection> {
    required_name(pointer, value)?;
    // It is a name in `role/<key>`, and a longer one could never be spoken of.
    if value.len() > NAME_BYTES_MAX {
        return Err(Rejection::invalid(
            pointer,
            format!("is longer than {NAME_BYTES_MAX} characters"),
        ));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match value.chars().position(|c| !allowed(c)) {
        Some(at) => Err(Rejection::invalid(
            pointer,
            format!(
                "has a character that keys may not have at character {}; letters, digits, '.', '_' and '-' are allowed",
                at + 1
            ),
        )),
        None => Ok(()),
    }
}

/// An e-mail address.
pub(super) fn email(pointer: &str, value: &str) -> Result<(), Rejection> {
    let options = Options::default()
        .without_display_text()
        .without_domain_literal();
    let fits = value.len() <= EMAIL_BYTES_MAX && !value.chars().any(char::is_whitespace);
    if fits && EmailAddress::parse_with_options(value, options).is_ok() {
        Ok(())
    } else {
        Err(Rejection::invalid(pointer, "is not an e-mail address"))
    }
}

/// A moment in the future.
pub(super) fn future(pointer: &str, at_ms: i64, now_ms: i64) -> Result<(), Rejection> {
    if at_ms > now_ms {
        Ok(())
    } else {
        Err(Rejection::invalid(
            pointer,
            format!("must be a time in the future, in Unix milliseconds; now is {now_ms}"),
        ))
    }
}

/// An API version.
pub(super) fn api_version(pointer: &str, version: u32) -> Result<(), Rejection> {
    if API_VERSIONS.contains(&version) {
        Ok(())
    } else {
        Err(Rejection::invalid(
            pointer,
            format!("{version} is no API version; there are {API_VERSIONS:?}"),
        ))
    }
}

/// A password, before it is hashed. The message never repeats it.
///
/// # Errors
/// When it is too short or too long.
pub fn validate_password(pointer: &str, password: &str) -> Result<(), Rejection> {
    let chars = password.chars().count();
    if (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&chars) {
        Ok(())
    } else {
        Err(Rejection::invalid(
            pointer,
            format!("a password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters"),
        ))
    }
}

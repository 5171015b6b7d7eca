//! A form that a browser sent.

use std::collections::HashMap;

use poem::Request;

use super::page::Refusal;

/// The most of a form, in bytes: a policy may be long.
const FORM_BYTES_MAX: usize = 256 << 10;

/// The fields of a form; of several with one name, the last.
#[derive(Debug, Default)]
pub(super) struct Form(HashMap<String, String>);

impl Form {
    pub(super) async fn read(request: &mut Request) -> Result<Self, Refusal> {
        let bytes = request.take_body().into_bytes_limit(FORM_BYTES_MAX).await;
        let bytes = bytes.map_err(|_| {
            Refusal::Said(
                poem::http::StatusCode::PAYLOAD_TOO_LARGE,
                format!("the form has more than {FORM_BYTES_MAX} bytes"),
            )
        })?;
        Ok(Self::of(&bytes))
    }

    /// The fields of a query or a body.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A field as it was sent; empty when it was not.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// A field without the space around it, unless that is all.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|text| !text.is_empty())
    }

    /// Whether a box is ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn fields_are_decoded_and_what_is_not_there_is_empty() {
        let form = Form::of(b"name=a%26b+c&service=on&name=last&blank=+");
        assert_eq!(form.get("name"), "last");
        assert_eq!(form.get("other"), "");
        assert_eq!(form.filled("blank"), None);
        assert!(form.ticked("service") && !form.ticked("other"));
        assert_eq!(Form::of(b"name=a%26b+c").filled("name"), Some("a&b c"));
    }
}

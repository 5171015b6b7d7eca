//! A form that a browser sent.

use poem::Request;

use super::page::Refusal;
use crate::entropy;

/// The most of a form, in bytes: a policy may be long.
const FORM_BYTES_MAX: usize = 256 << 10;

/// A new key that makes a form that is sent twice one change.
pub(super) fn fresh_key() -> Result<String, Refusal> {
    entropy::uuid().map_err(|error| Refusal::internal(&error))
}

/// The fields of a form or of a query, in order.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

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

    /// A field as it was sent, of several the last; empty when it was not.
    pub(super) fn get(&self, name: &str) -> &str {
        let mut fields = self.0.iter().rev();
        let field = fields.find(|(field, _)| field == name);
        field.map_or("", |(_, value)| value.as_str())
    }

    /// All fields of one name, such as ticked boxes.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(field, _)| field == name);
        named.map(|(_, value)| value.as_str())
    }

    /// A field without the space around it, unless that is all.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|text| !text.is_empty())
    }

    /// The key of a form as it was sent, or a new one.
    pub(super) fn key(&self) -> Result<String, Refusal> {
        match self.filled("key") {
            Some(key) => Ok(key.to_owned()),
            None => fresh_key(),
        }
    }

    /// When the form was made, Unix milliseconds: sent twice, it asks for the same time.
    pub(super) fn made_ms(&self, now_ms: i64) -> i64 {
        self.get("made").parse().unwrap_or(now_ms)
    }

    /// How many rows of a list to pass over.
    pub(super) fn offset(&self) -> u64 {
        let offset: u32 = self.get("offset").parse().unwrap_or(0);
        u64::from(offset)
    }

    /// Whether a box is ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn fields_are_decoded_and_what_is_not_there_is_empty() {
        let form = Form::of(b"name=a%26b+c&service=on&name=last&blank=+");
        assert_eq!(form.get("name"), "last");
        assert_eq!(form.all("name").collect::<Vec<_>>(), ["a&b c", "last"]);
        assert_eq!(form.get("other"), "");
        assert_eq!(form.filled("blank"), None);
        assert!(form.ticked("service") && !form.ticked("other"));
        assert_eq!(Form::of(b"name=a%26b+c").filled("name"), Some("a&b c"));
    }
}

//! The API version of a call: `LD-API-Version`, else the default of the calling token.

use keyledger_domain::command::{API_VERSIONS, LATEST_API_VERSION};
use poem::http::HeaderMap;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::RequestMeta;
use crate::auth::Caller;
use crate::error::ApiError;

/// The header that asks for an API version.
pub const API_VERSION: &str = "LD-API-Version";
/// The word for the latest version with what is not settled yet.
const BETA: &str = "beta";
/// How much of a wrong value is shown, in characters.
const SHOWN_CHARS_MAX: usize = 32;

/// The API version of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiVersion {
    date: u32,
    beta: bool,
}

impl ApiVersion {
    /// A version by its date, `yyyymmdd`.
    #[must_use]
    pub const fn of_date(date: u32) -> Self {
        Self { date, beta: false }
    }

    /// The date, `yyyymmdd`; that of the latest version for `beta`.
    #[must_use]
    pub const fn date(self) -> u32 {
        self.date
    }

    /// Whether `beta` was asked for.
    #[must_use]
    pub const fn is_beta(self) -> bool {
        self.beta
    }

    /// Whether it is older than a version.
    #[must_use]
    pub const fn is_before(self, date: u32) -> bool {
        self.date < date
    }

    /// Requires `beta`, for an operation that is not settled yet.
    ///
    /// # Errors
    /// 403 when another version was asked for.
    pub fn require_beta(self) -> Result<(), ApiError> {
        if self.beta {
            Ok(())
        } else {
            Err(ApiError::forbidden(format!(
                "this operation is in beta: it needs the header {API_VERSION}: {BETA}"
            )))
        }
    }
}

/// The version that the headers ask for.
///
/// # Errors
/// 400 when it is there twice or is none of the versions.
pub(super) fn asked(headers: &HeaderMap) -> Result<Option<ApiVersion>, ApiError> {
    let mut values = headers.get_all(API_VERSION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let valid = || {
        let dates = API_VERSIONS.map(|date| date.to_string()).join(", ");
        format!("{dates} and {BETA}")
    };
    if values.next().is_some() {
        return Err(ApiError::invalid(format!(
            "{API_VERSION}: is there more than once; valid is one of {}",
            valid()
        )));
    }
    let text = value.to_str().unwrap_or("unreadable").trim();
    if text == BETA {
        return Ok(Some(ApiVersion {
            date: LATEST_API_VERSION,
            beta: true,
        }));
    }
    let found = API_VERSIONS
        .into_iter()
        .find(|date| date.to_string() == text);
    found.map(ApiVersion::of_date).map(Some).ok_or_else(|| {
        let shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
        ApiError::invalid(format!(
            "{API_VERSION}: {shown:?} is no API version; valid are {}",
            valid()
        ))
    })
}

/// The version that a call asks for; in the document it is the `LD-API-Version` header.
pub struct AskedVersion(Option<ApiVersion>);

impl AskedVersion {
    /// The version of the call: what it asks for, else the default of its token, else the latest.
    #[must_use]
    pub fn settle(self, caller: &Caller) -> ApiVersion {
        self.0
            .unwrap_or_else(|| ApiVersion::of_date(caller.default_api_version()))
    }
}

impl<'a> ApiExtractor<'a> for AskedVersion {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = false;
    type ParamType = String;
    type ParamRawType = String;

    fn register(registry: &mut Registry) {
        <String as Type>::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let mut schema = MetaSchema::new("string");
        let dates = API_VERSIONS.iter().map(ToString::to_string);
        schema.enum_items = dates
            .chain([BETA.to_owned()])
            .map(serde_json::Value::from)
            .collect();
        Some(MetaSchemaRef::Inline(Box::new(schema)))
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let meta = request
            .data::<RequestMeta>()
            .ok_or_else(|| ApiError::internal("a request without its metadata"))?;
        Ok(Self(meta.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::HeaderValue;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(API_VERSION, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn every_version_is_found_and_no_other() {
        assert_eq!(asked(&headers(&[])), Ok(None));
        for date in API_VERSIONS {
            let text: &'static str = date.to_string().leak();
            let found = asked(&headers(&[text])).unwrap().unwrap();
            assert_eq!((found.date(), found.is_beta()), (date, false));
        }
        for wrong in ["", "Beta", "20240416", "+20240415", "2024-04-15", "latest"] {
            let error = asked(&headers(&[wrong])).unwrap_err();
            assert!(error.message().contains("20160426, "), "{error:?}");
            assert!(error.message().ends_with("20240415 and beta"), "{error:?}");
        }
        assert!(asked(&headers(&["beta", "beta"])).is_err());
    }

    #[test]
    fn versions_are_told_apart() {
        let old = ApiVersion::of_date(20_220_603);
        assert!(old.is_before(LATEST_API_VERSION) && old.require_beta().is_err());
        let beta = asked(&headers(&["beta"])).unwrap().unwrap();
        assert!(beta.is_beta() && beta.require_beta().is_ok());
        assert!(!beta.is_before(LATEST_API_VERSION));
    }
}

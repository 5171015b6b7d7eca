//! `_links` and pages.

use std::collections::BTreeMap;

use keyledger_projections::Page;
use poem_openapi::Object;

use crate::error::ApiError;
use crate::http::ApiVersion;

/// Where something else is.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Link {
    /// A path of this API.
    pub href: String,
    /// The media type that is there.
    #[oai(rename = "type")]
    pub media_type: String,
}

/// Named links.
pub type Links = BTreeMap<String, Link>;

/// The media type of everything in this API.
const JSON: &str = "application/json";
/// The largest page, in items.
const LIMIT_MAX: u32 = 1_000;
/// The most items of a list that is given as a whole.
const WHOLE_MAX: u32 = 10_000;
/// Since this API version, lists of tokens and roles come in pages when nothing is said.
const PAGED_SINCE: u32 = 20_240_415;

/// A link to a path of this API.
#[must_use]
pub fn link(href: impl Into<String>) -> Link {
    Link {
        href: href.into(),
        media_type: JSON.to_owned(),
    }
}

/// Links by name.
#[must_use]
pub fn links<const N: usize>(entries: [(&str, String); N]) -> Links {
    entries
        .into_iter()
        .map(|(name, href)| (name.to_owned(), link(href)))
        .collect()
}

/// The page that a request asks for.
///
/// # Errors
/// A limit of 0 or beyond the largest page, or a negative number.
pub fn page(limit: Option<i64>, offset: Option<i64>, default_limit: u32) -> Result<Page, ApiError> {
    let limit = match limit {
        None => default_limit,
        Some(asked) => u32::try_from(asked)
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| ApiError::invalid(format!("limit: is 1 to {LIMIT_MAX}, not {asked}")))?,
    };
    let offset = match offset {
        None => 0,
        Some(asked) => u32::try_from(asked)
            .map_err(|_| ApiError::invalid(format!("offset: is 0 to {}, not {asked}", u32::MAX)))?,
    };
    Ok(Page { limit, offset })
}

/// A path with those of the query's values that are there.
#[must_use]
pub fn with_query(path: &str, query: &[(&str, Option<String>)]) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    let mut any = false;
    for (name, value) in query {
        if let Some(value) = value {
            encoded.append_pair(name, value);
            any = true;
        }
    }
    if any {
        format!("{path}?{}", encoded.finish())
    } else {
        path.to_owned()
    }
}

/// The page that a request asks for, of a list that older API versions gave as a whole. It is whole up
/// to 10,000 items; beyond, there are pages of as many.
///
/// # Errors
/// As with [`page`].
pub fn page_or_whole(
    version: ApiVersion,
    limit: Option<i64>,
    offset: Option<i64>,
    default_limit: u32,
) -> Result<Page, ApiError> {
    let whole = version.is_before(PAGED_SINCE);
    page(limit, offset, if whole { WHOLE_MAX } else { default_limit })
}

/// The links of one page of a collection: the others are there only when the page is.
#[must_use]
pub fn page_links(path: &str, page: Page, total: u64) -> Links {
    let limit = u64::from(page.limit.max(1));
    let offset = u64::from(page.offset);
    // A list that is given as a whole is asked for without a limit, and so is the rest of it.
    let whole = page.limit > LIMIT_MAX;
    let at = |offset: u64| {
        let join = if path.contains('?') { '&' } else { '?' };
        match (whole, offset) {
            (false, _) => format!("{path}{join}limit={limit}&offset={offset}"),
            (true, 0) => path.to_owned(),
            (true, _) => format!("{path}{join}offset={offset}"),
        }
    };
    let mut links = links([("self", at(offset))]);
    let mut add = |name: &str, offset: u64| {
        links.insert(name.to_owned(), link(at(offset)));
    };
    if offset > 0 && total > 0 {
        add("first", 0);
        // Beyond the end, the page before is the last one that has items.
        add("prev", offset.min(total).saturating_sub(limit));
    }
    if offset + limit < total {
        add("next", offset + limit);
        // The last page starts at the largest multiple of the limit, counted from this page.
        let rest = total - offset;
        add("last", offset + (rest - 1) / limit * limit);
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(limit: u32, offset: u32, total: u64) -> Vec<(String, String)> {
        page_links("/api/v2/tokens", Page { limit, offset }, total)
            .into_iter()
            .map(|(name, link)| (name, link.href.replace("/api/v2/tokens?", "")))
            .collect()
    }

    fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }

    #[test]
    fn links_exist_only_when_their_page_does() {
        assert_eq!(names(25, 0, 0), expected(&[("self", "limit=25&offset=0")]));
        assert_eq!(names(25, 0, 25), expected(&[("self", "limit=25&offset=0")]));
        assert_eq!(
            names(25, 0, 26),
            expected(&[
                ("last", "limit=25&offset=25"),
                ("next", "limit=25&offset=25"),
                ("self", "limit=25&offset=0")
            ])
        );
        assert_eq!(
            names(2, 100, 3),
            expected(&[
                ("first", "limit=2&offset=0"),
                ("prev", "limit=2&offset=1"),
                ("self", "limit=2&offset=100")
            ])
        );
        assert_eq!(
            names(10, 10, 35),
            expected(&[
                ("first", "limit=10&offset=0"),
                ("last", "limit=10&offset=30"),
                ("next", "limit=10&offset=20"),
                ("prev", "limit=10&offset=0"),
                ("self", "limit=10&offset=10")
            ])
        );
    }

    #[test]
    fn a_whole_list_is_asked_for_without_a_limit() {
        let version = ApiVersion::of_date(20_220_603);
        let page = |offset| page_or_whole(version, None, offset, 25).unwrap();
        assert_eq!(page(None).limit, 10_000);
        let href = |page, total, name: &str| {
            let links = page_links("/api/v2/roles", page, total);
            links.get(name).map(|link| link.href.clone())
        };
        assert_eq!(href(page(None), 10_000, "next"), None);
        let rest = "/api/v2/roles?offset=10000";
        assert_eq!(href(page(None), 10_001, "next").as_deref(), Some(rest));
        let prev = href(page(Some(10_000)), 10_001, "prev");
        assert_eq!(prev.as_deref(), Some("/api/v2/roles"));
        assert_eq!(page_or_whole(version, Some(7), None, 25).unwrap().limit, 7);
        let latest = ApiVersion::of_date(20_240_415);
        assert_eq!(page_or_whole(latest, None, None, 25).unwrap().limit, 25);
    }

    #[test]
    fn a_page_out_of_range_is_refused() {
        assert_eq!(page(None, None, 25).unwrap().limit, 25);
        assert!(page(Some(0), None, 25).is_err());
        assert!(page(Some(-1), None, 25).is_err());
        assert!(page(Some(1_001), None, 25).is_err());
        assert!(page(Some(1), Some(-1), 25).is_err());
    }
}

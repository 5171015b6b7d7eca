//! What a token may do now, in words, and why that is less than its scope.

use serde::Deserialize;

use super::super::time::day;
use super::CutOff;

/// Where a token stands, as the API says it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Standing {
    status: String,
    role: Option<String>,
    cut_off: Option<CutOff>,
    member_has: Option<String>,
    since: Option<i64>,
}

/// The words.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// What it may do.
    pub(super) may: String,
    /// Why that is not what its scope says; empty when it is.
    pub(super) why: String,
}

impl Standing {
    fn member(&self) -> String {
        let since = self.since.map(|ms| format!(" since {}", day(ms)));
        let since = since.unwrap_or_default();
        match self.member_has.as_deref() {
            Some(has) => format!("member is {} {has}{since}", article(has)),
            None => format!("member was removed{}", since.replace(" since", "")),
        }
    }

    /// `scope` is what it was asked to be able to do, in words; a built-in role by its name.
    pub(super) fn words(&self, scope: &str) -> Words {
        match self.status.as_str() {
            "expired" => {
                return Words {
                    may: "nothing".to_owned(),
                    why: "it has expired".to_owned(),
                };
            }
            "deactivated" => {
                return Words {
                    may: "nothing".to_owned(),
                    why: format!("deactivated: {}", self.member()),
                };
            }
            _ => {}
        }
        let narrowed = || match self.member_has {
            Some(_) => format!("narrowed: {}", self.member()),
            None => "narrowed: whoever made it could do no more then".to_owned(),
        };
        match (&self.role, &self.cut_off) {
            (Some(role), _) if scope == role => Words {
                may: role.clone(),
                why: String::new(),
            },
            (Some(role), _) => Words {
                may: role.clone(),
                why: narrowed(),
            },
            (None, None) => Words {
                may: scope.to_owned(),
                why: String::new(),
            },
            (None, Some(cut_off)) => match (&cut_off.action, &cut_off.resource) {
                (Some(action), Some(resource)) => Words {
                    may: format!("{scope}, but not for example {action} on {resource}"),
                    why: narrowed(),
                },
                _ => Words {
                    may: format!("{scope} or less: the policies are too intricate to be compared"),
                    why: String::new(),
                },
            },
        }
    }
}

fn article(word: &str) -> &'static str {
    match word {
        "owner" | "admin" => "an",
        "reader" | "writer" => "a",
        _ => "in",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(role: Option<&str>, has: Option<&str>) -> Standing {
        Standing {
            status: "active".to_owned(),
            role: role.map(str::to_owned),
            cut_off: None,
            member_has: has.map(str::to_owned),
            since: Some(1_795_708_787_969),
        }
    }

    #[test]
    fn what_is_less_than_the_scope_says_why_and_since_when() {
        let words = standing(Some("reader"), Some("reader")).words("writer");
        assert_eq!(words.may, "reader");
        assert_eq!(words.why, "narrowed: member is a reader since 2026-11-26");
        let same = standing(Some("reader"), Some("admin")).words("reader");
        assert_eq!((same.may.as_str(), same.why.as_str()), ("reader", ""));
        let mut cut = standing(None, Some("ops, audit"));
        cut.cut_off = Some(CutOff {
            action: Some("updateOn".to_owned()),
            resource: Some("proj/a".to_owned()),
        });
        let words = cut.words("Ops");
        assert_eq!(words.may, "Ops, but not for example updateOn on proj/a");
        assert_eq!(
            words.why,
            "narrowed: member is in ops, audit since 2026-11-26"
        );
    }

    #[test]
    fn a_removed_member_leaves_nothing() {
        let mut gone = standing(Some("reader"), None);
        gone.status = "deactivated".to_owned();
        let words = gone.words("reader");
        assert_eq!(words.may, "nothing");
        assert_eq!(words.why, "deactivated: member was removed 2026-11-26");
    }
}

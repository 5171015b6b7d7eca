//! How a permission changed, exactly, with examples.

use crate::containment::{Surplus, surplus};
use crate::permission::Permission;
use crate::policy::RoleAttributes;

/// How a permission changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// It allows what it allowed.
    Same,
    /// It allowed nothing, and allows something.
    Gained,
    /// It allowed something, and allows nothing.
    Lost,
    /// It allows less.
    Narrowed,
    /// It allows more.
    Widened,
    /// It allows some things more and others less.
    Moved,
}

impl Change {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Gained => "gained",
            Self::Lost => "lost",
            Self::Narrowed => "narrowed",
            Self::Widened => "widened",
            Self::Moved => "moved",
        }
    }
}

/// A change with examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind of change; none where the policies are too intricate to be compared.
    pub change: Option<Change>,
    /// Something that is allowed now and was not.
    pub more: Option<Surplus>,
    /// Something that was allowed and is not now.
    pub less: Option<Surplus>,
}

impl Difference {
    const SAME: Self = Self {
        change: Some(Change::Same),
        more: None,
        less: None,
    };
}

fn nothing() -> Permission {
    Permission {
        layers: Vec::new(),
        member_id: String::new(),
        attributes: RoleAttributes::default(),
    }
}

/// How a permission changed; none stands for a token that does not work, which allows nothing.
///
/// The work is bounded as that of [`surplus`].
#[must_use]
pub fn difference(before: Option<&Permission>, after: Option<&Permission>) -> Difference {
    if before == after {
        return Difference::SAME;
    }
    let nothing = nothing();
    let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
    let (Ok(more), Ok(less)) = (surplus(after, before), surplus(before, after)) else {
        return Difference {
            change: None,
            more: None,
            less: None,
        };
    };
    // Whether anything is left, where something was taken, and whether anything was there before.
    let allows_nothing = |permission: &Permission| surplus(permission, &nothing) == Ok(None);
    let change = match (&more, &less) {
        (None, None) => Change::Same,
        (Some(_), None) if allows_nothing(before) => Change::Gained,
        (None, Some(_)) if allows_nothing(after) => Change::Lost,
        (Some(_), None) => Change::Widened,
        (None, Some(_)) => Change::Narrowed,
        (Some(_), Some(_)) => Change::Moved,
    };
    Difference {
        change: Some(change),
        more,
        less,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::permission::{Layer, LayerKind};
    use crate::policy::{Effect, Policy, Resource, Statement};
    use crate::role::BuiltIn;

    fn of(policy: &Arc<Policy>) -> Permission {
        Permission {
            layers: vec![Layer {
                kind: LayerKind::Scope,
                policies: vec![Arc::clone(policy)],
            }],
            member_id: String::new(),
            attributes: RoleAttributes::default(),
        }
    }

    fn allows(actions: &str, resources: &str) -> Permission {
        let statement = Statement {
            effect: Effect::Allow,
            resources: Some(vec![resources.to_owned()]),
            not_resources: None,
            actions: Some(vec![actions.to_owned()]),
            not_actions: None,
        };
        of(&Arc::new(Policy::parse(vec![statement]).unwrap()))
    }

    #[test]
    fn each_kind_of_change_has_its_name_and_examples() {
        let role = |role: BuiltIn| of(role.scope_policy());
        let (none, reader) = (role(BuiltIn::NoAccess), role(BuiltIn::Reader));
        let writer = role(BuiltIn::Writer);
        let (web, api) = (allows("*", "proj/web"), allows("*", "proj/api"));
        for (before, after, change) in [
            (None, None, Change::Same),
            (Some(&reader), Some(&reader), Change::Same),
            (None, Some(&none), Change::Same),
            (None, Some(&reader), Change::Gained),
            (Some(&none), Some(&reader), Change::Gained),
            (Some(&reader), None, Change::Lost),
            (Some(&reader), Some(&none), Change::Lost),
            (Some(&reader), Some(&writer), Change::Widened),
            (Some(&writer), Some(&reader), Change::Narrowed),
            (Some(&web), Some(&api), Change::Moved),
        ] {
            let found = difference(before, after);
            assert_eq!(found.change, Some(change), "{found:?}");
            let wider = matches!(change, Change::Gained | Change::Widened | Change::Moved);
            let narrower = matches!(change, Change::Lost | Change::Narrowed | Change::Moved);
            assert_eq!(
                (found.more.is_some(), found.less.is_some()),
                (wider, narrower)
            );
            let allowed = |permission: Option<&Permission>, example: &Surplus| {
                let resource = Resource::parse(&example.resource).unwrap();
                permission.is_some_and(|p| p.allows(&example.action, &resource))
            };
            if let Some(example) = &found.more {
                assert!(allowed(after, example) && !allowed(before, example));
            }
            if let Some(example) = &found.less {
                assert!(allowed(before, example) && !allowed(after, example));
            }
        }
    }
}

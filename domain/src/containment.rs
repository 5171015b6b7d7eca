//! Whether one permission is contained in another, exactly, with an example where it is not.
//!
//! Both are asked about representatives of all questions (`policy::universe`) by the evaluator itself, so what is
//! found here is what a decision says. It is exact for the whole policy language, and bounded: where policies are
//! too many and too intricate for the bounds it says so, and never guesses.

use crate::permission::{Layer, Permission};
use crate::policy::automaton::TooComplex;
use crate::policy::universe::Universe;
use crate::policy::{Effect, Env, Policy, PolicyError, Resource};

/// The most questions that are asked.
const QUESTIONS_MAX: usize = 500_000;

/// Something that one permission allows and another does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surplus {
    /// The action.
    pub action: String,
    /// The resource, with the tags and properties that matter.
    pub resource: String,
}

/// Why containment was not settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurplusError {
    /// The policies are too many and too intricate.
    #[error("the policies are too intricate to be compared")]
    TooComplex,
    /// A placeholder stands for more than a policy may hold.
    #[error(transparent)]
    Freeze(#[from] PolicyError),
}

impl From<TooComplex> for SurplusError {
    fn from(_: TooComplex) -> Self {
        Self::TooComplex
    }
}

/// Layers without placeholders.
type Frozen = Vec<Vec<Policy>>;

fn frozen(layers: &[Layer], env: &Env<'_>) -> Result<Frozen, PolicyError> {
    let layer = |layer: &Layer| {
        layer
            .policies
            .iter()
            .map(|policy| policy.freeze(env))
            .collect()
    };
    layers.iter().map(layer).collect()
}

fn allows(layers: &Frozen, action: &str, resource: &Resource<'_>) -> bool {
    let env = Env::default();
    !layers.is_empty()
        && layers.iter().all(|layer| {
            layer
                .iter()
                .any(|policy| policy.decide(action, resource, &env).is_allow())
        })
}

/// Whether an allow of each layer speaks of the action at all: if not, no resource is allowed it.
fn may_allow(layers: &Frozen, active: &[bool]) -> bool {
    let mut rest = active.iter();
    let mut all = true;
    for layer in layers {
        let mut any = false;
        for statement in layer.iter().flat_map(Policy::statements) {
            let speaks = rest.next().copied().unwrap_or(false);
            any |= speaks && statement.effect == Effect::Allow;
        }
        all &= any;
    }
    all && !layers.is_empty()
}

/// Something that `inner` allows and `outer` does not; none when `inner` is contained in `outer`.
///
/// # Errors
/// When the policies are too intricate, or placeholders stand for too much.
pub fn surplus(inner: &Permission, outer: &Permission) -> Result<Option<Surplus>, SurplusError> {
    let inner = frozen(&inner.layers, &inner.env())?;
    let outer = frozen(&outer.layers, &outer.env())?;
    let universe = Universe::of(inner.iter().chain(&outer).flatten());
    let mut asked = 0_usize;
    for action in universe.actions()? {
        if !may_allow(&inner, &action.active) {
            continue;
        }
        let mut found = None;
        universe.resources(&action.active, |text| {
            asked += 1;
            if asked > QUESTIONS_MAX {
                return Err(TooComplex);
            }
            // What is put together may be longer than a resource may be; then there is no such resource.
            let Ok(resource) = Resource::parse(text) else {
                return Ok(false);
            };
            let more =
                allows(&inner, &action.text, &resource) && !allows(&outer, &action.text, &resource);
            if more {
                found = Some(text.to_owned());
            }
            Ok(more)
        })?;
        if let Some(resource) = found {
            return Ok(Some(Surplus {
                action: action.text,
                resource,
            }));
        }
    }
    Ok(None)
}

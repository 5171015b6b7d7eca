//! The whole index as bytes, so that a node starts from them and the events after them, not from the first event.
//!
//! A snapshot is never a source of truth: whatever is wrong with one costs the time of a replay.

use std::collections::HashMap;
use std::sync::Arc;

use keyledger_domain::event::FrozenPolicies;
use keyledger_domain::grant::{Grant, ScopeGrant};
use keyledger_domain::ids::{AccountId, MemberId, RoleId, TokenId};
use keyledger_domain::policy::{Policy, PolicyError, RoleAttributes, Statement};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::{GROUND_FORMAT, GroundError, State};
use keyledger_eventstore::{ChainCheck, Position};
use serde::{Deserialize, Serialize};

use super::Live;
use super::index::{Account, Index};
use super::slots::{DefaultVersion, Slot};
use super::table::TokenTable;

/// The layout of the bytes, that of the ground included. One more with every change of it.
const FORMAT: (u32, u32) = (1, GROUND_FORMAT);
/// No attributes.
const NONE: u32 = u32::MAX;
/// The bytes of one token's record: ids, digest and numbers side by side.
const RECORD_BYTES: usize = 12 + 32 + 4 + 4 + 4 + 8 + 1 + 12 + 4 + 4 + 4 + 4;
/// The bytes of one previous secret: token by its place, digest, pepper, end.
const GRACE_BYTES: usize = 4 + 32 + 4 + 8;

/// Bytes that are no snapshot, or an index that cannot be one.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It cannot be encoded.
    #[error("it cannot be encoded: {0}")]
    Encode(#[from] rmp_serde::encode::Error),
    /// It does not decode.
    #[error("it does not decode: {0}")]
    Decode(#[from] rmp_serde::decode::Error),
    /// An account in it does not.
    #[error(transparent)]
    Ground(#[from] GroundError),
    /// A policy in it does not parse.
    #[error("it holds a policy that does not parse: {0}")]
    Policy(#[from] PolicyError),
    /// It was written by a program with another layout.
    #[error("its layout is {0:?}")]
    Format((u32, u32)),
    /// A part of it contradicts another.
    #[error("{0}")]
    Inconsistent(&'static str),
}

/// A scope as it is written.
#[derive(Serialize, Deserialize)]
enum Scope {
    BuiltIn(BuiltIn),
    CustomRoles(Vec<RoleId>),
    Policies(FrozenPolicies),
}

#[derive(Serialize, Deserialize)]
struct Written {
    format: (u32, u32),
    position: i64,
    #[serde(with = "serde_bytes")]
    hash: [u8; 32],
    accounts: Vec<(AccountId, serde_bytes::ByteBuf)>,
    scopes: Vec<Scope>,
    bounds: Vec<Vec<FrozenPolicies>>,
    attributes: Vec<RoleAttributes>,
    #[serde(with = "serde_bytes")]
    tokens: Vec<u8>,
    #[serde(with = "serde_bytes")]
    grace: Vec<u8>,
}

fn statements(policies: &[Arc<Policy>]) -> Vec<Vec<Statement>> {
    let all = policies.iter();
    all.map(|policy| policy.statements().to_vec()).collect()
}

/// Things by the place at which they were first seen. They are told apart by where they lie: equal ones are shared.
struct Places<T> {
    places: HashMap<*const T, u32>,
    all: Vec<Arc<T>>,
}

impl<T> Places<T> {
    fn new() -> Self {
        Self {
            places: HashMap::new(),
            all: Vec::new(),
        }
    }

    fn of(&mut self, thing: &Arc<T>) -> u32 {
        let next = u32::try_from(self.all.len()).unwrap_or(NONE);
        *self.places.entry(Arc::as_ptr(thing)).or_insert_with(|| {
            self.all.push(Arc::clone(thing));
            next
        })
    }
}

/// Reads what was put side by side.
struct Cursor<'b>(&'b [u8]);

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let short = SnapshotError::Inconsistent("a record is cut off");
        let (taken, rest) = self.0.split_first_chunk().ok_or(short)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<u32, SnapshotError> {
        self.take().map(u32::from_le_bytes)
    }

    fn time(&mut self) -> Result<i64, SnapshotError> {
        self.take().map(i64::from_le_bytes)
    }
}

fn write_token(to: &mut Vec<u8>, slot: &Slot, (scope, bounds, attributes): (u32, u32, u32)) {
    to.extend_from_slice(slot.id.as_bytes());
    to.extend_from_slice(&slot.digest);
    for number in [slot.pepper, slot.account, slot.version] {
        to.extend_from_slice(&number.to_le_bytes());
    }
    to.extend_from_slice(&slot.expires_at_ms.to_le_bytes());
    to.push(match slot.grant.kind {
        TokenKind::Personal => 0,
        TokenKind::Service => 1,
    });
    to.extend_from_slice(slot.grant.member.as_bytes());
    for number in [scope, bounds, attributes, slot.default_version.get()] {
        to.extend_from_slice(&number.to_le_bytes());
    }
}

/// What tokens share, read back.
struct Parts {
    scopes: Vec<Arc<ScopeGrant>>,
    bounds: Vec<Arc<Vec<Vec<Arc<Policy>>>>>,
    attributes: Vec<Arc<RoleAttributes>>,
}

impl Parts {
    fn read_token(&self, record: &[u8]) -> Result<Slot, SnapshotError> {
        let mut cursor = Cursor(record);
        let id = TokenId::from_bytes(cursor.take()?);
        let digest = cursor.take()?;
        let (pepper, account, version) = (cursor.number()?, cursor.number()?, cursor.number()?);
        let expires_at_ms = cursor.time()?;
        let kind = match cursor.take()? {
            [0] => TokenKind::Personal,
            [1] => TokenKind::Service,
            _ => return Err(SnapshotError::Inconsistent("a token is of no kind")),
        };
        let member = MemberId::from_bytes(cursor.take()?);
        let (scope, bounds) = (cursor.number()?, cursor.number()?);
        let (attributes, default_version) = (cursor.number()?, cursor.number()?);
        let missing = || SnapshotError::Inconsistent("a token has what is not there");
        let attributes = match attributes {
            NONE => None,
            place => Some(self.attributes.get(place as usize).ok_or_else(missing)?),
        };
        Ok(Slot {
            id,
            digest,
            pepper,
            account,
            version,
            expires_at_ms,
            grant: Grant {
                kind,
                member,
                scope: Arc::clone(self.scopes.get(scope as usize).ok_or_else(missing)?),
                bounds: Arc::clone(self.bounds.get(bounds as usize).ok_or_else(missing)?),
                attributes: attributes.cloned(),
            },
            in_grace: false,
            default_version: DefaultVersion::of(default_version),
        })
    }
}

impl Index {
    /// Everything in it as bytes.
    fn to_bytes(&self) -> Result<Vec<u8>, SnapshotError> {
        let mut accounts = Vec::with_capacity(self.accounts.len());
        for account in &self.accounts {
            let ground = account.state.ground_to_bytes()?;
            accounts.push((account.id, ground.into()));
        }
        let (mut scopes, mut bounds, mut attributes) =
            (Places::new(), Places::new(), Places::new());
        let mut tokens = Vec::with_capacity(self.tokens.len() * RECORD_BYTES);
        let mut grace = Vec::new();
        for (place, (number, slot)) in self.tokens.all().enumerate() {
            let shared = (
                scopes.of(&slot.grant.scope),
                bounds.of(&slot.grant.bounds),
                slot.grant
                    .attributes
                    .as_ref()
                    .map_or(NONE, |own| attributes.of(own)),
            );
            write_token(&mut tokens, slot, shared);
            if let Some((digest, pepper, until_ms)) = self.tokens.previous(number) {
                let place = u32::try_from(place).unwrap_or(NONE);
                grace.extend_from_slice(&place.to_le_bytes());
                grace.extend_from_slice(&digest);
                grace.extend_from_slice(&pepper.to_le_bytes());
                grace.extend_from_slice(&until_ms.to_le_bytes());
            }
        }
        let scopes = scopes.all.iter().map(|scope| match &**scope {
            ScopeGrant::BuiltIn(role) => Scope::BuiltIn(*role),
            ScopeGrant::CustomRoles(ids) => Scope::CustomRoles(ids.clone()),
            ScopeGrant::Policies(policies) => Scope::Policies(statements(policies)),
        });
        let bounds = bounds.all.iter();
        let bounds = bounds.map(|layers| layers.iter().map(|layer| statements(layer)).collect());
        let check = self.checkpoint();
        Ok(rmp_serde::to_vec_named(&Written {
            format: FORMAT,
            position: check.position.get(),
            hash: check.hash,
            accounts,
            scopes: scopes.collect(),
            bounds: bounds.collect(),
            attributes: attributes.all.iter().map(|own| (**own).clone()).collect(),
            tokens,
            grace,
        })?)
    }

    /// The index that such bytes say.
    fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let read: Written = rmp_serde::from_slice(bytes)?;
        if read.format != FORMAT {
            return Err(SnapshotError::Format(read.format));
        }
        let mut index = Self::default();
        for (id, ground) in read.accounts {
            let state = State::ground_from_bytes(&ground)?;
            index.enter(Account { id, state })?;
        }
        let tokens = &mut index.tokens;
        let mut parts = Parts {
            scopes: Vec::with_capacity(read.scopes.len()),
            bounds: Vec::with_capacity(read.bounds.len()),
            attributes: Vec::with_capacity(read.attributes.len()),
        };
        for scope in read.scopes {
            let scope = match scope {
                Scope::BuiltIn(role) => ScopeGrant::BuiltIn(role),
                Scope::CustomRoles(ids) => ScopeGrant::CustomRoles(ids),
                Scope::Policies(policies) => ScopeGrant::Policies(tokens.shared.layer(&policies)?),
            };
            parts.scopes.push(tokens.shared.scope(scope));
        }
        for layers in read.bounds {
            let layers: Result<Vec<_>, PolicyError> = layers
                .iter()
                .map(|layer| tokens.shared.layer(layer))
                .collect();
            parts.bounds.push(tokens.shared.bounds(layers?));
        }
        for own in read.attributes {
            parts.attributes.push(tokens.shared.attributes(own));
        }
        let (records, rest) = read.tokens.as_chunks::<RECORD_BYTES>();
        let (grace, more) = read.grace.as_chunks::<GRACE_BYTES>();
        if !rest.is_empty() || !more.is_empty() {
            return Err(SnapshotError::Inconsistent("a record is cut off"));
        }
        let mut numbers = Vec::with_capacity(records.len());
        for record in records {
            let slot = parts.read_token(record)?;
            if slot.account as usize >= index.accounts.len() {
                return Err(SnapshotError::Inconsistent("a token is of no account"));
            }
            numbers.push(enter(&mut index.tokens, slot)?);
        }
        for record in grace {
            let mut cursor = Cursor(record);
            let place = cursor.number()? as usize;
            let nobody = SnapshotError::Inconsistent("a previous secret is of no token");
            let number = *numbers.get(place).ok_or(nobody)?;
            let digest = cursor.take()?;
            let (pepper, until_ms) = (cursor.number()?, cursor.time()?);
            index.tokens.begin_grace(number, digest, pepper, until_ms);
        }
        index.resume(ChainCheck::resume(Position::new(read.position), read.hash));
        Ok(index)
    }
}

fn enter(tokens: &mut TokenTable, slot: Slot) -> Result<u32, SnapshotError> {
    let entered = tokens.enter(slot);
    entered.ok_or(SnapshotError::Inconsistent("there are too many tokens"))
}

impl Live {
    /// Everything in it as bytes. Followers and decisions wait meanwhile: it is for an index that nobody asks.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, SnapshotError> {
        self.index.read().to_bytes()
    }

    /// Takes over what such bytes say, whatever was in it.
    pub(crate) fn take_over(&self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let index = Index::from_bytes(bytes)?;
        let position = index.position();
        *self.index.write() = index;
        self.applied.send_replace(position);
        Ok(())
    }
}

//! An account that commands change: the fold with all tokens, and the events as a log would hold them.

use std::collections::HashMap;

use keyledger_domain::actor::Actor;
use keyledger_domain::command::{
    BootstrapAccount, Command, Context, CreateToken, Invitation, InviteMembers, NewSecret,
    ScopeChoice, decide,
};
use keyledger_domain::event::{self, By, Digest, Event, Metadata};
use keyledger_domain::ids::{AccountId, EventId, MemberId, RoleId, StreamRef, TokenId};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::rejection::Rejection;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::secret::{Pepper, Secret};
use keyledger_domain::state::{Recorded, State, evolve};
use keyledger_eventstore::chain::{self, Link};
use keyledger_eventstore::{ChainCheck, StoredEvent};
use keyledger_projections::{Live, Peppers};

/// When every world begins.
pub(crate) const START_MS: i64 = 1_700_000_000_000;

/// The pepper under which this world's secrets are digested.
pub(crate) fn pepper(id: u32) -> Pepper {
    Pepper::new(id, &[u8::try_from(id).unwrap(); 32]).unwrap()
}

/// An empty index with that pepper.
pub(crate) fn empty_live() -> Live {
    let peppers = Peppers {
        current: pepper(2),
        older: vec![pepper(1)],
    };
    Live::new(peppers, "api-".to_owned())
}

/// An account, and everything that ever happened in it.
pub(crate) struct World {
    pub(crate) account: AccountId,
    pub(crate) now_ms: i64,
    pub(crate) state: State,
    pub(crate) log: Vec<StoredEvent>,
    /// Every secret that there ever was, with its token, in the order in which they were made.
    pub(crate) secrets: Vec<(TokenId, String, Digest)>,
    pub(crate) pepper: Pepper,
    check: ChainCheck,
    versions: HashMap<StreamRef, i64>,
    made: u64,
}

impl World {
    /// An account with its owner and the owner's first token.
    pub(crate) fn new() -> Self {
        Self::with_seed(1)
    }

    /// The same with ids that differ from those of other seeds.
    pub(crate) fn with_seed(seed: u8) -> Self {
        let mut world = Self {
            account: AccountId::from_bytes([seed; 12]),
            now_ms: START_MS,
            state: State::default(),
            log: Vec::new(),
            secrets: Vec::new(),
            pepper: pepper(2),
            check: ChainCheck::genesis(),
            versions: HashMap::new(),
            made: u64::from(seed) << 40,
        };
        let token = world.token_id();
        let command = Command::BootstrapAccount(BootstrapAccount {
            account: world.account,
            name: "Account".to_owned(),
            owner: world.member_id(),
            email: format!("owner{seed}@example.com"),
            password_hash: None,
            token,
            secret: world.secret(token),
        });
        let actor = Actor::operator(world.account);
        world.give(&actor, &command).unwrap();
        world
    }

    fn id(&mut self) -> [u8; 12] {
        self.made += 1;
        let mut id = [0xa5; 12];
        id[4..].copy_from_slice(&self.made.to_be_bytes());
        id
    }

    pub(crate) fn token_id(&mut self) -> TokenId {
        TokenId::from_bytes(self.id())
    }

    pub(crate) fn member_id(&mut self) -> MemberId {
        MemberId::from_bytes(self.id())
    }

    pub(crate) fn role_id(&mut self) -> RoleId {
        RoleId::from_bytes(self.id())
    }

    /// Makes a secret for a token. It counts once the command that carries it is accepted.
    pub(crate) fn secret(&mut self, token: TokenId) -> NewSecret {
        self.made += 1;
        let mut random = [0; 64];
        let seed = self.made.to_string();
        for (part, chunk) in random.chunks_mut(32).enumerate() {
            chunk.copy_from_slice(&pepper(9).digest(&format!("{part} {seed}")));
        }
        let secret = Secret::from_random("api-", &random).unwrap();
        let digest = Digest {
            pepper: self.pepper.id(),
            bytes: self.pepper.digest(secret.reveal()),
        };
        self.secrets
            .push((token, secret.reveal().to_owned(), digest));
        NewSecret {
            digest,
            ending: secret.ending(),
        }
    }

    /// Decides a command and, if it is accepted, lets its events happen.
    pub(crate) fn give(
        &mut self,
        actor: &Actor,
        command: &Command,
    ) -> Result<Vec<Event>, Rejection> {
        let context = Context {
            now_ms: self.now_ms,
            actor,
            loaded: None,
        };
        let events = decide(&self.state, command, &context)?;
        for event in &events {
            self.happen(event, actor.by.clone());
        }
        Ok(events)
    }

    /// Appends one event and folds it.
    pub(crate) fn happen(&mut self, event: &Event, by: By) {
        let stream = event.stream(self.account);
        let version = self.versions.entry(stream).or_default();
        *version += 1;
        self.made += 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.made.to_be_bytes());
        let mut stored = StoredEvent {
            position: self.check.position.next(),
            id: EventId::v7(self.now_ms, random),
            stream,
            version: *version,
            event_type: event.type_name().to_owned(),
            schema_version: event.schema_version(),
            recorded_at_ms: self.now_ms,
            payload: event::encode(event).unwrap(),
            metadata: Metadata {
                by,
                request_id: "test".to_owned(),
            }
            .encode()
            .unwrap(),
            hash: [0; 32],
            opened: None,
        };
        stored.hash = chain::hash(&self.check.hash, &Link::from(&stored));
        self.check.check(&stored).unwrap();
        let recorded = Recorded {
            account: self.account,
            version: *version,
            recorded_at_ms: self.now_ms,
            event,
        };
        evolve(&mut self.state, &recorded).unwrap();
        self.log.push(stored);
    }

    /// The owner, signed in.
    pub(crate) fn owner(&self) -> Actor {
        Actor::member(self.account, &self.state, self.state.owner().unwrap())
    }

    /// A member, signed in.
    pub(crate) fn session(&self, member: MemberId) -> Actor {
        Actor::member(
            self.account,
            &self.state,
            self.state.member(member).unwrap(),
        )
    }

    /// Invites a member with a base role.
    pub(crate) fn invite(&mut self, role: &str) -> MemberId {
        let id = self.member_id();
        let invitation = Invitation {
            teams: Vec::new(),
            id,
            email: format!("M{}@example.com", self.made),
            first_name: String::new(),
            last_name: String::new(),
            role: Some(role.to_owned()),
            custom_roles: Vec::new(),
            role_attributes: RoleAttributes::default(),
            password_hash: None,
        };
        let command = Command::InviteMembers(InviteMembers {
            invitations: vec![invitation],
        });
        self.give(&self.owner(), &command).unwrap();
        id
    }

    /// Makes a token with a built-in role, and gives its id and secret.
    pub(crate) fn token(
        &mut self,
        actor: &Actor,
        kind: TokenKind,
        role: &str,
        expiry_ms: Option<i64>,
    ) -> (TokenId, String) {
        let id = self.token_id();
        let secret = self.secret(id);
        let command = Command::CreateToken(CreateToken {
            id,
            secret,
            name: "Token".to_owned(),
            description: String::new(),
            kind,
            scope: ScopeChoice {
                role: Some(role.to_owned()),
                ..ScopeChoice::default()
            },
            role_binding: None,
            expiry_ms,
            default_api_version: None,
        });
        self.give(actor, &command).unwrap();
        (id, self.last_secret())
    }

    /// The secret that was made last.
    pub(crate) fn last_secret(&self) -> String {
        self.secrets.last().unwrap().1.clone()
    }

    /// An index that holds everything so far.
    pub(crate) fn live(&self) -> Live {
        let live = empty_live();
        live.apply(&self.log).unwrap();
        live
    }
}

//! Why a command is refused. A refused command emits nothing.

/// Why a command is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The command itself is wrong.
    #[error("{pointer}: {message}")]
    Invalid {
        /// JSON pointer to the offending field; empty for the whole.
        pointer: String,
        /// What is wrong with it.
        message: String,
    },
    /// E-mails that cannot be invited.
    #[error("{}", problem.message())]
    Emails {
        /// What is wrong with them.
        problem: EmailProblem,
        /// Which ones.
        emails: Vec<String>,
    },
    /// The actor's permission does not include it.
    #[error("not allowed: {action} on {resource}")]
    Denied {
        /// The action that is missing.
        action: &'static str,
        /// The resource on which it is missing.
        resource: String,
    },
    /// A rule beyond policies forbids it.
    #[error("{message}")]
    Forbidden {
        /// Which rule.
        message: String,
    },
    /// There is no such thing.
    #[error("unknown {what}: {id:?}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// The id or key that was asked for.
        id: String,
    },
    /// It collides with what exists.
    #[error("{message}")]
    Conflict {
        /// With what.
        message: String,
    },
}

/// What is wrong with e-mails; the vendor gives each a code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailProblem {
    /// A member of this account has it.
    ExistsInAccount,
    /// A member of another account has it.
    TakenInOtherAccount,
    /// It is there twice in one request.
    Duplicate,
}

impl EmailProblem {
    /// The vendor's error code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExistsInAccount => "email_already_exists_in_account",
            Self::TakenInOtherAccount => "email_taken_in_different_account",
            Self::Duplicate => "duplicate_emails",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::ExistsInAccount => "a member of this account has this e-mail already",
            Self::TakenInOtherAccount => "a member of another account has this e-mail",
            Self::Duplicate => "the same e-mail is there twice",
        }
    }
}

impl Rejection {
    /// A field that is wrong.
    pub fn invalid(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            pointer: pointer.into(),
            message: message.into(),
        }
    }

    /// A rule beyond policies.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::Forbidden {
            message: message.into(),
        }
    }
}

//! Who did it and how: kept beside each event, outside its payload.

use serde::{Deserialize, Serialize};

use super::codec::CodecError;
use crate::ids::{MemberId, TokenId};

/// By what right something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The operator of the server: first start, command line.
    Operator,
    /// A member who is signed in.
    Session(MemberId),
    /// A token, with the member that made it.
    Token(TokenId, MemberId),
    /// An invited member, with the link of the invitation.
    Invitation(MemberId),
}

/// The metadata of an event, version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Who did it.
    pub by: By,
    /// The request, as the response's `X-Request-Id` named it.
    pub request_id: String,
}

impl Metadata {
    /// As named MessagePack.
    ///
    /// # Errors
    /// Only if the encoder fails, which it does not for this type.
    pub fn encode(&self) -> Result<Vec<u8>, CodecError> {
        rmp_serde::to_vec_named(self).map_err(|source| CodecError::Encode {
            event_type: "metadata".to_owned(),
            reason: source.to_string(),
        })
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// When they are not metadata, or more than metadata.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        super::codec::from_slice("metadata", 1, bytes)
    }
}

//! What goes over the wire: the vendor's shapes, apart from the domain's types.

pub mod access;
pub mod audit;
pub mod caller_identity;
pub mod change;
pub mod effective;
pub mod event;
pub mod explanation;
pub mod invitation;
pub mod link;
pub mod member;
pub mod role;
pub mod root;
pub mod session;
pub mod standing;
pub mod statement;
pub mod statistics;
pub mod team;
pub mod token;
pub mod usage;

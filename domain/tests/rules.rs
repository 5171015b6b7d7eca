//! The rules of the domain: what each command does, what each token may do, and what is kept for ever.
//!
//! `scenario` reads as given events, when a command, then events; `sample` has what has happened and `ask`
//! what is asked for.
#![cfg(test)]

#[path = "rules/account.rs"]
mod account;
#[path = "rules/admit_member.rs"]
mod admit_member;
#[path = "rules/ask.rs"]
mod ask;
#[path = "rules/change_member.rs"]
mod change_member;
#[path = "rules/change_role.rs"]
mod change_role;
#[path = "rules/change_team.rs"]
mod change_team;
#[path = "rules/changes.rs"]
mod changes;
#[path = "rules/clone_token.rs"]
mod clone_token;
#[path = "rules/closed_doors.rs"]
mod closed_doors;
#[path = "rules/closed_doors_of_teams.rs"]
mod closed_doors_of_teams;
#[path = "rules/closed_doors_of_tokens.rs"]
mod closed_doors_of_tokens;
#[path = "rules/create_role.rs"]
mod create_role;
#[path = "rules/create_token.rs"]
mod create_token;
#[path = "rules/effective_personal.rs"]
mod effective_personal;
#[path = "rules/effective_service.rs"]
mod effective_service;
#[path = "rules/erase_member.rs"]
mod erase_member;
#[path = "rules/fixture.rs"]
mod fixture;
#[path = "rules/fixture_value.rs"]
mod fixture_value;
#[path = "rules/fold.rs"]
mod fold;
#[path = "rules/fold_team.rs"]
mod fold_team;
#[path = "rules/hand_over.rs"]
mod hand_over;
#[path = "rules/invitation.rs"]
mod invitation;
#[path = "rules/invite_members.rs"]
mod invite_members;
#[path = "rules/plans.rs"]
mod plans;
#[path = "rules/precondition.rs"]
mod precondition;
#[path = "rules/random.rs"]
mod random;
#[path = "rules/random_log.rs"]
mod random_log;
#[path = "rules/random_reference.rs"]
mod random_reference;
#[path = "rules/random_step.rs"]
mod random_step;
#[path = "rules/rank.rs"]
mod rank;
#[path = "rules/remove_member.rs"]
mod remove_member;
#[path = "rules/reset_token.rs"]
mod reset_token;
#[path = "rules/sample.rs"]
mod sample;
#[path = "rules/scenario.rs"]
mod scenario;
#[path = "rules/teams.rs"]
mod teams;
#[path = "rules/token_as_actor.rs"]
mod token_as_actor;
#[path = "rules/update_token.rs"]
mod update_token;

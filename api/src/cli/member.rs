//! `keyledger member`: invitations without a mail server.

mod erase;

use clap::{Args, Subcommand};
use keyledger_domain::command::{Command, Invitation, InviteMembers, IssueInvitation};
use keyledger_domain::ids::MemberId;
use keyledger_domain::policy::RoleAttributes;

use super::operator::Operator;
use crate::config::DataConfig;
use crate::entropy;
use crate::invitation::{self, INVITATION_MS};

/// What is done.
#[derive(Debug, Args)]
pub(super) struct MemberArgs {
    #[command(flatten)]
    data: DataConfig,
    /// Where browsers reach the server; the link begins with it.
    #[arg(long, env = "KEYLEDGER_ORIGIN", default_value = "")]
    origin: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Invite a member, and print the link with which the member joins.
    Invite {
        /// The e-mail.
        email: String,
        /// The base role: no_access, reader, writer or admin.
        #[arg(long, default_value = "reader")]
        role: String,
        /// The account, by its id, where there are several.
        #[arg(long)]
        account: Option<String>,
    },
    /// Destroy the key of a removed member's personal data: e-mail and names are then nowhere any more.
    ///
    /// The log stays as it is, and can be verified and replayed; the member is a tombstone in it. Backups of keys.db
    /// still have the key: let them end.
    Erase {
        /// The removed member: the id, or the e-mail.
        member: String,
        /// The account, by its id, where there are several.
        #[arg(long)]
        account: Option<String>,
    },
    /// Print a new link for a member: for an invitation that was lost, or a password. Earlier links end.
    Link {
        /// The e-mail.
        email: String,
        /// The account, by its id, where there are several.
        #[arg(long)]
        account: Option<String>,
    },
}

/// Does it.
pub(super) async fn run(args: &MemberArgs) -> Result<(), String> {
    let operator = Operator::open(&args.data).await?;
    let (account, member) = match &args.what {
        What::Invite {
            email,
            role,
            account,
        } => {
            let account = operator.account(account.as_deref())?;
            let id = entropy::id(operator.now_ms()).map_err(|error| error.to_string())?;
            let id = MemberId::from_bytes(id);
            let command = Command::InviteMembers(InviteMembers {
                invitations: vec![Invitation {
                    id,
                    email: email.clone(),
                    first_name: String::new(),
                    last_name: String::new(),
                    role: Some(role.clone()),
                    custom_roles: Vec::new(),
                    role_attributes: RoleAttributes::default(),
                    teams: Vec::new(),
                    password_hash: None,
                }],
            });
            operator.give(account, &[command]).await?;
            (account, id)
        }
        What::Erase { member, account } => {
            let account = operator.account(account.as_deref())?;
            return erase::run(&args.data, &operator, account, member).await;
        }
        What::Link { email, account } => {
            let account = operator.account(account.as_deref())?;
            let id = operator.state(account, |state| {
                let member = state.member_by_email(email);
                member.map(|member| member.id).ok_or_else(|| {
                    format!("no member of account {account} has the e-mail {email:?}")
                })
            })?;
            (account, id)
        }
    };
    let (code, digest) =
        invitation::make(member, &operator.pepper).map_err(|error| error.to_string())?;
    let expires_at_ms = operator.now_ms() + INVITATION_MS;
    let command = Command::IssueInvitation(IssueInvitation {
        id: member,
        digest,
        expires_at_ms,
    });
    operator.give(account, &[command]).await?;
    println!("{}{}", args.origin, invitation::href(&code));
    Ok(())
}

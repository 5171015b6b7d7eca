//! `keyledger account`: further accounts, and the plan of each.

use clap::{Args, Subcommand};
use keyledger_domain::command::{BootstrapAccount, ChangePlan, Command, validate_password};
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::plan::Plan;

use super::operator::Operator;
use super::token::new_secret;
use crate::config::{DEFAULT_TOKEN_PREFIX, DataConfig};
use crate::entropy;

/// What is done.
#[derive(Debug, Args)]
pub(super) struct AccountArgs {
    #[command(flatten)]
    data: DataConfig,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a further account, and print its owner's token.
    Create {
        /// The account's name.
        #[arg(long)]
        name: String,
        /// The owner's e-mail.
        #[arg(long)]
        owner_email: String,
        /// The owner's password; without one the owner has the token only.
        #[arg(long, env = "KEYLEDGER_OWNER_PASSWORD", hide_env_values = true)]
        owner_password: Option<String>,
        /// What secrets start with.
        #[arg(long, env = "KEYLEDGER_TOKEN_PREFIX", default_value = DEFAULT_TOKEN_PREFIX)]
        token_prefix: String,
    },
    /// List the accounts: id, plan, members, name.
    List,
    /// Put an account on another plan: starter, pro or enterprise.
    Plan {
        /// The plan from now on.
        plan: Plan,
        /// The account, by its id, where there are several.
        #[arg(long)]
        account: Option<String>,
    },
}

/// Does it.
pub(super) async fn run(args: &AccountArgs) -> Result<(), String> {
    let operator = Operator::open(&args.data).await?;
    match &args.what {
        What::Create {
            name,
            owner_email,
            owner_password,
            token_prefix,
        } => {
            let id = || entropy::id(operator.now_ms()).map_err(|error| error.to_string());
            let (secret, new) = new_secret(&operator.pepper, token_prefix)?;
            let password_hash = match owner_password {
                None => None,
                Some(password) => {
                    validate_password("owner password", password)
                        .map_err(|error| error.to_string())?;
                    let hash = operator.passwords.hash(password.clone()).await;
                    Some(hash.map_err(|error| error.to_string())?)
                }
            };
            let account = AccountId::from_bytes(id()?);
            let command = Command::BootstrapAccount(BootstrapAccount {
                account,
                name: name.clone(),
                owner: MemberId::from_bytes(id()?),
                email: owner_email.clone(),
                password_hash,
                token: TokenId::from_bytes(id()?),
                secret: new,
            });
            operator.give(account, &[command]).await?;
            println!("account: {account}");
            println!("owner token: {}", secret.reveal());
        }
        What::List => {
            let lines = operator.accounts(|id, state| {
                let members = state.members.values().filter(|member| member.is_active());
                let account = state.account.as_ref();
                let plan = account.map_or("", |account| account.plan.name());
                let name = account.map_or("", |account| account.name.as_str());
                format!("{id}  {plan:<10}  {:>6}  {name}", members.count())
            });
            for line in lines {
                println!("{line}");
            }
        }
        What::Plan { plan, account } => {
            let account = operator.account(account.as_deref())?;
            let command = Command::ChangePlan(ChangePlan { to: *plan });
            operator.give(account, &[command]).await?;
            println!("account {account} is on the plan {plan}");
        }
    }
    Ok(())
}

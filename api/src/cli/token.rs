//! `keyledger token`: the owner's way back in.

use clap::{Args, Subcommand};
use keyledger_domain::command::{Command, NewSecret, RecoverOwner};
use keyledger_domain::event::Digest;
use keyledger_domain::ids::TokenId;
use keyledger_domain::secret::{Pepper, Secret};

use super::operator::Operator;
use crate::config::{DEFAULT_TOKEN_PREFIX, DataConfig};
use crate::entropy;

/// What is done.
#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    #[command(flatten)]
    data: DataConfig,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make another token for the owner, where the first one was lost, and print it.
    Owner {
        /// The account, by its id, where there are several.
        #[arg(long)]
        account: Option<String>,
        /// What secrets start with.
        #[arg(long, env = "KEYLEDGER_TOKEN_PREFIX", default_value = DEFAULT_TOKEN_PREFIX)]
        token_prefix: String,
    },
}

/// A new secret, and what a command takes of it.
pub(super) fn new_secret(pepper: &Pepper, prefix: &str) -> Result<(Secret, NewSecret), String> {
    let secret = entropy::secret(prefix).map_err(|error| error.to_string())?;
    let new = NewSecret {
        digest: Digest {
            pepper: pepper.id(),
            bytes: pepper.digest(secret.reveal()),
        },
        ending: secret.ending(),
    };
    Ok((secret, new))
}

/// Does it.
pub(super) async fn run(args: &TokenArgs) -> Result<(), String> {
    let operator = Operator::open(&args.data).await?;
    let What::Owner {
        account,
        token_prefix,
    } = &args.what;
    let account = operator.account(account.as_deref())?;
    let id = entropy::id(operator.now_ms()).map_err(|error| error.to_string())?;
    let (secret, new) = new_secret(&operator.pepper, token_prefix)?;
    let command = Command::RecoverOwner(RecoverOwner {
        token: TokenId::from_bytes(id),
        secret: new,
    });
    operator.give(account, &[command]).await?;
    println!("owner token: {}", secret.reveal());
    Ok(())
}

//! The only page that ever shows a secret.

use askama::Template;
use poem::Response;

use super::super::backend::{Backend, Me};
use super::super::page::{self, Refusal};
use super::{Token, me};

#[derive(Template)]
#[template(path = "token_secret.html")]
struct Secret<'a> {
    me: Me,
    name: &'a str,
    /// `created`, `cloned` or `reset`.
    what: &'a str,
    secret: &'a str,
    cut_off: Option<String>,
}

pub(super) async fn show(
    backend: &Backend<'_>,
    token: &Token,
    what: &str,
) -> Result<Response, Refusal> {
    let me = me(backend).await?;
    let cut_off = token.cut_off.as_ref().map(|cut_off| {
        match (&cut_off.action, &cut_off.resource) {
            (Some(action), Some(resource)) => format!(
                "Its scope asks for more than you may do yourself, and that is cut off: {action} on {resource}, for example."
            ),
            _ => "Its scope may ask for more than you may do yourself; whatever does is cut off.".to_owned(),
        }
    });
    page::render(&Secret {
        me,
        name: token.shown_name(),
        what,
        secret: &token.token,
        cut_off,
    })
}

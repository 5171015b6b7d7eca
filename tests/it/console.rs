//! The console's pages, as any client sees them; scripts play no part in this.

mod guard;
mod pages;
mod policy;
mod sign_in;
mod size;
mod tokens;

use crate::support::{Answer, Api, Server};

const HOME: &str = "/settings/authorization";

/// A browser in which somebody is signed in.
async fn browser(server: &Server, email: &str, role: &str) -> Api {
    server.member(email, role).await.1
}

/// The value of a hidden field.
fn hidden(answer: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = answer.body.split_once(&mark).expect("the field");
    rest.split('"').next().unwrap().to_owned()
}

/// The secret that a page shows.
fn secret(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("id=\"secret\">").expect("a secret");
    rest.split('<').next().unwrap().to_owned()
}

//! The authorization matrix: `authorization/table.tsv` against the server, cell by cell.

pub(crate) mod callers;
pub(crate) mod operations;
pub(crate) mod table;
mod two_accounts;

use callers::Callers;
use operations::Operations;
use table::{CALLERS, Row, rows};

use crate::support::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_says_what_the_server_does() {
    let env = [("KEYLEDGER_OWNER_PASSWORD", callers::OWNER_PASSWORD)];
    let server = Server::start_with(&env).await;
    let mut callers = Callers::make(&server).await;
    let operations = Operations::make(&server).await;
    let mut wrong = Vec::new();
    for row in rows() {
        callers.take_roles(&row.needs).await;
        let found = found(&row, &callers, &operations).await;
        if found != row.cells {
            wrong.push(format!(
                "{}\n  found    {found:?}\n  expected {:?}",
                row.operation, row.cells
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "the table is wrong about:\n{}",
        wrong.join("\n")
    );
}

/// What the server does, in the words of the table.
async fn found(row: &Row, callers: &Callers, operations: &Operations<'_>) -> Vec<String> {
    let mut cells = Vec::with_capacity(CALLERS.len());
    for name in CALLERS {
        let caller = callers.get(name);
        let mut cell = String::new();
        for (letter, api) in [
            ('s', Some(&caller.session)),
            ('p', Some(&caller.personal)),
            ('t', caller.service.as_ref()),
        ] {
            let Some(api) = api else {
                cell.push('.');
                continue;
            };
            let answer = operations.attempt(&row.operation, api, caller).await;
            cell.push(match answer.status {
                200..=299 => letter,
                403 => '-',
                other => panic!(
                    "{} by {name}/{letter}: {other} {}",
                    row.operation, answer.body
                ),
            });
        }
        cells.push(cell);
    }
    cells
}

#[test]
fn the_table_has_every_operation_of_the_document() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let document = std::fs::read_to_string(document).unwrap();
    let known: Vec<String> = rows()
        .iter()
        .map(|row| row.operation.split('@').next().unwrap().to_owned())
        .collect();
    let missing: Vec<&str> = document
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("operationId: "))
        .filter(|id| !operations::WITHOUT_CALLER.contains(id))
        .filter(|id| !known.iter().any(|known| known == id))
        .collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

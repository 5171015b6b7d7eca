//! The README's tour: its own commands, run in order, print what it says.

use std::process::Command;

use crate::support::{Server, binary};

/// A block of commands with what it should print.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    commands: String,
    expected: Option<String>,
}

/// The blocks between the heading of the tour and the next heading.
fn blocks(readme: &str) -> Vec<Block> {
    let tour = readme
        .split("\n## A five-minute tour\n")
        .nth(1)
        .expect("a tour");
    let tour = tour.split("\n## ").next().expect("a section");
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = tour.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let text = text.join("\n");
        match language {
            "sh" => blocks.push(Block {
                commands: text,
                expected: None,
            }),
            "text" => {
                let block = blocks.last_mut().expect("output follows commands");
                block.expected = Some(text);
            }
            other => panic!("a block of {other:?} in the tour"),
        }
    }
    blocks
}

/// Whether a line is as expected; `…` stands for anything.
fn fits(expected: &str, found: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = found.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[test]
fn the_comparison_takes_what_fits_and_nothing_else() {
    for (expected, found) in [
        ("a", "a"),
        ("a … c", "a b c"),
        ("…", ""),
        ("… b … d", "a b c d"),
        ("a …", "a "),
    ] {
        assert!(fits(expected, found), "{expected:?} {found:?}");
    }
    for (expected, found) in [
        ("a", "ab"),
        ("a", ""),
        ("a … c", "a b d"),
        ("x…", "a"),
        ("… b … d", "a c d"),
    ] {
        assert!(!fits(expected, found), "{expected:?} {found:?}");
    }
    let readme = "# x\n\n## A five-minute tour\n\n```sh\na\nb\n```\n\n```text\nc\n```\n\n## Next\n\n```sh\nno\n```\n";
    let block = Block {
        commands: "a\nb".to_owned(),
        expected: Some("c".to_owned()),
    };
    assert_eq!(blocks(readme), [block]);
}

#[tokio::test]
async fn the_tour_prints_what_the_readme_says() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let blocks = blocks(&std::fs::read_to_string(readme).unwrap());
    assert!(blocks.len() >= 8, "the tour has {} blocks", blocks.len());
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let separator = "==== next block ====";
    let commands: Vec<&str> = blocks.iter().map(|block| block.commands.as_str()).collect();
    let script = commands.join(&format!("\necho '{separator}'\n"));
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        .env("BASE", server.url())
        .env("OWNER", server.owner_secret())
        .env("KEYLEDGER", binary())
        .env("KEYLEDGER_DATA_DIR", server.data())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{error}");
    let outputs: Vec<&str> = printed.split(separator).collect();
    assert_eq!(outputs.len(), blocks.len());
    for (block, found) in blocks.iter().zip(outputs) {
        let found = found.trim_matches('\n');
        let Some(expected) = &block.expected else {
            continue;
        };
        let (said, prints): (Vec<_>, Vec<_>) =
            (expected.lines().collect(), found.lines().collect());
        let same = said.len() == prints.len()
            && said
                .iter()
                .zip(&prints)
                .all(|(said, prints)| fits(said, prints));
        assert!(
            same,
            "{}\nshould print\n{expected}\nbut prints\n{found}",
            block.commands
        );
    }
    assert!(
        blocks
            .iter()
            .filter(|block| block.expected.is_some())
            .count()
            >= 8
    );
}

//! The README's tour: its own commands, run in order, print what it says.

use std::fmt::Write as _;
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
                let earlier = block.expected.replace(text);
                assert_eq!(earlier, None, "two outputs of {}", block.commands);
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

/// Whether all lines are as expected; a line that is only `…` stands for any number of lines.
fn all_fit(expected: &[&str], found: &[&str]) -> bool {
    match expected {
        [] => found.is_empty(),
        ["…", rest @ ..] => (0..=found.len()).any(|at| all_fit(rest, &found[at..])),
        [line, rest @ ..] => found
            .split_first()
            .is_some_and(|(first, others)| fits(line, first) && all_fit(rest, others)),
    }
}

/// What was said (`-`) against what was printed (`+`), from the first line that differs.
fn difference(expected: &[&str], found: &[&str]) -> String {
    let same = expected
        .iter()
        .zip(found)
        .take_while(|(said, prints)| **said != "…" && fits(said, prints))
        .count();
    let mut text = String::new();
    for (mark, lines) in [
        (' ', &found[..same]),
        ('-', &expected[same..]),
        ('+', &found[same..]),
    ] {
        for line in lines {
            writeln!(text, "{mark} {line}").expect("a text takes all");
        }
    }
    text
}

/// Stands between the outputs of two blocks.
const SEPARATOR: &str = "==== next block ====";

/// Runs the blocks in one bash, and says what is not as the document says.
fn run(blocks: &[Block], env: &[(&str, &str)]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let commands: Vec<&str> = blocks.iter().map(|block| block.commands.as_str()).collect();
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c"])
        .arg(commands.join(&format!("\necho '{SEPARATOR}'\n")))
        .current_dir(folder.path())
        // What the tour makes with `mktemp` goes with the folder.
        .env("TMPDIR", folder.path())
        .envs(env.iter().copied())
        .output()
        .expect("bash runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    let outputs: Vec<&str> = printed.split(SEPARATOR).collect();
    for (block, found) in blocks.iter().zip(&outputs) {
        let Some(expected) = &block.expected else {
            continue;
        };
        let expected: Vec<&str> = expected.lines().collect();
        let found: Vec<&str> = found.trim_matches('\n').lines().collect();
        if !all_fit(&expected, &found) {
            let difference = difference(&expected, &found);
            return Err(format!("{}\n\n{difference}\n{error}", block.commands));
        }
    }
    if !output.status.success() || outputs.len() != blocks.len() {
        let ended = outputs.len().min(blocks.len()) - 1;
        return Err(format!(
            "{}\n\nended the tour with {}\n{error}",
            blocks[ended].commands, output.status
        ));
    }
    Ok(())
}

#[test]
fn a_line_takes_what_fits_and_nothing_else() {
    for (expected, found) in [
        ("a", "a"),
        ("a … c", "a b c"),
        ("…", ""),
        ("… b … d", "a b c d"),
        ("a …", "a "),
        ("a … b", "a b b"),
    ] {
        assert!(fits(expected, found), "{expected:?} {found:?}");
    }
    for (expected, found) in [
        ("a", "ab"),
        ("a", ""),
        ("", "a"),
        ("a … c", "a b d"),
        ("x…", "a"),
        ("a…a", "a"),
        ("… b … d", "a c d"),
    ] {
        assert!(!fits(expected, found), "{expected:?} {found:?}");
    }
}

#[test]
fn an_ellipsis_alone_stands_for_any_number_of_lines() {
    for (expected, found) in [
        (&["…"][..], &[][..]),
        (&["…"], &["a", "b"]),
        (&["a", "…", "d"], &["a", "b", "c", "d"]),
        (&["a", "…", "d"], &["a", "d"]),
        (&["…", "b", "…"], &["a", "b", "b"]),
        (&["…", "b…"], &["b", "a", "bc"]),
    ] {
        assert!(all_fit(expected, found), "{expected:?} {found:?}");
    }
    for (expected, found) in [
        (&["a"][..], &["a", "b"][..]),
        (&["a", "b"], &["a"]),
        (&[], &["a"]),
        (&["a", "…", "d"], &["a", "d", "e"]),
        (&["…", "b", "…", "b"], &["a", "b"]),
        (&["a…"], &["a", "b"]),
    ] {
        assert!(!all_fit(expected, found), "{expected:?} {found:?}");
    }
}

/// A document with a tour of these blocks.
fn document(blocks: &str) -> String {
    format!(
        "# x\n\n```sh\nno\n```\n\n## A five-minute tour\n\n{blocks}\n## Next\n\n```sh\nno\n```\n"
    )
}

#[test]
fn a_tour_is_read_from_its_section_only() {
    let readme = document("Text.\n\n```sh\na\nb\n```\n\n```text\nc\n```\n\n```sh\nd\n```\n");
    let block = |commands: &str, expected: Option<&str>| Block {
        commands: commands.to_owned(),
        expected: expected.map(str::to_owned),
    };
    assert_eq!(
        blocks(&readme),
        [block("a\nb", Some("c")), block("d", None)]
    );
}

#[test]
fn a_tour_that_does_as_it_says_passes_in_one_shell_and_a_folder_of_its_own() {
    let readme = document(
        "```sh\nX=1; f() { echo \"f $X $GIVEN\"; }\necho noise >file\n```\n\n\
         ```sh\nf; cat file; ls; mktemp\n```\n\n```text\nf 1 …\nnoise\nfile\n/…\n```\n\n\
         ```sh\nseq 1 9\n```\n\n```text\n1\n…\n9\n```\n",
    );
    assert_eq!(run(&blocks(&readme), &[("GIVEN", "env")]), Ok(()));
}

#[test]
fn a_tour_that_prints_something_else_shows_the_difference() {
    let readme = document(
        "```sh\necho fine\n```\n\n```text\nfine\n```\n\n\
         ```sh\necho same; echo found; echo more\n```\n\n```text\nsame\nsaid …\n```\n",
    );
    let error = run(&blocks(&readme), &[]).expect_err("a difference");
    assert!(
        error.contains("  same\n- said …\n+ found\n+ more\n"),
        "{error}"
    );
    assert!(error.starts_with("echo same;"), "{error}");
    // What is printed beyond what is said is a difference too, and so is silence.
    for block in ["echo a; echo b", ":"] {
        let readme = document(&format!("```sh\n{block}\n```\n\n```text\na\n```\n"));
        assert!(run(&blocks(&readme), &[]).is_err(), "{block}");
    }
}

#[test]
fn a_tour_whose_command_fails_names_the_block() {
    for failing in [
        "false",
        "false | cat",
        "echo $UNSET_VARIABLE",
        "echo why >&2; exit 3",
    ] {
        let readme = document(&format!(
            "```sh\necho fine\n```\n\n```sh\n{failing}\necho on\n```\n\n```sh\necho last\n```\n"
        ));
        let error = run(&blocks(&readme), &[]).expect_err(failing);
        assert!(error.starts_with(failing), "{error}");
        assert!(error.contains("ended the tour with exit status"), "{error}");
    }
    // Leaving early without an error is not the whole tour either.
    let readme = document("```sh\nexit 0\n```\n\n```sh\necho last\n```\n");
    assert!(run(&blocks(&readme), &[]).is_err());
}

#[tokio::test]
async fn the_tour_prints_what_the_readme_says() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let blocks = blocks(&std::fs::read_to_string(readme).unwrap());
    assert!(blocks.len() >= 8, "the tour has {} blocks", blocks.len());
    let checked = blocks.iter().filter(|block| block.expected.is_some());
    assert!(checked.count() >= 8, "the tour says too little");
    let server = Server::start().await;
    let (base, binary, data) = (server.url(), binary(), server.data());
    let env = [
        ("BASE", base.as_str()),
        ("OWNER", server.owner_secret()),
        ("KEYLEDGER", binary.to_str().unwrap()),
        ("KEYLEDGER_DATA_DIR", data.to_str().unwrap()),
    ];
    if let Err(error) = run(&blocks, &env) {
        panic!("{error}");
    }
}

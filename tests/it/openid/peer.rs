//! A provider of identities beside the test: a script of `browser/` that says its issuer and serves until it is left.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::browser::{modules, repository};
use crate::support::{Answer, Api};

/// A running provider. It ends with the value.
pub struct Peer {
    child: Child,
    /// Its issuer, which is where it is.
    pub issuer: String,
}

impl Peer {
    /// Starts one and waits until it serves.
    pub fn start(script: &str, env: &[(&str, &str)]) -> Self {
        let mut command = Command::new("node");
        command
            .arg(repository("tests/it/browser").join(script))
            .env("NODE_PATH", modules())
            .envs(env.iter().copied())
            // It ends when this end is closed, so that it outlives no test.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It says on what version of Node it would rather run.
            .stderr(Stdio::null());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}: run `make test-deps`"));
        let stdout = child.stdout.as_mut().expect("piped");
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        assert!(read.expect("a line") > 0, "{script} ended");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        let issuer = said["issuer"].as_str().expect("an issuer").to_owned();
        Self { child, issuer }
    }

    /// Tells a liar how to lie from now on.
    pub async fn lie(&self, lie: &Value) {
        let liar = Api::anonymous(&self.issuer);
        liar.post("/lie", lie).await.expect(204);
    }

    /// What was asked of a liar.
    pub async fn seen(&self) -> Answer {
        Api::anonymous(&self.issuer).get("/seen").await.expect(200)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended = self.child.wait();
    }
}

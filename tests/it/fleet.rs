//! Several nodes over one PostgreSQL, under load, and what may go wrong with each part.

mod clock;
mod database;
mod disk;
mod load;
mod moving;
mod network;
mod nodes;
mod pooler;
mod roles;
mod start;
mod tables;

use keyledger_test_postgres::fresh_database;

use crate::support::{Api, Server};
use load::Written;

/// Nodes over one database.
pub struct Fleet {
    pub url: String,
    pub nodes: Vec<Server>,
}

impl Fleet {
    /// So many nodes over a new database of the server that tests share.
    pub async fn of(count: usize) -> Self {
        Self::over(&fresh_database().await, count, &[]).await
    }

    /// So many nodes over an empty database.
    pub async fn over(url: &str, count: usize, env: &[(&str, &str)]) -> Self {
        let mut all = env.to_vec();
        all.push(("DATABASE_URL", url));
        let mut nodes = vec![Server::start_with(&all).await];
        for _ in 1..count {
            nodes.push(Server::join(&nodes[0], &all).await);
        }
        Self {
            url: url.to_owned(),
            nodes,
        }
    }

    /// The owner's calls to each node.
    pub fn owners(&self) -> Vec<Api> {
        self.nodes.iter().map(|node| node.owner()).collect()
    }

    /// What was acknowledged is what the log at `url` holds, and what every node lists.
    pub async fn holds(&self, written: &Written, url: &str) {
        written.is_what_the_log_holds(url).await;
        self.settle().await;
        for node in self.owners() {
            written.is_what_it_lists(&node).await;
        }
    }

    /// Waits until all nodes have reached the position that the farthest has.
    pub async fn settle(&self) {
        let mut last = 0;
        for node in &self.nodes {
            last = last.max(node.position().await);
        }
        for node in &self.nodes {
            let waiting = node
                .owner()
                .with("X-Keyledger-Min-Position", &last.to_string());
            waiting.get("/api/v2/caller-identity").await.expect(200);
        }
    }
}

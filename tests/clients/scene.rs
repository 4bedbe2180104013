//! A router in practice, with the primary as a test wants it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Home, Server};

/// Where a model answers; lists and counts are not answered by the same provider as questions.
const ASKED: [&str; 3] = ["/v1/chat/completions", "/v1/messages", "/v1/responses"];

/// How the first of the two practice providers does.
#[derive(Clone, Copy, Debug)]
pub enum Primary {
    Well,
    /// 503 to everything: the other provider answers, which speaks the other vendor's dialect.
    Down,
    /// Its streams break off after this many events.
    Breaking(u32),
}

/// A router whose primary is as said.
pub struct Scene {
    pub home: Home,
    pub server: Server,
    primary: Primary,
}

impl Scene {
    pub async fn set(primary: Primary) -> Self {
        let home = Home::new();
        let server = home.serve().await;
        let events;
        let fault: &[&str] = match primary {
            Primary::Well => &["none"],
            Primary::Down => &["down"],
            Primary::Breaking(after) => {
                events = after.to_string();
                &["break-stream", &events]
            }
        };
        home.cli(&[&["practice", "fault", "practice-a"], fault].concat()).await.ok();
        Self { home, server, primary }
    }

    /// A program under `evenkeel run`, which tells it the router's address and key.
    pub fn run(&self, program: &Path) -> Command {
        let mut command = self.home.command(&["run", "--"]);
        command.arg(program);
        command
    }

    /// Who writes the answers.
    pub fn by(&self) -> &'static str {
        match self.primary {
            Primary::Well => "practice-a",
            Primary::Down | Primary::Breaking(_) => "practice-b",
        }
    }

    /// The rows of the ledger, newest first.
    pub async fn ledger(&self) -> Vec<Value> {
        let page = self.server.admin_get("/api/requests?limit=1000").await;
        page["requests"].as_array().expect("rows").clone()
    }

    /// Every answer came from the provider that should give it, was counted as good, and has its tokens written down.
    pub async fn assert_ledger(&self, at_least: usize) {
        let rows = self.ledger().await;
        let asked = |row: &&Value| ASKED.iter().any(|path| row["endpoint"] == *path);
        let answered: Vec<&Value> = rows.iter().filter(asked).filter(|row| row["outcome"] == "ok").collect();
        assert!(answered.len() >= at_least, "{at_least} answers, not {}", answered.len());
        for row in &answered {
            let facts = (row["provider"].as_str(), row["counted"].as_str());
            assert_eq!(facts, (Some(self.by()), Some("good")), "{row}");
            assert!(row["tokens"]["output"].as_u64() > Some(0), "{row}");
        }
        let seen = rows.iter().find(|row| row["counted"] == "bad" || row["outcome"] == "cancelled");
        assert_eq!(seen, None, "no client saw a failure, and none was taken for one that went away");
    }
}

//! Every tool, with settings as they are found on real machines.

use std::collections::BTreeMap;

use tempfile::TempDir;

use super::*;
use crate::connect::tool;

mod places;
mod trouble;

const KEY: &str = "ek-0123456789abcdefghijklmnopqrstuv";

/// An account with a home, and a data folder beside it.
struct Account {
    folder: TempDir,
    desk: Desk,
}

impl Account {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().join("home");
        fs::create_dir(&home).expect("a home");
        let paths = Paths::resolve(Some(&folder.path().join("data"))).expect("resolved");
        let around = Surroundings::at(&home, &[("SHELL", Path::new("/bin/bash"))]);
        Self { desk: Desk { paths, around }, folder }
    }

    /// The file of a tool that is installed.
    fn installed(&self, id: &str) -> PathBuf {
        let adapter = tool(id).expect("known");
        let (trace, file) = (adapter.trace(&self.desk.around), adapter.file(&self.desk.around));
        fs::create_dir_all(trace).expect("a folder");
        file
    }

    fn write(&self, id: &str, text: &str) -> PathBuf {
        let file = self.installed(id);
        fs::create_dir_all(file.parent().expect("it has one")).expect("a folder");
        fs::write(&file, text).expect("written");
        file
    }

    fn connect(&self, id: &str) -> Result<ToolChange, Failure> {
        self.connect_to(id, &target("127.0.0.1:9950", KEY))
    }

    fn connect_to(&self, id: &str, target: &Target) -> Result<ToolChange, Failure> {
        let prepared = self.desk.connect(tool(id)?, target)?;
        self.desk.apply(&prepared)
    }

    fn disconnect(&self, id: &str) -> Result<ToolChange, Failure> {
        match self.desk.disconnect(tool(id)?)? {
            Some(prepared) => self.desk.apply(&prepared),
            None => Ok(self.desk.nothing_to_take_back(tool(id)?)),
        }
    }

    fn state(&self, id: &str) -> ToolState {
        self.row(id).state
    }

    fn row(&self, id: &str) -> ToolRow {
        let list = self.desk.list(Some(&target("127.0.0.1:9950", KEY))).expect("listed");
        list.tools.into_iter().find(|row| row.tool == id).expect("a row")
    }

    /// Every file and folder of the home, with what is in it.
    fn everything(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().join("home")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("listed") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path.clone(), fs::read(&path).ok());
            }
        }
        found
    }
}

fn target(address: &str, key: &str) -> Target {
    Target {
        address: address.parse().expect("an address"),
        key: key.to_owned(),
        program: "evenkeel".to_owned(),
    }
}

fn read_text(file: &Path) -> String {
    fs::read_to_string(file).expect("it can be read")
}

/// Settings of each tool as people have them: comments, other keys, other line ends, nothing.
fn samples(id: &str) -> Vec<&'static str> {
    match id {
        "claude-code" => vec![
            "",
            "{}",
            "{\n  \"model\": \"opus\",\n  \"permissions\": {\n    \"allow\": [\"Bash(ls:*)\"]\n  }\n}\n",
            "{\n  \"env\": {\n    \"ANTHROPIC_API_KEY\": \"sk-ant-mine\",\n    \"FOO\": \"bar\"\n  },\n  \"hooks\": {}\n}",
            "{\r\n\t\"env\": {\r\n\t\t\"ANTHROPIC_BASE_URL\": \"https://gateway.example\"\r\n\t}\r\n}\r\n",
            "\u{feff}{\"env\":{\"ANTHROPIC_AUTH_TOKEN\":\"mine\"}}",
        ],
        "codex" => vec![
            "",
            "# mine\nmodel = \"gpt-5\" # the one\n\n[tui]\ntheme = \"x\"\r\n",
            "model_provider = \"other\"\n",
        ],
        "aider" => vec![
            "",
            "# my aider\nmodel: sonnet  # good\nauto-commits: false\n",
            "openai-api-key: sk-mine # secret\nset-env:\n  - A=1\n\n# the end\n",
            "set-env:\r\n- A=1\r\ndark-mode: true\r\n",
            "model: x",
        ],
        "continue" => vec![
            "",
            "name: Mine\nversion: 0.0.1\nschema: v1\nmodels:\n  - name: GPT\n    provider: openai\n    model: gpt-4o\n    apiKey: sk-mine # mine\n\ncontext:\n  - provider: code\n",
            "name: Mine\nversion: 0.0.1\nschema: v1\n# no models yet\n",
        ],
        "opencode" => vec![
            "",
            "{\n  // mine\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"theme\": \"x\",\n  \"provider\": {\n    \"openai\": { \"options\": { \"timeout\": 5, }, },\n  },\n}\n",
        ],
        "cline" => vec![
            "",
            "{\n  \"version\": 1,\n  \"lastUsedProvider\": \"anthropic\",\n  \"modes\": {},\n  \"providers\": {\n    \"anthropic\": {\n      \"settings\": {\n        \"provider\": \"anthropic\",\n        \"apiKey\": \"sk-ant-mine\"\n      },\n      \"updatedAt\": \"2026-11-23T20:38:15.370Z\",\n      \"tokenSource\": \"manual\"\n    }\n  }\n}",
        ],
        "zed" => vec![
            "",
            "// Zed settings\n//\n// For information, see the documentation\n{\n  \"theme\": \"One\", // nice\n  \"vim_mode\": true,\n  /* models */\n  \"language_models\": {\n    \"ollama\": { \"api_url\": \"http://localhost:11434\" },\n  },\n}\n",
        ],
        "shell" => vec!["", "export A=b\nalias ll='ls -l'", "# ~/.bashrc\nexport A=b\n\n"],
        other => panic!("{other} has no samples"),
    }
}

#[test]
fn every_tool_is_connected_and_put_back_to_the_byte() {
    for adapter in ALL {
        let id = adapter.id();
        for sample in samples(id) {
            let account = Account::new();
            let file = account.write(id, sample);
            let before = account.everything();
            assert_eq!(account.state(id), ToolState::NotConnected);

            let done = account.connect(id).unwrap_or_else(|failure| panic!("{id} {sample:?}: {failure:?}"));
            assert!(done.applied && !done.diff.is_empty() && !done.diff.contains(KEY), "{id}: {}", done.diff);
            let text = read_text(&file);
            assert!(text.contains("127.0.0.1:9950") || id == "shell", "{id}: {text}");
            assert_eq!(account.state(id), ToolState::Connected, "{id} {sample:?}");

            // Again: nothing to do, and nothing of ours is taken for what was there before.
            let prepared = account
                .desk
                .connect(tool(id).expect("known"), &target("127.0.0.1:9950", KEY))
                .expect("again");
            assert!(!prepared.changes(), "{id} {sample:?}: {}", prepared.told(false).diff);
            account.desk.apply(&prepared).expect("remembered");

            let undone = account.disconnect(id).expect("put back");
            assert!(undone.left.is_empty(), "{id}: {:?}", undone.left);
            assert_eq!(account.everything(), before, "{id} {sample:?}");
            assert_eq!(account.state(id), ToolState::NotConnected);
        }
    }
}

#[test]
fn files_and_folders_that_were_not_there_go_again() {
    for adapter in ALL {
        let id = adapter.id();
        let account = Account::new();
        let file = account.installed(id);
        let before = account.everything();
        account.connect(id).expect("connected");
        assert!(file.exists(), "{id}");
        assert_eq!(account.state(id), ToolState::Connected, "{id}");
        account.disconnect(id).expect("put back");
        assert_eq!(account.everything(), before, "{id}");
    }
}

#[test]
fn a_file_we_made_stays_if_its_owner_put_something_in_it() {
    let account = Account::new();
    let file = account.installed("claude-code");
    account.connect("claude-code").expect("connected");
    let text = read_text(&file).replacen('{', "{\n  \"model\": \"opus\",", 1);
    fs::write(&file, text).expect("written");
    assert_eq!(account.state("claude-code"), ToolState::Connected);
    account.disconnect("claude-code").expect("put back");
    assert_eq!(Format::Json.read(&read_text(&file)), Ok(serde_json::json!({"model": "opus"})));
}

#[test]
fn a_value_changed_since_is_left_alone_and_said() {
    let account = Account::new();
    let file = account.write("claude-code", "{\"env\": {\"ANTHROPIC_BASE_URL\": \"https://old.example\"}}");
    account.connect("claude-code").expect("connected");
    fs::write(&file, read_text(&file).replace("http://127.0.0.1:9950", "https://new.example"))
        .expect("written");
    assert_eq!(account.state("claude-code"), ToolState::Changed);
    let undone = account.disconnect("claude-code").expect("put back");
    assert_eq!(undone.left, ["env.ANTHROPIC_BASE_URL"]);
    let text = read_text(&file);
    assert!(text.contains("https://new.example") && !text.contains(KEY), "{text}");
}

#[test]
fn a_new_key_or_address_makes_the_old_one_outdated_and_keeps_what_was_there_first() {
    for adapter in ALL.iter().filter(|adapter| adapter.id() != "shell") {
        let id = adapter.id();
        let account = Account::new();
        let sample = samples(id)[1];
        account.write(id, sample);
        let before = account.everything();
        account
            .connect_to(id, &target("127.0.0.1:9951", "ek-old3456789abcdefghijklmnopqrstuv"))
            .expect("connected");
        assert_eq!(account.state(id), ToolState::Outdated, "{id}");
        assert_eq!(account.desk.lost(&target("127.0.0.1:9950", KEY)).expect("looked").len(), 1);
        account.connect(id).expect("connected again");
        assert_eq!(account.state(id), ToolState::Connected, "{id}");
        assert!(account.desk.lost(&target("127.0.0.1:9950", KEY)).expect("looked").is_empty());
        account.disconnect(id).expect("put back");
        assert_eq!(account.everything(), before, "{id}");
    }
}

#[test]
fn with_the_journal_lost_our_values_go_and_are_not_put_back() {
    let account = Account::new();
    let file = account.write("claude-code", "{\"env\": {\"FOO\": \"bar\"}}");
    account.connect("claude-code").expect("connected");
    fs::remove_file(account.desk.paths.tools()).expect("lost");
    assert_eq!(account.state("claude-code"), ToolState::NotConnected);
    account.connect("claude-code").expect("connected");
    account.disconnect("claude-code").expect("put back");
    assert_eq!(Format::Json.read(&read_text(&file)), Ok(serde_json::json!({"env": {"FOO": "bar"}})));
}

#[test]
fn a_date_that_the_tool_itself_keeps_is_nobody_s_change() {
    let account = Account::new();
    let file = account.write("cline", samples("cline")[1]);
    account.connect("cline").expect("connected");
    fs::write(&file, read_text(&file).replace("2026-01-01T00:00:00.000Z", "2026-11-23T21:02:00.000Z"))
        .expect("written");
    assert_eq!(account.state("cline"), ToolState::Connected);
    assert!(account.disconnect("cline").expect("put back").left.is_empty());
    assert_eq!(Format::Json.read(&read_text(&file)), Format::Json.read(samples("cline")[1]));
}

//! Where tools keep their settings when a variable says so.

use super::*;

fn file(id: &str, variables: &[(&str, &Path)]) -> PathBuf {
    tool(id).expect("known").file(&Surroundings::at(Path::new("/h"), variables))
}

#[test]
fn each_tool_s_own_variable_is_followed() {
    let elsewhere = Path::new("/else");
    for (id, variable, expected) in [
        ("claude-code", "CLAUDE_CONFIG_DIR", "/else/settings.json"),
        ("codex", "CODEX_HOME", "/else/evenkeel.config.toml"),
        ("continue", "CONTINUE_GLOBAL_DIR", "/else/config.yaml"),
        ("opencode", "XDG_CONFIG_HOME", "/else/opencode/opencode.json"),
        ("opencode", "OPENCODE_CONFIG_DIR", "/else/opencode.json"),
        ("opencode", "OPENCODE_CONFIG", "/else"),
        ("cline", "CLINE_DIR", "/else/data/settings/providers.json"),
        ("cline", "CLINE_DATA_DIR", "/else/settings/providers.json"),
        ("cline", "CLINE_PROVIDER_SETTINGS_PATH", "/else"),
    ] {
        assert_eq!(file(id, &[(variable, elsewhere)]), Path::new(expected), "{variable}");
        let usual = file(id, &[(variable, Path::new(""))]);
        assert!(usual.starts_with("/h"), "{id}: an empty {variable} counts as none, not {}", usual.display());
    }
    assert_eq!(file("codex", &[("CODEX_HOME", Path::new("~/c"))]), Path::new("/h/c/evenkeel.config.toml"));
}

#[cfg(target_os = "linux")]
#[test]
fn each_shell_has_its_own_file() {
    for (shell, expected) in [
        ("/bin/bash", "/h/.bashrc"),
        ("/usr/bin/zsh", "/h/.zshrc"),
        ("/usr/bin/fish", "/h/.config/fish/config.fish"),
        ("/usr/bin/pwsh", "/h/.config/powershell/Microsoft.PowerShell_profile.ps1"),
        ("/bin/dash", "/h/.profile"),
    ] {
        assert_eq!(file("shell", &[("SHELL", Path::new(shell))]), Path::new(expected));
    }
    let zsh = [("SHELL", Path::new("/bin/zsh")), ("ZDOTDIR", Path::new("/z"))];
    assert_eq!(file("shell", &zsh), Path::new("/z/.zshrc"));
    assert_eq!(file("zed", &[("XDG_CONFIG_HOME", Path::new("/x"))]), Path::new("/x/zed/settings.json"));
}

#[test]
fn opencode_s_file_with_comments_wins_where_there_is_one() {
    let account = Account::new();
    let plain = account.installed("opencode");
    fs::write(plain.with_extension("jsonc"), "{}").expect("written");
    assert_eq!(tool("opencode").expect("known").file(&account.desk.around), plain.with_extension("jsonc"));
}

use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Args, clap::Error> {
    Args::try_parse_from(line.split_whitespace())
}

#[test]
fn the_arguments_are_well_formed() {
    Args::command().debug_assert();
}

#[test]
fn what_follows_run_belongs_to_the_command() {
    let args = parse("evenkeel run -- claude --json --home x").expect("parsed");
    assert!(!args.json);
    let Some(Command::Run { command }) = args.command else { panic!("run") };
    assert_eq!(command, ["claude", "--json", "--home", "x"]);
}

#[test]
fn home_and_json_go_before_and_after_a_command() {
    for line in ["evenkeel --home /x --json status", "evenkeel status --home /x --json"] {
        let args = parse(line).expect("parsed");
        assert_eq!(args.home.as_deref(), Some(std::path::Path::new("/x")));
        assert!(args.json);
    }
}

#[test]
fn commands_of_later_releases_are_not_offered() {
    let help = Args::command().render_long_help().to_string();
    for later in ["kit", "drill", "import"] {
        assert!(!help.lines().any(|line| line.trim_start().starts_with(later)), "{later}");
    }
}

#[test]
fn a_mistyped_option_is_told_in_two_lines() {
    let error = parse("evenkeel requests --sinec 1h").expect_err("mistyped");
    let (message, hint) = words::of_a_usage_error(&error.render().to_string());
    assert!(message.contains("--sinec") && message.contains("--since"), "{message}");
    assert!(hint.starts_with("Usage: evenkeel requests"), "{hint}");
}

#[test]
fn csv_and_json_exclude_each_other() {
    assert!(parse("evenkeel requests --csv --json").is_err());
}

use proptest::prelude::*;
use serde_json::json;

use super::super::{Change, apply};
use crate::parse;

/// Parts of a file in any notation, each valid wherever it stands after the ones before.
fn part() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "# a comment\n",
        "\n",
        "  \n",
        "[server]\nrequire_key = true # said so\n",
        "[cache]\r\nserve = 'never'\r\n",
        "[guardrails]\non_exceed = [\n\t\"truncate\", # one\n\n\t'reject'\n]\n",
        "[providers.openai]\nkey = 'none' # x\n",
        "[providers]\nanthropic = { key = 'none' } # in a line\n",
        "[[routes]]\nname = 'one'\nprimary = { provider = 'openai' }\n",
        "[[routes]]\nname = 'two' # second\n[routes.guardrails]\nmax_input_tokens = 1_000\n",
        "[[slo]]\r\nname = 'Mine'\r\n",
        "[alerts]\n# about nights\nquiet_hours = \"22:00-07:00\"",
    ])
}

fn change() -> impl Strategy<Value = Change> {
    let set = |path: &str, value| Change::Set { path: path.to_owned(), value };
    let unset = |path: &str| Change::Unset { path: path.to_owned() };
    prop::sample::select(vec![
        set("bypass", json!(true)),
        set("server.max_body", json!("1MiB")),
        set("routes[0].retries", json!(2)),
        set("routes[0].guardrails.max_cost_per_day", json!(1.5)),
        set("slo[0].p95", json!("3s")),
        set("guardrails.on_exceed", json!(["reject"])),
        set("providers.anthropic.watch", json!("streams")),
        set("alerts", json!({ "notices": false })),
        unset("alerts.quiet_hours"),
        unset("cache.serve"),
        unset("guardrails"),
        unset("routes[0]"),
        Change::AddProvider { name: "groq".to_owned(), values: serde_json::Map::new() },
        Change::RemoveProvider { name: "openai".to_owned() },
        Change::RenameProvider { name: "openai".to_owned(), to: "mine".to_owned() },
    ])
}

proptest! {
    /// What a change says it did is what the file means; comments away from it stay, in their order.
    #[test]
    fn a_change_keeps_the_comments_and_the_rest_of_the_file(parts in prop::collection::vec(part(), 0..9), change in change()) {
        let text = parts.concat();
        prop_assume!(parse(&text).is_ok());
        let Ok(changed) = apply(&text, std::slice::from_ref(&change)) else {
            let may_fail = matches!(change, Change::RemoveProvider { .. } | Change::RenameProvider { .. } | Change::AddProvider { .. });
            prop_assert!(may_fail, "{change:?} could not be made in {text:?}");
            return Ok(());
        };
        let removes = matches!(&change, Change::RemoveProvider { .. } | Change::Unset { .. })
            || matches!(&change, Change::Set { path, .. } if path == "alerts" || path == "guardrails.on_exceed");
        for comment in ["# said so", "# in a line", "# about nights", "# second"] {
            if !removes {
                prop_assert_eq!(text.matches(comment).count(), changed.matches(comment).count(), "{} in {:?}", comment, changed);
            }
        }
        let again = apply(&changed, std::slice::from_ref(&change));
        if let (Change::Set { .. }, Ok(again)) = (&change, again) {
            prop_assert_eq!(again, changed, "twice is once");
        }
    }

    #[test]
    fn no_path_and_no_text_panics(path in "\\PC{0,24}", text in "\\PC{0,60}") {
        let _ = apply(&text, &[Change::Set { path: path.clone(), value: json!(1) }, Change::Unset { path }]);
    }
}

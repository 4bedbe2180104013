//! The file is read strictly: a slip in it must not become a fact.

use super::*;

const VENDOR: &str = "prefixes = []\n[[vendor]]\nname = \"v\"\nhosts = [\"v.example\"]\ndated = [\"-20??\"]\n\
    source = \"https://v.example\"\ndate = \"2026-01-01\"\n";

fn read(family: &str) -> Result<Catalogue, String> {
    read::catalogue(&format!("{VENDOR}[[family]]\nvendor = \"v\"\n{family}"))
        .map_err(|error| error.to_string())
}

fn refused(family: &str) -> String {
    read(family).map(|_| ()).unwrap_err()
}

#[test]
fn a_line_says_more_than_its_family_and_its_family_more_than_the_original() {
    let catalogue = read(
        "max_output = 5\nsampling = false\nmodels = [\n\
         { name = \"a\", tier = \"fast\", context = 100, images = true, min_cacheable = 7, retired = true },\n\
         { name = \"b\", tier = \"fast\", of = \"a\", sampling = true },\n]\n",
    )
    .unwrap();
    let copy = catalogue.find("b").unwrap();
    assert_eq!((copy.context, copy.max_output, copy.min_cacheable), (Some(100), Some(5), Some(7)));
    assert!(copy.images && copy.sampling && !copy.retired);
    assert!(!catalogue.find("a").unwrap().sampling);
}

#[test]
fn the_most_particular_alias_wins() {
    let catalogue = read(
        "models = [\n{ name = \"a\", tier = \"fast\", aliases = [\"m-*\"] },\n\
         { name = \"b\", tier = \"fast\", aliases = [\"m-large-*\"] },\n]\n",
    )
    .unwrap();
    let name = |asked: &str| catalogue.find(asked).map(|model| model.name.as_str());
    assert_eq!((name("m-small"), name("m-large-1"), name("b-2026")), (Some("a"), Some("b"), Some("b")));
}

#[test]
fn a_model_that_thinks_whatever_it_is_told_takes_no_tools_where_thinking_forbids_them() {
    let catalogue = read(
        "thinking = \"effort\"\ntools_without_thinking = true\nmodels = [\n\
         { name = \"can-rest\", tier = \"fast\", efforts = [\"none\", \"low\"] },\n\
         { name = \"cannot\", tier = \"fast\", efforts = [\"low\"] },\n\
         { name = \"elsewhere\", tier = \"fast\", efforts = [\"none\"], responses_only = true },\n]\n",
    )
    .unwrap();
    let tools = |name: &str| catalogue.find(name).unwrap().tools_in_chat;
    assert_eq!(tools("can-rest"), ToolsInChat::WithoutThinking);
    assert_eq!((tools("cannot"), tools("elsewhere")), (ToolsInChat::Never, ToolsInChat::Never));
}

#[test]
fn slips_are_refused_by_name() {
    let model = "models = [{ name = \"a\", tier = \"fast\"";
    assert_eq!(refused(&format!("{model}, imges = true }}]")), "a: a model has no key imges");
    assert_eq!(refused(&format!("imges = true\n{model} }}]")), "v: a family has no key imges");
    assert_eq!(refused(&format!("{model}, of = \"z\" }}]")), "a: z isn't above");
    assert_eq!(
        refused(&format!("{model} }}, {{ name = \"a\", tier = \"fast\" }}]")),
        "a: two models have this name"
    );
    assert_eq!(refused("models = [{ name = \"a\" }]"), "a: a model has either a tier or dimensions");
    assert_eq!(
        refused(&format!("{model}, dimensions = 3 }}]")),
        "a: a model has either a tier or dimensions"
    );
    assert!(refused("models = [{ name = \"a\", tier = \"fastest\" }]").contains("fastest"));
    let stranger = read::catalogue("prefixes = []\nvendor = []\n[[family]]\nvendor = \"x\"\nmodels = []\n");
    assert_eq!(stranger.unwrap_err().to_string(), "x: there is no vendor of this name");
}

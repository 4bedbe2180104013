//! Writes the dashboard's copy of the types, and fails when it is not what would be written.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use ts_rs::{Config, TS};

use evenkeel_slo::{
    Cause,
    budget::{BurnColour, ChangeKind},
    report,
    standing::{Band, Policy},
    tally::Basis,
    words::{Tile, Words},
};

use super::*;
use crate::run_file::Kind;

/// Says to write the files instead of comparing them.
const WRITE: &str = "EVENKEEL_WRITE_TYPES";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/api/types")
}

/// The files of these types, by name.
macro_rules! files {
    ($($of:ty),* $(,)?) => {{
        let config = Config::new().with_large_int("number");
        [$((
            <$of as TS>::output_path().expect("it has a file of its own").display().to_string(),
            <$of as TS>::export_to_string(&config).expect("it can be exported"),
        )),*]
    }};
}

fn generated() -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = own().into_iter().chain(reports()).collect();
    let index = files.keys().filter_map(|name| name.strip_suffix(".ts")).fold(
        "// One import for all of them. Written with the files beside it; edit the Rust types instead.\n"
            .to_owned(),
        |index, name| format!("{index}export type {{ {name} }} from \"./{name}\";\n"),
    );
    files.insert("index.ts".to_owned(), index);
    files
}

fn own() -> impl IntoIterator<Item = (String, String)> {
    files!(
        Acknowledge,
        AlertList,
        AlertRow,
        AlertTest,
        ApiError,
        AttemptRow,
        BreakerStatus,
        BypassStatus,
        CacheCleared,
        CacheMoved,
        CacheStats,
        CacheTrouble,
        ChangeTool,
        ChartMark,
        ChartView,
        CheckReport,
        CheckedProvider,
        ConfigChange,
        ConfigRefusal,
        ConfigView,
        DashboardLink,
        DeclareWindow,
        DeclaredWindow,
        EditConfig,
        Freeze,
        Frozen,
        KeyList,
        KeyRow,
        Kind,
        LiveEvent,
        Meanwhile,
        MoveCache,
        NetworkStatus,
        NewTenant,
        PauseAlerts,
        PracticeProvider,
        PracticeStatus,
        Problem,
        ProviderPreset,
        ProviderStatus,
        ProviderTest,
        ProviderTestStep,
        RequestDetail,
        RequestRow,
        RequestsPage,
        SetBypass,
        SetFault,
        SetForce,
        SetKey,
        SloSummary,
        State,
        Status,
        TenantKey,
        TenantList,
        TenantRow,
        TestProvider,
        TestRequest,
        TestedPage,
        TokenCounts,
        ToolChange,
        ToolList,
        ToolRow,
        ToolState,
        Usd,
    )
}

/// What `evenkeel-slo` says of the promises.
fn reports() -> impl IntoIterator<Item = (String, String)> {
    files!(
        report::Book,
        report::CauseSpend,
        report::ChangeNote,
        report::CostReport,
        report::Coverage,
        report::EntryReport,
        report::ForecastReport,
        report::FrozenReport,
        report::LatencyReport,
        report::NotCounted,
        report::OlderEntries,
        report::SavedExcluded,
        report::SloDocument,
        report::SloReport,
        report::SuccessReport,
        report::WindowReport,
        Basis,
        Band,
        BurnColour,
        Cause,
        ChangeKind,
        Policy,
        Tile,
        Words,
    )
}

#[test]
fn types_of_the_dashboard_are_those_of_the_api() {
    let files = generated();
    if env::var_os(WRITE).is_some() {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).expect("the folder can be made");
        for (name, text) in &files {
            fs::write(folder().join(name), text).expect("the file can be written");
        }
        return;
    }
    let kept: BTreeMap<_, _> = fs::read_dir(folder())
        .map(|entries| {
            entries
                .filter_map(Result::ok)
                .filter_map(|entry| {
                    let text = fs::read_to_string(entry.path()).ok()?;
                    Some((entry.file_name().to_string_lossy().into_owned(), text.replace("\r\n", "\n")))
                })
                .collect()
        })
        .unwrap_or_default();
    let drifted: Vec<_> =
        files.keys().chain(kept.keys()).filter(|name| files.get(*name) != kept.get(*name)).collect();
    assert!(
        drifted.is_empty(),
        "ui/src/api/types differs from the Rust types in {drifted:?}: \
         run {WRITE}=1 cargo nextest run -p evenkeel types"
    );
}

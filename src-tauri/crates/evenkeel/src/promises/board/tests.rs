use super::*;
use crate::{
    app::{App, Options},
    paths::Paths,
    run_file::Kind,
};

/// A whole app in practice, whose requests used none of its budget.
struct Home {
    folder: tempfile::TempDir,
    app: App,
    running: Arc<Running>,
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::over(folder).await
    }

    async fn over(folder: tempfile::TempDir) -> Self {
        let options = Options {
            paths: Paths::resolve(Some(folder.path())).expect("resolved"),
            listen: Some("127.0.0.1:0".parse().expect("an address")),
            practice: false,
            demo_data: false,
            config_must_exist: false,
            kind: Kind::Headless,
        };
        let app = App::start(options).await.expect("started");
        let running = app.running_for_tests();
        Self { folder, app, running }
    }

    /// The promise that is declared where none is.
    fn slo(&self) -> Slo {
        self.running.settings().config.slos.first().expect("one").clone()
    }

    async fn hold(&self) -> Hold {
        self.running.hold(&self.slo(), true).await
    }

    /// The second half of a look that saw this in its first.
    async fn look_that_saw(&self, seen: Hold) {
        self.running.follow(&self.slo(), true, seen, Timestamp::now()).await.expect("kept");
    }
}

#[tokio::test]
async fn a_look_that_began_before_a_freeze_does_not_lift_it() {
    let home = Home::new().await;
    let seen = home.hold().await;
    assert_eq!(seen, Hold::Free);
    home.running.freeze(Some("the fair is on".to_owned())).await.expect("frozen");
    let frozen = home.hold().await;
    home.look_that_saw(seen).await;
    assert!(frozen.is_frozen());
    assert_eq!(home.hold().await, frozen);
    assert!(home.running.promises.seen().frozen);
    // Nor in what a restart would find.
    home.app.shut_down().await;
    let home = Home::over(home.folder).await;
    assert_eq!(home.hold().await, frozen);
    home.app.shut_down().await;
}

#[tokio::test]
async fn a_look_that_began_before_a_thaw_does_not_freeze_again() {
    let home = Home::new().await;
    home.running.freeze(None).await.expect("frozen");
    let seen = home.hold().await;
    assert!(seen.is_frozen());
    home.running.thaw().await.expect("thawed");
    home.look_that_saw(seen).await;
    assert_eq!(home.hold().await, Hold::Free);
    home.app.shut_down().await;
}

#[tokio::test]
async fn a_look_that_nobody_disturbed_is_kept() {
    let home = Home::new().await;
    let used_up = Hold::UsedUp { since: Timestamp::now() };
    home.running.keep_hold(&home.slo(), true, used_up.clone(), None).await.expect("kept");
    home.look_that_saw(used_up).await;
    assert_eq!(home.hold().await, Hold::Free, "there is budget left");
    home.app.shut_down().await;
}

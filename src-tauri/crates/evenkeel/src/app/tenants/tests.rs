use std::fs;

use super::*;

struct Home {
    _folder: tempfile::TempDir,
    paths: Paths,
    store: Store,
}

fn home() -> Home {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::resolve(Some(folder.path())).expect("resolved");
    let store = Store::open(folder.path()).expect("opened");
    Home { _folder: folder, paths, store }
}

impl Home {
    fn config(&self) -> String {
        fs::read_to_string(self.paths.config_file()).unwrap_or_default()
    }

    fn tenants(&self) -> Tenants {
        let configured = evenkeel_config::parse(&self.config()).expect("valid").config.tenants;
        Tenants::new(self.store.clone(), self.paths.clone(), configured)
    }

    async fn hash(&self, name: &str) -> Option<[u8; 32]> {
        let stored = self.store.tenants().await.expect("read");
        stored.into_iter().find(|tenant| tenant.name == name).and_then(|tenant| tenant.key_hash)
    }
}

fn acme() -> NewTenant {
    NewTenant { name: "acme".to_owned(), features: vec!["support-bot".to_owned()] }
}

#[tokio::test]
async fn a_new_tenant_is_in_the_file_and_its_key_only_as_a_hash() {
    let home = home();
    fs::write(home.paths.config_file(), "# mine\nbypass = false\n").expect("written");
    let made = home.tenants().add(&acme()).await.expect("added");
    assert!(keys::local::looks_like_one(&made.key));
    assert_eq!(home.hash("acme").await, Some(hash_key(&made.key)));
    assert!(home.config().contains("# mine"), "comments stay");
    assert!(home.config().contains("[tenants.acme]"));
    assert!(!home.config().contains(&made.key));
    let list = home.tenants().list().await.expect("listed");
    assert_eq!(list.tenants[0].features, ["support-bot"]);
}

#[tokio::test]
async fn a_second_one_of_the_name_is_refused_with_the_way_out() {
    let home = home();
    home.tenants().add(&acme()).await.expect("added");
    let failure = home.tenants().add(&acme()).await.expect_err("there already");
    assert_eq!(failure.code, Code::TenantExists);
    assert!(failure.hint.expect("a hint").contains("tenant rotate acme"));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_leaves_no_tenant_behind() {
    let home = home();
    fs::write(home.paths.config_file(), "").expect("written");
    let mut permissions = fs::metadata(home.paths.config_file()).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(home.paths.config_file(), permissions).expect("set");
    let failure = home.tenants().add(&acme()).await.expect_err("read-only");
    assert_eq!(failure.code, Code::ConfigUnwritable);
    assert_eq!(home.hash("acme").await, None);
}

#[tokio::test]
async fn a_broken_file_is_not_touched() {
    let home = home();
    fs::write(home.paths.config_file(), "[server\n").expect("written");
    let tenants = Tenants::new(home.store.clone(), home.paths.clone(), Vec::new());
    let failure = tenants.add(&acme()).await.expect_err("broken");
    assert_eq!(failure.code, Code::ConfigInvalid);
    assert_eq!(home.config(), "[server\n");
    assert_eq!(home.hash("acme").await, None);
}

#[tokio::test]
async fn rotating_makes_the_old_key_worthless() {
    let home = home();
    let first = home.tenants().add(&acme()).await.expect("added");
    let second = home.tenants().rotate("acme").await.expect("rotated");
    assert_ne!(first.key, second.key);
    assert_eq!(home.hash("acme").await, Some(hash_key(&second.key)));
    assert_eq!(second.features, ["support-bot"]);
}

#[tokio::test]
async fn a_tenant_written_by_hand_gets_its_key_by_rotate() {
    let home = home();
    fs::write(home.paths.config_file(), "[tenants.byhand]\nfeatures = [\"f\"]\n").expect("written");
    let list = home.tenants().list().await.expect("listed");
    assert_eq!(list.tenants[0].created_at, None);
    let made = home.tenants().rotate("byhand").await.expect("rotated");
    assert_eq!(home.hash("byhand").await, Some(hash_key(&made.key)));
}

#[tokio::test]
async fn removing_takes_both_halves() {
    let home = home();
    home.tenants().add(&acme()).await.expect("added");
    let left = home.tenants().remove("acme").await.expect("removed");
    assert!(left.tenants.is_empty());
    assert!(!home.config().contains("acme"));
    assert_eq!(home.tenants().remove("acme").await.expect_err("gone").code, Code::UnknownTenant);
}

#[tokio::test]
async fn local_is_there_from_the_start_and_stays() {
    let home = home();
    home.tenants().ensure_local().await.expect("made");
    let key = keys::local::read(&home.paths.local_key()).expect("kept in its file");
    assert_eq!(home.hash(LOCAL).await, Some(hash_key(&key)));
    assert_eq!(home.tenants().remove(LOCAL).await.expect_err("reserved").code, Code::TenantReserved);

    fs::remove_file(home.paths.local_key()).expect("lost");
    home.tenants().ensure_local().await.expect("made again");
    let new = keys::local::read(&home.paths.local_key()).expect("kept in its file");
    assert_ne!(key, new);
    assert_eq!(home.hash(LOCAL).await, Some(hash_key(&new)));
}

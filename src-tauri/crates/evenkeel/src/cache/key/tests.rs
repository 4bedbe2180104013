use super::*;

fn home() -> (tempfile::TempDir, Paths) {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::resolve(Some(folder.path())).expect("resolved");
    (folder, paths)
}

fn config(text: &str) -> Config {
    evenkeel_config::parse(text).expect("a valid configuration").config
}

/// As if the keychain had been asked; unit tests have none.
async fn asked() -> KeyRing {
    let ring = KeyRing::default();
    ring.read_one(NAME).await;
    ring
}

#[tokio::test]
async fn before_the_keychain_has_spoken_no_key_is_made() {
    let (_folder, paths) = home();
    let found = find(&KeyRing::default(), &config(""), &paths, None).await;
    assert_eq!(found.expect_err("not yet"), Missing::Unread);
    assert!(!paths.cache_key().exists());
}

#[tokio::test]
async fn without_a_keychain_the_first_key_goes_into_a_private_file_and_is_found_there_again() {
    let (_folder, paths) = home();
    let ring = asked().await;
    let first = find(&ring, &config(""), &paths, None).await.expect("made");
    assert!(first.made && first.place == Place::File);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = || fs::metadata(paths.cache_key()).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(paths.cache_key(), fs::Permissions::from_mode(0o644)).expect("set");
        find(&ring, &config(""), &paths, Some(Place::File)).await.expect("found");
        assert_eq!(mode(), 0o600, "private again after a careless copy");
    }
    let second = find(&ring, &config(""), &paths, Some(Place::File)).await.expect("found");
    assert!(!second.made);
    assert_eq!(first.key.to_hex(), second.key.to_hex());
}

#[tokio::test]
async fn a_keychain_that_is_gone_today_is_waited_for_and_gets_no_second_key() {
    let (_folder, paths) = home();
    let missing = find(&asked().await, &config(""), &paths, Some(Place::Keychain)).await.expect_err("waits");
    assert_eq!(missing, Missing::Keychain(Trouble::NoSession));
    assert!(missing.fix().contains("evenkeel key remove cache"), "{}", missing.fix());
    assert!(!paths.cache_key().exists());
}

#[tokio::test]
async fn a_damaged_file_holds_no_key_any_more() {
    let (_folder, paths) = home();
    fs::write(paths.cache_key(), "not a key\n").expect("written");
    let found = find(&asked().await, &config(""), &paths, Some(Place::File)).await.expect("a new one");
    assert!(found.made);
}

#[tokio::test]
async fn a_provider_named_cache_keeps_the_keychain_s_place_to_itself() {
    let (_folder, paths) = home();
    let config = config("[providers.cache]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1\"\n");
    // Not even asked: whatever is there is that provider's.
    let found = find(&KeyRing::default(), &config, &paths, None).await.expect("made");
    assert_eq!(found.place, Place::File);
}

#[tokio::test]
async fn a_given_key_is_kept_shown_by_its_end_and_forgotten_again() {
    let (_folder, paths) = home();
    let (ring, config) = (asked().await, config(""));
    let given = "00112233445566778899aabbccddeeff00112233445566778899aabbccddbeef";
    assert!(accept(&"0011".into()).expect_err("too short").message.contains("64 hexadecimal digits"));
    let key = accept(&given.into()).expect("a key");
    assert_eq!(set(&ring, &config, &paths, &key).await.expect("kept"), Place::File);
    let row = row(&ring, &config, &paths, Some(Place::File));
    assert_eq!((row.provider.as_str(), row.source.as_str()), ("cache", "file"));
    assert_eq!(row.last4.as_deref(), Some("beef"));
    assert_eq!(find(&ring, &config, &paths, None).await.expect("found").key.to_hex().as_str(), given);

    assert!(remove(&ring, &config, &paths).await.expect("removed"));
    assert!(!remove(&ring, &config, &paths).await.expect("nothing left"));
    assert!(find(&ring, &config, &paths, None).await.expect("another").made);
}

use super::*;

#[test]
fn a_sealing_key_goes_through_hex_and_back() {
    let key = SealingKey::generate().unwrap();
    let hex = key.to_hex();
    assert_eq!(hex.len(), 64);
    assert_eq!(SealingKey::from_hex(&format!(" {}\n", hex.to_uppercase())).unwrap().bytes(), key.bytes());
    assert_ne!(SealingKey::generate().unwrap().bytes(), key.bytes());
}

#[test]
fn what_is_no_sealing_key_is_refused_without_being_repeated() {
    for bad in ["", "hunter2", &"g".repeat(64), &"a".repeat(63), &"ä".repeat(32), &"+f".repeat(32)] {
        let error = SealingKey::from_hex(bad).unwrap_err();
        assert_eq!(error, BadSealingKey::NotHex, "{bad}");
        assert!(bad.is_empty() || !error.to_string().contains(bad));
    }
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let key = SealingKey::from_hex(&"ab".repeat(32)).unwrap();
    assert_eq!(format!("{key:?}"), "SealingKey(…)");
    assert_eq!(format!("{:?}", Passphrase::new("correct horse".into()).unwrap()), "Passphrase(…)");
}

#[test]
fn an_empty_passphrase_is_refused() {
    assert!(matches!(Passphrase::new(String::new()), Err(CacheError::EmptyPassphrase)));
}

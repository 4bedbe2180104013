use super::*;

fn stored(body: &[u8]) -> Stored {
    Stored {
        api: Api::Messages,
        body: Bytes::copy_from_slice(body),
        provider: "anthropic".into(),
        model: "claude-haiku-4-5".into(),
        usage: Usage {
            input: Some(0),
            output: Some(1),
            cached: None,
            cache_write: Some(u64::MAX),
            cache_write_1h: Some(4),
            reasoning: None,
            searches: Some(6),
        },
        cost_micros: Some(-1),
        at: Timestamp::from_microsecond(1_790_000_000_123_456).unwrap(),
    }
}

fn key() -> Key {
    Key::from_bytes([3; 32])
}

#[test]
fn an_answer_goes_through_packing_and_sealing_and_back() {
    let opener = Sealer::new(&SealingKey::generate().unwrap());
    let index = opener.index(&key());
    for body in [vec![], b"{}".to_vec(), vec![b'a'; 100_000]] {
        let plain = pack(&key(), &stored(&body)).unwrap();
        let sealed = opener.seal(&index, &plain).unwrap();
        assert_eq!(sealed.len(), plain.len() + OVERHEAD);
        let (whose, back) = unpack(&opener.open(&index, &sealed).unwrap()).unwrap();
        assert_eq!((whose, back), (key(), stored(&body)));
    }
    for api in [Api::ChatCompletions, Api::Responses, Api::Messages, Api::Embeddings] {
        assert_eq!(self::api(number(api)), Some(api));
    }
}

#[test]
fn no_changed_bit_goes_unnoticed() {
    let opener = Sealer::new(&SealingKey::generate().unwrap());
    let index = opener.index(&key());
    let sealed = opener.seal(&index, &pack(&key(), &stored(b"{}")).unwrap()).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(opener.open(&index, &changed).is_none(), "byte {at}");
        assert!(opener.open(&index, &sealed[..at]).is_none(), "cut at {at}");
    }
}

#[test]
fn sealed_bytes_open_in_their_own_place_with_their_own_key_only() {
    let (one, two) =
        (Sealer::new(&SealingKey::generate().unwrap()), Sealer::new(&SealingKey::generate().unwrap()));
    let index = one.index(&key());
    let sealed = one.seal(&index, b"packed").unwrap();
    assert!(one.open(&one.index(&Key::from_bytes([4; 32])), &sealed).is_none());
    assert!(two.open(&index, &sealed).is_none());
    assert_ne!(one.index(&key()), two.index(&key()));
    assert_ne!(one.check(), two.check());
    assert_ne!(sealed, one.seal(&index, b"packed").unwrap(), "a nonce of its own each time");
}

#[test]
fn what_was_packed_by_nobody_is_refused_and_never_a_panic() {
    let good = pack(&key(), &stored(b"{\"a\":1}")).unwrap();
    for at in 0..good.len() {
        assert!(unpack(&good[..at]).is_none(), "cut at {at}");
        let mut changed = good.to_vec();
        changed[at] = !changed[at];
        let _ = unpack(&changed);
    }
    // A length that would be gigabytes is not even tried.
    assert!(unpack(&[0xFF; 64]).is_none());
}

#[test]
fn keys_and_places_never_change_between_versions() {
    // A change here means that every cache is begun again.
    let sealer = Sealer::new(&SealingKey::from_hex(&"01".repeat(32)).unwrap());
    let hex = |bytes: &[u8; 32]| blake3::Hash::from_bytes(*bytes).to_hex().to_string();
    assert_eq!(hex(sealer.check()), "4ede523abe42fac5b39eb9c076378b207fb229e67f8019493cf12bc13d6ed200");
    assert_eq!(
        hex(sealer.index(&key()).bytes()),
        "0b020c531b236f616cc484fe4267e410401d9fa2806c487b91c6a462fa352bcb"
    );
}

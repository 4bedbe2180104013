use super::*;

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple".into()).unwrap()
}

fn parcel(pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut packer = Packer::new(Vec::new(), &passphrase()).unwrap();
    for piece in pieces {
        packer.add(piece).unwrap();
    }
    packer.finish().unwrap()
}

fn unpacked(bytes: &[u8]) -> Result<Vec<Vec<u8>>, ParcelError> {
    let mut unpacker = Unpacker::new(bytes, &passphrase(), 1_000_000)?;
    let mut pieces = Vec::new();
    while let Some(piece) = unpacker.next()? {
        pieces.push(piece.to_vec());
    }
    Ok(pieces)
}

#[test]
fn pieces_of_every_length_around_a_chunk_come_back() {
    for length in [0, 1, CHUNK - 9, CHUNK - 8, CHUNK - 7, CHUNK - 5, CHUNK - 4, CHUNK - 3, CHUNK, 3 * CHUNK] {
        let pieces: Vec<Vec<u8>> = if length == 0 { vec![] } else { vec![vec![7; length], vec![8]] };
        let bytes = parcel(&pieces);
        assert_eq!((bytes.len() - HEAD) % (CHUNK + TAG), 0);
        assert_eq!(unpacked(&bytes).unwrap(), pieces, "{length}");
    }
}

#[test]
fn chunks_that_are_cut_swapped_repeated_or_changed_are_noticed() {
    let good = parcel(&[vec![1; 3 * CHUNK]]);
    let chunk = |n: usize| &good[HEAD + n * (CHUNK + TAG)..HEAD + (n + 1) * (CHUNK + TAG)];
    let head = &good[..HEAD];
    let chunks = (good.len() - HEAD) / (CHUNK + TAG);
    assert_eq!(chunks, 4);
    let outcome = |parts: &[&[u8]]| unpacked(&parts.concat()).unwrap_err();
    assert!(matches!(outcome(&[head, chunk(0), chunk(1), chunk(2)]), ParcelError::Truncated));
    assert!(matches!(
        outcome(&[head, chunk(0), chunk(1), chunk(2), &chunk(3)[..99]]),
        ParcelError::Truncated
    ));
    assert!(matches!(outcome(&[head]), ParcelError::Truncated));
    assert!(matches!(outcome(&[head, chunk(1), chunk(0), chunk(2), chunk(3)]), ParcelError::Damaged));
    assert!(matches!(outcome(&[head, chunk(0), chunk(2), chunk(3)]), ParcelError::Damaged));
    assert!(matches!(outcome(&[head, chunk(0), chunk(0), chunk(2), chunk(3)]), ParcelError::Damaged));
    assert!(matches!(outcome(&[&good[..], chunk(3)]), ParcelError::Damaged));
    let mut changed = good.clone();
    changed[HEAD + 5] ^= 1;
    assert!(matches!(unpacked(&changed).unwrap_err(), ParcelError::Damaged));
}

#[test]
fn what_the_head_says_is_bound_to_the_rest() {
    let good = parcel(&[vec![1; 10]]);
    for (at, what) in [(20, "more memory than is sane"), (24, "more passes than are sane")] {
        let mut changed = good.clone();
        changed[at] = 0xFF;
        assert!(matches!(unpacked(&changed).unwrap_err(), ParcelError::Damaged), "{what}");
    }
    let mut nonce = good.clone();
    nonce[50] ^= 1;
    assert!(matches!(unpacked(&nonce).unwrap_err(), ParcelError::Damaged));
    let mut salt = good.clone();
    salt[35] ^= 1;
    assert!(matches!(unpacked(&salt).unwrap_err(), ParcelError::WrongPassphrase));
}

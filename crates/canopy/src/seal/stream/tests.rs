use proptest::prelude::*;

use super::*;

const PLACE: &str = "pulls/p/documents/d";

fn keys(id: &str, byte: u8) -> Keys {
    Keys::single(id, [byte; 32])
}

fn value(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at % 251) as u8).collect()
}

/// Head and chunks of a value.
fn sealed(keys: &Keys, value: &[u8], random: u8) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut sealer = Sealer::new(keys, PLACE, &[random; RANDOM_BYTES]).unwrap();
    let (head, length) = (sealer.head().to_vec(), sealer.length(value.len() as u64));
    let mut chunks: Vec<Vec<u8>> = value.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).collect();
    let mut last = chunks.pop().unwrap_or_default();
    chunks.iter_mut().for_each(|chunk| sealer.seal(chunk));
    sealer.seal_last(&mut last);
    chunks.push(last);
    let sum: usize = head.len() + chunks.iter().map(Vec::len).sum::<usize>();
    assert_eq!(sum as u64, length, "the length is known before");
    (head, chunks)
}

/// The value of these chunks, the last of them as the last.
fn opened(keys: &Keys, head: &[u8], chunks: &[Vec<u8>], place: &str) -> Result<Vec<u8>, OpenError> {
    let mut opener = Opener::new(keys, head, place)?;
    let mut chunks = chunks.to_vec();
    let mut last = chunks.pop().unwrap_or_default();
    for chunk in &mut chunks {
        opener.open(chunk)?;
    }
    opener.open_last(&mut last)?;
    Ok([chunks.concat(), last].concat())
}

#[test]
fn what_was_sealed_opens_whatever_its_length() {
    let keys = keys("2026-01", 1);
    for bytes in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 7] {
        let value = value(bytes);
        let (head, chunks) = sealed(&keys, &value, 7);
        assert_eq!(form(&head[..SIGN_BYTES], true), Ok(Form::Stream { head_bytes: head.len() }));
        assert_eq!(key_id(&head), Some("2026-01"));
        let sum: usize = chunks.iter().map(Vec::len).sum();
        assert_eq!(opened_bytes(sum as u64), Some(bytes as u64));
        assert!(opened(&keys, &head, &chunks, PLACE) == Ok(value), "{bytes}");
    }
}

#[test]
fn a_chunk_that_is_changed_cut_off_moved_or_anothers_does_not_open() {
    let keys = keys("k", 1);
    let value = value(3 * CHUNK_BYTES + 5);
    let (head, chunks) = sealed(&keys, &value, 7);
    let (other_head, others) = sealed(&keys, &value, 8);
    let tampered = |head: &[u8], chunks: &[Vec<u8>], what: &str| {
        assert!(opened(&keys, head, chunks, PLACE) == Err(OpenError::Tampered), "{what}");
    };
    for number in 0..chunks.len() {
        for at in [0, chunks[number].len() - 1] {
            let mut changed = chunks.clone();
            changed[number][at] ^= 1;
            tampered(&head, &changed, "changed");
        }
        let mut shorter = chunks.clone();
        shorter[number].pop();
        tampered(&head, &shorter, "shorter");
        let mut without = chunks.clone();
        without.remove(number);
        tampered(&head, &without, "left out");
        let mut twice = chunks.clone();
        twice.insert(number, chunks[number].clone());
        tampered(&head, &twice, "twice");
        let mut anothers = chunks.clone();
        anothers[number].clone_from(&others[number]);
        tampered(&head, &anothers, "of another stream");
        tampered(&head, &chunks[..number], "cut off");
    }
    let mut swapped = chunks.clone();
    swapped.swap(0, 1);
    tampered(&head, &swapped, "swapped");
    tampered(&other_head, &chunks, "under another's head");
    let mut longer = chunks.clone();
    longer.push(Vec::new());
    tampered(&head, &longer, "longer");
}

#[test]
fn a_head_opens_in_its_own_place_unchanged_and_with_its_key() {
    let keys = keys("k", 1);
    let (head, chunks) = sealed(&keys, b"policy", 7);
    assert_eq!(opened(&keys, &head, &chunks, "pulls/p/documents/e"), Err(OpenError::Tampered));
    assert_eq!(
        opened(&self::keys("l", 1), &head, &chunks, PLACE),
        Err(OpenError::UnknownKey("k".to_owned()))
    );
    assert_eq!(opened(&self::keys("k", 2), &head, &chunks, PLACE), Err(OpenError::Tampered));
    for at in 0..head.len() {
        let mut changed = head.clone();
        changed[at] ^= 1;
        assert!(opened(&keys, &changed, &chunks, PLACE).is_err(), "byte {at}");
    }
    // A value of 32 bytes that was sealed for the place itself is no key of a stream there.
    let value = keys.seal(&[0; KEY_BYTES], PLACE, [7; NONCE_BYTES]).unwrap();
    assert_eq!(opened(&keys, &[&MARK[..], &value].concat(), &chunks, PLACE), Err(OpenError::Tampered));
}

#[test]
fn the_form_is_known_by_the_first_bytes_and_the_flag_held_to_them() {
    let keys = keys("k", 1);
    let (head, _) = sealed(&keys, b"policy", 7);
    let whole = keys.seal(b"policy", PLACE, [7; NONCE_BYTES]).unwrap();
    let first_form = [&[1, b'k'][..], &[7; NONCE_BYTES]].concat();
    assert_eq!(form(&head, false), Err(OpenError::Tampered));
    assert_eq!(form(&head[..SIGN_BYTES - 1], true), Err(OpenError::Malformed));
    assert_eq!((form(&whole, true), form(&whole, false)), (Ok(Form::Whole), Err(OpenError::Tampered)));
    assert_eq!(form(&first_form, true), Ok(Form::Whole));
    assert_eq!((form(b"%PDF-1.7", false), form(b"", false)), (Ok(Form::Plain), Ok(Form::Plain)));
    assert_eq!([&whole[..], b"%PDF", b""].map(key_id), [None; 3]);
    assert!(Sealer::new(&Keys::default(), PLACE, &[0; RANDOM_BYTES]).is_none(), "without a key");
}

proptest! {
    #[test]
    fn no_bytes_whatever_make_opening_panic(mut head in prop::collection::vec(any::<u8>(), 0..140), marked: bool) {
        if marked && head.len() > SIGN_BYTES {
            head[..MARK.len()].copy_from_slice(&MARK);
            head[MARK.len()..SIGN_BYTES - 1].copy_from_slice(&WHOLE);
        }
        let _ = (form(&head, true), form(&head, false), key_id(&head));
        prop_assert!(Opener::new(&keys("k", 1), &head, PLACE).is_err());
    }

    #[test]
    fn lengths_are_told_both_ways(bytes in 0..1u64 << 40) {
        let sealed = sealed_bytes(bytes);
        prop_assert_eq!(opened_bytes(sealed), Some(bytes));
        let chunks = bytes.div_ceil(CHUNK_BYTES as u64).max(1);
        prop_assert_eq!(sealed, bytes + 16 * chunks);
    }
}

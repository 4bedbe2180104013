//! Secrets of our own making: letters and digits drawn from the operating system's randomness.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The largest multiple of 62 that a byte holds; bytes from there on are drawn again, so that no
/// character is likelier than another.
const FAIR: u8 = 248;

/// The operating system has no randomness to give; nothing secret can be made.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct NoRandomness;

/// `length` characters of base 62, about 5.95 bits each.
pub fn base62(length: usize) -> Result<String, NoRandomness> {
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
        let wanted = length - text.len();
        let drawn = bytes.iter().filter(|byte| **byte < FAIR).take(wanted);
        text.extend(drawn.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ_and_hold_only_letters_and_digits() {
        let (one, other) = (base62(300).expect("randomness"), base62(300).expect("randomness"));
        assert_ne!(one, other);
        assert_eq!(one.len(), 300);
        assert!(one.chars().all(|letter| letter.is_ascii_alphanumeric()));
    }

    #[test]
    fn every_character_turns_up() {
        let text = base62(20_000).expect("randomness");
        for letter in ALPHABET {
            assert!(text.contains(char::from(*letter)), "{} never came", char::from(*letter));
        }
    }
}

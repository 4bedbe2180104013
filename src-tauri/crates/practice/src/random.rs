//! The only source of variety: hashes and draws that are the same on every machine and in every release.

/// FNV-1a, 64 bits. The hasher of the standard library may change between releases, and would change answers.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The `index`-th number of the sequence that belongs to `seed` (`SplitMix64`, which can be read at any place,
/// so that concurrent requests need no lock around a generator).
pub(crate) fn draw(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The same draw as a fraction, 0 included and 1 not.
pub(crate) fn fraction(seed: u64, index: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a double holds exactly")]
    let bits = (draw(seed, index) >> 11) as f64;
    bits / 9_007_199_254_740_992.0
}

#[cfg(test)]
mod tests;

//! SHA-256 as the program writes it everywhere: 64 hex digits in lower case.
//!
//! The ids of documents, the names of files, the manifest and the version of the rules are made of it. The build script
//! includes this file, too.

use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

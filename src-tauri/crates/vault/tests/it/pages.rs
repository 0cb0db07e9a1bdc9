//! What the pages of a file say to somebody who has the key: what was removed must be in none of them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use aes::{
    Aes256,
    cipher::{BlockModeDecrypt, KeyIvInit, block_padding::NoPadding},
};

pub(crate) fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// The plain text of every page of the file and of its log, used or free. SQLCipher 4 with a raw key: pages of 4096
/// bytes, AES-256 in CBC mode, the IV in the last 80 bytes with the HMAC after it; the first page starts with the salt.
pub(crate) fn decrypted(folder: &Path, key: &str) -> Vec<u8> {
    const PAGE: usize = 4096;
    let key: Vec<u8> = (0..64).step_by(2).map(|i| u8::from_str_radix(&key[i..i + 2], 16).unwrap()).collect();
    let open = |page: &[u8], salt: usize| {
        let (text, reserved) = page[salt..].split_at(PAGE - 80 - salt);
        let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&key, &reserved[..16]).unwrap();
        cipher.decrypt_padded_vec::<NoPadding>(text).unwrap()
    };
    let file = |name: &str| -> PathBuf { folder.join(name) };
    let mut plain = Vec::new();
    for (n, page) in fs::read(file("vault.db")).unwrap().chunks_exact(PAGE).enumerate() {
        plain.extend(open(page, if n == 0 { 16 } else { 0 }));
    }
    let wal = fs::read(file("vault.db-wal")).unwrap_or_default();
    for frame in wal.get(32..).unwrap_or_default().chunks_exact(24 + PAGE) {
        let number = u32::from_be_bytes(frame[..4].try_into().unwrap());
        plain.extend(open(&frame[24..], if number == 1 { 16 } else { 0 }));
    }
    plain
}

//! What waits at a till, sealed to the centre: it lies beside the till's encrypted database, so that a till which has lost
//! the key of that database can still hand over, unread, what waited in it. Till and centre have the format from here.
//!
//! HPKE (RFC 9180) in base mode: X25519, HKDF-SHA256, ChaCha20-Poly1305. Whoever has the public key can
//! seal, so it says nothing about who made it: that a till may hand it over is for the centre to check.
//!
//! This crate does no I/O and never puts what it seals, or a secret key, into an error or a `Debug`.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem,
};
use profile::{NewCustomer, PreferenceEdit};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Keeps what is sealed here from being taken for anything else.
const INFO: &[u8] = b"countersign sealed edit 1";

/// Why something could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a key.
    #[error("this is no key")]
    Key,
    /// It was sealed to another key.
    #[error("it was sealed to another key")]
    OtherKey,
    /// It was changed since, or never sealed to this key.
    #[error("it cannot be opened")]
    Sealed,
    /// What was sealed is nothing that this version knows.
    #[error("what was sealed is nothing that this version knows")]
    Content,
}

/// The centre's key to seal to. Public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Which key: it changes when the centre makes a new one.
    pub id: String,
    /// X25519, 32 bytes in base64url.
    pub key: String,
}

/// Something that the centre does not have.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Idempotency key, the same with which it is sent unsealed.
    pub id: Uuid,
    /// Says that the till may hand it over, and whose it is: the centre has given it to the till. One that the till has for
    /// all of its store has the customer's subject behind it, after a slash.
    pub grant: String,
    /// What it is.
    pub what: What,
    /// When it was made, by the clock of the till.
    pub made_at: DateTime<Utc>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What waits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// A preference was changed.
    Edit {
        /// How.
        change: PreferenceEdit,
        /// Revision of the profile that was edited.
        base: u64,
    },
    /// An associate has written down that the customer was at the store.
    Visit {
        /// When.
        at: DateTime<Utc>,
    },
    /// Somebody new was entered. The id is their subject, which the till has chosen.
    Customer {
        /// Who they are, and what they agreed to.
        new: Box<NewCustomer>,
        /// Candidates whom they were asked about, and are not.
        somebody_else: Vec<String>,
    },
    /// The customer took back what they had agreed to leave at the store.
    Withdrawal {
        /// The act that is taken back, where it is known.
        act: Option<String>,
    },
}

/// As it stands, sealed, in a file and crosses the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The key that opens it.
    pub key_id: String,
    /// The encapsulated key and the sealed text, in base64url.
    pub sealed: String,
}

impl PublicKey {
    /// Whether something can be sealed to it.
    pub fn check(&self) -> Result<(), Error> {
        self.read().map(drop)
    }

    fn read(&self) -> Result<<Kem as hpke::Kem>::PublicKey, Error> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.key).map_err(|_| Error::Key)?;
        Deserializable::from_bytes(&bytes).map_err(|_| Error::Key)
    }
}

impl Sealed {
    /// Seals something.
    pub fn seal(key: &PublicKey, waiting: &Waiting) -> Result<Self, Error> {
        let recipient = key.read()?;
        let text = Zeroizing::new(serde_json::to_vec(waiting).map_err(|_| Error::Content)?);
        let (encapsulated, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeS::Base,
            &recipient,
            INFO,
            &text,
            key.id.as_bytes(),
        )
        .map_err(|_| Error::Key)?;
        let mut whole = encapsulated.to_bytes().to_vec();
        whole.extend(sealed);
        Ok(Self { key_id: key.id.clone(), sealed: URL_SAFE_NO_PAD.encode(whole) })
    }

    /// Opens it again.
    pub fn open(&self, key: &SecretKey) -> Result<Waiting, Error> {
        if self.key_id != key.id() {
            return Err(Error::OtherKey);
        }
        let whole = URL_SAFE_NO_PAD.decode(&self.sealed).map_err(|_| Error::Sealed)?;
        let (encapsulated, sealed) = whole.split_at_checked(SecretKey::LENGTH).ok_or(Error::Sealed)?;
        let encapsulated =
            <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| Error::Sealed)?;
        let text = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeR::Base,
            &key.0,
            &encapsulated,
            INFO,
            sealed,
            self.key_id.as_bytes(),
        )
        .map(Zeroizing::new)
        .map_err(|_| Error::Sealed)?;
        serde_json::from_slice(&text).map_err(|_| Error::Content)
    }
}

/// The key that opens, at the centre alone.
pub struct SecretKey(<Kem as hpke::Kem>::PrivateKey);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretKey").field(&self.id()).finish()
    }
}

impl SecretKey {
    /// Of a key, and of an encapsulated one, in bytes.
    const LENGTH: usize = 32;

    /// A new one.
    pub fn make() -> Self {
        Self(Kem::gen_keypair().0)
    }

    /// As it was stored.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Deserializable::from_bytes(bytes).map(Self).map_err(|_| Error::Key)
    }

    /// To be stored.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.to_bytes().to_vec())
    }

    /// Which key: the start of the public one's digest.
    pub fn id(&self) -> String {
        let public = Kem::sk_to_pk(&self.0).to_bytes();
        URL_SAFE_NO_PAD.encode(&Sha256::digest(public)[..12])
    }

    /// What may be told to everybody.
    pub fn public(&self) -> PublicKey {
        PublicKey { id: self.id(), key: URL_SAFE_NO_PAD.encode(Kem::sk_to_pk(&self.0).to_bytes()) }
    }
}

#[cfg(test)]
mod tests {
    use profile::PreferenceValue;

    use super::*;

    fn edit() -> Waiting {
        let change = PreferenceEdit {
            group: "care".to_owned(),
            key: "note".to_owned(),
            value: Some(PreferenceValue::Text("prefers daylight".to_owned())),
        };
        Waiting {
            id: Uuid::from_u128(1),
            grant: "a-grant".to_owned(),
            what: What::Edit { change, base: 7 },
            made_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_sealed_is_opened_by_its_key_alone() {
        let (key, other) = (SecretKey::make(), SecretKey::make());
        let sealed = Sealed::seal(&key.public(), &edit()).unwrap();
        assert_eq!(sealed.open(&key).unwrap(), edit());
        let withdrawal = Waiting { what: What::Withdrawal { act: Some("act-1".to_owned()) }, ..edit() };
        assert_eq!(Sealed::seal(&key.public(), &withdrawal).unwrap().open(&key).unwrap(), withdrawal);
        assert_eq!(sealed.open(&other).unwrap_err(), Error::OtherKey);
        let renamed = Sealed { key_id: other.id(), ..sealed };
        assert_eq!(renamed.open(&other).unwrap_err(), Error::Sealed);
    }

    #[test]
    fn what_is_sealed_shows_nothing_of_itself_and_no_two_are_alike() {
        let public = SecretKey::make().public();
        let (one, other) = (Sealed::seal(&public, &edit()).unwrap(), Sealed::seal(&public, &edit()).unwrap());
        assert_ne!(one, other);
        let bytes = URL_SAFE_NO_PAD.decode(&one.sealed).unwrap();
        let shows = |what: &str| bytes.windows(what.len()).any(|part| part == what.as_bytes());
        assert!(!shows("a-grant") && !shows("daylight") && !shows("note"));
        assert!(!format!("{:?}", edit()).contains("daylight"));
    }

    #[test]
    fn whatever_is_changed_of_it_it_is_not_opened() {
        let key = SecretKey::make();
        let sealed = Sealed::seal(&key.public(), &edit()).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.sealed).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 4;
            let changed = Sealed { sealed: URL_SAFE_NO_PAD.encode(changed), ..sealed.clone() };
            assert_eq!(changed.open(&key).unwrap_err(), Error::Sealed, "{place}");
        }
        for wrong in ["", "AAAA", "%"] {
            let wrong = Sealed { sealed: wrong.to_owned(), ..sealed.clone() };
            assert_eq!(wrong.open(&key).unwrap_err(), Error::Sealed);
        }
    }

    #[test]
    fn a_key_outlives_the_program_that_made_it() {
        let key = SecretKey::make();
        let stored = SecretKey::from_bytes(&key.to_bytes()).unwrap();
        assert_eq!(stored.public(), key.public());
        assert_eq!(SecretKey::from_bytes(b"short").unwrap_err(), Error::Key);
        let not_a_key = PublicKey { id: key.id(), key: "AAAA".to_owned() };
        assert_eq!(Sealed::seal(&not_a_key, &edit()).unwrap_err(), Error::Key);
        assert_eq!((key.public().check(), not_a_key.check()), (Ok(()), Err(Error::Key)));
    }
}

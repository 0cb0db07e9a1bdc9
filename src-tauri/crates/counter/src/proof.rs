//! How a customer has proved who they are, in words that an associate can be told: from `amr` (RFC 8176) and
//! `auth_time` of the ID token.

use chrono::{DateTime, Utc};
use signin::Claims;

/// How a customer has proved who they are to the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// By what, as far as the provider says it; each once, in its order.
    pub methods: Vec<Method>,
    /// When they last did. A phone that stays signed in may have been in other hands since.
    pub at: Option<DateTime<Utc>>,
}

/// What somebody has proved who they are with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A passkey.
    Passkey,
    /// A key of its own, such as a security key.
    SecurityKey,
    /// Fingerprint, face, iris or voice.
    Biometrics,
    /// A password or a PIN.
    Password,
    /// A code that works once, by an app or an e-mail.
    OneTimeCode,
    /// A message to a phone, or a call.
    Phone,
    /// A smart card.
    SmartCard,
    /// Another identity service, such as Google.
    OtherService,
}

impl Proof {
    pub(crate) fn of(claims: &Claims) -> Self {
        let mut methods = Vec::new();
        for method in claims.amr.iter().filter_map(|word| method(word)) {
            if !methods.contains(&method) {
                methods.push(method);
            }
        }
        Self { methods, at: claims.auth_time }
    }
}

/// The words of RFC 8176, section 2, and those that providers use beside them. An unknown one says nothing.
fn method(word: &str) -> Option<Method> {
    Some(match word {
        "passkey" | "webauthn" | "fido" | "fido2" | "phr" | "phrh" => Method::Passkey,
        "hwk" | "swk" | "pop" => Method::SecurityKey,
        "face" | "fpt" | "iris" | "retina" | "vbm" => Method::Biometrics,
        "pwd" | "pin" | "kba" => Method::Password,
        "otp" | "totp" | "email" => Method::OneTimeCode,
        "sms" | "tel" => Method::Phone,
        "sc" => Method::SmartCard,
        "fed" | "social" => Method::OtherService,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(words: &[&str]) -> Vec<Method> {
        let amr = words.iter().map(|word| (*word).to_owned()).collect();
        Proof::of(&Claims { amr, ..Claims::default() }).methods
    }

    #[test]
    fn what_a_provider_says_is_said_once_and_in_its_order() {
        assert_eq!(methods(&["pwd", "otp", "mfa"]), [Method::Password, Method::OneTimeCode]);
        assert_eq!(methods(&["hwk", "pop", "user"]), [Method::SecurityKey]);
        assert_eq!(methods(&["webauthn", "phr"]), [Method::Passkey]);
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        assert_eq!(methods(&["urn:example:magic", ""]), []);
        assert_eq!(Proof::of(&Claims::default()), Proof::default());
    }
}

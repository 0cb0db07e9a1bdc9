//! Somebody whom an associate enters at a till, with the customer beside them: who they are, and what they agreed to leave
//! there. The centre makes them, or asks whether they are somebody it knows already.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    Author, Channel, ConsentAct, Name, Preferences, Profile, Purpose, RememberScope, RememberScopes,
    card_number::has_card_number,
};

/// No name is longer, in letters as a reader counts them.
pub const LONGEST_NAME: usize = 120;

/// Somebody new.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewCustomer {
    /// Name.
    pub name: Name,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number in E.164.
    pub phone: Option<String>,
    /// BCP 47 language tag that the customer prefers.
    pub locale: Option<String>,
    /// When they were entered and agreed, by the clock of the till.
    pub at: DateTime<Utc>,
    /// What they agreed to leave at the store.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub scopes: RememberScopes,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Version of the wording that the associate has read to them.
    pub wording: String,
}

impl fmt::Debug for NewCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCustomer").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What cannot be right about somebody new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACustomer {
    /// The name is empty, very long or holds control characters.
    #[error("a name of 1 to 120 letters is expected")]
    Name,
    /// The name holds what looks like the number of a payment card.
    #[error("a name without card numbers is expected")]
    CardNumber,
    /// It can be no e-mail address.
    #[error("an e-mail address is expected")]
    Email,
    /// It is no number of E.164.
    #[error("a phone number in E.164 is expected")]
    Phone,
    /// Nobody could be found by this again.
    #[error("an e-mail address or a phone number is needed")]
    NoContact,
    /// What was entered is not among what the customer leaves.
    #[error("the customer must agree to leave their contact details")]
    NotAgreed,
}

impl NotACustomer {
    /// JSON Pointer (RFC 6901) to what is wrong.
    pub fn pointer(self) -> &'static str {
        match self {
            Self::Name | Self::CardNumber => "/name/display",
            Self::Email | Self::NoContact => "/email",
            Self::Phone => "/phone",
            Self::NotAgreed => "/scopes",
        }
    }
}

impl NewCustomer {
    /// Whether this can be somebody.
    ///
    /// # Errors
    /// The first thing that cannot be right.
    pub fn check(&self) -> Result<(), NotACustomer> {
        let name = self.name.display.trim();
        let letters = name.graphemes(true).count();
        if !(1..=LONGEST_NAME).contains(&letters) || name.chars().any(char::is_control) {
            return Err(NotACustomer::Name);
        }
        if has_card_number(name) {
            return Err(NotACustomer::CardNumber);
        }
        if self.email.as_deref().is_some_and(|email| !could_be_an_address(email)) {
            return Err(NotACustomer::Email);
        }
        if self.phone.as_deref().is_some_and(|phone| !is_e164(phone)) {
            return Err(NotACustomer::Phone);
        }
        if self.email.is_none() && self.phone.is_none() {
            return Err(NotACustomer::NoContact);
        }
        if !self.scopes.has(RememberScope::Contact) {
            return Err(NotACustomer::NotAgreed);
        }
        Ok(())
    }

    /// The same, entered at another time: what they agreed to lasts as long.
    #[must_use]
    pub fn entered_at(&self, at: DateTime<Utc>) -> Self {
        Self { at, until: at + (self.until - self.at), ..self.clone() }
    }

    /// The act of consent that goes with it: the associate wrote it down, the customer was there.
    pub fn act(&self, id: &str, store: Option<&str>) -> ConsentAct {
        ConsentAct {
            id: id.to_owned(),
            purpose: Purpose::RememberAtStore,
            given: true,
            at: self.at,
            by: Author::Associate,
            channel: Channel::Store,
            wording: self.wording.clone(),
            store: store.map(str::to_owned),
            store_name: None,
            till: None,
            scopes: Some(self.scopes.clone()),
            until: Some(self.until),
        }
    }

    /// The profile of somebody of whom there is no more than this. The act has the id of the customer: the first and only
    /// one of its kind.
    pub fn profile(&self, subject: &str, revision: u64, act: ConsentAct) -> Profile {
        Profile {
            subject: subject.to_owned(),
            revision,
            name: self.name.clone(),
            email: self.email.clone(),
            email_verified: false,
            phone: self.phone.clone(),
            locale: self.locale.clone(),
            birthday: None,
            member_since: Some(self.at),
            identities: Vec::new(),
            loyalty: None,
            preferences: Preferences::new(),
            consents: vec![act],
        }
    }
}

/// Somebody whom the centre knows, and who may be the new customer. No more than is needed to ask them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Candidate {
    /// Names them in the answer; means nothing else.
    pub id: String,
    /// "A••• D•••".
    pub name: String,
    /// Since when they are known.
    pub since: Option<DateTime<Utc>>,
    /// Whether they have the same e-mail address.
    pub same_email: bool,
    /// Whether they have the same phone number.
    pub same_phone: bool,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Candidate(..)")
    }
}

/// A typing mistake is worth telling; whether the address exists shows when a mail arrives.
pub fn could_be_an_address(email: &str) -> bool {
    email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains('@')
        })
}

/// Recommendation ITU-T E.164, section 6.2.1: at most fifteen digits, the first of them not zero.
fn is_e164(phone: &str) -> bool {
    phone.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NameOrder;

    fn ada() -> NewCustomer {
        NewCustomer {
            name: Name {
                display: "Ada Lovelace".to_owned(),
                given: Some("Ada".to_owned()),
                family: Some("Lovelace".to_owned()),
                order: NameOrder::GivenFirst,
            },
            email: Some("ada@example.com".to_owned()),
            phone: Some("+33199001122".to_owned()),
            locale: None,
            at: DateTime::UNIX_EPOCH,
            scopes: [RememberScope::Contact].into_iter().collect(),
            until: DateTime::UNIX_EPOCH,
            wording: "till-new-1".to_owned(),
        }
    }

    fn named(display: &str) -> NewCustomer {
        let whole = ada();
        NewCustomer { name: Name { display: display.to_owned(), ..whole.name.clone() }, ..whole }
    }

    #[test]
    fn one_way_to_reach_somebody_is_enough_and_none_is_not() {
        assert_eq!(ada().check(), Ok(()));
        assert_eq!(NewCustomer { email: None, ..ada() }.check(), Ok(()));
        assert_eq!(NewCustomer { phone: None, ..ada() }.check(), Ok(()));
        assert_eq!(NewCustomer { email: None, phone: None, ..ada() }.check(), Err(NotACustomer::NoContact));
    }

    #[test]
    fn what_cannot_be_right_is_named() {
        for name in ["", "  ", "Ada\u{0}", &"a".repeat(LONGEST_NAME + 1)] {
            assert_eq!(named(name).check(), Err(NotACustomer::Name), "{name:?}");
        }
        assert_eq!(named(&"한".repeat(LONGEST_NAME)).check(), Ok(()));
        assert_eq!(named("Ada 4111 1111 1111 1111").check(), Err(NotACustomer::CardNumber));
        for email in
            ["", "ada", "@example.com", "ada@", "ada@example", "ada b@example.com", "a@b@example.com"]
        {
            let wrong = NewCustomer { email: Some(email.to_owned()), ..ada() };
            assert_eq!(wrong.check(), Err(NotACustomer::Email), "{email}");
        }
        for phone in ["", "0199001122", "+0199001122", "+33 1 99", "+123456", "+1234567890123456"] {
            let wrong = NewCustomer { phone: Some(phone.to_owned()), ..ada() };
            assert_eq!(wrong.check(), Err(NotACustomer::Phone), "{phone}");
        }
        let nothing = NewCustomer { scopes: RememberScopes::default(), ..ada() };
        assert_eq!(nothing.check(), Err(NotACustomer::NotAgreed));
    }
}

//! The ID token of the sign-in itself, where a provider says nothing of a customer anywhere else: the standard claims, and
//! those that store IT has mapped. Read only, asked of nobody, and known only as long as the sign-in lasts.

use crate::{
    Error, Mapping,
    source::{Answer, Customer, Me, Offers, ProfileSource},
    user_info::{self, STANDARD},
};

/// The claims of the ID token that the customer has signed in with.
#[derive(Debug)]
pub(crate) struct IdToken {
    mapping: Mapping,
}

impl IdToken {
    pub(crate) fn new(mapping: Mapping) -> Self {
        Self { mapping }
    }
}

impl ProfileSource for IdToken {
    fn offers(&self) -> Offers {
        user_info::offers(&self.mapping)
    }

    fn me<'a>(&'a self, customer: Customer<'a>, _known: Option<u64>) -> Answer<'a, Me> {
        Box::pin(async move {
            // Of a customer who is only remembered there is no ID token: a new sign-in brings one.
            let claims = customer.claims.ok_or(Error::NotAuthorised)?;
            let profile = customer.own(self.mapping.profile(&STANDARD, claims)?)?;
            Ok(Me::Profile(Box::new(profile)))
        })
    }
}

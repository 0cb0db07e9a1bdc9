//! What somebody may do at a till, by what the store's identity provider says they are. Where a till has PINs of its own
//! alone, everybody may do everything.

use serde_json::Value;

use crate::Input;

/// What an associate is at the store's identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Serves customers.
    Associate,
    /// Serves customers, and decides about somebody new whom the centre does not have.
    Manager,
    /// Looks after the till, and sees no customer.
    It,
}

impl Role {
    /// Every role. Whoever has several is the first of them.
    pub const ALL: [Self; 3] = [Self::Manager, Self::Associate, Self::It];

    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Associate => "associate",
            Self::Manager => "manager",
            Self::It => "it",
        }
    }

    /// The role of a stored word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Where in an ID token a role stands, and how it is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    /// JSON Pointer (RFC 6901) to a text, or to a list of them.
    pub claim: String,
    /// What associates have there.
    pub associate: Vec<String>,
    /// What managers have there.
    pub manager: Vec<String>,
    /// What store IT has there.
    pub it: Vec<String>,
}

impl Roles {
    /// The role in a token; none for somebody who has no business at a till.
    pub fn role_in(&self, token: &Value) -> Option<Role> {
        let found = token.pointer(&self.claim)?;
        let written: Vec<&str> = match found {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        Role::ALL.into_iter().find(|role| {
            let names = match role {
                Role::Associate => &self.associate,
                Role::Manager => &self.manager,
                Role::It => &self.it,
            };
            names.iter().any(|name| written.contains(&name.as_str()))
        })
    }
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct May {
    /// Sign in, find, see and serve customers.
    pub serve: bool,
    /// Let go of somebody new whom the centre does not have, and so of all that the till has of them.
    pub decide: bool,
    /// Put aside a memory that cannot be read, and begin a new one.
    pub start_anew: bool,
}

impl May {
    /// What a role may do; everything without one.
    pub fn of(role: Option<Role>) -> Self {
        let (serve, decide, start_anew) = match role {
            None | Some(Role::Manager) => (true, true, true),
            Some(Role::Associate) => (true, false, false),
            Some(Role::It) => (false, false, true),
        };
        Self { serve, decide, start_anew }
    }

    /// Whether somebody who is signed in may do that.
    pub(crate) fn allows(self, input: &Input) -> bool {
        match input {
            Input::DropCustomer { .. } => self.decide,
            Input::StartAnew => self.start_anew,
            Input::SignIn
            | Input::NewCode
            | Input::ConfirmMatch
            | Input::OpenRemembered { .. }
            | Input::AddCustomer(_)
            | Input::SendCustomer { .. }
            | Input::SignInAs { .. }
            | Input::NoteVisit
            | Input::ChangePreference(_)
            | Input::TakeNote { .. }
            | Input::AddTag { .. }
            | Input::UndoEdit { .. }
            | Input::MendEdit { .. }
            | Input::DropEdit { .. }
            | Input::ForgetCustomer
            | Input::OlderActivity => self.serve,
            Input::AddAssociate { .. }
            | Input::SignInAssociate
            | Input::ChoosePin { .. }
            | Input::Unlock { .. }
            | Input::Lock
            | Input::EndShift
            | Input::Cancel
            | Input::RefuseMatch
            | Input::PauseSnapshot
            | Input::ResumeSnapshot
            | Input::EndVisit
            | Input::Dismiss
            | Input::DismissNotice { .. }
            | Input::Touched
            | Input::RetryMemory => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn roles(claim: &str) -> Roles {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Roles {
            claim: claim.to_owned(),
            associate: names(&["sales", "cashier"]),
            manager: names(&["store-manager"]),
            it: names(&["it"]),
        }
    }

    #[test]
    fn a_role_is_a_word_or_one_of_a_list_wherever_the_provider_writes_it() {
        let role = |claim: &str, token: Value| roles(claim).role_in(&token);
        assert_eq!(role("/role", json!({ "role": "cashier" })), Some(Role::Associate));
        assert_eq!(
            role("/realm_access/roles", json!({ "realm_access": { "roles": ["x", "it"] } })),
            Some(Role::It)
        );
        assert_eq!(
            role("/https:~1~1shop.example~1roles", json!({ "https://shop.example/roles": ["it"] })),
            Some(Role::It)
        );
        let both = json!({ "role": ["it", "sales", "store-manager"] });
        assert_eq!(role("/role", both), Some(Role::Manager));
        for nobody in [json!({}), json!({ "role": "Sales" }), json!({ "role": 1 }), json!({ "role": [] })] {
            assert_eq!(role("/role", nobody), None);
        }
    }

    #[test]
    fn a_word_is_the_role_it_was() {
        for role in Role::ALL {
            assert_eq!(Role::of_word(role.word()), Some(role));
        }
        assert_eq!(Role::of_word("customer"), None);
    }

    #[test]
    fn whoever_looks_after_a_till_sees_nobody_and_whoever_serves_decides_nothing() {
        let may = |role| May::of(Some(role));
        assert!(!may(Role::It).serve && may(Role::It).start_anew);
        assert!(
            may(Role::Associate).serve && !may(Role::Associate).decide && !may(Role::Associate).start_anew
        );
        assert_eq!(may(Role::Manager), May::of(None));
    }
}

//! What people do at tills, at home and at the centre, and what breaks meanwhile. Which of these comes next is chance.

use std::time::Duration;

use chrono::TimeDelta;
use counter::{Entry, Input, state::Staff};
use profile::{Name, NameOrder, PreferenceEdit, PreferenceValue, RememberScopes};
use rand::RngExt;
use uuid::Uuid;
use vault::EditState;

use crate::{
    till::act,
    world::{Happening, World},
};

const PREFERENCES: [(&str, &str); 2] = [("care", "note"), ("garden", "plan")];
/// No till has more steps before it is killed in the midst of what it does.
const MOST_STEPS_LEFT: u32 = 12;

impl World {
    /// One act of somebody, or one mishap; and when the next one comes.
    pub(crate) async fn fate(&mut self) {
        if !self.is_chaos() || self.fates == 0 {
            return;
        }
        self.fates -= 1;
        let next = Duration::from_secs(self.rng.random_range(1..600));
        self.later(next, Happening::Fate);
        let till = self.rng.random_range(0..self.tills.len());
        let customer = self.rng.random_range(0..self.customers.len());
        let subject = self.customers[customer].clone();
        match self.rng.random_range(0..100) {
            0..34 => self.visit(till, &subject).await,
            34..44 => self.somebody_new(till).await,
            44..52 => {
                let edit = self.edit();
                let id = self.fresh();
                self.centre().change_at_home(&subject, &edit, id).await;
                self.has_changed();
            }
            52..63 => {
                let long = Duration::from_secs(self.rng.random_range(1..2_000));
                self.tills[till].cut_until = self.now + long;
            }
            63..69 => self.tills[till].skew = self.jump(),
            69..80 => self.goes_out(till).await,
            80..90 => self.look_at_queue(till).await,
            90..93 => {
                let act = self.fresh();
                if self.centre().take_back_at_home(&subject, act).await {
                    self.agreed_anew.remove(&subject);
                    self.taken_back.insert(subject);
                    self.has_changed();
                }
            }
            93..96 => self.centre_goes_out().await,
            _ => {
                if !self.is_erased(&subject) {
                    self.centre().erase(&subject).await;
                    self.erased.push(subject);
                    self.has_changed();
                }
            }
        }
    }

    /// Switched off, or killed: now, or after some more steps.
    async fn goes_out(&mut self, till: usize) {
        let steps = self.rng.random_range(0..MOST_STEPS_LEFT);
        let after = Duration::from_secs(self.rng.random_range(1..300));
        match self.rng.random_range(0..10) {
            _ if !self.tills[till].is_on() => {}
            0..5 => self.tills[till].steps_left = Some(steps),
            5..8 => {
                self.tills[till].kill().await;
                self.later(after, Happening::Starts(till));
            }
            _ => {
                self.tills[till].stop().await;
                self.later(after, Happening::Starts(till));
            }
        }
    }

    /// The centre ends and begins again, and is away for a while. Meanwhile somebody who took it back agrees anew.
    async fn centre_goes_out(&mut self) {
        let act = self.fresh();
        let mut away = self.taken_back.difference(&self.agreed_anew);
        let agrees = away.find(|away| self.customers.contains(away) && !self.is_erased(away)).cloned();
        self.restart_centre(agrees.as_deref().map(|subject| (subject, act))).await;
        self.is_left_waiting();
        self.agreed_anew.extend(agrees);
        self.down_until = self.now + Duration::from_secs(self.rng.random_range(1..120));
    }

    /// Years both ways, days, minutes, or right again.
    fn jump(&mut self) -> TimeDelta {
        match self.rng.random_range(0..4) {
            0 => TimeDelta::days(self.rng.random_range(-1100..1100)),
            1 => TimeDelta::hours(self.rng.random_range(-100..100)),
            2 => TimeDelta::seconds(self.rng.random_range(-600..600)),
            _ => TimeDelta::zero(),
        }
    }

    /// A value that nobody has set before.
    fn value(&mut self) -> PreferenceValue {
        PreferenceValue::Text(format!("value {}", self.number()))
    }

    fn edit(&mut self) -> PreferenceEdit {
        let (group, key) = PREFERENCES[self.rng.random_range(0..PREFERENCES.len())];
        PreferenceEdit { group: group.to_owned(), key: key.to_owned(), value: Some(self.value()) }
    }

    /// An associate opens somebody who is remembered, and changes something, notes something, writes down that they are
    /// here, or is told to forget them.
    async fn visit(&mut self, till: usize, subject: &str) {
        if !self.is_served(till) {
            return;
        }
        let Some(id) = self.tills[till].find(subject).await else { return };
        self.does(till, Input::OpenRemembered { id }).await;
        self.changes(till).await;
    }

    async fn changes(&mut self, till: usize) {
        for _ in 0..self.rng.random_range(1..4) {
            let input = match self.rng.random_range(0..10) {
                0..6 => Input::ChangePreference(self.edit()),
                6..8 => Input::TakeNote { text: format!("note {}", self.number()) },
                _ => Input::NoteVisit,
            };
            self.does(till, input).await;
        }
        match self.rng.random_range(0..20) {
            0..2 => self.does(till, Input::ForgetCustomer).await,
            2..15 => self.does(till, Input::EndVisit).await,
            _ => {}
        }
    }

    /// An associate enters somebody who stands there, and whom the centre may know.
    async fn somebody_new(&mut self, till: usize) {
        if !self.is_served(till) {
            return;
        }
        let number = self.number();
        let email = if self.rng.random_bool(0.3) {
            let known = self.rng.random_range(0..self.addresses.len());
            self.addresses[known].clone()
        } else {
            format!("newcomer{number}@example.com")
        };
        self.addresses.push(email.clone());
        // The name of nobody begins like that of somebody else.
        let display = format!("Newcomer Nr{number}x");
        let entry = Entry {
            name: Name { display, given: None, family: None, order: NameOrder::GivenFirst },
            email: Some(email),
            phone: None,
            locale: None,
            scopes: RememberScopes::all(),
        };
        self.does(till, Input::AddCustomer(entry)).await;
        self.changes(till).await;
    }

    fn is_served(&mut self, till: usize) -> bool {
        self.tills[till].is_ready()
            && self.tills[till]
                .machine()
                .is_some_and(|machine| matches!(machine.state().staff, Staff::Unlocked(_)))
    }

    /// An associate decides about what the centre has refused.
    async fn look_at_queue(&mut self, till: usize) {
        if !self.is_served(till) {
            return;
        }
        let vault = self.tills[till].vault().unwrap().clone();
        let list = vault.unsent().await.unwrap();
        for unsent in list.edits {
            if !matches!(unsent.state, EditState::Refused { .. }) {
                continue;
            }
            let seen = unsent.theirs.and_then(|theirs| theirs.preference).map(|preference| preference.value);
            let input = match self.rng.random_range(0..4) {
                0 => Input::DropEdit { edit: unsent.id },
                1 | 2 => Input::MendEdit { edit: unsent.id, value: Some(self.value()), seen },
                _ => continue,
            };
            self.does(till, input).await;
        }
        for unsent in list.customers.into_iter().filter(|unsent| unsent.refused.is_some()) {
            let customer = unsent.customer_id;
            let input = match self.rng.random_range(0..5) {
                0 => Input::DropCustomer { customer },
                1..4 => Input::SendCustomer { customer },
                _ => continue,
            };
            self.does(till, input).await;
        }
    }

    async fn does(&mut self, till: usize, input: Input) {
        let fresh = self.fresh();
        self.tell(till, act(input, fresh)).await;
    }

    pub(crate) fn fresh(&mut self) -> Uuid {
        Uuid::from_u128(self.rng.random())
    }
}

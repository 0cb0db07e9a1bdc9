//! The page of what the centre does not have: whose it is, since when, why, and what a person can do about it.

use ::profile::Candidate;
use chrono::{DateTime, Utc};
use counter::State;
use serde::Serialize;
use specta::Type;
use uuid::Uuid;
use vault::{EditState, UNREADABLE, UnsentCustomer, UnsentEdit, UnsentList, UnsentVisit};

use super::{PreferenceInput, ProvenanceView, ValueView};

/// What the centre does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct UnsentView {
    /// What a person must look at first, then what waits longest; not all of it where there is very much.
    pub edits: Vec<UnsentEditView>,
    /// How many edits there are.
    pub all: u32,
    /// New customers, those that a person must look at first.
    pub customers: Vec<UnsentCustomerView>,
    /// Visits, refused ones first.
    pub visits: Vec<UnsentVisitView>,
}

/// Somebody new whom the centre does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct UnsentCustomerView {
    /// Key in the vault.
    pub id: Uuid,
    /// Who; none where the record cannot be read.
    pub name: Option<String>,
    /// When they were entered.
    pub made_at: DateTime<Utc>,
    /// How it stands with them.
    pub standing: NewStandingView,
    /// Whom the centre knows already.
    pub candidates: Vec<CandidateView>,
}

/// How it stands with somebody new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum NewStandingView {
    /// They are made by themselves.
    Waiting,
    /// They may be somebody whom the centre knows: they must be asked.
    MayBeKnown,
    /// The centre does not take what was entered.
    Refused,
    /// The centre has erased them.
    Erased,
}

/// Somebody whom the centre knows. No more than it takes to ask whether they are that.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CandidateView {
    /// "A••• D•••".
    pub masked_name: String,
    /// Since when they are known.
    pub since: Option<DateTime<Utc>>,
    /// Whether they have the same e-mail address.
    pub same_email: bool,
    /// Whether they have the same phone number.
    pub same_phone: bool,
}

/// A visit that the centre does not know of.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct UnsentVisitView {
    /// Which.
    pub id: Uuid,
    /// Whose; none where no copy of them is left here.
    pub name: Option<String>,
    /// When they were here.
    pub at: DateTime<Utc>,
    /// Whether the centre does not take it.
    pub refused: bool,
}

/// An edit that the centre does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct UnsentEditView {
    /// Which.
    pub id: Uuid,
    /// Whose; none where no copy of them is left here.
    pub name: Option<String>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// What was changed; none where it cannot be read.
    pub change: Option<ChangeView>,
    /// How it stands with it.
    pub standing: StandingView,
}

/// A change of a preference.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// Group of the preference.
    pub group: String,
    /// Key within the group.
    pub key: String,
    /// How it is edited.
    pub input: PreferenceInput,
    /// What was entered; none where the value was taken away.
    pub value: Option<ValueView>,
    /// What stands there now, as far as the till has heard.
    pub now: Option<ValueView>,
    /// Where that comes from.
    pub provenance: Option<ProvenanceView>,
}

/// How it stands with an edit that the centre does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum StandingView {
    /// It is sent by itself.
    Waiting,
    /// It is sent when the customer has signed in again.
    NeedsSignIn,
    /// Somebody else has set another value: a person must choose.
    Conflict,
    /// The profile was changed at the same time, but not to another value.
    Overtaken,
    /// The centre does not take the value.
    BadValue,
    /// The till may not change this.
    NotAllowed,
    /// The centre does not know the customer any more.
    NoCustomer,
    /// The centre cannot do this.
    NotOffered,
    /// The centre refuses it for a reason of its own.
    Refused,
    /// The till cannot read its own record of it.
    Unreadable,
}

/// The page, for the counter that is in this state.
pub fn unsent(list: &UnsentList, state: &State) -> UnsentView {
    UnsentView {
        edits: list.edits.iter().map(|edit| edit_view(edit, state)).collect(),
        all: list.all,
        customers: list.customers.iter().map(customer_view).collect(),
        visits: list.visits.iter().map(visit_view).collect(),
    }
}

fn customer_view(unsent: &UnsentCustomer) -> UnsentCustomerView {
    let candidates: Vec<CandidateView> = unsent.candidates.iter().map(candidate_view).collect();
    UnsentCustomerView {
        id: unsent.customer_id,
        name: unsent.new.as_ref().map(|new| new.name.display.clone()),
        made_at: unsent.made_at,
        standing: match unsent.refused {
            None => NewStandingView::Waiting,
            Some(409) if !candidates.is_empty() => NewStandingView::MayBeKnown,
            Some(410) => NewStandingView::Erased,
            Some(_) => NewStandingView::Refused,
        },
        candidates,
    }
}

fn candidate_view(candidate: &Candidate) -> CandidateView {
    CandidateView {
        masked_name: candidate.name.clone(),
        since: candidate.since,
        same_email: candidate.same_email,
        same_phone: candidate.same_phone,
    }
}

fn visit_view(UnsentVisit { visit, name }: &UnsentVisit) -> UnsentVisitView {
    UnsentVisitView {
        id: visit.id,
        name: name.as_ref().map(|name| name.display.clone()),
        at: visit.at,
        refused: visit.refused.is_some(),
    }
}

fn edit_view(unsent: &UnsentEdit, state: &State) -> UnsentEditView {
    let theirs = unsent.theirs.as_ref().and_then(|theirs| theirs.preference.as_ref());
    UnsentEditView {
        id: unsent.id,
        name: unsent.name.as_ref().map(|name| name.display.clone()),
        made_at: unsent.made_at,
        change: unsent.change.as_ref().map(|(edit, _)| ChangeView {
            group: edit.group.clone(),
            key: edit.key.clone(),
            input: ::profile::catalogue::input_of(&edit.group, &edit.key).into(),
            value: edit.value.as_ref().map(ValueView::from),
            now: theirs.map(|theirs| (&theirs.value).into()),
            provenance: theirs.and_then(|theirs| theirs.provenance.as_ref()).map(ProvenanceView::from),
        }),
        standing: standing(unsent, state),
    }
}

fn standing(unsent: &UnsentEdit, state: &State) -> StandingView {
    match unsent.state {
        EditState::Waiting if state.queue.need_sign_in.contains(&unsent.customer_id) => {
            StandingView::NeedsSignIn
        }
        EditState::Waiting => StandingView::Waiting,
        EditState::Refused { status: UNREADABLE } => StandingView::Unreadable,
        _ if unsent.change.is_none() => StandingView::Unreadable,
        EditState::Refused { status: 409 | 412 } if unsent.is_conflict() => StandingView::Conflict,
        EditState::Refused { status } => match status {
            409 | 412 => StandingView::Overtaken,
            400 | 413 | 422 => StandingView::BadValue,
            401 | 403 => StandingView::NotAllowed,
            404 | 410 => StandingView::NoCustomer,
            405 | 501 => StandingView::NotOffered,
            _ => StandingView::Refused,
        },
    }
}

#[cfg(test)]
mod tests {
    use ::profile::{
        Author, Channel, Name, NameOrder, Preference, PreferenceEdit, PreferenceValue, Provenance,
    };
    use vault::Theirs;

    use super::*;
    use crate::view::sample;

    fn size(size: &str) -> PreferenceValue {
        PreferenceValue::Text(size.to_owned())
    }

    fn edit(state: EditState, theirs: Option<&str>) -> UnsentEdit {
        let provenance = Provenance { channel: Channel::Web, at: DateTime::UNIX_EPOCH, by: Author::Customer };
        UnsentEdit {
            id: Uuid::from_u128(1),
            customer_id: Uuid::from_u128(2),
            name: Some(Name {
                display: "Amélie".to_owned(),
                given: None,
                family: None,
                order: NameOrder::GivenFirst,
            }),
            change: Some((
                PreferenceEdit {
                    group: "sizes".to_owned(),
                    key: "shoes".to_owned(),
                    value: Some(size("41")),
                },
                Some(size("40")),
            )),
            made_at: DateTime::UNIX_EPOCH,
            state,
            theirs: theirs.map(|theirs| Theirs {
                preference: Some(Preference { value: size(theirs), provenance: Some(provenance) }),
                revision: 9,
            }),
        }
    }

    fn seen(edit: UnsentEdit) -> UnsentEditView {
        let list = UnsentList { edits: vec![edit], all: 1, customers: Vec::new(), visits: Vec::new() };
        let mut view = unsent(&list, &sample::every_visit()[0]);
        view.edits.remove(0)
    }

    #[test]
    fn a_conflict_shows_both_values_and_where_the_other_one_is_from() {
        let shown = seen(edit(EditState::Refused { status: 412 }, Some("42")));
        assert_eq!(shown.standing, StandingView::Conflict);
        let change = shown.change.unwrap();
        assert_eq!(change.value, Some(ValueView::Text("41".to_owned())));
        assert_eq!(change.now, Some(ValueView::Text("42".to_owned())));
        assert_eq!(change.provenance.unwrap().channel, "web");
    }

    #[test]
    fn every_refusal_has_its_reason() {
        for (status, standing) in [
            (400, StandingView::BadValue),
            (403, StandingView::NotAllowed),
            (404, StandingView::NoCustomer),
            (409, StandingView::Conflict),
            (422, StandingView::BadValue),
            (451, StandingView::Refused),
            (501, StandingView::NotOffered),
            (UNREADABLE, StandingView::Unreadable),
        ] {
            assert_eq!(seen(edit(EditState::Refused { status }, Some("42"))).standing, standing, "{status}");
        }
        let nobody_else = edit(EditState::Refused { status: 412 }, Some("40"));
        assert_eq!(seen(nobody_else).standing, StandingView::Overtaken);
    }

    #[test]
    fn what_waits_for_a_sign_in_says_so() {
        let waiting = edit(EditState::Waiting, None);
        let mut state = sample::every_visit().remove(0);
        let list = UnsentList { edits: vec![waiting], all: 1, customers: Vec::new(), visits: Vec::new() };
        assert_eq!(unsent(&list, &state).edits[0].standing, StandingView::Waiting);
        state.queue.need_sign_in.insert(Uuid::from_u128(2));
        assert_eq!(unsent(&list, &state).edits[0].standing, StandingView::NeedsSignIn);
    }
}

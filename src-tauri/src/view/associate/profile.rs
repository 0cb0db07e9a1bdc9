//! The open profile in the terms of a screen.

use std::cmp::Reverse;

use ::profile::{
    Activity, ActivityKind, Author, Channel, ConsentAct, ConsentState, Identity, IdentityProvider, Loyalty,
    Preference, PreferenceValue, Preferences, Provenance, Purpose, RememberScope,
    catalogue::Input,
    consent,
    notes::{self, NOTES, TAGS},
};
use counter::state::{Edit, EditProgress, OpenProfile, Origin, State};
use directory::{Offers, Which};

use crate::view::{
    ActivityView, AgreementView, AuthorView, ConsentActView, ConsentStateView, ConsentView, EditProgressView,
    IdentityView, LoyaltyView, NotesView, OriginView, PreferenceGroupView, PreferenceInput, PreferenceView,
    ProfileView, ProvenanceView, RefusedView, ScopeView, ValueView,
};

/// The purposes in the order of the screen.
const PURPOSES: [Purpose; 5] = [
    Purpose::RememberAtStore,
    Purpose::Personalisation,
    Purpose::EmailMarketing,
    Purpose::SmsMarketing,
    Purpose::AdNetworks,
];

pub(super) fn profile(open: &OpenProfile, state: &State) -> ProfileView {
    let (profile, offers) = (&open.profile, &state.offers);
    let is_copy = matches!(open.origin, Origin::Copy { .. });
    // Of somebody who has not signed in, what they did not leave here is neither there nor not there.
    let left = |scope| open.left().is_none_or(|left| left.has(scope));
    let known = !offers.preferences.is_none() && left(RememberScope::Preferences);
    ProfileView {
        name: profile.name.display.clone(),
        given: profile.name.given.clone(),
        email: profile.email.clone(),
        email_verified: profile.email_verified,
        phone: profile.phone.clone(),
        locale: profile.locale.clone(),
        birthday: profile.birthday,
        member_since: profile.member_since,
        identities: (offers.identities && left(RememberScope::Contact))
            .then(|| profile.identities.iter().map(IdentityView::from).collect()),
        loyalty: profile.loyalty.as_ref().map(|loyalty| loyalty_view(loyalty, offers)),
        preferences: known.then(|| preferences(&profile.preferences, &open.edits, offers)),
        notes: (known && offers.edits == Which::All)
            .then(|| notes_view(&profile.preferences, &open.edits, offers)),
        consents: offers.consents.then(|| {
            let known =
                |purpose: &Purpose| *purpose == Purpose::RememberAtStore || left(RememberScope::Preferences);
            let purposes = PURPOSES.into_iter().filter(known);
            purposes.map(|purpose| consent_view(&profile.consents, purpose)).collect()
        }),
        activity: (offers.activity && left(RememberScope::Activity))
            .then(|| open.activity.iter().map(ActivityView::from).collect()),
        has_older: open.older.is_some(),
        loading_older: open.loading_older,
        origin: open.origin.into(),
        proof: open.proof.as_ref().map(Into::into),
        agreement: agreement(open),
        visit_noted: (is_copy && state.at_store).then_some(open.visit_noted),
        not_kept: not_kept(open, offers),
    }
}

/// What a sign-in would show: what the source does not know either is not among it.
fn not_kept(open: &OpenProfile, offers: &Offers) -> Vec<ScopeView> {
    let is_known = |scope: &RememberScope| match scope {
        RememberScope::Preferences => !offers.preferences.is_none(),
        RememberScope::Activity => offers.activity,
        RememberScope::Contact | RememberScope::Loyalty => true,
    };
    let missing = open.left().into_iter().flat_map(profile::RememberScopes::missing);
    missing.filter(is_known).map(Into::into).collect()
}

fn agreement(open: &OpenProfile) -> Option<AgreementView> {
    let remember = open.remember.as_ref()?;
    let act = open.profile.consents.iter().find(|act| Some(&act.id) == remember.act.as_ref());
    Some(AgreementView {
        until: remember.until,
        scopes: remember.scopes.iter().map(Into::into).collect(),
        act: act.map(Into::into),
        receipt: remember.act.clone(),
    })
}

/// The catalogue's preferences that the source knows, set or not, and behind them those that only the centre knows, as text.
fn preferences(set: &Preferences, edits: &[Edit], offers: &Offers) -> Vec<PreferenceGroupView> {
    let mut groups: Vec<PreferenceGroupView> = Vec::new();
    let all = ::profile::catalogue::catalogue().iter();
    for known in all.filter(|known| offers.preferences.has(known.group, known.key)) {
        let value = set.get(known.group).and_then(|group| group.get(known.key));
        let item = preference(known.group, known.key, known.input.into(), value, edits, offers);
        group_of(&mut groups, known.group).push(item);
    }
    for (group, items) in set.iter().filter(|(group, _)| ![NOTES, TAGS].contains(&group.as_str())) {
        for (key, value) in items.iter().filter(|(key, _)| offers.preferences.has(group, key)) {
            let group_items = group_of(&mut groups, group);
            if group_items.iter().all(|item| item.key != *key) {
                let input = unknown(&value.value);
                group_items.push(preference(group, key, input, Some(value), edits, offers));
            }
        }
    }
    groups
}

fn notes_view(set: &Preferences, edits: &[Edit], offers: &Offers) -> NotesView {
    let view = |group, of: Vec<(&str, &Preference)>| {
        let one = |(key, set)| preference(group, key, PreferenceInput::Text, Some(set), edits, offers);
        of.into_iter().map(one).collect()
    };
    NotesView { tags: view(TAGS, notes::tags(set)), notes: view(NOTES, notes::notes(set)) }
}

/// How a preference is edited that the catalogue lacks: as what it is, several texts as one.
fn unknown(value: &PreferenceValue) -> PreferenceInput {
    match value {
        PreferenceValue::Flag(_) => PreferenceInput::Flag,
        PreferenceValue::Text(_) | PreferenceValue::Several(_) => PreferenceInput::Text,
    }
}

fn group_of<'a>(groups: &'a mut Vec<PreferenceGroupView>, group: &str) -> &'a mut Vec<PreferenceView> {
    let place = groups.iter().position(|known| known.group == group).unwrap_or_else(|| {
        groups.push(PreferenceGroupView { group: group.to_owned(), items: Vec::new() });
        groups.len() - 1
    });
    &mut groups[place].items
}

fn preference(
    group: &str,
    key: &str,
    input: PreferenceInput,
    set: Option<&Preference>,
    edits: &[Edit],
    offers: &Offers,
) -> PreferenceView {
    let newest = edits.iter().rev().find(|made| made.edit.group == group && made.edit.key == key);
    PreferenceView {
        key: key.to_owned(),
        input,
        editable: offers.edits.has(group, key),
        value: set.map(|set| (&set.value).into()),
        provenance: set.and_then(|set| set.provenance.as_ref()).map(ProvenanceView::from),
        progress: newest.map(|made| (&made.progress).into()),
        refused: newest
            .filter(|made| matches!(made.progress, EditProgress::Refused { .. }))
            .map(|made| RefusedView { edit: made.id, value: made.edit.value.as_ref().map(ValueView::from) }),
    }
}

fn consent_view(log: &[ConsentAct], purpose: Purpose) -> ConsentView {
    let (state, since) = match consent::state_of(log, purpose) {
        ConsentState::NeverAsked => (ConsentStateView::NeverAsked, None),
        ConsentState::Given { since } => (ConsentStateView::Given, Some(since)),
        ConsentState::Withdrawn { since } => (ConsentStateView::Withdrawn, Some(since)),
    };
    let mut acts: Vec<&ConsentAct> = log.iter().filter(|act| act.purpose == purpose).collect();
    acts.sort_by_key(|act| Reverse((act.at, !act.given)));
    ConsentView {
        purpose: purpose_key(purpose).to_owned(),
        state,
        at: since,
        acts: acts.into_iter().map(Into::into).collect(),
    }
}

fn loyalty_view(loyalty: &Loyalty, offers: &Offers) -> LoyaltyView {
    LoyaltyView {
        number: loyalty.number.clone(),
        tier: loyalty.tier.clone(),
        points: loyalty.points.map(number),
        next_tier_at: loyalty.next_tier_at.map(number),
        // The profile API says by leaving it out that there is none; any other source just does not say it.
        is_top: loyalty.next_tier_at.is_none() && *offers == Offers::everything(),
    }
}

fn purpose_key(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::EmailMarketing => "email_marketing",
        Purpose::SmsMarketing => "sms_marketing",
        Purpose::Personalisation => "personalisation",
        Purpose::AdNetworks => "ad_networks",
        Purpose::RememberAtStore => "remember_at_store",
        Purpose::Other => "other",
    }
}

fn channel_key(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "web",
        Channel::App => "app",
        Channel::Store => "store",
        Channel::Social => "social",
        Channel::Other => "other",
    }
}

fn provider_key(provider: IdentityProvider) -> &'static str {
    match provider {
        IdentityProvider::Password => "password",
        IdentityProvider::Passkey => "passkey",
        IdentityProvider::Phone => "phone",
        IdentityProvider::Google => "google",
        IdentityProvider::Facebook => "facebook",
        IdentityProvider::Apple => "apple",
        IdentityProvider::Microsoft => "microsoft",
        IdentityProvider::Other => "other",
    }
}

fn kind_key(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Purchase => "purchase",
        ActivityKind::Return => "return",
        ActivityKind::Visit => "visit",
        ActivityKind::View => "view",
        ActivityKind::Wishlist => "wishlist",
        ActivityKind::Review => "review",
        ActivityKind::Social => "social",
        ActivityKind::Service => "service",
        ActivityKind::Other => "other",
    }
}

/// JavaScript has one kind of number. Points and minor units stay far below 2^53, where it becomes inexact.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn number(whole: i64) -> f64 {
    whole as f64
}

impl From<&ConsentAct> for ConsentActView {
    fn from(act: &ConsentAct) -> Self {
        Self {
            given: act.given,
            at: act.at,
            by: match act.by {
                Author::Customer => AuthorView::Customer,
                Author::Associate => AuthorView::Associate,
                Author::Other => AuthorView::Other,
            },
            channel: channel_key(act.channel).to_owned(),
            store: act.store_name.clone().or_else(|| act.store.clone()),
            wording: act.wording.clone(),
        }
    }
}

impl From<RememberScope> for ScopeView {
    fn from(scope: RememberScope) -> Self {
        match scope {
            RememberScope::Contact => Self::Contact,
            RememberScope::Preferences => Self::Preferences,
            RememberScope::Activity => Self::Activity,
            RememberScope::Loyalty => Self::Loyalty,
        }
    }
}

impl From<&Identity> for IdentityView {
    fn from(identity: &Identity) -> Self {
        Self {
            provider: provider_key(identity.provider).to_owned(),
            label: identity.label.clone(),
            linked_at: identity.linked_at,
            last_used_at: identity.last_used_at,
        }
    }
}

impl From<&Provenance> for ProvenanceView {
    fn from(provenance: &Provenance) -> Self {
        Self {
            channel: channel_key(provenance.channel).to_owned(),
            at: provenance.at,
            by_associate: provenance.by == Author::Associate,
        }
    }
}

impl From<&PreferenceValue> for ValueView {
    fn from(value: &PreferenceValue) -> Self {
        match value {
            PreferenceValue::Flag(flag) => Self::Flag(*flag),
            PreferenceValue::Text(text) => Self::Text(text.clone()),
            PreferenceValue::Several(several) => Self::Several(several.clone()),
        }
    }
}

impl From<ValueView> for PreferenceValue {
    fn from(value: ValueView) -> Self {
        match value {
            ValueView::Flag(flag) => Self::Flag(flag),
            ValueView::Text(text) => Self::Text(text),
            ValueView::Several(several) => Self::Several(several),
        }
    }
}

impl From<Input> for PreferenceInput {
    fn from(input: Input) -> Self {
        let keys = |options: &[&str]| options.iter().map(ToString::to_string).collect();
        match input {
            Input::Text => Self::Text,
            Input::OneOf(options) => Self::OneOf { options: keys(options) },
            Input::AnyOf(options) => Self::AnyOf { options: keys(options) },
        }
    }
}

impl From<&EditProgress> for EditProgressView {
    fn from(progress: &EditProgress) -> Self {
        match progress {
            EditProgress::Saving => Self::Saving,
            EditProgress::Waiting => Self::Waiting,
            EditProgress::Sent => Self::Sent,
            EditProgress::NotSaved => Self::NotSaved,
            EditProgress::Refused { .. } => Self::Refused,
        }
    }
}

impl From<Origin> for OriginView {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Live => Self::Live,
            Origin::Copy { of } => Self::Copy { of },
        }
    }
}

impl From<&Activity> for ActivityView {
    fn from(activity: &Activity) -> Self {
        Self {
            id: activity.id.clone(),
            at: activity.at,
            channel: channel_key(activity.channel).to_owned(),
            kind: kind_key(activity.kind).to_owned(),
            title: activity.title.clone(),
            brand: activity.brand.clone(),
            store: activity.store.clone(),
            amount_minor: activity.amount.as_ref().map(|amount| number(amount.minor)),
            currency: activity.amount.as_ref().map(|amount| amount.currency.clone()),
        }
    }
}

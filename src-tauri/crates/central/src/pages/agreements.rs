//! What a customer agreed to: the stores that remember them, each ended by one tap, and the receipt of every act.
//!
//! Shows the signed-in customer's own and nobody else's: an act is looked for in their log alone.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use profile::{Author, Channel, ConsentAct, Profile, Purpose, RememberScope, RememberScopes};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Form, Frame, PageError, Visitor,
    account::{self, Asker},
    back::Back,
    device::consent::{parts, standing},
    texts::Texts,
};
use crate::{
    customers, grants,
    receipts::{self, Words},
    sessions::Session,
    state::AppState,
};

/// Version of what the button says; the language follows it.
const WORDING: &str = "account-forget-1";

#[derive(Template)]
#[template(path = "agreements.html")]
struct AgreementsPage<'a> {
    frame: Frame<'a>,
    back: &'a Back,
    email: &'a str,
    stores: Vec<StoreRow>,
    acts: Vec<ActRow>,
}

/// A store that remembers the customer.
struct StoreRow {
    id: String,
    name: String,
    text: String,
}

struct ActRow {
    id: String,
    purpose: String,
    text: String,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    frame: Frame<'a>,
    id: &'a str,
    /// Each with its name.
    rows: Vec<(String, String)>,
}

#[derive(Deserialize)]
pub(super) struct TakeBack {
    #[serde(default)]
    form_token: String,
    store: String,
}

/// Whoever is signed in, with their profile.
async fn own(state: &AppState, visitor: &Visitor) -> Result<Option<(Session, Profile)>, PageError> {
    let Some(session) = visitor.browser.session(state).await? else { return Ok(None) };
    let profile = customers::profile(&state.db, &session.subject).await?;
    Ok(profile.map(|profile| (session, profile)))
}

pub(super) async fn list(State(state): State<AppState>, visitor: Visitor) -> Result<Response, PageError> {
    let back = Back::Agreements;
    let Some((session, profile)) = own(&state, &visitor).await? else {
        return account::sign_in_page(&state, &visitor, &back, &Asker::Own, None);
    };
    let (brand, texts, now) = (state.brands.plain(), &visitor.texts, state.now());
    let mut acts: Vec<&ConsentAct> = profile.consents.iter().collect();
    acts.sort_by_key(|act| std::cmp::Reverse(act.at));
    let page = AgreementsPage {
        frame: visitor.frame(brand, None, "agreements"),
        back: &back,
        email: &session.email,
        stores: stores(texts, &profile, now),
        acts: acts.into_iter().map(|act| act_row(texts, act)).collect(),
    };
    visitor.show(StatusCode::OK, brand, None, &page)
}

fn stores(texts: &Texts, profile: &Profile, now: DateTime<Utc>) -> Vec<StoreRow> {
    let mut ids: Vec<&String> = profile.consents.iter().filter_map(|act| act.store.as_ref()).collect();
    ids.sort();
    ids.dedup();
    let row = |id: &String| {
        let remember = standing(profile, id, now)?;
        let name = profile.consents.iter().rev().find(|act| act.store.as_ref() == Some(id))?;
        let (date, parts) = (texts.date(remember.until), parts(texts, &remember.scopes));
        Some(StoreRow {
            id: id.clone(),
            name: name.store_name.clone().unwrap_or_else(|| id.clone()),
            text: texts.with("agreements-until", [("date", date.into()), ("parts", parts.into())]),
        })
    };
    ids.into_iter().filter_map(row).collect()
}

fn act_row(texts: &Texts, act: &ConsentAct) -> ActRow {
    let state = texts.say(if act.given { "agreements-given" } else { "agreements-taken-back" });
    ActRow {
        id: act.id.clone(),
        purpose: purpose(texts, act.purpose),
        text: format!("{state}, {}, {}", texts.date(act.at), place(texts, act)),
    }
}

/// One tap: the store forgets the customer.
pub(super) async fn take_back(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<TakeBack>,
) -> Result<Response, PageError> {
    visitor.check(&form.form_token)?;
    let now = state.now();
    if let Some((session, profile)) = own(&state, &visitor).await?
        && standing(&profile, &form.store, now).is_some()
    {
        let act = ConsentAct {
            id: Uuid::now_v7().to_string(),
            purpose: Purpose::RememberAtStore,
            given: false,
            at: now,
            by: Author::Customer,
            channel: Channel::Web,
            wording: format!("{WORDING}.{}", visitor.texts.language()),
            store: Some(form.store.clone()),
            store_name: None,
            till: None,
            scopes: None,
            until: None,
        };
        let mut write = state.db.write().await?;
        customers::record_consent(&mut write, &session.subject, &act).await?;
        grants::forget_at_store(&mut write, &session.subject, &form.store).await?;
        write.commit().await.map_err(crate::Error::from)?;
    }
    visitor.send_to(&Back::Agreements.address())
}

/// A receipt to read.
pub(super) async fn receipt(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some((session, profile)) = own(&state, &visitor).await? else {
        return account::sign_in_page(&state, &visitor, &Back::Agreements, &Asker::Own, None);
    };
    let act = profile.consents.iter().find(|act| act.id == id).ok_or(PageError::Missing)?;
    let (brand, texts) = (state.brands.plain(), &visitor.texts);
    let page = ReceiptPage {
        frame: visitor.frame(brand, None, "receipt"),
        id: &act.id,
        rows: rows(texts, act, &session.email),
    };
    visitor.show(StatusCode::OK, brand, None, &page)
}

/// The same for a machine.
pub(super) async fn document(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some((session, profile)) = own(&state, &visitor).await? else {
        return account::sign_in_page(&state, &visitor, &Back::Agreements, &Asker::Own, None);
    };
    let act = profile.consents.iter().find(|act| act.id == id).ok_or(PageError::Missing)?;
    // In the language that the consent was given in.
    let language = act.wording.rsplit_once('.').map_or("en", |(_, language)| language);
    let texts = Texts::of(language);
    let language = texts.language();
    let words = Words {
        language: &language,
        purpose: purpose(&texts, act.purpose),
        how: how(&texts, act),
        ending: texts.say("receipt-end-text"),
        part: &|part| texts.say(&format!("part-{part}")),
    };
    let manage = format!("{}/agreements", state.issuer());
    let receipt = receipts::receipt(&session.subject, act, &words, &manage);
    let as_file = "attachment; filename=\"consent-receipt.json\"";
    let headers = [(header::CONTENT_TYPE, "application/ld+json"), (header::CONTENT_DISPOSITION, as_file)];
    Ok((headers, format!("{receipt:#}")).into_response())
}

fn rows(texts: &Texts, act: &ConsentAct, email: &str) -> Vec<(String, String)> {
    let state = texts.say(if act.given { "agreements-given" } else { "agreements-taken-back" });
    let mut rows = vec![
        ("receipt-number", act.id.clone()),
        ("receipt-who", email.to_owned()),
        ("receipt-purpose", purpose(texts, act.purpose)),
        ("receipt-state", format!("{state}, {}", texts.date(act.at))),
        ("receipt-how", how(texts, act)),
    ];
    if act.purpose == Purpose::RememberAtStore && act.given {
        let kept = act.scopes.clone().unwrap_or_else(RememberScopes::all);
        let missing: Vec<String> =
            kept.missing().map(|scope: RememberScope| texts.say(&format!("part-{}", scope.word()))).collect();
        rows.push(("receipt-parts", parts(texts, &kept)));
        if !missing.is_empty() {
            rows.push(("receipt-not-parts", texts.list(&missing)));
        }
    }
    if let Some(until) = act.until {
        rows.push(("receipt-until", texts.date(until)));
    }
    rows.push(("receipt-wording", act.wording.clone()));
    rows.push(("receipt-end", texts.say("receipt-end-text")));
    rows.into_iter().map(|(key, value)| (texts.say(key), value)).collect()
}

/// Where and by whom.
fn how(texts: &Texts, act: &ConsentAct) -> String {
    let by = match act.by {
        Author::Customer => "by-customer",
        Author::Associate => "by-associate",
        Author::Other => "by-other",
    };
    let till = act.till.as_ref().map(|till| format!(" · {till}")).unwrap_or_default();
    format!("{}{till}, {}", place(texts, act), texts.say(by))
}

fn place(texts: &Texts, act: &ConsentAct) -> String {
    let channel = match act.channel {
        Channel::Web => "channel-web",
        Channel::App => "channel-app",
        Channel::Store => "channel-store",
        Channel::Social => "channel-social",
        Channel::Other => "channel-other",
    };
    let store = act.store_name.as_ref().or(act.store.as_ref());
    store.filter(|_| act.channel == Channel::Store).cloned().unwrap_or_else(|| texts.say(channel))
}

fn purpose(texts: &Texts, purpose: Purpose) -> String {
    texts.say(match purpose {
        Purpose::EmailMarketing => "purpose-email",
        Purpose::SmsMarketing => "purpose-sms",
        Purpose::Personalisation => "purpose-personal",
        Purpose::AdNetworks => "purpose-ads",
        Purpose::RememberAtStore => "purpose-remember",
        Purpose::Other => "purpose-other",
    })
}

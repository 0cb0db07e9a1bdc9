//! The profile API (`assets/central.openapi.json`): the one that can do everything.

use chrono::{DateTime, Utc};
use profile::{ActivityPage, PreferenceEdit, Profile};
use reqwest::{
    Method, StatusCode,
    header::{HeaderName, IF_MATCH, IF_NONE_MATCH},
};
use sealing::Sealed;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    Error,
    address::below,
    http::{Http, Request},
    source::{Answer, Customer, Me, Offers, ProfileSource, Sealing, Withdrawal},
};

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub(crate) const JSON: &str = "application/json";
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

/// The profile API below an address.
#[derive(Debug)]
pub(crate) struct Central {
    base: Url,
    http: Http,
}

#[derive(Deserialize)]
struct OpenedVisit {
    id: String,
}

#[derive(Deserialize)]
struct SealedAnswers {
    answers: Vec<SealedAnswer>,
}

#[derive(Deserialize)]
struct SealedAnswer {
    status: u16,
}

impl Central {
    /// `base` is the address of `/v1`.
    pub(crate) fn new(base: Url, http: Http) -> Self {
        Self { base, http }
    }

    fn at(&self, parts: &[&str]) -> Result<Url, Error> {
        below(&self.base, parts)
    }
}

impl ProfileSource for Central {
    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }

    fn offers(&self) -> Offers {
        Offers::everything()
    }

    fn me<'a>(&'a self, customer: Customer<'a>, known: Option<u64>) -> Answer<'a, Me> {
        Box::pin(async move {
            let mut get = Request::get("profile", self.at(&["me"])?);
            if let Some(revision) = known {
                get = get.header(IF_NONE_MATCH, &etag(revision));
            }
            let reply = self.http.send(customer.authority, get).await?.accepted()?;
            match (reply.status, known) {
                (StatusCode::NOT_MODIFIED, Some(_)) => Ok(Me::Unchanged),
                (StatusCode::NOT_MODIFIED, None) => {
                    Err(Error::Unexpected("\"unchanged\" where nothing is known"))
                }
                _ => Ok(Me::Profile(Box::new(customer.own(reply.document()?)?))),
            }
        })
    }

    fn activity<'a>(&'a self, customer: Customer<'a>, cursor: Option<&'a str>) -> Answer<'a, ActivityPage> {
        Box::pin(async move {
            let mut url = self.at(&["me", "activity"])?;
            if let Some(cursor) = cursor {
                url.query_pairs_mut().append_pair("cursor", cursor);
            }
            self.http.send(customer.authority, Request::get("activity", url)).await?.accepted()?.document()
        })
    }

    fn change_preferences<'a>(
        &'a self,
        customer: Customer<'a>,
        edit: &'a PreferenceEdit,
        base: Option<u64>,
        idempotency_key: Uuid,
    ) -> Answer<'a, Profile> {
        Box::pin(async move {
            let mut patch = Request::new("preferences", Method::PATCH, self.at(&["me", "preferences"])?)
                .header(IDEMPOTENCY_KEY, &idempotency_key.to_string())
                .body(MERGE_PATCH, edit.merge_patch());
            if let Some(revision) = base {
                patch = patch.header(IF_MATCH, &etag(revision));
            }
            customer.own(self.http.send(customer.authority, patch).await?.accepted()?.document()?)
        })
    }

    fn take_back<'a>(&'a self, customer: Customer<'a>, withdrawal: &'a Withdrawal) -> Answer<'a, ()> {
        Box::pin(async move {
            let post = Request::new("withdrawal", Method::POST, self.at(&["me", "withdrawals"])?)
                .body(JSON, json!(withdrawal));
            self.http.send(customer.authority, post).await?.accepted().map(drop)
        })
    }

    fn sealing<'a>(&'a self, customer: Customer<'a>) -> Answer<'a, Sealing> {
        Box::pin(async move {
            let get = Request::get("sealing key", self.at(&["me", "sealing-key"])?);
            self.http.send(customer.authority, get).await?.accepted()?.document()
        })
    }

    fn hand_over<'a>(&'a self, edits: &'a [Sealed]) -> Answer<'a, Vec<u16>> {
        Box::pin(async move {
            let post = Request::new("sealed edits", Method::POST, self.at(&["sealed-edits"])?)
                .body(JSON, json!({ "edits": edits }));
            let SealedAnswers { answers } = self.http.send_alone(post).await?.accepted()?.document()?;
            Ok(answers.into_iter().map(|answer| answer.status).collect())
        })
    }

    fn open_visit<'a>(
        &'a self,
        customer: Customer<'a>,
        idempotency_key: Uuid,
        at: DateTime<Utc>,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let post = Request::new("visit", Method::POST, self.at(&["visits"])?)
                .header(IDEMPOTENCY_KEY, &idempotency_key.to_string())
                .body(JSON, json!({ "at": at }));
            let OpenedVisit { id } =
                self.http.send(customer.authority, post).await?.accepted()?.document()?;
            Ok(id)
        })
    }

    fn end_visit<'a>(
        &'a self,
        customer: Customer<'a>,
        id: &'a str,
        at: DateTime<Utc>,
        how: &'a str,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let url = self.at(&["visits", id, "end"])?;
            let post =
                Request::new("end of visit", Method::POST, url).body(JSON, json!({ "at": at, "how": how }));
            self.http.send(customer.authority, post).await?.accepted().map(drop)
        })
    }
}

pub(crate) fn etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

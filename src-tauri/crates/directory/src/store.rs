//! What the profile API tells a till itself, with a token that speaks for no customer: who agreed to be remembered at its
//! store, and what becomes of them. One call is one attempt; of anybody who is told twice in one answer, or out of order,
//! nothing is believed.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use profile::{NewCustomer, PreferenceEdit, Profile, Remember, RememberScopes};
use reqwest::{Method, StatusCode, header::IF_MATCH};
use serde::Deserialize;
use trail::AuditBatch;
use url::Url;
use uuid::Uuid;

use crate::{
    Authority, Error, Sealing, Withdrawal,
    address::below,
    central::{IDEMPOTENCY_KEY, JSON, MERGE_PATCH, etag},
    http::{Http, Request},
};

/// Customers on a page: with the largest documents there are, less than the longest answer that is read.
const PAGE: u32 = 200;
/// How long a request is held while nothing happens.
const WAIT: Duration = Duration::from_secs(25);
/// How much longer its answer may take.
const GRACE: Duration = Duration::from_secs(10);

/// The client of a till.
#[derive(Clone, Debug)]
pub struct StoreApi {
    base: Url,
    http: Http,
}

/// A customer whom the store may remember.
#[derive(Clone, Deserialize)]
#[serde(from = "Document")]
pub struct StoreCustomer {
    /// The parts of the profile that they leave there.
    pub profile: Profile,
    /// What they agreed to.
    pub remember: Remember,
}

#[derive(Deserialize)]
struct Document {
    profile: Profile,
    scopes: RememberScopes,
    until: DateTime<Utc>,
    act: String,
}

impl From<Document> for StoreCustomer {
    fn from(Document { profile, scopes, until, act }: Document) -> Self {
        Self { profile, remember: Remember { until, scopes, act: Some(act) } }
    }
}

impl fmt::Debug for StoreCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreCustomer").field("remember", &self.remember).finish_non_exhaustive()
    }
}

/// A page of them, in the order of their subjects.
#[derive(Debug, Deserialize)]
pub struct StorePage {
    /// The customers.
    pub items: Vec<StoreCustomer>,
    /// Who is erased among the subjects that the page reaches over; nobody where the service does not say so.
    #[serde(default)]
    pub erased: Vec<String>,
    /// Where the next page starts; none at the end.
    pub next: Option<String>,
    /// Number of the newest change when the page was read.
    pub feed: i64,
    /// How many there are in all.
    pub total: u32,
}

/// Changes, oldest first.
#[derive(Debug, Deserialize)]
pub struct StoreChanges {
    /// What happened.
    pub items: Vec<StoreChange>,
    /// Where the feed goes on.
    pub next: i64,
}

/// What became of a customer.
#[derive(Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StoreChange {
    /// They are this now.
    Changed {
        /// Who.
        subject: String,
        /// What the store may know.
        remembered: Box<StoreCustomer>,
    },
    /// The store must not remember them any more.
    Left {
        /// Who.
        subject: String,
    },
    /// They are erased.
    Erased {
        /// Who.
        subject: String,
    },
}

impl fmt::Debug for StoreChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed { .. } => "Changed(..)",
            Self::Left { .. } => "Left(..)",
            Self::Erased { .. } => "Erased(..)",
        })
    }
}

impl StoreApi {
    /// `base` is the address of `/v1`.
    pub(crate) fn new(base: Url, http: Http) -> Self {
        Self { base, http }
    }

    /// A page of the store's customers; `cursor` is the `next` of the page before.
    pub async fn page(&self, till: &Authority, cursor: Option<&str>) -> Result<StorePage, Error> {
        let mut url = below(&self.base, &["remembered"])?;
        url.query_pairs_mut().append_pair("limit", &PAGE.to_string());
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let page: StorePage =
            self.http.send(till, Request::get("remembered", url)).await?.accepted()?.document()?;
        let in_order = page.items.is_sorted_by(|one, next| one.profile.subject < next.profile.subject);
        // An empty page with a next one could go on for ever.
        let is_empty = page.items.is_empty() && page.erased.is_empty();
        if in_order && page.erased.is_sorted() && (page.next.is_none() || !is_empty) {
            Ok(page)
        } else {
            Err(Error::Unexpected("a page of customers that is out of order"))
        }
    }

    /// What has changed since; held for a while where that is nothing. [`Error::Refused`] with status 410 where the service
    /// does not know of `since`.
    pub async fn changes(&self, till: &Authority, since: i64) -> Result<StoreChanges, Error> {
        let mut url = below(&self.base, &["changes"])?;
        url.query_pairs_mut()
            .append_pair("since", &since.to_string())
            .append_pair("wait", &WAIT.as_secs().to_string());
        let get = Request::get("changes", url).limit(WAIT + GRACE);
        let changes: StoreChanges = self.http.send(till, get).await?.accepted()?.document()?;
        let own = |change: &StoreChange| match change {
            StoreChange::Changed { subject, remembered } => *subject == remembered.profile.subject,
            StoreChange::Left { .. } | StoreChange::Erased { .. } => true,
        };
        if !changes.items.iter().all(own) {
            return Err(Error::OtherSubject);
        }
        if changes.next < since {
            return Err(Error::Unexpected("a feed that goes backwards"));
        }
        Ok(changes)
    }

    /// Sends one edit of a customer whom the store remembers: like
    /// [`crate::ProfileSource::change_preferences`], and the same request for the service under the same key.
    /// [`Error::NotOffered`] where the store may not remember them, or they do not leave their preferences there.
    pub async fn change_preferences(
        &self,
        till: &Authority,
        subject: &str,
        edit: &PreferenceEdit,
        base: Option<u64>,
        idempotency_key: Uuid,
    ) -> Result<Profile, Error> {
        let url = below(&self.base, &["remembered", subject, "preferences"])?;
        let mut patch = Request::new("preferences", Method::PATCH, url)
            .header(IDEMPOTENCY_KEY, &idempotency_key.to_string())
            .body(MERGE_PATCH, edit.merge_patch());
        if let Some(revision) = base {
            patch = patch.header(IF_MATCH, &etag(revision));
        }
        let reply = self.http.send(till, patch).await?;
        if reply.status == StatusCode::FORBIDDEN {
            return Err(Error::NotOffered);
        }
        let profile: Profile = match reply.accepted() {
            Err(Error::Refused { status: 404, .. }) => return Err(Error::NotOffered),
            reply => reply?.document()?,
        };
        if profile.subject == subject { Ok(profile) } else { Err(Error::OtherSubject) }
    }

    /// Makes somebody new, once for each `id`, which becomes their subject. `somebody_else` names candidates that they are
    /// not. [`Error::Refused`] with status 409 names those whom they may be, in its problem.
    pub async fn make_customer(
        &self,
        till: &Authority,
        id: &str,
        new: &NewCustomer,
        somebody_else: &[String],
    ) -> Result<StoreCustomer, Error> {
        let url = below(&self.base, &["customers", id])?;
        let mut document =
            serde_json::to_value(new).map_err(|_| Error::Unexpected("a customer that is no JSON"))?;
        document["somebody_else"] = serde_json::json!(somebody_else);
        let put = Request::new("customers", Method::PUT, url).body(JSON, document);
        let made: StoreCustomer = self.http.send(till, put).await?.accepted()?.document()?;
        if made.profile.subject == id { Ok(made) } else { Err(Error::OtherSubject) }
    }

    /// Writes down that a customer whom the store remembers was there, once for each key.
    pub async fn note_visit(
        &self,
        till: &Authority,
        subject: &str,
        at: DateTime<Utc>,
        idempotency_key: Uuid,
    ) -> Result<(), Error> {
        let url = below(&self.base, &["remembered", subject, "visits"])?;
        let post = Request::new("visits", Method::POST, url)
            .header(IDEMPOTENCY_KEY, &idempotency_key.to_string())
            .body(JSON, serde_json::json!({ "at": at }));
        self.http.send(till, post).await?.accepted().map(drop)
    }

    /// Says that a customer, who left no token here, took back what they agreed to: like
    /// [`crate::ProfileSource::take_back`]. [`Error::NotOffered`] where the service cannot be told so by the till.
    pub async fn take_back(
        &self,
        till: &Authority,
        subject: &str,
        withdrawal: &Withdrawal,
    ) -> Result<(), Error> {
        let url = below(&self.base, &["remembered", subject, "withdrawals"])?;
        let post = Request::new("withdrawal", Method::POST, url).body(JSON, serde_json::json!(withdrawal));
        self.http.send(till, post).await?.offered()?.accepted().map(drop)
    }

    /// What is to be sealed that waits of customers who left no grant of their own: the grant is the till's.
    /// [`Error::NotOffered`] where the service has no such thing.
    pub async fn sealing(&self, till: &Authority) -> Result<Sealing, Error> {
        let url = below(&self.base, &["sealing-key"])?;
        self.http.send(till, Request::get("sealing key", url)).await?.offered()?.accepted()?.document()
    }

    /// Sends a part of the till's audit trail; answers how many lines the service has then. [`Error::Refused`] with status
    /// 409 where what it has is another trail.
    pub async fn ship_audit(&self, till: &Authority, batch: &AuditBatch) -> Result<u64, Error> {
        #[derive(Deserialize)]
        struct Kept {
            lines: u64,
        }
        let url = below(&self.base, &["audit"])?;
        let document =
            serde_json::to_value(batch).map_err(|_| Error::Unexpected("a trail that is no JSON"))?;
        let reply =
            self.http.send(till, Request::new("audit", Method::POST, url).body(JSON, document)).await?;
        Ok(reply.accepted()?.document::<Kept>()?.lines)
    }

    /// Says that somebody's erasure was carried out here. What the service does not know of needs no word more.
    pub async fn confirm_erasure(&self, till: &Authority, subject: &str) -> Result<(), Error> {
        let url = below(&self.base, &["erasures", subject, "confirmation"])?;
        let reply = self.http.send(till, Request::new("erasure", Method::POST, url)).await?;
        if reply.status == StatusCode::NOT_FOUND { Ok(()) } else { reply.accepted().map(drop) }
    }
}

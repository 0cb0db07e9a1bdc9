//! The requests.

use chrono::{DateTime, Utc};
use profile::{ActivityPage, PreferenceEdit, Profile};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::{
    Error,
    http::{request, send},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const MERGE_PATCH: HeaderValue = HeaderValue::from_static("application/merge-patch+json");

/// The answer of [`Directory::me`].
#[derive(Debug)]
pub enum Me {
    /// The known revision is the newest.
    Unchanged,
    /// The document.
    Profile(Box<Profile>),
}

/// A client of one profile API. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Directory {
    base: Url,
    http: reqwest::Client,
}

#[derive(Serialize)]
struct NewVisit {
    at: DateTime<Utc>,
}

#[derive(Serialize)]
struct VisitEnd<'a> {
    at: DateTime<Utc>,
    how: &'a str,
}

#[derive(Deserialize)]
struct OpenedVisit {
    id: String,
}

impl Directory {
    /// `base` is the address of `/v1`. `http` follows no redirects.
    pub fn new(base: Url, http: reqwest::Client) -> Self {
        Self { base, http }
    }

    /// The customer's own profile; `known` is the revision at hand.
    pub async fn me(&self, token: &SecretString, known: Option<u64>) -> Result<Me, Error> {
        let mut get = request(&self.http, Method::GET, self.at(&["me"])?, token)?;
        if let Some(revision) = known {
            get = get.header(IF_NONE_MATCH, etag(revision));
        }
        let reply = send(get, "profile").await?;
        match (reply.status, known) {
            (StatusCode::NOT_MODIFIED, Some(_)) => Ok(Me::Unchanged),
            (StatusCode::NOT_MODIFIED, None) => {
                Err(Error::Unexpected("\"unchanged\" where nothing is known"))
            }
            _ => reply.document().map(|profile| Me::Profile(Box::new(profile))),
        }
    }

    /// A page of activity, newest first; `cursor` is the `next` of the page before.
    pub async fn activity(&self, token: &SecretString, cursor: Option<&str>) -> Result<ActivityPage, Error> {
        let mut url = self.at(&["me", "activity"])?;
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        send(request(&self.http, Method::GET, url, token)?, "activity").await?.document()
    }

    /// Sends one edit, and gives back the profile as it is then. With `base`, the revision that the edit was made on, it is
    /// refused with status 412 where somebody else has changed the same preference since.
    pub async fn change_preferences(
        &self,
        token: &SecretString,
        edit: &PreferenceEdit,
        base: Option<u64>,
        idempotency_key: Uuid,
    ) -> Result<Profile, Error> {
        let mut patch = request(&self.http, Method::PATCH, self.at(&["me", "preferences"])?, token)?
            .header(IDEMPOTENCY_KEY, idempotency_key.to_string());
        if let Some(revision) = base {
            patch = patch.header(IF_MATCH, etag(revision));
        }
        // `json` keeps the content type that is there already.
        send(patch.header(CONTENT_TYPE, MERGE_PATCH).json(&edit.merge_patch()), "preferences")
            .await?
            .document()
    }

    /// Opens a visit and gives back its id.
    pub async fn open_visit(
        &self,
        token: &SecretString,
        idempotency_key: Uuid,
        at: DateTime<Utc>,
    ) -> Result<String, Error> {
        let post = request(&self.http, Method::POST, self.at(&["visits"])?, token)?
            .header(IDEMPOTENCY_KEY, idempotency_key.to_string())
            .json(&NewVisit { at });
        let OpenedVisit { id } = send(post, "visit").await?.document()?;
        Ok(id)
    }

    /// Ends a visit; `how` is a word such as `done`. One that has ended already stays as it is.
    pub async fn end_visit(
        &self,
        token: &SecretString,
        id: &str,
        at: DateTime<Utc>,
        how: &str,
    ) -> Result<(), Error> {
        let url = self.at(&["visits", id, "end"])?;
        let post = request(&self.http, Method::POST, url, token)?.json(&VisitEnd { at, how });
        send(post, "end of visit").await.map(drop)
    }

    /// An address below the base. An empty part, or one that means "here" or "above", would lead elsewhere.
    fn at(&self, parts: &[&str]) -> Result<Url, Error> {
        let mut url = self.base.clone();
        if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(Error::Unexpected("an id that cannot be part of an address"));
        }
        url.path_segments_mut()
            .map_err(|()| Error::Unexpected("a profile API without an address"))?
            .pop_if_empty()
            .extend(parts);
        Ok(url)
    }
}

fn etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

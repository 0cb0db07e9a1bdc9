//! What a customer did, over all channels, newest first.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Channel;

/// One thing that a customer did.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// Unique within the customer.
    pub id: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Where it happened.
    pub channel: Channel,
    /// What it was.
    pub kind: ActivityKind,
    /// What to show: an article, a page, a store ("Linen shirt, sand").
    pub title: String,
    /// The brand it happened at.
    pub brand: Option<String>,
    /// The store it happened at.
    pub store: Option<String>,
    /// What was paid or returned.
    pub amount: Option<Money>,
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activity")
            .field("kind", &self.kind)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

/// The kinds of activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ActivityKind {
    /// Bought something.
    Purchase,
    /// Brought something back.
    Return,
    /// Signed in at a counter.
    Visit,
    /// Looked at something.
    View,
    /// Put something on the wish list.
    Wishlist,
    /// Reviewed something.
    Review,
    /// Liked, shared or commented in a social network.
    Social,
    /// Wrote to or was answered by customer service.
    Service,
    /// Anything this version has no name for.
    #[serde(other)]
    Other,
}

/// An amount of money in the smallest unit of its currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Money {
    /// Minor units: 1999 is 19.99 for EUR; negative for a return.
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
}

/// A page of activity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityPage {
    /// Newest first.
    pub items: Vec<Activity>,
    /// Where the next page starts; none at the end.
    pub next: Option<String>,
}

//! Profile sources other than the profile API.

use counter::{
    Input,
    state::{EditProgress, Origin},
};
use directory::{Kind, Mapping, SourceConfig, Which};
use url::Url;

use super::{counter::Till, provider::Provider};
use crate::people::{shoes_of, text};

fn source(provider: &Provider, kind: Kind, at: &str, shoes: &str) -> SourceConfig {
    let mut mapping = Mapping::default();
    let mut catalogue = profile::catalogue::catalogue().iter();
    mapping.map_preference(catalogue.find(|known| known.key == "shoes").unwrap(), shoes).unwrap();
    let address = Url::parse(&format!("{}{at}", provider.issuer())).unwrap();
    SourceConfig { source: Some(kind), address: Some(address), mapping }
}

#[tokio::test(flavor = "multi_thread")]
async fn user_info_shows_what_is_mapped_takes_no_edit_and_notes_no_visit() {
    let provider = Provider::start().await;
    let till = Till { profile: source(&provider, Kind::UserInfo, "/userinfo", "/shoe_size"), ..Till::new() };
    let running = till.first_day(&provider).await;
    running.visit(&provider, false).await;
    let state = running.until_open("the size", |open| shoes_of(&open.profile) == Some(text("38"))).await;
    assert!(state.offers.preferences.has("sizes", "shoes"));
    assert_eq!(state.offers.edits, Which::Only([].into()));
    assert!(!state.offers.activity && !state.offers.visits && !state.offers.consents);

    running.change_shoes("39");
    running.end().await;
    provider.saw("revoke access-1").await;
    assert_eq!(provider.count("user info"), 1);
    for never in ["me", "visit", "edit", "end of visit"] {
        assert_eq!(provider.count(never), 0, "{never}");
    }
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_alone_says_who_it_is_and_nobody_else_is_asked() {
    let provider = Provider::start().await;
    let profile = SourceConfig { address: None, ..source(&provider, Kind::IdToken, "", "/shoe_size") };
    let till = Till { profile, ..Till::new() };
    let running = till.first_day(&provider).await;
    running.visit(&provider, true).await;
    let state = running
        .until_open("the size", |open| shoes_of(&open.profile) == Some(text("38")) && open.remember.is_some())
        .await;
    assert!(state.offers.preferences.has("sizes", "shoes"));
    assert!(!state.offers.activity && !state.offers.visits && !state.offers.consents);
    running.end().await;
    for never in ["user info", "me", "visit"] {
        assert_eq!(provider.count(never), 0, "{never}");
    }

    // The copy has what the token said; the token itself has gone with the visit.
    running.open_copy().await;
    let state = running.until_open("a copy", |open| matches!(open.origin, Origin::Copy { .. })).await;
    assert_eq!(state.connection, counter::state::Connection::Online);
    running.0.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_customer_of_auth0_waits_while_the_network_is_gone_and_arrives_in_their_metadata() {
    let mut provider = Provider::start().await;
    let source = source(&provider, Kind::Auth0, "/api/v2", "/user_metadata/shoe_size");
    let till = Till { profile: source, ..Till::new() };
    let running = till.first_day(&provider).await;
    running.visit(&provider, true).await;
    let state = running.until_open("remembered", |open| open.remember.is_some()).await;
    assert!(state.offers.identities && state.offers.edits.has("sizes", "shoes"));
    running.change_shoes("39");
    running
        .until_open("sent", |open| open.edits.iter().all(|edit| edit.progress == EditProgress::Sent))
        .await;
    provider.saw("metadata {\"user_metadata\":{\"shoe_size\":\"39\"}}").await;
    running.end().await;
    provider.saw("revoke access-1").await;

    provider.off().await;
    running.open_copy().await;
    running.until_open("a copy", |open| matches!(open.origin, Origin::Copy { .. })).await;
    running.change_shoes("40");
    running
        .until_open("waiting", |open| open.edits.iter().any(|edit| edit.progress == EditProgress::Waiting))
        .await;
    running.0.send(Input::EndVisit);
    provider.on().await;
    provider.saw("metadata {\"user_metadata\":{\"shoe_size\":\"40\"}}").await;
    running.until("nothing waits", |state| state.queue.waiting == 0).await;
    running.0.stop().await;
}

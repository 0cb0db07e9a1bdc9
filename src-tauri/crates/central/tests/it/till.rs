//! The service as the till's own clients see it, which are written after the contract alone.

use std::sync::Arc;

use central::Clock as _;
use directory::{Authority, Discovered, Error, SourceConfig, StoreApi, StoreChange};
use profile::{PreferenceEdit, PreferenceValue, RememberScopes};
use signin::{ClientAuthentication, Network, Provider, ProviderConfig, TillKey};
use sqlx::SqliteConnection;

use crate::world::{AMELIE, SECOND_TILL, TILL, World};

/// A till that has a token of its own.
struct Till {
    api: StoreApi,
    authority: Authority,
}

impl Till {
    async fn start(world: &World) -> Self {
        let key = TillKey::generate().unwrap();
        world.server.set_client_key(SECOND_TILL, &key.public_jwk().to_string()).await.unwrap();
        let config = ProviderConfig {
            client_authentication: ClientAuthentication::PrivateKeyJwt(key),
            ..ProviderConfig::new(world.server.url().clone(), SECOND_TILL)
        };
        let http = signin::http_client(&Network::new(&config.issuer)).unwrap();
        let issuer = config.issuer.clone();
        let clock = Arc::clone(&world.clock);
        let provider =
            Provider::discover(config, Arc::new(http.clone()), Arc::new(move || clock.now())).await.unwrap();
        assert!(provider.offers_store_tokens());
        let tokens = provider.store_token().await.unwrap();
        let found = Discovered { issuer, profile_api: provider.profile_api().cloned(), user_info: None };
        let api = SourceConfig::default().open_store(&found, http).unwrap();
        Self { api, authority: Authority::bearer(tokens.access_token) }
    }
}

/// Somebody says at the till beside it whether the store may remember them.
async fn decide(world: &World, email: &str, choice: &str) {
    let phone = world.phone_of(email).await;
    world.tokens_at(TILL, &phone, "openid customer", choice).await;
}

async fn customers(database: &mut SqliteConnection) -> Vec<(String, String)> {
    sqlx::query_as("SELECT subject, email FROM accounts WHERE role = 'customer' ORDER BY subject")
        .fetch_all(database)
        .await
        .unwrap()
}

fn shoes(size: &str) -> PreferenceEdit {
    PreferenceEdit {
        group: "sizes".to_owned(),
        key: "shoes".to_owned(),
        value: Some(PreferenceValue::Text(size.to_owned())),
    }
}

#[tokio::test]
async fn a_till_copies_who_is_remembered_and_follows_what_becomes_of_them() {
    let world = World::start().await;
    let till = Till::start(&world).await;
    let customers = customers(&mut world.database().await).await;
    for (_, email) in &customers {
        decide(&world, email, "store").await;
    }
    let page = till.api.page(&till.authority, None).await.unwrap();
    let subjects = page.items.iter().map(|item| &item.profile.subject);
    assert!(subjects.eq(customers.iter().map(|(subject, _)| subject)));
    assert_eq!((page.next, usize::try_from(page.total).unwrap()), (None, customers.len()));
    let first = &page.items[0];
    assert_eq!(first.remember.scopes, RememberScopes::all());
    assert!(first.profile.consents.iter().any(|act| Some(&act.id) == first.remember.act.as_ref()));
    assert!(world.clock.now() < first.remember.until);

    let ([changed, left, erased], since) = ([0, 1, 2].map(|nth| customers[nth].clone()), page.feed);
    let profile = till
        .api
        .change_preferences(&till.authority, &changed.0, &shoes("41"), None, uuid::Uuid::new_v4())
        .await
        .unwrap();
    decide(&world, &left.1, "visit").await;
    assert!(world.server.erase(&erased.0).await.unwrap());
    let told = till.api.changes(&till.authority, since).await.unwrap();
    let [
        StoreChange::Changed { subject, remembered },
        StoreChange::Left { subject: who_left },
        StoreChange::Erased { subject: who_is_erased },
    ] = &told.items[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!((subject, remembered.profile.revision), (&changed.0, profile.revision));
    assert_eq!((who_left, who_is_erased), (&left.0, &erased.0));
    for _ in 0..2 {
        till.api.confirm_erasure(&till.authority, &erased.0).await.unwrap();
    }
    till.api.confirm_erasure(&till.authority, "somebody whom nobody knows").await.unwrap();
    let gone = till.api.changes(&till.authority, told.next + 1).await;
    assert!(matches!(gone, Err(Error::Refused { status: 410, .. })), "{gone:?}");
}

#[tokio::test]
async fn a_till_that_may_not_write_for_a_customer_is_told_so_apart_from_a_bad_token() {
    let world = World::start().await;
    let till = Till::start(&world).await;
    let customers = customers(&mut world.database().await).await;
    let (amelie, _) = customers.iter().find(|(_, email)| email == AMELIE).unwrap();
    let (edit, key) = (shoes("41"), uuid::Uuid::new_v4());
    let send = |authority| till.api.change_preferences(authority, amelie, &edit, None, key);
    assert!(matches!(send(&till.authority).await, Err(Error::NotOffered)), "who never agreed");

    let phone = world.phone_of(AMELIE).await;
    let code = world.code_at(TILL, "openid customer").await;
    let page = phone.open(&code.address).await;
    let form = [("decision", "yes"), ("remember", "some"), ("keep_loyalty", "yes")];
    phone.submit(&page, "/device/decision", &form).await.expect("done");
    assert!(matches!(send(&till.authority).await, Err(Error::NotOffered)), "who leaves something else");

    let bad = Authority::bearer("no-token".into());
    assert!(matches!(send(&bad).await, Err(Error::NotAuthorised)));
    decide(&world, AMELIE, "store").await;
    let changed = send(&till.authority).await.unwrap();
    assert_eq!(send(&till.authority).await.unwrap().revision, changed.revision);
}

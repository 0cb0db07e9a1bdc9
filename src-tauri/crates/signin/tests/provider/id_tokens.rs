//! ID tokens: one that passes every check, and one for each way to fail.

use std::time::Duration;

use serde_json::{Value, json};
use signin::{Distrust, Error, Evidence, ProviderConfig, SignedIn};
use wiremock::ResponseTemplate;

use crate::{
    keys::{self, Key},
    stand::{CLIENT, Stand, discover, json_answer, now, tokens},
};

async fn verify(stand: &Stand, token: String) -> Result<SignedIn, Distrust> {
    let provider = stand.provider().await;
    match provider.verify(tokens(Some(token))).await {
        Ok(signed_in) => Ok(signed_in),
        Err(Error::NotTrusted(why)) => Err(why),
        Err(other) => panic!("{other:?}"),
    }
}

/// What becomes of a token whose claims differ a little from the right ones.
async fn with_claims(change: impl FnOnce(&mut Value)) -> Result<SignedIn, Distrust> {
    let stand = Stand::start().await;
    let mut claims = stand.claims();
    change(&mut claims);
    verify(&stand, stand.key.sign(&claims)).await
}

fn assert_fails(result: &Result<SignedIn, Distrust>, expected: Distrust) {
    match result {
        Err(why) => assert_eq!(*why, expected),
        Ok(_) => panic!("a customer was signed in although: {expected}"),
    }
}

#[tokio::test]
async fn a_token_that_passes_every_check_says_who_signed_in() {
    let stand = Stand::start().await;
    let signed_in = verify(&stand, stand.key.sign(&stand.claims())).await.unwrap();
    assert!(signed_in.customer.issuer == stand.server.uri());
    assert!(signed_in.customer.subject == "customer-1");
    assert_eq!(signed_in.claims.name.as_deref(), Some("Amélie Durand"));
    assert_eq!(signed_in.claims.given_name.as_deref(), Some("Amélie"));
    assert_eq!(signed_in.claims.locale.as_deref(), Some("fr-FR"));
    assert_eq!(signed_in.claims.auth_time.unwrap().timestamp(), now().timestamp() - 3);
    assert_eq!(signed_in.check.as_deref(), Some("K7"));
    assert_eq!(signed_in.remember.clone().unwrap().until.timestamp(), now().timestamp() + 86_400);
}

#[tokio::test]
async fn every_allowed_algorithm_is_understood() {
    for (key, algorithm) in [
        (Key::ed25519("k", 7), "EdDSA"),
        (Key::p256("k"), "ES256"),
        (Key::p384("k"), "ES384"),
        (Key::rsa("k"), "RS256"),
        (Key::rsa("k"), "PS256"),
    ] {
        let stand = Stand::signing_with(key, |_| {}).await;
        let token = stand.key.sign_under(&json!({ "alg": algorithm, "kid": "k" }), &stand.claims());
        assert!(verify(&stand, token).await.is_ok(), "{algorithm}");
    }
}

#[tokio::test]
async fn claims_beyond_the_needed_ones_may_be_missing() {
    let signed_in = with_claims(|claims| {
        let needed = ["iss", "sub", "aud", "exp", "iat"];
        claims.as_object_mut().unwrap().retain(|name, _| needed.contains(&name.as_str()));
    })
    .await
    .unwrap();
    assert!(signed_in.claims == signin::Claims::default());
    assert_eq!((signed_in.check, signed_in.remember), (None, None));
}

#[tokio::test]
async fn needed_claims_may_not_be_missing() {
    for name in ["iss", "sub", "exp", "iat"] {
        let result = with_claims(|claims| {
            claims.as_object_mut().unwrap().remove(name);
        })
        .await;
        assert_fails(&result, Distrust::Malformed);
    }
    let result = with_claims(|claims| {
        claims.as_object_mut().unwrap().remove("aud");
    })
    .await;
    assert_fails(&result, Distrust::Audience);
}

#[tokio::test]
async fn what_is_no_token_is_not_believed() {
    let stand = Stand::start().await;
    let good = stand.key.sign(&stand.claims());
    for bad in [
        "",
        "a.b.c",
        "e30.e30.e30",
        "not a token",
        good.trim_end_matches(|c| c != '.'),
        &good.replace('.', ""),
    ] {
        let result = verify(&stand, bad.to_owned()).await;
        assert!(result.is_err(), "{bad:?} was believed");
    }
}

#[tokio::test]
async fn a_wrong_signature_is_not_believed() {
    let stand = Stand::start().await;
    let forger = Key::ed25519("first", 66);
    assert_fails(&verify(&stand, forger.sign(&stand.claims())).await, Distrust::Signature);

    // The signature of one token under the claims of another.
    let mut other = stand.claims();
    other["sub"] = json!("customer-2");
    let (signed, wanted) = (stand.key.sign(&stand.claims()), stand.key.sign(&other));
    let (input, signature) = (wanted.rsplit_once('.').unwrap().0, signed.rsplit_once('.').unwrap().1);
    assert_fails(&verify(&stand, format!("{input}.{signature}")).await, Distrust::Signature);
    assert_eq!(stand.requests_to("/keys").await, 4, "each provider fetched its keys, and once more");
}

#[tokio::test]
async fn an_unsigned_token_is_not_believed() {
    let stand = Stand::start().await;
    assert_fails(&verify(&stand, keys::unsigned(&stand.claims())).await, Distrust::Algorithm);
}

#[tokio::test]
async fn a_shared_secret_signs_nothing_not_even_the_public_key() {
    let stand = Stand::start().await;
    for secret in [stand.key.public_bytes(), CLIENT.as_bytes().to_vec(), Vec::new()] {
        let token = keys::sign_shared(&secret, stand.key.kid, &stand.claims());
        assert_fails(&verify(&stand, token).await, Distrust::Algorithm);
    }
}

#[tokio::test]
async fn a_key_signs_only_with_its_own_algorithm() {
    let stand = Stand::start().await;
    let token = stand.key.sign_under(&json!({ "alg": "ES256", "kid": "first" }), &stand.claims());
    assert_fails(&verify(&stand, token).await, Distrust::UnknownKey);
}

#[tokio::test]
async fn a_header_that_must_be_understood_is_not_ignored() {
    let stand = Stand::start().await;
    let header = json!({ "alg": "EdDSA", "kid": "first", "crit": ["exp"] });
    assert!(verify(&stand, stand.key.sign_under(&header, &stand.claims())).await.is_err());
}

#[tokio::test]
async fn the_keys_are_fetched_again_when_a_token_names_an_unknown_one() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let second = Key::ed25519("second", 2);
    stand.server.reset().await;
    let both = json!({ "keys": [stand.key.jwk(), second.jwk()] });
    stand.answers("GET", "/keys", json_answer(200, &both)).await;

    let signed_in = provider.verify(tokens(Some(second.sign(&stand.claims())))).await;
    assert!(signed_in.is_ok(), "{signed_in:?}");
    let again = provider.verify(tokens(Some(second.sign(&stand.claims())))).await;
    assert!(again.is_ok(), "{again:?}");
    assert_eq!(stand.requests_to("/keys").await, 1, "the new keys are kept");
}

#[tokio::test]
async fn a_stream_of_invented_keys_does_not_make_the_till_hammer_its_provider() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    for (kid, seed) in [("a", 21), ("b", 22), ("c", 23), ("first", 24), ("first", 25)] {
        let forged = Key::ed25519(kid, seed).sign(&stand.claims());
        let result = provider.verify(tokens(Some(forged))).await;
        assert!(matches!(result, Err(Error::NotTrusted(_))), "{kid}: {result:?}");
    }
    assert_eq!(stand.requests_to("/keys").await, 2, "once at discovery, and once more");

    // A minute later the keys are looked at again.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    let second = Key::ed25519("second", 2);
    stand.server.reset().await;
    stand.answers("GET", "/keys", json_answer(200, &json!({ "keys": [second.jwk()] }))).await;
    assert!(provider.verify(tokens(Some(second.sign(&stand.claims())))).await.is_ok());
}

#[tokio::test]
async fn a_new_key_under_an_old_name_is_found() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let replaced = Key::ed25519("first", 77);
    stand.server.reset().await;
    stand.answers("GET", "/keys", json_answer(200, &json!({ "keys": [replaced.jwk()] }))).await;
    assert!(provider.verify(tokens(Some(replaced.sign(&stand.claims())))).await.is_ok());
}

#[tokio::test]
async fn keys_and_metadata_are_old_after_a_day() {
    let provider = Stand::start().await.provider().await;
    assert!(!provider.is_old());
    tokio::time::pause();
    tokio::time::advance(Duration::from_hours(24)).await;
    assert!(provider.is_old());
}

#[tokio::test]
async fn a_key_that_the_provider_has_withdrawn_is_forgotten_with_the_next_fetch() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let second = Key::ed25519("second", 2);
    stand.server.reset().await;
    stand.answers("GET", "/keys", json_answer(200, &json!({ "keys": [second.jwk()] }))).await;
    assert!(provider.verify(tokens(Some(second.sign(&stand.claims())))).await.is_ok());
    let result = provider.verify(tokens(Some(stand.key.sign(&stand.claims())))).await;
    assert!(matches!(result, Err(Error::NotTrusted(Distrust::UnknownKey))), "{result:?}");
}

#[tokio::test]
async fn an_unknown_key_whose_keys_cannot_be_fetched_is_no_reason_to_believe() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    stand.server.reset().await;
    stand.answers("GET", "/keys", ResponseTemplate::new(503)).await;
    let second = Key::ed25519("second", 2);
    let result = provider.verify(tokens(Some(second.sign(&stand.claims())))).await;
    assert!(matches!(result, Err(Error::Unreachable)), "{result:?}");
}

#[tokio::test]
async fn a_token_of_another_issuer_is_not_believed() {
    let result = with_claims(|claims| claims["iss"] = json!("https://id.example.com")).await;
    assert_fails(&result, Distrust::TokenIssuer);
    let slash =
        with_claims(|claims| claims["iss"] = json!(format!("{}/", claims["iss"].as_str().unwrap()))).await;
    assert_fails(&slash, Distrust::TokenIssuer);
}

#[tokio::test]
async fn a_token_for_another_audience_is_not_believed() {
    for audience in [json!("till-northquay-2"), json!([]), json!(["till-northquay-2"])] {
        let result = with_claims(|claims| claims["aud"] = audience).await;
        assert_fails(&result, Distrust::Audience);
    }
    assert!(with_claims(|claims| claims["aud"] = json!([CLIENT])).await.is_ok());
}

#[tokio::test]
async fn a_token_that_was_issued_to_another_party_is_not_believed() {
    assert_fails(&with_claims(|claims| claims["azp"] = json!("web-marram")).await, Distrust::AuthorizedParty);
    // The same audience twice is still one that needs an authorized party.
    let twice = with_claims(|claims| claims["aud"] = json!([CLIENT, CLIENT])).await;
    assert_fails(&twice, Distrust::AuthorizedParty);
    assert!(with_claims(|claims| claims["azp"] = json!(CLIENT)).await.is_ok());
}

#[tokio::test]
async fn a_token_for_several_must_have_been_issued_to_this_till() {
    let for_both = |party: Value| {
        with_claims(|claims| {
            claims["aud"] = json!([CLIENT, "profile-api"]);
            claims["azp"] = party;
        })
    };
    assert!(for_both(json!(CLIENT)).await.is_ok());
    assert_fails(&for_both(Value::Null).await, Distrust::AuthorizedParty);
    assert_fails(&for_both(json!("profile-api")).await, Distrust::AuthorizedParty);
}

#[tokio::test]
async fn how_the_customer_signed_in_is_kept() {
    let signed_in = with_claims(|claims| {
        claims["acr"] = json!("phr");
        claims["amr"] = json!(["hwk", "user", ""]);
    })
    .await
    .unwrap();
    assert_eq!(signed_in.evidence, Evidence::IdToken);
    assert_eq!(signed_in.claims.acr.as_deref(), Some("phr"));
    assert_eq!(signed_in.claims.amr, ["hwk", "user"]);
}

#[tokio::test]
async fn what_the_provider_does_not_list_is_no_signature_of_its() {
    let listed = |list: Value| {
        Stand::signing_with(Key::ed25519("first", 1), move |metadata| {
            metadata["id_token_signing_alg_values_supported"] = list;
        })
    };
    for list in [json!(["RS256"]), json!([]), json!(["HS256", "none"])] {
        let stand = listed(list).await;
        assert_fails(&verify(&stand, stand.key.sign(&stand.claims())).await, Distrust::Algorithm);
    }
    let stand = listed(Value::Null).await;
    assert!(verify(&stand, stand.key.sign(&stand.claims())).await.is_ok());
}

#[tokio::test]
async fn the_clocks_may_differ_as_much_as_is_configured_and_never_more_than_five_minutes() {
    for (leeway, late, expected) in [(0, 1, false), (10, 9, true), (10, 11, false), (3600, 301, false)] {
        let stand = Stand::start().await;
        let leeway = Duration::from_secs(leeway);
        let provider = discover(ProviderConfig { leeway, ..stand.config() }).await.unwrap();
        let mut claims = stand.claims();
        claims["exp"] = json!(now().timestamp() - late);
        let result = provider.verify(tokens(Some(stand.key.sign(&claims)))).await;
        assert_eq!(result.is_ok(), expected, "{leeway:?} {late}");
    }
}

#[tokio::test]
async fn another_person_than_the_one_who_signed_in_is_noticed() {
    let signed_in = with_claims(|_| {}).await.unwrap();
    assert!(signed_in.is_same_person("customer-1").is_ok());
    let other = signed_in.is_same_person("customer-2");
    assert!(matches!(other, Err(Error::NotTrusted(Distrust::Subject))), "{other:?}");
}

#[tokio::test]
async fn an_expired_token_is_not_believed_and_clocks_may_differ_by_a_minute() {
    let at = now().timestamp();
    for (expires, expected) in [(at - 3600, false), (at - 60, false), (at - 59, true), (at + 1, true)] {
        let result = with_claims(|claims| {
            claims["exp"] = json!(expires);
            claims["iat"] = json!(at - 7200);
        })
        .await;
        if expected {
            assert!(result.is_ok(), "{expires}");
        } else {
            assert_fails(&result, Distrust::Expired);
        }
    }
}

#[tokio::test]
async fn a_token_from_the_future_is_not_believed_and_clocks_may_differ_by_a_minute() {
    let at = now().timestamp();
    for (issued, expected) in [(at + 3600, false), (at + 61, false), (at + 60, true), (at - 60, true)] {
        let result = with_claims(|claims| {
            claims["iat"] = json!(issued);
            claims["exp"] = json!(issued + 7200);
        })
        .await;
        if expected {
            assert!(result.is_ok(), "{issued}");
        } else {
            assert_fails(&result, Distrust::FromTheFuture);
        }
    }
}

#[tokio::test]
async fn a_token_that_belongs_to_another_access_token_is_not_believed() {
    for wrong in [keys::at_hash("EdDSA", "another token"), keys::at_hash("RS256", "x"), String::new()] {
        let result = with_claims(|claims| claims["at_hash"] = json!(wrong)).await;
        assert_fails(&result, Distrust::AccessTokenHash);
    }
}

#[tokio::test]
async fn a_subject_that_cannot_name_a_customer_is_not_believed() {
    for subject in [String::new(), "x".repeat(256), "a\u{0}b".to_owned()] {
        let result = with_claims(|claims| claims["sub"] = json!(subject)).await;
        assert_fails(&result, Distrust::Malformed);
    }
}

#[tokio::test]
async fn a_check_that_two_people_cannot_compare_is_left_out() {
    for check in ["", "<b>K7</b>", "ABCDEFGHI", "K 7"] {
        let signed_in = with_claims(|claims| claims["countersign_check"] = json!(check)).await.unwrap();
        assert_eq!(signed_in.check, None, "{check:?}");
    }
}

#[tokio::test]
async fn a_nonce_that_nobody_asked_for_does_no_harm() {
    assert!(with_claims(|claims| claims["nonce"] = json!("n-0S6_WzA2Mj")).await.is_ok());
}

#[tokio::test]
async fn no_letter_of_a_token_can_be_changed() {
    let stand = Stand::start().await;
    let provider = stand.provider().await;
    let good = stand.key.sign(&stand.claims());
    // The last letter of the signature carries bits that mean nothing, so it is left out.
    for at in (0..good.len() - 1).filter(|at| good.as_bytes()[*at] != b'.') {
        let mut letters = good.clone().into_bytes();
        letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(letters).unwrap();
        let result = provider.verify(tokens(Some(changed))).await;
        assert!(matches!(result, Err(Error::NotTrusted(_))), "letter {at}: {result:?}");
    }
}

//! The OpenAPI document: the same as in `assets/`, and true.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{Api, problem};

#[test]
fn the_contract_in_assets_is_the_one_that_the_code_serves() {
    let stored = include_str!("../../../../../../assets/central.openapi.json");
    assert!(
        stored.trim_end() == central::openapi(),
        "renew it: cargo run -p central -- openapi > assets/central.openapi.json"
    );
}

#[tokio::test]
async fn every_address_of_the_contract_is_there_and_closed_to_strangers() {
    let api = Api::start().await;
    let contract: Value = serde_json::from_str(&central::openapi()).unwrap();
    let mut seen = 0;
    for (path, methods) in contract["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            // What is sealed carries its own authority.
            if path == "/v1/sealed-edits" {
                continue;
            }
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let url = api.world.at(&path.replace("{id}", "1").replace("{subject}", "1"));
            let answer = api.world.http.request(method, url).send().await.unwrap();
            problem(answer, StatusCode::UNAUTHORIZED).await;
            assert!(operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty()), "{path}");
            seen += 1;
        }
    }
    assert_eq!(seen, 18);
}

#[test]
fn the_contract_refers_to_nothing_that_it_lacks() {
    let contract = central::openapi();
    let document: Value = serde_json::from_str(&contract).unwrap();
    for reference in contract.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

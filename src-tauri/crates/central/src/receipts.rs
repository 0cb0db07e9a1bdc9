//! Receipts of acts of consent, after ISO/IEC TS 27560:2023 in the terms of the Data Privacy Vocabulary
//! (<https://w3id.org/dpv/schema/dpv-27560>, record profile 2): a copy of the record, handed to the customer.
//!
//! What was not agreed to is in it as well, as refused: a list of yeses alone would not show that there was a choice. A
//! receipt is computed from the act each time it is asked for, and acts are never changed.

use chrono::{DateTime, SecondsFormat, Utc};
use profile::{ConsentAct, Purpose, RememberScope, RememberScopes};
use serde_json::{Value, json};

/// The words of a receipt, in the language that the consent was given in.
pub(crate) struct Words<'a> {
    /// ISO 639-1.
    pub(crate) language: &'a str,
    /// What the consent is for.
    pub(crate) purpose: String,
    /// Where and how the act was done.
    pub(crate) how: String,
    /// How consent is taken back.
    pub(crate) ending: String,
    /// What a part of the profile is called.
    pub(crate) part: &'a dyn Fn(&str) -> String,
}

/// The receipt of an act. `manage` is where consent is looked at and taken back.
pub(crate) fn receipt(subject: &str, act: &ConsentAct, words: &Words<'_>, manage: &str) -> Value {
    let store = act.store.as_deref().unwrap_or("retailer");
    let controller = format!("store:{store}");
    let mut processes = Vec::new();
    if act.purpose == Purpose::RememberAtStore && act.given {
        let kept = act.scopes.clone().unwrap_or_else(RememberScopes::all);
        let data: Vec<Value> = std::iter::once(named("pd:Name", words, "name"))
            .chain(kept.iter().map(|scope| named(category(scope), words, scope.word())))
            .collect();
        processes.push(process(act, words, manage, &controller, &data, "dpv:ConsentGiven"));
        let refused: Vec<Value> =
            kept.missing().map(|scope| named(category(scope), words, scope.word())).collect();
        if !refused.is_empty() {
            processes.push(process(act, words, manage, &controller, &refused, "dpv:ConsentRefused"));
        }
    } else {
        let status = if act.given { "dpv:ConsentGiven" } else { "dpv:ConsentWithdrawn" };
        let data: Vec<Value> = data_of(act.purpose).iter().map(|data| json!(data)).collect();
        processes.push(process(act, words, manage, &controller, &data, status));
    }
    json!({
        "@context": {
            "dct": "http://purl.org/dc/terms/",
            "dpv": "https://w3id.org/dpv#",
            "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
            "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
            "pd": "https://w3id.org/dpv/pd#",
            "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "skos": "http://www.w3.org/2004/02/skos/core#",
        },
        "@type": ["dpv:ConsentReceipt"],
        "dct:conformsTo": "dpv-27560:record-2",
        "dpv:hasIdentifier": act.id,
        "dpv:hasDataSubject": { "@type": ["dpv:DataSubject"], "dpv:hasIdentifier": subject },
        "dct:created": time(act.at),
        "dct:creator": controller,
        "dct:language": words.language,
        "dpv:hasNotice": [{ "@type": "dpv:ConsentNotice", "dpv:hasIdentifier": act.wording }],
        "dpv:hasProcess": processes,
        "dpv:hasEntity": {
            controller.as_str(): {
                "@type": ["dpv:Organisation"],
                "dpv:hasIdentifier": store,
                "dpv:hasName": act.store_name.as_deref().unwrap_or(store),
                "dpv:hasContact": manage,
            },
        },
    })
}

fn process(
    act: &ConsentAct,
    words: &Words<'_>,
    manage: &str,
    controller: &str,
    data: &[Value],
    status: &str,
) -> Value {
    let mut state = json!({
        "@type": [status, "dpv:ExpressedConsent"],
        "dpv:isIndicatedAtTime": time(act.at),
        "dpv:isExercisedAt": words.how,
    });
    let mut storage = json!([{ "@type": ["dpv:StorageLocation"], "dpv:hasLocation": "dpv:WithinDevice" }]);
    if let (Some(until), Some(storage)) = (act.until.map(until), storage.as_array_mut()) {
        storage.push(json!({ "@type": ["dpv:StorageDuration"], "dpv:hasDuration": until }));
        state["dpv:hasDuration"] = until;
    }
    json!({
        "@type": ["dpv:Process"],
        "dpv:hasPurpose": [{
            "@type": ["dpv:Purpose"],
            "skos:broader": broader(act.purpose),
            "skos:prefLabel": words.purpose,
        }],
        "dpv:hasPersonalData": data,
        "dpv:hasProcessing": ["dpv:Store", "dpv:Use"],
        "dpv:hasDataController": [controller],
        "dpv:hasDataSource": ["dpv:DataControllerDataSource"],
        "dpv:hasStorageCondition": storage,
        "dpv:hasRecipient": [controller],
        "dpv:hasLegalBasis": ["dpv:Consent", "eu-gdpr:A6-1-a"],
        "dpv:hasRight": [{
            "@type": ["eu-gdpr:A7-3"],
            "skos:prefLabel": words.ending,
            "dpv:isExercisedAt": manage,
        }],
        "dpv:hasConsentStatus": [state],
    })
}

fn named(broader: &str, words: &Words<'_>, part: &str) -> Value {
    json!({ "@type": ["dpv:PersonalData"], "skos:broader": [broader], "skos:prefLabel": (words.part)(part) })
}

fn until(until: DateTime<Utc>) -> Value {
    json!({ "@type": "dpv:UntilTimeDuration", "rdf:value": time(until) })
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn category(scope: RememberScope) -> &'static str {
    match scope {
        RememberScope::Contact => "pd:Contact",
        RememberScope::Preferences => "pd:Preference",
        RememberScope::Activity => "pd:Behavioral",
        RememberScope::Loyalty => "pd:Transactional",
    }
}

fn broader(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::EmailMarketing | Purpose::SmsMarketing => "dpv:DirectMarketing",
        Purpose::Personalisation => "dpv:ServicePersonalisation",
        Purpose::AdNetworks => "dpv:TargetedAdvertising",
        Purpose::RememberAtStore => "dpv:CustomerManagement",
        Purpose::Other => "dpv:Purpose",
    }
}

fn data_of(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::EmailMarketing => &["pd:EmailAddress"],
        Purpose::SmsMarketing => &["pd:TelephoneNumber"],
        Purpose::Personalisation | Purpose::AdNetworks => &["pd:Preference", "pd:Behavioral"],
        Purpose::RememberAtStore => {
            &["pd:Name", "pd:Contact", "pd:Preference", "pd:Behavioral", "pd:Transactional"]
        }
        Purpose::Other => &["dpv:PersonalData"],
    }
}

#[cfg(test)]
mod tests {
    use profile::{Author, Channel};

    use super::*;

    fn act(purpose: Purpose, given: bool, scopes: Option<RememberScopes>) -> ConsentAct {
        ConsentAct {
            id: "0199b3d2-7c1e-7a4b-9f00-5f0c2d1e8a77".to_owned(),
            purpose,
            given,
            at: DateTime::UNIX_EPOCH,
            by: Author::Customer,
            channel: Channel::Store,
            wording: "phone-remember-2.en".to_owned(),
            store: Some("northquay".to_owned()),
            store_name: Some("Marram Northquay".to_owned()),
            till: Some("Till 1".to_owned()),
            until: given.then_some(DateTime::UNIX_EPOCH),
            scopes,
        }
    }

    fn receipt_of(act: &ConsentAct) -> Value {
        let words = Words {
            language: "en",
            purpose: "Remember me".to_owned(),
            how: "On a phone, at Till 1".to_owned(),
            ending: "On this page".to_owned(),
            part: &|part| part.to_owned(),
        };
        receipt("subject-1", act, &words, "https://id.example.com/agreements")
    }

    #[test]
    fn every_receipt_is_as_the_schema_says() {
        let schema = include_str!("../../../../assets/consent-receipt.schema.json");
        let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
        let purposes = [
            Purpose::RememberAtStore,
            Purpose::EmailMarketing,
            Purpose::SmsMarketing,
            Purpose::Personalisation,
            Purpose::AdNetworks,
            Purpose::Other,
        ];
        for purpose in purposes {
            for (given, scopes) in [
                (false, None),
                (true, None),
                (true, Some(RememberScopes::default())),
                (true, Some(RememberScopes::all())),
            ] {
                let receipt = receipt_of(&act(purpose, given, scopes));
                let wrong: Vec<String> =
                    schema.iter_errors(&receipt).map(|error| error.to_string()).collect();
                assert!(wrong.is_empty(), "{wrong:?} in {receipt:#}");
            }
        }
        let mut without = receipt_of(&act(Purpose::RememberAtStore, true, None));
        without["dpv:hasProcess"][0]["dpv:hasConsentStatus"] = json!([]);
        assert!(!schema.is_valid(&without), "the schema asks for something");
    }

    #[test]
    fn what_was_not_agreed_to_is_in_the_receipt_as_refused() {
        let some = [RememberScope::Contact, RememberScope::Loyalty].into_iter().collect();
        let receipt = receipt_of(&act(Purpose::RememberAtStore, true, Some(some)));
        let parts = |process: usize| -> Vec<&str> {
            let data = receipt["dpv:hasProcess"][process]["dpv:hasPersonalData"].as_array().unwrap();
            data.iter().map(|data| data["skos:prefLabel"].as_str().unwrap()).collect()
        };
        let status =
            |process: usize| &receipt["dpv:hasProcess"][process]["dpv:hasConsentStatus"][0]["@type"][0];
        assert_eq!((parts(0), status(0)), (vec!["name", "contact", "loyalty"], &json!("dpv:ConsentGiven")));
        assert_eq!((parts(1), status(1)), (vec!["preferences", "activity"], &json!("dpv:ConsentRefused")));
    }
}

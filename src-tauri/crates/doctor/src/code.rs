//! What can be found, each with its verdict and its words in English. A code is for machines, and never changes its
//! meaning; `docs/doctor.md` and the app's message files list the same ones, and tests compare them.

use crate::Verdict;

macro_rules! codes {
    ($($variant:ident $name:literal $verdict:ident $finding:literal $advice:literal;)*) => {
        /// What was found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $finding] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is written in a report.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How a check with this code came out.
            pub fn verdict(self) -> Verdict {
                match self { $(Self::$variant => Verdict::$verdict,)* }
            }

            /// What was found, in a sentence.
            pub fn finding(self) -> &'static str {
                match self { $(Self::$variant => $finding,)* }
            }

            /// What to do next; empty where there is nothing to do.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }
    };
}

codes! {
    NotTried "not_tried" Skipped
        "Not tried, because of what has failed above."
        "";

    OutOfTime "out_of_time" Failed
        "The service answers so slowly that there was no time left for this."
        "Look at the state of the service and of the network: a customer waits as long.";

    ConfigurationGood "configuration_good" Ok
        "The configuration can be used."
        "";
    ConfigurationMissing "configuration_missing" Failed
        "There is no configuration yet."
        "Start the app and connect it to your identity service, or put the file in its place.";
    ConfigurationBad "configuration_bad" Failed
        "The configuration cannot be used."
        "Correct the line that is named; `countersign check` says what is expected there.";

    DnsFound "dns_found" Ok
        "The name of the identity service has an address."
        "";
    DnsNotNeeded "dns_not_needed" Ok
        "No name needs to be looked up from here."
        "";
    DnsNotFound "dns_not_found" Failed
        "The name of the identity service has no address."
        "Check the spelling of the issuer, the network cable, and the DNS server of this machine.";
    DnsSilent "dns_silent" Failed
        "The DNS server does not answer."
        "Check the network of this machine and which DNS server it asks.";

    TcpOpen "tcp_open" Ok
        "The identity service takes connections."
        "";
    TcpNotNeeded "tcp_not_needed" Ok
        "The proxy connects for this till."
        "";
    TcpRefused "tcp_refused" Failed
        "Nothing listens at the address of the identity service."
        "Check the port in the issuer, and whether the service is running.";
    TcpUnreachable "tcp_unreachable" Failed
        "There is no way through the network to the identity service."
        "Check the network cable, the gateway and the routes of this machine.";
    TcpSilent "tcp_silent" Failed
        "The identity service does not take up the connection."
        "A firewall most likely drops it: allow this host and port.";

    ProxyNone "proxy_none" Ok
        "No proxy is used."
        "";
    ProxyBypassed "proxy_bypassed" Ok
        "The identity service is on this machine: a proxy is never asked for it."
        "";
    ProxyPasses "proxy_passes" Ok
        "The proxy lets this till through."
        "";
    ProxyUnreachable "proxy_unreachable" Failed
        "The proxy cannot be reached."
        "Check its host and port, or except the identity service from it (NO_PROXY).";
    ProxyWantsPassword "proxy_wants_password" Failed
        "The proxy wants a user name and a password, and takes none or not those given."
        "Correct them, or let the proxy admit this till without.";
    ProxyRefuses "proxy_refuses" Failed
        "The proxy does not let this till through."
        "Allow the host and port of the identity service at the proxy.";
    ProxyUnsupported "proxy_unsupported" Failed
        "This kind of proxy cannot be used."
        "Name an http or https proxy.";

    ClockRight "clock_right" Ok
        "The clock is right."
        "";
    ClockUnknown "clock_unknown" Skipped
        "The identity service does not tell the time: the clock cannot be compared."
        "";
    ClockOff "clock_off" Warning
        "The clock of this machine is off."
        "Let the machine set its clock by the network (NTP) before sign-ins are refused.";
    ClockWrong "clock_wrong" Failed
        "The clock of this machine is wrong: every sign-in is refused."
        "Set the clock, and let the machine keep it by the network (NTP).";

    TlsTrusted "tls_trusted" Ok
        "The certificate is trusted."
        "";
    TlsNotNeeded "tls_not_needed" Ok
        "What is said to this machine itself is not encrypted, and does not leave it."
        "";
    TlsExpiresSoon "tls_expires_soon" Warning
        "The certificate is about to expire."
        "Renew it at the server: from that day on nobody can sign in.";
    TlsExpired "tls_expired" Failed
        "The certificate has expired."
        "Renew it at the server.";
    TlsNotYetValid "tls_not_yet_valid" Failed
        "The certificate is not valid yet."
        "Compare the clock of this machine, and install a certificate that is valid today.";
    TlsWrongHost "tls_wrong_host" Failed
        "The certificate is for another host."
        "Write the issuer with the host that the certificate names, or install the right certificate.";
    TlsIntercepted "tls_intercepted" Failed
        "Somebody in between opens the encryption, most likely the company's own proxy."
        "Except the identity service from inspection, or give this till the proxy's CA certificate.";
    TlsUnknownCa "tls_unknown_ca" Failed
        "The certificate is from an authority that this machine does not know."
        "Install the authority's certificate on this machine, or one from a known authority at the server.";
    TlsBadCertificate "tls_bad_certificate" Failed
        "The certificate cannot be used."
        "Install one for TLS servers that is valid today.";
    TlsNoAuthorities "tls_no_authorities" Failed
        "This machine knows no authority at all: no certificate can be trusted."
        "Install the system's certificates (Debian: ca-certificates).";
    TlsUnseen "tls_unseen" Skipped
        "Through this kind of proxy a certificate cannot be looked at."
        "";
    TlsNoHandshake "tls_no_handshake" Failed
        "What listens there does not speak TLS, or no version of it that is safe."
        "Check the port in the issuer; the server must offer TLS 1.2 or 1.3.";

    DiscoveryRead "discovery_read" Ok
        "The discovery document can be used."
        "";
    DiscoveryUnreachable "discovery_unreachable" Failed
        "The identity service gives no answer, or says that it has no time now."
        "Look at the state of the service, and try again.";
    DiscoveryMissing "discovery_missing" Failed
        "There is no discovery document below the issuer."
        "Write the whole issuer with its path, as the service writes it itself.";
    DiscoveryRedirected "discovery_redirected" Failed
        "The address of the discovery document leads elsewhere."
        "Write the issuer as the service writes it itself; redirects are not followed.";
    DiscoveryNotJson "discovery_not_json" Failed
        "A page comes in place of the discovery document."
        "The issuer is not the address of an identity service, or a log-in page of the network is in between.";
    DiscoveryOtherIssuer "discovery_other_issuer" Failed
        "The discovery document is of another issuer."
        "Write the issuer letter by letter as the document has it.";
    DiscoveryInsecure "discovery_insecure" Failed
        "The identity service names an address without https."
        "Correct its public address in its own settings.";
    DiscoveryNoDeviceEndpoint "discovery_no_device_endpoint" Failed
        "The identity service does not offer the device grant."
        "Switch on the device grant (RFC 8628) at the service; some do so for each client.";
    DiscoveryIncomplete "discovery_incomplete" Failed
        "The discovery document lacks what a till needs."
        "It must name the token endpoint and the keys.";

    JwksRead "jwks_read" Ok
        "The keys of the identity service can be used."
        "";
    JwksUnreachable "jwks_unreachable" Failed
        "The keys of the identity service cannot be fetched."
        "Allow the address of its keys (jwks_uri) at firewall and proxy.";
    JwksUnreadable "jwks_unreadable" Failed
        "What comes in place of the keys is not a set of keys."
        "Correct the address of the keys (jwks_uri) at the service.";
    JwksEmpty "jwks_empty" Failed
        "The identity service publishes no key."
        "Let it make a key to sign with.";
    JwksNoUsableKey "jwks_no_usable_key" Failed
        "None of the published keys is good for signatures that a till accepts."
        "Let the service sign with ES256, ES384, EdDSA, RS256 or PS256.";

    AlgorithmsFit "algorithms_fit" Ok
        "The identity service signs in a way that a till accepts."
        "";
    AlgorithmsNoneAllowed "algorithms_none_allowed" Failed
        "The identity service signs in no way that a till accepts."
        "Let it sign ID tokens with ES256, ES384, EdDSA, RS256 or PS256.";
    AlgorithmsWithoutKey "algorithms_without_key" Failed
        "The identity service announces algorithms that none of its keys is for."
        "Let it publish a key for the algorithm that this client's ID tokens are signed with.";

    DeviceCodeGiven "device_code_given" Ok
        "The identity service gives out codes."
        "";
    DeviceShortLife "device_short_life" Warning
        "A code dies too soon for a counter."
        "Let codes live for 5 to 10 minutes.";
    DeviceNoCompleteAddress "device_no_complete_address" Warning
        "The QR code cannot carry the code: customers must type it."
        "Let the service give verification_uri_complete, where it can.";
    DeviceInternalPage "device_internal_page" Warning
        "The page for customers is at an internal address, which their phones most likely cannot reach."
        "Give the service a public address, and write that as the issuer.";
    DeviceForeignPage "device_foreign_page" Failed
        "The page for customers is at another host than the issuer."
        "Correct the public address of the service: a till sends nobody to a foreign host.";
    DeviceInsecurePage "device_insecure_page" Failed
        "The page for customers is without https."
        "Correct the public address of the service.";
    DeviceUnauthorizedClient "device_unauthorized_client" Failed
        "The identity service knows this client, but does not let it use the device grant."
        "Switch on the device grant for this client; at Auth0 it must be a native application without a secret.";
    DeviceInvalidClient "device_invalid_client" Failed
        "The identity service does not know this client, or wants it to prove who it is."
        "Check client_id, and whether the client is a public one or has the credentials that are configured.";
    DeviceInvalidScope "device_invalid_scope" Failed
        "The identity service refuses the scopes that a till asks for."
        "Allow openid, profile and email for this client.";
    DeviceGrantNotAllowed "device_grant_not_allowed" Failed
        "The device grant is not allowed for this client."
        "Switch on the device grant for this client (Keycloak: OAuth 2.0 Device Authorization Grant).";
    DeviceRefused "device_refused" Failed
        "The identity service refuses to give out a code."
        "Look up the error that is named in the service's own log.";
    DeviceThrottled "device_throttled" Warning
        "The identity service gives out no more codes for now."
        "Raise its limit on device codes: all tills behind one address share it.";
    DeviceNoKey "device_no_key" Failed
        "The secret or the key that this till says who it is with is not there, or is none."
        "Set it with `countersign client-secret` or `countersign client-key`, and register it at the service.";
    DeviceUnreachable "device_unreachable" Failed
        "The device endpoint does not answer."
        "Look at the state of the service; allow the address at firewall and proxy.";
    DeviceUnreadable "device_unreadable" Failed
        "The answer of the device endpoint is not what RFC 8628 says."
        "Check that the device endpoint in the discovery document is the right one.";

    PollPending "poll_pending" Ok
        "The token endpoint answers while a customer decides."
        "";
    PollRefused "poll_refused" Failed
        "The token endpoint refuses this client."
        "Allow the device grant at the token endpoint too, and check the client's authentication.";
    PollDeadCode "poll_dead_code" Failed
        "The token endpoint takes a fresh code for a dead one."
        "Compare the clocks of the service's own machines, and whether all of them share the codes.";
    PollUnanswered "poll_unanswered" Failed
        "The token endpoint does not answer as it should."
        "Look at the state of the service; allow the address at firewall and proxy.";
    PollGranted "poll_granted" Failed
        "The token endpoint gives out tokens although nobody has agreed."
        "Do not use this service before that is corrected.";

    ProviderKnown "provider_known" Ok
        "Nothing more is to be said of this kind of identity service."
        "";
    ProviderAdvice "provider_advice" Warning
        "This kind of identity service has a peculiarity that a counter will feel."
        "See docs/doctor.md for what is named.";

    ProfileGuarded "profile_guarded" Ok
        "The source of profiles answers, and asks for a token."
        "";
    ProfileInToken "profile_in_token" Ok
        "Profiles are made of the ID token of each sign-in: nothing else is asked."
        "";
    ProfileNone "profile_none" Failed
        "Nobody says where profiles come from."
        "Name the source (profile.address), or let the service offer UserInfo.";
    ProfileUnreachable "profile_unreachable" Failed
        "The source of profiles does not answer."
        "Check its address; allow it at firewall and proxy.";
    ProfileMissing "profile_missing" Failed
        "There is no source of profiles at this address."
        "Check the address: it ends before /me.";
    ProfileNotApi "profile_not_api" Failed
        "A page comes in place of profiles."
        "The address is not that of a profile API, or a log-in page of the network is in between.";
    ProfileOpen "profile_open" Failed
        "The source of profiles answers without a token."
        "Stop it now: whoever reaches the address can read customers' data.";
    ProfileOdd "profile_odd" Warning
        "The source of profiles answers something else than that it wants a token."
        "Look at its own log.";

    DiskGood "disk_good" Ok
        "The data folder can be written and has room."
        "";
    DiskLow "disk_low" Warning
        "The disk is nearly full."
        "Make room: a full disk keeps edits from being saved.";
    DiskFull "disk_full" Failed
        "The disk is full."
        "Make room: nothing can be saved.";
    DiskNotWritable "disk_not_writable" Failed
        "The data folder cannot be written."
        "Give its user the right to write, or name another folder with --data.";

    KeyringWorks "keyring_works" Ok
        "The keyring keeps and gives back."
        "";
    KeyringNotNeeded "keyring_not_needed" Ok
        "No keyring service runs here, and the configuration names another place for the key of the database (memory.key): customers are remembered, their refresh tokens are not."
        "";
    KeyringMissing "keyring_missing" Failed
        "No keyring service runs here: nobody can be remembered."
        "Run it in the session of the till's user, with GNOME Keyring, KWallet or KeePassXC.";
    KeyringLocked "keyring_locked" Failed
        "The keyring is locked: nobody can be remembered."
        "Unlock it at log-in (same password, or an automatic unlock).";
    KeyringSilent "keyring_silent" Failed
        "The keyring service does not answer: nobody can be remembered."
        "Restart the keyring service, or the session.";
    KeyringFails "keyring_fails" Failed
        "The keyring does not give back what was put into it: nobody can be remembered."
        "Look at the log of the keyring service; remove double entries of countersign.";

    DatabaseGood "database_good" Ok
        "The database opens and is sound."
        "";
    DatabaseNone "database_none" Ok
        "There is no database yet: the first start makes it."
        "";
    DatabaseInUse "database_in_use" Skipped
        "Countersign is running and has the database; nothing is asked of the file."
        "Use \"Check this till\" in the running app to look inside.";
    DatabaseUnclean "database_unclean" Ok
        "The app was ended without warning; the next start puts the database right."
        "";
    DatabaseSealedUnread "database_sealed_unread" Warning
        "The identity service could not read something that an older database of this till had left."
        "Keep the folder sealed-unread, and ask whoever runs the service which of its keys is missing.";
    DatabaseWrongKey "database_wrong_key" Failed
        "The key in the keyring is not that of the database."
        "Bring back the keyring of this user, or choose \"Start anew\" in the app.";
    DatabaseKeyFile "database_key_file" Failed
        "The key that the configuration names (memory.key) is missing, or can be read by others."
        "Give the file back with mode 0600, or the credential to the service; a new one opens nothing.";
    DatabaseDamaged "database_damaged" Failed
        "The database is damaged."
        "Choose \"Start anew\" in the app, which saves what can be read; look at the disk.";
    DatabaseNewer "database_newer" Failed
        "The database was made by a newer version of Countersign."
        "Install that version again.";
    DatabaseUnreadable "database_unreadable" Failed
        "The database cannot be read."
        "Check who owns the data folder.";
    DatabaseNotEncrypting "database_not_encrypting" Failed
        "The database engine of this program cannot encrypt."
        "Install an original build.";

    DisplayGood "display_good" Ok
        "The screens have room for both windows."
        "";
    DisplaySmall "display_small" Warning
        "A screen is smaller than the windows are drawn for: the QR code may have too little room."
        "Use 1024 by 700 points or more.";
    DisplayUnseen "display_unseen" Skipped
        "Which screens there are cannot be seen from here."
        "";
    DisplayNone "display_none" Failed
        "There is no display here."
        "Run it in the desktop session of the till's user (DISPLAY or WAYLAND_DISPLAY is set there).";
    DisplayUnreachable "display_unreachable" Failed
        "The display does not take this program."
        "Run it as the user whose session it is.";

    ScannerFound "scanner_found" Ok
        "A scanner is connected."
        "";
    ScannerNone "scanner_none" Warning
        "No scanner was found."
        "Nothing to do where none is used; else plug it in, in keyboard mode.";
    ScannerUnknown "scanner_unknown" Skipped
        "Which scanners are connected cannot be seen here."
        "";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own_and_says_what_to_do_where_something_is_wrong() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let is_wrong = matches!(code.verdict(), Verdict::Warning | Verdict::Failed);
            assert!(!is_wrong || !code.advice().is_empty(), "{}", code.name());
            for sentence in [code.finding(), code.advice()] {
                assert!(sentence.is_empty() || sentence.ends_with(['.', ')']), "{sentence}");
            }
        }
    }

    #[test]
    fn the_documentation_lists_every_code_with_its_verdict_and_advice() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/doctor.md");
        let text = std::fs::read_to_string(file).unwrap();
        for code in Code::ALL {
            let row = format!(
                "| `{}` | {} | {} | {} |",
                code.name(),
                code.verdict().name(),
                code.finding(),
                code.advice()
            );
            assert!(text.contains(&row.replace("|  |", "| |")), "docs/doctor.md lacks: {row}");
        }
    }
}

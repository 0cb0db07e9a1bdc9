//! Where a provider departs from the standard: one table, with the document that each line comes from.
//!
//! A product is recognised by its issuer or by the paths of its endpoints, else named in the configuration. Whatever makes
//! a till less careful hangs on the issuer's own host, which store IT has typed: a server cannot pass for another product
//! to be trusted more.

use std::time::Duration;

use url::Url;

/// A product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Auth0.
    Auth0,
    /// Keycloak, Red Hat build of Keycloak.
    Keycloak,
    /// Okta.
    Okta,
    /// Microsoft Entra ID and External ID.
    Entra,
    /// Google.
    Google,
    /// authentik.
    Authentik,
    /// Ory Hydra, Ory Network.
    Hydra,
    /// Zitadel.
    Zitadel,
    /// Rauthy.
    Rauthy,
    /// Kanidm.
    Kanidm,
    /// node `oidc-provider`.
    NodeOidcProvider,
    /// Spring Authorization Server.
    SpringAuthorizationServer,
}

/// What a customer's tokens end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitEnd {
    /// Both tokens are revoked (RFC 7009), as far as the provider does that.
    Revoke,
    /// The refresh token is handed to the log-out endpoint, which ends the customer's session there, on their phone too.
    LogOut,
    /// Nothing can be revoked: the tokens are forgotten here.
    Forget,
}

/// Where a shared secret or an assertion is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretGoes {
    /// To every endpoint, as the standard has it.
    Everywhere,
    /// Not to the device endpoint.
    NotToDevice,
    /// Nowhere: the provider refuses a device client that sends one.
    Nowhere,
}

/// Whom an assertion is for (RFC 7523, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The issuer.
    Issuer,
    /// The token endpoint, whichever endpoint is asked.
    TokenEndpoint,
}

/// What store IT should know or do before a till can use the provider. The doctor has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advice {
    /// The device grant is off for a client until somebody switches it on.
    GrantIsOffByDefault,
    /// The grant must also be ticked in the rules of the authorization server.
    GrantNeedsAccessRule,
    /// The client must be of the kind for devices; one for web pages is refused.
    NeedsDeviceClient,
    /// The client must be a public one: a secret is refused.
    NoClientSecret,
    /// The provider gives this kind of client a secret, which the till needs for its tokens.
    NeedsClientSecret,
    /// Without an audience the token is not good for the profile API.
    NeedsAudience,
    /// A refresh token comes only where the API allows it.
    OfflineAccessMustBeAllowed,
    /// Codes live one minute unless that is changed.
    CodesLiveOneMinute,
    /// Codes stop working before the time that the provider says.
    CodesDieEarly,
    /// Few codes an hour are given to one address, which all tills of a store share.
    FewCodesAnHour,
    /// A page for the customer must be set up, and none is to begin with.
    NeedsDevicePage,
    /// The QR code holds no letters: the customer types them.
    LettersAreTyped,
    /// The page for the customer has the host that the till asked: an internal one cannot be opened by a phone.
    PageHasTheAskedHost,
    /// Nothing can be revoked: access ends with the tokens' own time.
    NothingIsRevoked,
    /// Access tokens cannot be revoked: they work until their time is over.
    AccessTokensLiveOn,
    /// Revoking also takes back the customer's consent, so that they are asked again at the next visit.
    RevokingTakesConsent,
    /// "No" may come from a policy of the provider and not from the customer.
    DenialMayBePolicy,
    /// Policies of the provider often forbid the device grant as a whole.
    PolicyMayForbidGrant,
    /// The provider cannot hold a retailer's profile: put the retailer's own provider before it.
    NotARetailersProvider,
    /// No ID token comes in the device grant: who signed in is said by `UserInfo` alone, which is weaker.
    NoIdToken,
    /// An asking too early kills the code: the clocks of the tills' network must not be cut short by a proxy that repeats.
    EarlyPollsKillCodes,
    /// No device grant was found in this product's documentation: try another version or product.
    GrantNotDocumented,
}

/// How a product departs from the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departures {
    /// The document that this comes from.
    pub document: &'static str,
    /// Hosts besides the issuer's where the page for the customer is. Given to hosts of the product's own maker alone.
    pub pages: &'static [&'static str],
    /// Where a secret is sent to.
    pub secret_goes: SecretGoes,
    /// Whom an assertion is for.
    pub assertion_audience: AssertionAudience,
    /// No code is believed to work for longer.
    pub longest_code_life: Option<Duration>,
    /// What tokens end with, if the configuration says nothing else.
    pub visit_end: VisitEnd,
    /// Whether access tokens can be revoked.
    pub revokes_access_tokens: bool,
    /// How long after its use a refresh token may be used once more. One retry is made where it is documented.
    pub refresh_grace: Option<Duration>,
    /// Whether `access_denied` is the customer's own no for certain.
    pub denial_is_the_customers: bool,
    /// Whether polls that come too early kill the code.
    pub early_polls_kill: bool,
    /// What store IT should know.
    pub advice: &'static [Advice],
}

/// The standard itself: RFC 8628, OpenID Connect Core 1.0, RFC 7009.
pub const STANDARD: Departures = Departures {
    document: "https://www.rfc-editor.org/rfc/rfc8628",
    pages: &[],
    secret_goes: SecretGoes::Everywhere,
    assertion_audience: AssertionAudience::Issuer,
    longest_code_life: None,
    visit_end: VisitEnd::Revoke,
    revokes_access_tokens: true,
    refresh_grace: None,
    denial_is_the_customers: true,
    early_polls_kill: false,
    advice: &[],
};

impl Kind {
    /// Every product in the table.
    pub const ALL: [Self; 12] = [
        Self::Auth0,
        Self::Keycloak,
        Self::Okta,
        Self::Entra,
        Self::Google,
        Self::Authentik,
        Self::Hydra,
        Self::Zitadel,
        Self::Rauthy,
        Self::Kanidm,
        Self::NodeOidcProvider,
        Self::SpringAuthorizationServer,
    ];

    /// The name in the configuration and in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth0 => "auth0",
            Self::Keycloak => "keycloak",
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Google => "google",
            Self::Authentik => "authentik",
            Self::Hydra => "hydra",
            Self::Zitadel => "zitadel",
            Self::Rauthy => "rauthy",
            Self::Kanidm => "kanidm",
            Self::NodeOidcProvider => "node-oidc-provider",
            Self::SpringAuthorizationServer => "spring-authorization-server",
        }
    }

    /// The product of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The product, as far as its addresses tell.
    pub fn recognise(issuer: &Url, device_endpoint: &Url) -> Option<Self> {
        Self::of_host(issuer.host_str().unwrap_or_default())
            .or_else(|| Self::of_paths(issuer.path(), device_endpoint.path()))
    }

    /// Services that are run by their makers.
    fn of_host(host: &str) -> Option<Self> {
        let is_below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        match host {
            "accounts.google.com" => Some(Self::Google),
            "login.microsoftonline.com" | "login.microsoftonline.us" | "login.partner.microsoftonline.cn" => {
                Some(Self::Entra)
            }
            _ if is_below("ciamlogin.com") => Some(Self::Entra),
            _ if is_below("auth0.com") => Some(Self::Auth0),
            _ if is_below("okta.com") || is_below("oktapreview.com") || is_below("okta-emea.com") => {
                Some(Self::Okta)
            }
            _ if is_below("zitadel.cloud") => Some(Self::Zitadel),
            _ if is_below("oryapis.com") => Some(Self::Hydra),
            _ => None,
        }
    }

    /// Products that run under a retailer's own name.
    fn of_paths(issuer: &str, device: &str) -> Option<Self> {
        match device {
            _ if issuer.contains("/realms/") && device.ends_with("/protocol/openid-connect/auth/device") => {
                Some(Self::Keycloak)
            }
            _ if device.ends_with("/application/o/device/") => Some(Self::Authentik),
            _ if device.ends_with("/oauth/device/code") => Some(Self::Auth0),
            _ if device.contains("/oauth2/") && device.ends_with("/v1/device/authorize") => Some(Self::Okta),
            _ if device.ends_with("/oauth2/device/auth") => Some(Self::Hydra),
            _ if device.ends_with("/oauth/v2/device_authorization") => Some(Self::Zitadel),
            _ if device.ends_with("/auth/v1/oidc/device") => Some(Self::Rauthy),
            _ if issuer.contains("/oauth2/openid/") => Some(Self::Kanidm),
            _ if device.ends_with("/oauth2/device_authorization") => Some(Self::SpringAuthorizationServer),
            _ if device.ends_with("/device/auth") => Some(Self::NodeOidcProvider),
            _ => None,
        }
    }

    /// Its departures.
    pub fn departures(self) -> Departures {
        match self {
            Self::Auth0 => AUTH0,
            Self::Keycloak => KEYCLOAK,
            Self::Okta => OKTA,
            Self::Entra => ENTRA,
            Self::Google => GOOGLE,
            Self::Authentik => AUTHENTIK,
            Self::Hydra => HYDRA,
            Self::Zitadel => ZITADEL,
            Self::Rauthy => RAUTHY,
            Self::Kanidm => KANIDM,
            Self::NodeOidcProvider => NODE_OIDC_PROVIDER,
            Self::SpringAuthorizationServer => SPRING_AUTHORIZATION_SERVER,
        }
    }
}

/// A native application without a secret. Only refresh tokens can be revoked, and a rule or a policy denies like a
/// customer.
const AUTH0: Departures = Departures {
    document: "https://github.com/auth0/docs articles/flows/guides/device-auth/includes/troubleshooting.md",
    secret_goes: SecretGoes::Nowhere,
    revokes_access_tokens: false,
    denial_is_the_customers: false,
    advice: &[
        Advice::NeedsDeviceClient,
        Advice::NoClientSecret,
        Advice::NeedsAudience,
        Advice::OfflineAccessMustBeAllowed,
        Advice::AccessTokensLiveOn,
        Advice::DenialMayBePolicy,
    ],
    ..STANDARD
};

/// Revoking a refresh token takes the customer's consent back (issue 12916). Logging out instead ends the session on the
/// customer's phone as well, so that is a setting and not the default.
const KEYCLOAK: Departures = Departures {
    document: "https://github.com/keycloak/keycloak services/src/main/java/org/keycloak/protocol/oidc/grants/device/DeviceGrantType.java",
    advice: &[Advice::GrantIsOffByDefault, Advice::PageHasTheAskedHost, Advice::RevokingTakesConsent],
    ..STANDARD
};

/// A revocation is answered with 200 for unknown tokens as well. A rotated refresh token stays valid for 30 seconds unless
/// that is changed (guides/refresh-tokens, "Grace period for token rotation").
const OKTA: Departures = Departures {
    document: "https://github.com/okta/okta-developer-docs packages/@okta/vuepress-site/docs/guides/device-authorization-grant/main/index.md",
    assertion_audience: AssertionAudience::TokenEndpoint,
    refresh_grace: Some(Duration::from_secs(30)),
    advice: &[Advice::NeedsDeviceClient, Advice::GrantNeedsAccessRule],
    ..STANDARD
};

/// No letters in the address, no revocation; codes were seen to stop working after five minutes (Microsoft Q&A 981553).
/// Old refresh tokens stay valid when they are used (Microsoft Q&A 1158831), so trying again does no harm.
const ENTRA: Departures = Departures {
    document: "https://github.com/MicrosoftDocs/azure-docs articles/active-directory/develop/v2-oauth2-device-code.md",
    pages: &["microsoft.com", "www.microsoft.com", "login.microsoft.com"],
    assertion_audience: AssertionAudience::TokenEndpoint,
    longest_code_life: Some(Duration::from_mins(4)),
    visit_end: VisitEnd::Forget,
    revokes_access_tokens: false,
    refresh_grace: Some(Duration::from_hours(1)),
    denial_is_the_customers: false,
    advice: &[
        Advice::NeedsDeviceClient,
        Advice::LettersAreTyped,
        Advice::CodesDieEarly,
        Advice::NothingIsRevoked,
        Advice::PolicyMayForbidGrant,
        Advice::DenialMayBePolicy,
    ],
    ..STANDARD
};

/// Its device clients have a secret, which is not a secret and is asked for with the tokens only.
const GOOGLE: Departures = Departures {
    document: "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
    pages: &["google.com", "www.google.com"],
    secret_goes: SecretGoes::NotToDevice,
    advice: &[
        Advice::NeedsDeviceClient,
        Advice::NeedsClientSecret,
        Advice::LettersAreTyped,
        Advice::NotARetailersProvider,
    ],
    ..STANDARD
};

/// Its device endpoint answers twenty requests an hour from one address.
const AUTHENTIK: Departures = Departures {
    document: "https://github.com/goauthentik/authentik authentik/providers/oauth2/views/device_backchannel.py",
    advice: &[Advice::CodesLiveOneMinute, Advice::FewCodesAnHour, Advice::NeedsDevicePage],
    ..STANDARD
};

/// It has no page of its own. A code that is used twice is coded to end the tokens that came of it.
const HYDRA: Departures = Departures {
    document: "https://github.com/ory/hydra fosite/handler/rfc8628/token_handler.go",
    assertion_audience: AssertionAudience::TokenEndpoint,
    advice: &[Advice::NeedsDevicePage, Advice::GrantIsOffByDefault],
    ..STANDARD
};

/// Versions before its pull request 9387 answered unknown and used codes with `access_denied`.
const ZITADEL: Departures = Departures {
    document: "https://github.com/zitadel/zitadel internal/api/oidc/token_device.go",
    denial_is_the_customers: false,
    advice: &[Advice::GrantIsOffByDefault, Advice::DenialMayBePolicy],
    ..STANDARD
};

/// The third early poll is answered with `access_denied` and deletes the code; unknown codes have "expired".
const RAUTHY: Departures = Departures {
    document: "https://github.com/sebadob/rauthy src/service/src/oidc/grant_types/device_code.rs",
    denial_is_the_customers: false,
    early_polls_kill: true,
    advice: &[Advice::GrantIsOffByDefault, Advice::EarlyPollsKillCodes],
    ..STANDARD
};

/// Found in none of the documents that were read: known by its addresses alone, and taken as the standard has it.
const KANIDM: Departures = Departures {
    document: "https://github.com/kanidm/kanidm book/src/integrations/oauth2.md",
    advice: &[Advice::GrantNotDocumented],
    ..STANDARD
};

/// As the standard has it. Names no interval, so that five seconds count.
const NODE_OIDC_PROVIDER: Departures = Departures {
    document: "https://github.com/panva/node-oidc-provider docs/README.md",
    advice: &[Advice::GrantIsOffByDefault],
    ..STANDARD
};

/// Gives this grant no ID token (issue 2037).
const SPRING_AUTHORIZATION_SERVER: Departures = Departures {
    document: "https://github.com/spring-projects/spring-authorization-server/issues/2037",
    advice: &[Advice::GrantIsOffByDefault, Advice::NoIdToken],
    ..STANDARD
};

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(issuer: &str, device: &str) -> Option<Kind> {
        Kind::recognise(&Url::parse(issuer).unwrap(), &Url::parse(device).unwrap())
    }

    #[test]
    fn products_are_told_by_their_addresses() {
        for (issuer, device, kind) in [
            ("https://shop.eu.auth0.com/", "https://shop.eu.auth0.com/oauth/device/code", Kind::Auth0),
            ("https://id.example.com/", "https://id.example.com/oauth/device/code", Kind::Auth0),
            (
                "https://id.example.com/realms/shop",
                "https://id.example.com/realms/shop/protocol/openid-connect/auth/device",
                Kind::Keycloak,
            ),
            (
                "https://shop.okta.com/oauth2/default",
                "https://shop.okta.com/oauth2/default/v1/device/authorize",
                Kind::Okta,
            ),
            (
                "https://login.example.com/oauth2/aus1",
                "https://login.example.com/oauth2/aus1/v1/device/authorize",
                Kind::Okta,
            ),
            (
                "https://login.microsoftonline.com/t/v2.0",
                "https://login.microsoftonline.com/t/oauth2/v2.0/devicecode",
                Kind::Entra,
            ),
            (
                "https://shop.ciamlogin.com/t/v2.0",
                "https://shop.ciamlogin.com/t/oauth2/v2.0/devicecode",
                Kind::Entra,
            ),
            ("https://accounts.google.com", "https://oauth2.googleapis.com/device/code", Kind::Google),
            (
                "https://id.example.com/application/o/shop/",
                "https://id.example.com/application/o/device/",
                Kind::Authentik,
            ),
            ("https://id.example.com/", "https://id.example.com/oauth2/device/auth", Kind::Hydra),
            ("https://id.example.com", "https://id.example.com/oauth/v2/device_authorization", Kind::Zitadel),
            ("https://id.example.com/auth/v1", "https://id.example.com/auth/v1/oidc/device", Kind::Rauthy),
            (
                "https://id.example.com/oauth2/openid/till",
                "https://id.example.com/oauth2/device",
                Kind::Kanidm,
            ),
            ("https://id.example.com", "https://id.example.com/device/auth", Kind::NodeOidcProvider),
            (
                "https://id.example.com",
                "https://id.example.com/oauth2/device_authorization",
                Kind::SpringAuthorizationServer,
            ),
        ] {
            assert_eq!(recognised(issuer, device), Some(kind), "{issuer} {device}");
        }
        assert_eq!(recognised("https://id.example.com", "https://id.example.com/device"), None);
    }

    #[test]
    fn a_server_cannot_pass_for_a_makers_own_to_be_trusted_more() {
        for host in ["https://evilauth0.com", "https://accounts.google.com.evil.com", "https://evil.com"] {
            for device in ["/device/code", "/oauth/device/code", "/t/oauth2/v2.0/devicecode"] {
                let kind = recognised(host, &format!("{host}{device}"));
                assert!(
                    kind.is_none_or(|kind| kind.departures().pages.is_empty()),
                    "{host}{device}: {kind:?}"
                );
            }
        }
    }

    #[test]
    fn every_product_has_a_name_of_its_own_and_a_document() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_name(kind.name()), Some(kind));
            assert!(kind.departures().document.starts_with("https://"), "{kind:?}");
        }
        assert_eq!(Kind::of_name("keycloack"), None);
    }
}

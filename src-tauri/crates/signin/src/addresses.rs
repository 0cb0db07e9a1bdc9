//! Which addresses a till may talk to, and which it may send a customer to.
//!
//! Everything is https. The one exception is this machine itself, where the embedded central service runs.

use std::net::IpAddr;

use url::{Host, Url};

use crate::{Distrust, Error};

/// An address that may carry secrets: https, or this machine; no user name or password in it.
pub(crate) fn secure(url: &Url) -> Result<(), Error> {
    let encrypted = url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(url));
    let plain_authority = url.username().is_empty() && url.password().is_none();
    if encrypted && plain_authority && url.host().is_some() {
        Ok(())
    } else {
        Err(Error::NotTrusted(Distrust::NotHttps))
    }
}

/// A page that a customer of `issuer` may be sent to: there, or at one of the `other` hosts. A QR code that leads elsewhere
/// is what an attacker wants. The service on this machine has no certificate; where its page is called for from another
/// address, store IT has named it.
pub(crate) fn page_of<'a>(
    issuer: &Url,
    mut other: impl Iterator<Item = &'a str>,
    page: &Url,
) -> Result<(), Error> {
    let is_named = page.host_str().is_some_and(|theirs| other.any(|host| host.eq_ignore_ascii_case(theirs)));
    let is_on_the_web = matches!(page.scheme(), "http" | "https");
    if is_this_machine(issuer) && is_on_the_web && (is_named || is_reachable_from_here_only(page)) {
        return Ok(());
    }
    secure(page)?;
    let is_ours = issuer.host_str().is_some() && issuer.host_str() == page.host_str();
    if is_ours || is_named { Ok(()) } else { Err(Error::NotTrusted(Distrust::VerificationHost)) }
}

/// Whether an address is on this machine: what is said to it stays here.
pub fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The embedded central service has no certificate, and a phone reaches it over the local network.
fn is_reachable_from_here_only(url: &Url) -> bool {
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
        Some(Host::Domain(_)) | None => return is_this_machine(url),
    };
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_https_or_this_machine_carries_secrets() {
        for good in [
            "https://id.example.com/realms/shop",
            "http://127.0.0.1:8080",
            "http://[::1]:8080/",
            "http://localhost/",
            "http://central.localhost:1/",
        ] {
            assert!(secure(&url(good)).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example.com/",
            "http://192.168.1.5/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "https://user@id.example.com/",
            "https://user:word@id.example.com/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "mailto:someone@example.com",
        ] {
            assert!(matches!(secure(&url(bad)), Err(Error::NotTrusted(Distrust::NotHttps))), "{bad}");
        }
    }

    #[test]
    fn a_customer_is_sent_to_the_issuer_only() {
        let issuer = url("https://id.example.com/realms/shop");
        assert!(page_of(&issuer, std::iter::empty(), &url("https://id.example.com/device")).is_ok());
        for bad in
            ["https://evil.example.com/device", "https://id.example.com.evil.com/", "https://127.0.0.1/"]
        {
            let Err(Error::NotTrusted(why)) = page_of(&issuer, std::iter::empty(), &url(bad)) else {
                panic!("{bad} was accepted")
            };
            assert_eq!(why, Distrust::VerificationHost);
        }
        let Err(Error::NotTrusted(why)) =
            page_of(&issuer, std::iter::empty(), &url("http://id.example.com/device"))
        else {
            panic!("a page without https was accepted")
        };
        assert_eq!(why, Distrust::NotHttps);
    }

    #[test]
    fn a_page_may_be_where_it_is_known_to_be_but_not_below() {
        let issuer = url("https://id.example.com");
        let page = |page: &str| page_of(&issuer, ["Pages.example.org"].into_iter(), &url(page));
        assert!(page("https://pages.example.org/device").is_ok());
        assert!(page("https://id.example.com/device").is_ok());
        assert!(page("https://a.pages.example.org/device").is_err());
        assert!(page("http://pages.example.org/device").is_err());
    }

    #[test]
    fn a_phone_reaches_the_embedded_central_service_over_the_local_network() {
        let issuer = url("http://127.0.0.1:8080");
        for good in
            ["http://192.168.1.5:8080/device", "http://10.0.0.7/device", "http://[fd00::5]:8080/device"]
        {
            assert!(page_of(&issuer, std::iter::empty(), &url(good)).is_ok(), "{good}");
        }
        for bad in ["http://example.com/device", "http://8.8.8.8/device", "javascript:alert(1)"] {
            assert!(page_of(&issuer, std::iter::empty(), &url(bad)).is_err(), "{bad}");
        }
        let named = || std::iter::once("8.8.8.8");
        assert!(page_of(&issuer, named(), &url("http://8.8.8.8:8080/device")).is_ok());
        assert!(page_of(&issuer, named(), &url("ftp://8.8.8.8/device")).is_err());
        let elsewhere = url("https://id.example.com");
        assert!(page_of(&elsewhere, named(), &url("http://8.8.8.8/device")).is_err(), "no http for others");
    }
}

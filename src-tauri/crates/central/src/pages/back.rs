//! Where a browser goes on after signing in: back to the code, or to the web shop's request.

use url::form_urlencoded;

use crate::user_code::UserCode;

/// Stands in the place of a web shop's request, which is never a single word.
const AGREEMENTS: &str = "agreements";

/// Where to go on. Addresses are always put together here, from what was checked, so that nobody is sent elsewhere.
#[derive(Clone)]
pub(super) enum Back {
    /// To the code of a till, with the proof that it was scanned or found before.
    Device(UserCode, Option<String>),
    /// To a request of a web shop: its query, written anew.
    Authorize(String),
    /// To what the customer agreed to.
    Agreements,
}

impl Back {
    /// Reads the hidden fields of a form, or the query of a link.
    pub(super) fn read(user_code: Option<&str>, proof: Option<&str>, request: Option<&str>) -> Option<Self> {
        match (user_code, request) {
            (Some(code), None) => {
                UserCode::read(code).map(|code| Self::Device(code, proof.map(str::to_owned)))
            }
            (None, Some(AGREEMENTS)) => Some(Self::Agreements),
            (None, Some(request)) => Some(Self::authorize(request)),
            _ => None,
        }
    }

    /// A web shop's request without its wish for a fresh sign-in: that one will have happened.
    pub(super) fn authorize(query: &str) -> Self {
        let kept = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name != "prompt" && name != "max_age");
        Self::Authorize(form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish())
    }

    /// The address, on this server.
    pub(super) fn address(&self) -> String {
        match self {
            Self::Device(..) => format!("/device?{}", self.query()),
            Self::Authorize(query) => format!("/oauth/authorize?{query}"),
            Self::Agreements => "/agreements".to_owned(),
        }
    }

    /// What [`Back::read`] reads, as a query.
    pub(super) fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.fields()).finish()
    }

    /// What [`Back::read`] reads, as fields of a form.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Device(code, proof) => {
                let code = ("user_code", code.to_string());
                [Some(code), proof.clone().map(|proof| ("proof", proof))].into_iter().flatten().collect()
            }
            Self::Authorize(query) => vec![("request", query.clone())],
            Self::Agreements => vec![("request", AGREEMENTS.to_owned())],
        }
    }

    /// The code as it is shown.
    pub(super) fn user_code(&self) -> Option<String> {
        match self {
            Self::Device(code, _) => Some(code.to_string()),
            Self::Authorize(_) | Self::Agreements => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Back;

    #[test]
    fn the_way_back_stays_on_this_server_whatever_is_asked() {
        for asked in
            ["https://evil.example/", "//evil.example", "a=b\r\nset-cookie: x=y", "%0d%0a", "\"><script>"]
        {
            let address = Back::read(None, None, Some(asked)).unwrap().address();
            assert!(address.starts_with("/oauth/authorize?"), "{address}");
            assert!(
                address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>".contains(&byte)),
                "{address}"
            );
        }
        assert!(Back::read(Some("https://evil.example/"), None, None).is_none());
        let address = Back::read(Some("bcdfghjk"), Some("//evil\r\n"), None).unwrap().address();
        assert_eq!(address, "/device?user_code=BCDF-GHJK&proof=%2F%2Fevil%0D%0A");
    }

    #[test]
    fn a_wish_for_a_fresh_sign_in_is_not_asked_twice() {
        let back = Back::authorize("client_id=shop&prompt=login&max_age=0&state=a%26b");
        assert_eq!(back.address(), "/oauth/authorize?client_id=shop&state=a%26b");
    }

    #[test]
    fn a_link_reads_back_as_it_was() {
        let back = Back::read(Some("bcdfghjk"), None, None).unwrap();
        assert_eq!(back.address(), "/device?user_code=BCDF-GHJK");
        assert_eq!(back.fields(), [("user_code", "BCDF-GHJK".to_owned())]);
        let back = Back::read(Some("bcdfghjk"), Some("seen"), None).unwrap();
        assert_eq!(back.query(), "user_code=BCDF-GHJK&proof=seen");
    }
}

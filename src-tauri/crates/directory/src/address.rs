//! Addresses below the one of a service.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::Error;

/// All but what RFC 3986, section 2.3, calls unreserved: Auth0's ids have a `|` in them.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An address below `base`. An empty part, or one that means "here" or "above", would lead elsewhere.
pub(crate) fn below(base: &Url, parts: &[&str]) -> Result<Url, Error> {
    if base.cannot_be_a_base() {
        return Err(Error::Unexpected("a service without an address"));
    }
    let mut path = base.path().trim_end_matches('/').to_owned();
    for part in parts {
        if matches!(*part, "" | "." | "..") {
            return Err(Error::Unexpected("an id that cannot be part of an address"));
        }
        path.push('/');
        path.extend(utf8_percent_encode(part, RESERVED));
    }
    let mut url = base.clone();
    url.set_path(&path);
    Ok(url)
}

//! The address of a system: the only source of the host that a request goes to.

use url::{Host, Url};

/// Where a system is, checked once: https, or plain http on the same machine (a twin).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(Url);

/// Why an address can't be a system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// Not an absolute URL.
    #[error("is not a URL such as https://host/path")]
    NotAUrl,
    /// Plain http to another machine would show keys and people to the network.
    #[error("must be https (plain http only on this machine)")]
    NotHttps,
    /// User, password, query or fragment: nothing that a base address should carry.
    #[error("must have no user, password, query or fragment")]
    Extra,
}

impl Base {
    /// Reads an address such as `https://abc.supabase.co`; plain http only for a loopback host.
    ///
    /// # Errors
    /// See [`BaseError`].
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        let base = Self::parse_plain(text)?;
        match base.0.scheme() == "https" || base.is_loopback() {
            true => Ok(base),
            false => Err(BaseError::NotHttps),
        }
    }

    /// As [`Base::parse`], and plain http to any host: for a twin beside an emulated cloud, never in production.
    ///
    /// # Errors
    /// See [`BaseError`].
    pub fn parse_plain(text: &str) -> Result<Self, BaseError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseError::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(BaseError::NotHttps);
        }
        let user = !url.username().is_empty() || url.password().is_some();
        if user || url.query().is_some() || url.fragment().is_some() {
            return Err(BaseError::Extra);
        }
        Ok(Self(url))
    }

    /// The host's name, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// This address with path segments added, each of them escaped: a value can't leave its segment.
    pub(crate) fn at(&self, path: &[&str]) -> Url {
        let mut url = self.0.clone();
        // Only a URL such as `mailto:` has no path; `parse` took http and https alone.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for (text, expected) in [
            ("https://abc.supabase.co", None),
            (" https://abc.supabase.co/ ", None),
            ("http://127.0.0.1:9000", None),
            ("http://[::1]:9000", None),
            ("http://localhost:9000", None),
            ("http://abc.supabase.co", Some(BaseError::NotHttps)),
            ("http://localhost.example", Some(BaseError::NotHttps)),
            ("ftp://abc.supabase.co", Some(BaseError::NotHttps)),
            ("https://user:secret@abc.supabase.co", Some(BaseError::Extra)),
            ("https://abc.supabase.co?key=1", Some(BaseError::Extra)),
            ("abc.supabase.co", Some(BaseError::NotAUrl)),
            ("", Some(BaseError::NotAUrl)),
        ] {
            assert_eq!(Base::parse(text).err(), expected, "{text}");
        }
        assert!(Base::parse_plain("http://twins:9000").is_ok());
    }

    #[test]
    fn a_value_cannot_leave_its_segment() {
        let base = Base::parse("https://api.example/base/").unwrap();
        assert_eq!(
            base.at(&["Leads", "../x?y#z"]).as_str(),
            "https://api.example/base/Leads/..%2Fx%3Fy%23z"
        );
    }
}

//! The address that a user types.

use anyhow::{Context as _, bail};
use url::Url;

/// Reads an address as people type it: `example.com` means `https://example.com/`.
pub(crate) fn read(text: &str) -> anyhow::Result<Url> {
    let text = text.trim();
    if text.is_empty() {
        bail!("the address is empty: give the site's address, e.g. https://www.example.com");
    }
    let has_scheme = text.contains("://");
    // `localhost:8080` and `example.com:443` parse as a scheme otherwise.
    let full = if has_scheme { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&full).with_context(|| {
        format!("'{}' is no address: write it like https://www.example.com", text.escape_debug())
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        bail!("'{}' is not a web address: affiant visits http and https pages", text.escape_debug());
    }
    if !has_scheme && text.split(['/', '?', '#']).next().is_some_and(|h| h.contains('@') || h.contains(' ')) {
        bail!("'{}' is no address: write it like https://www.example.com", text.escape_debug());
    }
    if url.host_str().is_none_or(str::is_empty) {
        bail!("'{}' names no host: write it like https://www.example.com", text.escape_debug());
    }
    if !url.username().is_empty() || url.password().is_some() {
        bail!(
            "'{}' holds a login, which would end up in the record: use --header 'Authorization: …' instead",
            host(&url)
        );
    }
    Ok(url)
}

/// Host for people and folder names.
pub(crate) fn host(url: &Url) -> String {
    url.host_str().unwrap_or("site").to_owned()
}

/// A folder name for this host and time: only plain characters, bounded.
pub(crate) fn folder_name(url: &Url, time: &str) -> String {
    let plain: String = host(url)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' })
        .take(80)
        .collect();
    format!("{}-{time}", plain.trim_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_type_them() {
        assert_eq!(read("example.com").unwrap().as_str(), "https://example.com/");
        assert_eq!(read(" http://a.test/x?y#z ").unwrap().as_str(), "http://a.test/x?y#z");
        assert_eq!(read("localhost:8080").unwrap().as_str(), "https://localhost:8080/");
        for bad in [
            "",
            "ftp://a.test",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "not a url",
            "a@b.test",
            "https://u:p@a.test",
            "http://[::1",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn folder_names_stay_in_their_folder() {
        assert_eq!(folder_name(&read("https://www.shop.test").unwrap(), "T"), "www.shop.test-T");
        assert_eq!(folder_name(&read("https://[::1]:8443/").unwrap(), "T"), "___1_-T");
    }
}

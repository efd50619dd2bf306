//! The address that a user types.

use url::Url;

use crate::EngineError;

/// Reads an address as people type it: `example.com` means `https://example.com/`.
pub fn read(text: &str) -> Result<Url, EngineError> {
    let no = |why: String| Err(EngineError::Request(why));
    let text = text.trim();
    if text.is_empty() {
        return no("the address is empty: give the site's address, e.g. https://www.example.com".to_owned());
    }
    let has_scheme = text.contains("://");
    // `localhost:8080` and `example.com:443` parse as a scheme otherwise.
    let full = if has_scheme { text.to_owned() } else { format!("https://{text}") };
    let said = text.escape_debug();
    let url = match Url::parse(&full) {
        Ok(url) => url,
        Err(e) => return no(format!("'{said}' is no address ({e}): write it like https://www.example.com")),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return no(format!("'{said}' is not a web address: affiant visits http and https pages"));
    }
    if !has_scheme && text.split(['/', '?', '#']).next().is_some_and(|h| h.contains('@') || h.contains(' ')) {
        return no(format!("'{said}' is no address: write it like https://www.example.com"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return no(format!("'{said}' names no host: write it like https://www.example.com"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return no(format!(
            "'{}' holds a login, which would end up in the record: use --header 'Authorization: …' instead",
            host(&url)
        ));
    }
    Ok(url)
}

/// Host for people and folder names.
pub fn host(url: &Url) -> String {
    url.host_str().unwrap_or("site").to_owned()
}

/// A folder name for this host and time: only plain characters, bounded.
pub fn folder_name(url: &Url, time: &str) -> String {
    let plain: String = host(url)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' })
        .take(80)
        .collect();
    format!("{}-{time}", plain.trim_matches('.'))
}

/// Registrable domain of an address, or its host where there is none.
pub(crate) fn site(address: &str) -> String {
    let host = Url::parse(address).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_default();
    affiant_detect::registrable(&host)
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

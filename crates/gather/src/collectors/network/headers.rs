//! Headers as pairs, the secrets among them masked.

use affiant_record::network::Headers;
use serde_json::Value;

use crate::session::shared::Shared;

/// What stands in the record in the place of a secret.
const MASK: &str = "[masked]";

/// Headers as pairs; what the browser joined by a line break is taken apart again.
pub(crate) fn read(h: &Value) -> Headers {
    let Some(map) = h.as_object() else { return Vec::new() };
    map.iter()
        .flat_map(|(name, value)| {
            value.as_str().unwrap_or_default().split('\n').map(move |v| (name.clone(), v.to_owned()))
        })
        .collect()
}

/// Hides the values of the extra headers and the proxy's login, which may be secrets, and names those that were hidden.
pub(crate) fn masked(shared: &Shared, mut headers: Headers) -> (Headers, Vec<String>) {
    let mut names = Vec::new();
    for (name, value) in &mut headers {
        let ours = |(n, v): &&(String, String)| n.eq_ignore_ascii_case(name) && v == value;
        // What logs the browser in to the vantage's proxy is no part of the site.
        let proxy_login = name.eq_ignore_ascii_case("proxy-authorization");
        if proxy_login || shared.options.headers.iter().find(ours).is_some() {
            *value = MASK.to_owned();
            names.push(name.clone());
        }
    }
    (headers, names)
}

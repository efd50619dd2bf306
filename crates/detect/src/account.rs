//! The account, container, pixel or project id that a request tells of.

use crate::address::Address;
use crate::bodies::{Ask, Body};
use crate::body;
use crate::vendor::{AccountRule, VendorFile};

/// Longest id that is believed, in bytes.
const LONGEST: usize = 100;

/// The id, by the first rule that finds one. `body` is asked for only where a rule needs it.
pub(crate) fn account(vendor: &VendorFile, address: &Address, body: &mut Ask<'_>) -> Option<String> {
    let mut bytes: Option<Body> = None;
    vendor.accounts.iter().find_map(|rule| {
        let found = if let Some(name) = &rule.query {
            address.parameter(name)
        } else if let Some(path) = &rule.path {
            path.captures(&address.path).and_then(|c| c.get(1)).map(|m| m.as_str().to_owned())
        } else if let Some(name) = &rule.body {
            body::field(bytes.get_or_insert_with(|| body().unwrap_or_default()), name)
        } else {
            None
        };
        found.filter(|id| believable(id, rule))
    })
}

/// An id comes from the page: only plain, short ones are taken.
fn believable(id: &str, rule: &AccountRule) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/@,".contains(&b);
    !id.is_empty()
        && id.len() <= LONGEST
        && id.bytes().all(plain)
        && rule.shape.as_ref().is_none_or(|s| s.is_match(id))
}

#[cfg(test)]
mod tests {
    use crate::Catalog;
    use crate::address::Address;

    #[test]
    fn accounts() {
        let c = Catalog::embedded();
        let of = |url: &str, body: &str| {
            let a = Address::parse(url);
            let named = c.by_address(&a, false, &mut || None)?;
            let mut body = || (!body.is_empty()).then(|| body.as_bytes().to_vec().into());
            super::account(c.file(named.family?)?, &a, &mut body)
        };
        for (url, body, id) in [
            ("https://www.googletagmanager.com/gtm.js?id=GTM-ABC123&l=dataLayer", "", Some("GTM-ABC123")),
            ("https://www.googletagmanager.com/gtag/js?id=G-ABC123", "", Some("G-ABC123")),
            ("https://www.google-analytics.com/g/collect?v=2&tid=G-ABC123", "", Some("G-ABC123")),
            ("https://www.googletagmanager.com/gtag/js?id=AW-123", "", Some("AW-123")),
            ("https://www.facebook.com/tr/?id=123&ev=PageView", "", Some("123")),
            ("https://www.facebook.com/tr/", "id=123&ev=PageView", Some("123")),
            ("https://connect.facebook.net/signals/config/123?v=2", "", Some("123")),
            ("https://analytics.tiktok.com/i18n/pixel/events.js?sdkid=C1AB&lib=ttq", "", Some("C1AB")),
            ("https://analytics.tiktok.com/api/v2/pixel", r#"{"context":{"pixel":{"code":"C1"}}}"#, None),
            ("https://www.clarity.ms/tag/abc123", "", Some("abc123")),
            ("https://px.ads.linkedin.com/collect?v=2&pid=77", "", Some("77")),
            ("https://static.hotjar.com/c/hotjar-991.js?sv=6", "", Some("991")),
            ("https://bat.bing.com/action/0?ti=55&Ver=2", "", Some("55")),
            ("https://cdn.segment.com/analytics.js/v1/KEY1/analytics.min.js", "", Some("KEY1")),
            ("https://api.segment.io/v1/t", r#"{"writeKey":"KEY1","event":"x"}"#, Some("KEY1")),
            (
                "https://api-js.mixpanel.com/track/",
                r#"data=[{"event":"x","properties":{"token":"tok1"}}]"#,
                Some("tok1"),
            ),
            ("https://us-assets.i.posthog.com/array/phc_abc/config.js", "", Some("phc_abc")),
            ("https://o42.ingest.us.sentry.io/api/4501/envelope/?sentry_key=k", "", Some("4501")),
            ("https://r.lr-in-prod.com/i?a=acme%2Fshop&r=1", "", Some("acme/shop")),
            ("https://sp.shop.example/i?e=pv&tv=js-4.6.8&aid=shop", "", Some("shop")),
            ("https://api2.amplitude.com/2/httpapi", r#"{"api_key":"k1","events":[]}"#, Some("k1")),
            ("https://www.facebook.com/tr/?id=%3Cscript%3E", "", None),
        ] {
            assert_eq!(of(url, body).as_deref(), id, "{url}");
        }
    }
}

//! Consent platforms by their traces: states, cookies that hold the choice, names that the driver gives them.

use serde::Deserialize;

use crate::CatalogError;
use crate::glob::{self, End};

/// `catalog/cmps.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cmps {
    cmp: Vec<Cmp>,
    shared: Shared,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cmp {
    name: String,
    #[serde(default)]
    apis: Vec<String>,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    local: Vec<String>,
    #[serde(default)]
    rules: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    cookies: Vec<String>,
}

impl Cmps {
    /// Reads the file.
    pub(crate) fn parse(text: &str) -> Result<Cmps, CatalogError> {
        toml::from_str(text).map_err(|e| CatalogError::new("cmps.toml", e))
    }

    /// The platform behind a state's source, e.g. `api:klaro` or `cookie:cc_cookie`.
    pub(crate) fn by_source(&self, source: &str) -> Option<&str> {
        let (kind, key) = source.split_once(':')?;
        self.find(key, |c| match kind {
            "api" => &c.apis,
            "cookie" => &c.cookies,
            "local" | "session" => &c.local,
            _ => &[],
        })
    }

    /// The platform that a rule of the driver names.
    pub(crate) fn by_rule(&self, rule: &str) -> Option<&str> {
        self.find(rule, |c| &c.rules)
    }

    /// Whether a cookie only holds the choice itself.
    pub(crate) fn stores_consent(&self, cookie: &str) -> bool {
        let all = self.cmp.iter().flat_map(|c| &c.cookies).chain(&self.shared.cookies);
        all.into_iter().any(|g| same(g, cookie))
    }

    fn find(&self, key: &str, of: impl Fn(&Cmp) -> &[String]) -> Option<&str> {
        self.cmp.iter().find(|c| of(c).iter().any(|g| same(g, key))).map(|c| c.name.as_str())
    }
}

/// Letters match in either case: harmless, as no platform's name is another's in capitals.
fn same(glob: &str, name: &str) -> bool {
    glob::matches(glob, glob::bounded(name, 256), End::Whole)
}

#[cfg(test)]
mod tests {
    use crate::Catalog;

    #[test]
    fn traces() {
        let c = Catalog::embedded().cmps();
        assert_eq!(c.by_source("api:klaro"), Some("Klaro"));
        assert_eq!(c.by_source("cookie:cc_cookie"), Some("vanilla-cookieconsent"));
        assert_eq!(c.by_source("cookie:cookieconsent_status"), Some("Osano Cookie Consent (open source)"));
        assert_eq!(c.by_source("local:uc_settings"), Some("Usercentrics"));
        assert_eq!(c.by_source("api:tcf"), None);
        assert_eq!(c.by_source("nonsense"), None);
        assert_eq!(c.by_rule("Complianz optin"), Some("Osano Cookie Consent (open source)"));
        assert_eq!(c.by_rule("Complianz banner"), Some("Complianz"));
        assert_eq!(c.by_rule("some-shop.example"), None);
        for yes in [
            "cc_cookie",
            "klaro",
            "tarteaucitron",
            "cookieconsent_status",
            "OptanonConsent",
            "OptanonAlertBoxClosed",
            "CookieConsent",
            "euconsent-v2",
            "usprivacy",
            "didomi_token",
            "cookieyes-consent",
            "eu-consent",
            "_iub_cs-1234",
            "notice_preferences",
            "notice_gdpr_prefs",
            "cmplz_marketing",
            "borlabs-cookie",
            "osano_consentmanager_uuid",
        ] {
            assert!(c.stores_consent(yes), "{yes}");
        }
        assert!(!c.stores_consent("_ga") && !c.stores_consent("consent_id"));
    }
}

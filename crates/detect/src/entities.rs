//! third-party-web: who owns a host, and what kind of business that is. The fallback where our own catalogue has nothing.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::CatalogError;
use crate::address::and_above;
use crate::facts::{Class, VendorRef};

const SOURCE: &str = "third-party-web";

/// The entities, and how we read them.
#[derive(Debug, Default)]
pub(crate) struct Entities {
    list: Vec<Entity>,
    exact: HashMap<String, usize>,
    below: HashMap<String, usize>,
    reading: Reading,
}

#[derive(Debug, Deserialize)]
struct Entity {
    name: String,
    company: Option<String>,
    #[serde(default)]
    category: String,
    #[serde(default)]
    domains: Vec<String>,
}

/// `catalog/third-party-web.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    categories: BTreeMap<String, Class>,
    classes: BTreeMap<String, Class>,
    names: BTreeMap<String, String>,
    companies: BTreeMap<String, String>,
    tenants: Tenants,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tenants {
    categories: Vec<String>,
    entities: Vec<String>,
}

impl Entities {
    /// Reads the list and how to read it.
    pub(crate) fn parse(json: &str, reading: &str) -> Result<Entities, CatalogError> {
        let list: Vec<Entity> =
            serde_json::from_str(json).map_err(|e| CatalogError::new("entities-nostats.json", e))?;
        let reading = toml::from_str(reading).map_err(|e| CatalogError::new("third-party-web.toml", e))?;
        let mut out = Entities { list, reading, ..Entities::default() };
        for (i, e) in out.list.iter().enumerate() {
            for d in &e.domains {
                let d = d.to_ascii_lowercase();
                match d.strip_prefix("*.") {
                    Some(root) => out.below.entry(root.to_owned()).or_insert(i),
                    None => out.exact.entry(d).or_insert(i),
                };
            }
        }
        Ok(out)
    }

    fn of(&self, host: &str) -> Option<&Entity> {
        let i = self.exact.get(host).or_else(|| and_above(host).find_map(|h| self.below.get(h)))?;
        self.list.get(*i)
    }

    /// The vendor behind a host.
    pub(crate) fn vendor(&self, host: &str) -> Option<VendorRef> {
        let e = self.of(host)?;
        let by_category = self.reading.categories.get(&e.category);
        let class = self.reading.classes.get(&e.name).or(by_category).copied().unwrap_or(Class::Other);
        let name = self.reading.names.get(&e.name).unwrap_or(&e.name).clone();
        Some(VendorRef { name: name.into(), class, source: SOURCE.into() })
    }

    /// The company behind a host, unless the host serves other people's sites.
    pub(crate) fn company(&self, host: &str) -> Option<String> {
        let e = self.of(host).filter(|e| !self.has_tenants(e))?;
        let name = e.company.as_ref().unwrap_or(&e.name);
        let companies = &self.reading.companies;
        Some(companies.get(&e.name).or_else(|| companies.get(name)).unwrap_or(name).clone())
    }

    /// Whether a host is known to serve other people's sites.
    pub(crate) fn is_tenant_host(&self, host: &str) -> bool {
        self.of(host).is_some_and(|e| self.has_tenants(e))
    }

    fn has_tenants(&self, e: &Entity) -> bool {
        self.reading.tenants.categories.contains(&e.category)
            || self.reading.tenants.entities.contains(&e.name)
    }
}

#[cfg(test)]
mod tests {
    use crate::Catalog;
    use crate::address::Address;
    use crate::facts::{Class, Text};

    #[test]
    fn names_and_classes() {
        let of = |url: &str| {
            let v = Catalog::embedded().by_address(&Address::parse(url), false, &mut || None)?.vendor;
            Some((v.name, v.class, v.source))
        };
        let theirs = |n: &str, c| Some((Text::from(n), c, Text::from("third-party-web")));
        assert_eq!(of("https://js.stripe.com/v3/"), theirs("Stripe", Class::Service));
        assert_eq!(of("https://fonts.googleapis.com/css2"), theirs("Google Fonts", Class::Service));
        assert_eq!(of("https://ib.adnxs.com/getuid"), theirs("AppNexus", Class::AdPixel));
        assert_eq!(of("https://www.microsoft.com/"), theirs("Microsoft", Class::Other));
        assert_eq!(of("https://cdn.unknown-host.example/x.js"), None);
    }

    #[test]
    fn every_name_that_the_reading_mentions_is_there() {
        let c: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../../../third_party/third-party-web/entities-nostats.json"))
                .unwrap();
        let has = |key: &str, v: &str| c.iter().any(|e| e[key] == v);
        let reading: super::Reading =
            toml::from_str(include_str!("../catalog/third-party-web.toml")).unwrap();
        for name in reading.classes.keys().chain(reading.names.keys()).chain(&reading.tenants.entities) {
            assert!(has("name", name), "{name}");
        }
        for name in reading.companies.keys() {
            assert!(has("name", name) || has("company", name), "{name}");
        }
        for e in &c {
            assert!(e["category"].as_str().is_some_and(|c| reading.categories.contains_key(c)), "{e}");
        }
    }
}

//! The Open Cookie Database: what a cookie of this name is commonly for.

use std::collections::HashMap;

use serde::Deserialize;

use crate::CatalogError;
use crate::address::and_above;

/// What is known of cookies by their names.
#[derive(Debug, Default)]
pub(crate) struct CookieDatabase {
    rows: Vec<Entry>,
    exact: HashMap<String, Vec<usize>>,
    /// Beginnings of names, the longest first.
    beginnings: Vec<usize>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    purpose: &'static str,
    /// Hosts that the row names; empty: any.
    hosts: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "Category")]
    category: String,
    #[serde(rename = "Cookie / Data Key name")]
    name: String,
    #[serde(rename = "Domain")]
    domain: String,
    #[serde(rename = "Wildcard match")]
    wildcard: String,
}

impl CookieDatabase {
    /// Reads the CSV.
    pub(crate) fn parse(text: &str) -> Result<CookieDatabase, CatalogError> {
        let mut out = CookieDatabase::default();
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize::<Row>() {
            let row = row.map_err(|e| CatalogError::new("open-cookie-database.csv", e))?;
            let Some(purpose) = purpose(&row.category) else { continue };
            let name = row.name.trim().to_owned();
            if name.is_empty() {
                continue;
            }
            let i = out.rows.len();
            if row.wildcard.trim() == "1" {
                out.beginnings.push(i);
            } else {
                out.exact.entry(name.clone()).or_default().push(i);
            }
            out.rows.push(Entry { name, purpose, hosts: hosts(&row.domain) });
        }
        let rows = &out.rows;
        out.beginnings.sort_by_key(|i| std::cmp::Reverse(rows.get(*i).map_or(0, |r| r.name.len())));
        Ok(out)
    }

    /// The purpose of a cookie, where the rows that speak of it agree.
    pub(crate) fn purpose(&self, name: &str, domain: &str) -> Option<&'static str> {
        let at = |i: &usize| self.rows.get(*i);
        let exact: Vec<&Entry> = self.exact.get(name).into_iter().flatten().filter_map(at).collect();
        if let Some(p) = agreed(&exact, name, domain) {
            return Some(p);
        }
        let mut wild: Vec<&Entry> = Vec::new();
        for row in self.beginnings.iter().filter_map(at).filter(|r| name.starts_with(&r.name)) {
            if wild.first().is_some_and(|w| w.name.len() > row.name.len()) {
                break;
            }
            wild.push(row);
        }
        agreed(&wild, name, domain)
    }
}

/// Rows for the cookie's own domain count first, then rows for any domain. A row for somebody else's domain only
/// counts where the name is no everyday word.
fn agreed(rows: &[&Entry], name: &str, domain: &str) -> Option<&'static str> {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let here = |r: &&&Entry| and_above(&domain).any(|d| r.hosts.iter().any(|h| h == d));
    let one = |rows: Vec<&Entry>| {
        let first = rows.first()?.purpose;
        rows.iter().all(|r| r.purpose == first).then_some(first)
    };
    let own: Vec<&Entry> = rows.iter().filter(here).copied().collect();
    if !own.is_empty() {
        return one(own);
    }
    let any: Vec<&Entry> = rows.iter().filter(|r| r.hosts.is_empty() && is_specific(name)).copied().collect();
    if !any.is_empty() {
        return one(any);
    }
    if is_specific(name) { one(rows.to_vec()) } else { None }
}

/// Whether a name is more than an everyday word: `lang`, `uid`, `token`, `SID` are anybody's.
fn is_specific(name: &str) -> bool {
    let word = name.bytes().all(|b| b.is_ascii_lowercase());
    (name.len() >= 3 && name.starts_with('_')) || (name.len() >= 5 && !word)
}

fn purpose(category: &str) -> Option<&'static str> {
    match category.trim() {
        "Functional" | "Personalization" => Some("functional"),
        "Necessary" => Some("necessary"),
        "Analytics" => Some("analytics"),
        "Marketing" => Some("marketing"),
        "Security" => Some("security"),
        _ => None,
    }
}

/// The host names in the database's free text, unless it says that the site's own domain may be meant.
fn hosts(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    if text.contains("1st party") || text.contains("first party") {
        return Vec::new();
    }
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'))
        .map(|w| w.trim_matches('.'))
        .filter(|w| w.contains('.'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::Catalog;

    #[test]
    fn purposes() {
        let of = |name, domain| Catalog::embedded().cookies().purpose(name, domain);
        assert_eq!(of("_ga", ".shop.test"), Some("analytics"));
        assert_eq!(of("_ga_ABC123", ".shop.test"), Some("analytics"));
        assert_eq!(of("_fbp", ".shop.test"), Some("marketing"));
        assert_eq!(of("IDE", ".doubleclick.net"), Some("marketing"));
        assert_eq!(of("lang", ".linkedin.com"), Some("functional"));
        assert_eq!(of("lang", "shop.test"), None);
        assert_eq!(of("uid", "shop.test"), None);
        assert_eq!(of("uid", "track.adform.net"), Some("marketing"));
        assert_eq!(of("my_own_cookie_17", "shop.test"), None);
    }

    proptest! {
        #[test]
        fn never_panics(name in "\\PC{0,20}", domain in "\\PC{0,20}") {
            let _ = Catalog::embedded().cookies().purpose(&name, &domain);
        }
    }
}

//! What consent platforms declare: by the running page, and by the configuration files that the page fetched, which hold
//! the rules of every region.
//!
//! OneTrust's files: `/consent/<id>/<id>.json` names the rules and their regions, `/consent/<id>/<rule>/<language>.json`
//! holds the categories of one rule.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use affiant_record::declaration::{Category, Declaration, DeclaredCookie, RegionRule};
use affiant_record::network::BodyOf;
use affiant_record::{Observation, VisitRecord};
use regex::Regex;
use serde_json::Value;

use crate::bodies::Bodies;
use crate::facts::DeclarationFact;
use crate::glob::bounded;

/// Most of each kind that is passed on, and the longest text, in bytes.
const MOST_CATEGORIES: usize = 60;
const MOST_ITEMS: usize = 1000;
const MOST_RULES: usize = 200;
const MOST: usize = 20;
const LONGEST: usize = 200;
/// Largest file that is read, in bytes.
const LARGEST: usize = 8 << 20;

/// Every declaration of this visit, the running page's first.
pub(crate) fn declarations(record: &VisitRecord, bodies: &Bodies<'_>) -> Vec<DeclarationFact> {
    let mut out: Vec<DeclarationFact> = record
        .lines
        .iter()
        .filter_map(|l| match &l.what {
            Observation::Declaration(d) => {
                Some(DeclarationFact { declared: within_bounds(d), evidence: record.evidence(l.n) })
            }
            _ => None,
        })
        .take(MOST)
        .collect();
    if bodies.can_be_read() {
        files(record, bodies, &mut out);
    }
    out
}

/// Which file of OneTrust's an address is: `Some(None)` the rules, `Some(Some(id))` the categories of a rule.
fn which(url: &str) -> Option<Option<String>> {
    let path = url::Url::parse(url).ok()?.path().to_owned();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let at = parts.iter().position(|p| *p == "consent")?;
    match parts.get(at + 1..)? {
        [id, file]
            if file.strip_suffix(".json")?.trim_end_matches("-test") == id.trim_end_matches("-test") =>
        {
            Some(None)
        }
        [_, rule, language] if language.ends_with(".json") => Some(Some((*rule).to_owned())),
        _ => None,
    }
}

fn files(record: &VisitRecord, bodies: &Bodies<'_>, out: &mut Vec<DeclarationFact>) {
    let mut urls: BTreeMap<&str, &str> = BTreeMap::new();
    for l in &record.lines {
        if let Observation::Request(r) = &l.what {
            urls.insert(&r.request_id, &r.url);
        }
    }
    let (mut rules, mut names): (Vec<RegionRule>, BTreeMap<String, String>) = Default::default();
    let mut found = Vec::new();
    for l in &record.lines {
        let Observation::Body(b) = &l.what else { continue };
        let Some((url, file)) = urls.get(b.request_id.as_str()).and_then(|u| Some((*u, which(u)?))) else {
            continue;
        };
        let described = b.bytes.as_ref().filter(|_| b.of == BodyOf::Response);
        let bytes = described.and_then(|r| bodies.of_ref(r)).filter(|b| b.len() <= LARGEST);
        let Some(json) = bytes.and_then(|b| serde_json::from_slice::<Value>(&b).ok()) else { continue };
        match file {
            None => {
                for r in json["RuleSet"].as_array().into_iter().flatten().take(MOST_RULES) {
                    names.insert(text(&r["Id"]), text(&r["Name"]));
                    rules.push(rule(r));
                }
            }
            Some(id) => found.push((id, url.to_owned(), json, record.evidence(l.n))),
        }
    }
    for (id, url, json, evidence) in found.into_iter().take(MOST) {
        let mut declared = domain_data(&json["DomainData"]);
        if declared.categories.is_empty() {
            continue;
        }
        declared.from = bounded(&url, LONGEST * 4).to_owned();
        declared.region = names.get(&id).cloned().or(Some(id));
        out.push(DeclarationFact { declared, evidence });
    }
    // The rules belong to all of them; they are told once.
    if let Some(first) = out.iter_mut().find(|d| d.declared.platform == "OneTrust") {
        first.declared.rules = rules;
    }
}

fn rule(r: &Value) -> RegionRule {
    let mut regions: Vec<String> = each(&r["Countries"]).map(|c| text(c).to_lowercase()).collect();
    for (country, states) in r["States"].as_object().into_iter().flatten() {
        regions
            .extend(each(states).map(|s| format!("{}-{}", country.to_lowercase(), text(s).to_lowercase())));
    }
    if r["Default"] == true || r["Global"] == true {
        regions.push("*".to_owned());
    }
    regions.truncate(300);
    RegionRule {
        name: text(&r["Name"]),
        regions,
        model: Some(text(&r["Type"])).filter(|t| !t.is_empty()),
        ..Default::default()
    }
}

/// The categories of a rule's file.
fn domain_data(d: &Value) -> Declaration {
    let cookie = |c: &Value| DeclaredCookie {
        name: text(&c["Name"]),
        host: Some(text(&c["Host"])).filter(|h| !h.is_empty()),
    };
    let category = |g: &Value| {
        let status = text(&g["Status"]).to_lowercase();
        let hosts = each(&g["Hosts"]);
        Category {
            id: [&g["CustomGroupId"], &g["OptanonGroupId"]]
                .map(text)
                .into_iter()
                .find(|t| !t.is_empty())
                .unwrap_or_default(),
            name: text(&g["GroupName"]),
            default: match status.as_str() {
                s if s.starts_with("always active") => "always",
                s if s.starts_with("active") => "on",
                s if s.contains("inactive") => "off",
                _ => "",
            }
            .to_owned(),
            cookies: each(&g["FirstPartyCookies"])
                .chain(hosts.clone().flat_map(|h| each(&h["Cookies"])))
                .map(cookie)
                .filter(|c| !c.name.is_empty())
                .collect(),
            hosts: hosts.map(|h| text(&h["HostName"])).filter(|h| !h.is_empty()).collect(),
            ..Default::default()
        }
    };
    Declaration {
        platform: "OneTrust".to_owned(),
        model: Some(text(&d["ConsentModel"]["Name"])).filter(|m| !m.is_empty()),
        categories: each(&d["Groups"]).take(MOST_CATEGORIES).map(category).collect(),
        ..Default::default()
    }
}

fn each(v: &Value) -> impl Iterator<Item = &Value> + Clone {
    v.as_array().map(Vec::as_slice).unwrap_or_default().iter().take(MOST_ITEMS)
}

fn text(v: &Value) -> String {
    bounded(v.as_str().unwrap_or_default(), LONGEST).to_owned()
}

fn within_bounds(d: &Declaration) -> Declaration {
    let cut = |t: &str| bounded(t, LONGEST).to_owned();
    let opt = |t: &Option<String>| t.as_deref().map(cut);
    let category = |c: &Category| Category {
        id: cut(&c.id),
        name: cut(&c.name),
        default: cut(&c.default),
        cookies: c
            .cookies
            .iter()
            .take(MOST_ITEMS)
            .map(|k| DeclaredCookie { name: cut(&k.name), host: opt(&k.host) })
            .collect(),
        hosts: c.hosts.iter().take(MOST_ITEMS).map(|h| cut(h)).collect(),
        services: c.services.iter().take(MOST_ITEMS).map(|s| cut(s)).collect(),
        extra: Default::default(),
    };
    Declaration {
        platform: cut(&d.platform),
        from: cut(&d.from),
        model: opt(&d.model),
        region: opt(&d.region),
        version: opt(&d.version),
        rules: d.rules.iter().take(MOST_RULES).cloned().collect(),
        categories: d.categories.iter().take(MOST_CATEGORIES).map(category).collect(),
        extra: Default::default(),
    }
}

/// Whether a declared name, which may be a pattern, is this cookie's.
pub fn names(declared: &str, cookie: &str) -> bool {
    if declared == cookie {
        return true;
    }
    if let Some(pattern) = declared.strip_prefix('/').and_then(|d| d.rsplit_once('/')) {
        return matches(pattern.0, cookie);
    }
    // `*`, `#` and a run of x stand for any rest: `_gat_xxxxxxxxxx`, `_ga_*`, `_hjSession_###`.
    let stem = declared.trim_end_matches(['*', '#']);
    let stem = if stem.ends_with("xxx") { stem.trim_end_matches('x') } else { stem };
    stem.len() < declared.len() && !stem.is_empty() && cookie.starts_with(stem)
}

/// Patterns that are kept for the next question: making one takes a thousand times as long as asking it.
const PATTERNS: usize = 500;

/// Whether a declared pattern, which may be none, fits a cookie's name.
fn matches(pattern: &str, cookie: &str) -> bool {
    thread_local! {
        static MADE: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        if made.len() >= PATTERNS && !made.contains_key(pattern) {
            made.clear();
        }
        let regex = made.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).ok());
        regex.as_ref().is_some_and(|r| r.is_match(cookie))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{other, record, request};
    use affiant_record::BlobStore;
    use affiant_record::network::Body;

    #[test]
    fn names_may_be_patterns() {
        for (declared, cookie) in [
            ("_ga", "_ga"),
            ("_ga_*", "_ga_ABC"),
            ("_gat_xxxxxxxxxx", "_gat_UA-1"),
            ("_hjSession_###", "_hjSession_77"),
            ("/^_ga/", "_gat"),
        ] {
            assert!(names(declared, cookie), "{declared} {cookie}");
        }
        for (declared, cookie) in [("_ga", "_gat"), ("*", "a"), ("xxx", "abc"), ("/(/", "("), ("", "")] {
            assert!(!names(declared, cookie) || declared == cookie, "{declared} {cookie}");
        }
    }

    #[test]
    fn files_that_the_page_fetched_tell_the_rules_of_every_region() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = BlobStore::new(dir.path().join("blobs"));
        let id = "0190aaaa-0000";
        let rules = serde_json::json!({ "RuleSet": [
            { "Id": "r1", "Name": "California", "Countries": [], "States": { "us": ["ca"] }, "Type": "CPRA" },
            { "Id": "r2", "Name": "Rest", "Countries": ["de", "fr"], "Default": true },
        ] });
        let data = serde_json::json!({ "DomainData": { "Groups": [
            { "OptanonGroupId": "C0001", "GroupName": "Strictly necessary", "Status": "always active", "FirstPartyCookies": [{ "Name": "sid" }],
              "Hosts": [{ "HostName": "intercom.io", "Cookies": [{ "Name": "intercom-id-x", "Host": "intercom.io" }] }] },
        ] } });
        let mut lines = vec![];
        for (n, (url, body)) in [
            (format!("https://cdn.cookielaw.org/consent/{id}/{id}.json"), rules),
            (format!("https://cdn.cookielaw.org/consent/{id}/r1/en.json"), data),
        ]
        .into_iter()
        .enumerate()
        {
            let request_id = format!("q{n}");
            lines.push((1.0, Observation::Request(request(&request_id, &url, "XHR", other()))));
            let bytes = Some(blobs.keep(body.to_string().as_bytes(), 1 << 20).unwrap());
            lines.push((
                2.0,
                Observation::Body(Body { request_id, of: BodyOf::Response, bytes, ..Body::default() }),
            ));
        }
        let all = declarations(&record("https://a.test/", lines), &Bodies::of(Some(&blobs)));
        assert_eq!(all.len(), 1);
        let d = &all[0].declared;
        assert_eq!((d.region.as_deref(), d.categories[0].default.as_str()), (Some("California"), "always"));
        assert_eq!(d.categories[0].hosts, ["intercom.io"]);
        assert_eq!(d.categories[0].cookies.len(), 2);
        let regions: Vec<_> = d.rules.iter().map(|r| r.regions.join(" ")).collect();
        assert_eq!(regions, ["us-ca", "de fr *"]);
    }

    proptest::proptest! {
        #[test]
        fn hostile_files_and_names_never_panic(a in ".{0,80}", b in ".{0,80}") {
            let _ = names(&a, &b);
            let _ = which(&a);
            let json: Value = serde_json::from_str(&a).unwrap_or(Value::String(b));
            let _ = (rule(&json), domain_data(&json));
        }
    }
}

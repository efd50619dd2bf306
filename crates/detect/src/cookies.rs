//! Cookies that were set: told by headers and scripts, or found in the jar without having been told.

use std::collections::{HashMap, HashSet};

use affiant_record::storage::{Cookie, CookieJar, CookieWrite};
use affiant_record::{Observation, VisitRecord};

use crate::Catalog;
use crate::address::Address;
use crate::behind::{Behind, script};
use crate::facts::{Class, CookieFact, Party, Text, VendorRef};

/// All cookies that were set, in order of time.
pub(crate) fn cookies(record: &VisitRecord, behind: &Behind<'_>, catalog: &Catalog) -> Vec<CookieFact> {
    let look = Look { record, catalog, behind };
    let mut out = Vec::new();
    // Lines need not stand in order of time: first collect what was told and when.
    let mut told: HashMap<(&str, String), f64> = HashMap::new();
    for l in &record.lines {
        if let Observation::CookieWrite(w) = &l.what
            && w.blocked.is_empty()
        {
            let t = told.entry((&w.name, bare(&w.domain))).or_insert(l.t);
            *t = t.min(l.t);
        }
    }
    let explained = |c: &Cookie, t: f64| {
        [bare(&c.domain), String::new()]
            .into_iter()
            .any(|d| told.get(&(c.name.as_str(), d)).is_some_and(|x| *x <= t))
    };
    let mut seen: HashSet<(&str, &str, &str, &str)> = HashSet::new();
    // Cookies of earlier visits are no news: what the jar held before. Where that was not asked (in older records), the
    // first jar is taken for it. A session's first visit begins with none.
    let mut begun = record.header.ordinal == 0;
    for l in &record.lines {
        match &l.what {
            Observation::CookieWrite(w) => {
                out.push(look.write(w, l.t, l.n));
            }
            Observation::CookieJar(jar) => {
                let news = begun && jar.at != CookieJar::BEFORE;
                begun = true;
                for c in &jar.cookies {
                    let first = seen.insert((&c.name, &c.domain, &c.path, &c.value));
                    if first && news && !explained(c, l.t) {
                        out.push(look.in_jar(c, l.t, l.n));
                    }
                }
            }
            _ => {}
        }
    }
    out.sort_by(|a, b| a.t.total_cmp(&b.t));
    lives(record, &mut out);
    out
}

/// What each write did to its cookie, in order of time.
fn lives(record: &VisitRecord, all: &mut [CookieFact]) {
    let told: HashMap<u64, &Observation> = record
        .lines
        .iter()
        .filter(|l| matches!(l.what, Observation::CookieWrite(_) | Observation::CookieJar(_)))
        .map(|l| (l.n, &l.what))
        .collect();
    // A jar may hold any number of cookies: they are looked up, not looked for.
    let mut in_jars: HashMap<(u64, &str, &str), &Cookie> = HashMap::new();
    for l in &record.lines {
        let Observation::CookieJar(jar) = &l.what else { continue };
        for c in &jar.cookies {
            in_jars.entry((l.n, &c.name, &c.domain)).or_insert(c);
        }
    }
    let value_and_path = |c: &CookieFact| -> (String, String) {
        match told.get(&c.evidence.line).copied() {
            Some(Observation::CookieWrite(w)) => {
                let setter = w.document_url.as_deref().or(c.set_by.as_deref()).unwrap_or_default();
                (w.value.clone(), w.path.clone().unwrap_or_else(|| default_path(setter)))
            }
            Some(Observation::CookieJar(_)) => {
                let in_jar = in_jars.get(&(c.evidence.line, c.name.as_str(), c.domain.as_str()));
                in_jar.map(|x| (x.value.clone(), x.path.clone())).unwrap_or_default()
            }
            _ => Default::default(),
        }
    };
    let mut alive: HashMap<(Text, String, String), String> = HashMap::new();
    for c in all {
        let (value, path) = value_and_path(c);
        let key = (c.name.clone(), bare(&c.domain), path);
        c.change = if !c.blocked.is_empty() {
            "refused"
        } else if c.lifetime_s.is_some_and(|s| s <= 0.0) {
            match alive.remove(&key) {
                Some(_) => "deleted",
                None => "deletion",
            }
        } else {
            match alive.insert(key, value.clone()) {
                None if c.via == "jar" => "found",
                None => "set",
                Some(before) if before == value => "set-again",
                Some(_) => "changed",
            }
        }
        .into();
    }
}

struct Look<'a> {
    record: &'a VisitRecord,
    catalog: &'a Catalog,
    behind: &'a Behind<'a>,
}

impl Look<'_> {
    fn write(&self, w: &CookieWrite, t: f64, line: u64) -> CookieFact {
        let by_header = w.via == "header";
        let (set_by, brought_by) = if by_header {
            let response =
                w.request_id.as_deref().and_then(|id| self.behind.request(id, w.hop.unwrap_or_default()));
            (response.and_then(|i| self.behind.fact(i)).map(|r| r.url.clone()), response)
        } else {
            let script = script(&w.stack).or(w.document_url.as_deref()).filter(|u| !u.is_empty());
            (script.map(Into::into), script.and_then(|u| self.behind.brought(u, t)))
        };
        let domain = bare(&w.domain);
        let named = set_by.as_deref().and_then(|u| match brought_by.and_then(|i| self.behind.fact(i)) {
            Some(r) if r.vendor.is_some() => r.vendor.clone(),
            _ => self.behind.vendor(u, t),
        });
        CookieFact {
            t,
            name: w.name.as_str().into(),
            party: self.party(&domain),
            lifetime_s: self.lifetime(w, t),
            flags: w.flags.iter().map(Into::into).collect(),
            blocked: w.blocked.iter().map(Into::into).collect(),
            vendor: self.whose(named, &w.name),
            set_by,
            brought_by,
            via: w.via.as_str().into(),
            evidence: self.record.evidence(line),
            ..self.known(&w.name, if w.domain_given { format!(".{domain}") } else { domain })
        }
    }

    fn in_jar(&self, c: &Cookie, t: f64, line: u64) -> CookieFact {
        let flags = [
            c.secure.then(|| "Secure".to_owned()),
            c.http_only.then(|| "HttpOnly".to_owned()),
            c.same_site.as_ref().map(|s| format!("SameSite={s}")),
            c.partition.as_ref().map(|_| "Partitioned".to_owned()),
        ];
        CookieFact {
            t,
            name: c.name.as_str().into(),
            party: self.party(&bare(&c.domain)),
            lifetime_s: c.expires_ms.map(|e| self.seconds_until(e, t)),
            flags: flags.into_iter().flatten().map(Into::into).collect(),
            vendor: self.whose(self.behind.vendor_of_host(&bare(&c.domain)), &c.name),
            via: "jar".into(),
            evidence: self.record.evidence(line),
            ..self.known(&c.name, c.domain.clone())
        }
    }

    /// What its name and domain alone tell.
    fn known(&self, name: &str, domain: String) -> CookieFact {
        let stores_consent = self.catalog.cmps().stores_consent(name);
        let purpose =
            if stores_consent { Some("necessary") } else { self.catalog.cookies().purpose(name, &domain) };
        CookieFact {
            t: 0.0,
            name: Text::default(),
            domain: domain.into(),
            via: Text::default(),
            party: Party::First,
            lifetime_s: None,
            flags: Vec::new(),
            blocked: Vec::new(),
            vendor: None,
            purpose: purpose.map(Into::into),
            set_by: None,
            brought_by: None,
            change: Text::default(),
            stores_consent,
            evidence: self.record.evidence(0),
        }
    }

    /// By who set it; but what a tag manager or a delivery network brought speaks by its name first.
    fn whose(&self, setter: Option<VendorRef>, name: &str) -> Option<VendorRef> {
        match setter {
            Some(v) if !matches!(v.class, Class::TagManager | Class::Service) => Some(v),
            carrier => self.catalog.by_cookie(name).or(carrier),
        }
    }

    fn party(&self, domain: &str) -> Party {
        self.behind.party(domain)
    }

    /// `Max-Age` counts before `Expires`, as in the browser.
    fn lifetime(&self, w: &CookieWrite, t: f64) -> Option<f64> {
        let max_age = w.raw.split(';').skip(1).filter_map(|a| {
            let (name, value) = a.split_once('=')?;
            name.trim().eq_ignore_ascii_case("max-age").then(|| value.trim().parse::<i64>().ok()).flatten()
        });
        let expires = w.expires_ms.map(|e| self.seconds_until(e, t));
        #[expect(
            clippy::cast_precision_loss,
            reason = "a lifetime in seconds needs no exactness beyond 2^53"
        )]
        max_age.last().map(|s| s as f64).or(expires)
    }

    fn seconds_until(&self, expires_ms: f64, t: f64) -> f64 {
        (expires_ms - (self.record.header.clock.wall_at_zero_ms + t)) / 1000.0
    }
}

/// The path of a cookie that was set without one, by a document or response at this address (RFC 6265, 5.1.4).
fn default_path(url: &str) -> String {
    let path = Address::parse(url).path;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => path.get(..end).unwrap_or("/").to_owned(),
    }
}

/// A cookie's domain as a host.
fn bare(domain: &str) -> String {
    domain.trim().trim_start_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use affiant_record::storage::CookieJar;

    use super::*;
    use crate::facts;
    use crate::sample::{ZERO_MS, other, parser, record, request, stack};

    const PAGE: &str = "https://www.shop.test/";
    const CLARITY: &str = "https://www.clarity.ms/tag/proj1";

    fn begin() -> Vec<(f64, Observation)> {
        vec![
            (1.0, Observation::Request(request("1", PAGE, "Document", other()))),
            (2.0, Observation::Request(request("2", CLARITY, "Script", parser(PAGE)))),
        ]
    }

    fn jar(at: &str, names: &[&str]) -> Observation {
        let cookies = names.iter().map(|n| Cookie {
            name: (*n).into(),
            value: "1".into(),
            domain: ".shop.test".into(),
            path: "/".into(),
            ..Cookie::default()
        });
        Observation::CookieJar(CookieJar {
            at: at.into(),
            cookies: cookies.collect(),
            ..CookieJar::default()
        })
    }

    fn of(r: &VisitRecord) -> Vec<CookieFact> {
        facts(r, "v", Catalog::embedded(), None).cookies
    }

    #[test]
    fn told_by_headers_and_scripts() {
        let mut lines = begin();
        lines.push((
            10.0,
            Observation::CookieWrite(CookieWrite {
                via: "header".into(),
                raw: "CLID=x; Domain=clarity.ms; Max-Age=60; Expires=Thu, 01 Jan 2099 00:00:00 GMT".into(),
                name: "CLID".into(),
                domain: "www.clarity.ms".into(),
                expires_ms: Some(1.0),
                request_id: Some("2".into()),
                hop: Some(0),
                ..CookieWrite::default()
            }),
        ));
        lines.push((
            20.0,
            Observation::CookieWrite(CookieWrite {
                via: "document.cookie".into(),
                raw: "_clck=x; domain=.shop.test".into(),
                name: "_clck".into(),
                domain: ".shop.test".into(),
                domain_given: true,
                expires_ms: Some(ZERO_MS + 20.0 + 5000.0),
                document_url: Some(PAGE.into()),
                stack: vec![stack(&["", CLARITY])],
                ..CookieWrite::default()
            }),
        ));
        lines.push((
            30.0,
            Observation::CookieWrite(CookieWrite {
                via: "document.cookie".into(),
                raw: "klaro=; expires=Thu, 01 Jan 1970".into(),
                name: "klaro".into(),
                domain: "www.shop.test".into(),
                expires_ms: Some(0.0),
                document_url: Some(PAGE.into()),
                ..CookieWrite::default()
            }),
        ));
        let c = of(&record(PAGE, lines));
        let vendor = |i: usize| c[i].vendor.as_ref().map(|v| v.name.as_str());
        assert_eq!(
            (c[0].lifetime_s, c[0].party, vendor(0)),
            (Some(60.0), Party::Third, Some("Microsoft Clarity"))
        );
        assert_eq!(c[0].set_by.as_deref(), Some(CLARITY));
        assert_eq!(
            (c[1].lifetime_s, c[1].party, vendor(1)),
            (Some(5.0), Party::First, Some("Microsoft Clarity"))
        );
        assert_eq!((c[1].domain.as_str(), c[1].purpose.as_deref()), (".shop.test", Some("analytics")));
        assert!(c[2].lifetime_s.is_some_and(|s| s <= 0.0));
        assert_eq!(
            (c[2].stores_consent, c[2].purpose.as_deref(), vendor(2)),
            (true, Some("necessary"), None)
        );
        assert_eq!(c[2].set_by.as_deref(), Some(PAGE));
    }

    #[test]
    fn a_cookies_whole_life() {
        let write = |t: f64, value: &str, raw: &str, path: Option<&str>| {
            let line = CookieWrite {
                via: "document.cookie".into(),
                raw: raw.into(),
                name: "id".into(),
                value: value.into(),
                domain: "www.shop.test".into(),
                path: path.map(str::to_owned),
                document_url: Some(PAGE.into()),
                ..CookieWrite::default()
            };
            (t, Observation::CookieWrite(line))
        };
        let mut lines = begin();
        lines.extend([
            write(10.0, "1", "id=1", None),
            write(20.0, "1", "id=1; path=/", Some("/")),
            write(30.0, "2", "id=2", None),
            write(40.0, "3", "id=3; path=/other", Some("/other")),
            write(50.0, "", "id=; max-age=0", None),
            write(60.0, "", "id=; max-age=0", None),
        ]);
        let all = of(&record(PAGE, lines));
        let changes: Vec<_> = all.iter().map(|c| c.change.as_str()).collect();
        assert_eq!(changes, ["set", "set-again", "changed", "set", "deleted", "deletion"]);
        assert_eq!(default_path("https://a.test/x/y?z"), "/x");
        assert_eq!(default_path("https://a.test/x"), "/");
        assert_eq!(default_path("nonsense"), "/");
    }

    #[test]
    fn found_in_the_jar_only() {
        let mut lines = begin();
        lines.push((3.0, jar("arrive", &["old"])));
        lines.push((
            8.0,
            Observation::CookieWrite(CookieWrite {
                via: "document.cookie".into(),
                name: "told".into(),
                domain: "shop.test".into(),
                ..CookieWrite::default()
            }),
        ));
        lines.push((9.0, jar("choice", &["old", "told", "silent"])));
        lines.push((12.0, jar("leave", &["old", "told", "silent"])));
        let seen = |r: &VisitRecord| -> Vec<(String, String, f64)> {
            of(r).iter().map(|c| (c.name.to_string(), c.via.to_string(), c.t)).collect()
        };
        let one = |name: &str, via: &str, t: f64| (name.to_owned(), via.to_owned(), t);
        let news = [one("told", "document.cookie", 8.0), one("silent", "jar", 9.0)];
        // A session begins with an empty jar: what nobody told is there all the same.
        let all = [&[one("old", "jar", 3.0)], &news[..]].concat();
        assert_eq!(seen(&record(PAGE, lines.clone())), all);
        // A later visit begins with what it found; in older records, with its first jar.
        let mut later = record(PAGE, lines.clone());
        later.header.ordinal = 1;
        assert_eq!(seen(&later), news);
        let at = lines.iter().position(|(t, _)| *t == 3.0).unwrap();
        lines.insert(at, (0.5, jar(CookieJar::BEFORE, &["older"])));
        let mut later = record(PAGE, lines);
        later.header.ordinal = 1;
        assert_eq!(seen(&later), all);
    }

    #[test]
    fn a_later_visit_without_a_first_jar_blames_nobody() {
        let mut lines = begin();
        lines.push((9.0, jar("leave", &["_fbp"])));
        let mut r = record(PAGE, lines);
        assert_eq!(of(&r).len(), 1);
        r.header.ordinal = 1;
        assert_eq!(of(&r).len(), 0);
    }
}

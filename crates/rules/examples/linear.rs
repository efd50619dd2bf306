//! Measures whether facts and judgement take time in proportion to what there is: each case once, and four times as large.
//!
//! `cargo run -p affiant-rules --example linear [CASE]`

#![expect(clippy::print_stdout, reason = "its output is its purpose")]
#![expect(clippy::disallowed_methods, reason = "it tells how long it took")]

use std::time::Instant;

use affiant_detect::{Catalog, VisitFacts, facts};
use affiant_record::header::{Header, SCHEMA, Tool};
use affiant_record::network::{Request, RequestHeaders};
use affiant_record::page::phase;
use affiant_record::storage::{Cookie, CookieJar, CookieWrite};
use affiant_record::{Completeness, Digest, Footer, Line, Observation, Outcome, Scenario, VisitRecord};
use affiant_rules::{AuditFacts, VisitSet, judge};

const PAGE: &str = "https://www.shop.test/";

/// A visit of which this was seen, beside its page.
fn visit(page: &str, number: u32, seen: Vec<Observation>) -> VisitRecord {
    let header = Header {
        schema: SCHEMA,
        tool: Tool { name: "affiant".into(), version: "0.0.0".into() },
        browser: Default::default(),
        plan: Digest([0; 32]),
        session: "no-choice".into(),
        ordinal: number,
        scenario: Scenario::NoChoice,
        leg: None,
        choice: None,
        choice_visit: None,
        url: page.into(),
        vantage: Default::default(),
        settings: Default::default(),
        clock: Default::default(),
        audit_sealed: false,
        extra: Default::default(),
    };
    let footer = Footer {
        outcome: Outcome::Complete,
        final_url: Some(page.into()),
        consent: Default::default(),
        collectors: Default::default(),
        extra: Default::default(),
    };
    let mut all = vec![Observation::Header(header.clone()), request("1", page, "Document")];
    all.extend(seen);
    all.push(Observation::Footer(footer.clone()));
    VisitRecord {
        dir: "/nowhere".into(),
        digest: Digest::of(&number.to_le_bytes()),
        completeness: Completeness::Sealed,
        header,
        lines: (0_u32..).zip(all).map(|(n, what)| Line { n: n.into(), t: n.into(), what }).collect(),
        footer: Some(footer),
    }
}

fn request(id: &str, url: &str, kind: &str) -> Observation {
    Observation::Request(Request {
        request_id: id.into(),
        target: "T".into(),
        frame: Some("F".into()),
        document_url: PAGE.into(),
        url: url.into(),
        method: "GET".into(),
        resource_type: kind.into(),
        navigation: kind == "Document",
        ..Default::default()
    })
}

/// So many `Set-Cookie` lines of one response.
fn set_cookies(n: u32) -> Vec<VisitRecord> {
    let write = |i| {
        Observation::CookieWrite(CookieWrite {
            via: "header".into(),
            raw: format!("c{i}=v{i}; Path=/"),
            name: format!("c{i}"),
            value: format!("v{i}"),
            domain: "www.shop.test".into(),
            request_id: Some("1".into()),
            hop: Some(0),
            ..Default::default()
        })
    };
    vec![visit(PAGE, 0, (0..n).map(write).collect())]
}

/// So many cookies in the jar, of which nobody told.
fn jar(n: u32) -> Vec<VisitRecord> {
    let jar = |at: &str, n: u32| {
        let cookie = |i| Cookie {
            name: format!("c{i}"),
            value: "1".into(),
            domain: ".shop.test".into(),
            path: "/".into(),
            ..Default::default()
        };
        let cookies = (0..n).map(cookie).collect();
        Observation::CookieJar(CookieJar { at: at.into(), cookies, ..Default::default() })
    };
    vec![visit(PAGE, 0, vec![jar(phase::ARRIVE, 0), jar(phase::LEAVE, n)])]
}

/// So many pairs in one `Cookie` header.
fn pairs(n: u32) -> Vec<VisitRecord> {
    let value: Vec<String> = (0..n).map(|i| format!("c{i}=1")).collect();
    let sent = RequestHeaders {
        request_id: "2".into(),
        headers: vec![("Cookie".into(), value.join("; "))],
        ..Default::default()
    };
    let other = request("2", "https://t.clarity.ms/collect", "Ping");
    vec![visit(PAGE, 0, vec![other, Observation::RequestHeaders(sent)])]
}

/// So many pages, each with some requests.
fn pages(n: u32) -> Vec<VisitRecord> {
    let page = |i| {
        let ping =
            |r| request(&format!("{r}"), &format!("https://t.clarity.ms/collect?page={i}&r={r}"), "Ping");
        visit(&format!("https://www.shop.test/p/{i}"), i, (2..10).map(ping).collect())
    };
    (0..n).map(page).collect()
}

fn measure(name: &str, n: u32, make: fn(u32) -> Vec<VisitRecord>) -> [f64; 2] {
    let records = make(n);
    let began = Instant::now();
    let visits: Vec<VisitFacts> =
        records.iter().map(|r| facts(r, &r.header.session, Catalog::embedded(), None)).collect();
    let facts_s = began.elapsed().as_secs_f64();
    let set = VisitSet::from(AuditFacts {
        site: "shop.test".into(),
        start: PAGE.into(),
        visits,
        ..Default::default()
    });
    let began = Instant::now();
    let found = judge(&set, "0.0.0", Digest([0; 32]), "").findings.len();
    let judge_s = began.elapsed().as_secs_f64();
    println!("{name:12} {n:>10}  facts {facts_s:8.3} s  judgement {judge_s:8.3} s  {found} findings");
    [facts_s, judge_s]
}

fn main() {
    type Case = (&'static str, u32, fn(u32) -> Vec<VisitRecord>);
    const CASES: [Case; 4] = [
        ("set-cookies", 10_000, set_cookies),
        ("jar", 10_000, jar),
        ("pairs", 5_000_000, pairs),
        ("pages", 2_500, pages),
    ];
    let only = std::env::args().nth(1);
    for (name, n, make) in CASES.into_iter().filter(|(name, ..)| only.as_deref().is_none_or(|o| o == *name)) {
        let small = measure(name, n, make);
        let large = measure(name, 4 * n, make);
        let grows: Vec<String> =
            small.iter().zip(large).map(|(s, l)| format!("{:.1}", l / s.max(0.001))).collect();
        println!("{name:12} four times as much takes {} times as long", grows.join(" and "));
    }
}

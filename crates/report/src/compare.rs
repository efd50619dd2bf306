//! The difference of two sides: two audits, two vantages, or two scenarios of one audit. What one side received and the
//! other did not, with what each side looked at: a difference is only as good as the worse of the two.

use std::collections::{BTreeMap, BTreeSet};

use affiant_detect::facts::{Class, Text, VisitFacts};
use affiant_record::Scenario;
use affiant_rules::judgement::{Finding, Severity};
use serde::Serialize;

use crate::ReportInput;
use crate::hostile::line;
use crate::moment::since_page_began;
use crate::vendors::receiver;
use crate::words::{self, count, list, moment, time};

/// Name and version of the JSON form.
pub const SCHEMA: &str = "affiant-compare/1";

/// One side: an audit, or one scenario of it.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The audit.
    pub input: &'a ReportInput<'a>,
    /// Only this scenario.
    pub scenario: Option<Scenario>,
}

/// What differs.
#[derive(Debug, Serialize)]
pub struct Comparison {
    schema: &'static str,
    not_legal_advice: &'static str,
    /// What the two sides are.
    pub(crate) sides: [About; 2],
    /// What makes them hard to compare.
    pub(crate) cautions: Vec<String>,
    /// Receivers, by scenario; in order of risk.
    pub(crate) receivers: Vec<Difference>,
    /// Cookies that only one side set.
    pub(crate) cookies: Vec<Item>,
    /// Findings that only one side has, and how many both have. Only where whole audits are compared.
    pub(crate) findings: Vec<FindingItem>,
    pub(crate) findings_in_both: usize,
    /// Receivers that both sides have with the same counts.
    pub(crate) same: usize,
}

/// What a side is.
#[derive(Debug, Serialize)]
pub(crate) struct About {
    pub(crate) audit: String,
    pub(crate) start: String,
    pub(crate) began: String,
    pub(crate) vantage: String,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) pages: usize,
    pub(crate) visits: usize,
    pub(crate) complete: usize,
}

/// What a receiver got on each side in one scenario.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    pub(crate) name: String,
    pub(crate) class: Option<Class>,
    /// The scenario; nothing where two scenarios are compared.
    pub(crate) scenario: Option<Scenario>,
    /// `only-first`, `only-second`, `changed`.
    pub(crate) how: &'static str,
    pub(crate) requests: [usize; 2],
    pub(crate) visits: [usize; 2],
    /// Earliest, in ms since the page began.
    pub(crate) first_ms: [Option<f64>; 2],
    pub(crate) accounts: [BTreeSet<String>; 2],
}

/// A cookie.
#[derive(Debug, Serialize)]
pub(crate) struct Item {
    pub(crate) how: &'static str,
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) vendor: Option<String>,
}

/// A finding.
#[derive(Debug, Serialize)]
pub(crate) struct FindingItem {
    pub(crate) how: &'static str,
    pub(crate) rule: String,
    pub(crate) severity: Severity,
    pub(crate) title: String,
    pub(crate) fingerprint: String,
}

#[derive(Default, Clone)]
struct Got {
    class: Option<Class>,
    requests: usize,
    visits: usize,
    first_ms: Option<f64>,
    accounts: BTreeSet<String>,
}

type Key = (String, Option<Scenario>);

/// Compares the second side with the first.
pub fn compare(first: Side<'_>, second: Side<'_>) -> Comparison {
    let by_scenario = first.scenario.is_none() && second.scenario.is_none();
    let (a, b) = (got(first, by_scenario), got(second, by_scenario));
    // A scenario that only one side lived tells nothing of the other.
    let lived = common(first, second);
    let both = |k: &&Key| k.1.is_none_or(|s| lived.contains(&s));
    let keys: BTreeSet<&Key> = a.keys().chain(b.keys()).filter(both).collect();
    let (mut receivers, mut same) = (Vec::new(), 0);
    for key in keys {
        let none = Got::default();
        let (x, y) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
        let how = match (x.requests, y.requests) {
            (0, _) => "only-second",
            (_, 0) => "only-first",
            (n, m) if n == m && x.accounts == y.accounts => {
                same += 1;
                continue;
            }
            _ => "changed",
        };
        receivers.push(Difference {
            name: key.0.clone(),
            class: x.class.or(y.class),
            scenario: key.1,
            how,
            requests: [x.requests, y.requests],
            visits: [x.visits, y.visits],
            first_ms: [x.first_ms, y.first_ms],
            accounts: [x.accounts.clone(), y.accounts.clone()],
        });
    }
    let order = |d: &Difference| (d.how == "changed", d.class.is_none(), d.class, d.name.clone(), d.scenario);
    receivers.sort_by_key(order);
    let (findings, findings_in_both) = if by_scenario { findings(first, second) } else { (vec![], 0) };
    Comparison {
        schema: SCHEMA,
        not_legal_advice: crate::NOT_LEGAL_ADVICE,
        cautions: cautions(first, second),
        sides: [about(first), about(second)],
        receivers,
        cookies: cookies(first, second),
        findings,
        findings_in_both,
        same,
    }
}

/// Scenarios that both sides lived.
fn common(first: Side<'_>, second: Side<'_>) -> BTreeSet<Scenario> {
    let of = |s: Side<'_>| visits(s).map(|v| v.scenario).collect::<BTreeSet<_>>();
    of(first).intersection(&of(second)).copied().collect()
}

fn visits<'a>(side: Side<'a>) -> impl Iterator<Item = &'a VisitFacts> {
    let controls = side.input.controls();
    let facts = side.input.facts.iter();
    facts.filter(move |v| side.scenario.is_none_or(|s| s == v.scenario) && !controls.contains(&v.record))
}

fn got(side: Side<'_>, by_scenario: bool) -> BTreeMap<Key, Got> {
    let mut out: BTreeMap<Key, Got> = BTreeMap::new();
    for v in visits(side) {
        let mut here: BTreeSet<Key> = BTreeSet::new();
        for (i, r) in v.requests.iter().enumerate().filter(|(_, r)| r.left_browser) {
            let Some((name, vendor)) = receiver(v, i) else { continue };
            let key = (name.to_owned(), by_scenario.then_some(v.scenario));
            let got = out.entry(key.clone()).or_default();
            got.class = got.class.or(vendor.map(|v| v.class));
            got.requests += 1;
            got.visits += usize::from(here.insert(key));
            let ms = since_page_began(v, r.t);
            got.first_ms = Some(got.first_ms.map_or(ms, |m| m.min(ms)));
            let account = r.tag.and_then(|t| v.tags.get(t)).and_then(|t| t.account.clone());
            got.accounts.extend(account.map(String::from));
        }
    }
    out
}

fn cookies(first: Side<'_>, second: Side<'_>) -> Vec<Item> {
    let (lived, whole) = (common(first, second), first.scenario.is_none() && second.scenario.is_none());
    let all = |side: Side<'_>| -> BTreeMap<(Text, Text), Option<Text>> {
        let kept = |c: &&affiant_detect::facts::CookieFact| {
            !c.lifetime_s.is_some_and(|s| s <= 0.0) && c.blocked.is_empty()
        };
        let mine = visits(side).filter(|v| !whole || lived.contains(&v.scenario));
        let each = mine.flat_map(|v| v.cookies.iter().filter(kept));
        each.map(|c| ((c.name.clone(), c.domain.clone()), c.vendor.as_ref().map(|v| v.name.clone())))
            .collect()
    };
    let (a, b) = (all(first), all(second));
    let only = |x: &BTreeMap<(Text, Text), Option<Text>>, y: &BTreeMap<_, _>, how| -> Vec<Item> {
        let differ = x.iter().filter(|(k, _)| !y.contains_key(*k));
        let item = |(k, vendor): (&(Text, Text), &Option<Text>)| Item {
            how,
            name: k.0.to_string(),
            domain: k.1.to_string(),
            vendor: vendor.as_deref().map(str::to_owned),
        };
        differ.map(item).collect()
    };
    let mut out = only(&b, &a, "only-second");
    out.extend(only(&a, &b, "only-first"));
    out
}

fn findings(first: Side<'_>, second: Side<'_>) -> (Vec<FindingItem>, usize) {
    let (a, b) = (&first.input.judgement.findings, &second.input.judgement.findings);
    let has = |all: &[Finding], f: &Finding| all.iter().any(|x| x.fingerprint == f.fingerprint);
    let item = |f: &Finding, how| FindingItem {
        how,
        rule: f.rule.clone(),
        severity: f.severity,
        title: f.title.clone(),
        fingerprint: f.fingerprint.clone(),
    };
    let mut out: Vec<FindingItem> = b.iter().filter(|f| !has(a, f)).map(|f| item(f, "only-second")).collect();
    out.extend(a.iter().filter(|f| !has(b, f)).map(|f| item(f, "only-first")));
    (out, b.iter().filter(|f| has(a, f)).count())
}

fn about(side: Side<'_>) -> About {
    let m = side.input.manifest;
    let mine: Vec<&VisitFacts> = visits(side).collect();
    let pages: BTreeSet<&str> = mine.iter().map(|v| v.url.as_str()).collect();
    let scenarios: BTreeSet<Scenario> = mine.iter().map(|v| v.scenario).collect();
    About {
        audit: side.input.folder(),
        start: m.plan.start.clone(),
        began: m.started.clone(),
        vantage: m.plan.vantage.name.clone(),
        scenarios: scenarios.into_iter().collect(),
        pages: pages.len(),
        visits: mine.len(),
        complete: mine.iter().filter(|v| v.outcome.is_complete() && v.sealed).count(),
    }
}

/// Why a difference may come from the looking and not from the site.
fn cautions(first: Side<'_>, second: Side<'_>) -> Vec<String> {
    let (a, b) = (about(first), about(second));
    let mut out = Vec::new();
    for (name, x) in [("first", &a), ("second", &b)] {
        if x.complete < x.visits || x.visits == 0 {
            out.push(format!(
                "On the {name} side {} of {} are complete.",
                x.complete,
                count(x.visits, "visit")
            ));
        }
    }
    let pages = |s: Side<'_>| visits(s).map(|v| v.url.clone()).collect::<BTreeSet<_>>();
    let (p, q) = (pages(first), pages(second));
    if p != q {
        out.push(format!(
            "They looked at different pages: {} on both sides, {} only on the first, {} only on the second.",
            p.intersection(&q).count(),
            p.difference(&q).count(),
            q.difference(&p).count()
        ));
    }
    if first.scenario.is_none() && second.scenario.is_none() && a.scenarios != b.scenarios {
        let lived: Vec<String> = common(first, second).iter().map(Scenario::to_string).collect();
        let what = if lived.is_empty() { "nothing".to_owned() } else { list(&lived, 8) };
        out.push(format!("They lived different scenarios: receivers and cookies are compared in {what}."));
    }
    let tool = |s: Side<'_>| s.input.manifest.tool.version.clone();
    if tool(first) != tool(second) {
        out.push(format!(
            "They were gathered with versions {} and {} of affiant.",
            tool(first),
            tool(second)
        ));
    }
    let with = |s: Side<'_>| {
        let j = &s.input.judgement.judged_with;
        (j.rules, j.catalogue)
    };
    if with(first) != with(second) {
        out.push(
            "They were judged with different rules or catalogues: judge the older one again.".to_owned(),
        );
    }
    out
}

impl Comparison {
    /// Which side has no visit at all: the first, the second.
    pub fn empty(&self) -> [bool; 2] {
        [0, 1].map(|i| self.sides[i].visits == 0)
    }

    /// Whether anything differs.
    pub fn differs(&self) -> bool {
        !(self.receivers.is_empty() && self.cookies.is_empty() && self.findings.is_empty())
    }
}

impl Difference {
    /// `0 requests, then 4; first 412 ms after the page began`.
    pub(crate) fn counts(&self) -> String {
        let one = |i: usize| {
            let first = self.first_ms[i].map(|ms| format!(", first after {}", time(ms))).unwrap_or_default();
            match self.requests[i] {
                0 => "nothing observed".to_owned(),
                n => format!("{} in {}{first}", count(n, "request"), count(self.visits[i], "visit")),
            }
        };
        format!("{} → {}", one(0), one(1))
    }

    pub(crate) fn sign(&self) -> &'static str {
        sign(self.how)
    }
}

pub(crate) fn sign(how: &str) -> &'static str {
    match how {
        "only-second" => "+",
        "only-first" => "-",
        _ => "~",
    }
}

/// For a terminal: what is new first.
pub fn text(c: &Comparison) -> String {
    let mut out = String::new();
    for (name, s) in [("First ", &c.sides[0]), ("Second", &c.sides[1])] {
        out += &format!("{name}  {}\n", side(s));
    }
    for caution in &c.cautions {
        out += &format!("Caution: {caution}\n");
    }
    if !c.differs() {
        out += "\nNothing differs in what was observed.\n";
        return out;
    }
    if !c.receivers.is_empty() {
        out += "\nReceivers\n";
    }
    for d in &c.receivers {
        let class = d.class.map(|k| format!(" ({})", k.in_words())).unwrap_or_default();
        let scenario = d.scenario.map(|s| format!(", {s}")).unwrap_or_default();
        out += &format!("  {} {}{class}{scenario}: {}\n", d.sign(), line(&d.name, 80), d.counts());
        if d.accounts[0] != d.accounts[1] && d.how == "changed" {
            let of = |i: usize| -> Vec<String> { d.accounts[i].iter().map(|a| line(a, 60)).collect() };
            out += &format!("      accounts: {} → {}\n", list(&of(0), 5), list(&of(1), 5));
        }
    }
    out += &format!("  {} the same on both sides\n", count(c.same, "receiver"));
    if !c.cookies.is_empty() {
        out += "\nCookies\n";
    }
    for k in &c.cookies {
        let vendor = k.vendor.as_deref().map(|v| format!(", {}", line(v, 60))).unwrap_or_default();
        out += &format!("  {} {} ({}{vendor})\n", sign(k.how), line(&k.name, 80), line(&k.domain, 80));
    }
    if !c.findings.is_empty() {
        out += "\nFindings\n";
    }
    for f in &c.findings {
        out += &format!("  {} {}: {}\n", sign(f.how), words::severity(f.severity), line(&f.title, 300));
    }
    if c.findings_in_both > 0 {
        out += &format!("  {} on both sides\n", count(c.findings_in_both, "finding"));
    }
    out += "\n+ only in the second, - only in the first (not observed there: see its coverage), ~ other counts.\n";
    out
}

pub(crate) fn side(s: &About) -> String {
    let scenarios: Vec<String> = s.scenarios.iter().map(Scenario::to_string).collect();
    format!(
        "{}: {} of {}, vantage {}, begun {}; {} over {}",
        line(&s.audit, 80),
        if scenarios.is_empty() { "no scenario".to_owned() } else { scenarios.join(", ") },
        line(words::host(&s.start), 80),
        line(&s.vantage, 40),
        moment(&s.began),
        count(s.visits, "visit"),
        count(s.pages, "page")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn an_audit_does_not_differ_from_itself() {
        let dir = tempfile::tempdir().unwrap();
        let f = testing::shop(dir.path()).unwrap();
        let input = f.input();
        let side = Side { input: &input, scenario: None };
        let c = compare(side, side);
        assert!(c.receivers.is_empty() && c.cookies.is_empty() && c.findings.is_empty());
        assert!(text(&c).contains("Nothing differs in what was observed."), "{}", text(&c));
    }

    #[test]
    fn scenarios_of_one_audit_differ_in_what_was_received() {
        let dir = tempfile::tempdir().unwrap();
        let f = testing::shop(dir.path()).unwrap();
        let input = f.input();
        let of = |s| Side { input: &input, scenario: Some(s) };
        let c = compare(of(Scenario::RejectAll), of(Scenario::AcceptAll));
        let meta = c.receivers.iter().find(|d| d.name == "Meta Pixel").unwrap();
        assert_eq!((meta.how, meta.requests[0]), ("only-second", 0));
        assert!(c.cookies.iter().any(|k| k.name == "_fbp" && k.how == "only-second"));
        let text = text(&c);
        assert!(text.contains("+ Meta Pixel") && text.contains("Caution: On the first side"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn a_finding_that_is_gone_and_one_that_is_new_are_told_apart() {
        let (x, y) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (a, mut b) = (testing::shop(x.path()).unwrap(), testing::shop(y.path()).unwrap());
        b.judgement.findings.remove(0);
        b.judgement.findings[0].fingerprint = "new".into();
        let (a, b) = (a.input(), b.input());
        let c = compare(Side { input: &a, scenario: None }, Side { input: &b, scenario: None });
        let how: Vec<&str> = c.findings.iter().map(|f| f.how).collect();
        assert_eq!(how, ["only-second", "only-first", "only-first"]);
    }
}

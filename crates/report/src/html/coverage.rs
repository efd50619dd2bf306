//! Coverage and method: what was run, from where, how each visit ended, what every rule answered, what is missing.

use affiant_record::CollectorStatus;
use affiant_record::Scenario;
use affiant_record::har::SOURCE;

use super::markup::{Markup, page, text};
use super::pages::{consent, outcome};
use crate::words::{self, count, list, moment, number, time};
use crate::{ReportInput, command};

/// Visits, gaps shown.
const VISITS: usize = 600;
const GAPS: usize = 100;

/// The last view.
pub(crate) struct View {
    pub(crate) run: Vec<(&'static str, Markup)>,
    pub(crate) judged: Vec<(&'static str, Markup)>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) more_gaps: usize,
    pub(crate) visits: Vec<Visit>,
    pub(crate) more_visits: usize,
    pub(crate) verify: Markup,
}

/// A rule's answer.
pub(crate) struct Rule {
    pub(crate) id: Markup,
    pub(crate) title: Markup,
    pub(crate) word: &'static str,
    pub(crate) statement: Markup,
    pub(crate) findings: Vec<usize>,
    pub(crate) more: usize,
}

/// A hole.
pub(crate) struct Gap {
    pub(crate) scenario: Scenario,
    pub(crate) page: Markup,
    pub(crate) reason: Markup,
}

/// A visit.
pub(crate) struct Visit {
    pub(crate) session: Markup,
    pub(crate) page: Markup,
    pub(crate) outcome: Markup,
    pub(crate) consent: Markup,
    pub(crate) collectors: Markup,
    pub(crate) digest: String,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>) -> View {
    let j = input.judgement;
    let start = &input.manifest.plan.start;
    let gap = |g: &affiant_rules::judgement::Gap| Gap {
        scenario: g.scenario,
        page: page(start, &g.page),
        reason: text(&g.reason, 300),
    };
    let visit = |e: &affiant_record::VisitEntry| {
        let f = input.facts.iter().find(|f| Some(f.record) == e.digest || f.path == e.path);
        Visit {
            session: text(&format!("{}, {}", e.session, e.ordinal + 1), 80),
            page: page(start, &e.url),
            outcome: text(&outcome(e.outcome.as_ref()), 300),
            consent: f.map_or_else(|| text("not known", 20), |f| text(&consent(f), 240)),
            collectors: f.map_or_else(|| text("the record was not read", 40), |f| text(&collectors(f), 400)),
            digest: e.digest.map_or_else(|| "not sealed".to_owned(), |d| d.to_string()),
        }
    };
    View {
        run: run(input),
        judged: vec![
            ("affiant", text(&j.judged_with.affiant, 40)),
            ("Rules (SHA-256)", text(&j.judged_with.rules.to_string(), 80)),
            ("Vendor catalogue (SHA-256)", text(&j.judged_with.catalogue.to_string(), 80)),
            ("Public suffix list", text(&j.judged_with.suffix_list, 80)),
        ],
        rules: j.verdicts.iter().map(|v| rule(input, v)).collect(),
        gaps: j.coverage.gaps.iter().take(GAPS).map(gap).collect(),
        more_gaps: j.coverage.gaps.len().saturating_sub(GAPS),
        visits: input.manifest.visits.iter().take(VISITS).map(visit).collect(),
        more_visits: input.manifest.visits.len().saturating_sub(VISITS),
        verify: text(&command::verify(input), 400),
    }
}

fn rule(input: &ReportInput<'_>, v: &affiant_rules::judgement::RuleVerdict) -> Rule {
    let place =
        |id: &String| input.judgement.findings.iter().position(|f| f.fingerprint == *id && f.rule == v.rule);
    let mut findings: Vec<usize> =
        v.findings.iter().filter_map(place).filter(|n| *n < super::findings::MOST).collect();
    findings.truncate(12);
    Rule {
        id: text(&v.rule, 80),
        title: text(&v.title, 160),
        word: words::verdict(v.verdict),
        statement: text(&v.statement, 900),
        more: v.findings.len() - findings.len(),
        findings,
    }
}

/// Those that did not gather everything, by name; the others by number.
fn collectors(f: &affiant_detect::facts::VisitFacts) -> String {
    let mut bad: Vec<String> = vec![];
    for (name, status) in &f.collectors {
        match status {
            CollectorStatus::Gathered => {}
            CollectorStatus::Truncated { reason } => bad.push(format!("{name} truncated: {reason}")),
            CollectorStatus::Failed { reason } => bad.push(format!("{name} failed: {reason}")),
            CollectorStatus::NotRun => bad.push(format!("{name} not run")),
        }
    }
    let good = f.collectors.len() - bad.len();
    let all = format!("{} of {} gathered in full", good, count(f.collectors.len(), "collector"));
    if bad.is_empty() { all } else { format!("{all}; {}", bad.join("; ")) }
}

fn run(input: &ReportInput<'_>) -> Vec<(&'static str, Markup)> {
    let (m, v) = (input.manifest, &input.manifest.plan.vantage);
    let scenarios: Vec<String> = m.plan.scenarios.iter().map(Scenario::to_string).collect();
    let end = match (&m.finished, m.interrupted) {
        (Some(end), false) => moment(end),
        (Some(end), true) => format!("{}, stopped before it was done", moment(end)),
        (None, _) => "not finished".to_owned(),
    };
    let mut out = vec![
        ("Start address", page("", &m.plan.start)),
        ("Began, by this machine’s clock", text(&moment(&m.started), 60)),
        ("Ended", text(&end, 100)),
        ("Scenarios", text(&scenarios.join(", "), 200)),
        ("Pages", text(&format!("{} (at most {} a session)", input.pages().len(), m.plan.max_pages), 60)),
        (
            if m.plan.extra.contains_key(SOURCE) { "Imported with" } else { "Gathered with" },
            text(&format!("{} {}", m.tool.name, m.tool.version), 60),
        ),
        ("Vantage, declared and not verified from outside", text(&vantage(v), 600)),
    ];
    if let Some(source) = m.plan.extra.get(SOURCE) {
        out.push(("Made by others; nothing vouches for it", text(&imported(source), 600)));
    }
    if let Some(h) = input.header.filter(|_| !m.plan.extra.contains_key(SOURCE)) {
        let s = &h.settings;
        out.push(("Browser", text(&format!("{}, {}", h.browser.product, h.browser.mode), 120)));
        out.push(("User agent", text(&h.browser.user_agent, 300)));
        out.push(("Browser switches", text(&h.browser.switches.join(" "), 1_500)));
        out.push((
            "Bounds",
            text(
                &format!(
                    "{} for a page, at least {} on it, {} of silence counts as settled, {} wait for a banner, bodies kept up to {}",
                    time(s.visit_timeout_ms as f64),
                    time(s.dwell_ms as f64),
                    time(s.quiet_ms as f64),
                    time(s.banner_wait_ms as f64),
                    words::bytes(s.body_limit)
                ),
                300,
            ),
        ));
        out.push((
            "Clock",
            text(
                &format!(
                    "{}; wall time is tied to the browser’s clock to within {}",
                    h.clock.source,
                    time(h.clock.uncertainty_ms.max(1.0).ceil())
                ),
                200,
            ),
        ));
    }
    out
}

/// `HAR exhibit-3.har, SHA-256 …, by Firefox 133.0`.
fn imported(source: &serde_json::Value) -> String {
    let word = |v: &serde_json::Value| v.as_str().unwrap_or("not told").to_owned();
    format!(
        "HAR “{}”, SHA-256 {}, by {} {}",
        word(&source["file_name"]),
        word(&source["sha256"]),
        word(&source["creator"]["name"]),
        word(&source["creator"]["version"])
    )
}

fn vantage(v: &affiant_record::header::Vantage) -> String {
    if v.extra.contains_key("not_known") {
        return format!("“{}”; Global Privacy Control {}", v.name, if v.gpc { "sent" } else { "not seen" });
    }
    let mut out = vec![format!("“{}”", v.name)];
    out.extend(v.locale.as_ref().map(|l| format!("locale {l}")));
    out.extend(v.timezone.as_ref().map(|t| format!("time zone {t}")));
    out.extend(v.place.map(|[lat, lon]| format!("place {lat:.4}, {lon:.4} for pages that ask")));
    out.extend(v.region.as_ref().map(|r| format!("OneTrust told {r} by its test parameter")));
    out.push(format!("viewport {} × {}", number(u64::from(v.width)), number(u64::from(v.height))));
    out.push(v.proxy.as_ref().map_or_else(
        || "no proxy: sites see this machine’s own address".to_owned(),
        |p| format!("proxy {p}: sites see its address"),
    ));
    out.push(format!("third-party cookies {}", if v.third_party_cookies { "allowed" } else { "blocked" }));
    out.push(format!("Global Privacy Control {}", if v.gpc { "sent" } else { "not sent" }));
    if v.insecure {
        out.push("certificate errors ignored".to_owned());
    }
    if !v.resolve.is_empty() {
        out.push(format!("DNS overridden for {}", list(&v.resolve, 5)));
    }
    if !v.header_names.is_empty() {
        out.push(format!("request headers added: {}", list(&v.header_names, 5)));
    }
    out.join(", ")
}

//! Per vendor: its accounts, hosts and tags, how it came to the page, and what it received where.

use std::collections::{BTreeMap, BTreeSet};

use affiant_record::{Digest, Scenario};

use super::evidence;
use super::markup::{Markup, address, page, short_address, text};
use crate::ReportInput;
use crate::moment::{Moments, since_page_began};
use crate::vendors::Vendor;
use crate::words::{self, bytes, count, list, number, time};

/// Vendors shown.
const MOST: usize = 400;
/// Rows of requests in the whole view.
const REQUESTS: usize = 5_000;
/// Hosts, accounts, links and visits shown of one vendor.
const HOSTS: usize = 12;
const VISITS: usize = 40;

/// All vendors.
pub(crate) struct View {
    pub(crate) all: Vec<One>,
    pub(crate) rest: usize,
}

/// A vendor.
pub(crate) struct One {
    pub(crate) anchor: String,
    pub(crate) name: Markup,
    pub(crate) class: &'static str,
    pub(crate) summary: String,
    pub(crate) owner: Markup,
    pub(crate) accounts: Markup,
    pub(crate) hosts: Markup,
    pub(crate) stopped: Option<String>,
    pub(crate) first: Option<(String, Markup, Scenario)>,
    pub(crate) chain: Vec<Link>,
    pub(crate) visits: Vec<Visit>,
    pub(crate) more_visits: usize,
    pub(crate) scenarios: Vec<Requests>,
}

/// A link of its chain.
pub(crate) struct Link {
    pub(crate) vendor: Option<Markup>,
    pub(crate) url: Markup,
    pub(crate) how: Markup,
    pub(crate) line: u64,
}

/// What it received in one visit.
pub(crate) struct Visit {
    pub(crate) scenario: Scenario,
    pub(crate) page: Markup,
    pub(crate) counts: [u32; 4],
    pub(crate) first: String,
}

/// Requests in one scenario.
pub(crate) struct Requests {
    pub(crate) scenario: Scenario,
    pub(crate) total: String,
    pub(crate) rows: Vec<Sent>,
    pub(crate) more: usize,
    pub(crate) command: Option<Markup>,
}

/// A request.
pub(crate) struct Sent {
    pub(crate) page: Markup,
    pub(crate) time: String,
    pub(crate) stretch: &'static str,
    pub(crate) method: Markup,
    pub(crate) url: Markup,
    pub(crate) result: Markup,
    pub(crate) carried: String,
    pub(crate) record: String,
    pub(crate) line: u64,
}

/// Where a vendor and its requests stand in this view.
pub(crate) struct Links<'a> {
    /// The report's address; empty within it.
    report: &'a str,
    /// The vendors that it lists: whether their owner is known, and the scenarios in which they were sent something. None
    /// where that is not at hand.
    listed: Option<BTreeMap<&'a str, (bool, Vec<Scenario>)>>,
}

/// What a vendor's place in a report is called, whatever else it lists.
fn anchor(name: &str) -> String {
    format!("v-{}", Digest::of(name.as_bytes()).short())
}

impl<'a> Links<'a> {
    /// Within a report of these vendors.
    pub(crate) fn new(all: &[Vendor<'a>]) -> Links<'a> {
        let one = |v: &Vendor<'a>| (v.name, (v.known, v.visits.iter().map(|x| x.scenario).collect()));
        Links { report: "", listed: Some(all.iter().take(MOST).map(one).collect()) }
    }

    /// Into the report at this address.
    pub(crate) fn into(report: &'a str) -> Links<'a> {
        Links { report, listed: None }
    }

    fn listed(&self, name: &str) -> Option<Option<&(bool, Vec<Scenario>)>> {
        match &self.listed {
            Some(all) => all.get(name).map(Some),
            None => Some(None),
        }
    }

    /// The report's address; empty within it.
    pub(crate) fn report(&self) -> &str {
        self.report
    }

    /// The vendor.
    pub(crate) fn vendor(&self, name: &str) -> Option<String> {
        self.listed(name).map(|_| format!("{}#{}", self.report, anchor(name)))
    }

    /// Its requests in a scenario.
    pub(crate) fn requests(&self, name: &str, s: Scenario) -> Option<String> {
        self.listed(name)
            .filter(|v| v.is_none_or(|(_, all)| all.contains(&s)))
            .map(|_| format!("{}#{}-{s}", self.report, anchor(name)))
    }

    /// Whether its owner is known.
    pub(crate) fn is_known(&self, name: &str) -> Option<bool> {
        self.listed(name).flatten().map(|(known, _)| *known)
    }
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>, all: &[Vendor<'_>]) -> View {
    let lists: usize = all.iter().take(MOST).map(|v| scenarios_of(v).len()).sum();
    let most = (REQUESTS / lists.max(1)).clamp(3, 40);
    let moments = Moments::of(input.facts);
    View {
        all: all.iter().take(MOST).map(|v| one(input, v, most, &moments)).collect(),
        rest: all.len().saturating_sub(MOST),
    }
}

fn scenarios_of(v: &Vendor<'_>) -> Vec<Scenario> {
    v.visits.iter().map(|x| x.scenario).collect::<BTreeSet<_>>().into_iter().collect()
}

fn one(input: &ReportInput<'_>, v: &Vendor<'_>, most: usize, moments: &Moments<'_>) -> One {
    let start = &input.manifest.plan.start;
    let first = v.first.as_ref().map(|f| (time(f.ms), page(start, f.page), f.scenario));
    let when = first.as_ref().map(|f| format!(", first {} after the page began", f.0)).unwrap_or_default();
    let received = v.visits.iter().filter(|x| x.requests > 0).count();
    let link = |s: &crate::vendors::Step<'_>| Link {
        vendor: s.vendor.map(|n| text(n, 80)),
        url: address(s.url),
        how: short_address(&s.how, 240),
        line: s.evidence.line,
    };
    let visit = |x: &crate::vendors::InVisit<'_>| Visit {
        scenario: x.scenario,
        page: page(start, x.page),
        counts: [x.before_banner, x.before_choice, x.after_choice, x.requests],
        first: if x.requests > 0 { time(x.first_ms) } else { "–".to_owned() },
    };
    One {
        anchor: anchor(v.name),
        name: text(v.name, 120),
        class: v.class.in_words(),
        summary: match v.requests {
            0 => format!("nothing sent; {} attempted", count(v.stopped as usize, "request")),
            n => format!("{}{when}, in {}", count(n as usize, "request"), count(received, "visit")),
        },
        owner: match v.source {
            Some(source) => text(&format!("known; named by {source}"), 80),
            None => text("not known", 20),
        },
        accounts: text(&list(&v.accounts, HOSTS), 800),
        hosts: text(&list(&v.hosts, HOSTS), 800),
        stopped: (v.stopped > 0).then(|| {
            format!("{} attempted and did not leave the browser", count(v.stopped as usize, "request"))
        }),
        first,
        chain: v.chain.iter().map(link).collect(),
        visits: v.visits.iter().take(VISITS).map(visit).collect(),
        more_visits: v.visits.len().saturating_sub(VISITS),
        scenarios: scenarios_of(v).into_iter().map(|s| requests(input, v, s, most, moments)).collect(),
    }
}

fn requests(
    input: &ReportInput<'_>,
    v: &Vendor<'_>,
    s: Scenario,
    most: usize,
    moments: &Moments<'_>,
) -> Requests {
    let all: Vec<_> = v
        .visits
        .iter()
        .filter(|x| x.scenario == s)
        .flat_map(|x| input.facts.get(x.at.0).into_iter().flat_map(|f| x.at.1.iter().map(move |i| (f, *i))))
        .filter_map(|(f, i)| Some((f, f.requests.get(i)?)))
        .collect();
    let row = |(f, r): &(&affiant_detect::facts::VisitFacts, &affiant_detect::facts::RequestFact)| {
        let result = match (r.status, &r.error) {
            (_, Some(e)) if !r.left_browser => format!("not sent: {e}"),
            (_, Some(e)) => e.to_string(),
            (Some(status), None) => status.to_string(),
            (None, None) => "no answer seen".to_owned(),
        };
        let body = r.body_bytes.filter(|n| *n > 0).map(|n| format!("body {}", bytes(n)));
        let cookies = (r.cookies_sent > 0).then(|| count(r.cookies_sent as usize, "cookie"));
        Sent {
            page: text(words::place(&input.manifest.plan.start, &f.url), 40),
            time: time(since_page_began(f, r.t)),
            stretch: moments.stretch(f, r.t).words(),
            method: text(&r.method, 12),
            url: short_address(&r.url, 160),
            result: text(&result, 80),
            carried: [body, cookies].into_iter().flatten().collect::<Vec<_>>().join(", "),
            record: r.evidence.record.short(),
            line: r.evidence.line,
        }
    };
    Requests {
        scenario: s,
        total: number(all.len() as u64),
        rows: all.iter().take(most).map(row).collect(),
        more: all.len().saturating_sub(most),
        command: all.first().map(|(_, r)| evidence::shown_by(input, &r.evidence)),
    }
}

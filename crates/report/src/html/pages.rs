//! Per page, in each scenario; and the cookies.

use affiant_detect::facts::{Party, VisitFacts};
use affiant_record::Scenario;
use affiant_record::footer::collectors;

use super::markup::{Markup, page, short_address, text};
use super::screenshots::{self, Thumb};
use crate::ReportInput;
use crate::input::watched;
use crate::vendors::receiver;
use crate::words::{self, count, lifetime, list, number, time};

/// Visits and cookies shown.
const VISITS: usize = 600;
const COOKIES: usize = 400;
/// Receivers named in one row.
const NAMES: usize = 12;

/// Pages.
pub(crate) struct View {
    pub(crate) pages: Vec<OnePage>,
    pub(crate) rest: usize,
}

/// A page.
pub(crate) struct OnePage {
    pub(crate) page: Markup,
    pub(crate) visits: Vec<Visit>,
}

/// A visit to it.
pub(crate) struct Visit {
    pub(crate) scenario: Scenario,
    pub(crate) outcome: Markup,
    pub(crate) complete: bool,
    pub(crate) title: Markup,
    pub(crate) kinds: Option<Markup>,
    pub(crate) receivers: Markup,
    pub(crate) requests: String,
    pub(crate) inputs: Markup,
    pub(crate) thumbs: Vec<Thumb>,
}

/// Cookies.
pub(crate) struct Cookies {
    pub(crate) all: Vec<Cookie>,
    pub(crate) rest: usize,
}

/// A cookie.
pub(crate) struct Cookie {
    pub(crate) name: Markup,
    pub(crate) domain: Markup,
    pub(crate) party: &'static str,
    pub(crate) vendor: Markup,
    pub(crate) set_by: Markup,
    pub(crate) lifetime: String,
    pub(crate) purpose: Markup,
    pub(crate) notes: Markup,
    pub(crate) scenarios: Vec<String>,
    pub(crate) place: String,
    pub(crate) command: Markup,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>, shots: &screenshots::View) -> View {
    let mut pages: Vec<(&str, Vec<Visit>)> = input.pages().into_iter().map(|p| (p, vec![])).collect();
    let places: std::collections::BTreeMap<&str, usize> =
        pages.iter().enumerate().map(|(n, (p, _))| (*p, n)).collect();
    for e in input.manifest.visits.iter().take(VISITS) {
        let facts = input.facts.iter().find(|f| Some(f.record) == e.digest || f.path == e.path);
        let visit = match facts {
            Some(f) => seen(f, shots),
            None => Visit {
                scenario: e.scenario,
                outcome: text(&outcome(e.outcome.as_ref()), 300),
                complete: false,
                title: Markup::default(),
                kinds: None,
                receivers: text("not tested", 20),
                requests: "–".to_owned(),
                inputs: text("not tested", 20),
                thumbs: vec![],
            },
        };
        if let Some((_, visits)) = places.get(e.url.as_str()).and_then(|n| pages.get_mut(*n)) {
            visits.push(visit);
        }
    }
    let pages = pages.into_iter().filter(|(_, v)| !v.is_empty());
    View {
        pages: pages
            .map(|(p, visits)| OnePage { page: page(&input.manifest.plan.start, p), visits })
            .collect(),
        rest: input.manifest.visits.len().saturating_sub(VISITS),
    }
}

/// How a visit ended, in words.
pub(crate) fn outcome(o: Option<&affiant_record::Outcome>) -> String {
    match o {
        None => "planned, not made".to_owned(),
        Some(o) => match o.reason() {
            Some(reason) => format!("{}: {reason}", o.word()),
            None => o.word().to_owned(),
        },
    }
}

fn seen(f: &VisitFacts, shots: &screenshots::View) -> Visit {
    let mut names: Vec<&str> = Vec::new();
    let mut third = 0;
    for (i, r) in f.requests.iter().enumerate().filter(|(_, r)| r.left_browser) {
        third += usize::from(r.party == Party::Third);
        if let Some((name, _)) = receiver(f, i)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    let complete = f.outcome.is_complete() && f.sealed;
    let no_inputs =
        if watched(f, collectors::PAGE) { "none seen" } else { "none seen; not watched to the end" };
    let none =
        if watched(f, collectors::NETWORK) { "none seen" } else { "none seen; not watched to the end" };
    let receivers = if names.is_empty() { none.to_owned() } else { list(&names, NAMES) };
    let inputs: Vec<String> = f
        .inputs
        .iter()
        .map(|i| format!("{} ({})", crate::hostile::line(&i.label, 40), kind(i.kind)))
        .collect();
    let kinds: Vec<String> = f.page_kinds.iter().map(|k| k.kind.in_words().to_owned()).collect();
    let end = if f.sealed { outcome(Some(&f.outcome)) } else { "cut off, not sealed".to_owned() };
    Visit {
        scenario: f.scenario,
        outcome: text(&end, 300),
        complete,
        title: text(&f.title, 60),
        kinds: (!kinds.is_empty()).then(|| text(&list(&kinds, 6), 200)),
        receivers: text(&receivers, 600),
        requests: format!("{} of {}", number(third as u64), number(f.requests.len() as u64)),
        inputs: if inputs.is_empty() { text(no_inputs, 60) } else { text(&list(&inputs, 6), 400) },
        thumbs: shots.of(&f.record, 2),
    }
}

fn kind(k: affiant_detect::facts::InputKind) -> &'static str {
    use affiant_detect::facts::InputKind as K;
    match k {
        K::Password => "password",
        K::Card => "payment card",
        K::NationalId => "government id",
        K::Email => "e-mail",
        K::Phone => "telephone",
        K::Name => "name",
        K::Address => "address",
        K::BirthDate => "date of birth",
        K::Search => "search",
        K::Message => "message",
        K::Other => "other",
    }
}

/// Of this audit.
pub(crate) fn cookies(input: &ReportInput<'_>) -> Cookies {
    let all = crate::cookies::cookies(input);
    let rest = all.len().saturating_sub(COOKIES);
    let one = |c: &crate::cookies::Cookie<'_>| {
        let mut notes: Vec<String> = c.via.iter().map(|v| format!("by {v}")).collect();
        notes.extend(c.flags.iter().map(ToString::to_string));
        if c.stores_consent {
            notes.push("stores the choice itself".to_owned());
        }
        if !c.blocked.is_empty() {
            let every =
                if c.always_blocked { "refused by the browser" } else { "sometimes refused by the browser" };
            notes.push(format!("{every}: {}", list(&c.blocked, 3)));
        }
        let scenario = |s: &crate::cookies::InScenario| {
            let (at, in_) = (time(s.first_ms), count(s.visits as usize, "visit"));
            format!("{}: {}, {at}, in {in_}", s.scenario, s.first.words())
        };
        Cookie {
            name: text(c.name, 80),
            domain: text(c.domain, 80),
            party: match c.party {
                Party::First => "first",
                Party::SameEntity => "same owner",
                Party::Third => "third",
            },
            vendor: text(c.vendor.unwrap_or("not known"), 80),
            set_by: c.set_by.map(|u| short_address(u, 120)).unwrap_or_default(),
            lifetime: lifetime(c.lifetime_s),
            purpose: text(c.purpose.unwrap_or("not known"), 40),
            notes: text(&notes.join(", "), 240),
            scenarios: c.scenarios.iter().map(scenario).collect(),
            place: format!("{}, {}", c.evidence.record.short(), c.evidence.line),
            command: super::evidence::shown_by(input, c.evidence),
        }
    };
    Cookies { all: all.iter().take(COOKIES).map(one).collect(), rest }
}

/// For tables of visits.
pub(crate) fn consent(f: &VisitFacts) -> String {
    let mut out = words::achieved(f.achieved.choice).to_owned();
    if let Some(why) = &f.achieved.why_not {
        out.push_str(&format!(" ({why})"));
    }
    out
}

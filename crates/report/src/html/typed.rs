//! What was typed into fields, and who received it, though nothing was submitted.

use affiant_detect::facts::{LeakFact, Party};
use affiant_record::Scenario;
use affiant_record::footer::collectors::PROBE;

use super::evidence;
use super::markup::{Markup, page, text};
use crate::ReportInput;
use crate::typed::{self, Field};
use crate::words::{count, list, number, time};

/// Fields, and fields that were left out, shown.
const MOST: usize = 300;
const LEFT_OUT: usize = 60;

/// All of it.
pub(crate) struct View {
    /// In how many visits fields were looked for to the end: `3 of 4 visits`.
    pub(crate) looked: String,
    /// Whether fields were looked for in any.
    pub(crate) ran: bool,
    pub(crate) summary: String,
    pub(crate) fields: Vec<Row>,
    pub(crate) rest: usize,
    /// Where it could have been, and was not looked for.
    pub(crate) unsearched: Option<String>,
    pub(crate) left_out: Vec<(Markup, Markup, Markup)>,
    pub(crate) more_left_out: usize,
    pub(crate) guard: Vec<Markup>,
    pub(crate) prevented: Vec<(Markup, Markup, &'static str)>,
}

/// A field.
pub(crate) struct Row {
    pub(crate) label: Markup,
    pub(crate) kind: &'static str,
    pub(crate) page: Markup,
    pub(crate) scenarios: String,
    pub(crate) half: bool,
    pub(crate) can_be_found: bool,
    pub(crate) receivers: Vec<Receiver>,
}

/// Who received it.
pub(crate) struct Receiver {
    pub(crate) name: Markup,
    pub(crate) third: bool,
    pub(crate) scenario: Scenario,
    pub(crate) part: String,
    pub(crate) when: String,
    pub(crate) times: String,
    pub(crate) channel: Markup,
    pub(crate) formula: Markup,
    pub(crate) place: String,
    pub(crate) command: Markup,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>) -> View {
    let all = typed::fields(input);
    let probes = || input.facts.iter().filter(|v| v.probe.ran);
    let third = |f: &&Field<'_>| f.receivers.iter().any(|r| r.party == Party::Third);
    let received = all.iter().filter(third).count();
    let pages: std::collections::BTreeSet<&str> = all.iter().map(|f| f.page).collect();
    let missing: u64 =
        probes().filter(|v| !v.probe.typed.is_empty()).map(|v| v.probe.search.bodies_missing).sum();
    let cut = probes().any(|v| v.probe.search.cut);
    let left: Vec<_> = probes().flat_map(|v| v.probe.left_out.iter().map(move |(s, w)| (v, s, w))).collect();
    let mut guard: Vec<&str> = vec![];
    for line in probes().flat_map(|v| &v.probe.guard) {
        if !guard.contains(&line.as_str()) {
            guard.push(line);
        }
    }
    let start = &input.manifest.plan.start;
    View {
        looked: input.watched(PROBE),
        ran: probes().next().is_some(),
        summary: format!(
            "{} on {} typed into; what was typed into {} of them was seen leaving to a third party.",
            count(all.len(), "field"),
            format_args!("{} {}", count(pages.len(), "page"), if all.len() == 1 { "was" } else { "were" }),
            number(received as u64),
        ),
        rest: all.len().saturating_sub(MOST),
        fields: all.iter().take(MOST).map(|f| row(input, f)).collect(),
        unsearched: (missing > 0 || cut).then(|| {
            let bodies = count(missing as usize, "body or frame of a WebSocket");
            if cut { format!("{bodies}, and what went beyond a bound of the search") } else { bodies }
        }),
        more_left_out: left.len().saturating_sub(LEFT_OUT),
        left_out: left
            .iter()
            .take(LEFT_OUT)
            .map(|(v, selector, why)| (page(start, &v.url), text(selector, 200), text(why, 160)))
            .collect(),
        guard: guard.into_iter().take(8).map(|g| text(g, 200)).collect(),
        prevented: probes()
            .flat_map(|v| v.probe.prevented.iter().map(move |p| (v, p)))
            .take(40)
            .map(|(v, p)| {
                let how = if p.how == "event" {
                    "its submit event was stopped"
                } else {
                    "stopped in the network layer"
                };
                (page(start, &v.url), super::markup::short_address(&p.url, 160), how)
            })
            .collect(),
    }
}

fn row(input: &ReportInput<'_>, f: &Field<'_>) -> Row {
    let name = if f.typed.label.trim().is_empty() { &f.typed.selector } else { &f.typed.label };
    let scenarios: Vec<String> = f.scenarios.iter().map(ToString::to_string).collect();
    Row {
        label: text(name, 90),
        kind: f.typed.kind.in_words(),
        page: page(&input.manifest.plan.start, f.page),
        scenarios: list(&scenarios, 10),
        half: !f.typed.whole,
        can_be_found: f.can_be_found,
        receivers: f
            .receivers
            .iter()
            .take(20)
            .map(|r| Receiver {
                name: text(r.name, 80),
                third: r.party == Party::Third,
                scenario: r.scenario,
                part: part(r.best),
                when: when(r.first),
                times: number(r.times as u64),
                channel: text(&format!("{} to {}", channel(&r.best.channel), r.host), 160),
                formula: text(&r.best.formula, 240),
                place: format!("{}, {}", r.best.evidence.record.short(), r.best.evidence.line),
                command: evidence::shown_by(input, &r.best.evidence),
            })
            .collect(),
    }
}

fn part(l: &LeakFact) -> String {
    let weak = if l.weak { " (a checksum of four bytes: chance can do that)" } else { "" };
    match l.fraction {
        f if f >= 1.0 => format!("in full{weak}"),
        f => format!("{:.0}% of it{weak}", f * 100.0),
    }
}

/// `while it was being typed, 1.2 s before the last key` or `159 ms after the last key`.
fn when(l: &LeakFact) -> String {
    let key = match l.after_last_key_ms {
        t if t < 0.0 => format!("while it was being typed, {} before the last key", time(-t)),
        t => format!("{} after the last key", time(t)),
    };
    match l.after_blur_ms {
        Some(t) if t >= 0.0 => format!("{key}, {} after the field was left", time(t)),
        _ => key,
    }
}

fn channel(of: &str) -> &str {
    match of {
        "address" => "in the address of a request",
        "referer" => "in the referrer of a request",
        "cookie" => "in a cookie",
        "header" => "in a header",
        "websocket" => "over a WebSocket",
        _ => "in the body of a request",
    }
}

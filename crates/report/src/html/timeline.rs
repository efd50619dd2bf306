//! One session's first visit on one clock: a lane a vendor, a tick a request, marks across all lanes.

use affiant_record::Scenario;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use affiant_detect::facts::VisitFacts;

use super::markup::{Markup, page, text};
use crate::ReportInput;
use crate::hostile::{cut, visible};
use crate::moment::{Moments, Stretch, banner, since_page_began};
use crate::vendors::receiver;
use crate::words::{number, time};

/// Lanes drawn.
const LANES: usize = 24;
/// Timelines drawn.
const MOST: usize = 12;

const LEFT: f64 = 190.0;
const RIGHT: f64 = 912.0;
const LANE: f64 = 22.0;
const MARK: f64 = 15.0;

/// A timeline.
pub(crate) struct View {
    pub(crate) scenario: Scenario,
    pub(crate) page: Markup,
    pub(crate) note: Option<Markup>,
    pub(crate) height: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) more: usize,
    pub(crate) marks: Vec<Mark>,
    pub(crate) axis: Vec<(f64, String)>,
    pub(crate) summary: String,
}

/// A vendor.
pub(crate) struct Lane {
    pub(crate) name: Markup,
    pub(crate) label: Markup,
    pub(crate) y: f64,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) requests: String,
    pub(crate) first: String,
    pub(crate) counts: [u32; 3],
}

/// A moment that the reader knows.
pub(crate) struct Mark {
    pub(crate) class: &'static str,
    pub(crate) x: f64,
    pub(crate) text_x: f64,
    pub(crate) end: bool,
    pub(crate) y: f64,
    pub(crate) words: String,
}

/// First visits of all sessions.
pub(crate) fn views(input: &ReportInput<'_>) -> Vec<View> {
    let moments = Moments::of(input.facts);
    input.facts.iter().filter(|v| v.ordinal == 0).take(MOST).map(|v| view(input, v, &moments)).collect()
}

fn view(input: &ReportInput<'_>, v: &VisitFacts, moments: &Moments<'_>) -> View {
    let mut by: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (i, r) in v.requests.iter().enumerate().filter(|(_, r)| r.left_browser) {
        if let Some((name, _)) = receiver(v, i) {
            by.entry(name).or_default().push(r.t);
        }
    }
    let mut lanes: Vec<(&str, Vec<f64>)> = by.into_iter().collect();
    lanes.sort_by(|a, b| a.1[0].total_cmp(&b.1[0]).then(a.0.cmp(b.0)));
    let last = lanes.iter().flat_map(|(_, t)| t).fold(v.marks.end, |a, b| a.max(*b));
    let span = since_page_began(v, last).max(100.0);
    let x = |ms: f64| LEFT + (RIGHT - LEFT) * (ms / span).clamp(0.0, 1.0);
    let marks = marks(v, x);
    let top = 8.0 + MARK * marks.iter().map(|m| m.y).fold(0.0, f64::max);
    let marks: Vec<Mark> = marks.into_iter().map(|m| Mark { y: m.y * MARK - 3.0, ..m }).collect();
    let more = lanes.len().saturating_sub(LANES);
    let requests: usize = lanes.iter().map(|(_, t)| t.len()).sum();
    let (n, bottom) = (lanes.len(), top + LANE * lanes.len().min(LANES) as f64);
    let lane = |(at, (name, ts)): (usize, (&str, Vec<f64>))| {
        let y = top + LANE * (at as f64 + 1.0);
        let mut counts = [0; 3];
        let (mut before, mut after) = (Ticks::default(), Ticks::default());
        for t in &ts {
            let s = moments.stretch(v, *t);
            counts[(s as usize).min(Stretch::AfterChoice as usize)] += 1;
            let (ticks, height) = if matches!(s, Stretch::AfterChoice | Stretch::NotKnown) {
                (&mut after, 8.0)
            } else {
                (&mut before, 16.0)
            };
            ticks.add(x(since_page_began(v, *t)), y, height);
        }
        Lane {
            name: text(name, 80),
            label: text(cut(&visible(name), 26).0, 80),
            y,
            before: before.path,
            after: after.path,
            requests: number(ts.len() as u64),
            first: time(since_page_began(v, ts.first().copied().unwrap_or(0.0))),
            counts,
        }
    };
    View {
        scenario: v.scenario,
        page: page(&input.manifest.plan.start, &v.url),
        note: (!v.outcome.is_complete()).then(|| {
            text(
                &format!(
                    "This visit {}: {}",
                    v.outcome.word(),
                    v.outcome.reason().unwrap_or("no reason told")
                ),
                300,
            )
        }),
        height: bottom + 34.0,
        top,
        bottom,
        lanes: lanes.into_iter().take(LANES).enumerate().map(lane).collect(),
        more,
        marks,
        axis: axis(span).into_iter().map(|ms| (x(ms), time(ms))).collect(),
        summary: format!(
            "{} to {}, in {}",
            crate::words::count(requests, "request"),
            crate::words::count(n, "receiver"),
            time(span)
        ),
    }
}

/// Ticks as one path; those that would cover each other are drawn once.
#[derive(Default)]
struct Ticks {
    path: String,
    last: Option<i64>,
}

impl Ticks {
    fn add(&mut self, x: f64, y: f64, height: f64) {
        let at = (x * 2.0).round() as i64;
        if self.last != Some(at) {
            let _ = write!(self.path, "M{:.1} {:.1}v-{height}", at as f64 / 2.0, y - 1.0);
            self.last = Some(at);
        }
    }
}

/// The marks, each with the row of its label so that none covers another.
fn marks(v: &VisitFacts, x: impl Fn(f64) -> f64) -> Vec<Mark> {
    let m = &v.marks;
    let all = [
        ("began", m.page_began, "page began"),
        ("banner", banner(v), "banner visible"),
        ("choice", m.choice, "choice"),
        ("stored", m.choice_stored, "choice stored"),
    ];
    let mut ends: Vec<f64> = Vec::new();
    let mut out = Vec::new();
    for (class, t, words) in all {
        let Some(t) = t else { continue };
        let ms = since_page_began(v, t);
        let words = if class == "began" { words.to_owned() } else { format!("{words} {}", time(ms)) };
        let (at, width) = (x(ms), words.len() as f64 * 6.4 + 8.0);
        let end = at + width > RIGHT + 60.0;
        let from = if end { at - width } else { at };
        let row = ends.iter().position(|e| *e <= from).unwrap_or(ends.len());
        if row == ends.len() {
            ends.push(0.0);
        }
        ends[row] = from + width;
        out.push(Mark {
            class,
            x: at,
            text_x: if end { at - 4.0 } else { at + 4.0 },
            end,
            y: row as f64 + 1.0,
            words,
        });
    }
    out
}

/// Four to nine round moments.
fn axis(span: f64) -> Vec<f64> {
    let mut step = 10f64.powf(span.log10().floor());
    while span / step < 4.0 {
        step /= if (step.log10().fract()).abs() < 1e-9 { 2.0 } else { 2.5 };
    }
    (0..=(span / step).floor().min(40.0) as u32).map(|k| f64::from(k) * step).collect()
}

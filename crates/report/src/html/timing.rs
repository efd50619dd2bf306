//! When things happened, over all runs.

use affiant_detect::facts::Class;
use affiant_record::Scenario;

use super::markup::{Markup, text};
use crate::ReportInput;
use crate::timing::{First, Spread, Timing, timings};
use crate::words::{count, time};

/// Receivers shown of one scenario.
const RECEIVERS: usize = 60;

/// A scenario.
pub(crate) struct View {
    pub(crate) scenario: Scenario,
    pub(crate) runs: String,
    pub(crate) moments: Vec<(&'static str, String, String)>,
    pub(crate) receivers: Vec<Row>,
    pub(crate) more: usize,
}

/// A receiver.
pub(crate) struct Row {
    pub(crate) name: Markup,
    pub(crate) class: &'static str,
    pub(crate) page: String,
    pub(crate) banner: String,
    pub(crate) stored: String,
}

/// Of this audit.
pub(crate) fn views(input: &ReportInput<'_>) -> Vec<View> {
    timings(input).iter().map(view).collect()
}

fn view(t: &Timing<'_>) -> View {
    let moment = |(name, s): &(&'static str, Spread)| {
        let uncertain = *name == "banner painted" && t.banner_uncertainty_ms > 0.0;
        let note = if uncertain {
            format!("up to {} earlier: it is looked for at intervals", time(t.banner_uncertainty_ms))
        } else {
            String::new()
        };
        (*name, of(s, t.runs), note)
    };
    View {
        scenario: t.scenario,
        runs: count(t.runs, "run"),
        moments: t.moments.iter().map(moment).collect(),
        receivers: t.receivers.iter().take(RECEIVERS).map(|r| row(r, t.runs)).collect(),
        more: t.receivers.len().saturating_sub(RECEIVERS),
    }
}

fn row(r: &First<'_>, runs: usize) -> Row {
    Row {
        name: text(r.name, 100),
        class: r.class.map_or("owner not known", Class::in_words),
        page: of(&r.since_page, runs),
        banner: beside(r.since_banner.as_ref(), r.before_banner),
        stored: beside(r.since_stored.as_ref(), r.before_stored),
    }
}

/// `412 ms (380 ms to 455 ms), in 5 of 5 runs`.
fn of(s: &Spread, runs: usize) -> String {
    let ends =
        if s.runs > 1 { format!(" ({} to {})", signed(s.least), signed(s.most)) } else { String::new() };
    format!("{}{ends}, in {} of {}", signed(s.median), s.runs, count(runs, "run"))
}

/// `before it in 5 of 5 runs, by 1.3 s (1.2 s to 1.4 s)`.
fn beside(s: Option<&Spread>, before: usize) -> String {
    let Some(s) = s else { return "not both seen".to_owned() };
    let ends =
        if s.runs > 1 { format!(" ({} to {})", signed(s.least), signed(s.most)) } else { String::new() };
    format!("{}{ends}; before it in {} of {}", signed(s.median), before, count(s.runs, "run"))
}

fn signed(ms: f64) -> String {
    if ms < 0.0 { format!("−{}", time(-ms)) } else { time(ms) }
}

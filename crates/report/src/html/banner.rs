//! The banner and the choice.

use affiant_record::consent::{BannerLayer, LayerControl};
use affiant_record::{Choice, Evidence, Scenario};

use super::evidence;
use super::markup::{Markup, page, text};
use super::screenshots::{self, Thumb};
use crate::ReportInput;
use crate::consent::{Decision, Layer, State, decisions, layers, states};
use crate::words::{self, count, time};

/// Rows shown of each kind.
const ROWS: usize = 100;
/// Controls shown of one layer.
const CONTROLS: usize = 40;

/// All of it.
pub(crate) struct View {
    pub(crate) decisions: Vec<Row>,
    pub(crate) more_decisions: usize,
    pub(crate) layers: Vec<OneLayer>,
    pub(crate) more_layers: usize,
    pub(crate) states: Vec<Said>,
    pub(crate) more_states: usize,
}

/// A decision.
pub(crate) struct Row {
    pub(crate) scenario: Scenario,
    pub(crate) page: Markup,
    pub(crate) what: &'static str,
    pub(crate) how: Markup,
    pub(crate) clicks: String,
    pub(crate) layers: String,
    pub(crate) took: String,
    pub(crate) stored: String,
    pub(crate) achieved: Markup,
    pub(crate) place: String,
    pub(crate) command: Markup,
}

/// A layer.
pub(crate) struct OneLayer {
    pub(crate) number: u32,
    pub(crate) seen: String,
    pub(crate) facts: Vec<(&'static str, Markup)>,
    pub(crate) controls: Vec<Control>,
    pub(crate) more: usize,
    pub(crate) thumbs: Vec<Thumb>,
    pub(crate) place: String,
    pub(crate) command: Markup,
}

/// What can be operated.
pub(crate) struct Control {
    pub(crate) label: Markup,
    pub(crate) what: Markup,
    pub(crate) state: &'static str,
    pub(crate) size: String,
    pub(crate) letters: String,
    pub(crate) surface: String,
    pub(crate) keyboard: &'static str,
}

/// What a platform said.
pub(crate) struct Said {
    pub(crate) source: Markup,
    pub(crate) fields: Vec<(Markup, Markup)>,
    pub(crate) scenarios: String,
    pub(crate) place: String,
    pub(crate) command: Markup,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>, shots: &screenshots::View) -> View {
    let (d, l, s) = (decisions(input), layers(input), states(input));
    View {
        decisions: d.iter().take(ROWS).map(|d| row(input, d)).collect(),
        more_decisions: d.len().saturating_sub(ROWS),
        layers: l.iter().take(ROWS).map(|l| layer(input, l, shots)).collect(),
        more_layers: l.len().saturating_sub(ROWS),
        states: s.iter().take(ROWS).map(|s| said(input, s)).collect(),
        more_states: s.len().saturating_sub(ROWS),
    }
}

fn row(input: &ReportInput<'_>, d: &Decision<'_>) -> Row {
    let v = d.visit;
    let how = match &v.choice {
        Some(c) => {
            let note = c.note.as_deref().map(|n| format!(": {n}")).unwrap_or_default();
            let rule = c.rule.as_deref().map(|r| format!(", rule {r}")).unwrap_or_default();
            let could_not = if c.ok {
                ""
            } else if c.not_offered {
                "not offered; "
            } else {
                "not made; "
            };
            format!("{could_not}{}{rule}{note}", c.driver)
        }
        None => "no attempt is in the record".to_owned(),
    };
    let why = v.achieved.why_not.as_deref().map(|w| format!("; {w}")).unwrap_or_default();
    let clicks = v.choice.as_ref().filter(|c| c.ok).and_then(|c| c.clicks);
    let ms = |t: Option<f64>| t.map_or("not seen".to_owned(), time);
    let place = v.choice.as_ref().map(|c| &c.evidence);
    Row {
        scenario: v.scenario,
        page: page(&input.manifest.plan.start, &v.url),
        what: match d.choice {
            Choice::Accept => "accept everything",
            Choice::Reject => "reject everything",
            Choice::Custom(_) => "choose by purpose",
            Choice::Dismiss => "close without an answer",
            Choice::Withdraw => "take consent back",
            _ => "another one",
        },
        how: text(&how, 400),
        clicks: match clicks {
            Some(0) => "none: by the platform’s interface".to_owned(),
            Some(n) => n.to_string(),
            None => "not told".to_owned(),
        },
        layers: d.layers.to_string(),
        took: ms(d.took_ms),
        stored: ms(d.stored_ms),
        achieved: text(&format!("{}{why}", words::achieved(v.achieved.choice)), 300),
        place: place.map_or(String::new(), place_of),
        command: place.map(|e| evidence::shown_by(input, e)).unwrap_or_default(),
    }
}

fn place_of(e: &Evidence) -> String {
    format!("{}, {}", e.record.short(), e.line)
}

fn layer(input: &ReportInput<'_>, l: &Layer<'_>, shots: &screenshots::View) -> OneLayer {
    let b = &l.first.layer;
    let all: Vec<String> = l.scenarios.iter().map(Scenario::to_string).collect();
    OneLayer {
        number: b.layer,
        seen: format!("seen in {}: {}", count(l.visits, "visit"), all.join(", ")),
        facts: facts(b),
        controls: b.controls.iter().take(CONTROLS).map(control).collect(),
        more: b.controls.len().saturating_sub(CONTROLS),
        thumbs: shots.of_layer(&l.record, b.layer),
        place: place_of(&l.first.evidence),
        command: evidence::shown_by(input, &l.first.evidence),
    }
}

fn facts(b: &BannerLayer) -> Vec<(&'static str, Markup)> {
    let told = |v: Option<bool>, yes: &'static str, no: &'static str| match v {
        Some(true) => yes,
        Some(false) => no,
        None => "not known",
    };
    let digest = b.words.map(|d| d.to_string()).unwrap_or_default();
    let mut out = vec![
        ("Words", text(b.text.as_deref().unwrap_or("none could be read"), 1500)),
        ("SHA-256 of the words", text(&digest, 120)),
        ("Language that the page declares", text(b.lang.as_deref().unwrap_or("none"), 40)),
    ];
    if let Some([x, y, w, h]) = b.rect {
        let share = b.share.map(|s| format!(", {:.0}% of the window", s * 100.0)).unwrap_or_default();
        out.push(("Place", text(&format!("{w:.0} × {h:.0} px at {x:.0}, {y:.0}{share}"), 120)));
    }
    out.push(("Page beside it", text(told(b.beside, "can be pointed at", "is covered"), 40)));
    out.push(("Scrolling", text(told(b.scrolls, "possible", "held"), 40)));
    let reader = if b.dialog { "announced as a dialog" } else { "not marked as a dialog" };
    out.push(("For a screen reader", text(reader, 40)));
    let focus = if b.focused { "was inside when it stood there" } else { "was outside" };
    out.push(("Keyboard focus", text(focus, 60)));
    out.retain(|(name, _)| *name != "SHA-256 of the words" || b.words.is_some());
    out
}

fn control(c: &LayerControl) -> Control {
    let number = |n: Option<f64>, unit: &str| n.map_or("–".to_owned(), |n| format!("{n:.1}{unit}"));
    let means = c.means.as_deref().or(c.purpose.as_deref());
    let what = means.map_or(c.role.clone(), |m| format!("{}, {m}", c.role));
    Control {
        label: text(&c.label, 120),
        what: text(&what, 80),
        state: match (c.on, c.off) {
            (Some(true), true) => "on, fixed",
            (Some(false), true) => "off, fixed",
            (Some(true), false) => "on",
            (Some(false), false) => "off",
            (None, true) => "disabled",
            (None, false) => "–",
        },
        size: c.rect.map_or("–".to_owned(), |[_, _, w, h]| format!("{w:.0} × {h:.0} px")),
        letters: match c.contrast {
            Some(r) => format!("{}, {r:.1} : 1", number(c.font_px, " px")),
            None => number(c.font_px, " px"),
        },
        surface: c.stands_out.map_or("–".to_owned(), |r| format!("{r:.1} : 1")),
        keyboard: if c.tab { "yes" } else { "no" },
    }
}

fn said(input: &ReportInput<'_>, s: &State<'_>) -> Said {
    let fields = s.first.said.fields.iter().take(30);
    let all: Vec<String> = s.scenarios.iter().map(Scenario::to_string).collect();
    Said {
        source: text(&s.first.source, 80),
        fields: fields.map(|(k, v)| (text(k, 80), text(v, 160))).collect(),
        scenarios: all.join(", "),
        place: place_of(s.evidence),
        command: evidence::shown_by(input, s.evidence),
    }
}

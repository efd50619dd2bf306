//! What scripts listen to, read and store.

use super::evidence;
use super::markup::{Markup, short_address, text};
use crate::ReportInput;
use crate::words::list;
use affiant_detect::facts::Class;
use affiant_record::Scenario;

/// Rows shown.
const ROWS: usize = 200;
/// Named in one cell.
const NAMED: usize = 12;

/// All of them.
pub(crate) struct View {
    pub(crate) all: Vec<Row>,
    pub(crate) rest: usize,
}

/// A vendor, or a host.
pub(crate) struct Row {
    pub(crate) who: Markup,
    pub(crate) class: &'static str,
    pub(crate) script: Markup,
    pub(crate) listens: Markup,
    pub(crate) uses: Markup,
    pub(crate) stores: Markup,
    pub(crate) scenarios: String,
    pub(crate) place: String,
    pub(crate) command: Markup,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>) -> View {
    let all = crate::behaviour::behaviour(input);
    let cell = |l: &[String]| if l.is_empty() { text("none seen", 20) } else { text(&list(l, NAMED), 900) };
    let row = |b: &crate::behaviour::Behaviour<'_>| Row {
        who: text(b.who, 120),
        class: b.class.map_or("vendor not known", Class::in_words),
        script: b.scripts.first().map(|u| short_address(u, 120)).unwrap_or_default(),
        listens: cell(&b.listens),
        uses: cell(&b.uses),
        stores: cell(&b.stores),
        scenarios: b.scenarios.iter().map(Scenario::to_string).collect::<Vec<_>>().join(", "),
        place: format!("{}, {}", b.evidence.record.short(), b.evidence.line),
        command: evidence::shown_by(input, b.evidence),
    };
    View { all: all.iter().take(ROWS).map(row).collect(), rest: all.len().saturating_sub(ROWS) }
}

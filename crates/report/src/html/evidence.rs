//! Where a piece of evidence stands, and the command that shows it.

use affiant_record::Evidence;

use super::markup::{Markup, text};
use crate::{ReportInput, command};

/// Leads to the line that a piece of evidence points at, where something shows it.
pub(crate) type Lines<'a> = dyn Fn(&Evidence) -> Option<String> + 'a;

/// A piece of evidence.
pub(crate) struct View {
    pub(crate) shows: Markup,
    pub(crate) digest: String,
    pub(crate) line: u64,
    pub(crate) link: Option<String>,
    pub(crate) blob: Option<String>,
    pub(crate) command: Markup,
}

/// As shown in a drawer.
pub(crate) fn view(input: &ReportInput<'_>, shows: &str, e: &Evidence, lines: &Lines<'_>) -> View {
    View {
        shows: super::markup::short_address(shows, 400),
        digest: e.record.to_string(),
        line: e.line,
        link: lines(e),
        blob: e.blob.map(|b| b.to_string()),
        command: shown_by(input, e),
    }
}

/// The command that shows it.
pub(crate) fn shown_by(input: &ReportInput<'_>, e: &Evidence) -> Markup {
    let path = input.facts.iter().find(|f| f.record == e.record).map(|f| f.path.as_str());
    text(&command::show(input, path, e), 600)
}

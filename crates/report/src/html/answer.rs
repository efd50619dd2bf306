//! The answer: sentences, counts by severity, one line of coverage.

use super::markup::{Markup, text};
use crate::words::severity;
use crate::{ReportInput, answer};

/// The first view.
pub(crate) struct View {
    pub(crate) headline: Markup,
    pub(crate) sentences: Vec<Markup>,
    pub(crate) strip: Vec<Count>,
    pub(crate) coverage: Markup,
}

/// Findings of one severity.
pub(crate) struct Count {
    pub(crate) word: &'static str,
    pub(crate) n: usize,
    pub(crate) first: Option<usize>,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>) -> View {
    let mut all = answer::sentences(input).into_iter();
    let headline = all.next().unwrap_or_default();
    let strip = answer::severities(input).into_iter().map(|(s, n)| Count {
        word: severity(s),
        n,
        first: input
            .judgement
            .findings
            .iter()
            .position(|f| f.severity == s)
            .filter(|at| *at < super::findings::MOST),
    });
    View {
        headline: text(&headline, 400),
        sentences: all.map(|s| text(&s, 500)).collect(),
        strip: strip.collect(),
        coverage: text(&answer::coverage(input), 400),
    }
}

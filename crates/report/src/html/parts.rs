//! Parts of a report, for pages of somebody else: the same views, made once. They want [`CSS`](super::CSS) for their style.

use affiant_record::Evidence;
use askama::Template;

use super::vendors::Links;
use super::{HtmlError, answer, compare, findings, matrix, screenshots};
use crate::compare::Comparison;
use crate::words::count;
use crate::{NOT_LEGAL_ADVICE, ReportInput};

#[derive(Template)]
#[template(path = "signs.html")]
struct Signs;

/// The shapes that stand beside words. A page that shows any other part has them once, before it.
pub fn signs() -> Result<String, HtmlError> {
    Ok(Signs.render()?)
}

#[derive(Template)]
#[template(path = "answer_part.html")]
struct Answer {
    answer: answer::View,
    report: String,
}

/// The answer: what was found, in a few sentences, and over what. The report is at `report`.
pub fn answer(input: &ReportInput<'_>, report: &str) -> Result<String, HtmlError> {
    Ok(Answer { answer: answer::view(input), report: report.to_owned() }.render()?)
}

#[derive(Template)]
#[template(path = "matrix.html")]
struct Matrix {
    matrix: matrix::View,
}

/// The consent matrix, whose cells lead into the report at `report`. It wants no facts.
pub fn consent_matrix(input: &ReportInput<'_>, report: &str) -> Result<String, HtmlError> {
    let all = count(input.manifest.visits.len(), "visit");
    let watched = format!("{} of {all}", input.judgement.coverage.visits);
    Ok(Matrix { matrix: matrix::view(input, watched, &Links::into(report)) }.render()?)
}

#[derive(Template)]
#[template(path = "finding_part.html")]
struct Finding {
    f: findings::One,
    n: usize,
    not_legal_advice: &'static str,
}

/// The finding with this fingerprint, if the audit has it; `line` leads to a line of a record.
pub fn finding(
    input: &ReportInput<'_>,
    fingerprint: &str,
    line: &dyn Fn(&Evidence) -> Option<String>,
) -> Result<Option<String>, HtmlError> {
    let all = &input.judgement.findings;
    let Some(n) = all.iter().position(|f| f.fingerprint == fingerprint) else { return Ok(None) };
    let shots = screenshots::View::default();
    let f = findings::One { open: true, ..findings::one(input, &all[n], &shots, line) };
    Ok(Some(Finding { f, n, not_legal_advice: NOT_LEGAL_ADVICE }.render()?))
}

/// What differs between two sides.
pub fn difference(c: &Comparison) -> Result<String, HtmlError> {
    Ok(compare::Part { c: compare::view(c) }.render()?)
}

//! From findings and coverage to a verdict and its one sentence. A negative never goes without its coverage.

use indexmap::IndexMap;

use crate::draft::Draft;
use crate::judgement::{Coverage, Gap, Severity, Verdict};
use crate::scope::Scope;
use crate::words::{address, count, list, plain, scenarios};

/// What a rule answers.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    /// Its answer.
    pub(crate) verdict: Verdict,
    /// In one sentence.
    pub(crate) statement: String,
    /// What it rests on.
    pub(crate) coverage: Coverage,
    /// What was observed.
    pub(crate) findings: Vec<Draft>,
}

/// The usual conclusion. `otherwise` says why the question does not arise, when there is nothing to look at.
pub(crate) fn conclude(scope: &Scope<'_>, findings: Vec<Draft>, otherwise: &str) -> Judged {
    let coverage = scope.coverage();
    let verdict = verdict(scope, &findings);
    let statement = match verdict {
        Verdict::Fail => observed(&findings, &coverage),
        Verdict::NotApplicable => otherwise.to_owned(),
        Verdict::Inconclusive => sentence(&findings, could_not_be_tested(&coverage)),
        Verdict::Pass => sentence(&findings, not_observed(&coverage)),
    };
    Judged { verdict, statement, coverage, findings }
}

/// Fail above notes; pass only when every visit in scope is usable.
pub(crate) fn verdict(scope: &Scope<'_>, findings: &[Draft]) -> Verdict {
    if findings.iter().any(|f| f.severity >= Severity::Low) {
        Verdict::Fail
    } else if !scope.gaps.is_empty() {
        Verdict::Inconclusive
    } else if scope.looks.is_empty() {
        Verdict::NotApplicable
    } else {
        Verdict::Pass
    }
}

fn observed(findings: &[Draft], coverage: &Coverage) -> String {
    let names: Vec<String> = findings.iter().map(|f| plain(&f.subject.name, 60)).collect();
    format!("Observed for {}: {}. {}", count(names.len(), "subject"), list(&names, 5), looked_at(coverage))
}

/// `Looked at 6 visits: 2 runs over 3 pages in no-choice.` and the gaps.
pub(crate) fn looked_at(c: &Coverage) -> String {
    if c.visits == 0 {
        return format!("No visit could be used in full. {}", gaps(&c.gaps)).trim_end().to_owned();
    }
    let over = format!(
        "Looked at {}: {} over {} in {}.",
        count(c.visits as usize, "visit"),
        count(c.runs as usize, "run"),
        count(c.pages.len(), "page"),
        scenarios(&c.scenarios)
    );
    format!("{over} {}", gaps(&c.gaps)).trim_end().to_owned()
}

/// `Not observed in 2 runs over 5 pages in no-choice and reject-all.` and the gaps.
pub(crate) fn not_observed(c: &Coverage) -> String {
    let over = format!(
        "Not observed in {} over {} in {}.",
        count(c.runs as usize, "run"),
        count(c.pages.len(), "page"),
        scenarios(&c.scenarios)
    );
    format!("{over} {}", gaps(&c.gaps)).trim_end().to_owned()
}

/// Why it could not be tested, or how far.
pub(crate) fn could_not_be_tested(c: &Coverage) -> String {
    if c.visits == 0 {
        let reasons = reasons(&c.gaps);
        return format!("Could not be tested, because {}.", list(&reasons, 3));
    }
    format!("Could not be tested in full. {}", not_observed(c))
}

fn sentence(notes: &[Draft], rest: String) -> String {
    if notes.is_empty() {
        return rest;
    }
    let names: Vec<String> = notes.iter().map(|f| plain(&f.subject.name, 60)).collect();
    format!("Beside {} ({}): {rest}", count(names.len(), "note"), list(&names, 5))
}

/// `1 visit could not be used, or only in part: no-choice /checkout (the visit timed out).`
fn gaps(gaps: &[Gap]) -> String {
    if gaps.is_empty() {
        return String::new();
    }
    let each: Vec<String> =
        gaps.iter().map(|g| format!("{} {} ({})", g.scenario, address(&g.page), g.reason)).collect();
    format!("{} could not be used, or only in part: {}.", count(gaps.len(), "visit"), list(&each, 3))
}

fn reasons(gaps: &[Gap]) -> Vec<String> {
    let mut by_reason: IndexMap<&str, usize> = IndexMap::new();
    for g in gaps {
        *by_reason.entry(&g.reason).or_default() += 1;
    }
    by_reason.into_iter().map(|(reason, n)| format!("{reason} (in {})", count(n, "visit"))).collect()
}

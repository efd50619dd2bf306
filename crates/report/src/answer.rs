//! The answer, before anything else: three to five sentences that a privacy lead can repeat.

use affiant_record::Scenario;
use affiant_rules::judgement::{Severity, Verdict};

use crate::ReportInput;
use crate::matrix::loud_in;
use crate::words::{SEVERITIES, count, host, list, moment, severity};

/// The sentences, the most important first. Page text in them is as it was: neutralise it for the format.
pub(crate) fn sentences(input: &ReportInput<'_>) -> Vec<String> {
    let j = input.judgement;
    let mut out = vec![headline(input)];
    if let Some(sent) = sent(input) {
        out.push(sent);
    }
    if let Some(top) = j.findings.first() {
        let more = j.findings.len() - 1;
        out.push(format!(
            "{}: {}",
            if more == 0 { "The finding" } else { "The most severe" },
            ended(&top.title)
        ));
    }
    if let Some(open) = open(input) {
        out.push(open);
    }
    out.push(looked_at(input));
    out
}

/// Counts by severity, the most severe first.
pub(crate) fn severities(input: &ReportInput<'_>) -> Vec<(Severity, usize)> {
    let of = |s: Severity| input.judgement.findings.iter().filter(|f| f.severity == s).count();
    SEVERITIES.into_iter().map(|s| (s, of(s))).collect()
}

/// One line: pages, scenarios, runs, visits, gaps, rules that could not answer.
pub(crate) fn coverage(input: &ReportInput<'_>) -> String {
    let c = &input.judgement.coverage;
    let (all, complete) = input.visit_counts();
    let mut parts = vec![
        format!(
            "{} × {} × {}",
            count(input.pages().len(), "page"),
            count(crate::matrix::scenarios(input).len(), "scenario"),
            count(c.runs.max(1) as usize, "run")
        ),
        format!("{complete} of {} complete", count(all, "visit")),
    ];
    let gaps = match c.gaps.len() {
        0 => "no gaps".to_owned(),
        n => count(n, "gap"),
    };
    parts.push(gaps);
    match inconclusive(input).len() {
        0 => {}
        n => parts.push(format!("{} inconclusive", count(n, "rule"))),
    }
    if input.manifest.interrupted {
        parts.push("stopped before it was done".to_owned());
    } else if input.manifest.finished.is_none() {
        parts.push("not finished".to_owned());
    }
    parts.join(" · ")
}

/// Ids of the rules that could not answer.
pub(crate) fn inconclusive<'a>(input: &ReportInput<'a>) -> Vec<&'a str> {
    let all = input.judgement.verdicts.iter();
    all.filter(|v| v.verdict == Verdict::Inconclusive).map(|v| v.rule.as_str()).collect()
}

fn headline(input: &ReportInput<'_>) -> String {
    let site = host(&input.manifest.plan.start);
    let (_, complete) = input.visit_counts();
    let found: Vec<String> = severities(input)
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .take(2)
        .map(|(s, n)| format!("{n} {}", severity(s)))
        .collect();
    let n = input.judgement.findings.len();
    if n > 0 {
        let what = match (n, found.as_slice()) {
            (1, _) => severity(input.judgement.findings[0].severity).to_owned(),
            (_, [_]) => format!("all {}", severity(input.judgement.findings[0].severity)),
            _ => format!("among them {}", list(&found, 2)),
        };
        format!("{site}: {}, {what}.", count(n, "finding"))
    } else if complete == 0 {
        format!("{site} could not be tested: no visit was complete.")
    } else if !inconclusive(input).is_empty() {
        format!("{site}: no finding, but not every question could be answered.")
    } else {
        format!("{site}: none of what the rules look for was observed, within the coverage below.")
    }
}

/// Who received something without a consent that allows it.
fn sent(input: &ReportInput<'_>) -> Option<String> {
    let asked = crate::matrix::scenarios(input);
    let tested = |s: Scenario| asked.contains(&s) && input.judgement.coverage.scenarios.contains(&s);
    let rows = |n: usize, rest: &str| match n {
        0 => format!("no vendor was{rest}"),
        1 => format!("1 vendor was{rest}"),
        n => format!("{} were{rest}", count(n, "vendor")),
    };
    let mut parts = Vec::new();
    for (s, begins) in [
        (Scenario::NoChoice, "no choice was made"),
        (Scenario::Ignore, "the banner was ignored"),
        (Scenario::RejectAll, "everything was rejected"),
        (Scenario::Withdraw, "consent was taken back"),
    ] {
        if tested(s) {
            let rest =
                if parts.is_empty() { " seen to receive requests that were not consented to" } else { "" };
            let begins = if parts.is_empty() { format!("Where {begins}") } else { format!("where {begins}") };
            parts.push(format!("{begins}, {}", rows(loud_in(input, s), rest)));
        }
    }
    if parts.is_empty() || input.judgement.matrix.is_empty() {
        return None;
    }
    Some(format!("{}.", parts.join("; ")))
}

fn open(input: &ReportInput<'_>) -> Option<String> {
    let open = inconclusive(input);
    let (all, complete) = input.visit_counts();
    let bad = all - complete;
    let visits = (bad > 0).then(|| {
        format!("{} of {} {} not complete", bad, count(all, "visit"), if bad == 1 { "is" } else { "are" })
    });
    let rules = (!open.is_empty())
        .then(|| format!("{} could not be answered ({})", count(open.len(), "rule"), list(&open, 3)));
    let both: Vec<String> = [visits, rules].into_iter().flatten().collect();
    (!both.is_empty()).then(|| format!("Not covered: {}.", both.join("; ")))
}

fn looked_at(input: &ReportInput<'_>) -> String {
    let m = input.manifest;
    format!(
        "Looked at {} in {} ({}), on {}, from vantage “{}”.",
        count(input.pages().len(), "page"),
        count(crate::matrix::scenarios(input).len(), "consent scenario"),
        count(m.visits.len(), "visit"),
        moment(&m.started),
        m.plan.vantage.name
    )
}

/// The sentence with a full stop.
pub(crate) fn ended(sentence: &str) -> String {
    let s = sentence.trim_end();
    if s.ends_with(['.', '!', '?']) { s.to_owned() } else { format!("{s}.") }
}

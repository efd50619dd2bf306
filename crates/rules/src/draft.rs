//! A finding as a rule drafts it: what was observed. The rule's id, the fingerprint and the theories come after.

use affiant_detect::facts::VisitFacts;
use affiant_record::{Choice, Digest, Scenario};

use crate::chain;
use crate::judgement::{ChainLink, Confidence, Evidences, Finding, Measure, Severity, Shown, Subject};
use crate::occurrence::{self, Occurrence, when};
use crate::prove;
use crate::scope::Scope;
use crate::standing::{decided, name};
use crate::theories::{self, Stage};
use crate::visit_set::{VisitSet, banner_at};
use crate::words::{capitalised, path, plain};

/// What a rule says of one subject.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) title: String,
    pub(crate) subject: Subject,
    pub(crate) details: Vec<String>,
    pub(crate) pages: Vec<String>,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) seen_in: (u32, u32),
    pub(crate) measure: Measure,
    pub(crate) chain: Vec<ChainLink>,
    pub(crate) evidence: Evidences,
    pub(crate) remedy: String,
    pub(crate) prove: String,
    pub(crate) stages: Vec<Stage>,
}

/// The words of a draft and the numbers that they are made of, before its occurrences fill in the rest.
pub(crate) struct Words {
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) measure: Measure,
    pub(crate) title: String,
    pub(crate) subject: Subject,
    pub(crate) details: Vec<String>,
    pub(crate) remedy: String,
}

impl Draft {
    /// From words and sorted occurrences. None without an occurrence: no finding without evidence.
    pub(crate) fn new(
        set: &VisitSet,
        scope: &Scope<'_>,
        words: Words,
        all: &[Occurrence<'_>],
    ) -> Option<Draft> {
        let mut evidence = Evidences::from_vec(occurrence::evidence(all))?;
        let first = all.first()?;
        evidence.extend(context(set, all));
        let (pages, scenarios) = (occurrence::pages(all), occurrence::scenarios(all));
        let chosen = all.iter().find(|o| o.window.after.is_some()).map(|o| choice_page(set, o));
        Some(Draft {
            severity: words.severity,
            confidence: words.confidence,
            title: words.title,
            subject: words.subject,
            details: words.details,
            prove: prove::command(chosen, &pages, &scenarios, all.iter().any(|o| o.visit.gpc)),
            pages,
            scenarios,
            seen_in: occurrence::seen_in(scope, all),
            measure: words.measure,
            chain: first.request.map(|r| chain::to(first.visit, r)).unwrap_or_default(),
            evidence,
            remedy: words.remedy,
            stages: stages(all),
        })
    }

    /// The finding.
    pub(crate) fn finding(self, rule: &str, site: &str) -> Finding {
        Finding {
            fingerprint: fingerprint(rule, site, &self.subject),
            rule: rule.to_owned(),
            severity: self.severity,
            confidence: self.confidence,
            title: self.title,
            details: self.details,
            pages: self.pages,
            scenarios: self.scenarios,
            seen_in: self.seen_in,
            measure: Some(self.measure),
            chain: self.chain,
            evidence: self.evidence,
            remedy: self.remedy,
            prove: self.prove,
            bears_on: theories::bears_at(rule, self.subject.class, &self.stages),
            subject: self.subject,
        }
    }
}

/// What the visitor had seen and done by then: the banner of the first occurrence's visit, and the choice.
fn context(set: &VisitSet, all: &[Occurrence<'_>]) -> Vec<Shown> {
    let mut out = Vec::new();
    let seen = all.first().and_then(|o| Some((o.visit, o.visit.banner.as_ref()?)));
    if let Some((v, b)) = seen
        && let Some(e) = b.evidence.first()
    {
        let shows = match banner_at(v) {
            Some(t) => format!("banner first visible {}", when(v, t)),
            None => format!("banner recognised on {} ({})", path(&v.url), v.scenario),
        };
        out.push(Shown { evidence: e.clone(), shows });
    }
    let after = all.iter().find_map(|o| Some((o, o.window.after?)));
    if let Some((o, choice)) = after
        && let Some(v) = deciding(set, o)
        && let Some(c) = &v.choice
    {
        let at = v.marks.choice.map_or_else(|| format!("on {}", path(&v.url)), |t| when(v, t));
        let shows = format!("{} operated by {} {at}", capitalised(name(choice)), plain(&c.driver, 60));
        out.push(Shown { evidence: c.evidence.clone(), shows });
    }
    out
}

/// The stages at which it was observed. Only rules about consent look at stretches that tell them.
fn stages(all: &[Occurrence<'_>]) -> Vec<Stage> {
    let mut out = Vec::new();
    // A banner that was closed without an answer is no choice.
    let refused = |o: &Occurrence<'_>| o.window.after_refusal();
    let chosen = |o: &Occurrence<'_>| o.window.after.is_some_and(|c| c != Choice::Dismiss);
    if all.iter().any(|o| !chosen(o) && o.visit.scenario != Scenario::Unknown) {
        out.push(Stage::BeforeChoice);
    }
    if all.iter().any(refused) {
        out.push(Stage::AfterReject);
    }
    out
}

/// The visit in which the choice was made that is in force there.
fn deciding<'a>(set: &'a VisitSet, o: &Occurrence<'a>) -> Option<&'a VisitFacts> {
    if o.visit.decides == o.window.after { Some(o.visit) } else { decided(set, o.visit) }
}

fn choice_page<'a>(set: &'a VisitSet, o: &Occurrence<'a>) -> &'a str {
    deciding(set, o).map_or(&set.start, |v| &v.url)
}

/// Stable across audits: 16 hex digits of SHA-256 over rule, site and subject.
pub(crate) fn fingerprint(rule: &str, site: &str, subject: &Subject) -> String {
    let parts = [rule, site, &subject.kind, &subject.name];
    let text: String = parts.iter().map(|p| format!("{}:{p}\n", p.len())).collect();
    Digest::of(text.as_bytes()).to_string()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_rule_site_and_subject_only() {
        let s = |name: &str| Subject {
            kind: "vendor".into(),
            name: name.into(),
            class: None,
            accounts: vec![name.to_uppercase()],
        };
        let a = fingerprint("r", "a.example", &s("x"));
        assert_eq!(a.len(), 16);
        let mut same = s("x");
        same.accounts.clear();
        assert_eq!(a, fingerprint("r", "a.example", &same));
        for other in [
            fingerprint("q", "a.example", &s("x")),
            fingerprint("r", "b.example", &s("x")),
            fingerprint("r", "a.example", &s("y")),
        ] {
            assert_ne!(a, other);
        }
    }
}

//! Judges a set of visits once with every rule.

use affiant_detect::facts::Class;
use affiant_record::Digest;
use affiant_record::footer::collectors::NETWORK;

use crate::catalogue::{RULES, digest};
use crate::judgement::{Finding, JudgedWith, Judgement, RuleVerdict};
use crate::scope::Scope;
use crate::visit_set::VisitSet;
use crate::{matrix, page_groups, window};

/// Judges. The other parameters say what named the facts: a judgement is only comparable with one made by the same.
pub fn judge(set: &VisitSet, affiant_version: &str, catalogue: Digest, suffix_list: &str) -> Judgement {
    let mut findings: Vec<Finding> = Vec::new();
    let mut verdicts = Vec::new();
    for rule in RULES {
        let judged = (rule.judge)(set);
        let found: Vec<Finding> =
            judged.findings.into_iter().map(|d| d.finding(rule.id, &set.site)).collect();
        verdicts.push(RuleVerdict {
            rule: rule.id.to_owned(),
            title: rule.title.to_owned(),
            verdict: judged.verdict,
            statement: judged.statement,
            coverage: judged.coverage,
            findings: found.iter().map(|f| f.fingerprint.clone()).collect(),
        });
        findings.extend(found);
    }
    // Stable: within a severity and class the order of the catalogue stays.
    findings.sort_by_key(|f| (std::cmp::Reverse(f.severity), f.subject.class.map_or(Class::Other, |c| c)));
    let groups = page_groups::page_groups(set);
    Judgement {
        judged_with: JudgedWith {
            affiant: affiant_version.to_owned(),
            rules: digest(),
            catalogue,
            suffix_list: suffix_list.to_owned(),
            facts: None,
        },
        verdicts,
        findings,
        coverage: Scope::over(set, &[NETWORK], |_, _| true, window::whole).coverage(),
        matrix: matrix::matrix(set, &groups),
        page_groups: groups,
    }
}

//! Legal theories as data: which element of which statute an observation bears on.
//!
//! Facts and theories are apart: rules know nothing of this file. Each theory is a TOML file in `theories/`, with its
//! sources and dates; it is to be checked before anyone relies on it, and is no legal advice.

use std::sync::LazyLock;

use affiant_detect::facts::Class;
use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/theories");

/// A legal theory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theory {
    /// Its name: also its file's.
    pub id: String,
    /// Title.
    pub title: String,
    /// The statute.
    pub statute: String,
    /// Up to when its facts were collected.
    pub as_of: String,
    /// What a reader must know before relying on it.
    pub caution: String,
    /// What it is about.
    pub summary: String,
    /// Its clauses, where it has several.
    #[serde(default)]
    pub clauses: Vec<Clause>,
    /// Where it is taken from.
    pub sources: Vec<Source>,
    /// Its elements and defences.
    pub elements: Vec<Element>,
}

/// A clause of a statute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its number or name.
    pub id: String,
    /// What it is about.
    pub says: String,
}

/// Where something is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Statute, case or summary.
    pub name: String,
    /// Its date, where known.
    pub date: Option<String>,
    /// What it is cited for.
    pub says: String,
}

/// What has to be shown, or what answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Its name within the theory.
    pub id: String,
    /// Title.
    pub title: String,
    /// Element or defence.
    pub kind: ElementKind,
    /// Which fact can be observed.
    pub observable: String,
    /// How it is measured.
    pub measured: String,
    /// What cannot be observed from a browser.
    pub not_observable: Option<String>,
    /// Rules whose observations bear on it. Empty: no rule does so far.
    pub bears: Vec<Bears>,
}

/// Kind of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ElementKind {
    /// The claim needs it.
    Element,
    /// It answers the claim.
    Defence,
}

/// A rule that bears on an element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bears {
    /// The rule.
    pub rule: String,
    /// Only for subjects of these classes; empty: for all.
    #[serde(default)]
    pub classes: Vec<Class>,
    /// Only for what was observed at this stage; none: at any.
    pub stage: Option<Stage>,
}

/// When, as far as a choice goes, something was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before a choice, or without one.
    BeforeChoice,
    /// After Reject.
    AfterReject,
}

/// Every theory, in order of its file's name.
pub fn theories() -> &'static [Theory] {
    static ALL: LazyLock<Vec<Theory>> = LazyLock::new(|| {
        let mut files: Vec<_> = FILES.files().collect();
        files.sort_by_key(|f| f.path());
        // A file that does not parse cannot get past this file's tests.
        files.iter().filter_map(|f| toml::from_str(f.contents_utf8()?).ok()).collect()
    });
    &ALL
}

/// The elements, as `theory/element`, on which a finding of this rule bears, about a subject of this class that was
/// observed at these stages.
pub fn bears_at(rule: &str, class: Option<Class>, stages: &[Stage]) -> Vec<String> {
    elements(|b| b.rule == rule && b.takes(class) && b.stage.is_none_or(|s| stages.contains(&s)))
}

/// The same, at whatever stage it was observed.
pub fn bears_on(rule: &str, class: Option<Class>) -> Vec<String> {
    elements(|b| b.rule == rule && b.takes(class))
}

/// The elements on which findings of this rule can bear, whatever their subject.
pub fn of_rule(rule: &str) -> Vec<String> {
    elements(|b| b.rule == rule)
}

fn elements(bears: impl Fn(&Bears) -> bool) -> Vec<String> {
    let all = theories().iter().flat_map(|t| t.elements.iter().map(move |e| (t, e)));
    all.filter(|(_, e)| e.bears.iter().any(&bears)).map(|(t, e)| format!("{}/{}", t.id, e.id)).collect()
}

impl Bears {
    fn takes(&self, class: Option<Class>) -> bool {
        self.classes.is_empty() || class.is_some_and(|c| self.classes.contains(&c))
    }
}

/// The theory and the element behind a `theory/element`.
pub fn element(reference: &str) -> Option<(&'static Theory, &'static Element)> {
    let (theory, element) = reference.split_once('/')?;
    let t = theories().iter().find(|t| t.id == theory)?;
    t.elements.iter().find(|e| e.id == element).map(|e| (t, e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{RULES, rule};
    use std::collections::BTreeSet;

    #[test]
    fn every_file_parses_and_is_named_for_its_theory() {
        for f in FILES.files() {
            let t: Theory = toml::from_str(f.contents_utf8().unwrap())
                .unwrap_or_else(|e| panic!("{}: {e}", f.path().display()));
            assert_eq!(f.path().file_stem().unwrap().to_str().unwrap(), t.id);
        }
        assert_eq!(theories().len(), FILES.files().count());
        assert_eq!(theories().len(), 3);
    }

    #[test]
    fn every_theory_has_sources_a_date_and_a_caution_and_names_rules_that_exist() {
        for t in theories() {
            assert!(!t.sources.is_empty() && !t.as_of.is_empty());
            assert!(
                t.caution.contains("not legal advice") && t.caution.to_lowercase().contains("check before")
            );
            let mut ids = BTreeSet::new();
            for e in &t.elements {
                assert!(ids.insert(&e.id), "{}/{} twice", t.id, e.id);
                for b in &e.bears {
                    assert!(rule(&b.rule).is_some(), "{}/{} names {}", t.id, e.id, b.rule);
                }
            }
        }
    }

    #[test]
    fn every_rule_bears_on_something() {
        for r in RULES {
            assert!(!bears_on(r.id, Some(Class::SessionReplay)).is_empty(), "{}", r.id);
        }
        assert!(
            bears_on("sends-before-choice", Some(Class::SessionReplay))
                .contains(&"cipa-631a/prior-consent".to_owned())
        );
        assert!(
            bears_on("sends-before-choice", Some(Class::Chat)).iter().any(|b| b.starts_with("cipa-632/"))
        );
        assert!(
            bears_on("sends-before-choice", Some(Class::Service)).iter().all(|b| !b.starts_with("cipa-632/"))
        );
        assert_eq!(bears_on("no-such-rule", None), Vec::<String>::new());
        let at = |stage| bears_at("recorder-without-consent", Some(Class::SessionReplay), &[stage]);
        let has = |all: Vec<String>, e: &str| all.iter().any(|x| x == e);
        assert!(has(at(Stage::BeforeChoice), "cipa-631a/prior-consent"));
        assert!(!has(at(Stage::BeforeChoice), "cipa-631a/reject-honoured"));
        assert!(has(at(Stage::AfterReject), "cipa-631a/reject-honoured"));
        assert!(of_rule("sends-before-choice").iter().any(|b| b.starts_with("cipa-632/")));
        assert!(element("cipa-631a/prior-consent").is_some());
        assert!(element("cipa-631a/none").is_none());
    }
}

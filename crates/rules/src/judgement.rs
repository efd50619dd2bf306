//! What judging says: verdicts with their coverage, findings with their evidence.

use affiant_detect::facts::{Class, VendorRef, VisitFacts};
use affiant_record::{Digest, Evidence, Scenario};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::measure::{Counted, Measure};

/// The result of judging an audit's records once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Versions of what judged.
    pub judged_with: JudgedWith,
    /// Every rule's verdict, in the catalogue's order.
    pub verdicts: Vec<RuleVerdict>,
    /// Findings, the most severe first.
    pub findings: Vec<Finding>,
    /// What was looked at as a whole.
    pub coverage: Coverage,
    /// Vendor × scenario, in order of risk.
    pub matrix: Vec<MatrixRow>,
    /// Pages that are likely built alike, by the shape of their addresses; empty where there is but one such group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_groups: Vec<PageGroup>,
}

/// Pages that are likely built alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageGroup {
    /// The shape of their addresses: `/product/*`.
    pub name: String,
    /// Their addresses.
    pub pages: Vec<String>,
}

/// What judged: a judgement is only comparable with one made by the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedWith {
    /// affiant's version.
    pub affiant: String,
    /// SHA-256 over the rules' ids and versions.
    pub rules: Digest,
    /// SHA-256 over the vendor catalogue.
    pub catalogue: Digest,
    /// Version of the public suffix list's crate.
    pub suffix_list: String,
    /// The facts that were judged; absent in judgements from before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<FactsSeen>,
}

/// Which facts a judgement saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactsSeen {
    /// Version of what makes facts of a record.
    pub version: u32,
    /// SHA-256 over a line for each visit, in the audit's order: digest of the record, digest of its facts as kept.
    pub digest: Digest,
}

/// A rule's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was observed.
    Fail,
    /// It could have been observed, and was not, within the coverage.
    Pass,
    /// It could not be tested well enough to say.
    Inconclusive,
    /// The question does not arise.
    NotApplicable,
}

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// For information.
    Note,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// How sure the observation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely; something of it rests on inference.
    Medium,
    /// Observed directly.
    High,
}

/// The verdict of one rule over the audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleVerdict {
    /// The rule's id.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// Its answer.
    pub verdict: Verdict,
    /// One sentence: what was observed or not, over what, or why it could not be tested.
    pub statement: String,
    /// Coverage of this answer.
    pub coverage: Coverage,
    /// Ids (fingerprints) of its findings.
    pub findings: Vec<String>,
}

/// What an answer rests on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Pages (distinct addresses) that were looked at.
    pub pages: Vec<String>,
    /// Scenarios that were looked at.
    pub scenarios: Vec<Scenario>,
    /// Visits that counted.
    pub visits: u32,
    /// Runs of each page in each scenario.
    pub runs: u32,
    /// Visits that could not be used, or only in part: which and why.
    pub gaps: Vec<Gap>,
}

/// A hole in the coverage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// Scenario.
    pub scenario: Scenario,
    /// Page.
    pub page: String,
    /// Record, if there is one.
    pub record: Option<Digest>,
    /// Why.
    pub reason: String,
}

/// Something that was observed. Cannot be made without evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable across audits: hash of rule, site and subject.
    pub fingerprint: String,
    /// Rule.
    pub rule: String,
    /// Severity.
    pub severity: Severity,
    /// Confidence.
    pub confidence: Confidence,
    /// One observed sentence with subject, place and time.
    pub title: String,
    /// Who or what it is about.
    pub subject: Subject,
    /// Details, one sentence each.
    pub details: Vec<String>,
    /// Pages where it was observed.
    pub pages: Vec<String>,
    /// Scenarios in which it was observed.
    pub scenarios: Vec<Scenario>,
    /// In how many of how many visits that could have shown it.
    pub seen_in: (u32, u32),
    /// The same in numbers. Absent from judgements that were made before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// The chain that led there, from the first occurrence, the page first.
    pub chain: Vec<ChainLink>,
    /// Evidence; never empty. The first is the earliest.
    pub evidence: Evidences,
    /// What to change and where.
    pub remedy: String,
    /// How to prove it fixed: a command.
    pub prove: String,
    /// Elements of legal theories that this observation bears on: `theory/element`.
    pub bears_on: Vec<String>,
}

/// Non-empty list of evidence with what each shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("minItems" = 1))]
pub struct Evidences(Vec<Shown>);

/// A piece of evidence and what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    /// Pointer.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// What it shows, short: `POST https://…/collect at 412 ms on /checkout (no-choice)`.
    pub shows: String,
}

impl Evidences {
    /// At least one.
    pub fn new(first: Shown, rest: impl IntoIterator<Item = Shown>) -> Evidences {
        Evidences(std::iter::once(first).chain(rest).collect())
    }

    /// None if empty.
    pub fn from_vec(all: Vec<Shown>) -> Option<Evidences> {
        (!all.is_empty()).then_some(Evidences(all))
    }

    /// More of it, after what is there.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Shown>) {
        self.0.extend(more);
    }

    /// The pieces.
    pub fn all(&self) -> &[Shown] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Evidences {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Evidences::from_vec(Vec::deserialize(d)?)
            .ok_or_else(|| serde::de::Error::custom("a finding without evidence"))
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// `vendor`, `cookie`, `host`, `page`, `site`.
    pub kind: String,
    /// Its name: vendor, cookie name, host …
    pub name: String,
    /// Class, for vendors.
    pub class: Option<Class>,
    /// Account ids seen.
    pub accounts: Vec<String>,
}

/// A link of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainLink {
    /// Address.
    pub url: String,
    /// Vendor, where known.
    pub vendor: Option<VendorRef>,
    /// How this link is known to follow from the one before, in words: `script at app.js:12:3 (loadTag)`.
    pub how: String,
    /// Its line.
    pub evidence: Evidence,
}

/// A row of the consent matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixRow {
    /// Vendor, or a host whose owner is not known.
    pub vendor: VendorRef,
    /// Third party on every occurrence?
    pub third_party: bool,
    /// One cell a scenario that was asked for, in the order in which a visitor could live them.
    pub cells: Vec<MatrixCell>,
    /// The same of each page group on which it sent anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_groups: Vec<GroupCells>,
}

/// What a vendor received on the pages of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupCells {
    /// Name of the page group.
    pub group: String,
    /// One cell a scenario, as in the row.
    pub cells: Vec<MatrixCell>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A column of the consent matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Column {
    /// Whether it is a control: without the privacy signal that the others send.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// Scenario.
    pub scenario: Scenario,
}

impl Column {
    /// The column of a visit in an audit in which a privacy signal was sent, or not.
    pub fn of(visit: &VisitFacts, signalled: bool) -> Column {
        Column { scenario: visit.scenario, control: signalled && !visit.gpc }
    }
}

/// A cell of the consent matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixCell {
    /// Scenario.
    pub scenario: Scenario,
    /// Whether its visits are controls: without the privacy signal that the others send.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// What was observed.
    pub state: CellState,
    /// Requests before the banner was visible.
    pub before_banner: u32,
    /// Requests before any choice was stored; those before the banner are among them.
    pub before_choice: u32,
    /// Requests under an acceptance that was taken back later.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub under_consent: u32,
    /// Requests after the choice, or after the opt-out where there was one. With the others these are all.
    pub after_choice: u32,
    /// First request: ms since the page began, over all visits.
    pub first_ms: Option<f64>,
    /// Whether this is what the consent given allows: quiet when expected, loud when not.
    pub expected: bool,
    /// Visits in which it sent, of those that counted.
    pub seen_in: (u32, u32),
    /// First request in each visit.
    pub evidence: Vec<Evidence>,
}

/// The word of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CellState {
    /// Not observed.
    Nothing,
    /// Sent something, after a choice that was made.
    Sent,
    /// Sent something before any choice was stored.
    SentBeforeChoice,
    /// Sent something before the banner was visible.
    SentBeforeBanner,
    /// Could not be tested.
    NotTested,
    /// The site does not offer the choice: there is nothing to test.
    NotOffered,
}

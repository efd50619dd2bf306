//! Findings: what was observed, what to change, how to prove it fixed, and where it stands.

use affiant_record::Scenario;
use affiant_rules::judgement::Finding;

use super::evidence::{self, Lines};
use super::markup::{Markup, address, page, text};
use super::screenshots::{self, Thumb};
use crate::ReportInput;
use crate::words::{self, count};

/// Findings shown in full.
pub(crate) const MOST: usize = 150;
/// Pieces of evidence, links, details, pages shown of one finding.
const EVIDENCE: usize = 12;
const LINKS: usize = 24;
const DETAILS: usize = 20;
const PAGES: usize = 12;
const THUMBS: usize = 3;

/// The findings.
pub(crate) struct View {
    pub(crate) all: Vec<One>,
    pub(crate) rest: usize,
}

/// A finding.
pub(crate) struct One {
    /// Whether its evidence is shown at once.
    pub(crate) open: bool,
    pub(crate) severity: &'static str,
    pub(crate) title: Markup,
    pub(crate) confidence: &'static str,
    pub(crate) rule: Markup,
    pub(crate) seen: String,
    pub(crate) scenarios: String,
    pub(crate) pages: Vec<Markup>,
    pub(crate) more_pages: usize,
    pub(crate) details: Vec<Markup>,
    pub(crate) chain: Vec<Link>,
    pub(crate) more_links: usize,
    pub(crate) thumbs: Vec<Thumb>,
    pub(crate) remedy: Markup,
    pub(crate) prove: Markup,
    pub(crate) evidence: Vec<evidence::View>,
    pub(crate) more_evidence: usize,
    pub(crate) theories: Vec<Element>,
    pub(crate) fingerprint: Markup,
}

/// A link of the chain.
pub(crate) struct Link {
    pub(crate) vendor: Option<Markup>,
    pub(crate) url: Markup,
    pub(crate) how: Markup,
    pub(crate) line: u64,
    pub(crate) link: Option<String>,
}

/// An element of a theory that it bears on.
pub(crate) struct Element {
    pub(crate) theory: Markup,
    pub(crate) element: Markup,
    pub(crate) sources: Markup,
    pub(crate) as_of: Markup,
    pub(crate) caution: Markup,
    pub(crate) not_seen: Option<Markup>,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>, shots: &screenshots::View, lines: &Lines<'_>) -> View {
    let all = &input.judgement.findings;
    View {
        all: all.iter().take(MOST).map(|f| one(input, f, shots, lines)).collect(),
        rest: all.len().saturating_sub(MOST),
    }
}

/// A finding, as shown.
pub(crate) fn one(input: &ReportInput<'_>, f: &Finding, shots: &screenshots::View, lines: &Lines<'_>) -> One {
    let evidence = f.evidence.all();
    let scenarios: Vec<String> = f.scenarios.iter().map(Scenario::to_string).collect();
    let link = |l: &affiant_rules::judgement::ChainLink| Link {
        vendor: l.vendor.as_ref().map(|v| text(&v.name, 80)),
        url: address(&l.url),
        how: super::markup::short_address(&l.how, 240),
        line: l.evidence.line,
        link: lines(&l.evidence),
    };
    let element = |id: &String| {
        let (theory, element) = input.element(id)?;
        Some(Element {
            theory: text(&theory.title, 200),
            element: text(&element.title, 200),
            sources: text(&theory.sources.join("; "), 400),
            as_of: text(&theory.as_of, 40),
            caution: text(&theory.caution, 600),
            not_seen: element.not_observable.as_deref().map(|s| text(s, 400)),
        })
    };
    One {
        open: false,
        severity: words::severity(f.severity),
        title: text(&f.title, 400),
        confidence: words::confidence(f.confidence),
        rule: text(&f.rule, 80),
        seen: format!("{} of {}", f.seen_in.0, count(f.seen_in.1 as usize, "visit")),
        scenarios: scenarios.join(", "),
        pages: f.pages.iter().take(PAGES).map(|p| page(&input.manifest.plan.start, p)).collect(),
        more_pages: f.pages.len().saturating_sub(PAGES),
        details: f.details.iter().take(DETAILS).map(|d| text(d, 600)).collect(),
        chain: f.chain.iter().take(LINKS).map(link).collect(),
        more_links: f.chain.len().saturating_sub(LINKS),
        thumbs: evidence.first().map(|e| shots.of(&e.evidence.record, THUMBS)).unwrap_or_default(),
        remedy: text(&f.remedy, 1_200),
        prove: text(&f.prove, 1_200),
        evidence: evidence
            .iter()
            .take(EVIDENCE)
            .map(|s| evidence::view(input, &s.shows, &s.evidence, lines))
            .collect(),
        more_evidence: evidence.len().saturating_sub(EVIDENCE),
        theories: f.bears_on.iter().filter_map(element).collect(),
        fingerprint: text(&f.fingerprint, 64),
    }
}

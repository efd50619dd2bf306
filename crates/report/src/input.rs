//! What a report is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use affiant_detect::facts::VisitFacts;
use affiant_record::{AuditFolder, AuditManifest, BlobStore, CollectorStatus, Digest, Header};
use affiant_rules::Judgement;
use schemars::JsonSchema;
use serde::Serialize;

/// Everything that a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct ReportInput<'a> {
    /// What was asked for and done.
    pub manifest: &'a AuditManifest,
    /// What was seen, in the manifest's order.
    pub facts: &'a [VisitFacts],
    /// What was judged.
    pub judgement: &'a Judgement,
    /// Where screenshots are.
    pub blobs: &'a BlobStore,
    /// The audit's folder. Only its last name is shown, so that a report does not tell the machine's paths.
    pub audit_dir: &'a Path,
    /// The theories that findings may bear on.
    pub theories: &'a [TheoryNote],
    /// Header of any of the audit's records: browser, settings, clock. None when no record could be read.
    pub header: Option<&'a Header>,
}

/// A legal theory, as far as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TheoryNote {
    /// Its id, as in `theory/element`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its elements.
    pub elements: Vec<ElementNote>,
    /// Where it is from: addresses or citations.
    pub sources: Vec<String>,
    /// As of which day.
    pub as_of: String,
    /// What to keep in mind; may be empty.
    pub caution: String,
}

/// An element of a theory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ElementNote {
    /// Its id, as in `theory/element`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What of it no browser can see.
    pub not_observable: Option<String>,
}

impl<'a> ReportInput<'a> {
    /// Of a judged audit; without facts and header where only parts are shown that want none (see [`crate::html::parts`]).
    pub fn new(folder: &'a AuditFolder, blobs: &'a BlobStore, judgement: &'a Judgement) -> ReportInput<'a> {
        let manifest = &folder.manifest;
        ReportInput {
            manifest,
            facts: &[],
            judgement,
            blobs,
            audit_dir: &folder.dir,
            theories: &[],
            header: None,
        }
    }

    /// The audit folder's own name.
    pub(crate) fn folder(&self) -> String {
        let name = self.audit_dir.file_name().map(|n| n.to_string_lossy().into_owned());
        name.unwrap_or_else(|| self.manifest.id.clone())
    }

    /// Visits by the digest of their record.
    pub(crate) fn by_record(&self) -> BTreeMap<Digest, &'a VisitFacts> {
        self.facts.iter().map(|v| (v.record, v)).collect()
    }

    /// Records of controls: without the vantage's privacy signal.
    pub(crate) fn controls(&self) -> BTreeSet<Digest> {
        self.manifest.visits.iter().filter(|e| e.control).filter_map(|e| e.digest).collect()
    }

    /// Visits that were planned or made, and those that are complete.
    pub(crate) fn visit_counts(&self) -> (usize, usize) {
        let by_record = self.by_record();
        let sealed = |d: Option<Digest>| d.and_then(|d| by_record.get(&d)).is_some_and(|f| f.sealed);
        let visits = &self.manifest.visits;
        let complete = visits
            .iter()
            .filter(|v| v.outcome.as_ref().is_some_and(|o| o.is_complete()) && sealed(v.digest))
            .count();
        (visits.len(), complete)
    }

    /// Of all visits, how many are complete and were watched to the end by this collector: `in 3 of 4 visits`.
    pub(crate) fn watched(&self, collector: &str) -> String {
        let n = self.facts.iter().filter(|f| watched(f, collector)).count();
        let all = self.manifest.visits.len().max(self.facts.len());
        format!("{n} of {}", crate::words::count(all, "visit"))
    }

    /// Every page that a visit was planned or made for, in the order of the manifest.
    pub(crate) fn pages(&self) -> Vec<&'a str> {
        let mut out: Vec<&str> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for page in self
            .manifest
            .visits
            .iter()
            .map(|v| v.url.as_str())
            .chain(self.facts.iter().map(|f| f.url.as_str()))
        {
            if seen.insert(page) {
                out.push(page);
            }
        }
        if out.is_empty() { self.manifest.plan.pages.iter().map(String::as_str).collect() } else { out }
    }

    /// The theory element with this id, `theory/element`.
    pub(crate) fn element(&self, id: &str) -> Option<(&'a TheoryNote, &'a ElementNote)> {
        let (theory, element) = id.split_once('/')?;
        let theory = self.theories.iter().find(|t| t.id == theory)?;
        Some((theory, theory.elements.iter().find(|e| e.id == element)?))
    }
}

/// Whether a negative may rest on this visit: it is complete and sealed, and the collector watched to the end.
pub(crate) fn watched(f: &VisitFacts, collector: &str) -> bool {
    f.outcome.is_complete() && f.sealed && f.collectors.get(collector) == Some(&CollectorStatus::Gathered)
}

/// The legal theories of this version, as reports show them.
pub fn theories() -> Vec<TheoryNote> {
    affiant_rules::theories()
        .iter()
        .map(|t| TheoryNote {
            id: t.id.clone(),
            title: t.title.clone(),
            elements: t
                .elements
                .iter()
                .map(|e| ElementNote {
                    id: e.id.clone(),
                    title: e.title.clone(),
                    not_observable: e.not_observable.clone(),
                })
                .collect(),
            sources: t.sources.iter().map(|s| s.name.clone()).collect(),
            as_of: t.as_of.clone(),
            caution: t.caution.clone(),
        })
        .collect()
}

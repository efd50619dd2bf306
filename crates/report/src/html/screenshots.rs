//! Screenshots, inside the file, up to a bound. Each picture is held once and shown again small where it helps.

use affiant_record::Scenario;
use std::collections::BTreeMap;

use affiant_detect::facts::{ScreenshotFact, VisitFacts};
use affiant_record::Digest;
use affiant_record::page::phase;
use base64::Engine as _;

use super::markup::{Markup, page, text};
use crate::ReportInput;
use crate::moment::since_page_began;
use crate::words::{bytes, count, time};

/// Bytes of pictures that a report holds; in base64 they are a third more.
const BOUND: usize = 9_000_000;

/// The screenshots.
#[derive(Default)]
pub(crate) struct View {
    pub(crate) all: Vec<Shot>,
    /// What is missing and why; empty when all are here.
    pub(crate) missing: Vec<String>,
    by_record: BTreeMap<Digest, Vec<usize>>,
    by_phase: BTreeMap<(Digest, String), usize>,
}

/// A picture.
pub(crate) struct Shot {
    pub(crate) data: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) label: Markup,
    pub(crate) page: Markup,
    pub(crate) when: String,
    pub(crate) scenario: Scenario,
    pub(crate) blob: String,
    pub(crate) also: usize,
}

/// A small picture that leads to the large one.
#[derive(Clone)]
pub(crate) struct Thumb {
    pub(crate) at: usize,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) label: Markup,
}

impl View {
    /// Small pictures of a visit.
    pub(crate) fn of(&self, record: &Digest, most: usize) -> Vec<Thumb> {
        let all = self.by_record.get(record).into_iter().flatten().take(most);
        all.filter_map(|at| self.thumb(*at)).collect()
    }

    /// The picture of a layer of the banner; the first one's is the page's.
    pub(crate) fn of_layer(&self, record: &Digest, layer: u32) -> Vec<Thumb> {
        let phase = if layer == 1 { phase::ARRIVE.to_owned() } else { format!("layer-{layer}") };
        let at = self.by_phase.get(&(*record, phase));
        at.and_then(|at| self.thumb(*at)).into_iter().collect()
    }

    fn place(&mut self, v: &VisitFacts, s: &ScreenshotFact, at: usize) {
        self.by_record.entry(v.record).or_default().push(at);
        self.by_phase.entry((v.record, s.phase.to_string())).or_insert(at);
    }

    fn thumb(&self, at: usize) -> Option<Thumb> {
        let s = self.all.get(at)?;
        Some(Thumb { at, width: s.width, height: s.height, label: s.label.clone() })
    }
}

/// Of this audit. The first page of each session comes first, for there the choice is made.
pub(crate) fn view(input: &ReportInput<'_>) -> View {
    let mut visits: Vec<&VisitFacts> = input.facts.iter().collect();
    visits.sort_by_key(|v| v.ordinal);
    let mut view = View::default();
    let mut known: BTreeMap<Digest, usize> = BTreeMap::new();
    let (mut used, mut over, mut bad) = (0, vec![], 0);
    for (v, s) in visits.into_iter().flat_map(|v| v.screenshots.iter().map(move |s| (v, s))) {
        if let Some(at) = known.get(&s.blob) {
            view.all[*at].also += 1;
            view.place(v, s, *at);
            continue;
        }
        let Some((picture, width, height)) = read(input, s) else {
            bad += 1;
            continue;
        };
        if used + picture.len() > BOUND {
            over.push(picture.len() as u64);
            continue;
        }
        used += picture.len();
        known.insert(s.blob, view.all.len());
        view.place(v, s, view.all.len());
        view.all.push(shot(input, v, s, &picture, (width, height)));
    }
    if !over.is_empty() {
        let (n, size) = (count(over.len(), "screenshot"), bytes(over.iter().sum()));
        view.missing
            .push(format!("{n} ({size}) left out to keep this file small; they are in the audit folder."));
    }
    if bad > 0 {
        view.missing.push(format!("{} could not be read from the audit folder.", count(bad, "screenshot")));
    }
    view
}

fn read(input: &ReportInput<'_>, s: &ScreenshotFact) -> Option<(Vec<u8>, u32, u32)> {
    let bytes = input.blobs.get(&s.blob).ok()?;
    let (w, h) = super::picture::size(&s.mime, &bytes)?;
    Some((bytes, w, h))
}

fn shot(
    input: &ReportInput<'_>,
    v: &VisitFacts,
    s: &ScreenshotFact,
    picture: &[u8],
    size: (u32, u32),
) -> Shot {
    let when = format!("{} after the page began", time(since_page_began(v, s.t)));
    let place = crate::words::place(&input.manifest.plan.start, &v.url);
    Shot {
        // The format is one of three that `picture` knows: nothing of the page's is in it.
        data: format!("data:{};base64,{}", s.mime, base64::engine::general_purpose::STANDARD.encode(picture)),
        width: size.0,
        height: size.1,
        label: text(&format!("{} {}, {}, {when}", v.scenario, crate::hostile::line(place, 80), s.phase), 240),
        page: page(&input.manifest.plan.start, &v.url),
        when: format!("{}, {when}", crate::hostile::line(&s.phase, 40)),
        scenario: v.scenario,
        blob: s.blob.to_string(),
        also: 0,
    }
}

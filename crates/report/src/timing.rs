//! When things happened on the first pages, over all runs of a scenario: the banner, the choice, and each receiver's
//! first byte. A race shows as a spread, and as a share of runs in which one came before the other.

use std::collections::BTreeMap;

use affiant_detect::facts::{Class, VisitFacts};
use affiant_record::Scenario;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ReportInput;
use crate::moment::{banner, since_page_began};
use crate::vendors::receiver;

/// A number over runs, in ms.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Spread {
    /// In how many runs it was seen.
    #[schemars(range(min = 1))]
    pub(crate) runs: usize,
    /// The least.
    pub(crate) least: f64,
    /// The median.
    pub(crate) median: f64,
    /// The most.
    pub(crate) most: f64,
}

/// One scenario.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Timing<'a> {
    /// Scenario.
    pub(crate) scenario: Scenario,
    /// Runs whose first visit could be read.
    pub(crate) runs: usize,
    /// Moments since the page began, in the order of a visit; those that were never seen are left out.
    pub(crate) moments: Vec<(&'static str, Spread)>,
    /// The banner's paint may be this much earlier than marked, at most.
    pub(crate) banner_uncertainty_ms: f64,
    /// Receivers, by their median first request.
    pub(crate) receivers: Vec<First<'a>>,
}

/// A receiver's first request in each run.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FirstInRuns")]
pub(crate) struct First<'a> {
    /// Vendor, or a registrable domain.
    pub(crate) name: &'a str,
    /// Class, where known.
    pub(crate) class: Option<Class>,
    /// Since the page began.
    pub(crate) since_page: Spread,
    /// Since the banner was painted, negative before it; over runs that had both.
    pub(crate) since_banner: Option<Spread>,
    /// Since the choice was seen stored, negative before it; over runs that had both.
    pub(crate) since_stored: Option<Spread>,
    /// Runs in which it surely came before the banner, of those that had both: the paint's uncertainty counts against it.
    pub(crate) before_banner: usize,
    /// Runs in which it came before the choice was stored, of those that had both.
    pub(crate) before_stored: usize,
}

/// Every scenario whose first pages were visited, controls aside.
pub(crate) fn timings<'a>(input: &ReportInput<'a>) -> Vec<Timing<'a>> {
    let controls = input.controls();
    let asked = |v: &&VisitFacts| !controls.contains(&v.record);
    let mut by: BTreeMap<Scenario, Vec<&'a VisitFacts>> = BTreeMap::new();
    for v in input.facts.iter().filter(|v| v.ordinal == 0 && v.marks.page_began.is_some()).filter(asked) {
        by.entry(v.scenario).or_default().push(v);
    }
    by.into_iter().map(|(scenario, runs)| timing(scenario, &runs)).collect()
}

/// A receiver's class, and its first request of each run in which it had one.
type Seen<'a> = (Option<Class>, Vec<(f64, &'a VisitFacts)>);

fn timing<'a>(scenario: Scenario, runs: &[&'a VisitFacts]) -> Timing<'a> {
    let over = |of: &dyn Fn(&VisitFacts) -> Option<f64>| {
        spread(runs.iter().filter_map(|v| Some(since_page_began(v, of(v)?))).collect())
    };
    let asked = |v: &VisitFacts| {
        let consent = |r: &&affiant_detect::facts::RequestFact| {
            r.vendor.as_ref().is_some_and(|v| v.class == Class::Consent)
                || r.tag.and_then(|t| v.tags.get(t)).is_some_and(|t| t.vendor.class == Class::Consent)
        };
        v.requests.iter().find(consent).map(|r| r.t)
    };
    let moments = [
        ("consent platform requested", over(&asked)),
        ("banner painted", over(&banner)),
        ("banner operable", over(&|v| v.marks.banner_operable)),
        ("choice begun", over(&|v| v.marks.choice)),
        ("choice stored", over(&stored)),
        ("choice done", over(&|v| v.marks.after_choice)),
    ];
    let mut first: BTreeMap<&'a str, Seen<'a>> = BTreeMap::new();
    for v in runs {
        let mut here: BTreeMap<&'a str, (Option<Class>, f64)> = BTreeMap::new();
        for (i, r) in v.requests.iter().enumerate().filter(|(_, r)| r.left_browser) {
            let Some((name, vendor)) = receiver(v, i) else { continue };
            let e = here.entry(name).or_insert((vendor.map(|v| v.class), r.t));
            e.1 = e.1.min(r.t);
        }
        for (name, (class, t)) in here {
            let e = first.entry(name).or_insert((class, vec![]));
            e.1.push((t, v));
        }
    }
    let mut receivers: Vec<First<'a>> = first
        .into_iter()
        .filter_map(|(name, (class, all))| {
            let since = |of: &dyn Fn(&VisitFacts) -> Option<f64>| -> Vec<f64> {
                all.iter().filter_map(|(t, v)| Some(t - of(v)?)).collect()
            };
            let (to_banner, to_stored) = (since(&banner), since(&stored));
            let before = |d: &[f64]| d.iter().filter(|x| **x < 0.0).count();
            Some(First {
                name,
                class,
                since_page: spread(all.iter().map(|(t, v)| since_page_began(v, *t)).collect())?,
                // Only what the look at intervals leaves no doubt about.
                before_banner: before(&since(&surely)),
                before_stored: before(&to_stored),
                since_banner: spread(to_banner),
                since_stored: spread(to_stored),
            })
        })
        .collect();
    receivers.sort_by(|a, b| a.since_page.median.total_cmp(&b.since_page.median).then(a.name.cmp(b.name)));
    Timing {
        scenario,
        runs: runs.len(),
        moments: moments.into_iter().filter_map(|(n, s)| Some((n, s?))).collect(),
        banner_uncertainty_ms: runs.iter().map(|v| v.marks.banner_uncertainty_ms).fold(0.0, f64::max),
        receivers,
    }
}

/// The earliest moment at which the banner can have been painted.
fn surely(v: &VisitFacts) -> Option<f64> {
    banner(v).map(|b| b - v.marks.banner_uncertainty_ms)
}

/// A store from before the choice is not the choice.
fn stored(v: &VisitFacts) -> Option<f64> {
    v.marks.choice_stored.filter(|s| v.marks.choice.is_none_or(|c| *s >= c))
}

fn spread(mut all: Vec<f64>) -> Option<Spread> {
    all.retain(|x| x.is_finite());
    all.sort_by(f64::total_cmp);
    let (least, most) = (*all.first()?, *all.last()?);
    let mid = all.len() / 2;
    let median = if all.len() % 2 == 1 { all[mid] } else { (all[mid - 1] + all[mid]) / 2.0 };
    Some(Spread { runs: all.len(), least, median, most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proptest::prelude::*;

    #[test]
    fn a_median_and_its_ends() {
        let s = spread(vec![5.0, 1.0, 3.0, 9.0]).unwrap();
        assert_eq!((s.runs, s.least, s.median, s.most), (4, 1.0, 4.0, 9.0));
        assert_eq!(spread(vec![f64::NAN]), None);
    }

    #[test]
    fn a_race_shows_over_runs() {
        let dir = tempfile::tempdir().unwrap();
        let mut f = testing::shop(dir.path()).unwrap();
        // A second run in which Clarity came after the banner.
        let mut again = f.facts[0].clone();
        again.session = "no-choice-2".into();
        let shift = again.marks.banner.unwrap();
        again.requests.iter_mut().skip(1).for_each(|r| r.t += shift);
        f.facts.push(again);
        let input = f.input();
        let all = timings(&input);
        let t = all.iter().find(|t| t.scenario == Scenario::NoChoice).unwrap();
        assert_eq!(t.runs, 2);
        let clarity = t.receivers.iter().find(|r| r.name == "Microsoft Clarity").unwrap();
        assert_eq!((clarity.since_page.runs, clarity.before_banner), (2, 1));
        assert!(t.moments.iter().any(|(n, s)| *n == "banner painted" && s.runs == 2));
    }

    proptest! {
        #[test]
        fn the_median_lies_between_the_ends(all in proptest::collection::vec(-1e6..1e6f64, 1..60)) {
            let s = spread(all).unwrap();
            prop_assert!(s.least <= s.median && s.median <= s.most);
        }
    }
}

//! The consent matrix: a row a vendor (or host of an unknown owner), a cell a scenario, a word a cell.

use std::collections::BTreeMap;

use affiant_detect::facts::{Class, Party, RequestFact, VendorRef, VisitFacts};
use affiant_record::footer::collectors::NETWORK;
use affiant_record::{Choice, Evidence, Scenario};

use crate::judgement::{CellState, Column, GroupCells, MatrixCell, MatrixRow, PageGroup};
use crate::purpose::purpose;
use crate::recipient::{Recipient, recipient};
use crate::standing::{ChoiceMade, made_before, made_in};
use crate::visit_set::{VisitSet, banner_from, banner_seen, since_page_began, why_unusable};
use crate::window::{self, Window};

/// One row a recipient, in order of risk, over the scenarios that were asked for.
pub(crate) fn matrix(set: &VisitSet, groups: &[PageGroup]) -> Vec<MatrixRow> {
    let grid = Grid::of(set, groups);
    let mut rows: BTreeMap<(bool, String), Row> = BTreeMap::new();
    for (nth, visit) in set.visits.iter().enumerate() {
        for (i, r) in visit.requests.iter().enumerate().filter(|(_, r)| r.left_browser) {
            let Some(who) = recipient(visit, i) else { continue };
            let (unknown, name) = who.key();
            let row = rows.entry((unknown, name.to_owned())).or_insert_with(|| Row {
                vendor: vendor(visit, i, &who),
                third_party: true,
                sent: vec![],
            });
            row.vendor.class = row.vendor.class.min(who.class.unwrap_or(Class::Other));
            row.third_party &= r.party == Party::Third;
            row.sent.push((nth, i));
        }
    }
    let mut out: Vec<MatrixRow> = rows
        .into_values()
        .map(|row| {
            let mut tallies = row.tallies(set, &grid);
            let all = tallies.remove(&None).unwrap_or_default();
            let here = tallies.into_iter().filter_map(|(group, t)| Some((groups.get(group?)?, group, t)));
            MatrixRow {
                page_groups: here
                    .map(|(g, group, t)| GroupCells {
                        group: g.name.clone(),
                        cells: row.cells(&grid, group, t),
                    })
                    .collect(),
                cells: row.cells(&grid, None, all),
                vendor: row.vendor,
                third_party: row.third_party,
            }
        })
        .collect();
    out.sort_by(|a, b| rank(&a.vendor).cmp(&rank(&b.vendor)));
    out
}

/// What the cells of all rows are counted over: each visit is looked at once, whatever the number of rows.
struct Grid {
    columns: Vec<OfColumn>,
    /// Where each visit of the set counts.
    places: Vec<Place>,
    /// Usable visits of a page group, or of all, in each column.
    usable: BTreeMap<Option<usize>, Vec<usize>>,
}

/// A column, and how its scenario was lived.
struct OfColumn {
    column: Column,
    choice_made: bool,
    not_offered: bool,
}

/// Where a visit counts.
struct Place {
    column: usize,
    group: Option<usize>,
    /// Whether its silence says something.
    usable: bool,
}

impl Grid {
    fn of(set: &VisitSet, groups: &[PageGroup]) -> Grid {
        let (columns, signalled) = (set.columns(), set.signalled());
        let mut by_page: BTreeMap<&str, usize> = BTreeMap::new();
        for (group, g) in groups.iter().enumerate() {
            for page in &g.pages {
                by_page.entry(page).or_insert(group);
            }
        }
        let mut grid = Grid {
            columns: columns
                .iter()
                .map(|c| OfColumn {
                    column: *c,
                    choice_made: last_choice(c.scenario).is_none(),
                    not_offered: false,
                })
                .collect(),
            places: Vec::with_capacity(set.visits.len()),
            usable: BTreeMap::new(),
        };
        for v in &set.visits {
            // The columns are in order, and that of each visit is among them.
            let column = columns.partition_point(|c| *c < Column::of(v, signalled));
            let group = by_page.get(v.url.as_str()).copied();
            let usable = why_unusable(v, &[NETWORK]).is_none();
            if let Some(c) = grid.columns.get_mut(column) {
                c.choice_made = c.choice_made || made_last_choice(v);
                c.not_offered |= not_offered(v);
            }
            for of in [None, group].into_iter().take(1 + usize::from(group.is_some())) {
                let all = grid.usable.entry(of).or_insert_with(|| vec![0; columns.len()]);
                if let Some(n) = all.get_mut(column) {
                    *n += usize::from(usable);
                }
            }
            grid.places.push(Place { column, group, usable });
        }
        grid
    }
}

struct Row {
    vendor: VendorRef,
    third_party: bool,
    /// Visit and request.
    sent: Vec<(usize, usize)>,
}

const HOST: &str = "host";

fn rank(v: &VendorRef) -> (Class, bool, &str) {
    (v.class, v.source == HOST, &v.name)
}

fn vendor(visit: &VisitFacts, index: usize, who: &Recipient) -> VendorRef {
    let r = visit.requests.get(index);
    let tag = r.and_then(|r| r.tag).and_then(|t| visit.tags.get(t)).map(|t| &t.vendor);
    let known = tag.or_else(|| r.and_then(|r| r.vendor.as_ref())).filter(|_| who.class.is_some());
    known.cloned().unwrap_or_else(|| VendorRef {
        name: who.name.as_str().into(),
        class: Class::Other,
        source: HOST.into(),
    })
}

/// When something was sent, as far as a choice goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    BeforeBanner,
    BeforeChoice,
    /// Under an acceptance that is taken back later.
    UnderConsent,
    AfterChoice,
}

fn stage(set: &VisitSet, visit: &VisitFacts, t: f64) -> Stage {
    let before_choice = match visit.scenario {
        // Neither before nor after: it is shown as sent.
        Scenario::Unknown => false,
        _ => {
            window::before_choice(set, visit).windows.iter().any(|w| w.holds(t))
                || matches!(made_before(set, visit), Some(ChoiceMade::No(_)))
        }
    };
    if !before_choice {
        let opted_out = |w: &Window| w.holds(t);
        match visit.scenario {
            Scenario::Withdraw if !window::after_opt_out(set, visit).windows.iter().any(opted_out) => {
                Stage::UnderConsent
            }
            _ => Stage::AfterChoice,
        }
    } else if banner_from(visit).is_some_and(|b| t < b) {
        Stage::BeforeBanner
    } else {
        Stage::BeforeChoice
    }
}

/// What a recipient received in one cell.
#[derive(Default)]
struct Tally<'a> {
    before_banner: u32,
    before_choice: u32,
    under_consent: u32,
    after_choice: u32,
    first_ms: Option<f64>,
    /// First request of each visit, by time.
    firsts: BTreeMap<usize, (f64, &'a Evidence)>,
}

impl<'a> Tally<'a> {
    fn add(&mut self, nth: usize, ms: f64, stage: Stage, r: &'a RequestFact) {
        match stage {
            Stage::BeforeBanner => {
                self.before_banner += 1;
                self.before_choice += 1;
            }
            Stage::BeforeChoice => self.before_choice += 1,
            Stage::UnderConsent => self.under_consent += 1,
            Stage::AfterChoice => self.after_choice += 1,
        }
        self.first_ms = Some(self.first_ms.map_or(ms, |f| f.min(ms)));
        let first = self.firsts.entry(nth).or_insert((r.t, &r.evidence));
        if r.t < first.0 {
            *first = (r.t, &r.evidence);
        }
    }
}

impl Row {
    /// Of all visits, and of those of each page group in which it sent: a tally for each column in which it sent.
    fn tallies<'a>(
        &self,
        set: &'a VisitSet,
        grid: &Grid,
    ) -> BTreeMap<Option<usize>, BTreeMap<usize, Tally<'a>>> {
        let mut out: BTreeMap<Option<usize>, BTreeMap<usize, Tally<'a>>> = BTreeMap::new();
        for &(nth, i) in &self.sent {
            let (Some(visit), Some(place)) = (set.visits.get(nth), grid.places.get(nth)) else { continue };
            let Some(r) = visit.requests.get(i) else { continue };
            let (ms, stage) = (since_page_began(visit, r.t), stage(set, visit, r.t));
            for of in [None, place.group].into_iter().take(1 + usize::from(place.group.is_some())) {
                let cells = out.entry(of).or_default();
                cells.entry(place.column).or_default().add(nth, ms, stage, r);
            }
        }
        out
    }

    /// A cell for each column, of all visits or of those of a page group.
    fn cells(
        &self,
        grid: &Grid,
        group: Option<usize>,
        mut tallies: BTreeMap<usize, Tally<'_>>,
    ) -> Vec<MatrixCell> {
        let usable = grid.usable.get(&group);
        let cell = |(nth, c): (usize, &OfColumn)| {
            let usable = usable.and_then(|all| all.get(nth)).copied().unwrap_or(0);
            self.cell(grid, c, usable, tallies.remove(&nth).unwrap_or_default())
        };
        grid.columns.iter().enumerate().map(cell).collect()
    }

    fn cell(&self, grid: &Grid, of: &OfColumn, usable: usize, t: Tally<'_>) -> MatrixCell {
        let loud = t.firsts.keys().filter(|nth| grid.places.get(**nth).is_some_and(|p| p.usable)).count();
        let silent = usable.saturating_sub(loud);
        let lived = of.choice_made;
        let state = match (t.before_banner, t.before_choice, t.after_choice) {
            (0, 0, 0) if !lived && of.not_offered => CellState::NotOffered,
            (0, 0, 0) if silent == 0 && t.under_consent == 0 || !lived => CellState::NotTested,
            (0, 0, 0) => CellState::Nothing,
            (0, 0, _) => CellState::Sent,
            (0, _, _) => CellState::SentBeforeChoice,
            _ => CellState::SentBeforeBanner,
        };
        MatrixCell {
            scenario: of.column.scenario,
            control: of.column.control,
            state,
            before_banner: t.before_banner,
            before_choice: t.before_choice,
            under_consent: t.under_consent,
            after_choice: t.after_choice,
            first_ms: t.first_ms.map(to_the_microsecond),
            expected: self.expected(of.column.scenario, state),
            seen_in: (t.firsts.len() as u32, (t.firsts.len() + silent) as u32),
            evidence: t.firsts.into_values().map(|(_, e)| e.clone()).collect(),
        }
    }

    /// Consent platforms and plain services may always send; others under a consent that covers them. Where the
    /// choice is not known, nothing is unexpected.
    fn expected(&self, scenario: Scenario, state: CellState) -> bool {
        let covered = match scenario {
            Scenario::AcceptAll | Scenario::Returning | Scenario::Unknown => true,
            Scenario::Custom(granted) => purpose(self.vendor.class).is_some_and(|p| granted.has(p)),
            _ => false,
        };
        match state {
            CellState::Nothing | CellState::NotTested | CellState::NotOffered => true,
            CellState::Sent if covered => true,
            _ => matches!(self.vendor.class, Class::Consent | Class::Service),
        }
    }
}

/// No clock here is finer, and short numbers read back as they were written.
fn to_the_microsecond(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}

/// The scenario's last choice, if it has one. Where it was made in no session, silence says nothing.
fn last_choice(scenario: Scenario) -> Option<Choice> {
    match scenario {
        Scenario::Withdraw => Some(Choice::Withdraw),
        s => s.first_choice(),
    }
}

/// Whether the scenario's last choice was made in this visit.
fn made_last_choice(v: &VisitFacts) -> bool {
    v.decides.is_some() && v.decides == last_choice(v.scenario) && made_in(v) == ChoiceMade::Yes
}

/// Whether a banner was seen (or consent had been given), and the choice was not to be found on it.
fn not_offered(v: &VisitFacts) -> bool {
    let asked = v.decides.is_some() && (banner_seen(v) || v.decides == Some(Choice::Withdraw));
    asked && v.choice.as_ref().is_some_and(|c| c.not_offered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};
    use affiant_record::CollectorStatus;

    fn of(s: VisitSet) -> Vec<MatrixRow> {
        matrix(&s, &crate::page_groups::page_groups(&s))
    }

    fn row<'a>(rows: &'a [MatrixRow], name: &str) -> &'a MatrixRow {
        rows.iter().find(|r| r.vendor.name == name).unwrap()
    }

    #[test]
    fn a_choice_that_is_not_offered_is_told_as_that() {
        let none = "the banner does not offer this choice";
        let s = set([
            visit(Scenario::NoChoice).send(500.0, "Hotjar"),
            visit(Scenario::Dismiss).banner(900.0).could_not_choose(none),
            visit(Scenario::RejectAll).banner(900.0).could_not_choose("it failed"),
        ]);
        let rows = matrix(&s, &[]);
        let of = |scenario| row(&rows, "Hotjar").cells.iter().find(|c| c.scenario == scenario).unwrap().state;
        assert_eq!(of(Scenario::Dismiss), CellState::NotOffered);
        assert_eq!(of(Scenario::RejectAll), CellState::NotTested);
    }

    #[test]
    fn rows_stand_in_order_of_risk_and_cells_in_the_order_of_living() {
        let rows = of(set([
            visit(Scenario::AcceptAll)
                .banner(900.0)
                .chose(1000.0, 1100.0)
                .send(1200.0, "Hotjar")
                .send(20.0, "x.unknown.example"),
            visit(Scenario::NoChoice)
                .banner(900.0)
                .send(10.0, "OneTrust")
                .send(950.0, "Google Fonts")
                .send(960.0, "Meta Pixel"),
        ]));
        let names: Vec<&str> = rows.iter().map(|r| r.vendor.name.as_str()).collect();
        assert_eq!(names, ["Hotjar", "Meta Pixel", "OneTrust", "Google Fonts", "unknown.example"]);
        for r in &rows {
            let order: Vec<Scenario> = r.cells.iter().map(|c| c.scenario).collect();
            assert_eq!(order, [Scenario::NoChoice, Scenario::AcceptAll]);
        }
        let hotjar = row(&rows, "Hotjar");
        assert_eq!((hotjar.cells[0].state, hotjar.cells[0].expected), (CellState::Nothing, true));
        assert_eq!((hotjar.cells[1].state, hotjar.cells[1].expected), (CellState::Sent, true));
        assert_eq!((hotjar.cells[1].after_choice, hotjar.cells[1].first_ms), (1, Some(1200.0)));
        let meta = &row(&rows, "Meta Pixel").cells[0];
        assert_eq!((meta.state, meta.expected, meta.seen_in), (CellState::SentBeforeChoice, false, (1, 1)));
        let one_trust = &row(&rows, "OneTrust").cells[0];
        assert_eq!((one_trust.state, one_trust.expected), (CellState::SentBeforeBanner, true));
        assert_eq!((one_trust.before_banner, one_trust.before_choice), (1, 1));
        assert!(row(&rows, "Google Fonts").cells[0].expected);
        let unknown = row(&rows, "unknown.example");
        assert_eq!((unknown.vendor.source.as_str(), unknown.cells[1].expected), ("host", false));
    }

    #[test]
    fn a_group_counts_its_own_visits() {
        let rows = of(set([
            visit(Scenario::NoChoice).send(10.0, "Hotjar"),
            visit(Scenario::NoChoice).page("/p/1", 1).send(50.0, "Hotjar").send(60.0, "Meta Pixel"),
            visit(Scenario::NoChoice).page("/p/2", 2),
            visit(Scenario::RejectAll).chose(1000.0, 1100.0),
        ]));
        let told = |name: &str| {
            let groups = row(&rows, name).page_groups.iter();
            groups.map(|g| (g.group.clone(), g.cells[0].seen_in, g.cells[1].state)).collect::<Vec<_>>()
        };
        let (nothing, untested) = (CellState::Nothing, CellState::NotTested);
        assert_eq!(told("Hotjar"), [("/".into(), (1, 1), nothing), ("/p/*".into(), (1, 2), untested)]);
        assert_eq!(told("Meta Pixel"), [("/p/*".into(), (1, 2), untested)]);
        assert_eq!(row(&rows, "Hotjar").page_groups[1].cells[0].first_ms, Some(50.0));
    }

    #[test]
    fn silence_without_a_usable_visit_or_without_the_choice_is_not_tested() {
        let rows = of(set([
            visit(Scenario::NoChoice).collector(NETWORK, CollectorStatus::NotRun),
            visit(Scenario::RejectAll).could_not_choose("not-offered"),
            visit(Scenario::AcceptAll).chose(1000.0, 1100.0).send(1200.0, "Hotjar"),
        ]));
        let states: Vec<CellState> = rows[0].cells.iter().map(|c| c.state).collect();
        assert_eq!(states, [CellState::NotTested, CellState::NotTested, CellState::Sent]);
        assert_eq!(rows[0].cells[0].seen_in, (0, 0));
    }

    #[test]
    fn later_pages_after_a_failed_choice_count_as_before_it() {
        let rows = of(set([
            visit(Scenario::RejectAll).could_not_choose("gave-up"),
            visit(Scenario::RejectAll).page("/two", 1).send(100.0, "Hotjar"),
        ]));
        assert_eq!((rows[0].cells[0].before_choice, rows[0].cells[0].after_choice), (1, 0));
        let rows = of(set([
            visit(Scenario::RejectAll).chose(1000.0, 1100.0),
            visit(Scenario::RejectAll).page("/two", 1).send(100.0, "Hotjar"),
        ]));
        assert_eq!((rows[0].cells[0].state, rows[0].cells[0].expected), (CellState::Sent, false));
    }
}

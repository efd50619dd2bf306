//! The consent matrix: what is expected is quiet, what is not is loud, by shape, colour and word.

use affiant_record::Scenario;
use affiant_rules::judgement::{CellState, Column, GroupCells, MatrixCell, MatrixRow};

use super::markup::{Markup, text};
use super::vendors::Links;
use crate::words::{self, count, number, time};
use crate::{ReportInput, matrix};

/// Rows shown.
const MOST: usize = 400;

/// The matrix.
pub(crate) struct View {
    /// The report's address; empty within it.
    pub(crate) report: String,
    /// Of how many visits "nothing" speaks.
    pub(crate) watched: String,
    pub(crate) columns: Vec<Head>,
    pub(crate) groups: Vec<Group>,
    pub(crate) rest: usize,
    /// Pages that are likely built alike, and how many.
    pub(crate) pages: Vec<(Markup, String)>,
}

/// The head of a column.
pub(crate) struct Head {
    pub(crate) scenario: Scenario,
    pub(crate) lived: &'static str,
    /// What tells it from another column of the same scenario.
    pub(crate) note: &'static str,
}

/// Rows of one class.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// A vendor.
pub(crate) struct Row {
    pub(crate) name: Markup,
    pub(crate) link: Option<String>,
    pub(crate) note: &'static str,
    pub(crate) cells: Vec<Cell>,
    /// The same of each page group on which it sent.
    pub(crate) pages: Vec<(Markup, Vec<Cell>)>,
    /// Of the other groups.
    pub(crate) elsewhere: String,
}

/// What it received in one scenario.
pub(crate) struct Cell {
    pub(crate) sign: &'static str,
    pub(crate) loud: bool,
    pub(crate) word: String,
    pub(crate) detail: String,
    pub(crate) link: Option<String>,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>, watched: String, links: &Links<'_>) -> View {
    let columns = matrix::columns(input);
    let (mut left, mut groups) = (MOST, Vec::new());
    for (class, rows) in matrix::groups(input) {
        let rows: Vec<Row> = rows.into_iter().take(left).map(|r| row(input, r, &columns, links)).collect();
        left -= rows.len();
        if !rows.is_empty() {
            groups.push(Group { title: class.in_words(), rows });
        }
    }
    let controlled = columns.iter().any(|c| c.control);
    let heads = columns.iter().map(|c| Head {
        scenario: c.scenario,
        lived: words::lived(c.scenario),
        note: match (c.control, controlled) {
            (true, _) => "control, without GPC",
            (false, true) => "with GPC",
            (false, false) => "",
        },
    });
    let pages = input.judgement.page_groups.iter();
    View {
        report: links.report().to_owned(),
        watched,
        columns: heads.collect(),
        groups,
        rest: input.judgement.matrix.len().saturating_sub(MOST),
        pages: pages.map(|g| (text(&g.name, 80), count(g.pages.len(), "page"))).collect(),
    }
}

fn row(input: &ReportInput<'_>, r: &MatrixRow, columns: &[Column], links: &Links<'_>) -> Row {
    let link = links.vendor(&r.vendor.name);
    let told = |cells: &[MatrixCell], column: &Column| match matrix::cell(cells, *column) {
        Some(c) => cell(c, links.requests(&r.vendor.name, column.scenario)),
        None => Cell {
            sign: "untested",
            loud: false,
            word: "not tested".into(),
            detail: String::new(),
            link: None,
        },
    };
    let cells = columns.iter().map(|c| told(&r.cells, c));
    let page = |g: &GroupCells| (text(&g.group, 80), columns.iter().map(|c| told(&g.cells, c)).collect());
    let silent = input.judgement.page_groups.len().saturating_sub(r.page_groups.len());
    let known = links.is_known(&r.vendor.name);
    Row {
        name: text(&r.vendor.name, 80),
        note: match (known, r.third_party) {
            (Some(false), _) => "owner not known",
            (_, false) => "in part on the site’s own domain",
            _ => "",
        },
        cells: cells.collect(),
        pages: r.page_groups.iter().map(page).collect(),
        elsewhere: match silent {
            0 => String::new(),
            n => format!("not seen on {}", count(n, "other page group")),
        },
        link,
    }
}

fn cell(c: &MatrixCell, link: Option<String>) -> Cell {
    let sign = match c.state {
        CellState::Nothing => "nothing",
        CellState::Sent => "sent",
        CellState::SentBeforeChoice => "early",
        CellState::SentBeforeBanner => "earliest",
        CellState::NotTested | CellState::NotOffered => "untested",
    };
    let (seen, of) = c.seen_in;
    let detail = match c.state {
        CellState::NotTested => "no visit could be used".to_owned(),
        CellState::NotOffered => "the site does not offer this choice".to_owned(),
        CellState::Nothing => format!("in {}", count(of as usize, "visit")),
        _ => {
            let first = c
                .first_ms
                .map(|ms| format!(", first {}", time(ms).replace(' ', "\u{a0}")))
                .unwrap_or_default();
            format!("{}{first}, in {} of {}", parts(c), number(u64::from(seen)), count(of as usize, "visit"))
        }
    };
    Cell {
        sign,
        loud: matrix::loud(c),
        word: words::cell(c.state).to_owned(),
        detail,
        link: link.filter(|_| matrix::sent(c)),
    }
}

/// Requests by what the visitor had seen and done: `17 before the banner, 4 before the choice, 8 after`.
fn parts(c: &MatrixCell) -> String {
    let between = c.before_choice.saturating_sub(c.before_banner);
    let (then, after) = match c.scenario {
        Scenario::NoChoice | Scenario::Ignore => ("later", ""),
        Scenario::RejectAll => ("before rejecting", "after rejecting"),
        Scenario::AcceptAll => ("before accepting", "after accepting"),
        Scenario::Withdraw => ("before accepting", "after opting out"),
        Scenario::Returning => ("before accepting", "after accepting"),
        Scenario::Dismiss => ("before closing the banner", "after closing it"),
        Scenario::Unknown => ("", "sent"),
        _ => ("before the choice", "after the choice"),
    };
    let all = [
        (c.before_banner, "before the banner"),
        (between, then),
        (c.under_consent, "while accepted"),
        (c.after_choice, after),
    ];
    let told: Vec<String> = all
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, when)| format!("{} {when}", number(u64::from(*n))))
        .collect();
    match told.as_slice() {
        [_] if matches!(c.scenario, Scenario::NoChoice | Scenario::Ignore | Scenario::Unknown) => {
            count(matrix::requests(c) as usize, "request")
        }
        _ => told.join(", "),
    }
}

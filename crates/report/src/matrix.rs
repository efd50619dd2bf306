//! The consent matrix, sorted for reading: groups in order of risk, and the rows that matter most.

use std::collections::BTreeSet;

use affiant_detect::facts::Class;
use affiant_record::Scenario;
use affiant_rules::judgement::{CellState, Column, MatrixCell, MatrixRow};

use crate::ReportInput;

/// Whether a cell shows something that the consent given does not allow.
pub(crate) fn loud(c: &MatrixCell) -> bool {
    !c.expected && sent(c)
}

/// Whether anything was sent.
pub(crate) fn sent(c: &MatrixCell) -> bool {
    !matches!(c.state, CellState::Nothing | CellState::NotTested | CellState::NotOffered)
}

/// How many requests a cell stands for.
pub(crate) fn requests(c: &MatrixCell) -> u32 {
    c.before_choice.max(c.before_banner) + c.under_consent + c.after_choice
}

/// The cell of a column.
pub(crate) fn cell(cells: &[MatrixCell], column: Column) -> Option<&MatrixCell> {
    cells.iter().find(|c| c.scenario == column.scenario && c.control == column.control)
}

/// The columns, in the order in which a visitor could live them, the controls last.
pub(crate) fn columns(input: &ReportInput<'_>) -> Vec<Column> {
    let asked = scenarios(input).into_iter().map(|scenario| Column { control: false, scenario });
    let cells = input.judgement.matrix.iter().flat_map(|r| &r.cells);
    let shown = cells.map(|c| Column { control: c.control, scenario: c.scenario });
    asked.chain(shown).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The scenarios that were asked for, in the order in which a visitor could live them.
pub(crate) fn scenarios(input: &ReportInput<'_>) -> Vec<Scenario> {
    let asked = input.manifest.plan.scenarios.iter().copied();
    let shown = input.judgement.matrix.iter().flat_map(|r| r.cells.iter().map(|c| c.scenario));
    asked.chain(shown).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Rows by class, in order of risk; the order within a class stays the judgement's.
pub(crate) fn groups<'a>(input: &ReportInput<'a>) -> Vec<(Class, Vec<&'a MatrixRow>)> {
    let mut out: Vec<(Class, Vec<&MatrixRow>)> = Vec::new();
    for row in &input.judgement.matrix {
        match out.iter_mut().find(|(c, _)| *c == row.vendor.class) {
            Some((_, rows)) => rows.push(row),
            None => out.push((row.vendor.class, vec![row])),
        }
    }
    out.sort_by_key(|(c, _)| *c);
    out
}

/// Rows with the most unexpected first: by worst cell, then by risk.
pub(crate) fn worst_first<'a>(input: &ReportInput<'a>) -> Vec<&'a MatrixRow> {
    let weight = |c: &MatrixCell| match (loud(c), c.state) {
        (true, CellState::SentBeforeBanner) => 4,
        (true, _) => 3,
        (false, CellState::NotTested | CellState::NotOffered) => 2,
        (false, s) => i32::from(s != CellState::Nothing),
    };
    let mut rows: Vec<&MatrixRow> = input.judgement.matrix.iter().collect();
    rows.sort_by_key(|r| {
        let worst = r.cells.iter().map(weight).max().unwrap_or(0);
        (std::cmp::Reverse(worst.max(2)), r.vendor.class, std::cmp::Reverse(worst))
    });
    rows
}

/// How many rows show something unexpected in this scenario.
pub(crate) fn loud_in(input: &ReportInput<'_>, s: Scenario) -> usize {
    let column = Column { control: false, scenario: s };
    input.judgement.matrix.iter().filter(|r| cell(&r.cells, column).is_some_and(loud)).count()
}

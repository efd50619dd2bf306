//! Rows for people, spreadsheets and programs. What pages wrote is neutralised in the first two.

use std::io::Write;

use affiant_report::hostile;
use jiff::Timestamp;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::args::TableAs;

/// The longest cell of a table for people.
const LONGEST: usize = 240;

/// Rows of the same columns.
pub(crate) struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heads: &[&'static str]) -> Table {
        Table { heads: heads.to_vec(), rows: vec![] }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Prints them; as JSON, `all` that they were made of.
    pub(crate) fn print(
        &self,
        mut out: impl Write,
        format: TableAs,
        all: &[impl Serialize],
    ) -> anyhow::Result<()> {
        match format {
            TableAs::Table => self.aligned(&mut out)?,
            TableAs::Csv => affiant_report::csv::write(&mut out, &self.heads, &self.rows)?,
            TableAs::Json => {
                serde_json::to_writer_pretty(&mut out, all)?;
                writeln!(out)?;
            }
        }
        out.flush()?;
        Ok(())
    }

    fn aligned(&self, out: &mut impl Write) -> std::io::Result<()> {
        let heads = self.heads.iter().map(|h| (*h).to_owned()).collect();
        let rows = self.rows.iter().map(|r| r.iter().map(|c| hostile::line(c, LONGEST)).collect());
        let all: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
        let widths: Vec<usize> = (0..self.heads.len())
            .map(|i| all.iter().filter_map(|r| r.get(i)).map(|c| c.width()).max().unwrap_or_default())
            .collect();
        for row in &all {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line += cell;
                line += &" ".repeat(width.saturating_sub(cell.width()) + 2);
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// `2026-11-29 23:04`, UTC.
pub(crate) fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| "?".to_owned(), |t| t.strftime("%Y-%m-%d %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(format: TableAs) -> String {
        let mut table = Table::new(&["name", "pages"]);
        table.row(vec!["=HYPERLINK(\"https://evil.test\")".to_owned(), "1".to_owned()]);
        table.row(vec!["red\u{1b}[31m, \"quoted\"\u{202e}".to_owned(), "12".to_owned()]);
        let mut out = Vec::new();
        table.print(&mut out, format, &["a"]).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_a_page_wrote_is_inert() {
        for format in [TableAs::Table, TableAs::Csv] {
            let text = printed(format);
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        }
        assert_eq!(printed(TableAs::Json), "[\n  \"a\"\n]\n");
    }

    #[test]
    fn columns_stand_below_each_other() {
        let text = printed(TableAs::Table);
        let at: Vec<usize> = text.lines().map(|l| l.rfind(' ').unwrap()).collect();
        assert_eq!(at[0], at[1]);
        assert_eq!(time(1_764_457_440_000), "2025-11-29 23:04");
    }
}

//! The summary for a terminal: the answer first, at most 21 lines, so that the paths still fit on 25.

use affiant_rules::judgement::{CellState, Column, MatrixCell, MatrixRow, Severity};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::ReportInput;
use crate::hostile::line;
use crate::words::{count, number, severity};
use crate::{answer, matrix};

/// Lines of the answer, the matrix and the findings, at most.
const ANSWER: usize = 5;
const ROWS: usize = 5;
const FINDINGS: usize = 4;

/// The summary, ending with a line break. Without `color` it holds no escape sequence.
pub fn summary(input: &ReportInput<'_>, width: usize, color: bool) -> String {
    let pen = Pen { width: width.clamp(30, 120), color };
    let mut lines = pen.answer(input);
    lines.push(pen.strip(input));
    // A long answer takes a row of the matrix.
    let rows = if lines.len() > ANSWER { ROWS - 1 } else { ROWS };
    let matrix = pen.matrix(input, rows);
    if !matrix.is_empty() {
        lines.push(String::new());
        lines.extend(matrix);
    }
    let findings = pen.findings(input);
    if !findings.is_empty() {
        lines.push(String::new());
        lines.extend(findings);
    }
    lines.push(String::new());
    lines.extend(
        pen.wrapped(&format!("Coverage: {}", answer::coverage(input)), if pen.width < 60 { 4 } else { 2 }),
    );
    let mut out = String::new();
    for l in lines {
        out.push_str(l.trim_end());
        out.push('\n');
    }
    out
}

struct Pen {
    width: usize,
    color: bool,
}

impl Pen {
    fn answer(&self, input: &ReportInput<'_>) -> Vec<String> {
        let all = answer::sentences(input);
        // The most severe finding stands below in its own line.
        let skip = |s: &&String| !s.starts_with("The most severe: ") && !s.starts_with("The finding: ");
        let text: Vec<String> = all.iter().filter(skip).map(|s| line(s, 300)).collect();
        let mut lines = self.wrapped(&text.join(" "), ANSWER);
        if let Some(first) = lines.first_mut() {
            *first = self.paint("1", first);
        }
        lines
    }

    fn strip(&self, input: &ReportInput<'_>) -> String {
        let one = |(s, n): (Severity, usize)| {
            let text = if self.width < 60 {
                format!("{} {n}", shape(s))
            } else {
                format!("{} {n} {}", shape(s), severity(s))
            };
            if n == 0 { self.paint("2", &text) } else { self.paint(ink(s), &text) }
        };
        answer::severities(input).into_iter().map(one).collect::<Vec<_>>().join("   ")
    }

    fn matrix(&self, input: &ReportInput<'_>, most: usize) -> Vec<String> {
        let columns = matrix::columns(input);
        let rows = matrix::worst_first(input);
        if rows.is_empty() || columns.is_empty() {
            return vec![];
        }
        let wide = self.width >= 76 && columns.len() <= 3;
        let column = if wide { 21 } else { 12 };
        // Columns that do not stand side by side stand below each other.
        let fits = (self.width.saturating_sub(8) / column).min(columns.len());
        let blocks = columns.len().div_ceil(fits.max(1));
        if fits == 0 || blocks > if self.width < 60 { 1 } else { 2 } {
            return vec![fitted(&format!("{} in report.html", count(rows.len(), "matrix row")), self.width)];
        }
        let name = self.width.saturating_sub(column * fits).min(34);
        let most = (most / blocks).max(2);
        let mut out = Vec::new();
        for columns in columns.chunks(fits) {
            let heads: String = columns.iter().map(|c| padded(&head(*c), column)).collect();
            out.push(self.paint("2", &format!("{}{heads}", padded("", name))));
            out.extend(rows.iter().take(most).map(|row| self.row(row, columns, name, column)));
        }
        if rows.len() > most {
            let rest = &rows[most..];
            let loud = rest.iter().filter(|r| r.cells.iter().any(matrix::loud)).count();
            let loud = if loud > 0 { format!(", {} unexpected", number(loud as u64)) } else { String::new() };
            out.push(self.paint("2", &format!("+ {} more{loud}", number(rest.len() as u64))));
        }
        out
    }

    fn row(&self, row: &MatrixRow, columns: &[Column], name: usize, column: usize) -> String {
        let mut out = padded(&line(&row.vendor.name, 200), name);
        for at in columns {
            let Some(c) = matrix::cell(&row.cells, *at) else {
                out.push_str(&padded("", column));
                continue;
            };
            let text = padded(&words(c, column >= 20), column);
            let ink = if matrix::loud(c) { "1;33" } else { "2" };
            out.push_str(&self.paint(ink, &text));
        }
        out
    }

    fn findings(&self, input: &ReportInput<'_>) -> Vec<String> {
        let all = &input.judgement.findings;
        let mut out = Vec::new();
        for f in all.iter().take(if all.len() > FINDINGS { FINDINGS - 1 } else { FINDINGS }) {
            let text = fitted(&line(&f.title, 400), self.width.saturating_sub(2));
            out.push(format!("{} {text}", self.paint(ink(f.severity), shape(f.severity))));
        }
        if all.len() > out.len() {
            out.push(self.paint("2", &format!("+ {}", count(all.len() - out.len(), "more finding"))));
        }
        out
    }

    /// Colour, only if asked for.
    fn paint(&self, ink: &str, text: &str) -> String {
        if self.color { format!("\x1b[{ink}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Words on lines, the last one cut if there are too many.
    fn wrapped(&self, text: &str, most: usize) -> Vec<String> {
        let mut out: Vec<String> = vec![];
        let mut words = text.split_whitespace().peekable();
        let mut now = String::new();
        while let Some(w) = words.next() {
            let room = self.width.saturating_sub(now.width() + usize::from(!now.is_empty()));
            if !now.is_empty() && w.width() > room {
                if out.len() + 1 == most {
                    let rest: Vec<&str> = std::iter::once(w).chain(words).collect();
                    now = format!("{now} {}", rest.join(" "));
                    break;
                }
                out.push(std::mem::take(&mut now));
            }
            if !now.is_empty() {
                now.push(' ');
            }
            now.push_str(w);
        }
        if !now.is_empty() {
            out.push(now);
        }
        out.into_iter().map(|l| fitted(&l, self.width)).collect()
    }
}

/// A sign that needs no colour.
fn shape(s: Severity) -> &'static str {
    match s {
        Severity::Critical => "◆",
        Severity::High => "▲",
        Severity::Medium => "■",
        Severity::Low => "●",
        Severity::Note => "○",
    }
}

fn ink(s: Severity) -> &'static str {
    match s {
        Severity::Critical => "1;35",
        Severity::High => "1;33",
        Severity::Medium => "33",
        Severity::Low => "36",
        Severity::Note => "2",
    }
}

fn head(c: Column) -> String {
    if c.control { "control".to_owned() } else { c.scenario.to_string() }
}

/// A cell in few words; `!` says that it is unexpected.
fn words(c: &MatrixCell, room: bool) -> String {
    // What was sent while it was accepted is not what the column is about.
    let n = if c.under_consent > 0 { c.after_choice } else { matrix::requests(c) };
    let n = number(u64::from(n));
    let (long, short) = match c.state {
        CellState::Nothing => ("–".to_owned(), "–".to_owned()),
        CellState::NotTested => ("? not tested".to_owned(), "? untested".to_owned()),
        CellState::NotOffered => ("not offered".to_owned(), "not offered".to_owned()),
        CellState::Sent => (format!("sent {n}"), format!("sent {n}")),
        CellState::SentBeforeChoice => (format!("{n}, before choice"), format!("{n} early")),
        CellState::SentBeforeBanner => (format!("{n}, before banner"), format!("{n} early")),
    };
    let mark = if matrix::loud(c) { "! " } else { "" };
    format!("{mark}{}", if room { long } else { short })
}

/// At most `width` columns of a text; `…` where it was cut.
fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Exactly `width` columns, the last one empty.
fn padded(text: &str, width: usize) -> String {
    let mut out = fitted(text, width.saturating_sub(1));
    let fill = width.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', fill));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Fixture};
    use affiant_record::RecordError;

    type Case = fn(&std::path::Path) -> Result<Fixture, RecordError>;
    const ALL: [Case; 4] = [testing::nothing, testing::one, testing::shop, testing::large];

    #[test]
    fn it_fits_the_screen_and_acts_on_nothing() {
        for of in ALL {
            let dir = tempfile::tempdir().unwrap();
            let f = of(dir.path()).unwrap();
            for width in [30, 40, 60, 80, 100, 200] {
                let text = summary(&f.input(), width, false);
                assert!(text.lines().count() <= 21, "{} lines at {width}:\n{text}", text.lines().count());
                assert!(
                    text.lines().all(|l| l.width() <= width.clamp(30, 120)),
                    "too wide at {width}:\n{text}"
                );
                assert!(
                    !text
                        .chars()
                        .any(|c| (c.is_control() && c != '\n') || ('\u{202A}'..='\u{202E}').contains(&c))
                );
            }
        }
    }

    #[test]
    fn colour_adds_escapes_and_no_words() {
        let dir = tempfile::tempdir().unwrap();
        let f = testing::shop(dir.path()).unwrap();
        let coloured = summary(&f.input(), 100, true);
        let mut plain = String::new();
        for (n, part) in coloured.split("\x1b[").enumerate() {
            plain.push_str(if n == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        let trimmed = |s: &str| s.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(trimmed(&plain), trimmed(&summary(&f.input(), 100, false)));
    }

    #[test]
    fn a_shop() {
        let dir = tempfile::tempdir().unwrap();
        insta::assert_snapshot!(summary(&testing::shop(dir.path()).unwrap().input(), 100, false));
    }

    #[test]
    fn a_shop_on_a_narrow_screen() {
        let dir = tempfile::tempdir().unwrap();
        insta::assert_snapshot!(summary(&testing::shop(dir.path()).unwrap().input(), 60, false));
    }

    #[test]
    fn nothing() {
        let dir = tempfile::tempdir().unwrap();
        insta::assert_snapshot!(summary(&testing::nothing(dir.path()).unwrap().input(), 80, false));
    }
}

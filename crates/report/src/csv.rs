//! Rows for spreadsheets: what pages wrote is text there, and no formula.

use std::io::Write;

use crate::hostile;

/// Writes the rows, each with a cell for each head.
pub fn write(
    out: impl Write,
    heads: &[&str],
    rows: impl IntoIterator<Item = impl IntoIterator<Item = impl AsRef<str>>>,
) -> std::io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(heads)?;
    for row in rows {
        csv.write_record(row.into_iter().map(|c| cell(c.as_ref())))?;
    }
    csv.flush()
}

/// A text that a spreadsheet takes for a text: one that begins as a formula does is marked as none.
fn cell(text: &str) -> String {
    let line = hostile::line(text, usize::MAX);
    if line.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_wrote_is_inert() {
        let mut out = Vec::new();
        let rows = [["=HYPERLINK(\"https://evil.test\")", "1"], ["red\u{1b}[31m, \"quoted\"\u{202e}", "@12"]];
        write(&mut out, &["name", "pages"], rows).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("name,pages\n"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(text.contains("\"'=HYPERLINK(\"\"https://evil.test\"\")\",1"), "{text}");
        assert!(text.contains("'@12"), "{text}");
    }
}

//! Extra request headers. Those that hold secrets need not stand on the command line, where every user of the machine sees them.

use std::path::{Path, PathBuf};

use affiant_engine::Header;
use anyhow::bail;
use clap::Args;

use crate::list;

/// The environment variable that holds headers, one a line.
const VARIABLE: &str = "AFFIANT_HEADERS";

/// Headers, wherever they stand.
#[derive(Debug, Args)]
pub(crate) struct HeaderArgs {
    /// Extra request header, 'Name: value'; sent to the site's own origin only. May be given more than once. Others on this machine
    /// can read it in the list of processes: for secrets there are --header-file and AFFIANT_HEADERS.
    #[arg(long, value_name = "HEADER", value_parser = Header::read)]
    header: Vec<Header>,
    /// File of extra request headers, 'Name: value', one a line; '#' begins a comment, '-' is standard input. AFFIANT_HEADERS holds
    /// the same in the environment. Where a name is given twice, --header counts before the file, and the file before the environment.
    #[arg(long, value_name = "FILE")]
    header_file: Option<PathBuf>,
}

impl HeaderArgs {
    /// All of them, each name once.
    pub(crate) fn all(&self) -> anyhow::Result<Vec<Header>> {
        let mut all = Vec::new();
        if let Some(text) = std::env::var_os(VARIABLE) {
            all = read(text.as_encoded_bytes(), VARIABLE)?;
        }
        if let Some(path) = &self.header_file {
            let text = list::text(path, "the headers")?;
            replace(&mut all, read(&text, &list::name(Path::new(path)))?);
        }
        replace(&mut all, self.header.clone());
        Ok(all)
    }
}

/// Adds headers, in the place of those of the same names.
fn replace(all: &mut Vec<Header>, by: Vec<Header>) {
    all.retain(|h| by.iter().all(|b| !b.name.eq_ignore_ascii_case(&h.name)));
    all.extend(by);
}

/// Reads headers, one a line. An error names the line and never what stands in it: it may be a secret.
fn read(text: &[u8], of: &str) -> anyhow::Result<Vec<Header>> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut all = Vec::new();
    for (number, line) in (1u64..).zip(text.split(|b| *b == b'\n')) {
        let Ok(line) = std::str::from_utf8(line) else {
            bail!("line {number} of {of} is not UTF-8 text");
        };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match Header::read(line) {
            Ok(header) => all.push(header),
            Err(_) => bail!(
                "line {number} of {of} is no header: write 'Name: value', with a name of letters, digits and hyphens (the line is \
                 not shown, it may hold a secret)"
            ),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[Header]) -> Vec<(&str, &str)> {
        all.iter().map(|h| (h.name.as_str(), h.value.as_str())).collect()
    }

    #[test]
    fn headers_are_read_line_by_line_without_comments() {
        let all = read(b"# staging\r\nAuthorization: Basic a:b\r\n\n  X-Team: privacy # all\n", "f").unwrap();
        assert_eq!(names(&all), [("Authorization", "Basic a:b"), ("X-Team", "privacy # all")]);
    }

    #[test]
    fn a_bad_line_is_named_by_its_number_and_not_shown() {
        for text in ["# x\nA: b\ns3cret", "# x\nA: b\ns3cret word: x", "# x\nA: b\n: s3cret"] {
            let said = format!("{:#}", read(text.as_bytes(), "headers.txt").unwrap_err());
            assert!(said.contains("line 3 of headers.txt") && !said.contains("s3cret"), "{said}");
        }
        assert!(read(b"A: \xff", "f").unwrap_err().to_string().contains("line 1 of f is not UTF-8"));
    }

    #[test]
    fn the_nearer_one_counts() {
        let mut all = read(b"A: 1\nB: 1", "f").unwrap();
        replace(&mut all, read(b"a: 2\nC: 2", "f").unwrap());
        assert_eq!(names(&all), [("B", "1"), ("a", "2"), ("C", "2")]);
    }
}

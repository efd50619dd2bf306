//! `affiant record`: look into sealed records, or check that nobody changed them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use affiant_engine::folder;
use affiant_engine::folder::is_audit;
use affiant_record::VisitRecord;
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::verify::VerifyArgs;
use crate::exit::Exit;

#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    #[command(subcommand)]
    pub(crate) verb: RecordVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordVerb {
    /// Print a record's lines as JSON, one a line.
    Show {
        /// Folder of a record, or of an audit (then with --digest).
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Only this line.
        #[arg(long, value_name = "N")]
        line: Option<u64>,
        /// Only lines of this type, e.g. request, cookie-write, phase.
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// Which record of an audit: its digest or the beginning of it.
        #[arg(long, value_name = "HEX")]
        digest: Option<String>,
    },
    /// Check digests and seals of a record or of a whole audit folder, blobs included.
    Verify(VerifyArgs),
}

/// Shows or verifies.
pub(crate) fn run(args: &RecordArgs) -> anyhow::Result<Exit> {
    match &args.verb {
        RecordVerb::Show { dir, line, kind, digest } => show(dir, *line, kind.as_deref(), digest.as_deref()),
        RecordVerb::Verify(args) => super::verify::run(args),
    }
}

fn show(dir: &Path, line: Option<u64>, kind: Option<&str>, digest: Option<&str>) -> anyhow::Result<Exit> {
    let record = if is_audit(dir) {
        let wanted = digest
            .context("an audit holds many records: name one with --digest, or give the folder of a visit")?;
        let folder = folder::open(dir)?;
        let mut found = folder
            .manifest
            .visits
            .iter()
            .filter(|v| v.digest.is_some_and(|d| d.to_string().starts_with(wanted)));
        let visit = found
            .next()
            .with_context(|| format!("no record of this audit has a digest that begins with '{wanted}'"))?;
        if found.next().is_some() {
            bail!("more than one record has a digest that begins with '{wanted}': give more of it");
        }
        VisitRecord::open(&folder.visit_dir(visit)?)?
    } else {
        VisitRecord::open(dir)?
    };
    let mut out = std::io::stdout().lock();
    let mut shown = 0;
    for l in &record.lines {
        if line.is_some_and(|n| n != l.n) {
            continue;
        }
        let value = serde_json::to_value(l)?;
        if kind.is_some_and(|k| value["type"] != k) {
            continue;
        }
        // JSON escapes control characters; bidi marks and other odd ones must not reach the terminal as they are.
        writeln!(out, "{}", escaped(&value.to_string()))?;
        shown += 1;
    }
    out.flush()?;
    if shown == 0 {
        bail!("the record has {} lines, and none is asked for", record.lines.len());
    }
    Ok(Exit::Nothing)
}

/// Escapes what is not plain text, as JSON allows: the output stays JSON and harmless.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        let odd = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}');
        if odd {
            let mut units = [0; 2];
            for u in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{u:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_characters_are_escaped_and_json_stays_json() {
        let text = serde_json::to_string("a\u{202e}b\u{9b}31m").unwrap();
        let e = escaped(&text);
        assert!(!e.contains('\u{202e}') && !e.contains('\u{9b}'));
        assert_eq!(serde_json::from_str::<String>(&e).unwrap(), "a\u{202e}b\u{9b}31m");
    }
}

//! Writing an audit's reports and saying on stdout what was asked for.

use std::fs;
use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::Path;

use affiant_engine::Judged;
use affiant_record::AuditFolder;
use affiant_report::{Report, ReportInput};
use anyhow::Context as _;

use crate::args::Format;

/// Writes `report.html` and `report.json` into the audit folder and prints the summary or the JSON.
pub(crate) fn write(
    folder: &AuditFolder,
    judged: &Judged,
    format: Format,
    quiet: bool,
) -> anyhow::Result<()> {
    let (blobs, theories) = (folder.blobs(), affiant_report::theories());
    let input = ReportInput {
        manifest: &folder.manifest,
        facts: &judged.facts,
        judgement: &judged.judgement,
        blobs: &blobs,
        audit_dir: &folder.dir,
        theories: &theories,
        header: judged.header.as_ref(),
    };
    let json = folder.dir.join("report.json");
    write_json(&input, &json).with_context(|| format!("cannot write {}", json.display()))?;
    let html = affiant_report::html::render(&input)?;
    put(&folder.dir.join("report.html"), html.as_bytes())?;
    let mut out = crate::exit::stdout();
    match format {
        Format::Json => {
            std::io::copy(&mut fs::File::open(&json)?, &mut out)?;
        }
        Format::Terminal => {
            let terminal = std::io::stdout().is_terminal();
            let width = terminal_size::terminal_size().map_or(100, |(w, _)| usize::from(w.0)).clamp(40, 160);
            let color = terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
            writeln!(out, "{}", affiant_report::terminal::summary(&input, width, color).trim_end())?;
            if !quiet {
                let dir = folder.dir.display();
                writeln!(
                    out,
                    "\n  report  {dir}/report.html\n  audit   {dir}\n  next    {}",
                    next(&judged.judgement, &folder.dir)
                )?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn write_json(input: &ReportInput<'_>, path: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::new(fs::File::create(path)?);
    Report::new(input).write_json(&mut out)?;
    out.flush()
}

/// The one most useful next command.
fn next(judgement: &affiant_rules::Judgement, dir: &Path) -> String {
    match judgement.findings.first() {
        Some(f) => format!("affiant rule explain {}", f.rule),
        None => format!("affiant record verify {}", dir.display()),
    }
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

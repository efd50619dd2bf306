//! Writing an audit's reports and saying on stdout what was asked for.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use affiant_engine::Judged;
use affiant_record::files::open_file;
use affiant_record::{AuditFolder, Seals};
use affiant_report::{ReportInput, files};

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
        facts: &judged.facts,
        theories: &theories,
        header: judged.header.as_ref(),
        ..ReportInput::new(folder, &blobs, &judged.judgement)
    };
    files::write(&input)?;
    let mut out = crate::exit::stdout();
    match format {
        Format::Json => {
            std::io::copy(&mut open_file(&folder.dir.join(files::JSON))?, &mut out)?;
        }
        Format::Terminal => {
            let terminal = std::io::stdout().is_terminal();
            let width = terminal_size::terminal_size().map_or(100, |(w, _)| usize::from(w.0)).clamp(40, 160);
            let color = terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
            writeln!(out, "{}", affiant_report::terminal::summary(&input, width, color).trim_end())?;
            if !quiet {
                let dir = folder.dir.display();
                writeln!(out, "\n  report  {dir}/{}\n  audit   {dir}", files::HTML)?;
                // Of all that was sealed until now: whoever notes it down elsewhere can tell later that nothing was rewritten.
                let seals = Seals::read(&folder.dir)?;
                if let Some(digest) = seals.digest().filter(|_| seals.audit.is_some()) {
                    writeln!(out, "  digest  {digest}")?;
                }
                writeln!(out, "  next    {}", next(&judged.judgement, &folder.dir))?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// The one most useful next command.
fn next(judgement: &affiant_rules::Judgement, dir: &Path) -> String {
    match judgement.findings.first() {
        Some(f) => format!("affiant rule explain {}", f.rule),
        None => format!("affiant record verify {}", dir.display()),
    }
}

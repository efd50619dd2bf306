//! `affiant record verify`: whether a record, or a whole audit, is as it was sealed.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use affiant_engine::folder;
use affiant_engine::folder::is_audit;
use affiant_record::audit::{MANIFEST_FILE, VISITS};
use affiant_record::verify::{self, Verified, Visit};
use affiant_record::{BlobStore, Completeness, Digest};
use anyhow::bail;
use clap::Args;

use crate::exit::{Exit, Stdout};

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Folder of a record or of an audit.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The digest of the audit as somebody noted it down: it must be that of one of its seals.
    #[arg(long, value_name = "HEX")]
    noted: Option<Digest>,
}

/// Checks it and names each difference.
pub(crate) fn run(args: &VerifyArgs) -> anyhow::Result<Exit> {
    let dir = &args.dir;
    if !dir.is_dir() {
        bail!("{} is no folder of a record or an audit", dir.display());
    }
    if is_audit(dir) {
        return audit(dir, args.noted);
    }
    if dir.join(VISITS).is_dir() {
        bail!("{} holds visits, and the manifest of their audit, {MANIFEST_FILE}, is missing", dir.display());
    }
    if args.noted.is_some() {
        bail!("--noted goes with an audit, and {} is a record", dir.display());
    }
    one(dir)
}

fn one(dir: &Path) -> anyhow::Result<Exit> {
    let mut out = crate::exit::stdout();
    // A record stands at AUDIT/visits/SESSION/NNN; its blobs at AUDIT/blobs.
    let visit = match verify::record(dir, &BlobStore::new(dir.join("../../../blobs"))) {
        Ok((record, blobs)) => match record.completeness {
            Completeness::Sealed => Visit::Holds { record: record.digest, lines: record.lines.len(), blobs },
            Completeness::CutOff { reason } => Visit::CutOff { lines: record.lines.len(), reason },
        },
        Err(e) => Visit::Damaged(e.to_string()),
    };
    tell(&mut out, &dir.display().to_string(), &visit)?;
    let good = matches!(visit, Visit::Holds { .. });
    if good {
        writeln!(out, "\nEvery line, its order and every blob is as it was when the record was sealed.")?;
    }
    writeln!(out, "{WHEN}")?;
    out.flush()?;
    Ok(if good { Exit::Nothing } else { Exit::CouldNot })
}

/// What no check of the folder alone can show.
const WHEN: &str = "This shows that nothing was changed since; not when it was recorded: for the time there is only this machine's clock.";

fn audit(dir: &Path, noted: Option<Digest>) -> anyhow::Result<Exit> {
    let mut out = crate::exit::stdout();
    let folder = folder::open(dir)?;
    let mut verified =
        verify::audit(&folder, |path, visit| tell(&mut out, path, visit).map_err(anyhow::Error::from))?;
    if let Some(noted) = noted
        && !verified.seals.digests.values().any(|d| *d == noted)
    {
        verified.differences.push(format!(
            "no seal of this audit has the digest {noted}: it is another audit, or was written anew since that was noted"
        ));
    }
    summary(&mut out, &verified, noted)?;
    out.flush()?;
    Ok(if verified.is_good() { Exit::Nothing } else { Exit::CouldNot })
}

fn tell(out: &mut Stdout, name: &str, visit: &Visit) -> std::io::Result<()> {
    let name = affiant_report::hostile::line(name, 400);
    match visit {
        Visit::Holds { record, lines, blobs } => {
            writeln!(out, "holds     {name}  {record}  {lines} lines, {blobs} blobs")
        }
        Visit::CutOff { lines, reason } => writeln!(out, "cut off   {name}  {lines} lines: {reason}"),
        Visit::Damaged(what) => {
            writeln!(out, "DAMAGED   {name}  {}", affiant_report::hostile::line(what, 1_000))
        }
        Visit::Missing(what) => writeln!(out, "MISSING   {name}  {what}"),
    }
}

fn summary(out: &mut Stdout, v: &Verified, noted: Option<Digest>) -> std::io::Result<()> {
    for what in &v.differences {
        writeln!(out, "CHANGED   {what}")?;
    }
    if v.never_made > 0 {
        writeln!(out, "{} planned visits were never made", v.never_made)?;
    }
    writeln!(
        out,
        "\nRecords that hold: {}. In each, every line, its order and every blob is as it was when it was sealed.",
        v.hold
    )?;
    if v.cut_off > 0 {
        let vouches = if v.seals.audit.is_some() {
            "Readable, but never sealed: for what was there when the audit ended, only the audit's seal vouches."
        } else {
            "Readable, but not sealed, so nothing vouches for them."
        };
        writeln!(out, "Cut off: {}. {vouches}", v.cut_off)?;
    }
    for (n, what) in [
        (v.damaged as usize, "DAMAGED or changed"),
        (v.missing as usize, "MISSING"),
        (v.differences.len(), "Differences from what was sealed, named above"),
    ] {
        if n > 0 {
            writeln!(out, "{what}: {n}.")?;
        }
    }
    for note in &v.notes {
        writeln!(out, "{note}")?;
    }
    if let Some(digest) = v.seals.digest() {
        let over = if v.seals.audit.is_some() {
            "the plan, every visit, judgements and reports"
        } else {
            "what was judged and reported"
        };
        writeln!(out, "The audit's digest, over {over}:\n  {digest}")?;
        match noted {
            Some(noted) if v.seals.digests.values().any(|d| *d == noted) => {
                writeln!(
                    out,
                    "The digest that was noted is one of its seals': what was sealed until then is what it was."
                )?;
            }
            _ => writeln!(
                out,
                "Whoever writes the whole folder anew, its seals included, is noticed only by a digest that was noted down \
                 elsewhere: keep it, and give it to --noted later."
            )?,
        }
    }
    writeln!(out, "{WHEN}")
}

//! `affiant export`: the records of an audit or of one visit as a HAR.

use std::io::Write as _;
use std::path::PathBuf;

use affiant_engine::folder::is_audit;
use affiant_engine::tool;
use affiant_record::har::Exporter;
use affiant_record::{AuditFolder, BlobStore, VisitRecord};
use anyhow::bail;
use clap::Args;

use crate::args::StoreArgs;
use crate::config::Config;
use crate::exit::{Exit, complain};
use crate::kept;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The audit: its folder, or its name in the store; or the folder of one of its records.
    #[arg(value_name = "AUDIT")]
    pub(crate) audit: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The HAR to write; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub(crate) har: PathBuf,
}

/// Writes it. A record that cannot be read is named, and the others are written.
pub(crate) fn run(args: &ExportArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let dir = kept::folder(&args.audit, &args.store, config)?;
    let mut out = Exporter::create(&args.har, &tool())?;
    let (mut written, mut whole) = (0u32, true);
    if is_audit(&dir) {
        let folder = AuditFolder::open(&dir)?;
        let blobs = folder.blobs();
        for v in folder.manifest.visits.iter().filter(|v| v.outcome.is_some()) {
            match VisitRecord::open(&folder.visit_dir(v)?) {
                Ok(record) if v.digest.is_some_and(|d| d != record.digest) => {
                    whole = false;
                    complain(&anyhow::anyhow!(
                        "the record in {} is not the one that the manifest names",
                        v.path
                    ));
                }
                Ok(record) => {
                    out.add(&record, &v.path, &blobs)?;
                    written += 1;
                }
                Err(e) => {
                    whole = false;
                    complain(&e.into());
                }
            }
        }
    } else {
        let record = VisitRecord::open(&dir)?;
        let name = format!("{}/{:03}", record.header.session, record.header.ordinal);
        // A record stands at AUDIT/visits/SESSION/NNN; its blobs at AUDIT/blobs.
        out.add(&record, &name, &BlobStore::new(dir.join("../../../blobs")))?;
        written += 1;
    }
    if written == 0 {
        bail!("{} holds no record that can be read: no HAR was written", dir.display());
    }
    let (pages, entries) = out.finish()?;
    if !quiet {
        let mut stdout = crate::exit::stdout();
        writeln!(stdout, "{}: {pages} pages, {entries} entries", args.har.display())?;
        stdout.flush()?;
    }
    Ok(if whole { Exit::Nothing } else { Exit::CouldNot })
}

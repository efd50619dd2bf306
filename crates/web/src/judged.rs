//! An audit's folder, read and judged, for pages and for the files of its report. All of it is done beside the server's own threads.

use std::fs;
use std::path::Path;

use affiant_engine::{EngineError, Judged, folder, judge, shown};
use affiant_record::files::read_file;
use affiant_record::{AuditFolder, BlobStore};
use affiant_report::{ReportInput, TheoryNote, files};

/// The largest report that is given out.
const MOST_BYTES: u64 = 1 << 30;

/// An audit whose judgement is at hand.
pub(crate) struct Opened {
    pub(crate) folder: AuditFolder,
    judged: Judged,
    blobs: BlobStore,
    theories: Vec<TheoryNote>,
}

impl Opened {
    /// With its newest judgement; judged where there is none.
    pub(crate) fn newest(dir: &Path) -> Result<Opened, EngineError> {
        let folder = folder::open(dir)?;
        let judged = match shown(&folder)? {
            Some(judged) => judged,
            None => judge(&folder)?,
        };
        Ok(Opened::of(folder, judged))
    }

    /// Judged with today's rules, so that rules make no difference.
    pub(crate) fn today(dir: &Path) -> Result<Opened, EngineError> {
        let folder = folder::open(dir)?;
        let judged = judge(&folder)?;
        Ok(Opened::of(folder, judged))
    }

    fn of(folder: AuditFolder, judged: Judged) -> Opened {
        Opened { blobs: folder.blobs(), theories: affiant_report::theories(), folder, judged }
    }

    pub(crate) fn input(&self) -> ReportInput<'_> {
        ReportInput {
            facts: &self.judged.facts,
            theories: &self.theories,
            header: self.judged.header.as_ref(),
            ..ReportInput::new(&self.folder, &self.blobs, &self.judged.judgement)
        }
    }
}

/// One of the files of [`files`], of the newest judgement; it is made where it is not there, or older.
pub(crate) fn report(dir: &Path, name: &str) -> Result<Vec<u8>, EngineError> {
    let path = dir.join(name);
    if !is_current(dir, &path) {
        files::write(&Opened::newest(dir)?.input()).map_err(|e| {
            tracing::error!(error = %e, "a report could not be written");
            EngineError::Fault("the report could not be written")
        })?;
    }
    read_file(&path, MOST_BYTES).map_err(|source| EngineError::File { doing: "cannot read", path, source })
}

fn is_current(dir: &Path, path: &Path) -> bool {
    let written = |p: &Path| fs::metadata(p).and_then(|m| m.modified()).ok();
    let judged = fs::read_dir(dir.join("judgements")).into_iter().flatten().flatten();
    let judged = judged.filter_map(|e| written(&e.path())).max();
    matches!((written(path), judged), (Some(report), Some(judged)) if report >= judged)
}

/// Work that reads files or computes, done beside the server's own threads.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(EngineError::Fault("work for a page ended unexpectedly")))
}

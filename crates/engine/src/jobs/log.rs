//! Where a worker writes down what its session is to do and has done: rows of the store, fenced by its job.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use affiant_plan::{Names, Part, Share};
use affiant_record::{AuditFolder, BlobStore, Outcome, VisitEntry};
use affiant_store::{Claimed, Handed, HandedTo, Jobs, Kept};

use super::making::Making;
use super::patience::patiently;
use super::{SHARE, share_job, written};
use crate::folder::{cut_off, entry, names, planned};
use crate::{EngineError, Made, ToVisit, VisitLog, kept};

/// Names that are tried before it is a fault.
const NAMES: usize = 50;

/// The log of one job.
pub(super) struct StoreLog {
    jobs: Jobs,
    job: Claimed,
    making: Arc<Making>,
    /// Shares that are named and not dealt yet.
    named: Mutex<Vec<Share>>,
    /// The worker stops: what it cuts off is made again by another, and is no visit of the audit.
    hands_back: Arc<AtomicBool>,
}

impl StoreLog {
    pub(super) fn new(
        jobs: Jobs,
        job: Claimed,
        making: Arc<Making>,
        hands_back: Arc<AtomicBool>,
    ) -> StoreLog {
        StoreLog { jobs, job, making, named: Mutex::default(), hands_back }
    }

    /// The audit's folder.
    pub(super) fn folder(&self) -> &AuditFolder {
        &self.making.folder
    }

    /// The visits of the audit, planned and made.
    pub(super) async fn visits(&self) -> Result<Vec<VisitEntry>, EngineError> {
        let rows = patiently(|| self.jobs.visits(&self.job.audit)).await?;
        rows.iter().map(kept::entry).collect()
    }

    /// Writes down all shares that were named: the first is this job's own from now on, the others are put up for any worker.
    pub(super) async fn deal(&self) -> Result<(), EngineError> {
        let shares = std::mem::take(&mut *self.named.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(own) = shares.first() else { return Ok(()) };
        let rows: Vec<_> = shares.iter().flat_map(planned_rows).collect();
        let others = shares.iter().skip(1).map(|s| share_job(&self.job, s)).collect::<Result<Vec<_>, _>>()?;
        let own = written(own)?;
        self.mine(patiently(|| self.jobs.deal(&self.job, (SHARE, &own), &rows, &others)).await?)
    }

    /// Writes down what was to be visited, and gives it to nobody.
    pub(super) async fn name_only(&self) -> Result<(), EngineError> {
        let shares = std::mem::take(&mut *self.named.lock().unwrap_or_else(PoisonError::into_inner));
        let rows: Vec<_> = shares.iter().flat_map(planned_rows).collect();
        self.mine(patiently(|| self.jobs.plan(&self.job, &rows)).await?)
    }

    /// A visit that was sealed and not told of.
    pub(super) async fn adopt(&self, visit: &VisitEntry) -> Result<(), EngineError> {
        let row = kept::filed_visit(visit);
        self.mine(patiently(|| self.jobs.end(&self.job, &row)).await?)
    }

    /// What an earlier worker's session left goes to a session of this job, and is what the job is to do.
    pub(super) async fn take_over(&self, part: &Part) -> Result<Share, EngineError> {
        self.hand(part, |share| Ok(HandedTo::Itself(written(share)?))).await
    }

    /// An earlier worker's visits of this session that were not made are not of the audit any more.
    pub(super) async fn drop_unmade(&self, session: &str) -> Result<(), EngineError> {
        let nobody = HandedTo::Itself(String::new());
        match patiently(|| self.jobs.hand_over(&self.job, (session, 0), &[], &nobody)).await? {
            Handed::No => Err(self.not_mine()),
            Handed::Yes | Handed::Already | Handed::NameTaken => Ok(()),
        }
    }

    async fn hand(
        &self,
        part: &Part,
        to: impl Fn(&Share) -> Result<HandedTo, EngineError>,
    ) -> Result<Share, EngineError> {
        for _ in 0..NAMES {
            let share = part.share(self.names().await?.next(part.role));
            let rows: Vec<_> = planned_rows(&share).collect();
            let to = to(&share)?;
            let from = (part.session.as_str(), part.from);
            match patiently(|| self.jobs.hand_over(&self.job, from, &rows, &to)).await? {
                // Also where the answer to the first try was lost: it is of this name.
                Handed::Yes | Handed::Already => return Ok(share),
                Handed::No => return Err(self.not_mine()),
                // Another worker was faster.
                Handed::NameTaken => {}
            }
        }
        Err(EngineError::Fault("no name for a session could be found"))
    }

    fn mine(&self, kept: Kept) -> Result<(), EngineError> {
        match kept {
            Kept::Yes => Ok(()),
            Kept::No => Err(self.not_mine()),
        }
    }

    fn not_mine(&self) -> EngineError {
        EngineError::NotMine(self.job.key.clone())
    }
}

fn planned_rows(share: &Share) -> impl Iterator<Item = affiant_store::FiledVisit> {
    let steps = share.steps();
    let (session, role) = (share.session.clone(), share.role);
    (0u32..)
        .zip(steps)
        .map(move |(ordinal, step)| kept::filed_visit(&planned(&session, role, ordinal, &step)))
}

impl VisitLog for StoreLog {
    fn blobs(&self) -> BlobStore {
        self.making.folder.blobs()
    }

    async fn names(&self) -> Result<Names, EngineError> {
        Ok(names(self.folder(), &self.visits().await?))
    }

    async fn plan(&self, share: &Share) -> Result<(), EngineError> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).push(share.clone());
        Ok(())
    }

    async fn begin(&self, visit: &ToVisit) -> Result<PathBuf, EngineError> {
        let entry = entry(visit, None);
        let row = kept::filed_visit(&entry);
        self.mine(patiently(|| self.jobs.begin(&self.job, &row)).await?)?;
        Ok(self.making.folder.dir.join(&entry.path))
    }

    async fn end(&self, visit: &ToVisit, made: Made) -> Result<(), EngineError> {
        if self.hands_back.load(Ordering::Relaxed) && matches!(made.outcome, Outcome::Interrupted) {
            return Ok(());
        }
        let entry = entry(visit, Some(made));
        let row = kept::filed_visit(&entry);
        if patiently(|| self.jobs.end(&self.job, &row)).await? == Kept::No {
            cut_off::take_away_if_late(&self.making.folder.dir, &entry.path);
            return Err(self.not_mine());
        }
        if let Some(digest) = entry.digest {
            self.making.facts.ended(&entry.path, digest);
        }
        Ok(())
    }

    async fn hand_over(&self, part: &Part) -> Result<Share, EngineError> {
        self.hand(part, |share| Ok(HandedTo::Job(share_job(&self.job, share)?))).await
    }
}

//! Where a running audit writes down what its sessions are to do and have done.
//!
//! A folder's log is its manifest. A store's log may refuse: a worker whose lease has run out must not write any more, and an
//! error ends its session.

use std::future::Future;
use std::path::PathBuf;

use affiant_plan::{Names, Part, Role, Share, Step};
use affiant_record::{BlobStore, Digest, Outcome};

use crate::EngineError;

/// One visit of a session.
#[derive(Debug, Clone)]
pub struct ToVisit {
    /// The session.
    pub session: String,
    /// What it is for.
    pub role: Role,
    /// Its place in the session, from 0.
    pub ordinal: u32,
    /// What is done.
    pub step: Step,
    /// Whether it is tried a second time, because the browser went away under it.
    pub again: bool,
}

/// What came of a visit.
#[derive(Debug, Clone)]
pub struct Made {
    /// The sealed record; none where none could be made.
    pub digest: Option<Digest>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Keeps what is planned and what was done.
pub trait VisitLog: Send + Sync + 'static {
    /// Where bytes go.
    fn blobs(&self) -> BlobStore;

    /// Names for sessions: those that follow what is there.
    fn names(&self) -> impl Future<Output = Result<Names, EngineError>> + Send;

    /// Names the visits of a session, so that those that are never made are missed.
    fn plan(&self, share: &Share) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// A visit begins; it is named before, so that a killed audit's last record is found again. Gives the folder for its
    /// record, which is not there yet.
    fn begin(&self, visit: &ToVisit) -> impl Future<Output = Result<PathBuf, EngineError>> + Send;

    /// A visit ended, or could not be made.
    fn end(&self, visit: &ToVisit, made: Made) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// What a session will not do any more goes to another one, which gets its name here.
    fn hand_over(&self, part: &Part) -> impl Future<Output = Result<Share, EngineError>> + Send;
}

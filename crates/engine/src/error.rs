//! What can go wrong in the engine.

use std::path::PathBuf;

use affiant_gather::GatherError;
use affiant_record::RecordError;
use affiant_store::StoreError;

/// An error of the engine. What was recorded until then stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A request that cannot be carried out as it is.
    #[error("{0}")]
    Request(String),
    /// Of the browser or of a visit.
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// Of a record, a manifest or what is kept beside them.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Of the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("{doing} {}: {source}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A judgement that another version wrote.
    #[error("{} is no judgement of this version ({why}): run `affiant judge` again", path.display())]
    Judgement {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A worker's job is another's by now: what it does counts no more.
    #[error("the job {0} is another worker's by now, or was stopped")]
    NotMine(String),
    /// A message could not be delivered; another try may do better.
    #[error("not delivered: {0}")]
    Undelivered(String),
    /// A message will not be delivered.
    #[error("not delivered, and not tried again: {0}")]
    Undeliverable(String),
    /// Something that is not to be: a fault of affiant's own.
    #[error("affiant has a fault: {0}")]
    Fault(&'static str),
}

impl EngineError {
    /// Whether it is of writing down what was done: no more can be written then.
    pub(crate) fn is_of_the_log(&self) -> bool {
        matches!(self, EngineError::NotMine(_) | EngineError::Store(_))
    }

    /// For `map_err`: what was being done, to which file.
    pub(crate) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| EngineError::File { doing, path, source }
    }
}

//! The waist of affiant: the sealed record of one visit.
//!
//! Gathering writes records, everything else reads them. A record is JSON Lines under zstd: first a header,
//! then observations, last a footer; bytes live in content-addressed blobs beside it. Its digest is a Merkle
//! tree hash over the lines as written (RFC 6962) with salted leaves. See `docs/RECORD.md` for the format.
//!
//! This crate knows no network, no async runtime and no clock: times come from whoever observed.

pub mod audit;
pub mod behaviour;
pub mod blob;
pub mod choice;
pub mod consent;
pub mod declaration;
pub mod device;
pub mod error;
pub mod exchange;
pub mod files;
pub mod footer;
pub mod har;
pub mod header;
pub mod hostile;
pub mod line;
pub mod mend;
pub mod merkle;
pub mod network;
pub mod page;
pub mod probe;
pub mod purpose;
pub mod read;
pub mod scenario;
pub mod seal;
pub mod seals;
pub mod storage;
pub mod verify;
pub mod write;

pub use audit::{AuditFolder, AuditManifest, VisitEntry};
pub use blob::{BlobRef, BlobStore, Inline, blobs_of};
pub use choice::{Choice, Leg};
pub use error::RecordError;
pub use exchange::{Exchange, ExchangeId};
pub use files::write_whole;
pub use footer::{CollectorStatus, Footer, Outcome};
pub use header::Header;
pub use line::{Evidence, Extra, Line, Observation};
pub use merkle::Digest;
pub use purpose::{Purpose, Purposes};
pub use read::{Completeness, VisitRecord};
pub use scenario::Scenario;
pub use seals::{Seals, ToSeal};
pub use write::RecordWriter;

//! A plain audit folder, taken into a store.

use std::fs;
use std::path::Path;

use affiant_record::audit::MANIFEST_FILE;
use affiant_record::files::{copy_file, make_folder};
use affiant_record::{AuditFolder, BlobStore, Digest};
use affiant_store::{Place, Store};

use super::{place, read};
use crate::{EngineError, folder};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The audit's name in the store.
    pub id: String,
    /// Whether it was there already, the same.
    pub there: bool,
    /// Blobs whose bytes are not those that their names promise: they were left out.
    pub damaged: Vec<String>,
}

/// Copies an audit into the store, under its own name, and files it. The folder stays as it is. One that is there already is
/// filed again; another of the same name is refused.
pub async fn import(store: &Store, at: &Place, dir: &Path) -> Result<Imported, EngineError> {
    let audit = AuditFolder::open(dir)?;
    let id = audit.manifest.id.clone();
    let plain = Path::new(&id).components().count() == 1 && !id.starts_with('.');
    if !plain || id.contains(['/', '\\']) {
        return Err(EngineError::Request(format!(
            "{} names itself '{}', which is no name of a folder: it is not imported",
            dir.join(MANIFEST_FILE).display(),
            id.escape_debug()
        )));
    }
    let to = at.audit(&id);
    let there = to.join(MANIFEST_FILE).is_file();
    let mut damaged = Vec::new();
    if there {
        same(dir, &to, &id)?;
    } else {
        // Whole or not at all: it gets its name last.
        let part = at.audit(&format!(".part-{id}-{}", std::process::id()));
        let copied = copy(at, &audit, &part).and_then(|bad| {
            fs::rename(&part, &to).map_err(EngineError::file("cannot name", &to))?;
            Ok(bad)
        });
        damaged = copied.inspect_err(|_| {
            let _ = fs::remove_dir_all(&part);
        })?;
    }
    let (audit, judged) = read(&to)?;
    super::file(store, &audit, judged.as_ref()).await?;
    Ok(Imported { id, there, damaged })
}

/// Whether two folders are of the same audit.
fn same(dir: &Path, there: &Path, id: &str) -> Result<(), EngineError> {
    let of = |dir: &Path| folder::open(dir).map(|a| (a.manifest.started, a.manifest.plan, a.manifest.visits));
    if of(dir)? == of(there)? {
        return Ok(());
    }
    Err(EngineError::Request(format!(
        "the store has another audit of the name {id} ({}): {} is not imported",
        there.display(),
        dir.display()
    )))
}

fn copy(at: &Place, audit: &AuditFolder, to: &Path) -> Result<Vec<String>, EngineError> {
    make_folder(to).map_err(EngineError::file("cannot make", to))?;
    let blobs = audit.blobs();
    let shared = BlobStore::new(at.blobs());
    let mut damaged = Vec::new();
    for digest in digests(blobs.dir()) {
        match blobs.get(&digest) {
            Ok(bytes) => {
                shared.put(&bytes)?;
            }
            Err(e) => damaged.push(e.to_string()),
        }
    }
    tree(&audit.dir, to, true)?;
    place::blobs(at, to)?;
    Ok(damaged)
}

/// The blobs of a folder, by what they are called.
fn digests(dir: &Path) -> Vec<Digest> {
    let names = |dir: &Path| -> Vec<String> {
        let all = fs::read_dir(dir).into_iter().flatten().flatten();
        all.filter_map(|e| e.file_name().into_string().ok()).collect()
    };
    let mut all: Vec<Digest> = names(dir)
        .iter()
        .flat_map(|two| names(&dir.join(two)).into_iter().map(move |rest| format!("{two}{rest}")))
        .filter_map(|hex| serde_json::from_value(hex.into()).ok())
        .collect();
    all.sort();
    all
}

/// Files and folders as they are, but for the blobs of the audit. Links are not followed.
fn tree(from: &Path, to: &Path, top: bool) -> Result<(), EngineError> {
    let entries = fs::read_dir(from).map_err(EngineError::file("cannot read", from))?;
    for entry in entries {
        let entry = entry.map_err(EngineError::file("cannot read", from))?;
        let kind = entry.file_type().map_err(EngineError::file("cannot read", entry.path()))?;
        let target = to.join(entry.file_name());
        if top && entry.file_name() == place::BLOBS {
            continue;
        }
        if kind.is_dir() {
            make_folder(&target).map_err(EngineError::file("cannot make", &target))?;
            tree(&entry.path(), &target, false)?;
        } else if kind.is_file() {
            copy_file(&entry.path(), &target).map_err(EngineError::file("cannot write", target))?;
        }
    }
    Ok(())
}

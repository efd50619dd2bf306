//! What lies in the audit's folder, against what was sealed and what the manifest names.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{Headers, Verified};
use crate::audit::{CUT_OFF, JUDGEMENTS, MANIFEST_FILE, REPORTS, REQUEST_FILE, VISITS, inside, is_remnant};
use crate::files::{hash_file, refuse_links};
use crate::hostile::line;
use crate::seal::SEAL_FILE;
use crate::seals::{self, SEALS};
use crate::write::RECORD_FILE;
use crate::{AuditFolder, Digest};

/// Bytes, known by their digests. In an audit of a store it is a link, to those that all its audits share.
const BLOBS: &str = "blobs";
/// Folders that are no evidence of themselves: facts are made again.
const OTHER_FOLDERS: [&str; 2] = [BLOBS, "facts"];

/// Names what was changed, taken away or put in.
pub(super) fn compare(folder: &AuditFolder, headers: &Headers, all: &mut Verified) {
    let dir = &folder.dir;
    for (path, digest) in &all.seals.files {
        all.differences.extend(sealed(dir, path, *digest));
    }
    let places = Places::of(folder, all);
    let mut unsealed = Vec::new();
    for path in inside(dir, "").into_iter().filter(|p| !is_remnant(p)) {
        if path != BLOBS && is_link(dir, &path) {
            all.differences.push(format!("{} is a link: an audit holds none", line(&path, 200)));
        } else if path == VISITS {
            visits(dir, &places, all);
        } else if path == SEALS {
            let other = inside(dir, SEALS).into_iter().filter(|p| {
                let name = p.rsplit('/').next().unwrap_or(p);
                seals::number(name).is_none() && !is_remnant(p)
            });
            all.differences.extend(other.map(|p| stray(&p)));
        } else if path == JUDGEMENTS {
            unsealed.extend(inside(dir, JUDGEMENTS).into_iter().filter(|p| !is_remnant(p)));
        } else if path == REQUEST_FILE || REPORTS.contains(&path.as_str()) {
            unsealed.push(path);
        } else if path != MANIFEST_FILE && !OTHER_FOLDERS.contains(&path.as_str()) {
            all.differences.push(stray(&path));
        }
    }
    unsealed.retain(|path| !all.seals.files.contains_key(path));
    if folder.manifest.finished.is_none() {
        // It is sealed when the audit ends.
        unsealed.retain(|path| path != REQUEST_FILE);
    }
    if headers.audit_sealed || all.seals.audit.is_some() {
        all.differences.extend(unsealed.iter().map(|path| {
            format!(
                "{} is not sealed: affiant did not put it there, or was stopped as it did",
                line(path, 200)
            )
        }));
    } else if !unsealed.is_empty() {
        all.notes.push(format!("Not sealed: {}.", line(&unsealed.join(", "), 2_000)));
    }
}

fn is_link(dir: &Path, path: &str) -> bool {
    fs::symlink_metadata(dir.join(path)).is_ok_and(|what| what.is_symlink())
}

fn stray(path: &str) -> String {
    format!("{} is not of this audit: neither a seal nor audit.json names it", line(path, 200))
}

/// What became of a file that was sealed.
fn sealed(dir: &Path, path: &str, digest: Digest) -> Option<String> {
    let told = line(path, 200);
    let plain = Path::new(path).components().all(|c| matches!(c, std::path::Component::Normal(_)));
    if !plain {
        return Some(format!("a seal names {told}, which is no file of an audit"));
    }
    let full = dir.join(path);
    match refuse_links(dir, Path::new(path)).and_then(|()| hash_file(&full)) {
        Ok(now) if now == digest => None,
        Ok(_) if fs::metadata(&full).is_ok_and(|what| what.len() == 0) => {
            Some(format!("{told} is empty: it was not when it was sealed"))
        }
        Ok(now) => Some(format!(
            "{told} was changed after it was sealed (SHA-256 {}, sealed was {})",
            now.short(),
            digest.short()
        )),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            Some(format!("{told} is missing: it was sealed, and taken away since"))
        }
        Err(e) => Some(format!("{told} is not what was sealed: {e}")),
    }
}

/// Where visits may lie.
struct Places {
    /// Those that the manifest or the seal names, and those that were cut off and made again.
    named: BTreeSet<String>,
    /// Others whose files were sealed.
    sealed: BTreeSet<String>,
    state: State,
}

/// How far it is known which visits there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The manifest may not name all of them yet.
    GoesOn,
    /// All are named.
    Ended,
    /// All are named, and sealed.
    Sealed,
}

impl Places {
    fn of(folder: &AuditFolder, all: &Verified) -> Places {
        let manifest = &folder.manifest;
        let state = match (&all.seals.audit, &manifest.finished) {
            (Some(_), _) => State::Sealed,
            (None, Some(_)) => State::Ended,
            (None, None) => State::GoesOn,
        };
        let sealed = all.seals.audit.iter().flat_map(|a| &a.visits);
        // Where no record was sealed for a visit, whatever lies in its folder was.
        let visits =
            manifest.visits.iter().chain(sealed).filter(|v| state != State::Sealed || v.digest.is_some());
        let mut named: BTreeSet<String> = visits.map(|v| v.path.clone()).collect();
        if state != State::Sealed {
            // The first attempt at a page under which the browser went away.
            let first = named.iter().filter_map(|p| p.strip_suffix("-again").map(str::to_owned));
            named.extend(first.collect::<Vec<_>>());
        }
        named.extend(manifest.cut_off());
        let sealed = all.seals.files.keys().filter_map(|p| Some(p.rsplit_once('/')?.0.to_owned()));
        Places { named, sealed: sealed.collect(), state }
    }
}

/// Names folders of no visit, and what does not belong into one.
fn visits(dir: &Path, places: &Places, all: &mut Verified) {
    for session in inside(dir, VISITS) {
        let folders = inside(dir, &session);
        // Where the audit was stopped, one may be there and nothing in it yet.
        if (folders.is_empty() && places.state != State::GoesOn) || is_link(dir, &session) {
            all.differences.push(stray(&session));
        }
        for visit in folders {
            let (is_named, is_sealed) = (places.named.contains(&visit), places.sealed.contains(&visit));
            match places.state {
                _ if is_link(dir, &visit) => all.differences.push(stray(&visit)),
                _ if is_named || is_sealed => {
                    let files = inside(dir, &visit).into_iter().filter(|p| !is_remnant(p));
                    let strays = files.filter(|file| {
                        let name = file.rsplit('/').next().unwrap_or(file);
                        let is_sealed = is_named || all.seals.files.contains_key(file);
                        ![RECORD_FILE, SEAL_FILE].contains(&name) || is_link(dir, file) || !is_sealed
                    });
                    all.differences.extend(strays.map(|file| stray(&file)).collect::<Vec<_>>());
                }
                State::GoesOn => all.notes.push(unnamed(&visit)),
                State::Ended => all.differences.push(unnamed(&visit)),
                State::Sealed => all.differences.push(stray(&visit)),
            }
        }
    }
}

fn unnamed(path: &str) -> String {
    format!(
        "{} is in the folder, and audit.json names it neither as a visit nor as '{CUT_OFF}'.",
        line(path, 200)
    )
}

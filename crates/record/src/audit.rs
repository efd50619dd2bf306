//! An audit as a folder on disk: its manifest, its visits, its blobs. Layout in `docs/RECORD.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::{hash_file, make_folder, read_file, refuse_links, write_whole};
use crate::header::{Tool, Vantage};
use crate::seals::{self, ToSeal};
use crate::{BlobStore, Digest, Extra, Leg, Outcome, RecordError, Scenario};

/// Name of the manifest.
pub const MANIFEST_FILE: &str = "audit.json";
/// What the audit was asked for.
pub const REQUEST_FILE: &str = "request.json";
/// Folder of the visits.
pub const VISITS: &str = "visits";
/// Folder of the judgements.
pub const JUDGEMENTS: &str = "judgements";
/// The reports.
pub const REPORTS: [&str; 2] = ["report.html", "report.json"];
/// In the manifest: visits that were cut off and made again.
pub const CUT_OFF: &str = "cut_off";
/// The largest manifest that is read.
const MOST_BYTES: u64 = 1 << 30;
/// Version of the manifest's format.
const FORMAT: u32 = 1;

/// What an audit was asked to do: pages × scenarios, from one vantage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The address that the user gave.
    pub start: String,
    /// Pages that were named, the first one first. More are found on the first one, up to `max_pages` in all;
    /// which they were, the visits tell.
    pub pages: Vec<String>,
    /// Pages a session visits at most.
    pub max_pages: u32,
    /// Scenarios, one session each.
    pub scenarios: Vec<Scenario>,
    /// Scenarios that are lived once more without the vantage's privacy signal, so that its effect can be seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Scenario>,
    /// Whether a scenario's visitor leaves at the end and comes back: tab closed, session cookies gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returns: bool,
    /// How many times each scenario is lived: races show only over several runs.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub repeat: u32,
    /// From where and as whom.
    pub vantage: Vantage,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

fn once() -> u32 {
    1
}

fn is_once(n: &u32) -> bool {
    *n == 1
}

impl Plan {
    /// SHA-256 of the plan as JSON.
    pub fn digest(&self) -> Result<Digest, RecordError> {
        Ok(Digest::of(&serde_json::to_vec(self)?))
    }
}

/// One visit of an audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VisitEntry {
    /// Folder of the record, relative to the audit's.
    pub path: String,
    /// Session.
    pub session: String,
    /// Place in the session, from 0.
    pub ordinal: u32,
    /// Scenario requested.
    pub scenario: Scenario,
    /// Where it stands in the session; absent in manifests from before 0.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<Leg>,
    /// Whether it is a control: without the vantage's privacy signal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// Address asked for.
    pub url: String,
    /// Digest, once sealed.
    pub digest: Option<Digest>,
    /// How it ended; absent when it was planned but never made.
    pub outcome: Option<Outcome>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The manifest of an audit folder, `audit.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditManifest {
    /// Version of this format.
    pub format: u32,
    /// The audit's name, also its folder's.
    pub id: String,
    /// The program that made it.
    pub tool: Tool,
    /// When it began, RFC 3339, by this machine's clock.
    pub started: String,
    /// When it ended; absent while it runs or when it was killed.
    pub finished: Option<String>,
    /// Whether the user stopped it before it was done.
    #[serde(default)]
    pub interrupted: bool,
    /// What it was asked to do.
    pub plan: Plan,
    /// Its visits, planned and made, in order of session and place.
    pub visits: Vec<VisitEntry>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl AuditManifest {
    /// Folders of visits that were under way when the audit was killed and were made again: their records stay.
    pub fn cut_off(&self) -> BTreeSet<String> {
        let all = self.extra.get(CUT_OFF).and_then(|v| v.as_array());
        all.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }
}

/// An audit's folder.
#[derive(Debug, Clone)]
pub struct AuditFolder {
    /// The folder.
    pub dir: PathBuf,
    /// Its manifest.
    pub manifest: AuditManifest,
}

impl AuditFolder {
    /// Makes a new folder and writes the manifest into it. The folder must not hold an audit already.
    pub fn create(
        dir: &Path,
        id: String,
        tool: Tool,
        started: String,
        plan: Plan,
    ) -> Result<AuditFolder, RecordError> {
        make_folder(dir).map_err(RecordError::io("cannot make the audit folder", dir))?;
        if dir.join(MANIFEST_FILE).exists() {
            let e = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "it already holds an audit");
            return Err(RecordError::io("cannot begin an audit in", dir)(e));
        }
        let manifest = AuditManifest {
            format: FORMAT,
            id,
            tool,
            started,
            finished: None,
            interrupted: false,
            plan,
            visits: Vec::new(),
            extra: Extra::new(),
        };
        let folder = AuditFolder { dir: dir.to_owned(), manifest };
        folder.save()?;
        Ok(folder)
    }

    /// Opens an audit folder.
    pub fn open(dir: &Path) -> Result<AuditFolder, RecordError> {
        let path = dir.join(MANIFEST_FILE);
        let text = read_file(&path, MOST_BYTES)
            .map_err(RecordError::io("cannot read the audit's manifest", &path))?;
        let manifest: AuditManifest = serde_json::from_slice(&text)
            .map_err(|e| RecordError::damaged(&path, format!("it is no audit manifest: {e}")))?;
        if manifest.format > FORMAT {
            return Err(RecordError::TooNew { path, found: manifest.format, known: FORMAT });
        }
        if manifest.format == 0 {
            return Err(RecordError::damaged(path, "it names format 0, which never was"));
        }
        Ok(AuditFolder { dir: dir.to_owned(), manifest })
    }

    /// Writes the manifest, whole or not at all.
    pub fn save(&self) -> Result<(), RecordError> {
        let mut text = serde_json::to_vec_pretty(&self.manifest)?;
        text.push(b'\n');
        write_whole(&self.dir.join(MANIFEST_FILE), &text)
    }

    /// Ends the audit: saves the manifest with these words, and seals the whole as it lies there. Done twice, it comes to the same.
    pub fn end(&mut self, finished: String, interrupted: bool) -> Result<(), RecordError> {
        self.manifest.finished = Some(finished);
        self.manifest.interrupted = interrupted;
        self.save()?;
        self.drop_empty_folders();
        let files = self.files_to_seal()?;
        seals::add(&self.dir, &ToSeal { audit: Some(self.manifest.clone()), files })?;
        Ok(())
    }

    /// Folders that a kill left before anything was written into them: only empty ones can be removed so.
    fn drop_empty_folders(&self) {
        for session in inside(&self.dir, VISITS) {
            for visit in inside(&self.dir, &session) {
                let _ = fs::remove_dir(self.dir.join(visit));
            }
            let _ = fs::remove_dir(self.dir.join(session));
        }
    }

    /// What the manifest's digests do not speak for: what was asked for, what lies in folders of visits that have no digest, and what
    /// was judged and reported before the audit ended.
    fn files_to_seal(&self) -> Result<BTreeMap<String, Digest>, RecordError> {
        // What was cut off and made again is of no judgement, and a worker that was asleep may write to it still.
        let mut apart = self.manifest.cut_off();
        apart.extend(self.manifest.visits.iter().filter(|v| v.digest.is_some()).map(|v| v.path.clone()));
        let mut paths: Vec<String> =
            REPORTS.iter().chain([&REQUEST_FILE]).map(|name| (*name).to_owned()).collect();
        paths.extend(inside(&self.dir, JUDGEMENTS));
        for visit in inside(&self.dir, VISITS).iter().flat_map(|session| inside(&self.dir, session)) {
            if !apart.contains(&visit) {
                paths.extend(inside(&self.dir, &visit));
            }
        }
        let mut files = BTreeMap::new();
        for path in paths.into_iter().filter(|p| !is_remnant(p)) {
            let full = self.dir.join(&path);
            // What is no file is of no audit: whoever verifies it is told.
            if fs::symlink_metadata(&full).is_ok_and(|what| what.is_file()) {
                let digest = hash_file(&full).map_err(RecordError::io("cannot seal", &full))?;
                files.insert(path, digest);
            }
        }
        Ok(files)
    }

    /// The audit's blobs.
    pub fn blobs(&self) -> BlobStore {
        BlobStore::new(self.dir.join("blobs"))
    }

    /// Folder of a visit. A manifest cannot lead outside the audit's folder.
    pub fn visit_dir(&self, visit: &VisitEntry) -> Result<PathBuf, RecordError> {
        let rel = Path::new(&visit.path);
        let plain = rel.components().all(|c| matches!(c, std::path::Component::Normal(_)));
        if !plain || visit.path.is_empty() {
            return Err(RecordError::damaged(
                self.dir.join(MANIFEST_FILE),
                format!(
                    "the path of a visit, '{}', leads outside the audit folder",
                    visit.path.escape_debug()
                ),
            ));
        }
        refuse_links(&self.dir, rel).map_err(RecordError::io("cannot read a visit of", &self.dir))?;
        Ok(self.dir.join(rel))
    }
}

/// What stands in a folder of an audit, as paths in the audit's folder. Links are not followed.
pub(crate) fn inside(dir: &Path, folder: &str) -> Vec<String> {
    let full = dir.join(folder);
    let Ok(entries) = fs::read_dir(&full) else { return Vec::new() };
    if fs::symlink_metadata(&full).is_ok_and(|what| what.is_symlink()) {
        return Vec::new();
    }
    let mut paths: Vec<String> = entries
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") })
        .collect();
    paths.sort();
    paths
}

/// Whether a file is what a killed write left, which means nothing.
pub(crate) fn is_remnant(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("part-") || name.ends_with(".part")
}

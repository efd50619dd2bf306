//! The manifest while the audit runs: entries are found at once, and it is saved now and then instead of each time.
//!
//! Saving costs as much as there are visits, so it must not happen at each of them. Nothing is lost by that: a
//! visit's own folder holds its record and seal, and [`super::recover`] finds those that the manifest does not name yet.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use affiant_plan::{Names, Part, Role, Share, Step};
use affiant_record::{AuditFolder, BlobStore, RecordError, VisitEntry};
use tokio::sync::oneshot;

use super::facts::Keeper;
use crate::{EngineError, Made, ToVisit, VisitLog};

/// The shortest time between two saves.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// Of all time, saving may take one part in this many.
const SAVE_SHARE: u32 = 50;

/// The log of an audit that is kept in a folder: its manifest. What visits show is named as they end.
pub struct FolderLog {
    manifest: Mutex<Manifest>,
    facts: Keeper,
}

impl FolderLog {
    /// For a folder that was just made.
    pub fn new(folder: AuditFolder) -> FolderLog {
        let facts = Keeper::new(&folder);
        FolderLog { manifest: Mutex::new(Manifest::new(folder)), facts }
    }

    fn lock(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Saves if anything changed. The sessions go on meanwhile.
    pub(crate) async fn save(&self) -> Result<(), RecordError> {
        let mut folder = {
            let mut manifest = self.lock();
            if !std::mem::take(&mut manifest.unsaved) {
                return Ok(());
            }
            manifest.folder.clone()
        };
        let saved = tokio::task::spawn_blocking(move || {
            sort(&mut folder);
            folder.save()
        })
        .await;
        let saved = saved.unwrap_or_else(|e| Err(RecordError::io("cannot save", "audit.json")(e.into())));
        if saved.is_err() {
            self.lock().unsaved = true;
        }
        saved
    }

    /// Saves now and then until `done`, between two saves. Gives the first error; it goes on after it.
    pub(crate) async fn keep_saved(&self, mut done: oneshot::Receiver<()>) -> Option<RecordError> {
        let (mut pause, mut error) = (SAVE_EVERY, None);
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = &mut done => return error,
            }
            let began = Instant::now();
            if let Err(e) = self.save().await {
                error.get_or_insert(e);
            }
            pause = SAVE_EVERY.max(began.elapsed() * SAVE_SHARE);
        }
    }

    /// The folder, its visits in order, once all that was seen is named.
    pub(crate) async fn into_folder(self) -> AuditFolder {
        self.facts.done().await;
        self.manifest.into_inner().unwrap_or_else(PoisonError::into_inner).into_folder()
    }
}

impl VisitLog for FolderLog {
    fn blobs(&self) -> BlobStore {
        self.lock().folder.blobs()
    }

    async fn names(&self) -> Result<Names, EngineError> {
        Ok(self.lock().names())
    }

    async fn plan(&self, share: &Share) -> Result<(), EngineError> {
        self.lock().plan(share);
        Ok(())
    }

    async fn begin(&self, visit: &ToVisit) -> Result<PathBuf, EngineError> {
        let entry = entry(visit, None);
        let mut manifest = self.lock();
        let dir = manifest.folder.dir.join(&entry.path);
        manifest.enter(entry);
        Ok(dir)
    }

    async fn end(&self, visit: &ToVisit, made: Made) -> Result<(), EngineError> {
        let entry = entry(visit, Some(made));
        if let Some(digest) = entry.digest {
            self.facts.ended(&entry.path, digest);
        }
        self.lock().enter(entry);
        Ok(())
    }

    async fn hand_over(&self, part: &Part) -> Result<Share, EngineError> {
        let mut manifest = self.lock();
        let to = part.share(manifest.names().next(part.role));
        manifest.unplan(&part.session, part.from);
        manifest.plan(&to);
        Ok(to)
    }
}

/// The manifest of a running audit.
struct Manifest {
    folder: AuditFolder,
    at: HashMap<(String, u32), usize>,
    unsaved: bool,
}

impl Manifest {
    fn new(folder: AuditFolder) -> Manifest {
        let mut manifest = Manifest { folder, at: HashMap::new(), unsaved: true };
        manifest.index();
        manifest
    }

    /// Adds or replaces the entry of a session's visit.
    fn enter(&mut self, entry: VisitEntry) {
        self.unsaved = true;
        let visits = &mut self.folder.manifest.visits;
        let key = (entry.session.clone(), entry.ordinal);
        match self.at.get(&key).and_then(|i| visits.get_mut(*i)) {
            Some(there) => *there = entry,
            None => {
                self.at.insert(key, visits.len());
                visits.push(entry);
            }
        }
    }

    fn names(&self) -> Names {
        names(&self.folder, &self.folder.manifest.visits)
    }

    /// Names the visits of a session that are not named yet.
    fn plan(&mut self, share: &Share) {
        for (ordinal, step) in (0u32..).zip(share.steps()) {
            if !self.at.contains_key(&(share.session.clone(), ordinal)) {
                self.enter(planned(&share.session, share.role, ordinal, &step));
            }
        }
    }

    /// Takes back what a session will not do any more, from this place on: another one will.
    fn unplan(&mut self, session: &str, from: u32) {
        self.unsaved = true;
        self.folder
            .manifest
            .visits
            .retain(|v| v.session != session || v.ordinal < from || v.digest.is_some());
        self.index();
    }

    /// The folder, its visits in order.
    fn into_folder(mut self) -> AuditFolder {
        sort(&mut self.folder);
        self.folder
    }

    fn index(&mut self) {
        let visits = self.folder.manifest.visits.iter().enumerate();
        self.at = visits.map(|(i, v)| ((v.session.clone(), v.ordinal), i)).collect();
    }
}

/// Puts the visits in order of scenario, session and place: `reject-all`, `reject-all-2`, `reject-all-10`.
pub(crate) fn sort(folder: &mut AuditFolder) {
    let order = |v: &VisitEntry| (v.scenario, v.control, v.session.len(), v.session.clone(), v.ordinal);
    folder.manifest.visits.sort_by_cached_key(order);
}

/// Names for sessions: those that follow these visits', and what lies in the folder. What was cut off keeps its own.
pub(crate) fn names(folder: &AuditFolder, visits: &[VisitEntry]) -> Names {
    let named = visits.iter().map(|v| v.session.clone());
    Names::after(&Role::of(&folder.manifest.plan), named.chain(super::recover::sessions(&folder.dir)))
}

/// The path of a visit in the audit's folder.
fn path(session: &str, ordinal: u32) -> String {
    format!("visits/{session}/{ordinal:03}")
}

pub(crate) fn planned(session: &str, role: Role, ordinal: u32, step: &Step) -> VisitEntry {
    VisitEntry {
        path: path(session, ordinal),
        session: session.to_owned(),
        ordinal,
        scenario: role.scenario,
        leg: Some(step.leg),
        control: role.control,
        url: step.url.clone(),
        digest: None,
        outcome: None,
        extra: Default::default(),
    }
}

/// A visit as the manifest names it.
pub(crate) fn entry(visit: &ToVisit, made: Option<Made>) -> VisitEntry {
    let mut entry = planned(&visit.session, visit.role, visit.ordinal, &visit.step);
    if visit.again {
        entry.path += "-again";
    }
    if let Some(made) = made {
        (entry.digest, entry.outcome) = (made.digest, Some(made.outcome));
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use affiant_plan::Todo;
    use affiant_record::Outcome;
    use affiant_record::audit::Plan;
    use affiant_record::{Leg, Scenario};

    fn empty(dir: &std::path::Path) -> Manifest {
        let plan = Plan {
            start: "https://a.test/".to_owned(),
            pages: Vec::new(),
            max_pages: 3,
            scenarios: vec![Scenario::NoChoice],
            controls: Vec::new(),
            returns: false,
            repeat: 1,
            vantage: Default::default(),
            extra: Default::default(),
        };
        Manifest::new(
            AuditFolder::create(dir, "a".to_owned(), crate::tool(), "now".to_owned(), plan).unwrap(),
        )
    }

    const NO_CHOICE: Role = Role { scenario: Scenario::NoChoice, control: false };

    fn further(url: &str) -> Step {
        Step { url: url.to_owned(), leg: Leg::Further, choice: None }
    }

    fn share(session: &str, start: &str, pages: &[&str]) -> Share {
        let pages = pages.iter().map(|p| (*p).to_owned()).collect();
        let todo = Todo { pages, returns: false };
        Share { role: NO_CHOICE, session: session.to_owned(), start: start.to_owned(), todo, second: false }
    }

    fn names(visits: &[VisitEntry]) -> Vec<(&str, u32)> {
        visits.iter().map(|v| (v.session.as_str(), v.ordinal)).collect()
    }

    #[test]
    fn planned_visits_are_named_once_made_ones_replace_them_and_all_are_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut manifest = empty(dir.path());
        for session in ["no-choice-10", "no-choice-2", "no-choice"] {
            manifest.plan(&share(session, "https://a.test/", &["https://a.test/b"]));
        }
        let mut made = planned("no-choice-2", NO_CHOICE, 1, &further("https://a.test/b"));
        made.outcome = Some(Outcome::Complete);
        manifest.enter(made);
        manifest.plan(&share("no-choice-2", "https://a.test/", &["https://a.test/b"]));
        let folder = manifest.into_folder();
        let visits = &folder.manifest.visits;
        let order = [
            ("no-choice", 0),
            ("no-choice", 1),
            ("no-choice-2", 0),
            ("no-choice-2", 1),
            ("no-choice-10", 0),
            ("no-choice-10", 1),
        ];
        assert_eq!(names(visits), order);
        assert_eq!(visits[3].outcome, Some(Outcome::Complete));
        assert_eq!(visits[3].path, "visits/no-choice-2/001");
    }

    #[test]
    fn what_another_session_does_is_taken_back_but_never_what_was_recorded() {
        let dir = tempfile::tempdir().unwrap();
        let mut manifest = empty(dir.path());
        manifest.plan(&share("no-choice", "0", &["1", "2", "3"]));
        let mut sealed = planned("no-choice", NO_CHOICE, 2, &further("2"));
        sealed.digest = Some(affiant_record::Digest::of(b"sealed"));
        manifest.enter(sealed);
        manifest.unplan("no-choice", 1);
        // The index follows: a later entry lands on its own place.
        manifest.enter(planned("no-choice", NO_CHOICE, 2, &further("again")));
        let folder = manifest.into_folder();
        assert_eq!(names(&folder.manifest.visits), [("no-choice", 0), ("no-choice", 2)]);
        assert_eq!(folder.manifest.visits[1].url, "again");
    }

    #[tokio::test]
    async fn it_is_saved_when_something_changed_and_once_more_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let log = FolderLog::new(empty(dir.path()).folder);
        log.save().await.unwrap();
        let saved = |dir: &std::path::Path| AuditFolder::open(dir).unwrap().manifest.visits.len();
        assert_eq!(saved(dir.path()), 0);
        std::fs::remove_file(dir.path().join("audit.json")).unwrap();
        log.save().await.unwrap();
        assert!(!dir.path().join("audit.json").exists(), "nothing changed: nothing is written");
        log.plan(&share("no-choice", "0", &[])).await.unwrap();
        log.save().await.unwrap();
        assert_eq!(saved(dir.path()), 1);
    }
}

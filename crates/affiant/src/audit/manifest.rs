//! The manifest while the audit runs: entries are found at once, and it is saved now and then instead of each time.
//!
//! Saving costs as much as there are visits, so it must not happen at each of them. Nothing is lost by that: a
//! visit's own folder holds its record and seal, and [`super::found`] finds those that the manifest does not name yet.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use affiant_record::{AuditFolder, BlobStore, RecordError, VisitEntry};
use tokio::sync::oneshot;

use super::role::Role;
use super::script::Step;

/// The shortest time between two saves.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// Of all time, saving may take one part in this many.
const SAVE_SHARE: u32 = 50;

/// The manifest of a running audit.
pub(crate) struct Manifest {
    folder: AuditFolder,
    at: HashMap<(String, u32), usize>,
    unsaved: bool,
}

/// The manifest as all lanes share it.
pub(crate) type SharedManifest = Arc<Mutex<Manifest>>;

/// Locks it.
pub(crate) fn lock(manifest: &SharedManifest) -> MutexGuard<'_, Manifest> {
    manifest.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Manifest {
    pub(crate) fn new(folder: AuditFolder) -> Manifest {
        let mut manifest = Manifest { folder, at: HashMap::new(), unsaved: true };
        manifest.index();
        manifest
    }

    /// The audit's folder.
    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.dir.clone()
    }

    /// The audit's blobs.
    pub(crate) fn blobs(&self) -> BlobStore {
        self.folder.blobs()
    }

    /// Adds or replaces the entry of a session's visit.
    pub(crate) fn enter(&mut self, entry: VisitEntry) {
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

    /// Names the visits that a session is to make, so that those that never were are missed.
    pub(crate) fn plan(&mut self, session: &str, role: Role, steps: &[Step]) {
        for (ordinal, step) in (0u32..).zip(steps) {
            if !self.at.contains_key(&(session.to_owned(), ordinal)) {
                self.enter(planned(session, role, ordinal, step));
            }
        }
    }

    /// Takes back what a session will not do any more, from this place on: another one will.
    pub(crate) fn unplan(&mut self, session: &str, from: u32) {
        self.unsaved = true;
        self.folder
            .manifest
            .visits
            .retain(|v| v.session != session || v.ordinal < from || v.digest.is_some());
        self.index();
    }

    /// The folder, its visits in order.
    pub(crate) fn into_folder(mut self) -> AuditFolder {
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

/// The path of a visit in the audit's folder.
pub(crate) fn path(session: &str, ordinal: u32) -> String {
    format!("visits/{session}/{ordinal:03}")
}

fn planned(session: &str, role: Role, ordinal: u32, step: &Step) -> VisitEntry {
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

/// Saves if anything changed. The lanes go on meanwhile.
pub(crate) async fn save(manifest: &SharedManifest) -> Result<(), RecordError> {
    let mut folder = {
        let mut manifest = lock(manifest);
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
        lock(manifest).unsaved = true;
    }
    saved
}

/// Saves now and then until `done`, between two saves; hands over errors and goes on.
pub(crate) async fn keep_saved(
    manifest: &SharedManifest,
    mut done: oneshot::Receiver<()>,
    failed: impl Fn(RecordError),
) {
    let mut pause = SAVE_EVERY;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = &mut done => return,
        }
        let began = Instant::now();
        if let Err(e) = save(manifest).await {
            failed(e);
        }
        pause = SAVE_EVERY.max(began.elapsed() * SAVE_SHARE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let tool = super::super::lanes::tool();
        Manifest::new(AuditFolder::create(dir, "a".to_owned(), tool, "now".to_owned(), plan).unwrap())
    }

    const NO_CHOICE: Role = Role { scenario: Scenario::NoChoice, control: false };

    fn steps(urls: &[&str]) -> Vec<Step> {
        let step = |url: &&str| Step { url: (*url).to_owned(), leg: Leg::Further, choice: None };
        urls.iter().map(step).collect()
    }

    fn names(visits: &[VisitEntry]) -> Vec<(&str, u32)> {
        visits.iter().map(|v| (v.session.as_str(), v.ordinal)).collect()
    }

    #[test]
    fn planned_visits_are_named_once_made_ones_replace_them_and_all_are_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut manifest = empty(dir.path());
        for session in ["no-choice-10", "no-choice-2", "no-choice"] {
            manifest.plan(session, NO_CHOICE, &steps(&["https://a.test/", "https://a.test/b"]));
        }
        let mut made = planned("no-choice-2", NO_CHOICE, 1, &steps(&["https://a.test/b"])[0]);
        made.outcome = Some(Outcome::Complete);
        manifest.enter(made);
        manifest.plan("no-choice-2", NO_CHOICE, &steps(&["https://a.test/", "https://a.test/b"]));
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
        manifest.plan("no-choice", NO_CHOICE, &steps(&["0", "1", "2", "3"]));
        let mut sealed = planned("no-choice", NO_CHOICE, 2, &steps(&["2"])[0]);
        sealed.digest = Some(affiant_record::Digest::of(b"sealed"));
        manifest.enter(sealed);
        manifest.unplan("no-choice", 1);
        // The index follows: a later entry lands on its own place.
        manifest.enter(planned("no-choice", NO_CHOICE, 2, &steps(&["again"])[0]));
        let folder = manifest.into_folder();
        assert_eq!(names(&folder.manifest.visits), [("no-choice", 0), ("no-choice", 2)]);
        assert_eq!(folder.manifest.visits[1].url, "again");
    }

    #[tokio::test]
    async fn it_is_saved_when_something_changed_and_once_more_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let manifest: SharedManifest = Arc::new(Mutex::new(empty(dir.path())));
        save(&manifest).await.unwrap();
        let saved = |dir: &std::path::Path| AuditFolder::open(dir).unwrap().manifest.visits.len();
        assert_eq!(saved(dir.path()), 0);
        std::fs::remove_file(dir.path().join("audit.json")).unwrap();
        save(&manifest).await.unwrap();
        assert!(!dir.path().join("audit.json").exists(), "nothing changed: nothing is written");
        lock(&manifest).plan("no-choice", NO_CHOICE, &steps(&["0"]));
        save(&manifest).await.unwrap();
        assert_eq!(saved(dir.path()), 1);
    }
}

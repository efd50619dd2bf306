//! The lanes of an audit: sessions side by side, each visit after visit, until all shares of all scenarios are done.
//!
//! The first session's first page tells which pages there are, unless they are given; then every scenario's pages are
//! dealt to sessions, and as many lanes as there are slots live one session after the other. What a session leaves undone because its browser
//! went away or its first page did not open goes to a fresh session, once.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use affiant_gather::{BrowserOptions, GatherError, Progress, Stop};
use affiant_record::audit::Plan;
use affiant_record::header::{Settings, Tool};
use affiant_record::{AuditFolder, Digest};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::browsers::Browsers;
use super::fit::Worn;
use super::lane::{Ended, Lane};
use super::manifest::{self, Manifest, SharedManifest, keep_saved, lock};
use super::progress::Totals;
use super::role::Role;
use super::script::{Step, Todo, script};
use super::{pages, shares};

/// What to run.
pub(crate) struct Job {
    pub(crate) folder: AuditFolder,
    pub(crate) plan: Plan,
    pub(crate) browser: BrowserOptions,
    pub(crate) settings: Settings,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) parallel: usize,
    /// When a browser gets no new session any more.
    pub(crate) worn: Worn,
    pub(crate) stop: Stop,
    pub(crate) progress: UnboundedSender<Progress>,
    /// How many visits each scenario has, told as soon as it is known.
    pub(crate) totals: Totals,
}

/// What came of it.
pub(crate) struct Ran {
    pub(crate) folder: AuditFolder,
    /// The first error that ended a session, if one did.
    pub(crate) error: Option<GatherError>,
    /// Browsers that were started.
    pub(crate) browsers: u32,
}

/// A running audit, as its sessions share it.
pub(crate) struct Audit {
    pub(crate) manifest: SharedManifest,
    pub(crate) browsers: Browsers,
    pub(crate) plan: Plan,
    pub(crate) plan_digest: Digest,
    pub(crate) settings: Settings,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) origin: String,
    pub(crate) stop: Stop,
    pub(crate) progress: UnboundedSender<Progress>,
    totals: Totals,
    waiting: Mutex<Waiting>,
    error: Mutex<Option<GatherError>>,
}

/// Sessions that have not begun, how many each scenario has so far, and how many could open their first page.
#[derive(Default)]
struct Waiting {
    shares: VecDeque<Share>,
    numbers: BTreeMap<Role, u32>,
    opened: u32,
    unopened: u32,
}

impl Waiting {
    fn is_hopeless(&self) -> bool {
        self.opened == 0 && self.unopened >= TRIES
    }
}

/// First pages that could not be opened, and none that could, after which nothing more is tried.
const TRIES: u32 = 2;

/// A session's part of an audit.
struct Share {
    role: Role,
    name: String,
    /// What it does beyond the first page.
    todo: Todo,
    /// Whether it does what another session left undone.
    second: bool,
}

/// Lives all sessions.
pub(crate) async fn run(job: Job) -> anyhow::Result<Ran> {
    let plan_digest = job.plan.digest()?;
    let origin =
        url::Url::parse(&job.plan.start).map(|u| u.origin().ascii_serialization()).unwrap_or_default();
    let audit = Arc::new(Audit {
        manifest: Arc::new(Mutex::new(Manifest::new(job.folder))),
        browsers: Browsers::new(job.browser, job.worn),
        plan: job.plan,
        plan_digest,
        settings: job.settings,
        headers: job.headers,
        origin,
        stop: job.stop,
        progress: job.progress,
        totals: job.totals,
        waiting: Mutex::default(),
        error: Mutex::default(),
    });
    let (done, until) = oneshot::channel();
    let saver = {
        let audit = Arc::clone(&audit);
        let manifest = Arc::clone(&audit.manifest);
        tokio::spawn(async move { keep_saved(&manifest, until, |e| audit.keep(e.into())).await })
    };
    if let Some(first) = Role::of(&audit.plan).first().copied() {
        side_by_side(&audit, first, job.parallel.max(1)).await;
    }
    drop(done);
    let _ = saver.await;
    manifest::save(&audit.manifest).await?;
    let audit = Arc::into_inner(audit).ok_or_else(|| anyhow::anyhow!("a session is still running"))?;
    let browsers = audit.browsers.close().await;
    let manifest = Arc::into_inner(audit.manifest)
        .ok_or_else(|| anyhow::anyhow!("the manifest is still being saved"))?;
    Ok(Ran {
        folder: manifest.into_inner().unwrap_or_else(PoisonError::into_inner).into_folder(),
        error: audit.error.into_inner().unwrap_or_else(PoisonError::into_inner),
        browsers,
    })
}

/// All lanes; where the first page tells which pages there are, its session comes alone until it has.
async fn side_by_side(audit: &Arc<Audit>, first: Role, parallel: usize) {
    let known = audit.plan.pages.len() > 1;
    let living = if known {
        audit.share_out(None, &audit.plan.pages, parallel);
        None
    } else {
        let mut lane = Lane::new(first, audit.new_name(first));
        match lane.arrive(audit).await {
            Ok(pages) => {
                let own = audit.share_out(Some(&lane), &pages, parallel);
                Some((lane, own))
            }
            // A start page that cannot be opened at all will not open in another scenario either.
            Err(unopened) => {
                let own = audit.share_out(Some(&lane), &audit.plan.pages, 1);
                lock_plain(&audit.waiting).shares.clear();
                let left = unopened.ends(audit, &lane, &own);
                return end(audit, lane, Some(left), true).await;
            }
        }
    };
    if let Err(e) = manifest::save(&audit.manifest).await {
        audit.keep(e.into());
    }
    let sessions = lock_plain(&audit.waiting).shares.len() + usize::from(living.is_some());
    let mut lanes = JoinSet::new();
    let mut living = living;
    for _ in 0..parallel.min(sessions) {
        let (shared, living) = (Arc::clone(audit), living.take());
        lanes.spawn(async move {
            if let Some((mut lane, own)) = living {
                let left = lane.rest(&shared, &own).await;
                end(&shared, lane, left, false).await;
            }
            work(&shared).await;
        });
    }
    while let Some(done) = lanes.join_next().await {
        if let Err(e) = done {
            tracing::error!(error = %e, "a session ended unexpectedly");
        }
    }
}

/// Lives sessions, one after the other, while any waits.
async fn work(audit: &Audit) {
    while let Some(share) = audit.next() {
        let mut lane = Lane::new(share.role, share.name);
        let arrived = lane.arrive(audit).await;
        audit.note_arrival(arrived.is_ok());
        let left = match arrived {
            Ok(_) => lane.rest(audit, &share.todo).await,
            Err(unopened) => Some(unopened.ends(audit, &lane, &share.todo)),
        };
        end(audit, lane, left, share.second).await;
    }
}

/// Ends a session. What it left undone goes to a fresh one, once.
async fn end(audit: &Audit, mut lane: Lane, left: Option<Ended>, second: bool) {
    lane.close(audit).await;
    let Some(left) = left.filter(|l| !l.left.is_empty() && !audit.stop.is_stopped()) else { return };
    if second || !left.again || audit.is_hopeless() {
        lane.unvisited(audit, &left);
        audit.keep(GatherError::BrowserGone { doing: "visiting the rest of a session's pages".to_owned() });
        return;
    }
    let name = audit.new_name(lane.role);
    tracing::warn!(session = lane.name, why = left.why, "its further pages go to {name}");
    let steps = audit.steps(lane.role, &left.left);
    {
        let mut manifest = lock(&audit.manifest);
        manifest.unplan(&lane.name, left.from);
        manifest.plan(&name, lane.role, &steps);
    }
    audit.count(lane.role, 1);
    let share = Share { role: lane.role, name, todo: left.left, second: true };
    lock_plain(&audit.waiting).shares.push_front(share);
}

impl Audit {
    /// The first page.
    pub(crate) fn start(&self) -> &str {
        self.plan.pages.first().unwrap_or(&self.plan.start)
    }

    /// The pages of the audit, as the first one tells them.
    pub(crate) fn pages_from(&self, end: &str, links: &[String]) -> Vec<String> {
        if self.plan.pages.len() > 1 {
            self.plan.pages.clone()
        } else {
            pages::choose(self.start(), end, links, self.plan.max_pages as usize)
        }
    }

    /// Keeps the first error that ended a session.
    pub(crate) fn keep(&self, e: GatherError) {
        lock_plain(&self.error).get_or_insert(e);
    }

    /// Deals the pages to sessions and names their visits. Gives what the session that lives already has to do.
    fn share_out(&self, living: Option<&Lane>, pages: &[String], slots: usize) -> Todo {
        let further = pages.get(1..).unwrap_or_default();
        let roles = Role::of(&self.plan);
        let count = shares::count(further.len(), slots, roles.len() * self.plan.repeat.max(1) as usize);
        let mut own = Todo::default();
        let hands: Vec<(usize, Vec<String>)> = shares::deal(further, count).into_iter().enumerate().collect();
        // A run is a whole set of fresh profiles; the runs come one after the other.
        for (run, (hand, pages)) in
            (0..self.plan.repeat.max(1)).flat_map(|r| hands.iter().map(move |h| (r, h)))
        {
            // One visitor of each kind comes back; what that shows does not depend on the share of the pages.
            let todo = Todo { pages: pages.clone(), returns: self.plan.returns && *hand == 0 };
            for role in &roles {
                let lives = living.filter(|l| run == 0 && *hand == 0 && *role == l.role);
                let name = lives.map_or_else(|| self.new_name(*role), |l| l.name.clone());
                let steps = self.steps(*role, &todo);
                lock(&self.manifest).plan(&name, *role, &steps);
                self.count(*role, steps.len() as u64);
                if lives.is_some() {
                    own = todo.clone();
                } else {
                    let share = Share { role: *role, name, todo: todo.clone(), second: false };
                    lock_plain(&self.waiting).shares.push_back(share);
                }
            }
        }
        own
    }

    fn steps(&self, role: Role, todo: &Todo) -> Vec<Step> {
        script(role.scenario, self.start(), todo)
    }

    fn new_name(&self, role: Role) -> String {
        let mut waiting = lock_plain(&self.waiting);
        let number = waiting.numbers.entry(role).or_default();
        *number += 1;
        shares::name(role, *number)
    }

    /// Where no session could open its first page, none will: those that wait are not begun.
    fn note_arrival(&self, opened: bool) {
        let mut waiting = lock_plain(&self.waiting);
        *(if opened { &mut waiting.opened } else { &mut waiting.unopened }) += 1;
        if waiting.is_hopeless() {
            waiting.shares.clear();
        }
    }

    fn is_hopeless(&self) -> bool {
        lock_plain(&self.waiting).is_hopeless()
    }

    fn next(&self) -> Option<Share> {
        if self.stop.is_stopped() { None } else { lock_plain(&self.waiting).shares.pop_front() }
    }

    fn count(&self, role: Role, visits: u64) {
        *lock_plain(&self.totals).entry(role).or_default() += visits;
    }
}

fn lock_plain<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This program.
pub(crate) fn tool() -> Tool {
    Tool { name: "affiant".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Where an audit goes if the user names no folder.
pub(crate) fn default_out(name: &str) -> PathBuf {
    Path::new("affiant-audits").join(name)
}

//! Workers that make one audit together, and what becomes of it when they die, stop, or lose the database.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use affiant_record::{AuditFolder, Outcome};
use affiant_testbed::{Sites, Testbed};
use serde_json::Value;
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::common::{affiant, to};
use crate::database;

/// Long enough for a busy machine, short enough for a test.
const LEASE: Duration = Duration::from_secs(6);

/// A store on one of the databases, and a site to audit.
struct Bed {
    site: Testbed,
    dir: TempDir,
    store: Vec<(&'static str, String)>,
}

impl Bed {
    async fn sqlite() -> Bed {
        Bed::new(|dir| vec![("AFFIANT_STORE", dir.join("store").display().to_string())]).await
    }

    /// A database of its own on the server that `cargo xtask test` starts.
    async fn postgres() -> Bed {
        let url = database::fresh("workers").await;
        Bed::new(|dir| {
            let folder = dir.join("store").display().to_string();
            vec![("AFFIANT_STORE", url), ("AFFIANT_STORE_FOLDER", folder)]
        })
        .await
    }

    async fn new(store: impl FnOnce(&Path) -> Vec<(&'static str, String)>) -> Bed {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        Bed { site: Testbed::start(Sites::only(&["no-banner"])).await.unwrap(), dir, store }
    }

    /// Whether nobody holds the database file locked; a server's is never.
    async fn can_be_written_to(&self) -> bool {
        let file = self.dir.path().join("store/store.db");
        if !file.is_file() {
            return true;
        }
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}", file.display());
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        sqlx::query("pragma busy_timeout = 500").execute(&mut connection).await.unwrap();
        let taken = sqlx::query("begin immediate").execute(&mut connection).await.is_ok();
        connection.close().await.unwrap();
        taken
    }

    fn affiant(&self, args: &[&str]) -> Command {
        let mut command = affiant();
        command.args(args).envs(self.store.iter().cloned()).env("TMPDIR", self.dir.path());
        command
    }

    async fn says(&self, args: &[&str]) -> String {
        let done = self.affiant(args).output().await.unwrap();
        assert_eq!(done.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    async fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.says(&[args, &["--format", "json"]].concat()).await).unwrap()
    }

    /// Addresses on the site, the start page first.
    fn pages(&self, count: usize) -> Vec<String> {
        let site = self.site.sites().next().unwrap();
        let all = (0..count).map(|n| (n, &site.pages[n % site.pages.len()]));
        all.map(|(n, page)| if n == 0 { page.clone() } else { format!("{page}?n={n}") }).collect()
    }

    /// Asks for an audit of these pages, without a choice.
    async fn ask(&self, pages: &[String]) -> Asked {
        let list = self.dir.path().join("urls");
        std::fs::write(&list, pages.join("\n")).unwrap();
        let mut args = vec!["audit", "--queue", "--scenario", "no-choice", "--urls"];
        args.push(list.to_str().unwrap());
        let to = to(&self.site);
        args.extend(to.iter().map(String::as_str));
        let id = self.says(&args).await;
        let dir = self.dir.path().join("store/audits").join(&id);
        assert!(dir.is_dir(), "{id}");
        Asked { id, dir, pages: pages.to_vec() }
    }

    /// A worker with a folder for what is temporary to itself: it sweeps no other's profiles.
    fn worker(&self, name: &str, args: &[&str]) -> At {
        let temporary = self.dir.path().join(name);
        std::fs::create_dir_all(&temporary).unwrap();
        let lease = LEASE.as_secs().to_string();
        let said = temporary.join("said.txt");
        let process = self
            .affiant(&[&["worker", "--lease", &lease], args].concat())
            .env("TMPDIR", temporary)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&said).unwrap())
            .spawn()
            .unwrap();
        At { process, said }
    }
}

/// A worker at work.
struct At {
    process: Child,
    said: PathBuf,
}

impl At {
    fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap()
    }

    fn signal(&self, name: &str) {
        let pid = self.process.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    async fn dies(mut self) {
        self.process.start_kill().unwrap();
        self.process.wait().await.unwrap();
    }
}

struct Asked {
    id: String,
    dir: PathBuf,
    pages: Vec<String>,
}

impl Asked {
    fn seals(&self) -> BTreeSet<PathBuf> {
        let below = |dir: &Path| -> Vec<PathBuf> {
            std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect()
        };
        let visits = below(&self.dir.join("visits")).into_iter().flat_map(|session| below(&session));
        visits.map(|v| v.join("seal.json")).filter(|p| p.is_file()).collect()
    }

    async fn sealed(&self, least: usize) {
        until(Duration::from_secs(120), "sealed visits", || self.seals().len() >= least).await;
    }
}

async fn until(most: Duration, what: &str, is: impl Fn() -> bool) {
    let end = Instant::now() + most;
    while !is() {
        assert!(Instant::now() < end, "no {what} within {most:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A worker ends when no job is left.
async fn ends(mut worker: At) {
    let ended = tokio::time::timeout(Duration::from_secs(240), worker.process.wait()).await;
    assert!(ended.is_ok_and(|e| e.unwrap().success()), "{}", worker.said());
}

/// Each page was visited once and wholly, but for the one on which sessions begin; what is on disk and not of the audit is named;
/// what SQL says is what the folder says.
async fn whole(bed: &Bed, asked: &Asked, before: &BTreeSet<PathBuf>) -> AuditFolder {
    let folder = AuditFolder::open(&asked.dir).unwrap();
    let visits = &folder.manifest.visits;
    assert!(folder.manifest.finished.is_some() && !folder.manifest.interrupted);
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for v in visits {
        assert_eq!(v.outcome, Some(Outcome::Complete), "{v:?}");
        *times.entry(&v.url).or_default() += 1;
    }
    let pages: BTreeSet<&str> = asked.pages.iter().map(String::as_str).collect();
    assert_eq!(times.keys().copied().collect::<BTreeSet<_>>(), pages);
    let twice: Vec<_> = times.iter().filter(|(page, n)| **page != asked.pages[0] && **n > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let digests: BTreeSet<_> = visits.iter().map(|v| v.digest.unwrap()).collect();
    assert_eq!(digests.len(), visits.len());

    let cut_off = folder.manifest.extra.get("cut_off").cloned().unwrap_or_default();
    let of =
        |seal: &Path| seal.parent().unwrap().strip_prefix(&asked.dir).unwrap().to_str().unwrap().to_owned();
    for seal in asked.seals() {
        let path = of(&seal);
        let named = visits.iter().any(|v| v.path == path);
        let aside = cut_off.as_array().is_some_and(|all| all.iter().any(|p| *p == *path));
        assert!(named != aside, "{path} is of the audit, or named as cut off");
    }
    for seal in before {
        assert!(visits.iter().any(|v| v.path == of(seal)), "{} was sealed and stays", seal.display());
    }
    bed.says(&["record", "verify", asked.dir.to_str().unwrap()]).await;
    let history = bed.json(&["history"]).await;
    assert_eq!((&history[0]["state"], &history[0]["visits"]), (&"finished".into(), &visits.len().into()));
    let rebuilt = bed.says(&["store", "rebuild"]).await;
    assert!(rebuilt.contains("0 filed again, 0 forgotten"), "{rebuilt}");
    assert_eq!(std::fs::read_dir(asked.dir.join("judgements")).unwrap().count(), 1, "judged once");
    folder
}

/// Makes two tests of one: on SQLite, and on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(super::Bed::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(super::Bed::postgres().await).await;
            })+
        }
    };
}

on_both!(
    four_workers_share_an_audit_and_two_are_killed,
    a_worker_that_was_taken_for_dead_doubles_nothing,
    one_that_kills_its_workers_is_given_up_and_says_so,
    a_stopped_worker_gives_its_jobs_back,
    a_cancelled_audit_is_judged_with_what_there_is,
);

async fn four_workers_share_an_audit_and_two_are_killed(bed: Bed) {
    let asked = bed.ask(&bed.pages(40)).await;
    let mut workers: Vec<At> =
        (0..4).map(|n| bed.worker(&format!("w{n}"), &["--until-idle", "--parallel", "2"])).collect();
    asked.sealed(6).await;
    let mut before = BTreeSet::new();
    for worker in workers.drain(..2) {
        before.extend(asked.seals());
        worker.dies().await;
    }
    for worker in workers {
        ends(worker).await;
    }
    whole(&bed, &asked, &before).await;
    let jobs = bed.json(&["jobs", &asked.id]).await;
    let jobs = jobs.as_array().unwrap();
    assert!(jobs.iter().all(|j| j["state"] == "done"), "{jobs:#?}");
    assert!(jobs.len() > 3, "several sessions shared it: {jobs:#?}");
}

/// As if its machine had been asleep: another one does the job, and what it writes counts no more.
async fn a_worker_that_was_taken_for_dead_doubles_nothing(bed: Bed) {
    let asked = bed.ask(&bed.pages(6)).await;
    let sleeps = bed.worker("sleeps", &["--until-idle", "--parallel", "1"]);
    asked.sealed(2).await;
    // One that sleeps while it writes keeps a file locked until it wakes: that is SQLite's way, and not what is looked at here.
    loop {
        sleeps.signal("-STOP");
        if bed.can_be_written_to().await {
            break;
        }
        sleeps.signal("-CONT");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let before = asked.seals();
    ends(bed.worker("other", &["--until-idle", "--parallel", "1"])).await;
    sleeps.signal("-CONT");
    let said = sleeps.said.clone();
    ends(sleeps).await;
    let said = std::fs::read_to_string(said).unwrap();
    assert!(said.contains("another worker's by now"), "{said}");
    whole(&bed, &asked, &before).await;
}

async fn one_that_kills_its_workers_is_given_up_and_says_so(bed: Bed) {
    let asked = bed.ask(&bed.pages(1)).await;
    for n in 0..3 {
        let name = format!("w{n}");
        let worker = bed.worker(&name, &[]);
        until(LEASE * 5, "job taken", || worker.said().contains("taken")).await;
        worker.dies().await;
    }
    ends(bed.worker("last", &["--until-idle"])).await;
    let jobs = bed.json(&["jobs"]).await;
    assert_eq!((&jobs[0]["state"], &jobs[0]["attempts"]), (&"dead".into(), &3.into()), "{jobs:#}");
    let folder = AuditFolder::open(&asked.dir).unwrap();
    let reason = folder.manifest.visits[0].outcome.as_ref().and_then(Outcome::reason).unwrap();
    assert!(reason.contains("its worker was not heard of any more (3 attempts)"), "{reason}");
    assert!(folder.manifest.finished.is_some());
}

async fn a_stopped_worker_gives_its_jobs_back(bed: Bed) {
    let asked = bed.ask(&bed.pages(6)).await;
    let stops = bed.worker("stops", &["--parallel", "1"]);
    asked.sealed(2).await;
    stops.signal("-TERM");
    let (began, said) = (Instant::now(), stops.said.clone());
    ends(stops).await;
    let said = std::fs::read_to_string(said).unwrap();
    assert!(said.contains("given back"), "{said}");
    let jobs = bed.json(&["jobs", &asked.id]).await;
    assert_eq!((&jobs[0]["state"], &jobs[0]["attempts"]), (&"ready".into(), &0.into()), "{jobs:#}");
    assert!(began.elapsed() < Duration::from_secs(60));
    ends(bed.worker("goes-on", &["--until-idle"])).await;
    whole(&bed, &asked, &BTreeSet::new()).await;
}

async fn a_cancelled_audit_is_judged_with_what_there_is(bed: Bed) {
    let asked = bed.ask(&bed.pages(9)).await;
    let worker = bed.worker("worker", &["--until-idle", "--parallel", "1"]);
    asked.sealed(2).await;
    let busy = bed.affiant(&["judge", &asked.id, "--quiet"]).output().await.unwrap();
    let busy = String::from_utf8_lossy(&busy.stderr).into_owned();
    assert!(busy.contains("workers are making the audit"), "{busy}");
    let resumed = bed.affiant(&["audit", "--resume", &asked.id]).output().await.unwrap();
    let resumed = String::from_utf8_lossy(&resumed.stderr).into_owned();
    assert!(resumed.contains("workers are making the audit"), "{resumed}");
    let rebuilt = bed.says(&["store", "rebuild"]).await;
    assert!(rebuilt.contains(&format!("being made   {}", asked.id)), "{rebuilt}");
    bed.says(&["jobs", &asked.id, "--cancel"]).await;
    ends(worker).await;
    let folder = AuditFolder::open(&asked.dir).unwrap();
    let made = folder.manifest.visits.iter().filter(|v| v.digest.is_some()).count();
    assert!(folder.manifest.interrupted && (2..9).contains(&made), "{:#?}", folder.manifest.visits);
    assert_eq!(bed.json(&["history"]).await[0]["state"], "stopped");
    let over = bed.affiant(&["jobs", &asked.id, "--cancel"]).output().await.unwrap();
    assert!(String::from_utf8_lossy(&over.stderr).contains("is over"));
}

/// Longer than the lease, and than the patience of a pool.
const AWAY: Duration = Duration::from_secs(40);

/// The way to a database, which can be closed.
struct Way {
    port: u16,
    open: std::sync::Arc<tokio::sync::watch::Sender<bool>>,
}

impl Way {
    async fn to(server: String) -> Way {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = std::sync::Arc::new(tokio::sync::watch::Sender::new(true));
        let is = std::sync::Arc::clone(&open);
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let (server, mut is) = (server.clone(), is.subscribe());
                tokio::spawn(async move {
                    if !*is.borrow() {
                        return;
                    }
                    let mut there = tokio::net::TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut here, &mut there) => {}
                        _ = is.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Way { port, open }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_for_40_seconds_loses_and_doubles_nothing() {
    let mut bed = Bed::postgres().await;
    let url = url::Url::parse(&bed.store[0].1).unwrap();
    let way = Way::to(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432))).await;
    let mut through = url.clone();
    through.set_host(Some("127.0.0.1")).unwrap();
    through.set_port(Some(way.port)).unwrap();
    let asked = bed.ask(&bed.pages(12)).await;
    bed.store[0].1 = through.to_string();
    let workers = ["one", "two"].map(|name| bed.worker(name, &["--until-idle", "--parallel", "1"]));
    asked.sealed(2).await;
    way.open.send_replace(false);
    let before = asked.seals();
    tokio::time::sleep(AWAY).await;
    way.open.send_replace(true);
    for worker in workers {
        ends(worker).await;
    }
    bed.store[0].1 = url.to_string();
    whole(&bed, &asked, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_process_holds_for_40_seconds_loses_and_doubles_nothing() {
    let bed = Bed::sqlite().await;
    let asked = bed.ask(&bed.pages(12)).await;
    let workers = ["one", "two"].map(|name| bed.worker(name, &["--until-idle", "--parallel", "1"]));
    asked.sealed(2).await;
    let file = bed.dir.path().join("store/store.db");
    let mut holder = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    sqlx::query("begin immediate").execute(&mut holder).await.unwrap();
    let before = asked.seals();
    tokio::time::sleep(AWAY).await;
    sqlx::query("rollback").execute(&mut holder).await.unwrap();
    holder.close().await.unwrap();
    for worker in workers {
        ends(worker).await;
    }
    whole(&bed, &asked, &before).await;
}

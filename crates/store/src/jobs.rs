//! Jobs that survive whatever happens to those who do them.
//!
//! A worker claims a job for a while, its *lease*, and says again and again that it lives. A lease that runs out gives the job
//! to another; each claim counts its *epoch* up. Whoever writes a result names the epoch: a worker that was taken for dead and
//! comes back finds that it is not its job any more. All times are the database's: workers' clocks do not matter.
//!
//! The table is our own because of this fence: the same transaction that keeps a result asks for the epoch. Ready-made queues
//! were tried; none lets a result and the claim to it be one, on both databases.

use std::time::Duration;

use serde::Serialize;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row as _, Transaction};

use crate::db::{Alone, Db};
use crate::{Store, StoreError};

/// The name of a job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub String);

/// A job to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What kind of work.
    pub kind: String,
    /// Unique: the same is not put in twice.
    pub key: String,
    /// The audit that it is of.
    pub audit: String,
    /// What to do, for whoever does it.
    pub payload: String,
    /// The site that it visits: so many at once, no more.
    pub site: String,
    /// It waits until its audit has no open job of a lower stage.
    pub stage: i64,
    /// The larger, the sooner.
    pub priority: i64,
    /// How often it is tried.
    pub max_attempts: u32,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits to be done.
    Ready,
    /// Somebody does it.
    Running,
    /// It was done.
    Done,
    /// It failed too often. What it left stays.
    Dead,
    /// It is not wanted any more.
    Cancelled,
}

/// A job that a worker has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its name.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// What it was put in as.
    pub key: String,
    /// The audit that it is of.
    pub audit: String,
    /// What to do.
    pub payload: String,
    /// The site that it visits.
    pub site: String,
    /// The larger, the sooner.
    pub priority: i64,
    /// Counted up with each claim: whoever writes a result names it.
    pub epoch: i64,
    /// The how-manieth try it is, from 1.
    pub attempt: i64,
}

/// Whether a job is still the worker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is.
    Yes,
    /// It was cancelled, or is another's by now: stop at once, and write nothing.
    No,
}

/// The jobs of a store.
#[derive(Debug, Clone)]
pub struct Jobs {
    pub(crate) db: Db,
    /// How long a claim holds without a sign of life.
    pub(crate) lease: Duration,
    /// Jobs of one site that are done at once.
    per_site: i64,
}

impl Jobs {
    /// Of this store.
    pub fn new(store: &Store, lease: Duration, per_site: u32) -> Jobs {
        Jobs { db: store.db.clone(), lease, per_site: i64::from(per_site) }
    }

    /// How often to say that one lives.
    pub fn beat_every(&self) -> Duration {
        self.lease / 3
    }

    /// Puts a job in; one whose key is there already stays as it is. Whether it is new.
    pub async fn put(&self, job: &NewJob) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let is_new = self.put_in(&mut tx, job).await?;
        tx.commit().await.map_err(self.db.error("did not take the job"))?;
        Ok(is_new)
    }

    pub(crate) async fn put_in(
        &self,
        tx: &mut Transaction<'_, Any>,
        job: &NewJob,
    ) -> Result<bool, StoreError> {
        let query = self.db.query(
            "insert into job (id, kind, key, audit, payload, site, stage, priority, state, run_at, max_attempts, created) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, 'ready', {now}, $9, {now}) on conflict (key) do nothing",
        );
        let done = query
            .bind(new_id())
            .bind(job.kind.clone())
            .bind(job.key.clone())
            .bind(job.audit.clone())
            .bind(job.payload.clone())
            .bind(job.site.clone())
            .bind(job.stage)
            .bind(job.priority)
            .bind(i64::from(job.max_attempts))
            .execute(&mut **tx)
            .await
            .map_err(self.db.error("did not take the job"))?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes the next job, if there is one that may be done now.
    pub async fn claim(&self, worker: &str) -> Result<Option<Claimed>, StoreError> {
        let doing = "gave no job";
        let mut tx = self.db.begin_alone(Alone::Claim).await?;
        self.reap(&mut tx).await?;
        let query = self.db.query(
            "update job set state = 'running', worker = $1, lease_until = {now} + $2, lease = $2, epoch = epoch + 1, \
             attempts = attempts + 1, error = null \
             where id = (select id from job j where j.state = 'ready' and j.run_at <= {now} \
               and (select count(*) from job r where r.site = j.site and r.state = 'running') < $3 \
               and not exists (select 1 from job o where o.audit = j.audit and o.stage < j.stage and o.state in ('ready', 'running')) \
               order by j.priority desc, j.run_at, j.created, j.id limit 1 {skip}) \
             returning id, kind, key, audit, payload, site, priority, epoch, attempts",
        );
        let row = query
            .bind(worker.to_owned())
            .bind(millis(self.lease))
            .bind(self.per_site)
            .fetch_optional(&mut *tx)
            .await
            .map_err(self.db.error(doing))?;
        tx.commit().await.map_err(self.db.error(doing))?;
        row.map(|r| claimed(&r)).transpose().map_err(self.db.error(doing))
    }

    /// Leases that have run out: to be done again, or dead, or not wanted any more.
    async fn reap(&self, tx: &mut Transaction<'static, Any>) -> Result<(), StoreError> {
        let doing = "could not take jobs back";
        // No time lies further off than it was set: where one does, the clock was put back, and it counts from now.
        for back in [
            "update job set lease_until = {now} + lease where state = 'running' and lease_until > {now} + lease",
            "update job set run_at = {now} + wait where state = 'ready' and run_at > {now} + wait",
        ] {
            self.db.query(back).execute(&mut **tx).await.map_err(self.db.error(doing))?;
        }
        let query = self.db.query(
            "update job set \
             state = case when cancel = 1 then 'cancelled' when attempts >= max_attempts then 'dead' else 'ready' end, \
             ended = case when cancel = 1 or attempts >= max_attempts then {now} else null end, \
             run_at = {now}, wait = 0, error = coalesce(error, 'its worker was not heard of any more'), worker = null, lease_until = null \
             where state = 'running' and lease_until < {now}",
        );
        query.execute(&mut **tx).await.map_err(self.db.error(doing))?;
        Ok(())
    }

    /// Says that one lives and does it.
    pub async fn beat(&self, job: &Claimed) -> Result<Kept, StoreError> {
        let query = self.db.query(
            "update job set lease_until = {now} + $1 where id = $2 and epoch = $3 and state = 'running' and cancel = 0",
        );
        self.told(job, query.bind(millis(self.lease)), "did not hear that the job goes on").await
    }

    /// It was done; one that was cancelled meanwhile was not done wholly.
    pub async fn done(&self, job: &Claimed) -> Result<Kept, StoreError> {
        let query = self.db.query(
            "update job set state = case when cancel = 1 then 'cancelled' else 'done' end, error = null, ended = {now}, worker = null, lease_until = null \
             where id = $1 and epoch = $2 and state = 'running'",
        );
        self.told(job, query, "did not take the result").await
    }

    /// It failed: it is tried again after a while that doubles, or is dead.
    pub async fn failed(&self, job: &Claimed, why: &str) -> Result<Kept, StoreError> {
        let query = self.db.query(
            "update job set \
             state = case when cancel = 1 then 'cancelled' when attempts >= max_attempts then 'dead' else 'ready' end, \
             ended = case when cancel = 1 or attempts >= max_attempts then {now} else null end, \
             run_at = {now} + $1, wait = $1, error = $2, worker = null, lease_until = null \
             where id = $3 and epoch = $4 and state = 'running'",
        );
        self.told(
            job,
            query.bind(millis(backoff(job.attempt))).bind(why.to_owned()),
            "did not take the failure",
        )
        .await
    }

    /// It failed, and trying again would not help: it is dead at once.
    pub async fn give_up(&self, job: &Claimed, why: &str) -> Result<Kept, StoreError> {
        let query = self.db.query(
            "update job set state = 'dead', ended = {now}, error = $1, worker = null, lease_until = null \
             where id = $2 and epoch = $3 and state = 'running'",
        );
        self.told(job, query.bind(why.to_owned()), "did not take the failure").await
    }

    /// The worker stops and has not done it: another one does it at once, and it was no attempt.
    pub async fn give_back(&self, job: &Claimed) -> Result<Kept, StoreError> {
        let query = self.db.query(
            "update job set state = case when cancel = 1 then 'cancelled' else 'ready' end, \
             ended = case when cancel = 1 then {now} else null end, \
             attempts = attempts - 1, run_at = {now}, wait = 0, worker = null, lease_until = null \
             where id = $1 and epoch = $2 and state = 'running'",
        );
        self.told(job, query, "did not take the job back").await
    }

    /// Runs what a worker has to say of its job, which is bound last: id and epoch.
    async fn told(
        &self,
        job: &Claimed,
        query: Query<'static, Any, AnyArguments>,
        doing: &'static str,
    ) -> Result<Kept, StoreError> {
        let query = query.bind(job.id.0.clone()).bind(job.epoch);
        let done = query.execute(self.db.pool()).await.map_err(self.db.error(doing))?;
        Ok(kept(done.rows_affected()))
    }

    /// An audit is not wanted any more. Its jobs of the first stage that wait are not begun, whoever does one hears it with the
    /// next beat; what comes after them is done, with what there is. How many it concerns.
    pub async fn cancel(&self, audit: &str) -> Result<u64, StoreError> {
        let query = self.db.query(
            "update job set cancel = 1, \
             state = case when state = 'ready' then 'cancelled' else state end, \
             ended = case when state = 'ready' then {now} else ended end \
             where audit = $1 and stage = 0 and state in ('ready', 'running')",
        );
        let done = query
            .bind(audit.to_owned())
            .execute(self.db.pool())
            .await
            .map_err(self.db.error("did not cancel the audit"))?;
        Ok(done.rows_affected())
    }

    /// The jobs of an audit, or of all, in the order in which they came.
    pub async fn list(&self, audit: Option<&str>) -> Result<Vec<Job>, StoreError> {
        let query = self
            .db
            .query(&format!("select {LISTED} from job where audit = $1 or $1 = '' order by created, key"));
        let error = self.db.error("did not list the jobs");
        let rows = query
            .bind(audit.unwrap_or_default().to_owned())
            .fetch_all(self.db.pool())
            .await
            .map_err(&error)?;
        rows.iter().map(|r| listed(r).map_err(&error)).collect()
    }

    /// An audit of this property that workers make, if there is one. Told from what comes after it, deliveries and the like, by
    /// their stage.
    pub async fn open_audit(&self, property: &str) -> Result<Option<String>, StoreError> {
        let error = self.db.error("did not say whether an audit is being made");
        let query = self.db.query(
            "select audit.id as id from audit join job on job.audit = audit.id \
             where audit.property = $1 and job.stage < 2 and job.state in ('ready', 'running') limit 1",
        );
        let row = query.bind(property.to_owned()).fetch_optional(self.db.pool()).await.map_err(&error)?;
        row.map(|r| r.try_get("id")).transpose().map_err(&error)
    }

    /// The latest jobs of a kind, the latest first.
    pub async fn latest(&self, kind: &str, most: u32) -> Result<Vec<Job>, StoreError> {
        let query = self
            .db
            .query(&format!("select {LISTED} from job where kind = $1 order by created desc, key limit $2"));
        let error = self.db.error("did not list the jobs");
        let rows = query.bind(kind.to_owned()).bind(i64::from(most)).fetch_all(self.db.pool()).await;
        rows.map_err(&error)?.iter().map(|r| listed(r).map_err(&error)).collect()
    }

    /// Whether any job waits or is being done.
    pub async fn any_open(&self) -> Result<bool, StoreError> {
        let error = self.db.error("did not say whether there are jobs");
        let query = self.db.query("select 1 from job where state in ('ready', 'running') limit 1");
        Ok(query.fetch_optional(self.db.pool()).await.map_err(error)?.is_some())
    }
}

/// What a list tells of a job.
const LISTED: &str = "kind, key, audit, payload, site, priority, state, attempts, worker, error, created, ended, \
                      case when lease_until < {now} then 1 else 0 end as late";

/// A job, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Job {
    /// What kind of work.
    pub kind: String,
    /// What it was put in as.
    pub key: String,
    /// The audit that it is of.
    pub audit: String,
    /// What to do.
    #[serde(skip)]
    pub payload: String,
    /// The site that it visits.
    pub site: String,
    /// The larger, the sooner.
    pub priority: i64,
    /// Where it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// Who does it.
    pub worker: Option<String>,
    /// Whether that worker was not heard of within its lease.
    pub late: bool,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was put in, ms since the Unix epoch.
    pub created: i64,
    /// When it ended.
    pub ended: Option<i64>,
}

fn listed(row: &AnyRow) -> Result<Job, sqlx::Error> {
    Ok(Job {
        kind: row.try_get("kind")?,
        key: row.try_get("key")?,
        audit: row.try_get("audit")?,
        payload: row.try_get("payload")?,
        site: row.try_get("site")?,
        priority: row.try_get("priority")?,
        state: State::read(row.try_get("state")?),
        attempts: row.try_get("attempts")?,
        worker: row.try_get("worker")?,
        late: row.try_get::<i64, _>("late")? != 0,
        error: row.try_get("error")?,
        created: row.try_get("created")?,
        ended: row.try_get("ended")?,
    })
}

impl State {
    fn read(text: &str) -> State {
        match text {
            "running" => State::Running,
            "done" => State::Done,
            "dead" => State::Dead,
            "cancelled" => State::Cancelled,
            _ => State::Ready,
        }
    }
}

fn kept(rows: u64) -> Kept {
    if rows == 1 { Kept::Yes } else { Kept::No }
}

fn claimed(row: &AnyRow) -> Result<Claimed, sqlx::Error> {
    Ok(Claimed {
        id: JobId(row.try_get("id")?),
        kind: row.try_get("kind")?,
        key: row.try_get("key")?,
        audit: row.try_get("audit")?,
        payload: row.try_get("payload")?,
        site: row.try_get("site")?,
        priority: row.try_get("priority")?,
        epoch: row.try_get("epoch")?,
        attempt: row.try_get("attempts")?,
    })
}

pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Two seconds, four, eight … at most an hour.
fn backoff(attempt: i64) -> Duration {
    let exponent = u32::try_from(attempt.clamp(1, 12)).unwrap_or(1);
    Duration::from_secs(2_u64.pow(exponent)).min(Duration::from_secs(3600))
}

/// Random, and no two alike.
fn new_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

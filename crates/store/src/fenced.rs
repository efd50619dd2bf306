//! What workers write of an audit: its visits, and further jobs, in one transaction with the claim to the job. Where the job is
//! another's by now nothing is written.

use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use crate::filed::{insert_visits, read_visit};
use crate::jobs::millis;
use crate::{Claimed, Filed, FiledVisit, Jobs, Kept, NewJob, Schedule, Store, StoreError};

/// Who does what a session left undone.
#[derive(Debug, Clone)]
pub enum HandedTo {
    /// The worker itself, whose job is to do this from now on.
    Itself(String),
    /// Any worker.
    Job(NewJob),
}

/// What came of handing over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// It is written.
    Yes,
    /// The job is another's by now.
    No,
    /// Nothing of it was left: it was handed over before.
    Already,
    /// A session of that name is there already: take another name.
    NameTaken,
}

/// A schedule whose time has come, and its next time.
#[derive(Debug, Clone)]
pub struct Due {
    /// As it was read.
    pub schedule: Schedule,
    /// When next.
    pub next_at: Option<i64>,
}

impl Jobs {
    /// Files an audit that workers are to make, keeps what it was asked for, and puts its jobs in. Where a schedule wants it, that
    /// is moved on in the same transaction; `No`: somebody else did so, and nothing is written.
    pub async fn ask(
        &self,
        store: &Store,
        audit: &Filed,
        request: &str,
        jobs: &[NewJob],
        due: Option<&Due>,
    ) -> Result<Kept, StoreError> {
        let mut tx = self.db.begin_alone(crate::db::Alone::File).await?;
        let error = self.db.error("did not take the audit");
        if let Some(due) = due {
            let query =
                self.db.query("update schedule set next_at = $1 where property = $2 and next_at = $3");
            let query =
                query.bind(due.next_at).bind(due.schedule.property.clone()).bind(due.schedule.next_at);
            if query.execute(&mut *tx).await.map_err(&error)?.rows_affected() == 0 {
                return Ok(Kept::No);
            }
        }
        store.file_in(&mut tx, audit).await?;
        let query = self.db.query("insert into asked (audit, request) values ($1, $2)");
        query.bind(audit.id.clone()).bind(request.to_owned()).execute(&mut *tx).await.map_err(&error)?;
        for job in jobs {
            self.put_in(&mut tx, job).await?;
        }
        self.commit(tx).await
    }

    /// What an audit that workers make was asked for.
    pub async fn asked(&self, audit: &str) -> Result<Option<String>, StoreError> {
        let error = self.db.error("did not say what was asked for");
        let query = self.db.query("select request from asked where audit = $1").bind(audit.to_owned());
        let row = query.fetch_optional(self.db.pool()).await.map_err(&error)?;
        row.map(|r| r.try_get("request")).transpose().map_err(&error)
    }

    /// The visits of an audit, planned and made.
    pub async fn visits(&self, audit: &str) -> Result<Vec<FiledVisit>, StoreError> {
        let error = self.db.error("did not list the visits");
        let query = self.db.query(
            "select visit.* from visit join audit on audit.n = visit.audit where audit.id = $1 order by session, ordinal",
        );
        let rows: Vec<AnyRow> =
            query.bind(audit.to_owned()).fetch_all(self.db.pool()).await.map_err(&error)?;
        rows.iter().map(|r| read_visit(r).map_err(&error)).collect()
    }

    /// Names visits that are to be made; those that are there stay as they are.
    pub async fn plan(&self, job: &Claimed, visits: &[FiledVisit]) -> Result<Kept, StoreError> {
        let Some((mut tx, n)) = self.fence(job).await? else { return Ok(Kept::No) };
        insert_visits(&self.db, &mut tx, n, visits, "on conflict (audit, session, ordinal) do nothing")
            .await?;
        self.commit(tx).await
    }

    /// A visit begins.
    pub async fn begin(&self, job: &Claimed, visit: &FiledVisit) -> Result<Kept, StoreError> {
        let Some((mut tx, n)) = self.fence(job).await? else { return Ok(Kept::No) };
        let again = "on conflict (audit, session, ordinal) do update set path = excluded.path";
        insert_visits(&self.db, &mut tx, n, std::slice::from_ref(visit), again).await?;
        self.commit(tx).await
    }

    /// A visit ended. Said twice, it is the same; one that ended otherwise is not written over.
    pub async fn end(&self, job: &Claimed, visit: &FiledVisit) -> Result<Kept, StoreError> {
        let Some((mut tx, n)) = self.fence(job).await? else { return Ok(Kept::No) };
        let ended = "on conflict (audit, session, ordinal) do update set path = excluded.path, digest = excluded.digest, \
                     outcome = excluded.outcome, complete = excluded.complete \
                     where visit.digest is null or visit.digest = excluded.digest";
        insert_visits(&self.db, &mut tx, n, std::slice::from_ref(visit), ended).await?;
        self.commit(tx).await
    }

    /// What a session will not do any more, from this place on, goes to another one, whose visits these are.
    pub async fn hand_over(
        &self,
        job: &Claimed,
        (session, from): (&str, u32),
        visits: &[FiledVisit],
        to: &HandedTo,
    ) -> Result<Handed, StoreError> {
        let Some((mut tx, n)) = self.fence(job).await? else { return Ok(Handed::No) };
        let error = self.db.error("did not hand the session over");
        let gone = self.db.query(
            "delete from visit where audit = $1 and session = $2 and ordinal >= $3 and digest is null",
        );
        let gone = gone.bind(n).bind(session.to_owned()).bind(i64::from(from));
        if gone.execute(&mut *tx).await.map_err(&error)?.rows_affected() == 0 {
            return Ok(Handed::Already);
        }
        let name = visits.first().map(|v| v.session.clone()).unwrap_or_default();
        let taken = self.db.query("select 1 from visit where audit = $1 and session = $2 limit 1");
        if taken.bind(n).bind(name).fetch_optional(&mut *tx).await.map_err(&error)?.is_some() {
            return Ok(Handed::NameTaken);
        }
        insert_visits(&self.db, &mut tx, n, visits, "").await?;
        match to {
            HandedTo::Job(new) => {
                self.put_in(&mut tx, new).await?;
            }
            HandedTo::Itself(payload) => {
                let query = self.db.query("update job set payload = $1 where id = $2");
                let query = query.bind(payload.clone()).bind(job.id.0.clone());
                query.execute(&mut *tx).await.map_err(&error)?;
            }
        }
        self.commit(tx).await?;
        Ok(Handed::Yes)
    }

    /// Names visits that are to be made; the job becomes one of this kind, with this to do, and others are put in.
    pub async fn deal(
        &self,
        job: &Claimed,
        (kind, payload): (&str, &str),
        visits: &[FiledVisit],
        others: &[NewJob],
    ) -> Result<Kept, StoreError> {
        let Some((mut tx, n)) = self.fence(job).await? else { return Ok(Kept::No) };
        insert_visits(&self.db, &mut tx, n, visits, "on conflict (audit, session, ordinal) do nothing")
            .await?;
        let query = self.db.query("update job set kind = $1, payload = $2 where id = $3");
        let query = query.bind(kind.to_owned()).bind(payload.to_owned()).bind(job.id.0.clone());
        query.execute(&mut *tx).await.map_err(self.db.error("did not take the jobs"))?;
        for other in others {
            self.put_in(&mut tx, other).await?;
        }
        self.commit(tx).await
    }

    /// Files an audit that is over, and forgets what it was asked for. The job is done with it.
    pub async fn conclude(&self, store: &Store, job: &Claimed, audit: &Filed) -> Result<Kept, StoreError> {
        let mut tx = self.db.begin_alone(crate::db::Alone::File).await?;
        let error = self.db.error("did not take the audit");
        if !self.is_mine(&mut tx, job).await? {
            return Ok(Kept::No);
        }
        store.file_in(&mut tx, audit).await?;
        let asked = self.db.query("delete from asked where audit = $1").bind(job.audit.clone());
        asked.execute(&mut *tx).await.map_err(&error)?;
        let done = self.db.query(
            "update job set state = 'done', error = null, ended = {now}, worker = null, lease_until = null where id = $1",
        );
        done.bind(job.id.0.clone()).execute(&mut *tx).await.map_err(&error)?;
        self.commit(tx).await
    }

    /// A transaction in which the job is the worker's, and stays so until it ends; with its audit's number.
    async fn fence(&self, job: &Claimed) -> Result<Option<(Transaction<'static, Any>, i64)>, StoreError> {
        let mut tx = self.db.begin().await?;
        if !self.is_mine(&mut tx, job).await? {
            return Ok(None);
        }
        let error = self.db.error("does not know the audit");
        // Who writes of one audit does so one after the other: names of sessions are given out.
        let row = self.db.query("update audit set state = state where id = $1 returning n");
        let row = row.bind(job.audit.clone()).fetch_optional(&mut *tx).await.map_err(&error)?;
        let n = row.map(|r| r.try_get("n")).transpose().map_err(&error)?;
        Ok(n.map(|n| (tx, n)))
    }

    /// Asked in a transaction: the row is held until its end, and the lease begins anew. A cancelled job is its worker's still,
    /// so that what was seen until then is kept.
    async fn is_mine(&self, tx: &mut Transaction<'static, Any>, job: &Claimed) -> Result<bool, StoreError> {
        let query = self.db.query(
            "update job set lease_until = {now} + $1 where id = $2 and epoch = $3 and state = 'running'",
        );
        let done = query
            .bind(millis(self.lease))
            .bind(job.id.0.clone())
            .bind(job.epoch)
            .execute(&mut **tx)
            .await
            .map_err(self.db.error("did not say whose job it is"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn commit(&self, tx: Transaction<'static, Any>) -> Result<Kept, StoreError> {
        tx.commit().await.map_err(self.db.error("did not take the result"))?;
        Ok(Kept::Yes)
    }
}

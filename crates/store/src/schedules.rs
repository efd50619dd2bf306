//! When properties are audited.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::{Store, StoreError};

/// When a property is audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// The property.
    pub property: String,
    /// When, as a cron line.
    pub cron: String,
    /// The time zone that it is meant in, as the IANA database names it.
    pub zone: String,
    /// When next, ms since the Unix epoch; none where the line names no time that is to come.
    pub next_at: Option<i64>,
    /// Whether it is left out for now.
    pub paused: bool,
}

impl Store {
    /// Sets when a property is audited, in the place of what was set.
    pub async fn set_schedule(&self, schedule: &Schedule) -> Result<(), StoreError> {
        let query = self.db.query(
            "insert into schedule (property, cron, zone, next_at, paused) values ($1, $2, $3, $4, $5) \
             on conflict (property) do update set cron = excluded.cron, zone = excluded.zone, next_at = excluded.next_at, \
             paused = excluded.paused",
        );
        let query = query
            .bind(schedule.property.clone())
            .bind(schedule.cron.clone())
            .bind(schedule.zone.clone())
            .bind(schedule.next_at)
            .bind(i64::from(schedule.paused));
        query.execute(self.db.pool()).await.map_err(self.db.error("did not take the schedule"))?;
        Ok(())
    }

    /// Audits a property by no schedule any more. Whether it had one.
    pub async fn remove_schedule(&self, property: &str) -> Result<bool, StoreError> {
        let query = self.db.query("delete from schedule where property = $1").bind(property.to_owned());
        let done =
            query.execute(self.db.pool()).await.map_err(self.db.error("did not remove the schedule"))?;
        Ok(done.rows_affected() == 1)
    }

    /// When a property is audited.
    pub async fn schedule(&self, property: &str) -> Result<Option<Schedule>, StoreError> {
        Ok(self.schedules().await?.into_iter().find(|s| s.property == property))
    }

    /// All schedules, by property.
    pub async fn schedules(&self) -> Result<Vec<Schedule>, StoreError> {
        let error = self.db.error("did not list its schedules");
        let rows = self.db.query("select * from schedule order by property").fetch_all(self.db.pool()).await;
        rows.map_err(&error)?.iter().map(|r| read(r).map_err(&error)).collect()
    }

    /// Schedules whose time has come, by the database's clock.
    pub async fn due(&self) -> Result<Vec<Schedule>, StoreError> {
        let error = self.db.error("did not say which schedules are due");
        let query =
            self.db.query("select * from schedule where paused = 0 and next_at <= {now} order by next_at");
        let rows = query.fetch_all(self.db.pool()).await;
        rows.map_err(&error)?.iter().map(|r| read(r).map_err(&error)).collect()
    }

    /// Moves a schedule on without an audit, if nobody else did. Whether it was this one.
    pub async fn skip(&self, schedule: &Schedule, next_at: Option<i64>) -> Result<bool, StoreError> {
        let query = self.db.query("update schedule set next_at = $1 where property = $2 and next_at = $3");
        let query = query.bind(next_at).bind(schedule.property.clone()).bind(schedule.next_at);
        let done = query.execute(self.db.pool()).await.map_err(self.db.error("did not move the schedule"))?;
        Ok(done.rows_affected() == 1)
    }

    /// The database's clock, ms since the Unix epoch: schedules and leases go by it.
    pub async fn now(&self) -> Result<i64, StoreError> {
        let error = self.db.error("did not tell the time");
        let row = self.db.query("select {now} as t").fetch_one(self.db.pool()).await.map_err(&error)?;
        row.try_get("t").map_err(&error)
    }
}

fn read(row: &AnyRow) -> Result<Schedule, sqlx::Error> {
    Ok(Schedule {
        property: row.try_get("property")?,
        cron: row.try_get("cron")?,
        zone: row.try_get("zone")?,
        next_at: row.try_get("next_at")?,
        paused: row.try_get::<i64, _>("paused")? != 0,
    })
}

//! How the store stands, in numbers: for whoever watches the server.

use sqlx::Row as _;

use crate::{Store, StoreError};

/// How the store stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Jobs, by kind and state.
    pub jobs: Vec<(String, String, i64)>,
    /// Audits, by state.
    pub audits: Vec<(String, i64)>,
    /// Age of the job that has waited longest, in ms; 0 where none waits.
    pub oldest_waiting_ms: i64,
    /// Properties that are watched.
    pub properties: i64,
    /// Schedules whose time came, and that no server has served: by how much, in ms, the one that is latest.
    pub overdue_ms: i64,
}

impl Store {
    /// How it stands now.
    pub async fn gauges(&self) -> Result<Gauges, StoreError> {
        let error = self.db.error("did not tell how it stands");
        let rows = self
            .db
            .query("select kind, state, count(*) as n from job group by kind, state order by kind, state")
            .fetch_all(self.db.pool())
            .await
            .map_err(&error)?;
        let jobs = rows.iter().map(|r| Ok((r.try_get("kind")?, r.try_get("state")?, r.try_get("n")?)));
        let jobs = jobs.collect::<Result<_, sqlx::Error>>().map_err(&error)?;
        let rows = self
            .db
            .query("select state, count(*) as n from audit group by state order by state")
            .fetch_all(self.db.pool())
            .await
            .map_err(&error)?;
        let audits = rows.iter().map(|r| Ok((r.try_get("state")?, r.try_get("n")?)));
        let audits = audits.collect::<Result<_, sqlx::Error>>().map_err(&error)?;
        let one = self
            .db
            .query(
                "select coalesce({now} - (select min(created) from job where state = 'ready'), 0) as waiting, \
                 (select count(*) from property) as properties, \
                 coalesce({now} - (select min(next_at) from schedule where paused = 0 and next_at <= {now}), 0) as overdue",
            )
            .fetch_one(self.db.pool())
            .await
            .map_err(&error)?;
        let number = |name: &str| one.try_get::<i64, _>(name).map_err(&error);
        Ok(Gauges {
            jobs,
            audits,
            oldest_waiting_ms: number("waiting")?.max(0),
            properties: number("properties")?,
            overdue_ms: number("overdue")?.max(0),
        })
    }
}

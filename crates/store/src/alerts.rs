//! What was told, once.

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::{Jobs, NewJob, Store, StoreError};

/// Something that somebody wants to know at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The property.
    pub property: String,
    /// The audit that showed it; empty where it is of none.
    pub audit: String,
    /// What kind: `new-vendor`, `new-finding` …
    pub kind: String,
    /// Tells it from others of its kind: the same of one audit is not told again.
    pub key: String,
    /// One observed sentence.
    pub title: String,
    /// More of it, as JSON.
    pub detail: String,
    /// When it was found, ms since the Unix epoch.
    pub created: i64,
}

impl Store {
    /// The latest alerts, of one property or of all, the latest first.
    pub async fn alerts(&self, property: Option<&str>, most: u32) -> Result<Vec<Alert>, StoreError> {
        let error = self.db.error("did not list its alerts");
        let query = self.db.query(
            "select * from alert where property = $1 or $1 = '' order by created desc, n desc limit $2",
        );
        let query = query.bind(property.unwrap_or_default().to_owned()).bind(i64::from(most));
        let rows = query.fetch_all(self.db.pool()).await.map_err(&error)?;
        rows.iter().map(|r| read(r).map_err(&error)).collect()
    }
}

impl Jobs {
    /// Keeps those of these alerts that are new, and puts in the jobs that deliver them, which `deliver` makes of the new ones.
    /// Gives the new ones.
    pub async fn raise(
        &self,
        alerts: &[Alert],
        deliver: impl FnOnce(&[Alert]) -> Vec<NewJob>,
    ) -> Result<Vec<Alert>, StoreError> {
        let mut tx = self.db.begin().await?;
        let error = self.db.error("did not take the alert");
        let mut new = Vec::new();
        for a in alerts {
            let query = self.db.query(
                "insert into alert (property, audit, kind, key, title, detail, created) \
                 values ($1, $2, $3, $4, $5, $6, {now}) on conflict (property, audit, kind, key) do nothing",
            );
            let query = query
                .bind(a.property.clone())
                .bind(a.audit.clone())
                .bind(a.kind.clone())
                .bind(a.key.clone())
                .bind(a.title.clone())
                .bind(a.detail.clone());
            if query.execute(&mut *tx).await.map_err(&error)?.rows_affected() == 1 {
                new.push(a.clone());
            }
        }
        for job in deliver(&new) {
            self.put_in(&mut tx, &job).await?;
        }
        tx.commit().await.map_err(&error)?;
        Ok(new)
    }
}

fn read(row: &AnyRow) -> Result<Alert, sqlx::Error> {
    Ok(Alert {
        property: row.try_get("property")?,
        audit: row.try_get("audit")?,
        kind: row.try_get("kind")?,
        key: row.try_get("key")?,
        title: row.try_get("title")?,
        detail: row.try_get("detail")?,
        created: row.try_get("created")?,
    })
}

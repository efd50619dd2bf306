//! What was seen on a site over all its audits: since when, how often, on how many pages.

use serde::Serialize;
use sqlx::Row as _;

use crate::{Store, StoreError, ThingKind};

/// A tag, vendor, cookie or host, over all audits of a site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Thing {
    /// Tells it from others of its kind, in every audit.
    pub key: String,
    /// Its name.
    pub name: String,
    /// More, in words.
    pub detail: String,
    /// Start of the first audit that saw it, ms since the Unix epoch.
    pub first_seen: i64,
    /// Start of the last one.
    pub last_seen: i64,
    /// How many audits saw it.
    pub audits: i64,
    /// Out of how many.
    pub out_of: i64,
    /// On how many pages, in the last audit that saw it.
    pub pages: i64,
    /// How many requests, or how often it was set, there.
    pub times: i64,
    /// In which scenarios, there.
    pub scenarios: Vec<String>,
}

impl Store {
    /// What was seen of one kind, that of which most audits tell first.
    pub async fn inventory(&self, site: &str, kind: ThingKind) -> Result<Vec<Thing>, StoreError> {
        let error = self.db.error("did not tell its inventory");
        let all = self.db.query("select count(*) as audits from audit where site = $1").bind(site.to_owned());
        let out_of: i64 =
            all.fetch_one(self.db.pool()).await.and_then(|row| row.try_get("audits")).map_err(&error)?;
        let rows = self
            .db
            .query(
                "with life as (select seen.thing, min(audit.started) as first_seen, max(audit.started) as last_seen, \
                 count(*) as audits \
                 from thing join seen on seen.thing = thing.n join audit on audit.n = seen.audit \
                 where thing.site = $1 and thing.kind = $2 group by seen.thing) \
                 select thing.key, thing.name, thing.detail, life.first_seen, life.last_seen, life.audits, \
                 seen.pages, seen.times, seen.scenarios \
                 from life join thing on thing.n = life.thing \
                 join seen on seen.thing = life.thing and seen.audit = (select s.audit from audit a \
                 join seen s on s.audit = a.n and s.thing = life.thing where a.site = $1 and a.started = life.last_seen \
                 order by s.audit desc limit 1) \
                 order by life.audits desc, seen.pages desc, thing.name, thing.key",
            )
            .bind(site.to_owned())
            .bind(kind.word())
            .fetch_all(self.db.pool())
            .await
            .map_err(&error)?;
        rows.iter()
            .map(|row| {
                let text = |name: &str| row.try_get::<String, _>(name).map_err(&error);
                let number = |name: &str| row.try_get::<i64, _>(name).map_err(&error);
                Ok(Thing {
                    key: text("key")?,
                    name: text("name")?,
                    detail: text("detail")?,
                    first_seen: number("first_seen")?,
                    last_seen: number("last_seen")?,
                    audits: number("audits")?,
                    out_of,
                    pages: number("pages")?,
                    times: number("times")?,
                    scenarios: self.strings(&text("scenarios")?)?,
                })
            })
            .collect()
    }
}

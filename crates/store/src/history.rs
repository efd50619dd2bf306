//! Which audits there are, and what came of each.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::Row as _;

use crate::findings::SEVERITIES;
use crate::{Store, StoreError};

/// How an audit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Every session came to its end.
    Finished,
    /// A user stopped it.
    Stopped,
    /// It was killed, or still runs.
    Unfinished,
}

impl State {
    /// As SQL holds it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            State::Finished => "finished",
            State::Stopped => "stopped",
            State::Unfinished => "unfinished",
        }
    }

    pub(crate) fn read(word: &str) -> State {
        match word {
            "finished" => State::Finished,
            "stopped" => State::Stopped,
            _ => State::Unfinished,
        }
    }
}

/// An audit, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// Its name.
    pub id: String,
    /// The property that it is of; none where it was made by hand.
    pub property: Option<String>,
    /// Registrable domain of its start.
    pub site: String,
    /// Where it started.
    pub start: String,
    /// When it began, ms since the Unix epoch.
    pub started: i64,
    /// When it ended.
    pub finished: Option<i64>,
    /// How it ended.
    pub state: State,
    /// From where and as whom.
    pub vantage: String,
    /// Scenarios.
    pub scenarios: Vec<String>,
    /// Pages (distinct addresses) that were visited or to be.
    pub pages: i64,
    /// Visits, planned and made.
    pub visits: i64,
    /// Visits of which all was seen.
    pub complete: i64,
    /// Findings by severity.
    pub findings: BTreeMap<String, i64>,
}

impl AuditRow {
    /// Its findings by severity, the worst first; none of those that it has none of.
    pub fn by_severity(&self) -> impl Iterator<Item = (&'static str, i64)> {
        SEVERITIES.iter().filter_map(|level| self.findings.get(*level).map(|n| (*level, *n)))
    }
}

impl Store {
    /// The audits of a site, or of all, the latest first.
    pub async fn history(&self, site: Option<&str>) -> Result<Vec<AuditRow>, StoreError> {
        let error = self.db.error("did not tell its audits");
        let rows = self
            .db
            .query(
                "select audit.*, coalesce(v.pages, 0) as pages, coalesce(v.visits, 0) as visits, \
                 coalesce(v.complete, 0) as complete \
                 from audit left join (select visit.audit, count(*) as visits, count(distinct page) as pages, \
                 cast(sum(complete) as bigint) as complete from visit join audit a on a.n = visit.audit \
                 where a.site = $1 or $1 = '' group by visit.audit) v on v.audit = audit.n \
                 where audit.site = $1 or $1 = '' order by audit.started desc, audit.id desc",
            )
            .bind(site.unwrap_or_default().to_owned())
            .fetch_all(self.db.pool())
            .await
            .map_err(&error)?;
        let mut counted = BTreeMap::<i64, BTreeMap<String, i64>>::new();
        let counts = self
            .db
            .query(
                "select finding.audit, severity, count(*) as found from finding join audit on audit.n = finding.audit \
                 where audit.site = $1 or $1 = '' group by finding.audit, severity",
            )
            .bind(site.unwrap_or_default().to_owned())
            .fetch_all(self.db.pool())
            .await
            .map_err(&error)?;
        for row in counts {
            let of = counted.entry(row.try_get("audit").map_err(&error)?).or_default();
            of.insert(row.try_get("severity").map_err(&error)?, row.try_get("found").map_err(&error)?);
        }
        rows.iter()
            .map(|row| {
                let text = |name: &str| row.try_get::<String, _>(name).map_err(&error);
                let number = |name: &str| row.try_get::<i64, _>(name).map_err(&error);
                Ok(AuditRow {
                    id: text("id")?,
                    property: row.try_get("property").map_err(&error)?,
                    site: text("site")?,
                    start: text("start_url")?,
                    started: number("started")?,
                    finished: row.try_get("finished").map_err(&error)?,
                    state: State::read(&text("state")?),
                    vantage: text("vantage")?,
                    scenarios: self.strings(&text("scenarios")?)?,
                    pages: number("pages")?,
                    visits: number("visits")?,
                    complete: number("complete")?,
                    findings: counted.remove(&number("n")?).unwrap_or_default(),
                })
            })
            .collect()
    }
}

//! An audit as SQL holds it: made from its folder, kept in one transaction, whole or not at all.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use crate::db::{Alone, Db, rows};
use crate::history::State;
use crate::{Store, StoreError};

/// Rows that are written at once.
const AT_ONCE: usize = 100;

/// All that SQL says of one audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Filed {
    /// The audit's name, also its folder's.
    pub id: String,
    /// The property that it is of; none where it was made by hand.
    pub property: Option<String>,
    /// Registrable domain of its start.
    pub site: String,
    /// Where it started.
    pub start: String,
    /// When it began, ms since the Unix epoch.
    pub started: i64,
    /// When it ended; none where it did not.
    pub finished: Option<i64>,
    /// How it ended.
    pub state: State,
    /// From where and as whom, in words; audits of one vantage can be held against each other.
    pub vantage: String,
    /// Scenarios, in the order of living.
    pub scenarios: Vec<String>,
    /// The program that made it.
    pub tool: String,
    /// Digest of the facts that its judgement saw.
    pub judged: String,
    /// Its visits, planned and made.
    pub visits: Vec<FiledVisit>,
    /// Each rule's verdict.
    pub verdicts: Vec<(String, String)>,
    /// Its findings.
    pub findings: Vec<FiledFinding>,
    /// What it saw.
    pub things: Vec<FiledThing>,
}

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledVisit {
    /// Session.
    pub session: String,
    /// Place in the session, from 0.
    pub ordinal: u32,
    /// Scenario.
    pub scenario: String,
    /// Where it stands in the session.
    pub leg: Option<String>,
    /// Whether it is a control: without the vantage's privacy signal.
    pub control: bool,
    /// Address asked for.
    pub page: String,
    /// Folder of the record in the audit's.
    pub path: String,
    /// Digest of the record, once sealed.
    pub digest: Option<String>,
    /// How it ended, as JSON; none where it was not made.
    pub outcome: Option<String>,
    /// Whether all of it was seen.
    pub complete: bool,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledFinding {
    /// Stable across audits.
    pub fingerprint: String,
    /// Rule.
    pub rule: String,
    /// Severity.
    pub severity: String,
    /// Title.
    pub title: String,
    /// Who or what it is about.
    pub subject: String,
    /// Pages where it was observed.
    pub pages: Vec<String>,
    /// Scenarios in which it was observed.
    pub scenarios: Vec<String>,
    /// Its numbers, as JSON.
    pub measure: Option<String>,
}

/// What kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThingKind {
    /// A vendor's deployed instance.
    Tag,
    /// A vendor.
    Vendor,
    /// A cookie.
    Cookie,
    /// A host that something was sent to.
    Host,
}

impl ThingKind {
    /// As SQL holds it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            ThingKind::Tag => "tag",
            ThingKind::Vendor => "vendor",
            ThingKind::Cookie => "cookie",
            ThingKind::Host => "host",
        }
    }

    fn read(word: &str) -> Option<ThingKind> {
        [ThingKind::Tag, ThingKind::Vendor, ThingKind::Cookie, ThingKind::Host]
            .into_iter()
            .find(|k| k.word() == word)
    }
}

/// Something that an audit saw.
#[derive(Debug, Clone, PartialEq)]
pub struct FiledThing {
    /// What kind.
    pub kind: ThingKind,
    /// Tells it from others of its kind, in every audit.
    pub key: String,
    /// Its name.
    pub name: String,
    /// More, in words: class and account, domain, party.
    pub detail: String,
    /// On how many pages.
    pub pages: u32,
    /// How many requests; how often it was set, for a cookie.
    pub times: u64,
    /// When first: ms since its page began.
    pub first_ms: Option<f64>,
    /// In which scenarios.
    pub scenarios: Vec<String>,
}

impl Store {
    /// Keeps what an audit is, in place of what was kept of it before.
    pub async fn file(&self, audit: &Filed) -> Result<(), StoreError> {
        let mut tx = self.db.begin_alone(Alone::File).await?;
        let error = self.db.error("did not take the audit");
        self.not_busy_in(&mut tx, &audit.id).await?;
        self.file_in(&mut tx, audit).await?;
        tx.commit().await.map_err(&error)
    }

    /// Refuses an audit that workers are making.
    pub async fn not_busy(&self, audit: &str) -> Result<(), StoreError> {
        self.not_busy_in(&mut self.db.begin().await?, audit).await
    }

    async fn not_busy_in(&self, tx: &mut Transaction<'_, Any>, audit: &str) -> Result<(), StoreError> {
        let open = self.db.query(
            "select 1 from job where audit = $1 and stage = 0 and state in ('ready', 'running') limit 1",
        );
        let open = open.bind(audit.to_owned()).fetch_optional(&mut **tx).await;
        match open.map_err(self.db.error("did not say whether workers make the audit"))? {
            Some(_) => Err(StoreError::Busy { store: self.name().to_owned(), audit: audit.to_owned() }),
            None => Ok(()),
        }
    }

    pub(crate) async fn file_in(
        &self,
        tx: &mut Transaction<'_, Any>,
        audit: &Filed,
    ) -> Result<(), StoreError> {
        let error = self.db.error("did not take the audit");
        self.db
            .query("delete from audit where id = $1")
            .bind(&audit.id)
            .execute(&mut **tx)
            .await
            .map_err(&error)?;
        let row = self
            .db
            .query(
                "insert into audit (id, site, start_url, started, finished, state, vantage, scenarios, tool, judged, property) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning n",
            )
            .bind(&audit.id)
            .bind(&audit.site)
            .bind(&audit.start)
            .bind(audit.started)
            .bind(audit.finished)
            .bind(audit.state.word())
            .bind(&audit.vantage)
            .bind(list(&audit.scenarios))
            .bind(&audit.tool)
            .bind(&audit.judged)
            .bind(&audit.property)
            .fetch_one(&mut **tx)
            .await
            .map_err(&error)?;
        let n: i64 = row.try_get("n").map_err(&error)?;
        insert_visits(&self.db, tx, n, &audit.visits, "").await?;
        self.verdicts(tx, n, &audit.verdicts).await?;
        self.found(tx, n, &audit.findings).await?;
        self.seen(tx, n, &audit.site, &audit.things).await?;
        self.unseen(tx, &audit.site).await
    }

    /// An audit that is not there any more.
    pub async fn forget(&self, id: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin_alone(Alone::File).await?;
        let error = self.db.error("did not forget the audit");
        let gone = self.db.query("delete from audit where id = $1 returning site").bind(id.to_owned());
        if let Some(row) = gone.fetch_optional(&mut *tx).await.map_err(&error)? {
            self.unseen(&mut tx, &row.try_get::<String, _>("site").map_err(&error)?).await?;
        }
        tx.commit().await.map_err(&error)
    }

    /// Things that no audit saw any more are none.
    async fn unseen(&self, tx: &mut Transaction<'_, Any>, site: &str) -> Result<(), StoreError> {
        self.db
            .query("delete from thing where site = $1 and not exists (select 1 from seen where seen.thing = thing.n)")
            .bind(site.to_owned())
            .execute(&mut **tx)
            .await
            .map_err(self.db.error("did not forget what was seen"))?;
        Ok(())
    }

    async fn verdicts(
        &self,
        tx: &mut Transaction<'_, Any>,
        n: i64,
        all: &[(String, String)],
    ) -> Result<(), StoreError> {
        for some in all.chunks(AT_ONCE) {
            let sql = format!("insert into verdict (audit, rule, verdict) values {}", rows(some.len(), 3));
            let mut query = self.db.query(&sql);
            for (rule, verdict) in some {
                query = query.bind(n).bind(rule.clone()).bind(verdict.clone());
            }
            query.execute(&mut **tx).await.map_err(self.db.error("did not take the audit's verdicts"))?;
        }
        Ok(())
    }

    async fn found(
        &self,
        tx: &mut Transaction<'_, Any>,
        n: i64,
        all: &[FiledFinding],
    ) -> Result<(), StoreError> {
        for some in all.chunks(AT_ONCE) {
            let sql = "insert into finding (audit, fingerprint, rule, severity, title, subject, pages, scenarios, measure) \
                       values ";
            let mut query = self.db.query(&format!("{sql}{}", rows(some.len(), 9)));
            for f in some {
                query = query
                    .bind(n)
                    .bind(f.fingerprint.clone())
                    .bind(f.rule.clone())
                    .bind(f.severity.clone())
                    .bind(f.title.clone())
                    .bind(f.subject.clone())
                    .bind(list(&f.pages))
                    .bind(list(&f.scenarios))
                    .bind(f.measure.clone());
            }
            query.execute(&mut **tx).await.map_err(self.db.error("did not take the audit's findings"))?;
        }
        Ok(())
    }

    async fn seen(
        &self,
        tx: &mut Transaction<'_, Any>,
        n: i64,
        site: &str,
        all: &[FiledThing],
    ) -> Result<(), StoreError> {
        let error = self.db.error("did not take what the audit saw");
        for some in all.chunks(AT_ONCE) {
            let sql = format!(
                "insert into thing (site, kind, key, name, detail) values {} \
                 on conflict (site, kind, key) do update set name = excluded.name, detail = excluded.detail \
                 returning n, kind, key",
                rows(some.len(), 5)
            );
            let mut query = self.db.query(&sql);
            for t in some {
                query = query
                    .bind(site.to_owned())
                    .bind(t.kind.word())
                    .bind(t.key.clone())
                    .bind(t.name.clone())
                    .bind(t.detail.clone());
            }
            let mut numbers = std::collections::BTreeMap::new();
            for row in query.fetch_all(&mut **tx).await.map_err(&error)? {
                let (kind, key): (String, String) =
                    (row.try_get("kind").map_err(&error)?, row.try_get("key").map_err(&error)?);
                numbers.insert((kind, key), row.try_get::<i64, _>("n").map_err(&error)?);
            }
            let sql = format!(
                "insert into seen (thing, audit, pages, times, first_ms, scenarios) values {}",
                rows(some.len(), 6)
            );
            let mut query = self.db.query(&sql);
            for t in some {
                query = query
                    .bind(numbers.get(&(t.kind.word().to_owned(), t.key.clone())).copied())
                    .bind(n)
                    .bind(i64::from(t.pages))
                    .bind(i64::try_from(t.times).unwrap_or(i64::MAX))
                    .bind(t.first_ms)
                    .bind(list(&t.scenarios));
            }
            query.execute(&mut **tx).await.map_err(&error)?;
        }
        Ok(())
    }

    /// Whether an audit that is kept was judged; none where it is not kept.
    pub async fn is_judged(&self, id: &str) -> Result<Option<bool>, StoreError> {
        let error = self.db.error("did not say whether the audit was judged");
        let row = self.db.query("select judged from audit where id = $1").bind(id.to_owned());
        let row = row.fetch_optional(self.db.pool()).await.map_err(&error)?;
        row.map(|r| Ok(!r.try_get::<String, _>("judged").map_err(&error)?.is_empty())).transpose()
    }

    /// All that is kept of an audit: a read of its findings, visits and things.
    pub async fn filed(&self, id: &str) -> Result<Option<Filed>, StoreError> {
        let error = self.db.error("did not tell of the audit");
        let row = self.db.query("select * from audit where id = $1").bind(id.to_owned());
        let Some(row) = row.fetch_optional(self.db.pool()).await.map_err(&error)? else { return Ok(None) };
        let n: i64 = row.try_get("n").map_err(&error)?;
        let text = |name: &str| row.try_get::<String, _>(name).map_err(&error);
        let mut filed = Filed {
            id: text("id")?,
            property: row.try_get("property").map_err(&error)?,
            site: text("site")?,
            start: text("start_url")?,
            started: row.try_get("started").map_err(&error)?,
            finished: row.try_get("finished").map_err(&error)?,
            state: State::read(&text("state")?),
            vantage: text("vantage")?,
            scenarios: self.strings(&text("scenarios")?)?,
            tool: text("tool")?,
            judged: text("judged")?,
            visits: vec![],
            verdicts: vec![],
            findings: vec![],
            things: vec![],
        };
        let all =
            async |sql: &str| self.db.query(sql).bind(n).fetch_all(self.db.pool()).await.map_err(&error);
        for row in all("select * from visit where audit = $1 order by session, ordinal").await? {
            filed.visits.push(read_visit(&row).map_err(&error)?);
        }
        for row in all("select * from verdict where audit = $1 order by rule").await? {
            filed
                .verdicts
                .push((row.try_get("rule").map_err(&error)?, row.try_get("verdict").map_err(&error)?));
        }
        for row in all("select * from finding where audit = $1 order by fingerprint").await? {
            filed.findings.push(FiledFinding {
                fingerprint: row.try_get("fingerprint").map_err(&error)?,
                rule: row.try_get("rule").map_err(&error)?,
                severity: row.try_get("severity").map_err(&error)?,
                title: row.try_get("title").map_err(&error)?,
                subject: row.try_get("subject").map_err(&error)?,
                pages: self.strings(&row.try_get::<String, _>("pages").map_err(&error)?)?,
                scenarios: self.strings(&row.try_get::<String, _>("scenarios").map_err(&error)?)?,
                measure: row.try_get("measure").map_err(&error)?,
            });
        }
        let seen = "select thing.kind, thing.key, thing.name, thing.detail, seen.pages, seen.times, seen.first_ms, \
                    seen.scenarios from seen join thing on thing.n = seen.thing where seen.audit = $1 \
                    order by thing.kind, thing.key";
        for row in all(seen).await? {
            let kind: String = row.try_get("kind").map_err(&error)?;
            filed.things.push(FiledThing {
                kind: ThingKind::read(&kind)
                    .ok_or_else(|| self.unread(format!("a thing of kind '{kind}'")))?,
                key: row.try_get("key").map_err(&error)?,
                name: row.try_get("name").map_err(&error)?,
                detail: row.try_get("detail").map_err(&error)?,
                pages: u32::try_from(row.try_get::<i64, _>("pages").map_err(&error)?).unwrap_or_default(),
                times: u64::try_from(row.try_get::<i64, _>("times").map_err(&error)?).unwrap_or_default(),
                first_ms: row.try_get("first_ms").map_err(&error)?,
                scenarios: self.strings(&row.try_get::<String, _>("scenarios").map_err(&error)?)?,
            });
        }
        Ok(Some(filed))
    }
}

impl Filed {
    /// In the order in which it is read back: what was filed and what is kept can then be held against each other.
    pub fn sorted(mut self) -> Filed {
        self.visits.sort_by(|a, b| (&a.session, a.ordinal).cmp(&(&b.session, b.ordinal)));
        self.verdicts.sort();
        self.findings.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        self.things.sort_by(|a, b| (a.kind.word(), &a.key).cmp(&(b.kind.word(), &b.key)));
        self
    }
}

/// Adds visits; `more` says what to do with those that are there.
pub(crate) async fn insert_visits(
    db: &Db,
    tx: &mut Transaction<'_, Any>,
    n: i64,
    all: &[FiledVisit],
    more: &str,
) -> Result<(), StoreError> {
    for some in all.chunks(AT_ONCE) {
        let sql = "insert into visit (audit, session, ordinal, scenario, leg, control, page, path, digest, outcome, complete) \
                   values ";
        let mut query = db.query(&format!("{sql}{} {more}", rows(some.len(), 11)));
        for v in some {
            query = query
                .bind(n)
                .bind(v.session.clone())
                .bind(i64::from(v.ordinal))
                .bind(v.scenario.clone())
                .bind(v.leg.clone())
                .bind(i64::from(v.control))
                .bind(v.page.clone())
                .bind(v.path.clone())
                .bind(v.digest.clone())
                .bind(v.outcome.clone())
                .bind(i64::from(v.complete));
        }
        query.execute(&mut **tx).await.map_err(db.error("did not take the audit's visits"))?;
    }
    Ok(())
}

pub(crate) fn read_visit(row: &AnyRow) -> Result<FiledVisit, sqlx::Error> {
    Ok(FiledVisit {
        session: row.try_get("session")?,
        ordinal: u32::try_from(row.try_get::<i64, _>("ordinal")?).unwrap_or_default(),
        scenario: row.try_get("scenario")?,
        leg: row.try_get("leg")?,
        control: row.try_get::<i64, _>("control")? != 0,
        page: row.try_get("page")?,
        path: row.try_get("path")?,
        digest: row.try_get("digest")?,
        outcome: row.try_get("outcome")?,
        complete: row.try_get::<i64, _>("complete")? != 0,
    })
}

/// A list, as SQL holds it.
fn list(all: &[String]) -> String {
    serde_json::Value::from(all).to_string()
}

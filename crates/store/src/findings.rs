//! The findings of a site over its audits: which stand, which are new, which are gone.
//!
//! *Gone* is said only where the last audit could have shown it: from the same vantage, its rule came to a verdict, and each
//! page was wholly seen in each scenario in which it was observed before. Otherwise it was *not tested again*.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::Row as _;

use crate::{Store, StoreError};

/// Severities as rows name them, the worst first.
pub const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "note"];

/// Where a severity stands among them: the worst has 0, one that nobody knows comes last.
pub fn severity_rank(severity: &str) -> usize {
    SEVERITIES.iter().position(|s| *s == severity).unwrap_or(SEVERITIES.len())
}

/// How a finding stands after the last audit of its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The last audit observed it, none before it did.
    New,
    /// The last audit observed it, as an earlier one did.
    Open,
    /// The last audit looked and did not observe it.
    Gone,
    /// The last audit did not look at all of where it was observed before.
    NotTestedAgain,
}

impl Standing {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Standing::New => "new",
            Standing::Open => "open",
            Standing::Gone => "gone",
            Standing::NotTestedAgain => "not tested again",
        }
    }
}

/// A finding, over all audits of its site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingHistory {
    /// Stable across audits.
    pub fingerprint: String,
    /// Rule.
    pub rule: String,
    /// Severity, in the last audit that observed it.
    pub severity: String,
    /// Title, there.
    pub title: String,
    /// Who or what it is about.
    pub subject: String,
    /// How it stands.
    pub standing: Standing,
    /// Start of the first audit that observed it, ms since the Unix epoch.
    pub first_seen: i64,
    /// Start of the last one.
    pub last_seen: i64,
    /// Start of the first of the audits that observed it one after the other, up to `last_seen`.
    pub since: i64,
    /// How many audits observed it.
    pub audits: usize,
    /// The last audit that observed it.
    pub last_audit: String,
}

/// An audit, as far as standings need it.
struct Audit {
    n: i64,
    id: String,
    started: i64,
    vantage: String,
}

/// A finding in one audit, without its pages.
struct Sighting {
    audit: i64,
    rule: String,
    severity: String,
    title: String,
    subject: String,
}

impl Store {
    /// The findings of a site: those that stand first, then by severity as the caller ranks it.
    pub async fn findings(&self, site: &str) -> Result<Vec<FindingHistory>, StoreError> {
        let audits = self.audits_of(site).await?;
        self.standing_after(site, audits).await
    }

    /// As they stood after this audit of the site, whatever came later.
    pub async fn findings_as_of(&self, site: &str, audit: &str) -> Result<Vec<FindingHistory>, StoreError> {
        let mut audits = self.audits_of(site).await?;
        let upto = audits.iter().position(|a| a.id == audit).map_or(0, |at| at + 1);
        audits.truncate(upto);
        self.standing_after(site, audits).await
    }

    async fn standing_after(
        &self,
        site: &str,
        audits: Vec<Audit>,
    ) -> Result<Vec<FindingHistory>, StoreError> {
        let Some(last) = audits.last() else { return Ok(vec![]) };
        let looked = self.looked(last).await?;
        let mut all = Vec::new();
        for (fingerprint, sightings) in self.sightings(site).await? {
            let at = |n: i64| audits.iter().position(|a| a.n == n);
            let seen: BTreeSet<usize> = sightings.iter().filter_map(|s| at(s.audit)).collect();
            let (Some(first), Some(latest)) = (seen.first(), seen.last()) else { continue };
            let Some(sighting) = sightings.iter().find(|s| at(s.audit) == Some(*latest)) else { continue };
            let standing = if *latest + 1 == audits.len() {
                if seen.len() == 1 { Standing::New } else { Standing::Open }
            } else if audits[*latest].vantage == last.vantage
                && looked.verdicts.contains(&sighting.rule)
                && self
                    .places(sighting.audit, &fingerprint)
                    .await?
                    .all(|place| looked.visited.contains(&place))
            {
                Standing::Gone
            } else {
                Standing::NotTestedAgain
            };
            all.push(FindingHistory {
                fingerprint,
                rule: sighting.rule.clone(),
                severity: sighting.severity.clone(),
                title: sighting.title.clone(),
                subject: sighting.subject.clone(),
                standing,
                first_seen: audits[*first].started,
                last_seen: audits[*latest].started,
                since: audits[streak(&seen, *latest)].started,
                audits: seen.len(),
                last_audit: audits[*latest].id.clone(),
            });
        }
        all.sort_by(|a, b| (a.standing, &a.rule, &a.subject).cmp(&(b.standing, &b.rule, &b.subject)));
        Ok(all)
    }

    /// The audits of a site, the first one first.
    async fn audits_of(&self, site: &str) -> Result<Vec<Audit>, StoreError> {
        let error = self.db.error("did not tell its audits");
        let sql = "select n, id, started, vantage from audit where site = $1 order by started, n";
        let rows =
            self.db.query(sql).bind(site.to_owned()).fetch_all(self.db.pool()).await.map_err(&error)?;
        rows.iter()
            .map(|row| {
                Ok(Audit {
                    n: row.try_get("n")?,
                    id: row.try_get("id")?,
                    started: row.try_get("started")?,
                    vantage: row.try_get("vantage")?,
                })
            })
            .collect::<Result<_, _>>()
            .map_err(&error)
    }

    async fn sightings(&self, site: &str) -> Result<BTreeMap<String, Vec<Sighting>>, StoreError> {
        let error = self.db.error("did not tell its findings");
        let sql = "select finding.audit, fingerprint, rule, severity, title, subject from finding \
                   join audit on audit.n = finding.audit where audit.site = $1";
        let rows =
            self.db.query(sql).bind(site.to_owned()).fetch_all(self.db.pool()).await.map_err(&error)?;
        let mut all = BTreeMap::<String, Vec<Sighting>>::new();
        for row in rows {
            let text = |name: &str| row.try_get::<String, _>(name).map_err(&error);
            let sighting = Sighting {
                audit: row.try_get("audit").map_err(&error)?,
                rule: text("rule")?,
                severity: text("severity")?,
                title: text("title")?,
                subject: text("subject")?,
            };
            all.entry(text("fingerprint")?).or_default().push(sighting);
        }
        Ok(all)
    }

    /// Where a finding was observed in an audit: each of its pages, in each of its scenarios.
    async fn places(
        &self,
        audit: i64,
        fingerprint: &str,
    ) -> Result<impl Iterator<Item = (String, String)>, StoreError> {
        let error = self.db.error("did not tell where a finding was observed");
        let sql = "select pages, scenarios from finding where audit = $1 and fingerprint = $2";
        let row = self.db.query(sql).bind(audit).bind(fingerprint.to_owned()).fetch_one(self.db.pool()).await;
        let row = row.map_err(&error)?;
        let pages = self.strings(&row.try_get::<String, _>("pages").map_err(&error)?)?;
        let scenarios = self.strings(&row.try_get::<String, _>("scenarios").map_err(&error)?)?;
        let places: Vec<(String, String)> =
            pages.iter().flat_map(|p| scenarios.iter().map(move |s| (p.clone(), s.clone()))).collect();
        Ok(places.into_iter())
    }

    async fn looked(&self, audit: &Audit) -> Result<Looked, StoreError> {
        let error = self.db.error("did not tell what the last audit looked at");
        let sql = "select rule from verdict where audit = $1 and verdict in ('pass', 'fail')";
        let verdicts = self.db.query(sql).bind(audit.n).fetch_all(self.db.pool()).await.map_err(&error)?;
        let sql =
            "select distinct page, scenario from visit where audit = $1 and control = 0 and complete = 1";
        let visited = self.db.query(sql).bind(audit.n).fetch_all(self.db.pool()).await.map_err(&error)?;
        Ok(Looked {
            verdicts: verdicts.iter().map(|r| r.try_get("rule")).collect::<Result<_, _>>().map_err(&error)?,
            visited: visited
                .iter()
                .map(|r| Ok((r.try_get("page")?, r.try_get("scenario")?)))
                .collect::<Result<_, _>>()
                .map_err(&error)?,
        })
    }
}

/// What an audit looked at.
struct Looked {
    /// Rules that came to a verdict.
    verdicts: BTreeSet<String>,
    /// Pages that were wholly seen, with the scenario.
    visited: BTreeSet<(String, String)>,
}

/// The first of the sightings that lead to the latest one without an audit between them.
fn streak(seen: &BTreeSet<usize>, latest: usize) -> usize {
    let mut first = latest;
    while first > 0 && seen.contains(&(first - 1)) {
        first -= 1;
    }
    first
}

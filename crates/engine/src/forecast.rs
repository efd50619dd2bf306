//! How much an audit will be, before it begins: sessions, visits, and about how long they take here.

use affiant_store::{AuditRow, AuditState};

use crate::AuditRequest;

/// Of a machine on which nothing was audited yet: the demo shop's visits, three sessions side by side on two cores, take 2.5 s each;
/// real sites answer later.
const UNKNOWN_MS: u64 = 5_000;
/// The latest audits that are looked at.
const LATEST: usize = 10;

/// How much an audit will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Sessions: fresh profiles.
    pub sessions: u64,
    /// Visits, at most: a site may have fewer pages.
    pub visits: u64,
    /// Seconds, if all visits are made.
    pub seconds: u64,
    /// How many audits of this store the seconds are judged by; 0: they are a guess.
    pub judged_by: usize,
}

/// Judged by the store's latest audits, the latest first. Those of the same property say more than others.
pub fn forecast(request: &AuditRequest, property: Option<&str>, history: &[AuditRow]) -> Forecast {
    let repeat = u64::from(request.repeat);
    // With Global Privacy Control there is a control, which does not send it.
    let sessions = (request.scenarios.len() as u64 + u64::from(request.gpc)) * repeat;
    let pages = match request.pages.len() {
        1 => u64::from(request.max_pages),
        n => n as u64,
    };
    let visits = sessions * (pages + u64::from(request.returns));
    let over = |a: &&AuditRow| a.state == AuditState::Finished && a.visits > 0 && a.finished.is_some();
    let own: Vec<&AuditRow> = history
        .iter()
        .filter(over)
        .filter(|a| property.is_some() && a.property.as_deref() == property)
        .take(LATEST)
        .collect();
    let by = if own.is_empty() { history.iter().filter(over).take(LATEST).collect() } else { own };
    let (took, made) = by.iter().fold((0, 0), |(took, made), a| {
        (
            took + u64::try_from(a.finished.unwrap_or(a.started) - a.started).unwrap_or_default(),
            made + a.visits.unsigned_abs(),
        )
    });
    let each = took.checked_div(made).unwrap_or(UNKNOWN_MS);
    Forecast { sessions, visits, seconds: (visits * each).div_ceil(1_000), judged_by: by.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(property: &str, seconds: i64, visits: i64) -> AuditRow {
        AuditRow {
            id: "a".to_owned(),
            property: Some(property.to_owned()),
            site: "a.test".to_owned(),
            start: "https://a.test/".to_owned(),
            started: 0,
            finished: Some(seconds * 1_000),
            state: AuditState::Finished,
            vantage: "default".to_owned(),
            scenarios: vec![],
            pages: 1,
            visits,
            complete: visits,
            findings: Default::default(),
        }
    }

    #[test]
    fn it_is_judged_by_the_propertys_own_audits_then_by_others_then_it_is_a_guess() {
        let request = AuditRequest::of(vec!["https://a.test/".to_owned()]);
        // Three scenarios, five pages and the return.
        let guess = forecast(&request, Some("a"), &[]);
        assert_eq!(guess, Forecast { sessions: 3, visits: 18, seconds: 90, judged_by: 0 });
        let others = [row("b", 40, 20)];
        assert_eq!(forecast(&request, Some("a"), &others).seconds, 36);
        let own = [row("b", 40, 20), row("a", 180, 18), row("a", 180, 18)];
        let told = forecast(&request, Some("a"), &own);
        assert_eq!((told.seconds, told.judged_by), (180, 2));
        let unfinished = AuditRow { state: AuditState::Unfinished, ..row("a", 1, 1) };
        assert_eq!(forecast(&request, Some("a"), &[unfinished]).judged_by, 0);
        let gpc = AuditRequest {
            gpc: true,
            returns: false,
            pages: vec!["https://a.test/".to_owned(); 4],
            ..request
        };
        assert_eq!((forecast(&gpc, None, &[]).sessions, forecast(&gpc, None, &[]).visits), (4, 16));
    }
}

//! What pages write that is hard to read (`testbed/sites/halves`): half of a character must not hide a request, and what
//! cannot be read is said to be.

use std::collections::BTreeMap;

use affiant_record::consent::AchievedChoice;
use affiant_record::footer::collectors::CONSENT;
use affiant_record::{CollectorStatus, Observation, Outcome};
use affiant_rules::judgement::Verdict;
use affiant_testbed::{LogKind, Sites, Testbed};

use crate::common::audit;

#[tokio::test(flavor = "multi_thread")]
async fn halves_of_characters_hide_nothing() {
    let bed = Testbed::start(Sites::only(&["halves"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let args = ["https://www.halves.test/", "--scenario", "reject-all", "--pages", "1"];
    let a = audit(&tmp.path().join("audit"), &bed, &args).await;
    let record = &a.records[0];
    let footer = record.footer.as_ref().unwrap();
    assert_eq!(footer.outcome, Outcome::Complete, "{}", a.stderr());
    assert_eq!(footer.consent.choice, AchievedChoice::RejectAll, "{:?}", footer.consent);
    for (collector, status) in &footer.collectors {
        let fine = matches!(status, CollectorStatus::Gathered | CollectorStatus::NotRun);
        assert!(fine, "{collector}: {status:?}");
    }
    let mut recorded: BTreeMap<String, usize> = BTreeMap::new();
    for x in record.exchanges() {
        let r = &x.request.what;
        assert!(!r.url.is_empty() && !r.method.is_empty(), "{r:?}");
        *recorded.entry(r.url.split(['?', '#']).next().unwrap().to_owned()).or_default() += 1;
    }
    let mut ways = 0;
    for e in bed.log().iter().filter(|e| e.kind == LogKind::Request && e.path_and_query.starts_with("/b/")) {
        let path = e.path_and_query.split('?').next().unwrap();
        let url = format!("https://{}{path}", e.host);
        let left = recorded.get_mut(&url).unwrap_or_else(|| panic!("{url} is not in the record"));
        *left = left.checked_sub(1).unwrap();
        ways += 1;
    }
    assert_eq!(ways, 15, "fourteen ways and the choice");
    let said = |found: &dyn Fn(&Observation) -> bool| record.lines.iter().any(|l| found(&l.what));
    assert!(said(&|o| matches!(o, Observation::Page(p) if p.main && p.title == "Great shop \u{fffd}")));
    assert!(said(&|o| matches!(o, Observation::Console(c) if c.text.starts_with('\u{fffd}'))));
    assert!(said(&|o| matches!(o, Observation::Console(c) if c.text.contains("Error: \u{fffd}"))));
    assert!(said(&|o| matches!(o, Observation::CookieWrite(c) if c.name == "half")));
    assert!(said(&|o| matches!(o, Observation::StorageWrite(w) if w.key == "half\u{fffd}")));
    assert!(said(&|o| matches!(o, Observation::WebSocket(w) if w.event == "sent")));
    assert!(said(&|o| matches!(o, Observation::Banner(b) if b.seen_by == "watcher")));
}

/// Where no banner is seen the browser is asked for the whole tree of the page, as one answer. Of these two it is nested too deep
/// to be read, or to be written at all: what is missing of it may hold a banner.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_deep_to_be_read_makes_its_rules_inconclusive() {
    let bed = Testbed::start(Sites::only(&["halves"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    for (path, says) in [("deep", "could not be read"), ("deeper", "were not looked into")] {
        let url = format!("https://www.halves.test/{path}");
        let args = [url.as_str(), "--scenario", "no-choice", "--pages", "1"];
        let a = audit(&tmp.path().join(path), &bed, &args).await;
        let footer = a.records[0].footer.as_ref().unwrap();
        assert_eq!(footer.outcome, Outcome::Complete, "{}", a.stderr());
        let (CollectorStatus::Truncated { reason } | CollectorStatus::Failed { reason }) =
            &footer.collectors[CONSENT]
        else {
            panic!("{path}: {:?}", footer.collectors)
        };
        assert!(reason.contains(says), "{path}: {reason}");
        assert_eq!(a.verdict("no-banner"), Verdict::Inconclusive, "{path}");
    }
}

//! Watching changes nothing, and a page can neither notice, blind nor mislead who watches. The truth is
//! `testbed/sites/doubter/`.

use affiant_testbed::{LogEntry, Sites, Testbed};

use crate::common::{Audited, affiant, audit, read};

const HIDDEN: &str = "https://cdn.doubter-tags.test/hidden.js";

fn said(log: &[LogEntry], what: &str) -> Vec<String> {
    let own = log.iter().filter_map(|e| e.path_and_query.strip_prefix(what));
    let decoded =
        |text: &str| url::form_urlencoded::parse(text.as_bytes()).map(|(k, _)| k.into_owned()).collect();
    own.map(decoded).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_notices_nothing() {
    let bed = Testbed::start(Sites::only(&["doubter"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let start = &bed.site("doubter").unwrap().start;
    audit(&tmp.path().join("a"), &bed, &[start, "--pages", "1", "--scenario", "no-choice"]).await;
    let log = bed.log();
    assert_eq!(said(&log, "/own/noticed?"), [""; 0]);
    let mut done = said(&log, "/own/done?");
    done.sort();
    assert_eq!(done, ["page", "srcdoc", "worker"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_hidden_and_nothing_is_forged() {
    let bed = Testbed::start(Sites::only(&["doubter"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let page = format!("{}blind", bed.site("doubter").unwrap().start);
    let a = audit(&tmp.path().join("a"), &bed, &[&page, "--pages", "1", "--scenario", "no-choice"]).await;
    assert_eq!(said(&bed.log(), "/own/done?"), ["blind"]);
    let cookies = &a.facts[0].cookies;
    let of = |name: &str| {
        let c = cookies.iter().find(|c| c.name == name).unwrap_or_else(|| panic!("{name} in {cookies:#?}"));
        (c.via.as_str(), c.change.as_str(), c.set_by.as_deref())
    };
    for name in ["_ga", "_gid", "_gcl_au"] {
        assert_eq!(of(name), ("document.cookie", "set", Some(HIDDEN)), "{name}");
    }
    assert_eq!(of("taken"), ("document.cookie", "refused", Some(HIDDEN)));
    assert_eq!(of("ends"), ("document.cookie", "deletion", Some(HIDDEN)));
    // Who set these was not seen; that they are there, was.
    assert_eq!(of("theme"), ("jar", "found", None));
    assert_eq!(of("edge"), ("jar", "found", None));
    for never in ["_fbp", "_forged", ""] {
        assert!(cookies.iter().all(|c| c.name != never), "{never}: {cookies:#?}");
    }
    assert!(cookies.iter().all(|c| !c.set_by.as_deref().is_some_and(|u| u.contains("facebook"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_careful_recorder_sends_what_it_sends_unwatched() {
    let bed = Testbed::start(Sites::only(&["doubter"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let page = format!("{}framed", bed.site("doubter").unwrap().start);
    let out = tmp.path().join("a");
    let mut command = affiant();
    command.args(["audit", &page, "--pages", "1", "--scenario", "no-choice", "--insecure", "--no-return"]);
    command.args(bed.resolve_rules().into_iter().flat_map(|r| ["--resolve".to_owned(), r]));
    let a: Audited = read(&out, command.arg("--out").arg(&out).output().await.unwrap());
    let segments = bed.log().iter().filter(|e| e.host.ends_with(".sentry.io") && !e.body.is_empty()).count();
    assert!(segments > 2, "{segments} envelopes");
    assert_eq!(a.verdict("typed-values-sent"), affiant_rules::judgement::Verdict::Fail);
    let sent = a.judgement.findings.iter().filter(|f| f.rule == "typed-values-sent");
    assert!(sent.clone().any(|f| f.subject.name.contains("Sentry")), "{:#?}", sent.collect::<Vec<_>>());
}

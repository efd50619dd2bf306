//! Typing into fields: who reads what, in which form; silence where nothing is read; and nothing is submitted. The truth is
//! `testbed/sites/forms/` and the server's log.

use std::collections::BTreeSet;
use std::path::Path;

use crate::common::{Audited, affiant, read, show, to};
use affiant_detect::facts::InputKind;
use affiant_record::{CollectorStatus, Observation};
use affiant_testbed::{Sites, Testbed};

async fn probed(bed: &Testbed, out: &Path, args: &[&str]) -> Audited {
    let to = to(bed).into_iter().filter(|f| f != "--no-probe");
    let output = affiant()
        .arg("audit")
        .args(args)
        .args(["--scenario", "no-choice", "--pages", "1", "--quiet"])
        .args(to)
        .arg("--out")
        .arg(out)
        .output()
        .await
        .unwrap();
    read(out, output)
}

/// `x` of an address.
fn named(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    url.query_pairs().find(|(k, _)| k == "x").map(|(_, v)| v.into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_reading_is_found() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = probed(&bed, &tmp.path().join("audit"), &["https://www.forms.test/"]).await;
    let facts = &a.facts[0];
    assert_eq!(facts.collectors["probe"], CollectorStatus::Gathered, "{}", a.stderr());
    let kinds: Vec<InputKind> = facts.probe.typed.iter().map(|t| t.kind).collect();
    use InputKind::{Address, Email, Message, Name, Phone};
    assert_eq!(kinds, [Name, Email, Phone, Address, Message]);

    // What came to the server, by its name in the script.
    let mut came: BTreeSet<String> =
        bed.log().iter().filter_map(|e| named(&format!("https://{}{}", e.host, e.path_and_query))).collect();
    came.insert("socket".to_owned());
    let expected = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testbed/sites/forms/reader/r.js"),
    )
    .unwrap();
    for name in ["plain", "gzip", "worker", "late", "beacon", "subdomain", "as-typed", "e164-digest"] {
        assert!(came.contains(name) && expected.contains(name), "the site did not send {name}: {came:?}");
    }
    let mut told: std::collections::BTreeMap<String, String> = Default::default();
    for leak in &facts.probe.leaks {
        let r = &facts.requests[leak.request];
        let name = if leak.channel == "websocket" { Some("socket".to_owned()) } else { named(&r.url) };
        let Some(name) = name else { continue };
        let new = format!(
            "{} | {} | {:.0} % | {:+.0} ms",
            leak.channel,
            leak.formula,
            leak.fraction * 100.0,
            leak.after_last_key_ms
        );
        // A cookie goes with everything that follows.
        if leak.channel != "cookie" || name == "cookie" {
            told.entry(name).or_insert(new);
        }
    }
    let rows: Vec<String> = came
        .iter()
        .map(|n| format!("| {n} | {} |", told.get(n).map_or("**missed**", String::as_str)))
        .collect();
    show(
        "probe.md",
        &format!(
            "| read and sent as | channel | as | part | after the last key |\n|---|---|---|---|---|\n{}",
            rows.join("\n")
        ),
    );
    let missed: Vec<&String> = came.iter().filter(|n| !told.contains_key(*n)).collect();
    assert_eq!(missed, Vec::<&String>::new());
    // Keys one by one were put together, and what was typed half too.
    assert!(told["key-by-key"].contains("keys("), "{}", told["key-by-key"]);
    assert!(!facts.probe.typed[4].whole && facts.probe.typed[4].blurred.is_none());
    assert!(
        facts.probe.leaks.iter().any(|l| l.typed == 4 && l.after_last_key_ms < 0.0),
        "read while it was typed"
    );
    assert!(bed.log().iter().all(|e| !e.path_and_query.starts_with("/submitted")));
}

#[tokio::test(flavor = "multi_thread")]
async fn decoys_are_silent() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = probed(&bed, &tmp.path().join("audit"), &["https://www.forms.test/decoys"]).await;
    let probe = &a.facts[0].probe;
    assert_eq!(probe.typed.len(), 3);
    let came = bed.log().iter().filter(|e| e.host == "in.reader.test").count();
    assert!(came > 50, "{came}");
    assert_eq!(probe.leaks, []);
    assert!(probe.search.requests > 50 && probe.search.bodies_missing == 0, "{:?}", probe.search);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_submitted() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = probed(&bed, &tmp.path().join("audit"), &["https://www.forms.test/submits"]).await;
    let probe = &a.facts[0].probe;
    assert_eq!(probe.typed.len(), 6, "{:?}", probe.left_out);
    let submitted: Vec<String> =
        bed.log().into_iter().map(|e| e.path_and_query).filter(|p| p.starts_with("/submitted")).collect();
    assert_eq!(submitted, Vec::<String>::new());
    for place in ["typed", "changed", "beside", "framed", "gone"] {
        assert!(
            probe.prevented.iter().any(|p| p.url.contains(&format!("/submitted/{place}"))),
            "{place}: {:?}",
            probe.prevented
        );
    }
    assert!(!probe.guard.is_empty());
    assert_eq!(a.facts[0].outcome, affiant_record::Outcome::Complete);
    // The attempts that were stopped are no requests that left.
    assert!(a.facts[0].requests.iter().all(|r| !r.url.contains("/submitted") || !r.left_browser));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_every_kind_of_tree() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let args = ["https://www.forms.test/frames", "--no-probe-in", ".private"];
    let a = probed(&bed, &tmp.path().join("audit"), &args).await;
    let probe = &a.facts[0].probe;
    let labels: Vec<&str> = probe.typed.iter().map(|t| t.label.as_str()).collect();
    for label in ["Voucher", "Full name", "Card number", "CVC", "Date of birth", "Notes"] {
        assert!(
            labels.iter().any(|l| l.contains(label)),
            "{label} is not among {labels:?}; {:?}",
            probe.left_out
        );
    }
    let why = |part: &str| probe.left_out.iter().any(|(_, why)| why.contains(part));
    assert!(
        why("cannot be typed into") && why("holds something already") && why("left out as asked"),
        "{:?}",
        probe.left_out
    );
    let card = probe.typed.iter().position(|t| t.label.contains("Card number")).unwrap();
    assert!(probe.leaks.iter().any(|l| l.typed == card && l.fraction == 1.0), "{:?}", probe.leaks);
    let cvc = probe.typed.iter().position(|t| t.label.contains("CVC")).unwrap();
    assert!(probe.search.too_short.contains(&cvc));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_forbids_is_left_alone() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let args = ["https://www.forms.test/decoys", "--no-probe-on", "/decoys"];
    let a = probed(&bed, &tmp.path().join("audit"), &args).await;
    assert!(!a.facts[0].probe.ran);
    assert_eq!(a.facts[0].collectors["probe"], CollectorStatus::NotRun);
    let keys = a.records[0].lines.iter().filter(|l| matches!(l.what, Observation::Typed(_))).count();
    assert_eq!(keys, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_readers_are_found_and_maskers_are_not() {
    let bed = Testbed::start(Sites::only(&["early-recorder", "no-banner", "demo"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let of = |a: &Audited| -> BTreeSet<(InputKind, String)> {
        let f = &a.facts[0];
        f.probe
            .leaks
            .iter()
            .map(|l| (f.probe.typed[l.typed].kind, f.requests[l.request].host.to_string()))
            .collect()
    };
    let dir = |name: &str| tmp.path().join(name);
    let (a, b, c, d) = (dir("a"), dir("b"), dir("c"), dir("d"));
    let (posthog, snowplow, chat, contact) = tokio::join!(
        probed(&bed, &a, &["https://www.early-recorder.test/contact"]),
        probed(&bed, &b, &["https://www.no-banner.test/contact"]),
        probed(&bed, &c, &["https://www.fernhollow.test/chat"]),
        probed(&bed, &d, &["https://www.fernhollow.test/contact"]),
    );
    // PostHog with its masking off.
    for kind in [InputKind::Name, InputKind::Email, InputKind::Message] {
        assert!(
            of(&posthog).contains(&(kind, "us.i.posthog.com".to_owned())),
            "{kind:?}: {:?}",
            of(&posthog)
        );
    }
    // Snowplow's form tracking sends values; Sentry's and LogRocket's recorders mask them.
    let hosts = |a: &Audited| -> BTreeSet<String> { of(a).into_iter().map(|(_, h)| h).collect() };
    assert_eq!(hosts(&snowplow), BTreeSet::from(["sp.no-banner.test".to_owned()]));
    // The demo's chat is told each key before anything is sent. clarity-js masks what is typed into a form, and not the
    // text of an element that can be edited, as the chat's is.
    let readers = hosts(&chat);
    assert!(readers.contains("client.relay.crisp.chat") && readers.contains("t.clarity.ms"), "{readers:?}");
    assert!(contact.facts[0].probe.typed.len() > 2);
    assert_eq!(of(&contact), BTreeSet::new());
    // The rule says so.
    let found = |a: &Audited| a.judgement.findings.iter().filter(|f| f.rule == "typed-values-sent").count();
    assert_eq!((found(&posthog), found(&snowplow), found(&chat), found(&contact)), (1, 1, 2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_that_nobody_knows_is_known_by_what_it_sends() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = probed(&bed, &tmp.path().join("audit"), &["https://www.forms.test/recorded"]).await;
    let f = &a.facts[0];
    let sum = |of: fn(&affiant_detect::facts::RecordingFact) -> u32| f.recordings.iter().map(of).sum::<u32>();
    assert!(sum(|r| r.snapshots) >= 1 && sum(|r| r.inputs) > 10, "{:?}", f.recordings);
    let found = a.judgement.findings.iter().find(|f| f.rule == "recorder-without-consent").unwrap();
    assert_eq!(found.subject.name, "reader.test");
    // rrweb's defaults: passwords are masked, blocked elements left out, everything else is in clear.
    let read: BTreeSet<&str> = f.probe.leaks.iter().map(|l| f.probe.typed[l.typed].label.as_str()).collect();
    assert_eq!(read, BTreeSet::from(["E-mail"]), "{:?}", f.probe.typed.len());
    // Who listens is told apart from who sends.
    let ears = a.judgement.findings.iter().find(|f| f.rule == "listens-to-fields").unwrap();
    assert_eq!(ears.subject.name, "reader.test");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_resist_end_in_time_and_submit_nothing() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = probed(&bed, &tmp.path().join("audit"), &["https://www.forms.test/hostile"]).await;
    let f = &a.facts[0];
    assert_eq!(f.outcome, affiant_record::Outcome::Complete);
    assert!(f.probe.typed.len() > 8, "{:?}", f.probe.left_out);
    assert!(f.probe.left_out.iter().any(|(s, why)| s == "#away" && why.contains("does not take the cursor")));
    // What wipes itself was typed into all the same: a script may have kept the keys.
    let wiped = f.probe.typed.iter().any(|t| t.selector == "#wipes");
    let submitted: Vec<String> =
        bed.log().into_iter().map(|e| e.path_and_query).filter(|p| p.starts_with("/submitted")).collect();
    assert!(wiped && submitted.is_empty(), "{submitted:?}; {} were stopped", f.probe.prevented.len());
}

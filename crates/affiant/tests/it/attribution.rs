//! Who did what beside sending: cookies through their whole life, every kind of storage, listeners, telling interfaces,
//! each with the script behind it. The truth is `testbed/sites/behaviour/`.

use crate::common::audit;
use affiant_record::{CollectorStatus, Observation};
use affiant_testbed::{Sites, Testbed};

const TELLER: &str = "https://cdn.teller.test/t.js";

#[tokio::test(flavor = "multi_thread")]
async fn deeds_are_told_with_their_scripts() {
    let bed = Testbed::start(Sites::only(&["behaviour"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let start = bed.site("behaviour").unwrap().start.clone();
    let a =
        audit(&tmp.path().join("audit"), &bed, &[&start, "--pages", "1", "--scenario", "no-choice"]).await;
    let (record, facts) = (&a.records[0], &a.facts[0]);
    let footer = record.footer.as_ref().unwrap();
    for collector in ["cookies", "storage", "listeners", "api-calls"] {
        assert_eq!(footer.collectors[collector], CollectorStatus::Gathered, "{collector}");
    }

    // A cookie's whole life, also across timers, promises and answers.
    let life: Vec<_> = facts.cookies.iter().filter(|c| c.name == "life").collect();
    let changes: Vec<_> = life.iter().map(|c| c.change.as_str()).collect();
    assert_eq!(changes, ["set", "set-again", "changed", "deleted"]);
    assert!(life.iter().all(|c| c.set_by.as_deref() == Some(TELLER) && c.via == "document.cookie"));
    let brought = life[0].brought_by.and_then(|i| facts.requests.get(i)).unwrap();
    assert_eq!(brought.url, TELLER);
    let cookie = |name: &str| facts.cookies.iter().find(|c| c.name == name).unwrap();
    assert_eq!(cookie("foreign").change, "refused");
    assert_eq!(cookie("stored").via, "cookieStore");
    assert_eq!((cookie("chip").change.as_str(), cookie("strict").change.as_str()), ("set", "refused"));
    assert!(
        cookie("strict").blocked.iter().any(|r| r.contains("SameSite")),
        "{:?}",
        cookie("strict").blocked
    );

    // Where they went.
    let sent = |name: &str| facts.cookies_sent.iter().find(|c| c.name == name && c.blocked.is_empty());
    assert_eq!(sent("life").unwrap().host, "www.behaviour.test");
    let chip = sent("chip").unwrap();
    assert_eq!(
        (chip.host.as_str(), chip.partition.as_deref()),
        ("cdn.teller.test", Some("https://behaviour.test"))
    );
    assert!(sent("strict").is_none());

    // Storage of every kind.
    let stored: Vec<_> =
        facts.stored.iter().map(|s| (s.area.as_str(), s.key.as_str(), s.set_by.as_deref())).collect();
    let worker = "https://www.behaviour.test/worker.js";
    for truth in [
        ("local", "visitor", Some(TELLER)),
        ("local", "plain", None),
        ("session", "tab", Some(TELLER)),
        ("indexed-db", "teller/events/7", Some(TELLER)),
        ("indexed-db", "worker-db/w/\"from-worker\"", Some(worker)),
        ("cache", "teller-v1//kept", Some(TELLER)),
    ] {
        assert!(stored.contains(&truth), "{truth:?} in {stored:?}");
    }
    let told: Vec<_> = record
        .lines
        .iter()
        .filter_map(|l| match &l.what {
            Observation::StorageWrite(w) if w.key == "visitor" => {
                Some((w.told_by.as_str(), w.change.as_str()))
            }
            _ => None,
        })
        .collect();
    // The second one changes nothing: only the script tells of it.
    assert_eq!(told, [("browser+script", "added"), ("script", "put")]);

    // Who listens.
    let listens: Vec<_> = facts
        .listeners
        .iter()
        .map(|l| (l.event.as_str(), l.selector.as_deref().unwrap_or(&l.on), l.script.as_deref()))
        .collect();
    for truth in [
        ("keydown", "input[id=\"email\"]", Some(TELLER)),
        ("input", "input[id=\"email\"]", Some(TELLER)),
        ("mousemove", "document", Some(TELLER)),
        ("scroll", "window", Some(TELLER)),
    ] {
        assert!(listens.contains(&truth), "{truth:?} in {listens:?}");
    }

    // Who looks at the browser.
    let uses = |api: &str, script: &str| facts.api_uses.iter().find(|u| u.api == api && u.script == script);
    for api in [
        "HTMLCanvasElement.getContext",
        "HTMLCanvasElement.toDataURL",
        "CanvasRenderingContext2D.getImageData",
        "OfflineAudioContext",
        "BaseAudioContext.createOscillator",
        "RTCPeerConnection",
        "RTCPeerConnection.createDataChannel",
        "FontFaceSet.check",
        "Navigator.hardwareConcurrency",
        "Navigator.getBattery",
        "Permissions.query",
    ] {
        assert!(uses(api, TELLER).is_some(), "{api}");
    }
    assert_eq!(uses("CanvasRenderingContext2D.measureText", TELLER).unwrap().details, ["13px Teller"]);
    assert_eq!(uses("NavigatorUAData.getHighEntropyValues", TELLER).unwrap().details, ["model"]);
    assert!(uses("WorkerNavigator.hardwareConcurrency", worker).is_some(), "in a worker's first statement");

    // And the page did not see it.
    let log = bed.log();
    assert!(log.iter().any(|e| e.path_and_query == "/own/unseen"), "a script noticed that it was watched");
}

//! The visitor is consistent in itself: what headers, pages, frames and workers say of the browser agrees (`testbed/sites/visitor`).

use std::collections::BTreeMap;

use affiant_testbed::{LogEntry, LogKind, Sites, Testbed};
use serde_json::Value;

use crate::common::{Audited, audit};

const WORKERS: [&str; 3] = ["dedicated", "shared", "service"];

/// What was told from where, and the requests.
async fn told(args: &[&str]) -> (Audited, BTreeMap<String, Value>, Vec<LogEntry>) {
    let bed = Testbed::start(Sites::only(&["visitor"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let mut all = vec!["https://www.visitor.test/", "--scenario", "no-choice", "--pages", "1"];
    all.extend(args);
    let a = audit(&tmp.path().join("audit"), &bed, &all).await;
    let log: Vec<LogEntry> =
        bed.log().into_iter().filter(|e| e.kind == LogKind::Request && e.host.contains("visitor")).collect();
    let told = log.iter().filter_map(|e| {
        let from = e.path_and_query.strip_prefix("/told/")?;
        Some((from.to_owned(), serde_json::from_slice(&e.body).ok()?))
    });
    let told: BTreeMap<String, Value> = told.collect();
    let whole = ["page", "frame"].iter().chain(&WORKERS).all(|w| told.contains_key(*w));
    assert!(whole, "{:?}\n{}", told.keys(), a.stderr());
    (a, told, log)
}

fn header<'a>(e: &'a LogEntry, name: &str) -> Option<&'a str> {
    e.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

/// What has to agree, whatever the device.
fn agrees(a: &Audited, told: &BTreeMap<String, Value>, log: &[LogEntry]) {
    let page = &told["page"];
    let browser = &a.records[0].header.browser;
    let device = browser.device.as_ref().unwrap();
    for (from, t) in told {
        assert_eq!(t["userAgent"], browser.user_agent.as_str(), "{from}");
        assert!(!t.to_string().contains("Headless"), "{from}: {t}");
        for same in ["languages", "platform", "brands", "mobile", "hints"] {
            assert_eq!(t[same], page[same], "{same} in {from}");
        }
        assert_ne!(t["webdriver"], true, "{from}");
    }
    assert_eq!(page["languages"], serde_json::json!(device.languages));
    assert_eq!(page["brands"], serde_json::to_value(&device.hints.brands).unwrap());
    assert_eq!(page["hints"]["fullVersionList"], serde_json::to_value(&device.hints.full_versions).unwrap());
    let version = browser.product.split_once('/').unwrap().1;
    assert!(device.hints.full_versions.iter().any(|b| b.version == version), "{device:?}");
    for (hint, declared) in [
        ("platform", &device.hints.platform),
        ("platformVersion", &device.hints.platform_version),
        ("architecture", &device.hints.architecture),
        ("bitness", &device.hints.bitness),
        ("model", &device.hints.model),
    ] {
        assert_eq!(page["hints"][hint], declared.as_str(), "{hint}");
    }
    let mobile = if device.hints.mobile { "?1" } else { "?0" };
    let platform = format!("\"{}\"", device.hints.platform);
    for e in log {
        let at = &e.path_and_query;
        assert_eq!(header(e, "user-agent"), Some(browser.user_agent.as_str()), "{at}");
        assert_eq!(header(e, "accept-language"), Some("en-US,en;q=0.9"), "{at}");
        // Requests of workers have no hints, in any Chromium.
        if let Some(sent) = header(e, "sec-ch-ua-mobile") {
            assert_eq!(sent, mobile, "{at}");
            assert_eq!(header(e, "sec-ch-ua-platform"), Some(platform.as_str()), "{at}");
            for b in &device.hints.brands {
                let brand = format!("\"{}\";v=\"{}\"", b.brand, b.version);
                assert!(header(e, "sec-ch-ua").unwrap().contains(&brand), "{at}");
            }
        }
    }
    let asked = log.iter().find(|e| e.path_and_query == "/told/hints").unwrap();
    assert_eq!(header(asked, "sec-ch-ua-model"), Some(format!("\"{}\"", device.hints.model).as_str()));
    assert!(header(asked, "sec-ch-ua-full-version-list").unwrap().contains(version), "{:?}", asked.headers);
    let number = |v: &Value, i: usize| v[i].as_f64().unwrap();
    for i in [0, 1] {
        assert_eq!(number(&page["screen"], i), f64::from(device.screen[i]));
        assert!(number(&page["available"], i) <= number(&page["screen"], i), "{page}");
        assert!(number(&page["outer"], i) <= number(&page["available"], i), "{page}");
        assert!(number(&page["inner"], i) <= number(&page["outer"], i), "{page}");
    }
    assert_eq!(told["frame"]["screen"], page["screen"], "a frame sees the same screen");
    assert_eq!(page["ratio"].as_f64(), Some(device.scale));
    for from in [&told["frame"], page] {
        assert_eq!(
            (&from["coarse"], &from["touchEvents"]),
            (&device.touch.into(), &device.touch.into()),
            "{from}"
        );
        assert_eq!(
            (&from["fine"], &from["hover"]),
            (&(!device.touch).into(), &(!device.touch).into()),
            "{from}"
        );
        assert_eq!(from["touchPoints"].as_u64().unwrap() > 0, device.touch, "{from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_is_one_in_everything_that_it_says() {
    let (a, told, log) = told(&[]).await;
    agrees(&a, &told, &log);
    let page = &told["page"];
    assert_eq!(page["screen"], serde_json::json!([1920, 1080]));
    assert_eq!(page["plugins"], 5);
    assert_eq!(a.records[0].header.vantage.device.as_deref(), Some("desktop"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_one_in_everything_that_it_says_and_says_who_it_is_where_asked() {
    let (a, told, log) = told(&["--device", "mobile", "--identify=acme-privacy/1"]).await;
    agrees(&a, &told, &log);
    let page = &told["page"];
    assert!(page["userAgent"].as_str().unwrap().ends_with("Mobile Safari/537.36 acme-privacy/1"), "{page}");
    assert_eq!((page["mobile"].as_bool(), &page["orientation"]), (Some(true), &"portrait-primary".into()));
    let v = &a.records[0].header.vantage;
    assert_eq!((v.device.as_deref(), v.identify.as_deref()), (Some("mobile"), Some("acme-privacy/1")));
}

//! Where the visitor is said to be: what a page hears of it, and what the report says of it.

use crate::common::{affiant, read, to};
use affiant_testbed::{Sites, Testbed};

/// What the page of the testbed said of where it is, as the server heard it.
async fn said_place(vantage: &str) -> (std::collections::BTreeMap<String, String>, String) {
    let bed = Testbed::start(Sites::only(&["platforms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("a");
    let output = affiant()
        .args([
            "audit",
            "https://www.platforms.test/geo/",
            "--scenario",
            "no-choice",
            "--pages",
            "1",
            "--quiet",
        ])
        .args(["--vantage", vantage])
        .args(to(&bed))
        .arg("--out")
        .arg(&out)
        .output()
        .await
        .unwrap();
    let a = read(&out, output);
    let told = bed.log().iter().find_map(|e| {
        let (path, query) = e.path_and_query.split_once('?')?;
        (path == "/p/geo").then(|| (query.to_owned(), e.headers.clone()))
    });
    let (query, headers) = told.unwrap_or_else(|| panic!("{}", a.stderr()));
    let all: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let languages =
        headers.iter().find(|(k, _)| k.eq_ignore_ascii_case("accept-language")).unwrap().1.clone();
    let html = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(html.contains("declared and not verified from outside"));
    assert_eq!(html.contains("America/Los_Angeles"), vantage == "us-ca");
    (all, languages)
}

#[tokio::test(flavor = "multi_thread")]
async fn california_is_declared_to_the_page_and_said_to_be_declared() {
    let (place, languages) = said_place("us-ca").await;
    assert_eq!(place["zone"], "America/Los_Angeles");
    assert_eq!(place["offset"], "480");
    assert_eq!(place["place"], "34.0522,-118.2437");
    assert_eq!(place["region"], "US-CA");
    assert!(
        place["languages"].starts_with("en-US") && languages.starts_with("en-US"),
        "{place:?} {languages}"
    );
    let (place, _) = said_place("default").await;
    assert_eq!(
        (place["region"].as_str(), place["place"].starts_with("refused")),
        ("looked up", true),
        "{place:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_repeated_in_fresh_profiles_and_their_times_get_a_spread() {
    let bed = Testbed::start(Sites::only(&["early-recorder"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("a");
    let output = affiant()
        .args([
            "audit",
            "https://www.early-recorder.test/",
            "--scenario",
            "no-choice,reject-all",
            "--pages",
            "1",
        ])
        .args(["--repeat", "3", "--quiet"])
        .args(to(&bed))
        .arg("--out")
        .arg(&out)
        .output()
        .await
        .unwrap();
    let a = read(&out, output);
    let sessions: std::collections::BTreeSet<&str> = a.facts.iter().map(|v| v.session.as_str()).collect();
    assert_eq!(sessions.len(), 6, "{sessions:?}");
    // Each is its own visitor: the choice was asked for, and made, anew.
    for v in a.facts.iter().filter(|v| v.session.starts_with("reject-all")) {
        assert!(v.choice.as_ref().is_some_and(|c| c.ok), "{}: {:?}", v.session, v.choice);
        assert!(v.marks.banner_operable >= v.marks.banner, "{:?}", v.marks);
    }
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("report.json")).unwrap()).unwrap();
    let timing = report["timing"].as_array().unwrap();
    let reject = timing.iter().find(|t| t["scenario"] == "reject-all").unwrap();
    assert_eq!(reject["runs"], 3);
    let names: Vec<&str> =
        reject["moments"].as_array().unwrap().iter().map(|m| m[0].as_str().unwrap()).collect();
    assert!(names.contains(&"banner operable") && names.contains(&"choice stored"), "{names:?}");
    let first =
        |name: &str| reject["receivers"].as_array().unwrap().iter().find(|r| r["name"] == name).cloned();
    let posthog = first("PostHog").unwrap();
    assert_eq!(
        (&posthog["since_page"]["runs"], &posthog["before_stored"]),
        (&3.into(), &3.into()),
        "{posthog}"
    );
}

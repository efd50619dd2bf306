//! What a consent platform declares: shown, kept, compared, and held against what is seen. A stand-in of OneTrust has a
//! chat widget filed as strictly necessary; tarteaucitron, Klaro and vanilla-cookieconsent are real.

use crate::common::{affiant, read, to};
use affiant_rules::judgement::Verdict;
use affiant_testbed::{Sites, Testbed};

/// Shows what a page declares.
async fn show(bed: &Testbed, url: &str, more: &[&str]) -> (String, Option<i32>) {
    let rules = to(bed);
    let rules: Vec<&String> = rules.iter().filter(|f| !f.starts_with("--no-")).collect();
    let output =
        affiant().args(["cmp", "show", url, "--quiet"]).args(rules).args(more).output().await.unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_is_declared_always_active_is_found_and_the_difference_is_shown() {
    let bed = Testbed::start(Sites::only(&["platforms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let output = affiant()
        .args(["audit", "https://www.platforms.test/onetrust-chat/", "--vantage", "us-ca", "--pages", "1"])
        .args(["--scenario", "no-choice,reject-all", "--quiet"])
        .args(to(&bed))
        .arg("--out")
        .arg(&out)
        .output()
        .await
        .unwrap();
    let a = read(&out, output);
    assert_eq!(a.verdict("declared-always-active"), Verdict::Fail);
    assert_eq!(a.verdict("cookie-not-declared"), Verdict::Fail);
    let titles: Vec<&str> = a.judgement.findings.iter().map(|f| f.title.as_str()).collect();
    let starts = |t: &str| titles.iter().any(|x| x.starts_with(t));
    assert!(starts("Intercom is declared always active, in \"Strictly Necessary Cookies\""), "{titles:?}");
    assert!(
        titles.iter().any(|t| t.contains("in no category") && t.contains("_hjSessionUser_1")),
        "{titles:?}"
    );

    // The rules of every region are in what the page fetched.
    let (kept, plain) = (tmp.path().join("chat.json"), tmp.path().join("plain.json"));
    let (url, save) = ("https://www.platforms.test/onetrust-chat/", kept.to_str().unwrap());
    let (text, code) = show(&bed, url, &["--save", save]).await;
    assert_eq!(code, Some(0));
    for told in [
        "Strictly Necessary Cookies (C0001): always active",
        "hosts: intercom.io",
        "Rule \"California\" (CPRA): us-ca",
        "rule Everywhere else",
        "Seen, and in no category: 1 cookie is: _hjSessionUser_1",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    show(&bed, "https://www.platforms.test/onetrust/", &["--save", plain.to_str().unwrap()]).await;
    let diff = affiant().args(["cmp", "diff"]).args([&plain, &kept]).output().await.unwrap();
    let said = String::from_utf8(diff.stdout).unwrap();
    assert_eq!(diff.status.code(), Some(1));
    assert!(said.contains("+ OneTrust, Strictly Necessary Cookies: host intercom.io"), "{said}");
    let same = affiant().args(["cmp", "diff"]).arg(&kept).arg(&out).output().await.unwrap();
    assert_eq!(same.status.code(), Some(0), "an audit folder holds the same declaration");
    let bad = affiant().args(["cmp", "diff", "/dev/null"]).arg(&kept).output().await.unwrap();
    assert_eq!(bad.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn real_platforms_declare_and_a_site_without_one_does_not() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    for (url, told) in [
        (
            "https://www.tarte-shop.test/",
            &["tarteaucitron, as", "services: Clarity and Google Analytics (GA4)"][..],
        ),
        ("https://www.early-recorder.test/", &["Klaro, as", "off until granted"][..]),
        (
            "https://www.gated-shop.test/",
            &["vanilla-cookieconsent, as", "necessary (necessary): always active"][..],
        ),
        ("https://www.no-banner.test/", &["No declaration of a consent platform could be read"][..]),
    ] {
        let (text, code) = show(&bed, url, &[]).await;
        assert_eq!(code, Some(0), "{url}");
        assert!(told.iter().all(|t| text.contains(t)), "{url}: {text}");
    }
}

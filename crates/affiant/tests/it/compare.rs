//! What differs between scenarios and between audits, of real visits.

use crate::common::{affiant, audit};
use affiant_testbed::{Sites, Testbed};

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_and_audits_are_compared_by_what_was_received() {
    let bed = Testbed::start(Sites::only(&["gated-shop", "reject-ignored"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let (one, other) = (tmp.path().join("gated"), tmp.path().join("ignored"));
    let args = ["https://www.gated-shop.test/", "--pages", "1", "--scenario", "reject-all,accept-all"];
    audit(&one, &bed, &args).await;
    let args = ["https://www.reject-ignored.test/", "--pages", "1", "--scenario", "reject-all"];
    audit(&other, &bed, &args).await;
    let run = async |args: &[&str]| {
        let output = affiant().arg("compare").args(args).output().await.unwrap();
        let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (one, other) = (one.to_str().unwrap(), other.to_str().unwrap());

    let html = tmp.path().join("c.html");
    let (code, text, _) =
        run(&[one, "--scenario", "reject-all", "--with", "accept-all", "--html", html.to_str().unwrap()])
            .await;
    assert_eq!(code, Some(1));
    assert!(text.contains("+ Google Analytics 4") && text.contains("nothing observed →"), "{text}");
    assert!(std::fs::read_to_string(html).unwrap().contains("Google Analytics 4"));

    let (code, text, _) = run(&[one, other, "--format", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, json["schema"].as_str()), (Some(1), Some("affiant-compare/1")));
    let receivers = json["receivers"].as_array().unwrap();
    // Only what both lived: what the shop received after Accept is no difference here.
    assert!(receivers.iter().all(|r| r["scenario"] == "reject-all"), "{receivers:?}");
    assert!(receivers.iter().any(|r| r["name"].as_str().unwrap().starts_with("TikTok")), "{receivers:?}");
    assert!(json["cautions"].as_array().unwrap().len() >= 2);

    assert_eq!(run(&[one, one]).await.0, Some(0));
    let (code, _, said) = run(&[one]).await;
    assert!(code == Some(2) && said.contains("--scenario"), "{said}");
    let (code, _, said) = run(&[one, "--scenario", "withdraw", "--with", "reject-all"]).await;
    assert!(code == Some(2) && said.contains("no visit in withdraw"), "{said}");
}

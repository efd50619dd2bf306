//! Real consent platforms around one failure each (`testbed/sites/failures`): the rule for it finds it, and on the page that
//! does everything rightly no rule finds anything.

use crate::common::{Audited, affiant, read, shares, show, to};
use affiant_record::consent::AchievedChoice as A;
use affiant_rules::judgement::{Severity, Verdict};
use affiant_testbed::{Sites, Testbed};

/// A failure: its path, the scenarios that show it, more arguments, and the rule.
const FAILURES: &[(&str, &str, &[&str], &str)] = &[
    ("ignored", "ignore", &[], "sends-when-ignored"),
    ("dismissed", "dismiss", &[], "sends-after-dismissal"),
    ("gpc", "no-choice", &["--gpc", "on"], "sends-under-gpc"),
    ("any-answer", "reject-all", &[], "sends-after-reject"),
    ("opted-out", "withdraw", &[], "sends-after-opt-out"),
    ("asks-again", "reject-all", &[], "choice-undone"),
    ("category", "reject-all", &[], "declared-always-active"),
];

async fn audit(
    bed: &Testbed,
    dir: &std::path::Path,
    variant: &str,
    scenarios: &str,
    more: &[&str],
) -> Audited {
    let base = format!("https://www.failures.test/{variant}/");
    let output = affiant()
        .args(["audit", &base, &format!("{base}two"), "--scenario", scenarios, "--quiet"])
        .args(more)
        .args(to(bed).iter().filter(|f| *f != "--no-return"))
        .arg("--out")
        .arg(dir)
        .output()
        .await
        .unwrap();
    read(dir, output)
}

/// A failure is found by its rule.
async fn hold(failure: &str) {
    let (variant, scenarios, more, rule) = FAILURES.iter().find(|(v, ..)| *v == failure).unwrap();
    let bed = Testbed::start(Sites::only(&["failures"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = audit(&bed, &tmp.path().join(variant), variant, scenarios, more).await;
    let said = a.judgement.verdicts.iter().find(|v| v.rule == *rule).unwrap();
    let cmp = a.facts.iter().find_map(|v| v.cmp.as_deref()).unwrap_or("not recognised");
    show(
        &format!("failures-{variant}.md"),
        &format!(
            "| failure | platform | scenario | rule | answer |\n|---|---|---|---|---|\n\
             | {variant} | {cmp} | {scenarios} | {rule} | {:?} |\n",
            said.verdict
        ),
    );
    assert_eq!(said.verdict, Verdict::Fail, "{variant}: {}", said.statement);
}

shares! {
    hold, FAILURES.iter().map(|(variant, ..)| *variant),
    ignored dismissed gpc any_answer opted_out asks_again category
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_everything_rightly_is_found_nothing_of() {
    let bed = Testbed::start(Sites::only(&["failures"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let all = "no-choice,ignore,reject-all,accept-all,withdraw,returning";
    let a = audit(&bed, &tmp.path().join("right"), "right", all, &["--gpc", "on"]).await;
    let found: Vec<String> = a
        .judgement
        .findings
        .iter()
        .filter(|f| f.severity > Severity::Note)
        .map(|f| format!("{}: {}", f.rule, f.title))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    for (_, _, _, rule) in FAILURES {
        // Its banner cannot be closed without an answer: that was not asked for here.
        let dismissal = *rule == "sends-after-dismissal";
        let wanted = if dismissal { Verdict::NotApplicable } else { Verdict::Pass };
        assert_eq!(a.verdict(rule), wanted, "{rule}");
    }
    // The pixel is sent where it was granted: the page is no empty one.
    let sent = |session: &str| {
        a.facts
            .iter()
            .filter(|v| v.session == session)
            .flat_map(|v| &v.requests)
            .any(|r| r.host.contains("facebook"))
    };
    assert!(sent("accept-all") && sent("withdraw") && !sent("reject-all"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_platforms_at_once_are_both_answered_and_a_subdomain_that_forgets_is_found() {
    let bed = Testbed::start(Sites::only(&["failures"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = audit(&bed, &tmp.path().join("two"), "two", "reject-all,accept-all", &[]).await;
    for (session, achieved) in [("reject-all", A::RejectAll), ("accept-all", A::AcceptAll)] {
        let v = a.facts.iter().find(|v| v.session == session && v.ordinal == 0).unwrap();
        assert_eq!(v.achieved.choice, achieved, "{session}: {:?}", v.achieved);
        for platform in ["api:klaro", "api:vanilla-cookieconsent"] {
            let says = |b: &&String| b.starts_with(platform) && b.ends_with(session);
            assert!(v.achieved.basis.iter().any(|b| says(&b)), "{session}: {:?}", v.achieved.basis);
        }
    }
    assert_eq!(a.verdict("choice-undone"), Verdict::Pass, "no banner asks again");

    // The platform's cookie is the host's alone: on the shop's subdomain the answer is not there.
    let out = tmp.path().join("subdomain");
    let output = affiant()
        .args(["audit", "https://www.failures.test/right/", "https://shop.failures.test/right/two"])
        .args(["--scenario", "reject-all", "--quiet"])
        .args(to(&bed))
        .arg("--out")
        .arg(&out)
        .output()
        .await
        .unwrap();
    assert_eq!(read(&out, output).verdict("choice-undone"), Verdict::Fail);
}

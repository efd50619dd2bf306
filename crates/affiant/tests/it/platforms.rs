//! Proprietary consent platforms, by stand-ins of their public interface, markup and storage
//! (`testbed/sites/platforms`), and real open ones: each is driven with real input, and what was achieved is read from
//! its own state.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::common::{Audited, audit, shares, show};
use affiant_record::Leg;
use affiant_record::consent::AchievedChoice as A;
use affiant_testbed::{Sites, Testbed};

/// A platform: the folder of its stand-in, its name in facts, and what all of its pixels are.
const PLATFORMS: &[(&str, &str, &str)] = &[
    ("onetrust", "OneTrust", "fam"),
    ("onetrust-deep", "OneTrust", "fam"),
    ("cookiebot", "Cookiebot", "fam"),
    ("usercentrics", "Usercentrics", "fam"),
    ("usercentrics-3", "Usercentrics", "fam"),
    ("trustarc", "TrustArc", "fam"),
    ("didomi", "Didomi", "fam"),
    ("osano", "Osano", "fam"),
    ("sourcepoint", "Sourcepoint", "fam"),
    ("quantcast", "InMobi Choice (Quantcast)", "fam"),
    ("cookieyes", "CookieYes", "fam"),
    ("consentmanager", "consentmanager", "fam"),
    ("iubenda", "iubenda", "fam"),
    // Both of its first two categories stand for statistics.
    ("termly", "Termly", "am"),
    ("complianz", "Complianz", "fam"),
    ("ketch", "Ketch", "fam"),
    ("transcend", "Transcend", "fam"),
    ("axeptio", "Axeptio", "fam"),
    ("cookiehub", "CookieHub", "fam"),
    ("shopify", "Shopify", "fam"),
];

/// Session, leg, what is achieved, and the pixels.
fn truth(all: &'static str) -> [(&'static str, Leg, A, &'static str); 5] {
    [
        ("reject-all", Leg::First, A::RejectAll, ""),
        ("custom-analytics", Leg::First, A::Partial, "a"),
        ("withdraw", Leg::First, A::AcceptAll, all),
        ("withdraw", Leg::OptOut, A::RejectAll, all),
        ("withdraw", Leg::AfterOptOut, A::RejectAll, ""),
    ]
}

/// The consent commands that its page gave to Google's, Microsoft's and Meta's tags, as read when the visitor left.
fn commands(a: &Audited, wrong: &mut Vec<String>) {
    use affiant_detect::facts::Standard;
    let v = a.facts.iter().find(|v| v.session == "reject-all" && v.leg == Leg::First).unwrap();
    for (standard, field, said) in [
        (Standard::GoogleCommands, "2 update", "ad_personalization denied, ad_storage denied"),
        (Standard::MicrosoftCommands, "2 update", "ad_storage denied"),
        (Standard::MetaCommands, "2 data processing options", "LDU"),
    ] {
        let last = v.states.iter().rfind(|s| s.said.standard == standard);
        let told = last.and_then(|s| s.said.fields.get(field)).cloned().unwrap_or_default();
        if !told.starts_with(said) || !last.is_some_and(|s| s.said.denies_all()) {
            wrong.push(format!("onetrust: {standard:?} says '{told}' as {field}: {last:?}"));
        }
    }
}

/// A platform is driven, and its own state is read.
async fn hold(folder: &str) {
    let (_, name, all) = PLATFORMS.iter().find(|(f, ..)| *f == folder).unwrap();
    let bed = Testbed::start(Sites::only(&["platforms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    let mut table =
        "| platform | session | leg | achieved | sent | driver | clicks | layers |\n|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    let url = format!("https://www.platforms.test/{folder}/");
    let scenarios = "reject-all,custom:analytics,withdraw";
    let args = [&url, "--pages", "1", "--scenario", scenarios, "--quiet"];
    let a = audit(&tmp.path().join(folder), &bed, &args).await;
    if folder == "onetrust" {
        commands(&a, &mut wrong);
    }
    for (session, leg, achieved, pixels) in truth(all) {
        let of = |v: &&affiant_detect::facts::VisitFacts| v.session == session && v.leg == leg;
        let Some(v) = a.facts.iter().find(of) else {
            wrong.push(format!("{folder}: {session} has no {leg:?}\n{}", a.stderr()));
            continue;
        };
        let own: BTreeSet<&str> = v
            .requests
            .iter()
            .filter(|r| r.host == "tags.platforms-tags.test" && r.left_browser)
            .filter_map(|r| r.url.split("/p/").nth(1)?.get(..1))
            .collect();
        let sent: String = ["f", "a", "m"].into_iter().filter(|p| own.contains(p)).collect();
        let decided = v.choice.as_ref().filter(|_| v.decides.is_some());
        let (driver, clicks) = decided.map_or(("", None), |c| (c.driver.as_str(), c.clicks));
        writeln!(
            table,
            "| {name} ({folder}) | {session} | {leg:?} | {:?} | {sent} | {driver} | {clicks:?} | {} |",
            v.achieved.choice,
            v.layers.len()
        )
        .unwrap();
        let made = v.decides.is_none()
            || decided.is_some_and(|c| c.ok && !c.not_offered && c.clicks.is_some_and(|n| n > 0));
        if (v.achieved.choice, sent.as_str()) != (achieved, pixels) || !made {
            wrong.push(format!(
                "{folder}, {session}, {leg:?}: {:?} and '{sent}', not {achieved:?} and '{pixels}': {:?} {:?}",
                v.achieved.choice, v.achieved, v.choice
            ));
        }
        // Where its rule does not run, a TCF platform may only show that it is one.
        if v.cmp.as_deref() != Some(*name) && (leg == Leg::First || v.cmp.is_some()) {
            wrong.push(format!("{folder}: it is {:?}, not {name}", v.cmp));
        }
        // Refusing this one goes through its second layer, whoever drives.
        let deep = folder == "onetrust-deep" && session == "reject-all";
        if leg == Leg::First && v.layers.len() < 1 + usize::from(deep) {
            wrong.push(format!("{folder}, {session}: {} layers were read", v.layers.len()));
        }
    }
    show(&format!("platforms-{folder}.md"), &table);
    assert!(wrong.is_empty(), "{} differ from the truth:\n{}", wrong.len(), wrong.join("\n"));
}

shares! {
    hold, PLATFORMS.iter().map(|(folder, ..)| *folder),
    onetrust onetrust_deep cookiebot usercentrics usercentrics_3 trustarc didomi osano sourcepoint quantcast cookieyes consentmanager iubenda termly complianz ketch transcend axeptio cookiehub shopify
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ways_back_of_real_platforms_are_found_where_they_can_be_seen() {
    let bed = Testbed::start(Sites::only(&["tarte-shop", "old-cmp", "gated-shop"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    // An icon that stands over the page; a tab that slides in when the pointer comes near; none at all.
    let sites = [("tarte-shop", true), ("old-cmp", true), ("gated-shop", false)];
    let audits = sites.map(|(site, _)| {
        let (bed, out) = (&bed, tmp.path().join(site));
        async move {
            let url = format!("https://www.{site}.test/");
            audit(&out, bed, &[&url, "--pages", "1", "--scenario", "withdraw", "--quiet"]).await
        }
    });
    for ((site, visible), a) in sites.iter().zip(futures_util::future::join_all(audits).await) {
        let v = a.facts.iter().find(|v| v.leg == Leg::OptOut).unwrap();
        let c = v.choice.as_ref().unwrap();
        assert_eq!((c.ok, !c.not_offered), (true, *visible), "{site}: {c:?}");
        assert_eq!(v.achieved.choice, A::RejectAll, "{site}: {:?}", v.achieved);
    }
}

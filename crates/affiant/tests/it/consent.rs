//! Every choice, on banners that differ, fail and fool (`testbed/sites/banners`): what was offered, what was stored, and
//! what was sent on the first page, on a further one, after opting out, and when the visitor came back.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::common::{Audited, affiant, read, shares, show, to};
use affiant_record::consent::AchievedChoice as A;
use affiant_record::{Leg, Observation};
use affiant_rules::judgement::Verdict;
use affiant_testbed::{Sites, Testbed};

/// What is true of a variant under a scenario.
struct Truth {
    variant: &'static str,
    scenario: &'static str,
    /// Whether the site lets the visitor make the choice, in a way that can be seen.
    offered: bool,
    /// What its own state shows on the last visit that was not a return, and on the return.
    stored: [A; 2],
    /// The pixels of each leg, as `fam` for functional, analytics, marketing.
    sent: &'static [(Leg, &'static str)],
}

const fn truth(
    variant: &'static str,
    scenario: &'static str,
    offered: bool,
    stored: [A; 2],
    sent: &'static [(Leg, &'static str)],
) -> Truth {
    Truth { variant, scenario, offered, stored, sent }
}

const NONE: &[(Leg, &str)] = &[(Leg::First, ""), (Leg::Further, ""), (Leg::Return, "")];
const ALL: &[(Leg, &str)] = &[(Leg::First, "fam"), (Leg::Further, "fam"), (Leg::Return, "fam")];
const FUNCTIONAL: &[(Leg, &str)] = &[(Leg::First, "f"), (Leg::Further, "f"), (Leg::Return, "f")];
const ANALYTICS: &[(Leg, &str)] = &[(Leg::First, "a"), (Leg::Further, "a"), (Leg::Return, "a")];
const WITHDRAWN: &[(Leg, &str)] = &[
    (Leg::First, "fam"),
    (Leg::Further, "fam"),
    (Leg::OptOut, "fam"),
    (Leg::AfterOptOut, ""),
    (Leg::Return, ""),
];
const STAYS: &[(Leg, &str)] = &[
    (Leg::First, "fam"),
    (Leg::Further, "fam"),
    (Leg::OptOut, "fam"),
    (Leg::AfterOptOut, "fam"),
    (Leg::Return, "fam"),
];

const REJECTED: [A; 2] = [A::RejectAll, A::RejectAll];
const ACCEPTED: [A; 2] = [A::AcceptAll, A::AcceptAll];
const PART: [A; 2] = [A::Partial, A::Partial];
const OPEN: [A; 2] = [A::None, A::None];

const TRUTH: &[Truth] = &[
    truth("plain", "accept-all", true, ACCEPTED, ALL),
    truth("plain", "reject-all", true, REJECTED, NONE),
    truth("plain", "custom:functional", true, PART, FUNCTIONAL),
    truth("plain", "dismiss", true, OPEN, NONE),
    truth("plain", "ignore", true, OPEN, NONE),
    truth("plain", "withdraw", true, REJECTED, WITHDRAWN),
    truth("shadow", "reject-all", true, REJECTED, NONE),
    truth("shadow", "custom:functional", true, PART, FUNCTIONAL),
    truth("shadow", "withdraw", true, REJECTED, WITHDRAWN),
    truth("closed", "reject-all", true, REJECTED, NONE),
    truth("closed", "dismiss", true, OPEN, NONE),
    truth("closed", "custom:functional", true, PART, FUNCTIONAL),
    truth("frame", "accept-all", true, ACCEPTED, ALL),
    truth("frame", "reject-all", true, REJECTED, NONE),
    truth("frame", "custom:functional", false, OPEN, NONE),
    truth("german", "reject-all", true, REJECTED, NONE),
    truth("german", "custom:analytics", true, PART, ANALYTICS),
    truth("german", "withdraw", true, REJECTED, WITHDRAWN),
    truth("switches", "reject-all", true, REJECTED, NONE),
    truth("switches", "custom:analytics", true, PART, ANALYTICS),
    truth("hidden-boxes", "custom:functional", true, PART, FUNCTIONAL),
    truth("hidden-boxes", "reject-all", true, REJECTED, NONE),
    truth("drawn-boxes", "custom:functional", true, PART, FUNCTIONAL),
    truth("no-reject", "reject-all", false, OPEN, NONE),
    truth("no-reject", "dismiss", false, OPEN, NONE),
    truth("no-reject", "withdraw", false, ACCEPTED, STAYS),
    truth("no-way-back", "withdraw", false, ACCEPTED, STAYS),
    truth("api-way-back", "withdraw", false, REJECTED, WITHDRAWN),
    truth("takes-scroll", "ignore", true, ACCEPTED, ALL),
    truth("takes-close", "dismiss", true, ACCEPTED, ALL),
    truth("forgets", "reject-all", true, [A::RejectAll, A::None], NONE),
    truth("loses", "reject-all", true, [A::None, A::None], NONE),
    truth(
        "sends-after-opt-out",
        "withdraw",
        true,
        REJECTED,
        &[
            (Leg::First, "fam"),
            (Leg::Further, "fam"),
            (Leg::OptOut, "fam"),
            (Leg::AfterOptOut, "m"),
            (Leg::Return, "m"),
        ],
    ),
    truth("late", "reject-all", true, REJECTED, NONE),
    truth("http-only", "reject-all", true, REJECTED, NONE),
    truth(
        "http-only",
        "accept-all",
        true,
        ACCEPTED,
        &[(Leg::First, "fam"), (Leg::Further, ""), (Leg::Return, "")],
    ),
    // What only the server knows cannot be read: it is not told as a refusal.
    truth("server-side", "reject-all", true, [A::Unknown, A::Unknown], NONE),
    truth(
        "do-not-sell",
        "reject-all",
        true,
        PART,
        &[(Leg::First, "fam"), (Leg::Further, "fa"), (Leg::Return, "fa")],
    ),
    truth("fools", "reject-all", false, OPEN, NONE),
    truth("fools", "dismiss", false, OPEN, NONE),
];

fn session(scenario: &str) -> String {
    scenario.replace(':', "-")
}

/// The pixels of a leg.
fn sent(a: &Audited, session: &str, leg: Leg) -> String {
    let of = |v: &&affiant_detect::facts::VisitFacts| v.session == session && v.leg == leg;
    let visits: Vec<_> = a.facts.iter().filter(of).collect();
    assert!(!visits.is_empty(), "{session} has no visit of {leg:?}:\n{}", a.stderr());
    let sent: BTreeSet<&str> = visits
        .iter()
        .flat_map(|v| &v.requests)
        .filter(|r| r.host == "tags.banners-tags.test" && r.left_browser)
        .filter_map(|r| r.url.split("/p/").nth(1)?.get(..1))
        .collect();
    ["f", "a", "m"].into_iter().filter(|p| sent.contains(p)).collect()
}

fn stored(a: &Audited, session: &str) -> [A; 2] {
    let last = |returned: bool| {
        let mine = a.facts.iter().filter(|v| v.session == session && (v.leg == Leg::Return) == returned);
        mine.max_by_key(|v| v.ordinal).unwrap().achieved.choice
    };
    [last(false), last(true)]
}

/// What the drivers said.
fn told(a: &Audited, session: &str) -> String {
    let mut out = String::new();
    for r in a.records.iter().filter(|r| r.header.session == session) {
        for l in &r.lines {
            if let Observation::ConsentAction(c) = &l.what
                && let Some(note) = &c.note
            {
                writeln!(out, "    {} {}: {note}", r.header.ordinal, c.step).unwrap();
            }
        }
        if let Some(f) = &r.footer {
            writeln!(
                out,
                "    {} achieved {:?} {:?} {:?}",
                r.header.ordinal, f.consent.choice, f.consent.basis, f.consent.why_not
            )
            .unwrap();
        }
    }
    out
}

fn not_offered(a: &Audited, session: &str) -> bool {
    a.facts.iter().any(|v| v.session == session && v.choice.as_ref().is_some_and(|c| c.not_offered))
}

/// Audits both pages of a variant, with the return visit.
async fn audit(
    bed: &Testbed,
    out: &std::path::Path,
    variant: &str,
    scenarios: &str,
    more: &[&str],
) -> Audited {
    let base = format!("https://www.banners.test/{variant}/");
    let output = affiant()
        .args(["audit", &base, &format!("{base}two"), "--pages", "2", "--scenario", scenarios, "--quiet"])
        .args(more)
        .args(to(bed).iter().filter(|f| *f != "--no-return"))
        .arg("--out")
        .arg(out)
        .output()
        .await
        .unwrap();
    read(out, output)
}

/// What rules say of a variant.
const VERDICTS: &[(&str, &str, Verdict)] = &[
    ("takes-scroll", "sends-when-ignored", Verdict::Fail),
    ("takes-close", "sends-after-dismissal", Verdict::Fail),
    ("forgets", "choice-undone", Verdict::Fail),
    ("loses", "choice-undone", Verdict::Fail),
    ("sends-after-opt-out", "sends-after-opt-out", Verdict::Fail),
    ("no-reject", "choice-not-offered", Verdict::Fail),
    ("no-way-back", "choice-not-offered", Verdict::Fail),
    ("api-way-back", "choice-not-offered", Verdict::Fail),
    ("server-side", "sends-after-reject", Verdict::Inconclusive),
    ("plain", "sends-when-ignored", Verdict::Pass),
    ("plain", "sends-after-dismissal", Verdict::Pass),
    ("plain", "sends-after-opt-out", Verdict::Pass),
    ("plain", "choice-not-offered", Verdict::Pass),
    ("plain", "choice-undone", Verdict::Pass),
];

/// Every choice is made where it is offered, and what follows is seen.
async fn hold(variant: &str) {
    let bed = Testbed::start(Sites::only(&["banners"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let truths = || TRUTH.iter().filter(|t| t.variant == variant);
    let scenarios: Vec<&str> = truths().map(|t| t.scenario).collect();
    let a = audit(&bed, &tmp.path().join(variant), variant, &scenarios.join(","), &[]).await;
    let mut wrong = Vec::new();
    let mut table = "| banner | scenario | offered | stored | sent |\n|---|---|---|---|---|\n".to_owned();
    for t in truths() {
        let s = session(t.scenario);
        let (offered, kept) = (!not_offered(&a, &s), stored(&a, &s));
        let sent: Vec<(Leg, String)> = t.sent.iter().map(|(leg, _)| (*leg, sent(&a, &s, *leg))).collect();
        let same = sent.iter().zip(t.sent).all(|(a, b)| a.1 == b.1);
        writeln!(table, "| {variant} | {} | {offered} | {kept:?} | {sent:?} |", t.scenario).unwrap();
        if offered != t.offered || kept != t.stored || !same {
            wrong.push(format!(
                "{variant}, {}: offered {offered} (truth {}), stored {kept:?} (truth {:?}), sent {sent:?} (truth {:?})\n{}",
                t.scenario, t.offered, t.stored, t.sent, told(&a, &s)
            ));
        }
    }
    for (_, rule, verdict) in VERDICTS.iter().filter(|(v, ..)| *v == variant) {
        if a.verdict(rule) != *verdict {
            let said = a.judgement.verdicts.iter().find(|v| v.rule == *rule).unwrap();
            wrong.push(format!("{variant}: {rule} is {:?}: {}", said.verdict, said.statement));
        }
    }
    show(&format!("consent-{variant}.md"), &table);
    assert!(wrong.is_empty(), "{} differ from the truth:\n{}", wrong.len(), wrong.join("\n"));
}

shares! {
    hold, TRUTH.iter().map(|t| t.variant),
    plain shadow closed frame german switches hidden_boxes drawn_boxes no_reject no_way_back api_way_back takes_scroll takes_close forgets loses sends_after_opt_out late http_only server_side do_not_sell fools
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signal_goes_with_every_request_and_its_control_goes_without() {
    let bed = Testbed::start(Sites::only(&["banners"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = audit(&bed, &tmp.path().join("a"), "gpc", "no-choice", &["--gpc", "on"]).await;
    for leg in [Leg::First, Leg::Further, Leg::Return] {
        assert_eq!(sent(&a, "no-choice", leg), "", "the site heeds the signal: {leg:?}");
    }
    assert_eq!(sent(&a, "no-choice-control", Leg::First), "m");
    for e in
        bed.log().iter().filter(|e| e.host.ends_with("banners.test") || e.host.ends_with("banners-tags.test"))
    {
        let signal = e.headers.iter().any(|(k, v)| k.eq_ignore_ascii_case("sec-gpc") && v == "1");
        let pixel = e.host.starts_with("tags.");
        assert!(!(pixel && signal), "only the control gets a pixel: {e:?}");
    }
    let with = |session: &str| {
        let mine = a.records.iter().filter(|r| r.header.session == session);
        let all: Vec<bool> = mine
            .flat_map(|r| r.exchanges())
            .filter(|x| x.request.what.url.starts_with("https://"))
            .map(|x| {
                x.request.what.headers.iter().any(|(k, v)| k.eq_ignore_ascii_case("sec-gpc") && v == "1")
            })
            .collect();
        (all.len(), all.iter().filter(|s| **s).count())
    };
    let (all, signalled) = with("no-choice");
    assert!(all > 0 && all == signalled, "{signalled} of {all}");
    assert_eq!(with("no-choice-control").1, 0);
}

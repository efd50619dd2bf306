//! What is told of an audit of a property.

use affiant_engine::alerts::of_audit;
use affiant_engine::jobs::Delivery;
use affiant_engine::{ChannelKind, channel};
use affiant_store::{AuditState, Filed, ThingKind};

use crate::bed::{Bed, PROPERTY, audit, finding, on_both, thing};

on_both!(
    the_first_audit_tells_only_what_weighs_most,
    what_is_new_and_what_is_gone_is_told_once,
    only_what_can_be_held_against_each_other_is,
    less_that_was_seen_and_nothing_that_was_seen_are_told,
    what_a_page_wrote_is_inert,
    hundreds_of_new_things_are_bounded,
);

impl Bed {
    async fn concluded(&self, audit: &Filed) -> usize {
        self.store.file(audit).await.unwrap();
        of_audit(&self.store, &self.jobs, &self.place, &audit.id).await.unwrap()
    }

    async fn titles(&self, audit: &str) -> Vec<String> {
        let all = self.store.alerts(Some(PROPERTY), 500).await.unwrap();
        all.into_iter().filter(|a| a.audit == audit).map(|a| a.title).collect()
    }
}

fn with_everything() -> Filed {
    Filed {
        findings: vec![finding("Meta", "high")],
        things: vec![
            thing(ThingKind::Vendor, "Meta"),
            thing(ThingKind::Tag, "Meta 123"),
            thing(ThingKind::Cookie, "_fbp"),
            thing(ThingKind::Host, "connect.facebook.net"),
        ],
        ..audit(2)
    }
    .sorted()
}

async fn the_first_audit_tells_only_what_weighs_most(bed: Bed) {
    let first = Filed {
        id: "a1".to_owned(),
        findings: vec![finding("Clarity", "critical"), finding("Meta", "high"), finding("Other", "low")],
        ..with_everything()
    };
    assert_eq!(bed.concluded(&first).await, 1);
    let [title] = &bed.titles("a1").await[..] else { panic!() };
    assert_eq!(
        title,
        "The first audit has 2 findings, 1 of critical and 1 of high severity; the first: Clarity received 3 requests before any \
         choice was made"
    );
    let quiet = Bed::sqlite().await;
    assert_eq!(quiet.concluded(&Filed { findings: vec![finding("Other", "low")], ..audit(1) }).await, 0);
}

async fn what_is_new_and_what_is_gone_is_told_once(bed: Bed) {
    for (kind, target) in
        [(ChannelKind::Email, "a@shop.test"), (ChannelKind::Slack, "https://hooks.slack.com/services/x")]
    {
        bed.channel(channel(kind, target, Some(PROPERTY.to_owned()), &Delivery::default()).unwrap()).await;
    }
    bed.concluded(&audit(1)).await;
    assert_eq!(bed.concluded(&with_everything()).await, 5);
    assert_eq!(bed.concluded(&with_everything()).await, 0, "the job was done again");
    assert_eq!(bed.kinds().await, ["new-cookie", "new-finding", "new-host", "new-tag", "new-vendor"]);
    let deliveries = bed.jobs.list(Some("a2")).await.unwrap();
    assert_eq!(deliveries.len(), 2, "one a channel, not one an alert: {deliveries:?}");
    let titles = bed.titles("a2").await;
    for says in [
        "Meta received 3 requests on 1 of 1 page, in no-choice; the audit of 2026-09-22",
        "The tag Meta 123 sent 3 requests",
        "The cookie _fbp (third party) was set 3 times",
        "The host connect.facebook.net received 3 requests",
        "New finding of high severity: Meta received",
    ] {
        assert!(titles.iter().any(|t| t.starts_with(says)), "{says}: {titles:#?}");
    }
    let clean = Filed { verdicts: vec![("pixel-before-choice".to_owned(), "pass".to_owned())], ..audit(3) };
    // A later audit that has begun already does not hide that it is gone.
    bed.store.file(&Filed { state: AuditState::Unfinished, visits: vec![], ..audit(4) }).await.unwrap();
    assert_eq!(bed.concluded(&clean).await, 1);
    assert!(bed.titles("a3").await[0].starts_with("Not observed any more"), "{:?}", bed.titles("a3").await);
}

async fn only_what_can_be_held_against_each_other_is(bed: Bed) {
    bed.concluded(&with_everything()).await;
    let elsewhere = Filed { vantage: "us-ca".to_owned(), findings: vec![], ..audit(3) };
    assert_eq!(bed.concluded(&elsewhere).await, 0, "from another vantage it is a first one");
    let stopped = Filed {
        state: AuditState::Stopped,
        verdicts: vec![],
        things: vec![thing(ThingKind::Host, "x.test")],
        ..audit(4)
    };
    bed.concluded(&stopped).await;
    // Not looked at in the rejected scenario, where it had not been; nor did its rule come to a verdict.
    let inconclusive = Filed { verdicts: vec![], ..audit(5) };
    bed.concluded(&inconclusive).await;
    assert!(!bed.kinds().await.contains(&"finding-gone".to_owned()), "{:?}", bed.kinds().await);
    let by_hand = Filed { property: None, things: vec![thing(ThingKind::Host, "y.test")], ..audit(6) };
    assert_eq!(bed.concluded(&by_hand).await, 0, "of no property");
    // What was seen in a scenario that the audit before did not see is not told as if it had looked.
    let mut wider = Filed { things: vec![thing(ThingKind::Host, "z.test")], ..audit(7) };
    wider.things[0].scenarios = vec!["accept-all".to_owned()];
    bed.concluded(&wider.sorted()).await;
    let titles = bed.titles("a7").await;
    assert!(
        titles.iter().any(|t| t.contains("z.test") && t.ends_with("saw none of these scenarios")),
        "{titles:?}"
    );
}

async fn less_that_was_seen_and_nothing_that_was_seen_are_told(bed: Bed) {
    bed.concluded(&audit(1)).await;
    let mut less = audit(2);
    less.visits[1].complete = false;
    bed.concluded(&less).await;
    assert_eq!(bed.kinds().await, ["coverage-dropped"; 2], "visits, and a scenario");
    let titles = bed.titles("a2").await;
    assert!(
        titles.iter().any(|t| t.starts_with("1 of 2 visits were wholly seen; the audit of")),
        "{titles:?}"
    );
    assert!(titles.iter().any(|t| t.starts_with("No page was wholly seen in reject-all")), "{titles:?}");
    let mut nothing = audit(3);
    for v in &mut nothing.visits {
        (v.complete, v.digest) = (false, None);
        v.outcome = Some(r#"{"is":"failed","reason":"net::ERR_NAME_NOT_RESOLVED"}"#.to_owned());
    }
    assert_eq!(bed.concluded(&nothing).await, 1);
    let title = &bed.titles("a3").await[0];
    assert!(
        title.starts_with("No page could be opened") && title.contains("ERR_NAME_NOT_RESOLVED"),
        "{title}"
    );
    assert_eq!(bed.concluded(&Filed { state: AuditState::Stopped, ..audit(4) }).await, 1);
    assert!(bed.titles("a4").await[0].starts_with("The audit was stopped"));
}

async fn what_a_page_wrote_is_inert(bed: Bed) {
    bed.concluded(&audit(1)).await;
    let hostile = [
        "x\r\nBcc: all@evil.test",
        "\u{202e}gnp.exe",
        "=HYPERLINK(\"https://evil.test\")",
        "\u{1b}[31m",
        &"A".repeat(10_000),
    ];
    let things =
        hostile.iter().flat_map(|h| [thing(ThingKind::Cookie, h), thing(ThingKind::Host, h)]).collect();
    let findings = hostile.iter().map(|h| finding(h, "high")).collect();
    bed.concluded(&Filed { things, findings, ..audit(2) }.sorted()).await;
    let all = bed.store.alerts(Some(PROPERTY), 500).await.unwrap();
    assert_eq!(all.len(), 15);
    for a in all {
        for text in [&a.title, &a.detail, &a.key] {
            assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
            assert!(text.len() < 4_000, "{}", text.len());
        }
        assert!(!a.title.starts_with(['=', '+', '-', '@']), "{}", a.title);
    }
}

async fn hundreds_of_new_things_are_bounded(bed: Bed) {
    bed.concluded(&audit(1)).await;
    let things = (0..300).map(|n| thing(ThingKind::Cookie, &format!("c{n}"))).collect();
    assert_eq!(bed.concluded(&Filed { things, ..audit(2) }.sorted()).await, 41);
    assert!(bed.titles("a2").await.contains(&"And 260 more new cookies, which the audit lists".to_owned()));
}

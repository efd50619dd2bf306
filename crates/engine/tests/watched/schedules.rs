//! Whose time has come gets its audit, once.

use std::time::Duration;

use affiant_engine::jobs::Delivery;
use affiant_engine::watch::{What, serve_due};
use affiant_engine::{ChannelKind, channel};
use affiant_store::{AuditState, Property};

use crate::bed::{Bed, PROPERTY, on_both};

on_both!(
    runs_that_were_missed_are_made_up_for_once,
    four_servers_put_one_audit_in,
    a_property_that_is_being_audited_is_skipped_and_that_is_told,
    what_is_broken_is_told_and_pauses_nothing_silently,
);

const DAYS: Duration = Duration::from_secs(5 * 86_400);

async fn runs_that_were_missed_are_made_up_for_once(bed: Bed) {
    bed.due("0 3 * * *", DAYS).await;
    let served = serve_due(&bed.store, &bed.place, &bed.jobs).await.unwrap();
    let [one] = &served[..] else { panic!("{served:?}") };
    let What::Began(audit) = &one.what else { panic!("{served:?}") };
    assert!(serve_due(&bed.store, &bed.place, &bed.jobs).await.unwrap().is_empty());
    let history = bed.store.history(None).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].id.as_str(), history[0].property.as_deref()), (audit.as_str(), Some(PROPERTY)));
    assert_eq!(history[0].state, AuditState::Unfinished);
    let next = bed.store.schedule(PROPERTY).await.unwrap().unwrap().next_at.unwrap();
    let now = bed.store.now().await.unwrap();
    assert!(next > now && next <= now + 25 * 3_600_000);
    let jobs = bed.jobs.list(Some(audit)).await.unwrap();
    let mut kinds: Vec<&str> = jobs.iter().map(|j| j.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["alert", "audit", "conclude"]);
    assert!(bed.kinds().await.is_empty());
}

async fn four_servers_put_one_audit_in(bed: Bed) {
    bed.due("*/5 * * * *", DAYS).await;
    let servers: Vec<_> = (0..4)
        .map(|_| {
            let (store, place, jobs) = (bed.store.clone(), bed.place.clone(), bed.jobs.clone());
            tokio::spawn(async move { serve_due(&store, &place, &jobs).await.unwrap() })
        })
        .collect();
    let mut began = 0;
    for server in servers {
        for served in server.await.unwrap() {
            assert!(matches!(served.what, What::Began(_) | What::Elsewhere), "{served:?}");
            began += usize::from(matches!(served.what, What::Began(_)));
        }
    }
    assert_eq!((began, bed.store.history(None).await.unwrap().len()), (1, 1));
    let folders = std::fs::read_dir(bed.store.audits()).unwrap().count();
    assert_eq!(folders, 1, "nobody's folder is left");
    assert!(bed.kinds().await.is_empty(), "nothing was overdue");
}

async fn a_property_that_is_being_audited_is_skipped_and_that_is_told(bed: Bed) {
    let hook = channel(ChannelKind::Webhook, "https://hooks.test/", None, &Delivery::default()).unwrap();
    bed.channel(hook).await;
    bed.due("0 3 * * *", DAYS).await;
    serve_due(&bed.store, &bed.place, &bed.jobs).await.unwrap();
    bed.due("0 3 * * *", DAYS / 2).await;
    let served = serve_due(&bed.store, &bed.place, &bed.jobs).await.unwrap();
    assert!(matches!(&served[0].what, What::Skipped(_)), "{served:?}");
    assert!(serve_due(&bed.store, &bed.place, &bed.jobs).await.unwrap().is_empty(), "it was moved on");
    assert_eq!(bed.kinds().await, ["overdue"]);
    let alert = &bed.store.alerts(None, 1).await.unwrap()[0];
    assert!(
        alert.title.contains("was still being made") && alert.title.starts_with("The shop was due"),
        "{alert:?}"
    );
    let deliveries = bed.jobs.list(None).await.unwrap().into_iter().filter(|j| j.kind == "deliver").count();
    assert_eq!(deliveries, 1);
    assert_eq!(bed.store.history(None).await.unwrap().len(), 1);
}

async fn what_is_broken_is_told_and_pauses_nothing_silently(bed: Bed) {
    bed.due("0 25 * * *", DAYS).await;
    let served = serve_due(&bed.store, &bed.place, &bed.jobs).await.unwrap();
    assert!(matches!(&served[0].what, What::Broken(why) if why.contains("no cron line")), "{served:?}");
    for (request, says) in [
        ("{", "cannot be read"),
        (r#"{"pages":["ftp://shop.test/"]}"#, "not a web address"),
        (r#"{"pages":["https://shop.test/"],"vantge":"us-ca"}"#, "vantge"),
    ] {
        bed.store
            .change_property(&Property { request: request.to_owned(), ..bed.property().await })
            .await
            .unwrap();
        bed.due("0 3 * * *", DAYS).await;
        let served = serve_due(&bed.store, &bed.place, &bed.jobs).await.unwrap();
        assert!(matches!(&served[0].what, What::Broken(why) if why.contains(says)), "{served:?}");
        assert!(bed.store.schedule(PROPERTY).await.unwrap().unwrap().next_at.is_some(), "it goes on");
        assert!(bed.store.due().await.unwrap().is_empty());
    }
    assert_eq!(bed.kinds().await, ["schedule-broken"; 4]);
    assert!(bed.store.history(None).await.unwrap().is_empty());
}

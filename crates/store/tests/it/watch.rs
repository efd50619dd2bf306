//! What is watched, when, who is told, and who may look.

use std::time::Duration;

use affiant_store::{
    Account, Alert, Channel, Due, Gauges, Jobs, Kept, Login, May, NewJob, Property, Schedule, Store, Token,
};

use crate::bed::{Bed, on_both};
use crate::kept::audit;

on_both!(
    a_property_takes_its_schedule_and_channels_with_it,
    a_schedule_that_is_due_is_served_once,
    an_alert_is_told_once,
    a_login_ends,
    a_token_is_known_by_its_digest,
    the_store_tells_how_it_stands,
);

fn property() -> Property {
    Property {
        id: "shop".to_owned(),
        name: "The shop".to_owned(),
        site: "shop.test".to_owned(),
        request: r#"{"pages":["https://shop.test/"]}"#.to_owned(),
        created: 0,
    }
}

fn schedule(next_at: Option<i64>) -> Schedule {
    Schedule {
        property: "shop".to_owned(),
        cron: "0 3 * * *".to_owned(),
        zone: "Europe/Vienna".to_owned(),
        next_at,
        paused: false,
    }
}

async fn with_property(bed: &Bed) -> Store {
    let store = bed.open().await;
    assert!(store.add_property(&property()).await.unwrap());
    store
}

async fn a_property_takes_its_schedule_and_channels_with_it(bed: Bed) {
    let store = with_property(&bed).await;
    assert!(!store.add_property(&property()).await.unwrap(), "it is not written over");
    let named = Property { name: "Another".to_owned(), ..property() };
    assert!(store.change_property(&named).await.unwrap());
    let there = store.property("shop").await.unwrap().unwrap();
    assert_eq!((there.name.as_str(), there.request.as_str()), ("Another", property().request.as_str()));
    store.set_schedule(&schedule(Some(5))).await.unwrap();
    store.set_schedule(&schedule(Some(7))).await.unwrap();
    assert_eq!(store.schedule("shop").await.unwrap(), Some(schedule(Some(7))));
    for (id, property) in [("its-own", Some("shop".to_owned())), ("of-all", None)] {
        let channel = Channel {
            id: id.to_owned(),
            property,
            kind: "email".to_owned(),
            target: "privacy@shop.test".to_owned(),
            secret: String::new(),
            created: 0,
        };
        store.add_channel(&channel).await.unwrap();
    }
    assert_eq!(store.channels().await.unwrap().len(), 2);
    assert!(store.remove_property("shop").await.unwrap());
    assert!(store.schedules().await.unwrap().is_empty());
    let left: Vec<String> = store.channels().await.unwrap().into_iter().map(|c| c.id).collect();
    assert_eq!(left, ["of-all"]);
    assert!(store.property("shop").await.unwrap().is_none() && store.properties().await.unwrap().is_empty());
}

/// By two servers at once: one audit comes of it.
async fn a_schedule_that_is_due_is_served_once(bed: Bed) {
    let store = with_property(&bed).await;
    let now = store.now().await.unwrap();
    store.set_schedule(&schedule(Some(now + 60_000))).await.unwrap();
    assert!(store.due().await.unwrap().is_empty(), "not yet");
    store.set_schedule(&Schedule { paused: true, ..schedule(Some(now)) }).await.unwrap();
    assert!(store.due().await.unwrap().is_empty(), "paused");
    store.set_schedule(&schedule(None)).await.unwrap();
    assert!(store.due().await.unwrap().is_empty(), "never");
    store.set_schedule(&schedule(Some(now))).await.unwrap();
    let due = store.due().await.unwrap();
    assert_eq!(due, [schedule(Some(now))]);
    let servers: Vec<_> = (0..4)
        .map(|n| {
            let (store, due) =
                (store.clone(), Due { schedule: due[0].clone(), next_at: Some(now + 86_400_000) });
            tokio::spawn(async move {
                let jobs = Jobs::new(&store, Duration::from_secs(60), 9);
                jobs.ask(&store, &audit(&format!("a{n}"), now), "{}", &[], Some(&due)).await.unwrap()
            })
        })
        .collect();
    let mut served = 0;
    for server in servers {
        served += usize::from(server.await.unwrap() == Kept::Yes);
    }
    assert_eq!((served, store.history(None).await.unwrap().len()), (1, 1));
    assert!(store.due().await.unwrap().is_empty());
    assert!(!store.skip(&due[0], None).await.unwrap(), "it was moved");
}

async fn an_alert_is_told_once(bed: Bed) {
    let store = with_property(&bed).await;
    let jobs = Jobs::new(&store, Duration::from_secs(60), 9);
    let alert = |audit: &str, key: &str| Alert {
        property: "shop".to_owned(),
        audit: audit.to_owned(),
        kind: "new-vendor".to_owned(),
        key: key.to_owned(),
        title: format!("{key} was seen for the first time"),
        detail: "{}".to_owned(),
        created: 0,
    };
    let deliver = |new: &[Alert]| -> Vec<NewJob> {
        let job = |a: &Alert| NewJob {
            kind: "deliver".to_owned(),
            key: format!("{}/deliver/{}", a.audit, a.key),
            audit: a.audit.clone(),
            payload: "{}".to_owned(),
            site: "hooks.test".to_owned(),
            stage: 2,
            priority: 100,
            max_attempts: 5,
        };
        new.iter().map(job).collect()
    };
    let both = [alert("a1", "Clarity"), alert("a1", "Meta")];
    assert_eq!(jobs.raise(&both[..1], deliver).await.unwrap().len(), 1);
    let new = jobs.raise(&both, deliver).await.unwrap();
    assert_eq!(new.iter().map(|a| a.key.as_str()).collect::<Vec<_>>(), ["Meta"]);
    jobs.raise(&[alert("a2", "Clarity")], deliver).await.unwrap();
    assert_eq!(jobs.list(None).await.unwrap().len(), 3);
    let told = store.alerts(Some("shop"), 2).await.unwrap();
    assert_eq!(told.iter().map(|a| a.audit.as_str()).collect::<Vec<_>>(), ["a2", "a1"]);
    assert_eq!(store.alerts(None, 9).await.unwrap().len(), 3);
}

async fn a_login_ends(bed: Bed) {
    let store = bed.open().await;
    assert!(!store.has_accounts().await.unwrap());
    let account = Account { name: "ana".to_owned(), password: "$argon2id$…".to_owned() };
    assert!(store.add_account(&account).await.unwrap());
    assert!(!store.add_account(&account).await.unwrap());
    assert_eq!(store.account("ana").await.unwrap(), Some(account));
    let login = Login { account: "ana".to_owned(), csrf: "c".to_owned() };
    store.add_login("d1", &login, 60_000).await.unwrap();
    store.add_login("d2", &login, -1).await.unwrap();
    assert_eq!(store.login("d1").await.unwrap(), Some(login));
    assert_eq!(store.login("d2").await.unwrap(), None);
    store.remove_login("d1").await.unwrap();
    assert_eq!(store.login("d1").await.unwrap(), None);
}

async fn a_token_is_known_by_its_digest(bed: Bed) {
    let store = bed.open().await;
    let account = Account { name: "ana".to_owned(), password: "$argon2id$…".to_owned() };
    assert!(store.add_account(&account).await.unwrap());
    for (id, may) in [("t1", May::Read), ("t2", May::Write)] {
        let name = "the pipeline".to_owned();
        let token = Token { id: id.to_owned(), name, may, account: "ana".to_owned(), created: 0, used: None };
        store.add_token(&token, &format!("digest of {id}")).await.unwrap();
    }
    assert_eq!(store.use_token("digest of t3").await.unwrap(), None);
    let first = store.use_token("digest of t1").await.unwrap().unwrap();
    assert_eq!((first.id.as_str(), first.may, first.used), ("t1", May::Read, None));
    let again = store.use_token("digest of t1").await.unwrap().unwrap();
    assert!(again.used.is_some_and(|used| used >= again.created), "{again:?}");
    let all = store.tokens().await.unwrap();
    assert_eq!(
        all.iter().map(|t| (t.may, t.used.is_some())).collect::<Vec<_>>(),
        [(May::Read, true), (May::Write, false)]
    );
    assert!(store.remove_token("t1").await.unwrap() && !store.remove_token("t1").await.unwrap());
    assert_eq!(store.use_token("digest of t1").await.unwrap(), None);
}

async fn the_store_tells_how_it_stands(bed: Bed) {
    let store = bed.open().await;
    assert_eq!(store.gauges().await.unwrap(), Gauges::default());
    assert!(store.add_property(&property()).await.unwrap());
    let schedule = Schedule {
        property: "shop".to_owned(),
        cron: "0 3 * * *".to_owned(),
        zone: "UTC".to_owned(),
        next_at: Some(1),
        paused: false,
    };
    store.set_schedule(&schedule).await.unwrap();
    store.file(&audit("a1", 1)).await.unwrap();
    let jobs = Jobs::new(&store, Duration::from_secs(60), 4);
    for key in ["one", "two"] {
        jobs.put(&job(key)).await.unwrap();
    }
    jobs.claim("worker").await.unwrap().unwrap();
    let now = store.gauges().await.unwrap();
    let jobs = [("audit", "ready", 1), ("audit", "running", 1)];
    assert_eq!(now.jobs, jobs.map(|(kind, state, n)| (kind.to_owned(), state.to_owned(), n)));
    assert_eq!((now.properties, now.audits.iter().map(|a| a.1).sum::<i64>()), (1, 1));
    assert!(now.overdue_ms > 1_000_000 && now.oldest_waiting_ms < 600_000, "{now:?}");
}

fn job(key: &str) -> NewJob {
    NewJob {
        kind: "audit".to_owned(),
        key: key.to_owned(),
        audit: "a1".to_owned(),
        payload: String::new(),
        site: "shop.test".to_owned(),
        stage: 0,
        priority: 0,
        max_attempts: 3,
    }
}

//! What a worker writes of an audit counts only while the job is its own.

use std::time::Duration;

use affiant_store::{
    AuditState, Claimed, Filed, FiledVisit, Handed, HandedTo, Jobs, Kept, NewJob, Store, StoreError,
};

use crate::bed::{Bed, on_both};
use crate::kept::audit;

const LEASE: Duration = Duration::from_millis(600);

on_both!(
    a_visit_is_kept_once_and_only_by_whose_job_it_is,
    what_a_session_left_goes_to_one_of_a_new_name,
    a_job_turns_into_another_and_brings_more,
    an_audit_is_concluded_once_and_its_secrets_go,
    an_audit_that_workers_make_is_filed_by_nobody_else,
    a_cancelled_worker_may_still_keep_what_it_saw,
    two_sessions_never_get_one_name,
);

fn visit(session: &str, ordinal: u32, digest: Option<&str>) -> FiledVisit {
    FiledVisit {
        session: session.to_owned(),
        ordinal,
        scenario: "no-choice".to_owned(),
        leg: None,
        control: false,
        page: format!("https://shop.test/{ordinal}"),
        path: format!("visits/{session}/{ordinal:03}"),
        digest: digest.map(str::to_owned),
        outcome: digest.map(|_| "{}".to_owned()),
        complete: digest.is_some(),
    }
}

fn job(key: &str, stage: i64) -> NewJob {
    NewJob {
        kind: "share".to_owned(),
        key: key.to_owned(),
        audit: "a".to_owned(),
        payload: "{}".to_owned(),
        site: "shop.test".to_owned(),
        stage,
        priority: 0,
        max_attempts: 9,
    }
}

fn unfinished() -> Filed {
    let empty = (vec![], vec![], vec![], vec![]);
    let (visits, verdicts, findings, things) = empty;
    Filed {
        state: AuditState::Unfinished,
        finished: None,
        visits,
        verdicts,
        findings,
        things,
        ..audit("a", 1_000)
    }
}

/// An audit that is asked for, and its first job, claimed.
async fn asked(bed: &Bed) -> (Store, Jobs, Claimed) {
    let store = bed.open().await;
    let jobs = Jobs::new(&store, LEASE, 100);
    jobs.ask(&store, &unfinished(), "s3cret", &[job("a", 0), job("a/conclude", 1)], None).await.unwrap();
    let mine = jobs.claim("w").await.unwrap().unwrap();
    assert_eq!(mine.key, "a");
    (store, jobs, mine)
}

async fn lost(jobs: &Jobs) -> Claimed {
    tokio::time::sleep(LEASE * 2).await;
    jobs.claim("other").await.unwrap().unwrap()
}

async fn a_visit_is_kept_once_and_only_by_whose_job_it_is(bed: Bed) {
    let (_, jobs, mine) = asked(&bed).await;
    let planned = [visit("no-choice", 0, None), visit("no-choice", 1, None)];
    assert_eq!(jobs.plan(&mine, &planned).await.unwrap(), Kept::Yes);
    assert_eq!(jobs.begin(&mine, &planned[0]).await.unwrap(), Kept::Yes);
    let made = visit("no-choice", 0, Some("d1"));
    assert_eq!(jobs.end(&mine, &made).await.unwrap(), Kept::Yes);
    assert_eq!(jobs.end(&mine, &made).await.unwrap(), Kept::Yes, "said again, because the answer was lost");
    jobs.plan(&mine, &planned).await.unwrap();
    jobs.end(&mine, &visit("no-choice", 0, Some("d2"))).await.unwrap();
    assert_eq!(jobs.visits("a").await.unwrap(), [made.clone(), planned[1].clone()]);

    let other = lost(&jobs).await;
    for result in [
        jobs.plan(&mine, &[visit("zombie", 0, None)]).await,
        jobs.begin(&mine, &visit("zombie", 0, None)).await,
        jobs.end(&mine, &visit("no-choice", 1, Some("d3"))).await,
        jobs.deal(&mine, ("share", "{}"), &[], &[job("zombie", 0)]).await,
    ] {
        assert_eq!(result.unwrap(), Kept::No);
    }
    assert_eq!(jobs.visits("a").await.unwrap(), [made, planned[1].clone()]);
    assert_eq!(jobs.end(&other, &visit("no-choice", 1, Some("d4"))).await.unwrap(), Kept::Yes);
}

async fn what_a_session_left_goes_to_one_of_a_new_name(bed: Bed) {
    let (_, jobs, mine) = asked(&bed).await;
    let all: Vec<FiledVisit> = (0..4).map(|n| visit("no-choice", n, None)).collect();
    jobs.plan(&mine, &all).await.unwrap();
    let made = visit("no-choice", 1, Some("d1"));
    jobs.end(&mine, &made).await.unwrap();
    let next = [visit("no-choice-2", 0, None), visit("no-choice-2", 1, None)];
    let to = HandedTo::Job(job("a/no-choice-2", 0));
    let handed = jobs.hand_over(&mine, ("no-choice", 2), &next, &to).await.unwrap();
    assert_eq!(handed, Handed::Yes);
    let again = jobs.hand_over(&mine, ("no-choice", 2), &next, &to).await.unwrap();
    assert_eq!(again, Handed::Already, "said again, because the answer was lost");
    let kept = jobs.visits("a").await.unwrap();
    assert_eq!(kept, [all[0].clone(), made, next[0].clone(), next[1].clone()]);
    assert_eq!(jobs.claim("w2").await.unwrap().unwrap().key, "a/no-choice-2");

    let third = [visit("no-choice-3", 0, None)];
    let itself = HandedTo::Itself("do this".to_owned());
    jobs.hand_over(&mine, ("no-choice", 0), &third, &itself).await.unwrap();
    let other = lost(&jobs).await;
    assert_eq!(other.payload, "do this");
    let late = jobs.hand_over(&mine, ("no-choice", 0), &[visit("no-choice-4", 0, None)], &itself).await;
    assert_eq!(late.unwrap(), Handed::No);
}

async fn a_job_turns_into_another_and_brings_more(bed: Bed) {
    let (_, jobs, mine) = asked(&bed).await;
    assert_eq!(jobs.asked("a").await.unwrap().as_deref(), Some("s3cret"));
    let more = [job("a/no-choice-2", 0), job("a/no-choice-3", 0)];
    assert_eq!(
        jobs.deal(&mine, ("share", "its own"), &[visit("no-choice-2", 0, None)], &more).await.unwrap(),
        Kept::Yes
    );
    let keys: Vec<String> = jobs.list(Some("a")).await.unwrap().into_iter().map(|j| j.key).collect();
    assert_eq!(keys.len(), 4, "{keys:?}");
    assert_eq!(jobs.visits("a").await.unwrap(), [visit("no-choice-2", 0, None)]);
    let own = jobs.list(Some("a")).await.unwrap().into_iter().find(|j| j.key == "a").unwrap();
    assert_eq!((own.kind.as_str(), own.payload.as_str()), ("share", "its own"));
    assert_eq!(jobs.done(&mine).await.unwrap(), Kept::Yes);
}

async fn an_audit_is_concluded_once_and_its_secrets_go(bed: Bed) {
    let (store, jobs, mine) = asked(&bed).await;
    jobs.done(&mine).await.unwrap();
    let first = jobs.claim("w").await.unwrap().unwrap();
    let second = lost(&jobs).await;
    assert_eq!((&first.key, &second.key), (&"a/conclude".to_owned(), &"a/conclude".to_owned()));
    let whole = audit("a", 1_000);
    assert_eq!(jobs.conclude(&store, &first, &unfinished()).await.unwrap(), Kept::No);
    assert_eq!(jobs.conclude(&store, &second, &whole).await.unwrap(), Kept::Yes);
    assert_eq!(store.filed("a").await.unwrap(), Some(whole));
    assert_eq!(jobs.asked("a").await.unwrap(), None);
    assert!(!jobs.any_open().await.unwrap());
}

async fn an_audit_that_workers_make_is_filed_by_nobody_else(bed: Bed) {
    let (store, jobs, mine) = asked(&bed).await;
    jobs.plan(&mine, &[visit("no-choice", 0, None)]).await.unwrap();
    let refused = store.file(&audit("a", 1_000)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Busy { .. }), "{refused}");
    store.file(&audit("b", 1_000)).await.unwrap();
    assert_eq!(jobs.visits("a").await.unwrap().len(), 1);
    jobs.done(&mine).await.unwrap();
    store.file(&audit("a", 1_000)).await.unwrap();
}

async fn a_cancelled_worker_may_still_keep_what_it_saw(bed: Bed) {
    let (_, jobs, mine) = asked(&bed).await;
    jobs.begin(&mine, &visit("no-choice", 0, None)).await.unwrap();
    jobs.cancel("a").await.unwrap();
    assert_eq!(jobs.beat(&mine).await.unwrap(), Kept::No);
    assert_eq!(jobs.end(&mine, &visit("no-choice", 0, Some("d1"))).await.unwrap(), Kept::Yes);
    jobs.done(&mine).await.unwrap();
    assert!(jobs.visits("a").await.unwrap()[0].complete);
}

async fn two_sessions_never_get_one_name(bed: Bed) {
    let (_, jobs, mine) = asked(&bed).await;
    let others: Vec<NewJob> = (0..5).map(|n| job(&format!("a/{n}"), 0)).collect();
    let lost: Vec<FiledVisit> = (0..6).map(|n| visit(&format!("lost-{n}"), 0, None)).collect();
    jobs.deal(&mine, ("share", "{}"), &lost, &others).await.unwrap();
    let mut all = vec![mine];
    while let Some(claimed) = jobs.claim("w").await.unwrap() {
        all.push(claimed);
    }
    let tasks: Vec<_> = all
        .into_iter()
        .zip(lost)
        .map(|(claimed, lost)| {
            let jobs = jobs.clone();
            tokio::spawn(async move {
                let itself = HandedTo::Itself("{}".to_owned());
                let mut tries = 0;
                loop {
                    let next = [visit(&format!("no-choice-{tries}"), 0, None)];
                    match jobs.hand_over(&claimed, (&lost.session, 0), &next, &itself).await.unwrap() {
                        Handed::Yes => return,
                        Handed::NameTaken => tries += 1,
                        other => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(jobs.visits("a").await.unwrap().len(), 6);
}

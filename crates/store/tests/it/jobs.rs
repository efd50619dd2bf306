//! Jobs: what is promised of them when workers die, stop and come back.

use std::collections::BTreeSet;
use std::time::Duration;

use affiant_store::{Job, JobState, Jobs, Kept, NewJob};

use crate::bed::{Bed, on_both};

const LEASE: Duration = Duration::from_millis(600);

fn job(key: &str) -> NewJob {
    NewJob {
        kind: "share".to_owned(),
        key: key.to_owned(),
        audit: "a".to_owned(),
        payload: "{}".to_owned(),
        site: "a.test".to_owned(),
        stage: 0,
        priority: 0,
        max_attempts: 2,
    }
}

async fn jobs(bed: &Bed) -> Jobs {
    Jobs::new(&bed.open().await, LEASE, 100)
}

async fn listed(jobs: &Jobs, key: &str) -> Job {
    jobs.list(None).await.unwrap().into_iter().find(|j| j.key == key).unwrap()
}

async fn state(jobs: &Jobs, key: &str) -> JobState {
    listed(jobs, key).await.state
}

on_both!(
    a_job_is_put_in_once,
    a_worker_that_is_not_heard_of_loses_the_job_and_cannot_write_its_result,
    one_that_kills_every_worker_is_dead_after_its_attempts,
    one_that_fails_waits_before_it_is_tried_again_and_its_error_is_kept,
    the_urgent_come_first_and_then_the_old,
    an_audit_is_cancelled_and_what_concludes_it_is_done,
    what_comes_last_waits_for_all_before_it,
    what_is_given_back_is_done_at_once_and_was_no_attempt,
    a_clock_that_is_put_back_keeps_no_job_waiting,
    no_site_has_more_workers_than_it_bears,
    no_job_is_done_twice_by_many_workers,
    a_worker_of_the_same_name_is_another_one,
);

async fn a_job_is_put_in_once(bed: Bed) {
    let jobs = jobs(&bed).await;
    assert!(jobs.put(&job("one")).await.unwrap());
    assert!(!jobs.put(&job("one")).await.unwrap());
    assert!(jobs.claim("w").await.unwrap().is_some());
    assert!(jobs.claim("w").await.unwrap().is_none());
}

async fn a_worker_that_is_not_heard_of_loses_the_job_and_cannot_write_its_result(bed: Bed) {
    let jobs = jobs(&bed).await;
    jobs.put(&job("one")).await.unwrap();
    let first = jobs.claim("w1").await.unwrap().unwrap();
    assert_eq!((first.epoch, first.attempt), (1, 1));
    assert!(jobs.claim("w2").await.unwrap().is_none());
    assert_eq!(jobs.beat(&first).await.unwrap(), Kept::Yes);
    // As if it were stopped, and resumed later.
    tokio::time::sleep(LEASE * 2).await;
    let second = jobs.claim("w2").await.unwrap().unwrap();
    assert_eq!((second.id.clone(), second.epoch, second.attempt), (first.id.clone(), 2, 2));
    assert_eq!(jobs.beat(&first).await.unwrap(), Kept::No);
    assert_eq!(jobs.done(&first).await.unwrap(), Kept::No);
    assert_eq!(jobs.failed(&first, "late").await.unwrap(), Kept::No);
    assert_eq!(jobs.done(&second).await.unwrap(), Kept::Yes);
    assert_eq!(state(&jobs, "one").await, JobState::Done);
}

async fn one_that_kills_every_worker_is_dead_after_its_attempts(bed: Bed) {
    let jobs = jobs(&bed).await;
    jobs.put(&job("one")).await.unwrap();
    for attempt in 1..=2 {
        assert_eq!(jobs.claim("w").await.unwrap().unwrap().attempt, attempt);
        tokio::time::sleep(LEASE * 2).await;
    }
    assert!(jobs.claim("w").await.unwrap().is_none());
    let Job { state, error, .. } = listed(&jobs, "one").await;
    assert_eq!(state, JobState::Dead);
    assert!(error.unwrap().contains("not heard of"));
}

async fn one_that_fails_waits_before_it_is_tried_again_and_its_error_is_kept(bed: Bed) {
    let jobs = jobs(&bed).await;
    jobs.put(&job("one")).await.unwrap();
    let claimed = jobs.claim("w").await.unwrap().unwrap();
    assert_eq!(jobs.failed(&claimed, "the disk is full").await.unwrap(), Kept::Yes);
    let Job { state, error, .. } = listed(&jobs, "one").await;
    assert_eq!((state, error.as_deref()), (JobState::Ready, Some("the disk is full")));
    assert!(jobs.claim("w").await.unwrap().is_none(), "it waits two seconds");
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let again = jobs.claim("w").await.unwrap().unwrap();
    jobs.failed(&again, "still").await.unwrap();
    let Job { state, error, .. } = listed(&jobs, "one").await;
    assert_eq!((state, error.as_deref()), (JobState::Dead, Some("still")));
}

async fn the_urgent_come_first_and_then_the_old(bed: Bed) {
    let jobs = jobs(&bed).await;
    for (key, priority) in [("scheduled", 0), ("asked for", 10), ("scheduled too", 0)] {
        jobs.put(&NewJob { priority, ..job(key) }).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut order = Vec::new();
    while let Some(claimed) = jobs.claim("w").await.unwrap() {
        order.push(claimed.key);
    }
    assert_eq!(order, ["asked for", "scheduled", "scheduled too"]);
}

async fn an_audit_is_cancelled_and_what_concludes_it_is_done(bed: Bed) {
    let jobs = jobs(&bed).await;
    for key in ["runs", "dies", "waits"] {
        jobs.put(&NewJob { max_attempts: 5, ..job(key) }).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    jobs.put(&NewJob { stage: 1, ..job("last") }).await.unwrap();
    let runs = jobs.claim("w").await.unwrap().unwrap();
    let dies = jobs.claim("w").await.unwrap().unwrap();
    assert_eq!(jobs.cancel("a").await.unwrap(), 3);
    assert_eq!(state(&jobs, "waits").await, JobState::Cancelled);
    assert!(jobs.claim("w").await.unwrap().is_none(), "two are at it still");
    assert_eq!(jobs.beat(&runs).await.unwrap(), Kept::No);
    assert_eq!(jobs.done(&runs).await.unwrap(), Kept::Yes);
    assert_eq!(state(&jobs, "runs").await, JobState::Cancelled);
    tokio::time::sleep(LEASE * 2).await;
    let last = jobs.claim("w").await.unwrap().unwrap();
    assert_eq!(last.key, "last");
    assert_eq!(state(&jobs, &dies.key).await, JobState::Cancelled, "nobody begins it again");
    assert_eq!(jobs.beat(&last).await.unwrap(), Kept::Yes);
    assert_eq!(jobs.cancel("a").await.unwrap(), 0);
}

async fn what_comes_last_waits_for_all_before_it(bed: Bed) {
    let jobs = jobs(&bed).await;
    jobs.put(&NewJob { stage: 1, priority: 9, ..job("last") }).await.unwrap();
    jobs.put(&job("one")).await.unwrap();
    jobs.put(&NewJob { audit: "b".to_owned(), stage: 1, ..job("another") }).await.unwrap();
    assert_eq!(jobs.claim("w").await.unwrap().unwrap().key, "one");
    assert_eq!(jobs.claim("w").await.unwrap().unwrap().key, "another", "of another audit");
    assert!(jobs.claim("w").await.unwrap().is_none());
    tokio::time::sleep(LEASE * 2).await;
    let again = jobs.claim("w").await.unwrap().unwrap();
    assert_eq!(again.key, "one");
    jobs.failed(&again, "twice").await.unwrap();
    assert_eq!(state(&jobs, "one").await, JobState::Dead);
    assert_eq!(jobs.claim("w").await.unwrap().unwrap().key, "last", "also after one that is dead");
}

async fn what_is_given_back_is_done_at_once_and_was_no_attempt(bed: Bed) {
    let jobs = jobs(&bed).await;
    jobs.put(&job("one")).await.unwrap();
    for _ in 0..4 {
        let mine = jobs.claim("w").await.unwrap().unwrap();
        assert_eq!(mine.attempt, 1);
        assert_eq!(jobs.give_back(&mine).await.unwrap(), Kept::Yes);
        assert_eq!(jobs.give_back(&mine).await.unwrap(), Kept::No);
    }
    assert_eq!(jobs.claim("w").await.unwrap().unwrap().epoch, 5);
}

/// As seen from a clock that was put back by an hour, all that is written lies an hour ahead.
async fn a_clock_that_is_put_back_keeps_no_job_waiting(bed: Bed) {
    let jobs = jobs(&bed).await;
    for key in ["runs", "failed", "waits"] {
        jobs.put(&NewJob { max_attempts: 9, ..job(key) }).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let runs = jobs.claim("w").await.unwrap().unwrap();
    let failed = jobs.claim("w").await.unwrap().unwrap();
    jobs.failed(&failed, "so").await.unwrap();
    bed.sql("update job set run_at = run_at + 3600000, lease_until = lease_until + 3600000, created = created + 3600000").await;
    assert_eq!(jobs.claim("w").await.unwrap().unwrap().key, "waits");
    assert!(jobs.claim("w").await.unwrap().is_none(), "the one that runs has its lease, the other its pause");
    assert_eq!(jobs.beat(&runs).await.unwrap(), Kept::Yes);
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let mut others = BTreeSet::new();
    while let Some(job) = jobs.claim("w").await.unwrap() {
        others.insert(job.key);
    }
    assert_eq!(
        others.iter().collect::<Vec<_>>(),
        ["failed", "runs", "waits"],
        "their workers died meanwhile"
    );
}

async fn no_site_has_more_workers_than_it_bears(bed: Bed) {
    let jobs = Jobs::new(&bed.open().await, Duration::from_secs(60), 2);
    for n in 0..8 {
        jobs.put(&job(&format!("a{n}"))).await.unwrap();
        jobs.put(&NewJob { site: "b.test".to_owned(), ..job(&format!("b{n}")) }).await.unwrap();
    }
    let all = (0..16).map(|n| {
        let jobs = jobs.clone();
        tokio::spawn(async move { jobs.claim(&format!("w{n}")).await.unwrap() })
    });
    let mut claimed = Vec::new();
    for one in all.collect::<Vec<_>>() {
        claimed.extend(one.await.unwrap().map(|c| c.key));
    }
    let of = |site: &str| claimed.iter().filter(|k| k.starts_with(site)).count();
    assert_eq!((of("a"), of("b")), (2, 2), "{claimed:?}");
}

async fn no_job_is_done_twice_by_many_workers(bed: Bed) {
    let jobs = Jobs::new(&bed.open().await, Duration::from_secs(60), 100);
    for n in 0..60 {
        jobs.put(&job(&format!("j{n:02}"))).await.unwrap();
    }
    let workers = (0..6).map(|n| {
        let jobs = jobs.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            while let Some(claimed) = jobs.claim(&format!("w{n}")).await.unwrap() {
                assert_eq!(jobs.done(&claimed).await.unwrap(), Kept::Yes);
                mine.push(claimed.key);
            }
            mine
        })
    });
    let mut done = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        done.extend(worker.await.unwrap());
    }
    assert_eq!(done.len(), 60);
    assert_eq!(done.iter().collect::<BTreeSet<_>>().len(), 60);
}

async fn a_worker_of_the_same_name_is_another_one(bed: Bed) {
    let jobs = jobs(&bed).await;
    jobs.put(&job("one")).await.unwrap();
    let before = jobs.claim("w").await.unwrap().unwrap();
    tokio::time::sleep(LEASE * 2).await;
    let after = jobs.claim("w").await.unwrap().unwrap();
    assert_eq!(jobs.done(&before).await.unwrap(), Kept::No);
    assert_eq!(jobs.done(&after).await.unwrap(), Kept::Yes);
}

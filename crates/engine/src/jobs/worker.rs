//! A worker: takes jobs out of the store and does them, as many at once as it has places.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use affiant_gather::{Guard, Stop, StopHandle};
use affiant_store::{Claimed, Jobs, Kept, Place, Store, StoreError};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use super::log::StoreLog;
use super::making::AllMaking;
use super::patience::patiently;
use super::{
    ALERT, AUDIT, CONCLUDE, DELIVER, Delivery, Ended, SHARE, alert, audit, conclude, deliver, read, share,
};
use crate::EngineError;
use crate::run::Context;

/// How often it looks for a job when there is none.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// A worker.
#[derive(Debug, Clone)]
pub struct Worker {
    /// How the store names it.
    pub name: String,
    /// Jobs that it does at once.
    pub slots: usize,
    /// Sessions that visit one site at once, of all workers.
    pub per_site: usize,
    /// Its browser, in the place of what a request says.
    pub browser: Option<String>,
    /// What keeps its browsers to public addresses, if something is to.
    pub guard: Option<Guard>,
    /// How messages are delivered.
    pub delivery: Delivery,
    /// Whether it ends when no job is left.
    pub until_idle: bool,
}

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// What the job was put in as: the audit's name, and the session's or `conclude`.
    pub job: String,
    /// What happened.
    pub what: What,
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// It was taken; the how-manieth try it is.
    Taken(i64),
    /// It was done.
    Done,
    /// It was given back, or nobody wants it any more.
    GivenBack,
    /// It is another worker's by now.
    Lost,
    /// It failed, and is tried again unless that was the last time.
    Failed(String),
}

/// All that a job needs.
struct Ground {
    worker: Worker,
    store: Store,
    place: Place,
    jobs: Jobs,
    making: AllMaking,
    stop: Stop,
    happened: UnboundedSender<Happened>,
}

/// Does jobs until it is stopped, or until none is left. Stopped, it seals what it sees and gives its jobs back.
pub async fn work(
    worker: Worker,
    store: Store,
    place: Place,
    jobs: Jobs,
    stop: Stop,
    happened: UnboundedSender<Happened>,
) -> Result<(), EngineError> {
    let places = Arc::new(Semaphore::new(worker.slots.max(1)));
    let ground =
        Arc::new(Ground { worker, store, place, jobs, making: AllMaking::default(), stop, happened });
    let mut doing = JoinSet::new();
    let ended = loop {
        while let Some(done) = doing.try_join_next() {
            if let Err(e) = done {
                tracing::error!(error = %e, "a job ended unexpectedly: it is done again when its lease is over");
            }
        }
        let free = tokio::select! {
            () = ground.stop.stopped() => break Ok(()),
            free = Arc::clone(&places).acquire_owned() => free,
        };
        let Ok(free) = free else { break Ok(()) };
        match ground.jobs.claim(&ground.worker.name).await {
            Ok(Some(job)) => {
                let ground = Arc::clone(&ground);
                doing.spawn(async move {
                    ground.one(job).await;
                    drop(free);
                });
                continue;
            }
            Ok(None) => {
                drop(free);
                ground.making.let_go().await;
                let idle = ground.worker.until_idle && doing.is_empty();
                if idle && !patiently(|| ground.jobs.any_open()).await? {
                    break Ok(());
                }
            }
            Err(e) if e.may_pass() => tracing::warn!(error = %e, "no job could be taken; trying again"),
            Err(e) => break Err(e.into()),
        }
        tokio::select! {
            () = ground.stop.stopped() => break Ok(()),
            () = tokio::time::sleep(LOOKS_EVERY) => {}
        }
    };
    while doing.join_next().await.is_some() {}
    ground.making.let_go().await;
    ended
}

impl Ground {
    /// Does one job, from its claim to its end, and says what came of it.
    async fn one(&self, job: Claimed) {
        self.tell(&job, What::Taken(job.attempt));
        let (handle, stop) = StopHandle::new();
        let hands_back = Arc::new(AtomicBool::new(false));
        let done = tokio::select! {
            done = self.does(&job, stop, Arc::clone(&hands_back)) => done,
            never = self.alive(&job, &handle, &hands_back) => match never {},
        };
        let key = job.key.clone();
        let what = match done {
            Ok(Ended::Done) if job.kind == CONCLUDE => Ok((Kept::Yes, What::Done)),
            Ok(Ended::Done) => patiently(|| self.jobs.done(&job)).await.map(|k| (k, What::Done)),
            Ok(Ended::Stopped) => patiently(|| self.jobs.give_back(&job)).await.map(|k| (k, What::GivenBack)),
            Err(e @ EngineError::Undeliverable(_)) => {
                let why = e.to_string();
                patiently(|| self.jobs.give_up(&job, &why)).await.map(|k| (k, What::Failed(why.clone())))
            }
            Err(EngineError::NotMine(_)) => Ok((Kept::No, What::Lost)),
            Err(e) => {
                let why = e.to_string();
                patiently(|| self.jobs.failed(&job, &why)).await.map(|k| (k, What::Failed(why.clone())))
            }
        };
        let what = match what {
            Ok((Kept::Yes, what)) => what,
            Ok((Kept::No, _)) => What::Lost,
            Err(e) => {
                tracing::error!(error = %e, job = key, "what came of a job could not be told: it is done again");
                What::Lost
            }
        };
        self.tell(&job, what);
    }

    async fn does(
        &self,
        job: &Claimed,
        stop: Stop,
        hands_back: Arc<AtomicBool>,
    ) -> Result<Ended, EngineError> {
        match job.kind.as_str() {
            CONCLUDE => return conclude::run(&self.jobs, &self.store, &self.place, job).await,
            ALERT => return alert::run(&self.jobs, &self.store, &self.place, job).await,
            DELIVER => return deliver::run(&self.store, &self.worker.delivery, job).await,
            _ => {}
        }
        let Worker { browser, guard, slots, per_site, .. } = &self.worker;
        let (browser, guard) = (browser.as_deref(), guard.as_ref());
        let making = self.making.get(&self.jobs, &self.place, &job.audit, browser, guard, *slots).await?;
        let log = Arc::new(StoreLog::new(self.jobs.clone(), job.clone(), Arc::clone(&making), hands_back));
        let shared = Arc::clone(&making.shared);
        let (unheard, _) = tokio::sync::mpsc::unbounded_channel();
        let context = Context::new(&making.prepared, log, shared, stop, unheard)?;
        let again = job.epoch > 1;
        let ended = match job.kind.as_str() {
            AUDIT => audit::run(&context, again, *per_site).await,
            SHARE => share::run(&context, again, read(job)?).await,
            _ => Err(EngineError::Fault("a job is of no kind that this version knows")),
        };
        match context.into_error() {
            Some(e) if e.is_of_the_log() => Err(e),
            // Visits that could not be made say so themselves.
            Some(e) => {
                tracing::warn!(error = %e, job = job.key, "a part of the audit could not be done");
                ended
            }
            None => ended,
        }
    }

    /// Says that the job is done, again and again. Stops it where it is not the worker's any more, or the worker stops.
    async fn alive(
        &self,
        job: &Claimed,
        handle: &StopHandle,
        hands_back: &AtomicBool,
    ) -> std::convert::Infallible {
        let every = self.jobs.beat_every();
        loop {
            tokio::select! {
                () = self.stop.stopped() => {
                    hands_back.store(true, Ordering::Relaxed);
                    handle.stop();
                    break;
                }
                () = tokio::time::sleep(every) => {}
            }
            match tokio::time::timeout(every, self.jobs.beat(job)).await {
                Ok(Ok(Kept::Yes)) => {}
                Ok(Ok(Kept::No)) => handle.stop(),
                // No answer is no lost lease: it goes on, and the fence decides.
                Ok(Err(e)) => {
                    tracing::warn!(error = %e, job = job.key, "the store did not hear that the job goes on")
                }
                Err(_) => tracing::warn!(job = job.key, "{}", StoreError::Silent),
            }
        }
        loop {
            tokio::time::sleep(every).await;
            let _ = tokio::time::timeout(every, self.jobs.beat(job)).await;
        }
    }

    fn tell(&self, job: &Claimed, what: What) {
        let _ = self.happened.send(Happened { job: job.key.clone(), what });
    }
}

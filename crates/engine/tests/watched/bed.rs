//! A fresh store of each kind, with a property in it.

use std::time::Duration;

use affiant_engine::jobs::{Delivery, Happened, Worker, work};
use affiant_gather::StopHandle;
use affiant_store::{
    AuditState, Channel, Filed, FiledFinding, FiledThing, FiledVisit, Jobs, Place, Property, Schedule, Store,
    ThingKind,
};
use tempfile::TempDir;

use crate::database;

pub(crate) const PROPERTY: &str = "shop";

pub(crate) struct Bed {
    pub(crate) place: Place,
    pub(crate) store: Store,
    pub(crate) jobs: Jobs,
    _dir: TempDir,
}

impl Bed {
    pub(crate) async fn sqlite() -> Bed {
        let dir = tempfile::tempdir().unwrap();
        Bed::at(Place::Folder(dir.path().join("store")), dir).await
    }

    /// A database of its own on the server that `cargo xtask test` starts.
    pub(crate) async fn postgres() -> Bed {
        let dir = tempfile::tempdir().unwrap();
        let url = database::fresh("watched").await;
        let place = Place::Server { url, audits: dir.path().to_owned() };
        Bed::at(place, dir).await
    }

    async fn at(place: Place, dir: TempDir) -> Bed {
        let store = Store::open(&place).await.unwrap();
        let property = Property {
            id: PROPERTY.to_owned(),
            name: "The shop".to_owned(),
            site: "shop.test".to_owned(),
            request: r#"{"pages":["https://www.shop.test/"]}"#.to_owned(),
            created: 0,
        };
        assert!(store.add_property(&property).await.unwrap());
        let jobs = Jobs::new(&store, Duration::from_secs(3), 9);
        Bed { place, store, jobs, _dir: dir }
    }

    pub(crate) async fn property(&self) -> Property {
        self.store.property(PROPERTY).await.unwrap().unwrap()
    }

    pub(crate) async fn channel(&self, channel: Channel) -> Channel {
        self.store.add_channel(&channel).await.unwrap();
        channel
    }

    pub(crate) async fn due(&self, cron: &str, ago: Duration) -> Schedule {
        let at = self.store.now().await.unwrap() - i64::try_from(ago.as_millis()).unwrap();
        let schedule = Schedule {
            property: PROPERTY.to_owned(),
            cron: cron.to_owned(),
            zone: "Europe/Vienna".to_owned(),
            next_at: Some(at),
            paused: false,
        };
        self.store.set_schedule(&schedule).await.unwrap();
        schedule
    }

    pub(crate) async fn kinds(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.store.alerts(Some(PROPERTY), 500).await.unwrap().into_iter().map(|a| a.kind).collect();
        all.sort();
        all
    }

    /// Does jobs until none is left.
    pub(crate) async fn works(&self, name: &str, delivery: &Delivery) -> Vec<Happened> {
        let (_handle, stop) = StopHandle::new();
        let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
        let worker = Worker {
            name: name.to_owned(),
            slots: 2,
            per_site: 9,
            browser: None,
            guard: None,
            delivery: delivery.clone(),
            until_idle: true,
        };
        work(worker, self.store.clone(), self.place.clone(), self.jobs.clone(), stop, tx).await.unwrap();
        let mut all = Vec::new();
        while let Some(happened) = rx.recv().await {
            all.push(happened);
        }
        all
    }
}

/// An audit of one page without a choice and after a rejection; the later, the larger its number.
pub(crate) fn audit(n: i64) -> Filed {
    let visit = |scenario: &str| FiledVisit {
        session: scenario.to_owned(),
        ordinal: 0,
        scenario: scenario.to_owned(),
        leg: None,
        control: false,
        page: "https://www.shop.test/".to_owned(),
        path: format!("visits/{scenario}/000"),
        digest: Some(format!("{n:064x}")),
        outcome: Some(r#"{"is":"complete"}"#.to_owned()),
        complete: true,
    };
    Filed {
        id: format!("a{n}"),
        property: Some(PROPERTY.to_owned()),
        site: "shop.test".to_owned(),
        start: "https://www.shop.test/".to_owned(),
        started: 1_790_000_000_000 + n * 86_400_000,
        finished: Some(1_790_000_060_000 + n * 86_400_000),
        state: AuditState::Finished,
        vantage: "default".to_owned(),
        scenarios: vec!["no-choice".to_owned(), "reject-all".to_owned()],
        tool: "affiant 0".to_owned(),
        judged: "d".to_owned(),
        visits: vec![visit("no-choice"), visit("reject-all")],
        verdicts: vec![("pixel-before-choice".to_owned(), "fail".to_owned())],
        findings: vec![],
        things: vec![],
    }
}

pub(crate) fn thing(kind: ThingKind, name: &str) -> FiledThing {
    FiledThing {
        kind,
        key: name.to_owned(),
        name: name.to_owned(),
        detail: "third party".to_owned(),
        pages: 1,
        times: 3,
        first_ms: Some(412.0),
        scenarios: vec!["no-choice".to_owned()],
    }
}

pub(crate) fn finding(subject: &str, severity: &str) -> FiledFinding {
    FiledFinding {
        fingerprint: format!("f-{subject}"),
        rule: "pixel-before-choice".to_owned(),
        severity: severity.to_owned(),
        title: format!("{subject} received 3 requests before any choice was made"),
        subject: subject.to_owned(),
        pages: vec!["https://www.shop.test/".to_owned()],
        scenarios: vec!["no-choice".to_owned()],
        measure: None,
    }
}

/// Makes two tests of one: on SQLite, and on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(crate::bed::Bed::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(crate::bed::Bed::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both;

//! What is filed is what is read back.

use affiant_store::{AuditState, Filed, FiledFinding, FiledThing, FiledVisit, ThingKind};

use crate::bed::{Bed, on_both};

/// An audit of two pages in two scenarios, with one finding, and things of every kind.
pub(crate) fn audit(id: &str, started: i64) -> Filed {
    let visit = |scenario: &str, ordinal: u32, page: &str| FiledVisit {
        session: scenario.to_owned(),
        ordinal,
        scenario: scenario.to_owned(),
        leg: Some("first".to_owned()),
        control: false,
        page: page.to_owned(),
        path: format!("visits/{scenario}/{ordinal:03}"),
        digest: Some("d".repeat(64)),
        outcome: Some(r#"{"kind":"complete"}"#.to_owned()),
        complete: true,
    };
    let thing = |kind, key: &str| FiledThing {
        kind,
        key: key.to_owned(),
        name: key.to_owned(),
        detail: "'; drop table audit; --\u{202e}".to_owned(),
        pages: 2,
        times: 5,
        first_ms: Some(412.5),
        scenarios: vec!["no-choice".to_owned(), "reject-all".to_owned()],
    };
    Filed {
        id: id.to_owned(),
        property: None,
        site: "shop.test".to_owned(),
        start: "https://www.shop.test/".to_owned(),
        started,
        finished: Some(started + 60_000),
        state: AuditState::Finished,
        vantage: "default".to_owned(),
        scenarios: vec!["no-choice".to_owned(), "reject-all".to_owned()],
        tool: "affiant 0.1.0".to_owned(),
        judged: "j".repeat(64),
        visits: ["no-choice", "reject-all"]
            .iter()
            .flat_map(|s| [visit(s, 0, "https://www.shop.test/"), visit(s, 1, "https://www.shop.test/cart")])
            .collect(),
        verdicts: vec![("sends-before-choice".to_owned(), "fail".to_owned())],
        findings: vec![finding()],
        things: vec![
            thing(ThingKind::Cookie, "_ga|.shop.test"),
            thing(ThingKind::Host, "www.clarity.ms"),
            thing(ThingKind::Tag, "Microsoft Clarity|abc"),
            thing(ThingKind::Vendor, "Microsoft Clarity"),
        ],
    }
}

pub(crate) fn finding() -> FiledFinding {
    FiledFinding {
        fingerprint: "0123456789abcdef".to_owned(),
        rule: "sends-before-choice".to_owned(),
        severity: "high".to_owned(),
        title: "Microsoft Clarity received 14 requests before any choice was made".to_owned(),
        subject: "Microsoft Clarity".to_owned(),
        pages: vec!["https://www.shop.test/".to_owned(), "https://www.shop.test/cart".to_owned()],
        scenarios: vec!["no-choice".to_owned(), "reject-all".to_owned()],
        measure: Some(r#"{"of":"requests","count":14}"#.to_owned()),
    }
}

on_both!(
    what_is_filed_is_read_back,
    filed_again_it_takes_the_place_of_what_was,
    the_history_counts,
    an_inventory_tells_first_last_and_in_how_many,
    many_rows_fit,
);

async fn what_is_filed_is_read_back(bed: Bed) {
    let store = bed.open().await;
    let audit = audit("a", 1_000);
    store.file(&audit).await.unwrap();
    assert_eq!(store.filed("a").await.unwrap().unwrap(), audit.clone().sorted());
    assert_eq!(store.filed("b").await.unwrap(), None);
    store.file(&Filed { judged: String::new(), ..self::audit("c", 2_000) }).await.unwrap();
    for (id, judged) in [("a", Some(true)), ("b", None), ("c", Some(false))] {
        assert_eq!(store.is_judged(id).await.unwrap(), judged, "{id}");
    }
    // Another process sees the same.
    assert_eq!(bed.open().await.filed("a").await.unwrap().unwrap(), audit.sorted());
}

async fn filed_again_it_takes_the_place_of_what_was(bed: Bed) {
    let store = bed.open().await;
    store.file(&audit("a", 1_000)).await.unwrap();
    let mut again = audit("a", 1_000);
    again.findings.clear();
    again.things.truncate(1);
    store.file(&again).await.unwrap();
    assert_eq!(store.filed("a").await.unwrap().unwrap(), again.sorted());
    assert!(store.inventory("shop.test", ThingKind::Host).await.unwrap().is_empty());
    assert_eq!(store.history(None).await.unwrap().len(), 1);
}

async fn the_history_counts(bed: Bed) {
    let store = bed.open().await;
    store.file(&audit("a", 1_000)).await.unwrap();
    let mut stopped = audit("b", 2_000);
    (stopped.state, stopped.finished) = (AuditState::Stopped, None);
    stopped.visits[3].complete = false;
    stopped.findings.clear();
    store.file(&stopped).await.unwrap();
    let mut other = audit("c", 3_000);
    other.site = "other.test".to_owned();
    store.file(&other).await.unwrap();
    let history = store.history(Some("shop.test")).await.unwrap();
    let ids: Vec<&str> = history.iter().map(|a| a.id.as_str()).collect();
    assert_eq!(ids, ["b", "a"], "the latest first");
    assert_eq!((history[0].pages, history[0].visits, history[0].complete), (2, 4, 3));
    assert_eq!((history[0].state, history[0].finished), (AuditState::Stopped, None));
    assert!(history[0].findings.is_empty());
    assert_eq!(history[1].findings.get("high"), Some(&1));
    assert_eq!(store.history(None).await.unwrap().len(), 3);
    assert!(store.history(Some("nobody.test")).await.unwrap().is_empty());
}

async fn an_inventory_tells_first_last_and_in_how_many(bed: Bed) {
    let store = bed.open().await;
    for (id, started) in [("b", 2_000), ("a", 1_000), ("c", 3_000)] {
        let mut audit = audit(id, started);
        match id {
            "b" => audit.things[3].pages = 7,
            "c" => {
                audit.things.pop();
            }
            _ => {}
        }
        store.file(&audit).await.unwrap();
    }
    let vendors = store.inventory("shop.test", ThingKind::Vendor).await.unwrap();
    assert_eq!(vendors.len(), 1);
    let v = &vendors[0];
    assert_eq!((v.first_seen, v.last_seen, v.audits, v.out_of, v.pages), (1_000, 2_000, 2, 3, 7));
    assert_eq!(store.inventory("shop.test", ThingKind::Host).await.unwrap()[0].audits, 3);
    assert!(store.inventory("other.test", ThingKind::Host).await.unwrap().is_empty());
}

async fn many_rows_fit(bed: Bed) {
    let store = bed.open().await;
    let mut audit = audit("a", 1_000);
    audit.visits = (0..1_234)
        .map(|n| FiledVisit {
            ordinal: n,
            page: format!("https://www.shop.test/{n}"),
            ..audit.visits[0].clone()
        })
        .collect();
    audit.things =
        (0..1_001).map(|n| FiledThing { key: format!("h{n:04}.test"), ..audit.things[1].clone() }).collect();
    store.file(&audit).await.unwrap();
    assert_eq!(store.filed("a").await.unwrap().unwrap(), audit.sorted());
}

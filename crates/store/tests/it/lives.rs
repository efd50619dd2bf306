//! How findings stand after the last audit: *gone* only where it was looked for.

use affiant_store::{Filed, Standing, Store};

use crate::bed::{Bed, on_both};
use crate::kept::{audit, finding};

on_both!(new_then_open_then_gone, what_was_not_looked_at_is_not_gone, one_that_comes_back_stands_since_then);

async fn stands(store: &Store) -> Standing {
    let all = store.findings("shop.test").await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].standing
}

/// Looked everywhere, observed nothing.
fn clean(id: &str, started: i64) -> Filed {
    let mut audit = audit(id, started);
    audit.findings.clear();
    audit.verdicts[0].1 = "pass".to_owned();
    audit
}

async fn new_then_open_then_gone(bed: Bed) {
    let store = bed.open().await;
    assert!(store.findings("shop.test").await.unwrap().is_empty());
    store.file(&audit("a", 1_000)).await.unwrap();
    assert_eq!(stands(&store).await, Standing::New);
    let mut reworded = audit("b", 2_000);
    reworded.findings[0].title =
        "Microsoft Clarity received 3 requests before any choice was made".to_owned();
    store.file(&reworded).await.unwrap();
    assert_eq!(stands(&store).await, Standing::Open);
    store.file(&clean("c", 3_000)).await.unwrap();
    let gone = &store.findings("shop.test").await.unwrap()[0];
    assert_eq!((gone.standing, gone.audits), (Standing::Gone, 2));
    assert_eq!((gone.first_seen, gone.last_seen, gone.last_audit.as_str()), (1_000, 2_000, "b"));
    assert!(gone.title.contains("3 requests"));
}

async fn what_was_not_looked_at_is_not_gone(bed: Bed) {
    let store = bed.open().await;
    store.file(&audit("a", 1_000)).await.unwrap();
    type Change = fn(&mut Filed);
    let changes: [(&str, Change); 5] = [
        ("its rule came to no verdict", |a| a.verdicts[0].1 = "inconclusive".to_owned()),
        ("its rule was not asked", |a| a.verdicts.clear()),
        ("a page was not wholly seen", |a| a.visits[1].complete = false),
        ("a scenario was not lived", |a| a.visits.truncate(2)),
        ("it was another vantage", |a| a.vantage = "us-ca".to_owned()),
    ];
    for (why, change) in changes {
        let mut last = clean("b", 2_000);
        change(&mut last);
        store.file(&last).await.unwrap();
        assert_eq!(stands(&store).await, Standing::NotTestedAgain, "{why}");
    }
    let mut control = clean("b", 2_000);
    control.visits[0].control = true;
    store.file(&control).await.unwrap();
    assert_eq!(stands(&store).await, Standing::NotTestedAgain, "a control is another visitor");
    store.file(&clean("b", 2_000)).await.unwrap();
    assert_eq!(stands(&store).await, Standing::Gone);
}

async fn one_that_comes_back_stands_since_then(bed: Bed) {
    let store = bed.open().await;
    for (id, started) in [("a", 1_000), ("c", 3_000), ("d", 4_000)] {
        store.file(&audit(id, started)).await.unwrap();
    }
    store.file(&clean("b", 2_000)).await.unwrap();
    let f = &store.findings("shop.test").await.unwrap()[0];
    assert_eq!(
        (f.standing, f.first_seen, f.since, f.last_seen, f.audits),
        (Standing::Open, 1_000, 3_000, 4_000, 3)
    );
    assert_eq!(f.fingerprint, finding().fingerprint);
}

//! Audits in a store: what SQL says of them can be made again from their folders, and says the same.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use affiant_engine::{EngineError, folder, judge, kept, tool};
use affiant_record::audit::Plan;
use affiant_record::write::RecordWriter;
use affiant_record::{AuditFolder, Observation, VisitEntry, VisitRecord};
use affiant_store::{AuditState, Filed, Place, Standing, Store, ThingKind};

fn golden() -> VisitRecord {
    VisitRecord::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/record/v1")).unwrap()
}

fn plan(golden: &VisitRecord) -> Plan {
    Plan {
        start: golden.header.url.clone(),
        pages: Vec::new(),
        max_pages: 1,
        scenarios: vec![golden.header.scenario],
        controls: Vec::new(),
        returns: false,
        repeat: 1,
        vantage: golden.header.vantage.clone(),
        extra: Default::default(),
    }
}

/// Puts the golden record into an audit's folder, with a blob beside it, and ends the audit.
fn visited(mut folder: AuditFolder) -> AuditFolder {
    let golden = golden();
    let path = "visits/no-choice/000".to_owned();
    let mut writer = RecordWriter::create(&folder.dir.join(&path), golden.header.clone(), [7; 32]).unwrap();
    for line in &golden.lines {
        if !matches!(line.what, Observation::Header(_) | Observation::Footer(_)) {
            writer.write(line.t, line.what.clone()).unwrap();
        }
    }
    let footer = golden.footer.clone().unwrap();
    let digest = writer.seal(golden.end(), footer.clone()).unwrap();
    folder.manifest.visits.push(VisitEntry {
        path,
        session: "no-choice".to_owned(),
        ordinal: 0,
        scenario: golden.header.scenario,
        leg: None,
        control: false,
        url: golden.header.url.clone(),
        digest: Some(digest),
        outcome: Some(footer.outcome),
        extra: Default::default(),
    });
    folder.blobs().put(b"bytes that a page loaded").unwrap();
    folder.manifest.finished = Some("2026-11-29T23:05:00Z".to_owned());
    folder.save().unwrap();
    folder
}

/// An audit in a folder of its own, judged.
fn plain(dir: &Path, id: &str, started: &str) -> AuditFolder {
    let folder =
        AuditFolder::create(dir, id.to_owned(), tool(), started.to_owned(), plan(&golden())).unwrap();
    judged(visited(folder))
}

fn judged(audit: AuditFolder) -> AuditFolder {
    folder::append(&audit.dir, &judge(&audit).unwrap().judgement).unwrap();
    audit
}

async fn store(dir: &Path) -> (Place, Store) {
    let place = Place::Folder(dir.join("store"));
    let store = Store::open(&place).await.unwrap();
    (place, store)
}

async fn all(store: &Store) -> BTreeMap<String, Filed> {
    let mut out = BTreeMap::new();
    for audit in store.history(None).await.unwrap() {
        out.insert(audit.id.clone(), store.filed(&audit.id).await.unwrap().unwrap());
    }
    out
}

#[tokio::test]
async fn a_store_that_is_made_again_from_its_audits_equals_the_old_one() {
    let tmp = tempfile::tempdir().unwrap();
    let (place, store) = store(tmp.path()).await;
    for (id, started) in [("a", "2026-11-28T10:00:00Z"), ("b", "2026-11-29T10:00:00Z")] {
        plain(&tmp.path().join(id), id, started);
        let imported = kept::import(&store, &place, &tmp.path().join(id)).await.unwrap();
        assert_eq!((imported.id.as_str(), imported.there, imported.damaged.len()), (id, false, 0));
    }
    let killed = kept::make(&place, "c", "2026-11-29T11:00:00Z".to_owned(), plan(&golden())).unwrap();
    kept::file(&store, &killed, None).await.unwrap();
    let before = all(&store).await;
    assert_eq!(before.len(), 3);
    assert_eq!(before["c"].state, AuditState::Unfinished);
    let a = &before["a"];
    assert_eq!((a.state, a.visits.len(), a.site.is_empty()), (AuditState::Finished, 1, false));
    assert!(!a.findings.is_empty() && !a.verdicts.is_empty());
    for kind in [ThingKind::Tag, ThingKind::Vendor, ThingKind::Cookie, ThingKind::Host] {
        assert!(a.things.iter().any(|t| t.kind == kind), "{kind:?}");
    }
    assert!(store.findings(&a.site).await.unwrap().iter().all(|f| f.standing == Standing::NotTestedAgain));

    assert_eq!(kept::rebuild(&store).await.unwrap().changed, Vec::<String>::new(), "nothing was wrong");
    store.close().await;
    fs::remove_file(place.folder().join("store.db")).unwrap();
    let store = Store::open(&place).await.unwrap();
    assert!(all(&store).await.is_empty());
    let rebuilt = kept::rebuild(&store).await.unwrap();
    assert_eq!((rebuilt.audits, rebuilt.changed.len()), (3, 3));
    assert_eq!(all(&store).await, before);

    fs::remove_dir_all(place.audit("a")).unwrap();
    fs::create_dir(place.audit("no audit")).unwrap();
    let rebuilt = kept::rebuild(&store).await.unwrap();
    assert_eq!((rebuilt.gone, rebuilt.unread.len()), (vec!["a".to_owned()], 1));
    assert_eq!(all(&store).await.len(), 2);
}

#[tokio::test]
async fn an_import_is_whole_shares_blobs_and_happens_once() {
    let tmp = tempfile::tempdir().unwrap();
    let (place, store) = store(tmp.path()).await;
    let from = plain(&tmp.path().join("a"), "a", "2026-11-28T10:00:00Z");
    let blob = affiant_record::Digest::of(b"bytes that a page loaded");
    kept::import(&store, &place, &from.dir).await.unwrap();
    let kept = folder::open(&place.audit("a")).unwrap();
    assert_eq!(kept.blobs().get(&blob).unwrap(), b"bytes that a page loaded");
    assert_eq!(kept.manifest, from.manifest);
    assert!(place.folder().join("blobs").is_dir(), "all audits share them");
    assert!(kept::import(&store, &place, &from.dir).await.unwrap().there);
    assert_eq!(kept::named(&place, Path::new("a")), Some(place.audit("a")));
    assert_eq!(kept::named(&place, Path::new("../a")), None);
    assert_eq!(kept::named(&place, Path::new("b")), None);

    // Another audit of the same name is not taken for it.
    let other = plain(&tmp.path().join("other"), "a", "2026-11-29T10:00:00Z");
    let e = kept::import(&store, &place, &other.dir).await.unwrap_err();
    assert!(matches!(&e, EngineError::Request(why) if why.contains("another audit of the name a")), "{e}");
}

#[tokio::test]
async fn an_altered_blob_is_named_and_left_out_and_a_name_leads_nowhere_else() {
    let tmp = tempfile::tempdir().unwrap();
    let (place, store) = store(tmp.path()).await;
    let from = plain(&tmp.path().join("a"), "a", "2026-11-28T10:00:00Z");
    let blob = affiant_record::Digest::of(b"bytes that a page loaded");
    fs::write(from.blobs().path(&blob), b"others").unwrap();
    let imported = kept::import(&store, &place, &from.dir).await.unwrap();
    assert_eq!(imported.damaged.len(), 1, "{imported:?}");
    assert!(folder::open(&place.audit("a")).unwrap().blobs().get(&blob).is_err());

    for name in ["../b", "/b", ".hidden", "a/b"] {
        let dir = tmp.path().join(format!("hostile-{}", name.len()));
        let mut hostile = plain(&dir, "a", "2026-11-28T10:00:00Z");
        hostile.manifest.id = name.to_owned();
        hostile.save().unwrap();
        let e = kept::import(&store, &place, &dir).await.unwrap_err().to_string();
        assert!(e.contains("no name of a folder"), "{name}: {e}");
    }
}

#[tokio::test]
async fn two_audits_that_begin_at_once_have_folders_of_their_own() {
    let tmp = tempfile::tempdir().unwrap();
    let (place, store) = store(tmp.path()).await;
    let make =
        || kept::make(&place, "www.shop.test-20261129-230500", "now".to_owned(), plan(&golden())).unwrap();
    let (first, second) = (make(), make());
    assert_eq!(second.manifest.id, format!("{}-2", first.manifest.id));
    let first = judged(visited(first));
    kept::file(&store, &first, Some(&judge(&first).unwrap())).await.unwrap();
    kept::file(&store, &second, None).await.unwrap();
    assert_eq!(all(&store).await.len(), 2);
}

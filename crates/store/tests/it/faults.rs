//! What is said when a store cannot be used, and that nothing is changed then.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use affiant_store::{Place, Store, StoreError};
use sqlx::{Connection as _, SqliteConnection};

use crate::bed::{Bed, on_both};
use crate::kept::audit;

on_both!(many_starts_at_once, many_writers_at_once);

async fn many_starts_at_once(bed: Bed) {
    let all: Vec<_> = (0..8)
        .map(|n| {
            let place = bed.place.clone();
            tokio::spawn(async move {
                let store = Store::open(&place).await.unwrap();
                store.file(&audit(&format!("a{n}"), 1_000 + n)).await.unwrap();
            })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    assert_eq!(bed.open().await.history(None).await.unwrap().len(), 8);
}

/// The same audit from several processes: one of them after the other.
async fn many_writers_at_once(bed: Bed) {
    bed.open().await;
    let all: Vec<_> = (0..8)
        .map(|_| {
            let place = bed.place.clone();
            tokio::spawn(async move {
                let store = Store::open(&place).await.unwrap();
                for _ in 0..5 {
                    store.file(&audit("a", 1_000)).await.unwrap();
                }
            })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    assert_eq!(bed.open().await.filed("a").await.unwrap().unwrap(), audit("a", 1_000).sorted());
}

async fn error(place: &Place) -> StoreError {
    Store::open(place).await.expect_err("it cannot be opened")
}

#[tokio::test]
async fn a_damaged_database_is_named_and_the_way_out_too() {
    let bed = Bed::sqlite().await;
    let store = bed.open().await;
    store.file(&audit("a", 1_000)).await.unwrap();
    store.close().await;
    let file = bed.place.folder().join("store.db");
    fs::write(&file, "this is no database, and it is longer than a header of one would be: ".repeat(20))
        .unwrap();
    for beside in ["store.db-wal", "store.db-shm"] {
        let _ = fs::remove_file(bed.place.folder().join(beside));
    }
    let said = error(&bed.place).await;
    assert!(matches!(said, StoreError::Damaged { .. }), "{said}");
    assert!(said.to_string().contains("audits are safe") && said.to_string().contains("rebuild"), "{said}");
}

#[tokio::test]
async fn a_newer_store_is_refused_and_not_changed() {
    let bed = Bed::sqlite().await;
    bed.open().await.close().await;
    let url = format!("sqlite://{}", bed.place.folder().join("store.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'later', 1, x'00', 1)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let said = error(&bed.place).await;
    assert!(matches!(said, StoreError::Newer { found: 9999, .. }), "{said}");
    assert!(said.to_string().contains("newer affiant"), "{said}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let said = error(&Place::Folder(dir.path().join("file/store"))).await.to_string();
    assert!(said.contains("cannot make the folder") && said.contains("file/store"), "{said}");
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_to_is_named() {
    let bed = Bed::sqlite().await;
    bed.open().await;
    let folder = bed.place.folder();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).unwrap();
    let writable = fs::write(folder.join("probe"), "").is_ok();
    let opened = Store::open(&bed.place).await;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    // The superuser may write everywhere.
    if !writable {
        let said = opened.err().unwrap().to_string();
        assert!(said.contains(&folder.display().to_string()), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::Server {
        url: "postgres://me:secret@127.0.0.1:9/none".to_owned(),
        audits: dir.path().to_owned(),
    };
    let said = tokio::time::timeout(std::time::Duration::from_secs(20), error(&place)).await.unwrap();
    assert!(said.may_pass(), "{said:?}");
    let said = said.to_string();
    assert!(
        said.contains("127.0.0.1:9/none") && said.contains("server runs") && !said.contains("secret"),
        "{said}"
    );
}

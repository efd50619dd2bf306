//! Brings a database's schema up to date: migrations of equal names for both, only ever forward.

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::db::{Db, Kind};
use crate::{StoreError, private};

/// A migration: its name, and its SQL for each database.
struct Named {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! named {
    ($($name:literal),+ $(,)?) => {
        [$(Named {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }),+]
    };
}

/// In order. What was released is never changed.
const ALL: [Named; 4] = named!["0001_first", "0002_workers", "0003_watch", "0004_tokens"];

/// Brings it up to date. Several processes may do so at once: on PostgreSQL the migrator locks, for a file [`lock`] is held.
pub(crate) async fn run(db: &Db) -> Result<(), StoreError> {
    let migrator = migrator(db.kind());
    let known = migrator.iter().map(|m| m.version).max().unwrap_or_default();
    let doing = "cannot be brought up to date";
    migrator.run(db.pool()).await.map_err(|e| match e {
        MigrateError::VersionMissing(found) => {
            StoreError::Newer { store: db.name().to_owned(), found, known }
        }
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => db.error(doing)(source),
        other => db.error(doing)(sqlx::Error::Migrate(Box::new(other))),
    })
}

fn migrator(kind: Kind) -> Migrator {
    let migrations = (1..).zip(ALL).map(|(version, named)| {
        let sql = match kind {
            Kind::Sqlite => named.sqlite,
            Kind::Postgres => named.postgres,
        };
        Migration::new(version, named.name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator { migrations: migrations.collect(), ..Migrator::DEFAULT }
}

/// A database file is opened for the first time, and brought up to date, by one process at a time. Held until dropped.
pub(crate) async fn lock(database: &Path) -> Result<File, StoreError> {
    let path = database.with_extension("lock");
    // Waiting for it must not keep whoever holds it from going on.
    let locked = tokio::task::spawn_blocking({
        let path = path.clone();
        move || wait_for(path)
    });
    let ended = |e| StoreError::File { doing: "cannot lock", path, source: std::io::Error::other(e) };
    locked.await.map_err(ended)?
}

fn wait_for(path: PathBuf) -> Result<File, StoreError> {
    let file = |doing| {
        let path = path.clone();
        move |source| StoreError::File { doing, path, source }
    };
    let lock = private::file(&path).map_err(file("cannot make"))?;
    lock.lock().map_err(file("cannot lock"))?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_migration_of_both_and_numbered_in_order() {
        let names: Vec<String> = ALL.iter().map(|m| format!("{}.sql", m.name)).collect();
        assert!((1..).zip(&names).all(|(n, name)| name.starts_with(&format!("{n:04}_"))), "{names:?}");
        for database in ["sqlite", "postgres"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|f| f.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            assert_eq!(files, names, "{database}");
        }
    }
}

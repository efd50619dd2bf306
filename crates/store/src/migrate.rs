//! Brings a database's schema up to date: migrations of equal names for both, only ever forward.

use std::fs::File;
use std::path::Path;

use sqlx::migrate::{MigrateError, Migrator};

use crate::StoreError;
use crate::db::{Db, Kind};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Brings it up to date. Several processes may do so at once: on PostgreSQL the migrator locks, beside a file a lock is held.
pub(crate) async fn run(db: &Db, file: Option<&Path>) -> Result<(), StoreError> {
    let migrator = match db.kind() {
        Kind::Sqlite => &SQLITE,
        Kind::Postgres => &POSTGRES,
    };
    let _lock = match file.map(Path::to_owned) {
        // Waiting for it must not keep whoever holds it from going on.
        Some(file) => tokio::task::spawn_blocking(move || lock(&file)).await.ok().transpose()?,
        None => None,
    };
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

/// Held until dropped.
fn lock(database: &Path) -> Result<File, StoreError> {
    let path = database.with_extension("lock");
    let file = |doing| {
        let path = path.clone();
        move |source| StoreError::File { doing, path, source }
    };
    let lock = File::create(&path).map_err(file("cannot make"))?;
    lock.lock().map_err(file("cannot lock"))?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_have_the_same_migrations() {
        let names =
            |m: &Migrator| m.iter().map(|m| (m.version, m.description.to_string())).collect::<Vec<_>>();
        assert_eq!(names(&SQLITE), names(&POSTGRES));
        assert!(!names(&SQLITE).is_empty());
    }
}

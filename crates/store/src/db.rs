//! One database, SQLite or PostgreSQL, behind one SQL text.
//!
//! Queries are written once and are the same on both, but for a few words that are filled in: `{now}` is the database's
//! clock in milliseconds, `{skip}` keeps two workers from waiting for one row where rows can be locked.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::any::{AnyArguments, AnyConnectOptions, AnyPoolOptions};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Transaction};

use crate::migrate;
use crate::{Place, StoreError, private};

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file, for one machine.
    Sqlite,
    /// A server, for several.
    Postgres,
}

/// An open database, its schema brought up to date.
#[derive(Debug, Clone)]
pub(crate) struct Db {
    pool: AnyPool,
    kind: Kind,
    /// How errors name it.
    name: String,
}

/// Name of the database file in a store's folder.
const FILE: &str = "store.db";
/// How long a lock, or a connection, is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const PRAGMAS: [&str; 4] = [
    "pragma busy_timeout = 30000",
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
];

/// A machine that falls asleep in the middle of a transaction must not keep all others waiting.
const SETTINGS: [&str; 2] = ["set idle_in_transaction_session_timeout = '10s'", "set lock_timeout = '30s'"];

impl Db {
    /// Opens the database of a store; a file is made if it is not there.
    pub(crate) async fn open(place: &Place) -> Result<Db, StoreError> {
        let folder = place.folder();
        private::folder(folder).map_err(|source| StoreError::File {
            doing: "cannot make the folder of the store",
            path: folder.to_owned(),
            source,
        })?;
        let (url, kind, connections) = match place {
            Place::Folder(folder) => {
                (format!("sqlite://{}?mode=rwc", escaped(&folder.join(FILE))), Kind::Sqlite, 4)
            }
            Place::Server { url, .. } => (url.clone(), Kind::Postgres, 8),
        };
        // The first connection turns the file's journal over, which two at once cannot do.
        let _lock = match kind {
            Kind::Sqlite => Some(migrate::lock(&folder.join(FILE)).await?),
            Kind::Postgres => None,
        };
        if kind == Kind::Sqlite {
            // What SQLite puts beside it gets the same mode.
            let path = folder.join(FILE);
            let made = private::file(&path);
            made.map_err(|source| StoreError::File { doing: "cannot make", path, source })?;
        }
        let db = Db::connect(&url, kind, connections, place.to_string()).await?;
        migrate::run(&db).await?;
        Ok(db)
    }

    async fn connect(url: &str, kind: Kind, connections: u32, name: String) -> Result<Db, StoreError> {
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(url).map_err(|_| StoreError::Address(name.clone()))?;
        let cannot = |e| StoreError::of(&name, "cannot be opened", e);
        // A pool tries again until its patience ends; who opens a store wants to know at once.
        let mut first = AnyConnection::connect_with(&options).await.map_err(cannot)?;
        prepare(&mut first, kind).await.map_err(cannot)?;
        first.close().await.map_err(cannot)?;
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .after_connect(move |c, _| Box::pin(prepare(c, kind)))
            .connect_with(options)
            .await
            .map_err(cannot)?;
        Ok(Db { pool, kind, name })
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// For `map_err`: what was being done.
    pub(crate) fn error(&self, doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
        let name = self.name.clone();
        move |e| StoreError::of(&name, doing, e)
    }

    /// A query for this database. Values are bound, never written into the text.
    pub(crate) fn query(&self, text: &str) -> Query<'static, Any, AnyArguments> {
        let (now, skip) = match self.kind {
            Kind::Sqlite => ("cast(unixepoch('subsec') * 1000 as integer)", ""),
            Kind::Postgres => {
                ("cast(extract(epoch from clock_timestamp()) * 1000 as bigint)", "for update skip locked")
            }
        };
        sqlx::query(AssertSqlSafe(text.replace("{now}", now).replace("{skip}", skip)))
    }

    /// A transaction that may write: on SQLite it takes its place in the queue of writers at once, or of two that read first
    /// one would fail.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let begun = match self.kind {
            Kind::Sqlite => self.pool.begin_with("begin immediate").await,
            Kind::Postgres => self.pool.begin().await,
        };
        begun.map_err(self.error("cannot be written to"))
    }

    /// The same, and nobody else does this until it ends.
    pub(crate) async fn begin_alone(&self, what: Alone) -> Result<Transaction<'static, Any>, StoreError> {
        let mut tx = self.begin().await?;
        if self.kind == Kind::Postgres {
            let lock = self.query("select pg_advisory_xact_lock($1)").bind(what as i64);
            lock.execute(&mut *tx).await.map_err(self.error("cannot be locked"))?;
        }
        Ok(tx)
    }
}

/// Things of which one is done at a time, by all processes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Alone {
    /// Claiming: how many of a site run is counted, and two who count at once would both take the last place.
    Claim = 7_238_701,
    /// Filing: what was kept of an audit goes, what is new comes.
    File = 7_238_702,
}

/// What each connection needs.
async fn prepare(connection: &mut AnyConnection, kind: Kind) -> Result<(), sqlx::Error> {
    let all: &[&str] = match kind {
        Kind::Sqlite => &PRAGMAS,
        Kind::Postgres => &SETTINGS,
    };
    for one in all {
        sqlx::query(*one).execute(&mut *connection).await?;
    }
    Ok(())
}

/// `($1, $2), ($3, $4)`: so many rows of so many values.
pub(crate) fn rows(rows: usize, values: usize) -> String {
    let row = |r: usize| {
        let places: Vec<String> = (1..=values).map(|v| format!("${}", r * values + v)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// A path as part of a URL.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

//! What can go wrong with the store, and what to do then. What was recorded stays in any case: audits are folders.

use std::path::PathBuf;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The text names no place that can be one.
    #[error("'{0}' is no store: give a folder, or postgres://USER@HOST/DATABASE")]
    Address(String),
    /// A server without a folder.
    #[error(
        "a store on a database server also needs a folder for the audits themselves: give it with --store-folder or \
         AFFIANT_STORE_FOLDER"
    )]
    NoFolder,
    /// A folder with a second one.
    #[error(
        "a store in a folder keeps its audits there: leave the second folder out, or name a database server"
    )]
    TwoFolders,
    /// The database cannot be reached, or refused something.
    #[error("the store {store} {doing}: {}", said(source))]
    Database {
        /// Where it is.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// The cause.
        source: sqlx::Error,
    },
    /// The database file is damaged.
    #[error(
        "the database of the store {store} is damaged ({}). The audits are safe: they are folders beside it. Move {store}/store.db \
         away and run `affiant store rebuild`",
        said(source)
    )]
    Damaged {
        /// Where it is.
        store: String,
        /// The cause.
        source: sqlx::Error,
    },
    /// A newer affiant wrote the store.
    #[error(
        "the store {store} was written by a newer affiant (its schema is {found}, this one knows {known}): nothing was \
         changed; use that version"
    )]
    Newer {
        /// Where it is.
        store: String,
        /// Its last migration.
        found: i64,
        /// The last one known here.
        known: i64,
    },
    /// No answer came.
    #[error("the store does not answer: check that its database runs and can be reached")]
    Silent,
    /// Workers are making the audit.
    #[error(
        "workers are making the audit {audit} (store {store}): wait for its end, or stop it with `affiant jobs {audit} --cancel`"
    )]
    Busy {
        /// Where it is.
        store: String,
        /// Its name.
        audit: String,
    },
    /// A row that this affiant would not have written.
    #[error(
        "the store {store} holds something that cannot be read ({what}): run `affiant store rebuild`, which makes it again from \
         the audits"
    )]
    Row {
        /// Where it is.
        store: String,
        /// What is wrong.
        what: String,
    },
    /// A file of the store.
    #[error("{doing} {}: {source}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Whether another try may do better: the database is away, or busy.
    pub fn may_pass(&self) -> bool {
        let source = match self {
            StoreError::Silent => return true,
            StoreError::Database { source, .. } => source,
            _ => return false,
        };
        match source {
            // A connection that is cut while it is made is no right answer (`Protocol`).
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => true,
            // PostgreSQL: class 08 is the connection, 57P the server that shuts down or starts, 40 a conflict, 25P03 a
            // transaction that took too long, 55P03 a lock that was waited for too long. SQLite: 5 is a file that is held.
            sqlx::Error::Database(e) => e.code().is_some_and(|c| {
                ["08", "57P", "40", "25P03", "55P03"].iter().any(|class| c.starts_with(class)) || c == "5"
            }),
            _ => false,
        }
    }

    /// A database's error, told for what it is.
    pub(crate) fn of(store: &str, doing: &'static str, source: sqlx::Error) -> StoreError {
        let store = store.to_owned();
        // SQLite: 11 is a file that is not whole, 26 one that is none of its own.
        let damaged = primary(&source).is_some_and(|c| c == 11 || c == 26);
        if damaged {
            StoreError::Damaged { store, source }
        } else {
            StoreError::Database { store, doing, source }
        }
    }
}

/// SQLite's primary code of an error; PostgreSQL's codes have five places.
fn primary(e: &sqlx::Error) -> Option<u32> {
    let code = e.as_database_error()?.code()?;
    if code.len() == 5 && code.chars().any(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    code.parse::<u32>().ok().map(|c| c & 0xff)
}

/// What the database said, and what to do about it.
fn said(e: &sqlx::Error) -> String {
    let advice = match (primary(e), e) {
        (Some(8), _) => "; nobody may write there: check who owns the folder, or name another with --store",
        (Some(13), _) => "; the disk is full: make room, nothing that was recorded is lost",
        (Some(14), _) => {
            "; check that the folder is there and may be written to, or name another with --store"
        }
        (Some(5), _) => "; another process holds it: try again",
        (None, sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) => {
            "; check that the server runs and can be reached, and try again"
        }
        _ => "",
    };
    match e.as_database_error() {
        Some(d) => format!("{}{advice}", d.message()),
        None => format!("{e}{advice}"),
    }
}

//! A fresh store of each kind.

use affiant_store::{Place, Store};
use sqlx::Connection as _;
use tempfile::TempDir;

use crate::database;

/// A place for a store, and what must live as long as it.
pub(crate) struct Bed {
    pub(crate) place: Place,
    _dir: TempDir,
}

impl Bed {
    pub(crate) async fn sqlite() -> Bed {
        let dir = tempfile::tempdir().unwrap();
        Bed { place: Place::Folder(dir.path().join("a store")), _dir: dir }
    }

    /// A database of its own on the server that `cargo xtask test` starts.
    pub(crate) async fn postgres() -> Bed {
        let dir = tempfile::tempdir().unwrap();
        let url = database::fresh("store").await;
        Bed { place: Place::Server { url, audits: dir.path().to_owned() }, _dir: dir }
    }

    /// Does something to the database that no affiant would.
    pub(crate) async fn sql(&self, text: &'static str) {
        sqlx::any::install_default_drivers();
        let url = match &self.place {
            Place::Folder(folder) => format!("sqlite://{}", folder.join("store.db").display()),
            Place::Server { url, .. } => url.clone(),
        };
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        sqlx::query(text).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.place).await.unwrap()
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

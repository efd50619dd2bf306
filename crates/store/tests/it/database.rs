//! A fresh database on the PostgreSQL server that `cargo xtask test` starts. Tests of other crates use this file too.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Its address; `of` begins its name.
pub(crate) async fn fresh(of: &str) -> String {
    let server = std::env::var("AFFIANT_TEST_POSTGRES")
        .expect("AFFIANT_TEST_POSTGRES names no server: run `cargo xtask test`, which starts one");
    let name = format!("{of}_{:016x}", rand::random::<u64>());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let (host, _) = server.rsplit_once('/').unwrap();
    format!("{host}/{name}")
}

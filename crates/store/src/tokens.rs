//! What programs prove themselves with. Tokens come here as digests.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::{Store, StoreError};

/// Ms after which a use is written down again.
const USED_AGAIN: i64 = 60_000;

/// What a program may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum May {
    /// Look.
    Read,
    /// Look, start audits, and change what is watched.
    Write,
}

impl May {
    fn word(self) -> &'static str {
        match self {
            May::Read => "read",
            May::Write => "write",
        }
    }
}

/// A program that may use the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its name in addresses.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it may do.
    pub may: May,
    /// The account that made it.
    pub account: String,
    /// When it was made, ms since the Unix epoch.
    pub created: i64,
    /// When it was last used, to the minute.
    pub used: Option<i64>,
}

impl Store {
    /// Puts a token in; `digest` is of what the program says.
    pub async fn add_token(&self, token: &Token, digest: &str) -> Result<(), StoreError> {
        let query = self.db.query(
            "insert into token (id, name, digest, may, account, created) values ($1, $2, $3, $4, $5, {now})",
        );
        let query = query
            .bind(token.id.clone())
            .bind(token.name.clone())
            .bind(digest.to_owned())
            .bind(token.may.word())
            .bind(token.account.clone());
        query.execute(self.db.pool()).await.map_err(self.db.error("did not take the token"))?;
        Ok(())
    }

    /// Takes a token away. Whether it was there.
    pub async fn remove_token(&self, id: &str) -> Result<bool, StoreError> {
        let query = self.db.query("delete from token where id = $1").bind(id.to_owned());
        let done = query.execute(self.db.pool()).await.map_err(self.db.error("did not remove the token"))?;
        Ok(done.rows_affected() == 1)
    }

    /// All tokens, the oldest first.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let error = self.db.error("did not list its tokens");
        let rows = self.db.query("select * from token order by created, id").fetch_all(self.db.pool()).await;
        rows.map_err(&error)?.iter().map(|r| read(r).map_err(&error)).collect()
    }

    /// The token of this digest, which is used now.
    pub async fn use_token(&self, digest: &str) -> Result<Option<Token>, StoreError> {
        let error = self.db.error("did not say whose token it is");
        let query = self.db.query("select * from token where digest = $1").bind(digest.to_owned());
        let row = query.fetch_optional(self.db.pool()).await.map_err(&error)?;
        let Some(token) = row.map(|r| read(&r)).transpose().map_err(&error)? else { return Ok(None) };
        let query = self
            .db
            .query("update token set used = {now} where id = $1 and (used is null or used < {now} - $2)");
        let query = query.bind(token.id.clone()).bind(USED_AGAIN);
        query.execute(self.db.pool()).await.map_err(&error)?;
        Ok(Some(token))
    }
}

fn read(row: &AnyRow) -> Result<Token, sqlx::Error> {
    let may: String = row.try_get("may")?;
    Ok(Token {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        // What a later version may write allows nothing more here.
        may: if may == May::Write.word() { May::Write } else { May::Read },
        account: row.try_get("account")?,
        created: row.try_get("created")?,
        used: row.try_get("used")?,
    })
}

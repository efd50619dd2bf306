//! Who may look: accounts, and the browsers that have logged in. Passwords come here as digests, cookies too.

use serde::Serialize;
use sqlx::Row as _;

use crate::{Store, StoreError};

/// Somebody who may look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The password's digest, in the form of the PHC string format.
    #[serde(skip)]
    pub password: String,
}

/// A browser that has logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Whose.
    pub account: String,
    /// What its forms must say.
    pub csrf: String,
}

impl Store {
    /// Puts an account in, if there is none of that name. Whether it is new.
    pub async fn add_account(&self, account: &Account) -> Result<bool, StoreError> {
        let query = self.db.query(
            "insert into account (name, password, created) values ($1, $2, {now}) on conflict (name) do nothing",
        );
        let query = query.bind(account.name.clone()).bind(account.password.clone());
        let done = query.execute(self.db.pool()).await.map_err(self.db.error("did not take the account"))?;
        Ok(done.rows_affected() == 1)
    }

    /// The account of this name.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let error = self.db.error("did not tell of the account");
        let query = self.db.query("select name, password from account where name = $1").bind(name.to_owned());
        let row = query.fetch_optional(self.db.pool()).await.map_err(&error)?;
        let read =
            |r: sqlx::any::AnyRow| Ok(Account { name: r.try_get("name")?, password: r.try_get("password")? });
        row.map(read).transpose().map_err(&error)
    }

    /// Whether there is any account yet.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        let query = self.db.query("select 1 from account limit 1");
        let row = query.fetch_optional(self.db.pool()).await;
        Ok(row.map_err(self.db.error("did not say whether it has accounts"))?.is_some())
    }

    /// Lets a browser in for so long, in ms; `id` is the digest of its cookie. Those whose time is over go.
    pub async fn add_login(&self, id: &str, login: &Login, lasts: i64) -> Result<(), StoreError> {
        let error = self.db.error("did not take the login");
        self.db
            .query("delete from login where expires < {now}")
            .execute(self.db.pool())
            .await
            .map_err(&error)?;
        let query =
            self.db.query("insert into login (id, account, csrf, expires) values ($1, $2, $3, {now} + $4)");
        let query =
            query.bind(id.to_owned()).bind(login.account.clone()).bind(login.csrf.clone()).bind(lasts);
        query.execute(self.db.pool()).await.map_err(&error)?;
        Ok(())
    }

    /// Who is behind a cookie of this digest.
    pub async fn login(&self, id: &str) -> Result<Option<Login>, StoreError> {
        let error = self.db.error("did not say who is logged in");
        let query = self.db.query("select account, csrf from login where id = $1 and expires > {now}");
        let row = query.bind(id.to_owned()).fetch_optional(self.db.pool()).await.map_err(&error)?;
        let read =
            |r: sqlx::any::AnyRow| Ok(Login { account: r.try_get("account")?, csrf: r.try_get("csrf")? });
        row.map(read).transpose().map_err(&error)
    }

    /// Lets a browser out.
    pub async fn remove_login(&self, id: &str) -> Result<(), StoreError> {
        let query = self.db.query("delete from login where id = $1").bind(id.to_owned());
        query.execute(self.db.pool()).await.map_err(self.db.error("did not log the browser out"))?;
        Ok(())
    }
}

//! Where alerts go.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::{Store, StoreError};

/// Where alerts of one property, or of all, go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// Its name.
    pub id: String,
    /// The property; none: all of them.
    pub property: Option<String>,
    /// `email`, `webhook` or `slack`.
    pub kind: String,
    /// Whom or where: an e-mail's address, a web hook's.
    pub target: String,
    /// What a web hook is signed with; empty where there is none.
    #[serde(skip)]
    pub secret: String,
    /// When it was put in, ms since the Unix epoch.
    pub created: i64,
}

impl Store {
    /// Puts a channel in.
    pub async fn add_channel(&self, channel: &Channel) -> Result<(), StoreError> {
        let query = self.db.query(
            "insert into channel (id, property, kind, target, secret, created) values ($1, $2, $3, $4, $5, {now})",
        );
        let query = query
            .bind(channel.id.clone())
            .bind(channel.property.clone())
            .bind(channel.kind.clone())
            .bind(channel.target.clone())
            .bind(channel.secret.clone());
        query.execute(self.db.pool()).await.map_err(self.db.error("did not take the channel"))?;
        Ok(())
    }

    /// Takes a channel away. Whether it was there.
    pub async fn remove_channel(&self, id: &str) -> Result<bool, StoreError> {
        let query = self.db.query("delete from channel where id = $1").bind(id.to_owned());
        let done =
            query.execute(self.db.pool()).await.map_err(self.db.error("did not remove the channel"))?;
        Ok(done.rows_affected() == 1)
    }

    /// The channel of this name.
    pub async fn channel(&self, id: &str) -> Result<Option<Channel>, StoreError> {
        Ok(self.channels().await?.into_iter().find(|c| c.id == id))
    }

    /// All channels, the oldest first.
    pub async fn channels(&self) -> Result<Vec<Channel>, StoreError> {
        let error = self.db.error("did not list its channels");
        let rows =
            self.db.query("select * from channel order by created, id").fetch_all(self.db.pool()).await;
        rows.map_err(&error)?.iter().map(|r| read(r).map_err(&error)).collect()
    }
}

fn read(row: &AnyRow) -> Result<Channel, sqlx::Error> {
    Ok(Channel {
        id: row.try_get("id")?,
        property: row.try_get("property")?,
        kind: row.try_get("kind")?,
        target: row.try_get("target")?,
        secret: row.try_get("secret")?,
        created: row.try_get("created")?,
    })
}

//! The sites that are watched.

use serde::Serialize;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::{Store, StoreError};

/// A site that the user owns or answers for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Its name in addresses.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Registrable domain of its start.
    pub site: String,
    /// What each of its audits is asked for, as JSON; with secrets.
    #[serde(skip)]
    pub request: String,
    /// When it was put in, ms since the Unix epoch.
    pub created: i64,
}

impl Store {
    /// Puts a property in; one that is there is not written over. Whether it is new.
    pub async fn add_property(&self, property: &Property) -> Result<bool, StoreError> {
        let query = self.db.query(
            "insert into property (id, name, site, request, created) values ($1, $2, $3, $4, {now}) on conflict (id) do nothing",
        );
        let query = query
            .bind(property.id.clone())
            .bind(property.name.clone())
            .bind(property.site.clone())
            .bind(property.request.clone());
        let done = query.execute(self.db.pool()).await.map_err(self.db.error("did not take the property"))?;
        Ok(done.rows_affected() == 1)
    }

    /// Changes a property's name, or what its audits are asked for. Whether it is there.
    pub async fn change_property(&self, property: &Property) -> Result<bool, StoreError> {
        let query = self.db.query("update property set name = $1, site = $2, request = $3 where id = $4");
        let query = query
            .bind(property.name.clone())
            .bind(property.site.clone())
            .bind(property.request.clone())
            .bind(property.id.clone());
        let done =
            query.execute(self.db.pool()).await.map_err(self.db.error("did not change the property"))?;
        Ok(done.rows_affected() == 1)
    }

    /// The property of this name.
    pub async fn property(&self, id: &str) -> Result<Option<Property>, StoreError> {
        let error = self.db.error("did not tell of the property");
        let query = self.db.query("select * from property where id = $1").bind(id.to_owned());
        let row = query.fetch_optional(self.db.pool()).await.map_err(&error)?;
        row.map(|r| read(&r)).transpose().map_err(&error)
    }

    /// All properties, by name.
    pub async fn properties(&self) -> Result<Vec<Property>, StoreError> {
        let error = self.db.error("did not list its properties");
        let rows = self.db.query("select * from property order by name, id").fetch_all(self.db.pool()).await;
        rows.map_err(&error)?.iter().map(|r| read(r).map_err(&error)).collect()
    }

    /// Watches a property no more, with its schedule and channels. Its audits stay.
    pub async fn remove_property(&self, id: &str) -> Result<bool, StoreError> {
        let query = self.db.query("delete from property where id = $1").bind(id.to_owned());
        let done =
            query.execute(self.db.pool()).await.map_err(self.db.error("did not remove the property"))?;
        Ok(done.rows_affected() == 1)
    }
}

fn read(row: &AnyRow) -> Result<Property, sqlx::Error> {
    Ok(Property {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        site: row.try_get("site")?,
        request: row.try_get("request")?,
        created: row.try_get("created")?,
    })
}

//! The store that a command means, and the audits in it.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};

use affiant_engine::{Judged, kept};
use affiant_record::AuditFolder;
use affiant_store::{Place, Store};
use anyhow::{Context as _, bail};

use crate::args::StoreArgs;
use crate::config::Config;

impl StoreArgs {
    /// Where the store is: as the flags say, else the environment, else the configuration, else in the user's own data folder.
    pub(crate) fn place(&self, config: &Config) -> anyhow::Result<Place> {
        let folder = self.store_folder.clone().or_else(|| config.store_folder());
        match self.store.clone().or_else(|| config.store()) {
            Some(text) => {
                // It may have been set for another store than the folder that a flag names.
                let folder = folder.filter(|_| self.store_folder.is_some() || text.contains("://"));
                Ok(Place::read(&text, folder.as_deref())?)
            }
            None if self.store_folder.is_some() => {
                bail!("--store-folder goes with --store postgres://USER@HOST/DATABASE")
            }
            None => Ok(Place::Folder(default()?)),
        }
    }
}

fn default() -> anyhow::Result<PathBuf> {
    let named = |variable| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = named("XDG_DATA_HOME").filter(|p| p.is_absolute());
    let data = data.or_else(|| named("HOME").map(|home| home.join(".local/share")));
    Ok(data
        .context("this user has no home folder: name the store with --store or AFFIANT_STORE")?
        .join("affiant"))
}

/// Runs what needs the database.
pub(crate) fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Runtime::new().context("cannot start the async runtime")?.block_on(work)
}

/// The folder of the audit that a user names: a folder, or the name of one in the store.
pub(crate) fn folder(audit: &Path, store: &StoreArgs, config: &Config) -> anyhow::Result<PathBuf> {
    if audit.exists() {
        return Ok(audit.to_owned());
    }
    let place = store.place(config)?;
    kept::named(&place, audit).with_context(|| {
        format!(
            "there is no folder {}, and no audit of that name in the store {place}: `affiant history` lists them",
            audit.display()
        )
    })
}

/// Files an audit anew if it lies in the store; a plain folder stays one.
pub(crate) async fn file(
    folder: &AuditFolder,
    judged: Option<&Judged>,
    store: &StoreArgs,
    config: &Config,
) -> anyhow::Result<()> {
    let Some(place) = home(&folder.dir, store, config) else { return Ok(()) };
    let filed = async {
        let store = Store::open(&place).await?;
        kept::file(&store, folder, judged).await?;
        store.close().await;
        anyhow::Ok(())
    };
    filed.await.with_context(|| unfiled(&place))
}

/// Refuses an audit of the store that workers are making.
pub(crate) async fn not_busy(dir: &Path, store: &StoreArgs, config: &Config) -> anyhow::Result<()> {
    let Some(place) = home(dir, store, config) else { return Ok(()) };
    let store = Store::open(&place).await?;
    let id = dir.file_name().unwrap_or_default().to_string_lossy();
    store.not_busy(&id).await?;
    store.close().await;
    Ok(())
}

/// The store, if this folder lies in it.
fn home(dir: &Path, store: &StoreArgs, config: &Config) -> Option<Place> {
    let place = store.place(config).ok()?;
    let dir = fs::canonicalize(dir).ok()?;
    let there = fs::canonicalize(place.audit(dir.file_name()?.to_str()?)).ok()?;
    (dir == there).then_some(place)
}

/// What to know when an audit could not be filed.
pub(crate) fn unfiled(place: &Place) -> String {
    format!(
        "the audit is whole in its folder, but the store {place} does not list it as it is: run `affiant store rebuild` once \
         that is mended"
    )
}

/// The site that a user names, if the store has audits of it.
pub(crate) async fn site(store: &Store, text: &str) -> anyhow::Result<String> {
    let site = kept::site(text);
    if store.history(Some(&site)).await?.is_empty() {
        let mut others: Vec<String> = store.history(None).await?.into_iter().map(|a| a.site).collect();
        others.sort();
        others.dedup();
        let others = if others.is_empty() {
            "it has none yet: `affiant audit URL` makes one, `affiant store import DIR` takes one in"
                .to_owned()
        } else {
            format!("it has audits of {}", others.join(", "))
        };
        bail!(
            "the store {} has no audit of {}; {others}",
            store.name(),
            affiant_report::hostile::line(&site, 200)
        );
    }
    Ok(site)
}

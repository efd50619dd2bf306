//! One site: a folder in `testbed/sites/` with pages, a `site.toml` and its truth.

use crate::beacons::{Beacon, Beacons};
use crate::cases::Cases;
use crate::error::TestbedError;
use crate::files;
use crate::route::Route;
use crate::truth::Truth;
use indexmap::IndexMap;
use serde::Deserialize;

/// A site that the testbed serves.
#[derive(Debug, Clone)]
pub struct Site {
    /// The folder's name.
    pub id: String,
    /// What it is, in a line.
    pub title: String,
    /// Where a visitor begins: an HTTPS URL.
    pub start: String,
    /// Every page as a URL, the start first.
    pub pages: Vec<String>,
    /// Its own host names.
    pub hosts: Vec<String>,
    /// What is true of it.
    pub truth: Truth,
    /// What is true of it request by request, where it has a `cases.toml`.
    pub cases: Option<Cases>,
    /// What fires when, where it has a `beacons.toml`.
    pub beacons: Vec<Beacon>,
    pub(crate) folders: IndexMap<String, String>,
    pub(crate) routes: Vec<Route>,
    pub(crate) dead: Vec<String>,
    pub(crate) bad_tls: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteFile {
    id: String,
    title: String,
    start: String,
    pages: Vec<String>,
    hosts: IndexMap<String, String>,
    #[serde(default)]
    dead: Vec<String>,
    #[serde(default)]
    bad_tls: Vec<String>,
    #[serde(default, rename = "route")]
    routes: Vec<Route>,
}

impl Site {
    /// Reads the embedded folder `sites/<id>/`.
    pub(crate) fn read(id: &str) -> Result<Site, TestbedError> {
        let wrong =
            |file: &str, reason: String| TestbedError::Data { file: format!("sites/{id}/{file}"), reason };
        let text = |file: &str| files::site_text(id, file).ok_or_else(|| wrong(file, "is missing".into()));
        let file: SiteFile =
            toml::from_str(text("site.toml")?).map_err(|e| wrong("site.toml", e.to_string()))?;
        let truth = Truth::parse(text("truth.toml")?).map_err(|e| wrong("truth.toml", e.to_string()))?;
        let cases = files::site_text(id, "cases.toml")
            .map(|text| Cases::parse(text).map_err(|e| wrong("cases.toml", e.to_string())))
            .transpose()?;
        let beacons = files::site_text(id, "beacons.toml")
            .map(|text| toml::from_str::<Beacons>(text).map_err(|e| wrong("beacons.toml", e.to_string())))
            .transpose()?
            .map_or_else(Vec::new, |file| file.beacons);
        if file.id != id {
            return Err(wrong("site.toml", format!("id is {:?}, the folder's name is expected", file.id)));
        }
        let origin = file.start.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let pages = file
            .pages
            .iter()
            .map(|page| if page.starts_with('/') { format!("{origin}{page}") } else { page.clone() })
            .collect();
        Ok(Site {
            id: file.id,
            title: file.title,
            start: file.start,
            pages,
            hosts: file.hosts.keys().cloned().collect(),
            truth,
            cases,
            beacons,
            folders: file.hosts,
            routes: file.routes,
            dead: file.dead,
            bad_tls: file.bad_tls,
        })
    }
}

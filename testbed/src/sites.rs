//! Which sites to serve.

use crate::error::TestbedError;
use crate::files;
use crate::site::Site;
use crate::vendor::Vendor;

/// The id of the site that is served from embedded files alone.
const DEMO: &str = "demo";

/// A choice of sites for [`crate::Testbed::start`].
#[derive(Debug, Clone)]
pub struct Sites {
    ids: Option<Vec<String>>,
}

impl Sites {
    /// The demo site alone; needs nothing but this crate.
    #[must_use]
    pub fn demo() -> Sites {
        Sites { ids: Some(vec![DEMO.into()]) }
    }

    /// These sites alone, by their ids; the npm bundle is not asked for.
    #[must_use]
    pub fn only(ids: &[&str]) -> Sites {
        Sites { ids: Some(ids.iter().map(|id| (*id).to_owned()).collect()) }
    }

    /// Every site; needs the npm bundle (`cargo xtask setup`).
    #[must_use]
    pub fn all() -> Sites {
        Sites { ids: None }
    }

    pub(crate) fn read(&self) -> Result<(Vec<Site>, Vec<Vendor>), TestbedError> {
        let ids = self.ids.clone().unwrap_or_else(files::site_ids);
        let sites = ids.iter().map(|id| Site::read(id)).collect::<Result<Vec<_>, _>>()?;
        let vendors = Vendor::read_all()?;
        if self.ids.is_none() {
            let routes = sites
                .iter()
                .flat_map(|site| &site.routes)
                .chain(vendors.iter().flat_map(|vendor| &vendor.routes));
            let missing: Vec<_> = routes
                .filter_map(|route| route.file.as_deref())
                .filter_map(files::bundle_path)
                .filter(|path| !path.is_file())
                .collect();
            if let Some(first) = missing.first() {
                return Err(TestbedError::Bundle { count: missing.len(), first: first.clone() });
            }
        }
        Ok((sites, vendors))
    }
}

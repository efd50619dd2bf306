//! A vendor as data: its hosts and what they answer.

use crate::error::TestbedError;
use crate::files;
use crate::route::Route;
use serde::Deserialize;

/// A file of `testbed/vendors/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vendor {
    /// Exact hosts, or `*.example.com` for all below.
    pub(crate) hosts: Vec<String>,
    /// Tried in order; a request that none takes gets 404.
    #[serde(default, rename = "route")]
    pub(crate) routes: Vec<Route>,
}

impl Vendor {
    /// Every embedded vendor.
    pub(crate) fn read_all() -> Result<Vec<Vendor>, TestbedError> {
        files::vendor_files()
            .map(|(file, text)| {
                toml::from_str(text).map_err(|e| TestbedError::Data {
                    file: format!("vendors/{file}"),
                    reason: e.to_string(),
                })
            })
            .collect()
    }

    /// Whether it answers for a host.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| host_matches(pattern, host))
    }
}

/// `*.a.b` matches every host below `a.b`; anything else only itself.
pub(crate) fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix) && host.len() > suffix.len(),
        None => pattern == host,
    }
}

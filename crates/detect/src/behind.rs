//! Who is behind a script, a response or a host: the request that brought it, and its vendor.

use std::collections::HashMap;

use affiant_record::network::StackSegment;

use crate::Catalog;
use crate::address::{Address, without_fragment};
use crate::facts::{Party, RequestFact, VendorRef};
use crate::party::Site;
use crate::requests::Sent;

/// Looks it up in one visit.
pub(crate) struct Behind<'a> {
    requests: &'a [RequestFact],
    site: &'a Site,
    catalog: &'a Catalog,
    by_id: HashMap<(&'a str, u32), usize>,
    by_url: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Behind<'a> {
    /// For these requests.
    pub(crate) fn new(
        sent: &[Sent<'a>],
        requests: &'a [RequestFact],
        site: &'a Site,
        catalog: &'a Catalog,
    ) -> Behind<'a> {
        let mut by_id = HashMap::new();
        let mut by_url: HashMap<&str, Vec<usize>> = HashMap::new();
        for (i, s) in sent.iter().enumerate() {
            if let Some(r) = s.request() {
                by_id.entry((r.request_id.as_str(), r.hop)).or_insert(i);
            }
            by_url.entry(without_fragment(s.url())).or_default().push(i);
        }
        Behind { requests, site, catalog, by_id, by_url }
    }

    /// The request with this id.
    pub(crate) fn request(&self, id: &str, hop: u32) -> Option<usize> {
        self.by_id.get(&(id, hop)).copied()
    }

    /// A request's facts.
    pub(crate) fn fact(&self, i: usize) -> Option<&'a RequestFact> {
        self.requests.get(i)
    }

    /// The latest request before `t` that brought what is at this address.
    pub(crate) fn brought(&self, url: &str, t: f64) -> Option<usize> {
        let list = self.by_url.get(without_fragment(url))?;
        list.iter().rev().copied().find(|i| self.requests.get(*i).is_some_and(|r| r.t <= t))
    }

    /// The vendor of a script at this address, as the request that brought it shows, else by the address alone.
    pub(crate) fn vendor(&self, url: &str, t: f64) -> Option<VendorRef> {
        let brought = self.brought(url, t).and_then(|i| self.requests.get(i));
        brought.and_then(|r| r.vendor.clone()).or_else(|| self.vendor_of_address(&Address::parse(url)))
    }

    /// The vendor of a host.
    pub(crate) fn vendor_of_host(&self, host: &str) -> Option<VendorRef> {
        self.vendor_of_address(&Address { host: host.to_owned(), path: "/".to_owned(), ..Address::default() })
    }

    fn vendor_of_address(&self, address: &Address) -> Option<VendorRef> {
        let first = self.party(&address.host) == Party::First;
        self.catalog.by_address(address, first, &mut || None).map(|n| n.vendor)
    }

    /// Whether a host is the site's own.
    pub(crate) fn party(&self, host: &str) -> Party {
        self.site.party(host, self.catalog)
    }
}

/// The innermost script with an address.
pub(crate) fn script(stack: &[StackSegment]) -> Option<&str> {
    stack.iter().flat_map(|s| &s.frames).map(|f| f.url.as_str()).find(|u| !u.is_empty())
}

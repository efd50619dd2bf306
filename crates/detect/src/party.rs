//! First or third party, seen from the visited page: never from the frame that a request comes from.

use crate::Catalog;
use crate::address::{Address, is_tenant, registrable};
use crate::facts::Party;

/// The visited page, as far as parties go.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Registrable domain, or the host where there is none.
    pub(crate) domain: String,
    company: Option<String>,
}

impl Site {
    /// The site of a page's address.
    pub(crate) fn of(page: &str, catalog: &Catalog) -> Site {
        let a = Address::parse(page);
        // Who hosts a tenant's site does not own it.
        let company = if is_tenant(&a.domain) { None } else { catalog.company(&a.host) };
        Site { domain: a.domain, company }
    }

    /// The party of a host. What has no host (`data:`, `blob:`) is the page's own.
    pub(crate) fn party(&self, host: &str, catalog: &Catalog) -> Party {
        if host.is_empty() {
            return Party::First;
        }
        let domain = registrable(host);
        if domain == self.domain {
            Party::First
        } else if self.company.is_some() && !is_tenant(&domain) && catalog.company(host) == self.company {
            Party::SameEntity
        } else {
            Party::Third
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parties() {
        let c = Catalog::embedded();
        for (page, host, party) in [
            ("https://www.shop.test/", "api.shop.test", Party::First),
            ("https://www.shop.test/", "cdn.other.test", Party::Third),
            ("https://shop.co.uk/", "other.co.uk", Party::Third),
            ("https://127.0.0.1:8080/", "127.0.0.1", Party::First),
            ("http://localhost/", "localhost", Party::First),
            ("https://www.google.com/", "www.google-analytics.com", Party::SameEntity),
            ("https://www.youtube.com/", "www.googletagmanager.com", Party::SameEntity),
            ("https://www.facebook.com/", "static.xx.fbcdn.net", Party::SameEntity),
            ("https://www.microsoft.com/", "www.clarity.ms", Party::SameEntity),
            ("https://www.linkedin.com/", "snap.licdn.com", Party::SameEntity),
            // Hosts of other people's sites are nobody's sisters.
            ("https://shop.myshopify.com/", "cdn.shopify.com", Party::Third),
            ("https://a.github.io/", "b.github.io", Party::Third),
            ("https://a.cloudfront.net/", "b.cloudfront.net", Party::Third),
            ("https://www.wix.com/", "static.parastorage.com", Party::Third),
            ("https://www.shop.test/", "", Party::First),
        ] {
            assert_eq!(Site::of(page, c).party(host, c), party, "{host} on {page}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(page in "\\PC{0,40}", host in "[a-z0-9.\\-é]{0,30}") {
            let c = Catalog::embedded();
            let _ = Site::of(&page, c).party(&host, c);
        }

        #[test]
        fn a_page_is_its_own_first_party(host in "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}") {
            let c = Catalog::embedded();
            let page = format!("https://{host}/");
            prop_assert_eq!(Site::of(&page, c).party(&Address::parse(&page).host, c), Party::First);
        }
    }
}

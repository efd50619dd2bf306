//! Names under the site's own domain that lead to somebody else: what the name system says of a host, and who owns
//! the end of its chain. Who only hosts or delivers is no owner.

use affiant_record::{Observation, VisitRecord};

use crate::Catalog;
use crate::address::{Address, is_tenant};
use crate::bodies::Ask;
use crate::catalog::Named;
use crate::facts::{Class, NameFact, Party};
use crate::glob::bounded;
use crate::party::Site;

/// Facts of this kind at most, and aliases of one host.
const MOST: usize = 200;
const CHAIN: usize = 16;

/// The answers of a record.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) list: Vec<NameFact>,
}

impl Names {
    /// Reads the answers about hosts of this site.
    pub(crate) fn of(record: &VisitRecord, site: &Site, catalog: &Catalog) -> Names {
        let mut list: Vec<NameFact> = Vec::new();
        for line in &record.lines {
            let Observation::DnsAnswer(a) = &line.what else { continue };
            let host = clean(&a.host);
            let known = list.iter().any(|n| n.host == host);
            if list.len() >= MOST || known || site.party(&host, catalog) != Party::First {
                continue;
            }
            let aliases: Vec<String> = a.aliases.iter().take(CHAIN).map(|n| clean(n)).collect();
            let mut fact = NameFact {
                host,
                aliases,
                asked: bounded(&a.asked, 200).to_owned(),
                owner: None,
                owner_by: None,
                evidence: record.evidence(line.n),
            };
            if let Some((by, named)) = owner(&fact.aliases, "/", "", site, catalog, &mut || None) {
                fact.owner_by = Some(by);
                fact.owner = Some(named.vendor);
            }
            list.push(fact);
        }
        Names { list }
    }

    /// Who is behind an address on the site's own domain whose name leads elsewhere.
    pub(crate) fn behind(
        &self,
        address: &Address,
        site: &Site,
        catalog: &Catalog,
        body: &mut Ask<'_>,
    ) -> Option<Named> {
        let name = self.list.iter().find(|n| n.host == address.host)?;
        owner(&name.aliases, &address.path, &address.query, site, catalog, body).map(|(_, named)| named)
    }
}

/// The owner of a chain: of its end, else of the nearest name before it that has one.
fn owner(
    aliases: &[String],
    path: &str,
    query: &str,
    site: &Site,
    catalog: &Catalog,
    body: &mut Ask<'_>,
) -> Option<(String, Named)> {
    aliases.iter().rev().find_map(|alias| {
        let mut at = Address::parse(&format!("https://{alias}/"));
        at.path = path.to_owned();
        at.query = query.to_owned();
        if site.party(&at.host, catalog) != Party::Third
            || is_tenant(&at.domain)
            || catalog.has_tenants(&at.host)
        {
            return None;
        }
        let named = catalog.by_address(&at, false, body)?;
        // Of a list of companies, only those whose business is known count: the others may well host.
        let hosts = named.family.is_none() && matches!(named.vendor.class, Class::Service | Class::Other);
        (!hosts).then(|| (alias.clone(), named))
    })
}

fn clean(host: &str) -> String {
    bounded(host, 255).trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use affiant_record::Observation;
    use affiant_record::network::DnsAnswer;

    use crate::facts::{Party, VisitFacts};
    use crate::sample::{other, parser, record, request};
    use crate::{Catalog, facts};

    const PAGE: &str = "https://www.shop.test/";

    fn answer(host: &str, aliases: &[&str]) -> Observation {
        Observation::DnsAnswer(DnsAnswer {
            host: host.into(),
            aliases: aliases.iter().map(|a| (*a).into()).collect(),
            addresses: vec!["192.0.2.1".into()],
            asked: "192.0.2.53:53".into(),
            ..DnsAnswer::default()
        })
    }

    fn of(page: &str, urls: &[&str], answers: Vec<Observation>) -> VisitFacts {
        let mut lines = vec![(1.0, Observation::Request(request("page", page, "Document", other())))];
        for (i, url) in urls.iter().enumerate() {
            lines.push((2.0, Observation::Request(request(&i.to_string(), url, "Image", parser(page)))));
        }
        lines.extend(answers.into_iter().map(|a| (9.0, a)));
        facts(&record(page, lines), "v", Catalog::embedded(), None)
    }

    #[test]
    fn a_tracker_behind_a_name_of_the_site_is_named() {
        let url = "https://metrics.shop.test/some/path?a=1";
        let f = of(
            PAGE,
            &[url],
            vec![answer("metrics.shop.test", &["shop.sc.omtrdc.net", "x.data.adobedc.example"])],
        );
        let r = &f.requests[1];
        assert_eq!(r.vendor.as_ref().unwrap().name, "Adobe Analytics");
        assert_eq!(r.party, Party::First, "the domain stays the site's own");
        assert_eq!(f.tags[0].hosts, ["metrics.shop.test"]);
        let name = &f.network.names[0];
        assert_eq!(name.owner.as_ref().unwrap().name, "Adobe Analytics");
        assert_eq!(name.owner_by.as_deref(), Some("shop.sc.omtrdc.net"));
        assert_eq!(name.evidence.line, 3);
        // Without the answer, nobody is named.
        assert_eq!(of(PAGE, &[url], vec![]).requests[1].vendor, None);
    }

    #[test]
    fn the_end_counts_and_paths_tell_products() {
        let f = of(
            PAGE,
            &["https://t.shop.test/g/x"],
            vec![answer("t.shop.test", &["ghs.googlehosted.com", "www.google-analytics.com"])],
        );
        assert_eq!(f.requests[1].vendor.as_ref().unwrap().name, "Google Analytics 4");
    }

    #[test]
    fn who_hosts_or_delivers_is_no_owner() {
        for alias in [
            "d111111abcdef8.cloudfront.net",
            "dualstack.shop.map.fastly.net",
            "e1.a.akamaiedge.net",
            "www.shop.test.edgekey.net",
            "shops.myshopify.com",
            "shop.github.io",
            "www.shop.test.cdn.cloudflare.net",
            "shop.azureedge.net",
            "lb-1.eu-west-1.elb.amazonaws.com",
            "ghs.googlehosted.com",
            "cdn.www.shop.test",
            "unknown.example",
        ] {
            let f = of(PAGE, &["https://cdn.shop.test/x.js"], vec![answer("cdn.shop.test", &[alias])]);
            assert_eq!(f.network.names[0].owner, None, "{alias}");
            assert_eq!(f.requests[1].vendor, None, "{alias}");
        }
    }

    #[test]
    fn others_names_and_ones_own_company_are_left_out() {
        let f = of(PAGE, &[], vec![answer("a.other.test", &["shop.sc.omtrdc.net"]), answer("", &[""])]);
        assert!(f.network.names.iter().all(|n| n.owner.is_none()));
        let google = "https://www.google.com/";
        let f = of(google, &[], vec![answer("a.google.com", &["www.google-analytics.com"])]);
        assert_eq!(f.network.names[0].owner, None);
    }
}

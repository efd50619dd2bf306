//! Everything that is known of vendors, parsed once: who is behind an address, a cookie's name, a consent state.
//!
//! A vendor is named by an address only. Cookies and globals are hints, unconfirmed strings are not even that.

use std::collections::HashMap;
use std::sync::OnceLock;

use affiant_record::Digest;
use include_dir::{Dir, DirEntry, include_dir};

use crate::CatalogError;
use crate::address::{Address, and_above};
use crate::bodies::{Ask, Body};
use crate::cmp::Cmps;
use crate::cookie_database::CookieDatabase;
use crate::entities::Entities;
use crate::facts::{Class, VendorRef};
use crate::glob::{self, End};
use crate::vendor::{Pattern, Product, Strength, VendorFile};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/catalog");
const ENTITIES: &str = include_str!("../../../third_party/third-party-web/entities-nostats.json");
const COOKIES: &str = include_str!("../../../third_party/open-cookie-database/open-cookie-database.csv");

/// The word for our own catalogue in [`VendorRef::source`].
const OURS: &str = "catalogue";

/// Everything that is known of vendors.
#[derive(Debug)]
pub struct Catalog {
    vendors: Vec<Vendor>,
    /// Patterns by the fixed end of their host.
    anchored: HashMap<String, Vec<(usize, Pattern)>>,
    /// Patterns that any host can match.
    floating: Vec<(usize, Pattern)>,
    /// Names of cookies and whose they are.
    cookie_names: Vec<(String, VendorRef)>,
    entities: Entities,
    cookies: CookieDatabase,
    cmps: Cmps,
    digest: Digest,
}

#[derive(Debug)]
struct Vendor {
    file: VendorFile,
    products: Vec<(Vec<Pattern>, Product)>,
}

/// Who is behind an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The vendor, or the product that was recognised.
    pub(crate) vendor: VendorRef,
    /// Which file of the catalogue; products of one vendor share it.
    pub(crate) family: Option<usize>,
}

impl Catalog {
    /// The catalogue that is built in.
    pub fn embedded() -> &'static Catalog {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        // A test reads every file: nothing can be left out here in a build that passed its tests.
        CATALOG.get_or_init(|| Catalog::read().0)
    }

    /// SHA-256 over the embedded data: a judgement is only comparable with one by the same.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Number of vendors in our own catalogue.
    pub fn len(&self) -> usize {
        self.vendors.len()
    }

    /// Whether our own catalogue is empty.
    pub fn is_empty(&self) -> bool {
        self.vendors.is_empty()
    }

    /// Every product of our own catalogue, in order of its files.
    pub fn products(&self) -> impl Iterator<Item = VendorRef> + '_ {
        self.vendors.iter().flat_map(|v| {
            std::iter::once(ours(&v.file.name, v.file.class))
                .chain(v.products.iter().map(|(_, p)| ours(&p.name, p.class)))
        })
    }

    /// Whether two names are of one vendor: itself and its products (`Mixpanel` and `Mixpanel Session Replay`).
    pub fn same_vendor(&self, a: &str, b: &str) -> bool {
        let has = |v: &Vendor, n: &str| v.file.name == n || v.products.iter().any(|(_, p)| p.name == n);
        a == b || self.vendors.iter().any(|v| has(v, a) && has(v, b))
    }

    /// Reads the embedded data, and tells which files could not be used.
    fn read() -> (Catalog, Vec<CatalogError>) {
        let mut errors = Vec::new();
        let mut texts: Vec<(String, &str)> = files(&FILES)
            .into_iter()
            .filter_map(|f| Some((f.path().to_string_lossy().replace('\\', "/"), f.contents_utf8()?)))
            .filter(|(name, _)| name.ends_with(".toml"))
            .collect();
        texts.sort();
        let mut all = Vec::new();
        for (name, text) in
            texts.iter().map(|(n, t)| (n.as_str(), *t)).chain([("entities", ENTITIES), ("cookies", COOKIES)])
        {
            all.extend_from_slice(Digest::of(name.as_bytes()).0.as_slice());
            all.extend_from_slice(Digest::of(text.as_bytes()).0.as_slice());
        }
        let mut vendors = Vec::new();
        for (name, text) in texts.iter().filter(|(n, _)| n.starts_with("vendors/")) {
            match VendorFile::parse(name, text) {
                Ok(file) => vendors.push(file),
                Err(e) => errors.push(e),
            }
        }
        let text = |name: &str| texts.iter().find(|(n, _)| n == name).map(|(_, t)| *t).unwrap_or_default();
        let entities = Entities::parse(ENTITIES, text("third-party-web.toml")).unwrap_or_else(|e| {
            errors.push(e);
            Entities::default()
        });
        let cookies = CookieDatabase::parse(COOKIES).unwrap_or_else(|e| {
            errors.push(e);
            CookieDatabase::default()
        });
        let cmps = Cmps::parse(text("cmps.toml")).unwrap_or_else(|e| {
            errors.push(e);
            Cmps::default()
        });
        (Catalog::new(vendors, entities, cookies, cmps, Digest::of(&all)), errors)
    }

    fn new(
        files: Vec<VendorFile>,
        entities: Entities,
        cookies: CookieDatabase,
        cmps: Cmps,
        digest: Digest,
    ) -> Catalog {
        let mut c = Catalog {
            vendors: Vec::new(),
            anchored: HashMap::new(),
            floating: Vec::new(),
            cookie_names: Vec::new(),
            entities,
            cookies,
            cmps,
            digest,
        };
        for file in files {
            let family = c.vendors.len();
            let products: Vec<(Vec<Pattern>, Product)> = file
                .products
                .iter()
                .map(|p| (Pattern::all(&p.hosts, &p.urls, &p.any_host), p.clone()))
                .collect();
            let own = Pattern::all(&file.hosts, &file.urls, &file.any_host);
            // What needs a look into the body does not find a vendor, it only tells products apart.
            let telling =
                products.iter().filter(|(_, p)| p.body_has.is_empty()).flat_map(|(p, _)| p.iter().cloned());
            for pattern in own.into_iter().chain(telling) {
                match pattern.anchor() {
                    Some(end) => {
                        c.anchored.entry(end.to_ascii_lowercase()).or_default().push((family, pattern))
                    }
                    None => c.floating.push((family, pattern)),
                }
            }
            let own = file.cookies.iter().map(|n| (n.clone(), ours(&file.name, file.class)));
            let told = file
                .products
                .iter()
                .flat_map(|p| p.cookies.iter().map(|n| (n.clone(), ours(&p.name, p.class))));
            c.cookie_names.extend(own.chain(told));
            c.vendors.push(Vendor { file, products });
        }
        c
    }

    /// Who is behind an address. `first_party`: the host is the site's own, so that it names nobody by itself.
    /// `body` is asked for when only it can tell products apart.
    pub(crate) fn by_address(
        &self,
        address: &Address,
        first_party: bool,
        body: &mut Ask<'_>,
    ) -> Option<Named> {
        if address.host.is_empty() {
            return None;
        }
        let near = and_above(&address.host).filter_map(|h| self.anchored.get(h)).flatten();
        let best = near
            .chain(&self.floating)
            .filter(|(_, p)| !(first_party && p.strength == Strength::Host))
            .filter(|(_, p)| p.matches(address))
            .max_by_key(|(family, p)| (p.strength, p.weight, std::cmp::Reverse(*family)));
        if let Some((family, _)) = best {
            let vendor = self.vendors.get(*family)?;
            return Some(Named { vendor: vendor.product(address, body), family: Some(*family) });
        }
        if first_party {
            return None;
        }
        self.entities.vendor(&address.host).map(|vendor| Named { vendor, family: None })
    }

    /// Whose cookie a name is, where the name is nobody else's.
    pub(crate) fn by_cookie(&self, name: &str) -> Option<VendorRef> {
        let hits =
            self.cookie_names.iter().filter(|(n, _)| glob::matches(n, glob::bounded(name, 256), End::Whole));
        let best = hits.clone().map(|(n, _)| glob::weight(n)).max()?;
        let mut vendors = hits.filter(|(n, _)| glob::weight(n) == best).map(|(_, v)| v);
        let vendor = vendors.next()?;
        vendors.all(|v| v == vendor).then(|| vendor.clone())
    }

    /// The file behind a family.
    pub(crate) fn file(&self, family: usize) -> Option<&VendorFile> {
        self.vendors.get(family).map(|v| &v.file)
    }

    /// The company that a host belongs to, for deciding whether two domains are one company's. `None` where
    /// nobody is known, or where the host serves other people's sites.
    pub(crate) fn company(&self, host: &str) -> Option<String> {
        self.entities.company(host).or_else(|| {
            let address = Address { host: host.to_owned(), ..Address::default() };
            let ours = |end: &str| {
                self.vendors.iter().find_map(|v| {
                    let owns = v.file.hosts.iter().chain(&v.file.shared_hosts);
                    owns.map(|h| h.trim_start_matches("*."))
                        .any(|h| h == end)
                        .then(|| v.file.entity.clone())
                        .flatten()
                })
            };
            if self.entities.is_tenant_host(&address.host) {
                None
            } else {
                and_above(&address.host).find_map(ours)
            }
        })
    }

    /// Whether a host is known to serve other people's sites.
    pub(crate) fn has_tenants(&self, host: &str) -> bool {
        self.entities.is_tenant_host(host)
    }

    /// What is known of cookies.
    pub(crate) fn cookies(&self) -> &CookieDatabase {
        &self.cookies
    }

    /// What is known of consent platforms.
    pub(crate) fn cmps(&self) -> &Cmps {
        &self.cmps
    }
}

impl Vendor {
    /// The product that this is, or what the vendor's traffic is otherwise.
    fn product(&self, address: &Address, body: &mut Ask<'_>) -> VendorRef {
        let mut bytes: Option<Body> = None;
        for (patterns, product) in &self.products {
            if !patterns.iter().any(|p| p.matches(address)) {
                continue;
            }
            if product.body_has.is_empty() {
                return ours(&product.name, product.class);
            }
            let bytes = bytes.get_or_insert_with(|| body().unwrap_or_default());
            if product.body_has.iter().any(|needle| holds(bytes, needle.as_bytes())) {
                return ours(&product.name, product.class);
            }
        }
        ours(&self.file.name, self.file.class)
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && bytes.windows(needle.len()).any(|w| w == needle)
}

fn ours(name: &str, class: Class) -> VendorRef {
    VendorRef { name: name.into(), class, source: OURS.into() }
}

fn files(dir: &'static Dir<'static>) -> Vec<&'static include_dir::File<'static>> {
    let mut out = Vec::new();
    let mut todo = vec![dir];
    while let Some(d) = todo.pop() {
        for e in d.entries() {
            match e {
                DirEntry::Dir(d) => todo.push(d),
                DirEntry::File(f) => out.push(f),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(url: &str) -> Option<Named> {
        Catalog::embedded().by_address(&Address::parse(url), false, &mut || None)
    }

    #[test]
    fn every_file_can_be_read() {
        let (catalog, errors) = Catalog::read();
        assert!(errors.is_empty(), "{errors:#?}");
        assert!(catalog.len() > 200, "{}", catalog.len());
    }

    #[test]
    fn examples_match_and_near_misses_do_not() {
        let catalog = Catalog::embedded();
        let mut wrong = Vec::new();
        for (family, v) in catalog.vendors.iter().enumerate() {
            let f = &v.file;
            let confirmed = !(f.hosts.is_empty() && f.urls.is_empty() && f.any_host.is_empty());
            if confirmed && f.examples.is_empty() {
                wrong.push(format!("{}: no example", f.name));
            }
            if f.near_misses.is_empty() {
                wrong.push(format!("{}: no near miss", f.name));
            }
            let own = f.examples.iter().map(|e| (e, &f.name, f.class));
            let told = f.products.iter().flat_map(|p| p.examples.iter().map(move |e| (e, &p.name, p.class)));
            for (url, name_, class) in own.chain(told) {
                match name(url) {
                    Some(n) if n.family == Some(family) && n.vendor == ours(name_, class) => {}
                    other => wrong.push(format!("{url} should be {name_} ({class:?}), is {other:?}")),
                }
            }
            for url in &f.near_misses {
                if name(url).is_some_and(|n| n.family == Some(family)) {
                    wrong.push(format!("{url} should not be {}", f.name));
                }
            }
            for p in &f.products {
                if p.examples.is_empty() && p.body_has.is_empty() {
                    wrong.push(format!("{}: no example", p.name));
                }
            }
            for a in &f.accounts {
                let ways = [a.query.is_some(), a.path.is_some(), a.body.is_some()];
                if ways.iter().filter(|w| **w).count() != 1 {
                    wrong.push(format!("{}: an account is read in exactly one way", f.name));
                }
                if a.path.as_ref().is_some_and(|p| p.captures_len() != 2) {
                    wrong.push(format!("{}: an account's path has exactly one group", f.name));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn names_of_files_are_ids_in_the_folder_of_their_class() {
        for f in files(&FILES) {
            let path = f.path().to_string_lossy().into_owned();
            let Some(rest) = path.strip_prefix("vendors/") else { continue };
            let v = VendorFile::parse(&path, f.contents_utf8().unwrap()).unwrap();
            let class = serde_json::to_value(v.class).unwrap();
            assert_eq!(rest.split('/').next(), class.as_str(), "{path}");
            let id = rest.rsplit('/').next().unwrap().strip_suffix(".toml").unwrap();
            assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{path}");
        }
    }

    #[test]
    fn confirmations_are_of_known_sources_and_nothing_is_both_confirmed_and_not() {
        let sources = ["tpw", "tpw-ha", "ep", "omni", "ocdb", "gh", "wap*", "tdb*", "bl*"];
        for v in &Catalog::embedded().vendors {
            let f = &v.file;
            assert!(f.confirmed_by.iter().all(|s| sources.contains(&s.as_str())), "{}", f.name);
            assert!(f.unconfirmed.globals.iter().all(|g| !f.globals.contains(g)), "{}", f.name);
            assert!(f.unconfirmed.urls.iter().all(|u| !f.urls.contains(u)), "{}", f.name);
            assert!(f.note.len() < 300, "{}", f.name);
        }
    }

    #[test]
    fn no_host_pattern_is_open_at_the_domain() {
        let mut open = Vec::new();
        for v in &Catalog::embedded().vendors {
            let told = v.file.products.iter().flat_map(|p| &p.urls);
            for url in v.file.urls.iter().chain(told) {
                let host = url.split('/').next().unwrap();
                // Datadog has one domain a region.
                let fixed = match host.strip_suffix(".*") {
                    Some("browser-intake-*datadoghq") => true,
                    Some(stem) => !stem.rsplit('.').next().unwrap().contains('*'),
                    None => host.rsplit_once('*').is_none_or(|(_, end)| {
                        end.split_once('.').is_some_and(|(_, labels)| psl::domain_str(labels).is_some())
                    }),
                };
                if !fixed {
                    open.push(format!("{}: {url}", v.file.name));
                }
            }
        }
        assert!(open.is_empty(), "{open:#?}");
    }

    #[test]
    fn what_is_unconfirmed_names_nobody() {
        for v in &Catalog::embedded().vendors {
            let known: Vec<&str> = v.file.hosts.iter().map(|h| h.trim_start_matches("*.")).collect();
            for host in &v.file.unconfirmed.hosts {
                assert!(!known.contains(&host.as_str()), "{host}");
                let named = name(&format!("https://{host}/x.js"));
                assert!(named.is_none_or(|n| n.vendor.name != v.file.name), "{host}");
            }
            for cookie in &v.file.unconfirmed.cookies {
                assert!(!v.file.cookies.contains(cookie), "{cookie}");
            }
        }
    }

    #[test]
    fn recording_is_told_from_the_rest() {
        let class = |url: &str| name(url).map(|n| (n.vendor.name, n.vendor.class));
        let plain = "https://o42.ingest.us.sentry.io/api/1/envelope/?sentry_key=k";
        assert_eq!(class(plain), Some(("Sentry".into(), Class::Monitoring)));
        let with_body = Catalog::embedded().by_address(&Address::parse(plain), false, &mut || {
            Some(b"{\"event_id\":\"1\"}\n{\"type\":\"replay_recording\",\"length\":3}\n{}".to_vec().into())
        });
        assert_eq!(with_body.map(|n| n.vendor.class), Some(Class::SessionReplay));
        assert_eq!(class("https://api-js.mixpanel.com/track/"), Some(("Mixpanel".into(), Class::Analytics)));
        assert!(Catalog::embedded().same_vendor("Mixpanel", "Mixpanel Session Replay"));
        assert!(!Catalog::embedded().same_vendor("Mixpanel", "Hotjar"));
        let replay = Some(("Mixpanel Session Replay".into(), Class::SessionReplay));
        assert_eq!(class("https://api-js.mixpanel.com/record/?x=1"), replay);
    }

    #[test]
    fn a_first_party_host_names_nobody_but_a_path_may() {
        let own = |url: &str| Catalog::embedded().by_address(&Address::parse(url), true, &mut || None);
        assert_eq!(own("https://www.hotjar.com/about"), None);
        assert_eq!(own("https://www.stripe.com/about"), None);
        let proxied = own("https://www.shop.example/ingest/static/recorder.js").map(|n| n.vendor.name);
        assert_eq!(proxied.as_deref(), Some("PostHog"));
        assert_eq!(own("https://www.shop.example/?u=/gtm.js?id=GTM-1"), None);
    }

    #[test]
    fn cookies_that_are_nobody_elses() {
        let of = |n: &str| Catalog::embedded().by_cookie(n).map(|v| v.name);
        assert_eq!(of("_clck").as_deref(), Some("Microsoft Clarity"));
        assert_eq!(of("_hjSessionUser_12").as_deref(), Some("Hotjar"));
        assert_eq!(of("_ga_ABC").as_deref(), Some("Google Analytics 4"));
        assert_eq!(of("uid"), None);
        assert_eq!(of("PHPSESSID"), None);
    }
}

//! What the consent platform declares, held against what was observed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use affiant_detect::declares;
use affiant_detect::facts::{CookieFact, DeclarationFact, RequestFact, VendorRef, VisitFacts};
use affiant_record::declaration::{Category, Declaration};

use crate::severity;
use crate::visit_set::VisitSet;

/// The declarations that hold for this visitor. Every page of a site tells the same one again: what has been said
/// before is not looked through again.
pub(crate) struct Declared<'a> {
    /// All of them, in the order of the visits.
    pub(crate) all: Vec<&'a DeclarationFact>,
    /// Each once, where it was told first.
    distinct: Vec<&'a DeclarationFact>,
    /// Cookies that were looked up, by name and domain.
    cookies: RefCell<BTreeMap<(&'a str, &'a str), Option<Filed<'a>>>>,
}

/// A category, with its declaration.
pub(crate) type Filed<'a> = (&'a DeclarationFact, &'a Category);

/// Hosts of requests, each with its registrable domain.
pub(crate) type Hosts<'a> = BTreeSet<(&'a str, &'a str)>;

impl<'a> Declared<'a> {
    /// Of running pages; where there is none, of files.
    pub(crate) fn of(set: &'a VisitSet) -> Declared<'a> {
        let every = || set.visits.iter().flat_map(|v| &v.declarations);
        let page: Vec<&DeclarationFact> = every().filter(|d| d.declared.from == "page").collect();
        let all = if page.is_empty() { every().collect() } else { page };
        let mut known: HashMap<u64, Vec<&DeclarationFact>> = HashMap::new();
        let mut distinct = Vec::new();
        for d in &all {
            let alike = known.entry(hash(&d.declared)).or_default();
            if !alike.iter().any(|k| same(&k.declared, &d.declared)) {
                alike.push(d);
                distinct.push(*d);
            }
        }
        Declared { all, distinct, cookies: RefCell::default() }
    }

    /// Every category of each declaration, in their order.
    pub(crate) fn categories(&self) -> impl Iterator<Item = Filed<'a>> {
        self.distinct.iter().flat_map(|d| d.declared.categories.iter().map(move |c| (*d, c)))
    }

    /// The first category that names this cookie. A host that is named has to fit.
    pub(crate) fn category_of(&self, cookie: &'a CookieFact) -> Option<Filed<'a>> {
        let key = (cookie.name.as_str(), cookie.domain.as_str());
        if let Some(known) = self.cookies.borrow().get(&key) {
            return *known;
        }
        let found = self.look_up(cookie);
        self.cookies.borrow_mut().insert(key, found);
        found
    }

    fn look_up(&self, cookie: &CookieFact) -> Option<Filed<'a>> {
        let fits = |host: &str| {
            let (a, b) = (host.trim_start_matches('.'), cookie.domain.trim_start_matches('.'));
            a == b || a.ends_with(&format!(".{b}")) || b.ends_with(&format!(".{a}"))
        };
        let by = |strict: bool| {
            self.categories().find(|(_, c)| {
                c.cookies.iter().any(|k| {
                    declares(&k.name, &cookie.name) && (!strict || k.host.as_deref().is_none_or(fits))
                })
            })
        };
        // Some write the provider's name where the host belongs: then the name has to do.
        by(true).or_else(|| by(false))
    }
}

/// Whether two declarations name the same things for the same platform; rules ask for nothing else.
fn same(a: &Declaration, b: &Declaration) -> bool {
    a.platform == b.platform && a.categories == b.categories
}

/// Differs where they are not the same, most of the time.
fn hash(d: &Declaration) -> u64 {
    let mut to = DefaultHasher::new();
    d.platform.hash(&mut to);
    for c in &d.categories {
        (&c.id, &c.name, &c.default, &c.hosts, &c.services).hash(&mut to);
        c.cookies.iter().for_each(|k| (&k.name, &k.host).hash(&mut to));
    }
    to.finish()
}

/// Hosts of these requests.
pub(crate) fn hosts<'a>(requests: impl IntoIterator<Item = &'a RequestFact>) -> Hosts<'a> {
    requests.into_iter().map(|r| (r.host.as_str(), r.domain.as_str())).collect()
}

/// Whether a category names this vendor, or one of the hosts to which its requests went.
pub(crate) fn holds(category: &Category, vendor: &VendorRef, hosts: &Hosts<'_>) -> bool {
    let (name, plain) = (vendor.name.to_lowercase(), |s: &String| s.to_lowercase());
    let service = category.services.iter().map(plain).any(|s| {
        s.len() > 2 && (s == name || name.starts_with(&format!("{s} ")) || s.starts_with(&format!("{name} ")))
    });
    let host = |h: &String| {
        let h = h.trim_start_matches('.').to_lowercase();
        let below = format!(".{h}");
        h.contains('.')
            && hosts.iter().any(|(host, domain)| *host == h || host.ends_with(&below) || *domain == h)
    };
    service || category.hosts.iter().any(host)
}

/// The cookies of a visit that tell something: kept, not refused, and not the choice itself.
pub(crate) fn cookies(v: &VisitFacts) -> impl Iterator<Item = &CookieFact> {
    v.cookies
        .iter()
        .filter(|c| !c.lifetime_s.is_some_and(|s| s <= 0.0) && c.blocked.is_empty() && !c.stores_consent)
}

/// The vendor of a request: its tag's says more than its host's.
pub(crate) fn vendor_of<'a>(v: &'a VisitFacts, r: &'a RequestFact) -> Option<&'a VendorRef> {
    r.tag.and_then(|t| v.tags.get(t)).map(|t| &t.vendor).or(r.vendor.as_ref())
}

/// The vendors of a visit that would ask for consent.
pub(crate) fn asking(v: &VisitFacts) -> Vec<&VendorRef> {
    let mut out: Vec<&VendorRef> = Vec::new();
    let requests = v.requests.iter().filter(|r| r.left_browser).filter_map(|r| vendor_of(v, r));
    for vendor in requests.chain(v.cookies.iter().filter_map(|c| c.vendor.as_ref())) {
        if severity::asks_for_consent(vendor.class) && !out.contains(&vendor) {
            out.push(vendor);
        }
    }
    out
}

//! What the consent platform declares, held against what was observed.

use affiant_detect::declares;
use affiant_detect::facts::{CookieFact, DeclarationFact, RequestFact, VendorRef, VisitFacts};
use affiant_record::declaration::Category;

use crate::severity;
use crate::visit_set::VisitSet;

/// The declarations that hold for this visitor: of running pages; where there is none, of files.
pub(crate) fn all(set: &VisitSet) -> Vec<&DeclarationFact> {
    let every = || set.visits.iter().flat_map(|v| &v.declarations);
    let page: Vec<&DeclarationFact> = every().filter(|d| d.declared.from == "page").collect();
    if page.is_empty() { every().collect() } else { page }
}

/// The first category that names this cookie, with its declaration. A host that is named has to fit.
pub(crate) fn category_of<'a>(
    all: &[&'a DeclarationFact],
    cookie: &CookieFact,
) -> Option<(&'a DeclarationFact, &'a Category)> {
    let fits = |host: &str| {
        let (a, b) = (host.trim_start_matches('.'), cookie.domain.trim_start_matches('.'));
        a == b || a.ends_with(&format!(".{b}")) || b.ends_with(&format!(".{a}"))
    };
    let by = |strict: bool| {
        let each = all.iter().flat_map(|d| d.declared.categories.iter().map(move |c| (*d, c)));
        let mut named = each.filter(move |(_, c)| {
            c.cookies
                .iter()
                .any(|k| declares(&k.name, &cookie.name) && (!strict || k.host.as_deref().is_none_or(fits)))
        });
        named.next()
    };
    // Some write the provider's name where the host belongs: then the name has to do.
    by(true).or_else(|| by(false))
}

/// Whether a category names this vendor, or the host of one of its requests.
pub(crate) fn holds(category: &Category, vendor: &VendorRef, requests: &[&RequestFact]) -> bool {
    let (name, plain) = (vendor.name.to_lowercase(), |s: &String| s.to_lowercase());
    let service = category.services.iter().map(plain).any(|s| {
        s.len() > 2 && (s == name || name.starts_with(&format!("{s} ")) || s.starts_with(&format!("{name} ")))
    });
    let host = |h: &String| {
        let h = h.trim_start_matches('.').to_lowercase();
        h.contains('.')
            && requests.iter().any(|r| r.host == h || r.host.ends_with(&format!(".{h}")) || r.domain == h)
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

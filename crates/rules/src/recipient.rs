//! To whom a request went: a vendor, or the registrable domain of a host whose owner is not known.
//!
//! The tag that it belongs to says more than the host. On the site's own domain only a recognised tag counts: the
//! owner of the host is the site itself. A domain of the same owner is not another party.

use affiant_detect::facts::{Class, Party, RequestFact, VendorRef, VisitFacts};

use crate::judgement::Subject;
use crate::words::plain;

/// The receiver of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Recipient {
    /// Class, for vendors. A host whose owner is not known has none.
    pub(crate) class: Option<Class>,
    /// Vendor's name or registrable domain.
    pub(crate) name: String,
}

impl Recipient {
    /// A vendor.
    pub(crate) fn vendor(v: &VendorRef) -> Recipient {
        Recipient { class: Some(v.class), name: v.name.to_string() }
    }

    /// A host whose owner is not known.
    pub(crate) fn host(domain: &str) -> Recipient {
        Recipient { class: None, name: domain.to_owned() }
    }

    /// What tells it from others, the class aside.
    pub(crate) fn key(&self) -> (bool, &str) {
        (self.class.is_none(), &self.name)
    }

    /// Its place in lists: by risk, then by name, unknown owners last.
    pub(crate) fn rank(&self) -> (bool, Option<Class>, &str) {
        (self.class.is_none(), self.class, &self.name)
    }

    /// Its name for a sentence.
    pub(crate) fn in_words(&self) -> String {
        let name = plain(&self.name, 80);
        if self.class.is_some() { name } else { format!("{name} (owner not known)") }
    }

    /// Whether a consent platform.
    pub(crate) fn is_consent_platform(&self) -> bool {
        self.class == Some(Class::Consent)
    }

    /// As a finding's subject.
    pub(crate) fn subject(&self, accounts: Vec<String>) -> Subject {
        let kind = if self.class.is_some() { "vendor" } else { "host" };
        Subject { kind: kind.to_owned(), name: self.name.clone(), class: self.class, accounts }
    }
}

/// To whom this request went, if not to the site itself.
pub(crate) fn recipient(visit: &VisitFacts, index: usize) -> Option<Recipient> {
    let r = visit.requests.get(index)?;
    if is_page(visit, index) {
        return None;
    }
    let tag = r.tag.and_then(|t| visit.tags.get(t)).map(|t| &t.vendor);
    match r.party {
        Party::SameEntity => None,
        Party::First => tag.map(Recipient::vendor),
        Party::Third => match tag.or(r.vendor.as_ref()) {
            Some(v) => Some(Recipient::vendor(v)),
            None => [&r.domain, &r.host].into_iter().find(|d| !d.is_empty()).map(|d| Recipient::host(d)),
        },
    }
}

/// Account of the tag that a request belongs to.
pub(crate) fn account(visit: &VisitFacts, index: usize) -> Option<&str> {
    let tag = visit.requests.get(index)?.tag?;
    visit.tags.get(tag)?.account.as_deref()
}

/// Whether the request is the visited page itself, or a redirect on the way to it.
fn is_page(visit: &VisitFacts, index: usize) -> bool {
    let mut at = index;
    for _ in 0..visit.requests.len() {
        let Some(r) = visit.requests.get(at) else { return false };
        match (r.navigation, r.cause.kind.as_str(), r.caused_by) {
            (true, "page", _) => return true,
            (true, "redirect", Some(by)) => at = by,
            _ => return false,
        }
    }
    false
}

/// Whether it was tried and stopped before it left the browser.
pub(crate) fn was_stopped(r: &RequestFact) -> bool {
    !r.left_browser && r.error.is_some()
}

/// Whether it carried data of its own beyond its address: a body, or a channel made for sending.
pub(crate) fn carries_data(r: &RequestFact) -> bool {
    r.body_bytes.is_some_and(|n| n > 0)
        || ["POST", "PUT", "PATCH"].iter().any(|m| r.method.eq_ignore_ascii_case(m))
        || ["ping", "websocket"].iter().any(|t| r.resource_type.eq_ignore_ascii_case(t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::visit;
    use affiant_record::Scenario;

    #[test]
    fn the_page_and_the_redirects_to_it_are_nobodys_sending() {
        let mut v = visit(Scenario::NoChoice).send(5.0, "other.example").done();
        assert_eq!(recipient(&v, 0), None);
        v.requests[1].navigation = true;
        v.requests[1].cause.kind = "redirect".into();
        v.requests[1].caused_by = Some(0);
        assert_eq!(recipient(&v, 1), None);
        v.requests[1].caused_by = Some(1);
        assert!(recipient(&v, 1).is_some(), "a circle ends");
        assert_eq!(recipient(&v, 99), None);
    }

    #[test]
    fn on_the_sites_own_domain_only_a_tag_counts() {
        let mut v = visit(Scenario::NoChoice).send(5.0, "Hotjar").done();
        v.requests[1].party = Party::First;
        assert_eq!(recipient(&v, 1).unwrap().name, "Hotjar");
        v.requests[1].tag = None;
        assert_eq!(recipient(&v, 1), None);
        v.requests[1].party = Party::SameEntity;
        assert_eq!(recipient(&v, 1), None);
    }
}

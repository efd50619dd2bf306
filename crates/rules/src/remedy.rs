//! What to change and where: the container, the line of the page, or the script that brings the tag in.

use affiant_detect::facts::{Class, VisitFacts};

use crate::chain;
use crate::recipient::{Recipient, account, recipient};
use crate::words::{address, capitalised, plain};

/// What the change is to achieve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Nothing goes out until a choice is stored.
    WaitForChoice,
    /// Nothing goes out after Reject, on any page.
    ObeyReject,
    /// It stays off this page.
    KeepOffPage,
}

/// What to change and where, as concrete as the chain to this request allows.
pub(crate) fn remedy(visit: &VisitFacts, request: Option<usize>, who: &Recipient, aim: Aim) -> String {
    let path = request.map(|r| chain::indices(visit, r)).unwrap_or_default();
    let own = |i: usize| recipient(visit, i).is_some_and(|r| r.key() == who.key());
    let container = path.iter().rev().find(|i| !own(**i) && is_container(visit, **i));
    if let Some(i) = container {
        return in_container(visit, *i, who, aim);
    }
    let entry = path.iter().find(|i| own(**i)).or(path.last());
    let (place, subject) =
        entry.map_or_else(|| (String::new(), "it".to_owned()), |i| brought_in_by(visit, *i, who));
    let what = match aim {
        Aim::WaitForChoice => format!(
            "let {subject} run only once the visitor's choice that allows it is stored: for example let the consent platform release it under the category {}",
            category(who.class)
        ),
        Aim::ObeyReject => format!(
            "make {subject} read the stored choice on every page before it runs, and stop what already runs when a refusal is stored: for example let the consent platform release it under the category {}",
            category(who.class)
        ),
        Aim::KeepOffPage => format!(
            "leave {subject} out of pages with such fields, or have its form and text capture switched off there"
        ),
    };
    capitalised(&format!("{place}{what}."))
}

fn in_container(visit: &VisitFacts, index: usize, who: &Recipient, aim: Aim) -> String {
    let vendor = recipient(visit, index).map(|r| plain(&r.name, 60)).unwrap_or_default();
    let container = match account(visit, index) {
        Some(id) => format!("{} ({vendor})", plain(id, 40)),
        None => vendor,
    };
    let tag = format!("the tag that loads {}", plain(&who.name, 60));
    let requirement = storage_type(who.class);
    match aim {
        Aim::WaitForChoice => {
            format!(
                "In container {container}: add the consent requirement {requirement} to {tag}, and let it be triggered by the consent update, not by the page view."
            )
        }
        Aim::ObeyReject => {
            format!(
                "In container {container}: add the consent requirement {requirement} to {tag}, and check that the consent state is set from the stored choice before the container runs, on every page."
            )
        }
        Aim::KeepOffPage => {
            format!(
                "In container {container}: add an exception for these pages to the trigger of {tag}, or switch off its form and text capture there."
            )
        }
    }
}

/// Where the recipient comes in, as the beginning of a sentence, and what to call it there.
fn brought_in_by(visit: &VisitFacts, index: usize, who: &Recipient) -> (String, String) {
    let name = plain(&who.name, 60);
    let Some(r) = visit.requests.get(index) else { return (String::new(), name) };
    let cause = &r.cause;
    let at_line = cause.line.map(|l| format!("line {l} of ")).unwrap_or_default();
    match (cause.kind.as_str(), cause.url.as_deref()) {
        ("parser" | "preload" | "frame", Some(url)) => (
            format!("at {at_line}{}: ", address(url)),
            format!("the element that loads {name} ({})", address(&r.url)),
        ),
        ("script", Some(_)) => {
            let place = chain::place(cause).unwrap_or_default();
            let by = r.caused_by.and_then(|i| recipient(visit, i));
            let whose = by.map_or_else(
                || "the site's own script".to_owned(),
                |b| format!("the script of {}", plain(&b.name, 60)),
            );
            (format!("in {whose} at {place}, which brings it in: "), name)
        }
        ("redirect", Some(url)) => (format!("at {}, which redirects to it: ", address(url)), name),
        _ => (format!("what brings in {} is not recorded; find it and ", address(&r.url)), name),
    }
}

fn is_container(visit: &VisitFacts, index: usize) -> bool {
    recipient(visit, index).is_some_and(|r| r.class == Some(Class::TagManager))
}

fn storage_type(class: Option<Class>) -> &'static str {
    match class {
        Some(Class::AdPixel) => "ad_storage (with ad_user_data and ad_personalization)",
        Some(Class::Chat | Class::Service) => "functionality_storage",
        _ => "analytics_storage",
    }
}

fn category(class: Option<Class>) -> &'static str {
    match class {
        Some(Class::AdPixel) => "for advertising",
        Some(Class::Chat | Class::Service) => "for functions",
        Some(Class::SessionReplay | Class::FormCapture) => "for session recording",
        Some(Class::TagManager) => "for tag management",
        Some(Class::Monitoring) => "for monitoring",
        Some(Class::Analytics) => "for analytics",
        _ => "that fits its purpose",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{vendor, visit};
    use affiant_record::Scenario;

    #[test]
    fn names_the_container_and_the_consent_requirement() {
        let v = visit(Scenario::NoChoice)
            .send(10.0, "Google Tag Manager")
            .account("GTM-ABC123")
            .send(20.0, "Meta Pixel")
            .caused_by(1, "script", "https://www.googletagmanager.com/gtm.js", 12)
            .done();
        let text = remedy(&v, Some(2), &Recipient::vendor(&vendor("Meta Pixel")), Aim::WaitForChoice);
        assert!(
            text.starts_with(
                "In container GTM-ABC123 (Google Tag Manager): add the consent requirement ad_storage"
            ),
            "{text}"
        );
    }

    #[test]
    fn names_the_line_of_the_page_or_the_script() {
        let v = visit(Scenario::NoChoice)
            .send(10.0, "Hotjar")
            .caused_by(0, "parser", "https://shop.example/", 14)
            .send(20.0, "evil.example")
            .caused_by(1, "script", "https://static.hotjar.com/x.js", 3)
            .done();
        let text = remedy(&v, Some(1), &Recipient::vendor(&vendor("Hotjar")), Aim::WaitForChoice);
        assert!(
            text.starts_with("At line 14 of https://shop.example/: let the element that loads Hotjar"),
            "{text}"
        );
        let text = remedy(&v, Some(2), &Recipient::host("evil.example"), Aim::ObeyReject);
        assert!(text.starts_with("In the script of Hotjar at https://static.hotjar.com/x.js:3:1, which brings it in: make evil.example"), "{text}");
    }

    #[test]
    fn says_when_it_is_not_known() {
        let v = visit(Scenario::NoChoice).send(10.0, "Hotjar").done();
        let text = remedy(&v, Some(1), &Recipient::vendor(&vendor("Hotjar")), Aim::KeepOffPage);
        assert!(text.contains("is not recorded"), "{text}");
        assert!(!remedy(&v, None, &Recipient::host("x"), Aim::WaitForChoice).is_empty());
    }
}

//! How bad, by technology class: what records behaviour weighs most, plain services least.

use affiant_detect::facts::Class;

use crate::judgement::Severity;

/// Severity of sending to this class without consent. `None` is a host whose owner is not known.
pub(crate) fn of_sending(class: Option<Class>) -> Severity {
    match class {
        Some(Class::SessionReplay | Class::FormCapture) => Severity::Critical,
        Some(Class::Chat | Class::AdPixel | Class::Analytics) => Severity::High,
        Some(Class::TagManager | Class::Monitoring) => Severity::Medium,
        Some(Class::Other) | None => Severity::Low,
        Some(Class::Service | Class::Consent) => Severity::Note,
    }
}

/// Whether a site that uses this class would be expected to ask for consent.
pub(crate) fn asks_for_consent(class: Class) -> bool {
    class <= Class::Analytics
}

/// One step less.
pub(crate) fn down(s: Severity) -> Severity {
    match s {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Note => Severity::Note,
    }
}

/// One step more.
pub(crate) fn up(s: Severity) -> Severity {
    match s {
        Severity::Note => Severity::Low,
        Severity::Low => Severity::Medium,
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}

//! For which purpose a technology class is used, in the kinds that consent platforms ask about.

use affiant_detect::facts::Class;
use affiant_record::Purpose;

/// The purpose that has to be granted for this class; none where it is not known, or none is needed.
pub(crate) fn purpose(class: Class) -> Option<Purpose> {
    match class {
        Class::AdPixel => Some(Purpose::Advertising),
        Class::SessionReplay | Class::FormCapture | Class::Analytics => Some(Purpose::Analytics),
        Class::Chat => Some(Purpose::Functional),
        _ => None,
    }
}

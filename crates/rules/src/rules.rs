//! One file a rule: its documentation, its code, its tests.

pub(crate) mod cookie_without_consent;
pub(crate) mod no_banner;
pub(crate) mod recorder_without_consent;
pub(crate) mod sends_after_reject;
pub(crate) mod sends_before_banner;
pub(crate) mod sends_before_choice;
pub(crate) mod third_party_on_sensitive_page;

//! One file a rule: its documentation, its code, its tests.

pub(crate) mod choice_not_offered;
pub(crate) mod choice_undone;
pub(crate) mod cookie_not_declared;
pub(crate) mod cookie_without_consent;
pub(crate) mod declared_always_active;
pub(crate) mod listens_to_fields;
pub(crate) mod no_banner;
pub(crate) mod recorder_without_consent;
pub(crate) mod refusing_stands_out_less;
pub(crate) mod refusing_takes_more;
pub(crate) mod search_or_video_sent;
pub(crate) mod sends_after_dismissal;
pub(crate) mod sends_after_opt_out;
pub(crate) mod sends_after_reject;
pub(crate) mod sends_before_banner;
pub(crate) mod sends_before_choice;
pub(crate) mod sends_beyond_grant;
pub(crate) mod sends_under_gpc;
pub(crate) mod sends_when_ignored;
pub(crate) mod third_party_on_sensitive_page;
pub(crate) mod ticked_before_choice;
pub(crate) mod typed_values_sent;
pub(crate) mod vendor_not_declared;

//! What a rule about sending after a choice says: confirmed by the site's own state, or only asked for.

use crate::scope::Scope;
use crate::sent::Sent;
use crate::title;
use crate::words::count;

/// The words for one kind of choice.
pub(crate) struct Aftermath {
    /// `after Reject was stored`.
    pub(crate) stored: &'static str,
    /// `after Reject was requested`.
    pub(crate) requested: &'static str,
    /// `Reject was stored`.
    pub(crate) that: &'static str,
}

impl Aftermath {
    /// Title and details. Where the stretch is confirmed in some visits only, the title speaks of those, and a detail
    /// of the others.
    pub(crate) fn words(&self, scope: &Scope<'_>, s: &Sent<'_>) -> (String, Vec<String>) {
        let confirmed: Vec<_> =
            s.requests.iter().filter(|o| o.window.unconfirmed.is_none()).cloned().collect();
        if confirmed.is_empty() {
            let m = s.measure(scope);
            let first = s.requests.first().and_then(|o| o.window.unconfirmed.clone());
            let why = first.map(|u| u.why).unwrap_or_default();
            let title = format!(
                "{} {}, {}; whether the site stored it could not be confirmed.",
                title::received(&s.recipient, &m),
                self.requested,
                title::place(&m, &s.requests)
            );
            return (title, vec![format!("Why it could not be confirmed: {why}.")]);
        }
        let doubtful = s.requests.len() - confirmed.len();
        let sure = Sent { recipient: s.recipient.clone(), requests: confirmed, stopped: 0 };
        let m = sure.measure(scope);
        let title = format!(
            "{} {}, {}.",
            title::received(&sure.recipient, &m),
            self.stored,
            title::place(&m, &sure.requests)
        );
        let details = match doubtful {
            0 => vec![],
            n => vec![format!(
                "A further {} in visits where it could not be confirmed that {}.",
                count(n, "request"),
                self.that
            )],
        };
        (title, details)
    }
}

//! What a visit's footer says: how it ended, and how far each collector got.

use std::collections::BTreeMap;

use affiant_record::consent::Achieved;
use affiant_record::footer::collectors as names;
use affiant_record::{CollectorStatus, Footer, Outcome};

use super::Session;
use super::visit::Seen;
use crate::collectors::dns;

impl Session {
    /// The footer, and how many requests were seen. `unread`: messages that could not be read before the visit.
    pub(super) fn footer(
        &self,
        outcome: Outcome,
        consent: Achieved,
        seen: &Seen,
        unread: u64,
    ) -> (Footer, u64) {
        use CollectorStatus::{Failed, Gathered, NotRun, Truncated};
        let dns = dns::status(&self.shared);
        let state = self.shared.lock();
        let failed = |name: &str| state.visit.failures.get(name).map(|r| Failed { reason: r.clone() });
        let lost = self.shared.client.unread() - unread;
        let lost = lost + self.shared.recorder.dropped();
        let network = if let Some(f) = failed(names::NETWORK) {
            f
        } else if lost > 0 {
            Truncated { reason: format!("{lost} messages of the browser could not be read or kept") }
        } else if let Some(lack) = self.browser.lacks.iter().find(|l| l.hides) {
            Truncated { reason: format!("the browser was started without {}: {}", lack.switch, lack.means) }
        } else {
            Gathered
        };
        let bodies = match (failed(names::BODIES), state.visit.bodies_missing) {
            (Some(Failed { reason }), _) => Truncated { reason },
            (_, 0) => Gathered,
            (_, n) => Truncated { reason: format!("{n} bodies could not be fetched any more") },
        };
        let whole = |name: &str, dropped: u64, what: &str, status: CollectorStatus| match failed(name) {
            Some(f) => f,
            None if dropped > 0 => Truncated { reason: format!("{dropped} {what} were left out") },
            None => status,
        };
        let console = whole(names::CONSOLE, state.visit.console_dropped, "console lines", Gathered);
        let listeners = match (failed(names::LISTENERS), state.visit.listeners_dropped) {
            (Some(f), _) => f,
            (None, _) if !seen.lived => NotRun,
            (None, 0) => Gathered,
            (None, n) => Truncated { reason: format!("{n} listeners were left out") },
        };
        let api_calls = whole(names::API_CALLS, state.visit.api_dropped, "uses", network.clone());
        let looked = |name: &str| failed(name).unwrap_or(if seen.looked { Gathered } else { NotRun });
        let watched = |name: &str| failed(name).unwrap_or_else(|| network.clone());
        let collectors: BTreeMap<String, CollectorStatus> = [
            (names::NETWORK, network.clone()),
            (names::BODIES, bodies),
            (names::COOKIES, watched(names::COOKIES)),
            (names::STORAGE, watched(names::STORAGE)),
            (names::WEB_SOCKETS, network.clone()),
            (names::CONSOLE, console),
            (names::SCREENSHOTS, looked(names::SCREENSHOTS)),
            (names::PAGE, looked(names::PAGE)),
            (names::LISTENERS, listeners),
            (names::API_CALLS, api_calls),
            (names::CONSENT, looked(names::CONSENT)),
            (
                names::PROBE,
                failed(names::PROBE).unwrap_or(if seen.probed && seen.lived { Gathered } else { NotRun }),
            ),
        ]
        .into_iter()
        .map(|(n, s)| (n.to_owned(), s))
        .chain([dns])
        .collect();
        let requests = state.visit.requests;
        drop(state);
        let footer = Footer {
            outcome,
            final_url: seen.final_url.clone(),
            consent,
            collectors,
            extra: Default::default(),
        };
        (footer, requests)
    }
}

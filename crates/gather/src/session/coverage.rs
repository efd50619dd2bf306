//! What a visit's footer says: how it ended, and how far each collector got.

use affiant_record::consent::Achieved;
use affiant_record::{CollectorStatus, Footer, Outcome};

use super::Session;
use super::observer::ALL;
use super::visit::Seen;
use super::visit::state::Visit;

/// How far a visit got as a whole: what the word of most collectors hangs on.
pub(crate) struct Reach {
    /// Observations that could not be kept.
    pub(crate) lost: u64,
    /// Why the browser may not have told all of the network.
    pub(crate) hidden: Option<String>,
    /// Whether the page was looked at.
    looked: bool,
    /// Whether the visit went all its way.
    pub(crate) lived: bool,
    /// Whether fields were looked for, to type into.
    pub(crate) probed: bool,
}

impl Reach {
    /// How far a collector got that reads the page when it is looked at.
    pub(crate) fn looked(&self, visit: &Visit, collector: &str) -> CollectorStatus {
        let whole = if self.looked { CollectorStatus::Gathered } else { CollectorStatus::NotRun };
        visit.failed(collector).unwrap_or(whole)
    }
}

impl Visit {
    /// What a collector has failed in.
    pub(crate) fn failed(&self, collector: &str) -> Option<CollectorStatus> {
        self.failures.get(collector).map(|reason| CollectorStatus::Failed { reason: reason.clone() })
    }

    /// How far a collector got, with what it left out.
    fn less(&self, collector: &str, status: CollectorStatus) -> CollectorStatus {
        let Some(cut) = self.cuts.get(collector) else { return status };
        match status {
            CollectorStatus::Gathered | CollectorStatus::NotRun => {
                CollectorStatus::Truncated { reason: cut.clone() }
            }
            CollectorStatus::Truncated { reason } => {
                CollectorStatus::Truncated { reason: format!("{reason}; {cut}") }
            }
            CollectorStatus::Failed { .. } => status,
        }
    }

    /// How far a collector got that leaves out what is too much; `whole` where it left out nothing.
    pub(crate) fn status(
        &self,
        collector: &str,
        dropped: u64,
        what: &str,
        whole: CollectorStatus,
    ) -> CollectorStatus {
        match self.failed(collector) {
            Some(failed) => failed,
            None if dropped > 0 => {
                CollectorStatus::Truncated { reason: format!("{dropped} {what} were left out") }
            }
            None => whole,
        }
    }
}

impl Session {
    /// The footer, and how many requests were seen.
    pub(super) fn footer(&self, outcome: Outcome, consent: Achieved, seen: &Seen) -> (Footer, u64) {
        let reach = Reach {
            lost: self.shared.recorder.dropped(),
            hidden: self
                .browser
                .lacks
                .iter()
                .find(|l| l.hides)
                .map(|lack| format!("the browser was started without {}: {}", lack.switch, lack.means)),
            looked: seen.looked,
            lived: seen.lived,
            probed: seen.probed,
        };
        let left_out = self.shared.recorder.left_out();
        let mut state = self.shared.lock();
        for (collector, what) in left_out {
            state.visit.cut(collector, &what);
        }
        let lost = std::mem::take(&mut state.tab.lost);
        let told = ALL.iter().filter_map(|o| (o.status)(&state.visit, &reach));
        let collectors = told
            .map(|(name, status)| (name.to_owned(), state.visit.less(name, lost.less(name, status))))
            .collect();
        let requests = state.visit.requests.seen;
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use affiant_record::footer::collectors::*;

    use super::*;

    #[test]
    fn every_collector_that_a_record_names_says_how_far_it_got_and_none_twice() {
        let reach = Reach { lost: 0, hidden: None, looked: true, lived: true, probed: true };
        let visit = Visit::default();
        let told: Vec<_> = ALL.iter().filter_map(|o| (o.status)(&visit, &reach)).collect();
        let by_name: BTreeMap<_, _> = told.iter().cloned().collect();
        let mut all = [
            NETWORK,
            BODIES,
            COOKIES,
            STORAGE,
            WEB_SOCKETS,
            CONSOLE,
            SCREENSHOTS,
            CONSENT,
            LISTENERS,
            API_CALLS,
            DNS,
            PAGE,
            PROBE,
        ];
        all.sort_unstable();
        assert_eq!(by_name.keys().copied().collect::<Vec<_>>(), all);
        assert_eq!(told.len(), all.len());
        for (name, status) in by_name {
            let whole = if name == DNS { CollectorStatus::NotRun } else { CollectorStatus::Gathered };
            assert_eq!(status, whole, "{name}");
        }
    }
}

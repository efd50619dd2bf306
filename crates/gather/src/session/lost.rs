//! What the browser told and could not be read, or could not be kept: which collectors missed something by it.

use std::collections::BTreeMap;

use affiant_record::CollectorStatus;
use affiant_record::footer::collectors::*;

/// Messages that were lost, by the collectors that each may have been for.
#[derive(Default)]
pub(crate) struct Lost(BTreeMap<&'static str, u64>);

/// All that the browser's messages are for. (The name system is asked by affiant itself.)
const ALL: [&str; 12] = [
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
    PAGE,
    PROBE,
];

/// For whom messages of this method may be; for all, where it is not known or all hang on it.
fn concerned(method: &str) -> &'static [&'static str] {
    let (domain, event) = method.split_once('.').unwrap_or((method, ""));
    match (domain, event) {
        ("Network", e) if e.starts_with("webSocket") => &[WEB_SOCKETS],
        // The jar is held against the headers, and what is stored or used against who was loaded.
        ("Network", _) => &[NETWORK, BODIES, COOKIES, STORAGE, WEB_SOCKETS, API_CALLS],
        ("Audits", _) => &[NETWORK],
        ("DOMStorage", _) => &[STORAGE],
        ("Storage", _) => &[COOKIES, CONSENT],
        ("Log", _) | ("Runtime", "exceptionThrown") => &[CONSOLE],
        // Calls that are watched are told on the console too.
        ("Runtime", "consoleAPICalled") => &[CONSOLE, COOKIES, STORAGE, API_CALLS],
        // The watcher of banners and the consent driver report so.
        ("Runtime", "bindingCalled") => &[CONSENT],
        ("DOMDebugger" | "Debugger", _) => &[LISTENERS],
        ("DOM", _) => &[CONSENT, PROBE],
        ("Page", "captureScreenshot") => &[SCREENSHOTS],
        ("Page", "javascriptDialogOpening" | "javascriptDialogClosed") => &[CONSOLE],
        _ => &ALL,
    }
}

impl Lost {
    /// Counts one message of this method.
    pub(crate) fn count(&mut self, method: &str) {
        for collector in concerned(method) {
            *self.0.entry(collector).or_default() += 1;
        }
    }

    /// How far a collector got, now that this was lost.
    pub(crate) fn less(&self, collector: &str, status: CollectorStatus) -> CollectorStatus {
        let Some(n) = self.0.get(collector) else { return status };
        let lost = match n {
            1 => "1 message of the browser could not be read as a whole".to_owned(),
            n => format!("{n} messages of the browser could not be read as a whole"),
        };
        match status {
            CollectorStatus::Gathered => CollectorStatus::Truncated { reason: lost },
            CollectorStatus::Truncated { reason } => {
                CollectorStatus::Truncated { reason: format!("{reason}; {lost}") }
            }
            CollectorStatus::Failed { .. } | CollectorStatus::NotRun => status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_the_domain_missed_something_and_all_where_it_is_not_known() {
        let mut lost = Lost::default();
        lost.count("Log.entryAdded");
        assert_eq!(lost.less(NETWORK, CollectorStatus::Gathered), CollectorStatus::Gathered);
        let CollectorStatus::Truncated { reason } = lost.less(CONSOLE, CollectorStatus::Gathered) else {
            panic!()
        };
        assert!(reason.starts_with("1 message"), "{reason}");
        // It may have told of a cookie that a script set.
        lost.count("Runtime.consoleAPICalled");
        let less = lost.less(COOKIES, CollectorStatus::Gathered);
        assert!(matches!(less, CollectorStatus::Truncated { .. }), "{less:?}");
        lost.count("");
        for collector in ALL {
            let less = lost.less(collector, CollectorStatus::Gathered);
            assert!(matches!(less, CollectorStatus::Truncated { .. }), "{collector}");
        }
        assert_eq!(lost.less(DNS, CollectorStatus::Gathered), CollectorStatus::Gathered);
        assert_eq!(lost.less(PAGE, CollectorStatus::NotRun), CollectorStatus::NotRun);
    }
}

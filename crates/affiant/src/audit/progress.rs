//! Progress on stderr: a bar per scenario on a terminal, one line per event otherwise.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use affiant_gather::Progress;
use affiant_report::hostile;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::mpsc::UnboundedReceiver;

use super::role::Role;
use super::shares;

/// How loud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loudness {
    /// Nothing at all.
    Quiet,
    /// Bars on a terminal, lines elsewhere.
    Normal,
}

/// How many visits each scenario has, as far as it is known.
pub(crate) type Totals = Arc<Mutex<BTreeMap<Role, u64>>>;

/// Shows progress until all senders are gone.
pub(crate) async fn show(mut events: UnboundedReceiver<Progress>, loudness: Loudness, totals: Totals) {
    let bars = std::io::stderr().is_terminal() && loudness == Loudness::Normal;
    let multi = MultiProgress::with_draw_target(if bars {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    });
    let style = ProgressStyle::with_template(
        "  {prefix:<12} {bar:20.cyan/dim} {pos:>3}/{len} visits  {elapsed:>4}, {eta} left  {wide_msg}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    let mut by_scenario: BTreeMap<Role, ProgressBar> = BTreeMap::new();
    let line = |text: String| {
        if !bars && loudness == Loudness::Normal {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    };
    while let Some(event) = events.recv().await {
        let (Progress::VisitBegan { session, .. }
        | Progress::Step { session, .. }
        | Progress::VisitEnded { session, .. }) = &event
        else {
            continue;
        };
        let totals = totals.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((role, total)) = totals.into_iter().find(|(r, _)| is_of(session, *r)) else { continue };
        let bar = by_scenario.entry(role).or_insert_with(|| {
            let bar = multi.add(ProgressBar::new(1)).with_style(style.clone()).with_prefix(role.to_string());
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        bar.set_length(total);
        match event {
            Progress::VisitBegan { url, session } => {
                let url = hostile::line(&url, 90);
                bar.set_message(url.clone());
                line(format!("{session}: visiting {url}"));
            }
            Progress::Step { doing, requests, .. } => {
                bar.set_message(format!("{doing} · {requests} requests"))
            }
            Progress::VisitEnded { session, url, outcome, reason, requests, took } => {
                bar.inc(1);
                let reason = reason.map(|r| format!(" ({})", hostile::line(&r, 200))).unwrap_or_default();
                let url = hostile::line(&url, 90);
                let text = format!(
                    "{session}: {outcome}{reason}, {requests} requests, {:.1} s: {url}",
                    took.as_secs_f64()
                );
                bar.set_message(format!("{outcome} · {requests} requests"));
                line(text);
            }
            _ => {}
        }
    }
    for (_, bar) in by_scenario {
        bar.finish_and_clear();
    }
}

/// `reject-all-12` is a session of `reject-all`.
fn is_of(session: &str, role: Role) -> bool {
    let number = |rest: &str| {
        rest.is_empty() || rest.strip_prefix('-').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
    };
    session.strip_prefix(shares::name(role, 1).as_str()).is_some_and(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use affiant_record::Scenario;

    #[test]
    fn a_session_tells_its_scenario() {
        let role = |scenario, control| Role { scenario, control };
        assert!(is_of("reject-all", role(Scenario::RejectAll, false)));
        assert!(is_of("no-choice-12", role(Scenario::NoChoice, false)));
        assert!(is_of("no-choice-control-2", role(Scenario::NoChoice, true)));
        assert!(!is_of("no-choice-control-2", role(Scenario::NoChoice, false)));
        assert!(!is_of("other", role(Scenario::NoChoice, false)));
    }
}

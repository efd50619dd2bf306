//! Progress on stderr: a bar per role on a terminal, one line per visit otherwise.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::time::Duration;

use affiant_engine::{Event, What};
use affiant_plan::Role;
use affiant_report::hostile;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::mpsc::UnboundedReceiver;

/// How it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Not at all.
    Quiet,
    /// By bars on a terminal, by lines elsewhere.
    ForPeople,
    /// Event by event, as JSON.
    Json,
}

/// Shows progress until nobody tells events any more.
pub(crate) async fn show(mut events: UnboundedReceiver<Event>, told: Told) {
    let write = |line: &str| {
        use std::io::Write as _;
        // Whoever listened may be gone; the audit goes on.
        let _ = writeln!(std::io::stderr(), "{line}");
    };
    match told {
        Told::Quiet => while events.recv().await.is_some() {},
        Told::Json => {
            while let Some(event) = events.recv().await {
                if let Ok(text) = serde_json::to_string(&event) {
                    write(&text);
                }
            }
        }
        Told::ForPeople if std::io::stderr().is_terminal() => bars(events).await,
        Told::ForPeople => {
            while let Some(event) = events.recv().await {
                if let Some(text) = line(&event) {
                    write(&text);
                }
            }
        }
    }
}

async fn bars(mut events: UnboundedReceiver<Event>) {
    let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template(
        "  {prefix:<12} {bar:20.cyan/dim} {pos:>3}/{len} visits  {elapsed:>4}, {eta} left  {wide_msg}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    let mut by_role: BTreeMap<Role, ProgressBar> = BTreeMap::new();
    while let Some(event) = events.recv().await {
        let bar = by_role.entry(event.role).or_insert_with(|| {
            let bar =
                multi.add(ProgressBar::new(1)).with_style(style.clone()).with_prefix(event.role.to_string());
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        bar.set_length(event.counts.role_planned.max(1));
        bar.set_position(event.counts.role_done);
        if let Some(message) = message(&event.what) {
            bar.set_message(message);
        }
    }
    for (_, bar) in by_role {
        bar.finish_and_clear();
    }
}

/// What a bar says beside itself.
fn message(what: &What) -> Option<String> {
    Some(match what {
        What::VisitBegan { page } => hostile::line(page, 90),
        What::Step { doing, requests } => format!("{doing} · {requests} requests"),
        What::VisitEnded { outcome, requests, .. } => format!("{outcome} · {requests} requests"),
        _ => return None,
    })
}

/// What stands on a line of its own, where there are no bars.
fn line(event: &Event) -> Option<String> {
    let session = &event.session;
    Some(match &event.what {
        What::VisitBegan { page } => format!("{session}: visiting {}", hostile::line(page, 90)),
        What::VisitEnded { page, outcome, reason, requests, took_ms } => {
            let reason =
                reason.as_deref().map(|r| format!(" ({})", hostile::line(r, 200))).unwrap_or_default();
            let (page, took) = (hostile::line(page, 90), Duration::from_millis(*took_ms).as_secs_f64());
            format!("{session}: {outcome}{reason}, {requests} requests, {took:.1} s: {page}")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use affiant_engine::Counts;
    use affiant_record::Scenario;

    #[test]
    fn what_a_page_says_of_itself_is_shown_as_one_plain_line() {
        let role = Role { scenario: Scenario::RejectAll, control: false };
        let said = |what| {
            let event = Event { session: "reject-all-2".to_owned(), role, what, counts: Counts::default() };
            line(&event)
        };
        let ended = said(What::VisitEnded {
            page: "https://a.test/\u{1b}[2J".to_owned(),
            outcome: "failed".to_owned(),
            reason: Some("no\nanswer".to_owned()),
            requests: 3,
            took_ms: 1500,
        });
        let ended = ended.unwrap();
        assert!(ended.starts_with("reject-all-2: failed (no"), "{ended}");
        assert!(ended.contains("3 requests, 1.5 s") && !ended.contains(['\u{1b}', '\n']), "{ended}");
        assert_eq!(said(What::Planned { visits: 3 }), None);
    }
}

//! Progress on stderr: a line per session on a terminal, one line per event otherwise.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::time::Duration;

use affiant_gather::Progress;
use affiant_report::hostile;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::mpsc::UnboundedReceiver;

/// How loud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loudness {
    /// Nothing at all.
    Quiet,
    /// Bars on a terminal, lines elsewhere.
    Normal,
}

/// Shows progress until all senders are gone.
pub(crate) async fn show(mut events: UnboundedReceiver<Progress>, loudness: Loudness, pages: u64) {
    let bars = std::io::stderr().is_terminal() && loudness == Loudness::Normal;
    let multi = MultiProgress::with_draw_target(if bars {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    });
    let style = ProgressStyle::with_template(
        "  {prefix:<12} {bar:20.cyan/dim} {pos:>3}/{len} pages  {elapsed:>4}  {wide_msg}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    let mut by_session: BTreeMap<String, ProgressBar> = BTreeMap::new();
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
        let bar = by_session.entry(session.clone()).or_insert_with(|| {
            let bar =
                multi.add(ProgressBar::new(pages)).with_style(style.clone()).with_prefix(session.clone());
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
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
    for (_, bar) in by_session {
        bar.finish_and_clear();
    }
}

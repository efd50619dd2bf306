//! Ctrl-C, a request to end, or a terminal that was closed: once, to finish what is cheap; twice, to stop now.

use std::io::Write as _;

use affiant_gather::{StopHandle, end_all};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Stops what holds the handle's other end, and says so; a second time the process ends, with its browsers and their profiles.
/// What is sealed stays.
pub(crate) fn on(handle: StopHandle, quiet: bool, says: &'static str) {
    // Listened for from here on, not from when the task gets its turn.
    let mut interrupt = signal(SignalKind::interrupt()).ok();
    let mut terminate = signal(SignalKind::terminate()).ok();
    let mut hangup = if is_hangup_ignored() { None } else { signal(SignalKind::hangup()).ok() };
    tokio::spawn(async move {
        for round in 0..2 {
            tokio::select! {
                () = heard(&mut interrupt) => {}
                () = heard(&mut terminate) => {}
                () = heard(&mut hangup) => {}
            }
            if round == 0 {
                handle.stop();
                if !quiet {
                    // The terminal may be gone.
                    let _ = writeln!(std::io::stderr(), "affiant: {says}");
                }
            } else {
                end_all();
                std::process::exit(2);
            }
        }
    });
}

async fn heard(signal: &mut Option<Signal>) {
    if let Some(signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending().await
}

/// Whether this process is to outlive its terminal: `nohup` has it ignore the signal, and to listen for it would undo that.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores(&status, SignalKind::hangup().as_raw_value())
}

/// Whether the status of a process says that it ignores a signal.
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|m| u64::from_str_radix(m.trim(), 16).ok()).unwrap_or_default();
    mask >> (signal - 1) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_is_ignored_is_known() {
        assert!(ignores("Name:\tx\nSigIgn:\t0000000000000001\n", 1));
        assert!(!ignores("Name:\tx\nSigIgn:\t0000000000001000\n", 1));
        assert!(!ignores("", 1));
    }
}

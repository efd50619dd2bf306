//! Ctrl-C, or a request to end: once, to finish what is cheap; twice, to stop now.

use std::io::Write as _;

use affiant_gather::StopHandle;

/// Stops what holds the handle's other end, and says so; a second time the process ends. What is sealed stays.
pub(crate) fn on(handle: StopHandle, quiet: bool, says: &'static str) {
    tokio::spawn(async move {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        for round in 0..2 {
            tokio::select! {
                heard = tokio::signal::ctrl_c() => if heard.is_err() { return },
                () = async { match &mut terminate { Some(t) => { t.recv().await; } None => std::future::pending().await } } => {}
            }
            if round == 0 {
                handle.stop();
                if !quiet {
                    let _ = writeln!(std::io::stderr(), "affiant: {says}");
                }
            } else {
                // The browser ends when its pipe closes; its profile is swept by the next run.
                std::process::exit(2);
            }
        }
    });
}

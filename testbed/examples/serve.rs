//! Serves the testbed by hand: `cargo run -p affiant-testbed --example serve -- [--all] [--bodies] [--quiet]`.
//!
//! Prints the resolve rules, the sites and each line of the log, with the bodies if asked, until Ctrl-C. With
//! `--quiet` the log is neither printed nor kept: for measuring.
#![expect(clippy::print_stdout, reason = "it is a command, not a library")]

use affiant_testbed::{Sites, Testbed};
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all = std::env::args().any(|argument| argument == "--all");
    let bodies = std::env::args().any(|argument| argument == "--bodies");
    let quiet = std::env::args().any(|argument| argument == "--quiet");
    let testbed = Testbed::start(if all { Sites::all() } else { Sites::demo() }).await?;
    for rule in testbed.resolve_rules() {
        println!("--resolve {rule}");
    }
    for site in testbed.sites() {
        println!("{}\t{}\t{}", site.id, site.start, site.title);
    }
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let log = testbed.take_log();
        if quiet {
            continue;
        }
        for entry in log {
            println!(
                "{} {}ms {} {} {}://{}{} {} bytes {:?}",
                entry.seq,
                entry.at_ms,
                entry.status,
                entry.method,
                entry.scheme,
                entry.host,
                entry.path_and_query,
                entry.body.len(),
                entry.kind
            );
            if bodies && !entry.body.is_empty() {
                println!("    {}", String::from_utf8_lossy(&entry.body).escape_debug());
            }
        }
    }
}

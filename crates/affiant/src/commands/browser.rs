//! `affiant browser args`: what to start a browser elsewhere with, so that it sees what a local one would.

use std::io::Write as _;

use affiant_gather::ToStart;

use crate::args::{BrowserArgs, BrowserVerb};
use crate::exit::Exit;
use affiant_engine::{LOCALE, VIEWPORT};

/// Prints the switches.
pub(crate) fn run(args: &BrowserArgs, quiet: bool) -> anyhow::Result<Exit> {
    let BrowserVerb::Args { port, profile, block_third_party_cookies, resolve, insecure, major } = &args.verb;
    let mut err = std::io::stderr().lock();
    let major = major.or_else(|| affiant_gather::find::major(&affiant_gather::find::find(None).ok()?));
    if major.is_none() && !quiet {
        writeln!(
            err,
            "affiant: there is no browser here whose version could be taken: name that of the other one with --major, \
             or pages see a user agent that says HeadlessChrome"
        )?;
    }
    let mut switches = affiant_gather::to_start(&ToStart {
        major,
        locale: LOCALE.to_owned(),
        size: VIEWPORT,
        resolve: resolve.clone(),
        insecure: *insecure,
    })?;
    switches.push(format!("--remote-debugging-port={port}"));
    if let Some(dir) = profile {
        affiant_gather::prepare_profile(dir, !block_third_party_cookies)?;
        switches.push(format!("--user-data-dir={}", dir.display()));
    } else if !quiet {
        writeln!(
            err,
            "affiant: add --user-data-dir with an empty folder; one that --profile DIR prepared says whether third \
             parties may set cookies, others leave it to the browser"
        )?;
    }
    let mut out = std::io::stdout().lock();
    for s in switches {
        writeln!(out, "{}", quoted(&s))?;
    }
    out.flush()?;
    Ok(Exit::Nothing)
}

/// As a shell and xargs read it.
fn quoted(s: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_=,./:+@%".contains(&b);
    if s.bytes().all(plain) { s.to_owned() } else { format!("'{}'", s.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        assert_eq!(quoted("--headless=new"), "--headless=new");
        assert_eq!(quoted("--user-agent=A (B)"), "'--user-agent=A (B)'");
        assert_eq!(quoted("--x=it's"), r"'--x=it'\''s'");
        assert_eq!(
            quoted("--host-resolver-rules=MAP *:443 127.0.0.1:1"),
            "'--host-resolver-rules=MAP *:443 127.0.0.1:1'"
        );
    }
}

//! `affiant browser args`: what to start a browser elsewhere with, so that it sees what a local one would.

use std::io::Write as _;
use std::path::PathBuf;

use affiant_engine::{LOCALE, VIEWPORT};
use affiant_gather::ToStart;
use affiant_record::header::Vantage;
use clap::{Args, Subcommand};

use crate::exit::Exit;

#[derive(Debug, Args)]
pub(crate) struct BrowserArgs {
    #[command(subcommand)]
    pub(crate) verb: BrowserVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BrowserVerb {
    /// Print the switches, one a line and quoted: `affiant browser args | xargs chromium`.
    Args {
        /// Port on loopback where the browser is to be reached. Whoever reaches it drives the browser.
        #[arg(long, value_name = "PORT", default_value_t = 9222)]
        port: u16,
        /// Profile folder, prepared by writing its preferences into it: third parties may set cookies there. It must
        /// be empty or absent.
        #[arg(long, value_name = "DIR")]
        profile: Option<PathBuf>,
        /// As in the profile of `audit --block-third-party-cookies`.
        #[arg(long, requires = "profile")]
        block_third_party_cookies: bool,
        /// As of `audit`.
        #[arg(long, value_name = "HOST:PORT:ADDR")]
        resolve: Vec<String>,
        /// As of `audit`.
        #[arg(long)]
        insecure: bool,
        /// Major version of that browser, for its user agent. Default: that of the browser on this machine.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..1000))]
        major: Option<u32>,
    },
}

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
        vantage: Vantage {
            locale: Some(LOCALE.to_owned()),
            width: VIEWPORT.0,
            height: VIEWPORT.1,
            ..Vantage::default()
        },
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

//! `affiant demo`: serve the bundled demo shop on loopback until Ctrl-C.

use std::io::Write as _;

use affiant_testbed::{Sites, Testbed};
use anyhow::Context as _;
use clap::Args;

use crate::exit::Exit;

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Print the arguments that let `affiant audit` reach it, and nothing else.
    #[arg(long)]
    pub(crate) print_args: bool,
}

/// Serves it.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    runtime.block_on(async {
        let bed = Testbed::start(Sites::demo()).await.context("cannot serve the demo site")?;
        let site = bed.sites().next().context("the demo site is missing from this build")?;
        let flags: Vec<String> = bed.resolve_rules().iter().map(|r| format!("--resolve '{r}'")).collect();
        let audit = format!("{} {} --insecure", site.start, flags.join(" "));
        let mut out = std::io::stdout().lock();
        if args.print_args {
            writeln!(out, "{audit}")?;
        } else {
            writeln!(
                out,
                "{} is served on loopback (http {}, https {}).",
                site.title,
                bed.http_addr(),
                bed.https_addr()
            )?;
            writeln!(
                out,
                "Its hosts exist only there. To audit it, from another terminal:\n\n  affiant audit {audit}\n"
            )?;
            writeln!(out, "Ctrl-C ends it.")?;
        }
        out.flush()?;
        drop(out);
        tokio::signal::ctrl_c().await.context("cannot wait for Ctrl-C")?;
        Ok(Exit::Nothing)
    })
}

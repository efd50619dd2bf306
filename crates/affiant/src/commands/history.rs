//! `affiant history`: the audits of a site, or of all.

use std::io::Write as _;

use affiant_store::{AuditRow, AuditState, Store};
use clap::Args;

use crate::args::{StoreArgs, TableAs};
use crate::config::Config;
use crate::exit::Exit;
use crate::kept;
use crate::table::{Table, time};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    affiant history\n  \
    affiant history example.com --format csv")]
pub(crate) struct HistoryArgs {
    /// The site: its domain, or an address on it. Without it: all of them.
    #[arg(value_name = "SITE")]
    pub(crate) site: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = TableAs::Table)]
    pub(crate) format: TableAs,
}

/// Lists them, the latest first.
pub(crate) fn run(args: &HistoryArgs, config: &Config) -> anyhow::Result<Exit> {
    let place = args.store.place(config)?;
    let audits = kept::run(async {
        let store = Store::open(&place).await?;
        let site = match &args.site {
            Some(text) => Some(kept::site(&store, text).await?),
            None => None,
        };
        Ok(store.history(site.as_deref()).await?)
    })?;
    if audits.is_empty() && args.format == TableAs::Table {
        writeln!(std::io::stdout(), "The store {place} has no audit yet: `affiant audit URL` makes one.")?;
        return Ok(Exit::Nothing);
    }
    let mut table =
        Table::new(&["began (UTC)", "site", "pages", "visits", "findings", "ended", "vantage", "audit"]);
    for a in &audits {
        table.row(vec![
            time(a.started),
            a.site.clone(),
            a.pages.to_string(),
            format!("{} of {} complete", a.complete, a.visits),
            found(a),
            ended(a.state).to_owned(),
            a.vantage.clone(),
            a.id.clone(),
        ]);
    }
    table.print(std::io::stdout().lock(), args.format, &audits)?;
    Ok(Exit::Nothing)
}

/// `3 critical, 12 high`, the worst first.
fn found(audit: &AuditRow) -> String {
    let text = audit.by_severity().map(|(level, n)| format!("{n} {level}")).collect::<Vec<_>>().join(", ");
    if text.is_empty() { "none".to_owned() } else { text }
}

fn ended(state: AuditState) -> &'static str {
    match state {
        AuditState::Finished => "finished",
        AuditState::Stopped => "stopped on request",
        AuditState::Unfinished => "not yet, or killed",
    }
}

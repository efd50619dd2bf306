//! `affiant findings`: the findings of a site over its audits.

use affiant_store::{Standing, Store, severity_rank};

use crate::args::{FindingsArgs, StandingAs};
use crate::config::Config;
use crate::exit::Exit;
use crate::kept;
use crate::table::{Table, time};

/// Lists them: those that stand first.
pub(crate) fn run(args: &FindingsArgs, config: &Config) -> anyhow::Result<Exit> {
    let place = args.store.place(config)?;
    let mut all = kept::run(async {
        let store = Store::open(&place).await?;
        let site = kept::site(&store, &args.site).await?;
        Ok(store.findings(&site).await?)
    })?;
    all.retain(|f| args.standing.is_empty() || args.standing.iter().any(|s| standing(*s) == f.standing));
    all.sort_by_key(|f| (f.standing, severity_rank(&f.severity)));
    let mut table = Table::new(&[
        "standing",
        "severity",
        "since (UTC)",
        "last seen",
        "audits",
        "finding",
        "rule",
        "fingerprint",
    ]);
    for f in &all {
        table.row(vec![
            f.standing.in_words().to_owned(),
            f.severity.clone(),
            time(f.since),
            time(f.last_seen),
            f.audits.to_string(),
            f.rule.clone(),
            f.fingerprint.clone(),
            f.title.clone(),
        ]);
    }
    table.print(std::io::stdout().lock(), args.format, &all)?;
    Ok(Exit::Nothing)
}

fn standing(asked: StandingAs) -> Standing {
    match asked {
        StandingAs::New => Standing::New,
        StandingAs::Open => Standing::Open,
        StandingAs::Gone => Standing::Gone,
        StandingAs::NotTestedAgain => Standing::NotTestedAgain,
    }
}

//! `affiant report`: write the reports of an audit folder again.

use crate::args::ReportArgs;
use crate::audit::found;
use crate::exit::{Exit, complain};
use crate::{judging, reporting};

/// Writes them from the newest judgement; judges first if there is none.
pub(crate) fn run(args: &ReportArgs, quiet: bool) -> anyhow::Result<Exit> {
    let folder = found::open(&args.dir)?;
    let mut judged = judging::judge(&folder)?;
    match judging::newest(&args.dir)? {
        // The report shows what was judged then, not what today's rules would say.
        Some(earlier) => judged.judgement = earlier,
        None => {
            judging::append(&args.dir, &judged.judgement)?;
        }
    }
    reporting::write(&folder, &judged, args.format, quiet)?;
    for what in &judged.damaged {
        complain(&anyhow::anyhow!("{what}"));
    }
    Ok(if judged.damaged.is_empty() { Exit::Nothing } else { Exit::CouldNot })
}

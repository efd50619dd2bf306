//! The job of one share: lives its session. Done again, it goes on where the earlier worker's session stopped, in a fresh one.

use affiant_plan::{Part, left};

use super::log::StoreLog;
use super::{Ended, adopt};
use crate::EngineError;
use crate::run::{Context, live};

/// Does it.
pub(super) async fn run(
    context: &Context<StoreLog>,
    again: bool,
    share: affiant_plan::Share,
) -> Result<Ended, EngineError> {
    let log = &context.log;
    let share = if again {
        let mut visits = log.visits().await?;
        visits.retain(|v| v.session == share.session);
        for sealed in adopt::sealed(log.folder(), &visits)? {
            log.adopt(&sealed).await?;
            if let Some(v) = visits.iter_mut().find(|v| v.ordinal == sealed.ordinal) {
                *v = sealed;
            }
        }
        let Some(part) = left(&context.plan, visits.iter().collect()) else { return Ok(Ended::Done) };
        log.take_over(&Part { second: share.second, ..part }).await?
    } else {
        share
    };
    live(context, &share).await?;
    Ok(if context.stop.is_stopped() { Ended::Stopped } else { Ended::Done })
}

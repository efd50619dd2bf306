//! The job of a whole audit: finds out its pages and deals them. It becomes the job of the first share, whose session may have
//! begun; the others are put up for any worker.

use super::log::StoreLog;
use super::{Ended, adopt};
use crate::EngineError;
use crate::run::{Begun, Context, begin, end, live};

/// Does it.
pub(super) async fn run(
    context: &Context<StoreLog>,
    again: bool,
    slots: usize,
) -> Result<Ended, EngineError> {
    let log = &context.log;
    if again {
        // An earlier worker opened the first page, at most: what it sealed stays, and a session of another name begins.
        let visits = log.visits().await?;
        for visit in adopt::sealed(log.folder(), &visits)? {
            log.adopt(&visit).await?;
        }
        for visit in visits {
            log.drop_unmade(&visit.session).await?;
        }
    }
    match begin(context, slots).await? {
        Begun::Hopeless => log.name_only().await?,
        Begun::Known(shares) => {
            log.deal().await?;
            if let Some(own) = shares.first() {
                live(context, own).await?;
            }
        }
        Begun::Told(mut living, own, _) => {
            let dealt = log.deal().await;
            let left = match dealt {
                Ok(()) => living.rest(context, &own).await,
                Err(_) => None,
            };
            end(context, *living, left, own.second).await?;
            dealt?;
        }
    }
    Ok(if context.stop.is_stopped() { Ended::Stopped } else { Ended::Done })
}

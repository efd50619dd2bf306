//! The sessions of an audit side by side, until all shares are done.
//!
//! The first session's first page tells which pages there are, unless they are given; then every role's pages are dealt to
//! sessions, and as many as there are slots live one after the other. What a session leaves undone because its browser went
//! away or its first page did not open goes to a fresh session, once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use affiant_plan::{Part, Share};
use tokio::task::JoinSet;

use super::begin::{Begun, begin, told};
use super::context::{Context, lock};
use super::live::{end, live};
use crate::{EngineError, VisitLog};

/// The shares that wait to be done.
type Queue = Mutex<VecDeque<Share>>;

/// All sessions; where the first page tells which pages there are, its session comes alone until it has. Or those that do
/// what earlier ones left undone.
pub(crate) async fn side_by_side<L: VisitLog>(
    context: &Arc<Context<L>>,
    slots: usize,
    parts: Option<Vec<Part>>,
) {
    let begun = match parts {
        Some(parts) => go_on(context, &parts).await,
        None => begin(context, slots).await,
    };
    let begun = match begun {
        Ok(begun) => begun,
        Err(e) => return context.keep(e),
    };
    let (mut living, shares) = match begun {
        Begun::Hopeless => return,
        Begun::Known(shares) => (None, shares),
        Begun::Told(living, own, shares) => (Some((living, own)), shares),
    };
    let sessions = shares.len() + usize::from(living.is_some());
    let queue = Arc::new(Queue::new(shares.into()));
    let mut all = JoinSet::new();
    for _ in 0..slots.min(sessions) {
        let (context, queue, living) = (Arc::clone(context), Arc::clone(&queue), living.take());
        all.spawn(async move {
            let lived = match living {
                Some((mut living, own)) => {
                    let left = living.rest(&context, &own).await;
                    end(&context, *living, left, own.second).await
                }
                None => Ok(None),
            };
            let worked = match lived {
                Ok(left) => {
                    if let Some(left) = left {
                        lock(&queue).push_front(left);
                    }
                    work(&context, &queue).await
                }
                Err(e) => Err(e),
            };
            if let Err(e) = worked {
                context.keep(e);
            }
        });
    }
    while let Some(done) = all.join_next().await {
        if let Err(e) = done {
            tracing::error!(error = %e, "a session ended unexpectedly");
            context.keep(EngineError::Fault("a session ended unexpectedly; its pages are missing"));
        }
    }
}

async fn go_on<L: VisitLog>(context: &Context<L>, parts: &[Part]) -> Result<Begun, EngineError> {
    let mut shares = Vec::new();
    for part in parts {
        let share = context.log.hand_over(part).await?;
        told(context, &share);
        shares.push(share);
    }
    Ok(Begun::Known(shares))
}

/// Lives sessions, one after the other, while any waits. What one leaves undone comes next.
async fn work<L: VisitLog>(context: &Context<L>, queue: &Queue) -> Result<(), EngineError> {
    while !context.stop.is_stopped() && !context.shared.is_hopeless() {
        let Some(share) = lock(queue).pop_front() else { break };
        if let Some(left) = live(context, &share).await? {
            lock(queue).push_front(left);
        }
    }
    Ok(())
}

//! A share from a fresh profile to its end, and what it left undone.

use affiant_gather::GatherError;
use affiant_plan::{Part, Share};

use super::context::Context;
use super::session::{Left, Living};
use crate::event::What;
use crate::{EngineError, VisitLog};

/// Lives one share, from a fresh profile to its end. Gives what goes to a fresh session.
pub(crate) async fn live<L: VisitLog>(
    context: &Context<L>,
    share: &Share,
) -> Result<Option<Share>, EngineError> {
    let mut living = Living::new(share.role, share.session.clone());
    let arrived = living.arrive(context, &share.first()).await;
    context.shared.note_arrival(arrived.is_ok());
    let left = match arrived {
        Ok(_) => living.rest(context, share).await,
        Err(unopened) => Some(unopened.leaves(share)),
    };
    end(context, living, left, share.second).await
}

/// Ends a session. What it left undone goes to a fresh one, once: this is that.
pub(crate) async fn end<L: VisitLog>(
    context: &Context<L>,
    mut living: Living,
    left: Option<Left>,
    second: bool,
) -> Result<Option<Share>, EngineError> {
    living.close(context).await;
    let goes_on = !context.stop.is_stopped() && !context.is_mute();
    let Some(left) = left.filter(|l| !l.todo.is_empty() && goes_on) else {
        return Ok(None);
    };
    if second || !left.again || context.shared.is_hopeless() {
        living.unvisited(context, &left).await;
        context.keep(GatherError::BrowserGone { doing: "visiting the rest of a session's pages".to_owned() });
        return Ok(None);
    }
    let part = Part {
        session: living.name.clone(),
        from: left.from,
        role: living.role,
        start: context.start().to_owned(),
        todo: left.todo,
        second: true,
    };
    let to = context.log.hand_over(&part).await?;
    tracing::warn!(session = living.name, why = left.why, "its further pages go to {}", to.session);
    let handed = What::HandedOver { to: to.session.clone(), why: left.why };
    context.teller.tell(&living.name, living.role, handed);
    Ok(Some(to))
}

//! The sessions of an audit side by side, until all shares are done.
//!
//! The first session's first page tells which pages there are, unless they are given; then every role's pages are dealt to
//! sessions, and as many as there are slots live one after the other. What a session leaves undone because its browser went
//! away or its first page did not open goes to a fresh session, once.

use std::sync::Arc;

use affiant_gather::GatherError;
use affiant_plan::{Left as Part, Names, Role, Share, choose, deal};
use tokio::task::JoinSet;

use super::context::{Context, lock};
use super::queue::{InMemory, Queue};
use super::session::{Left, Living};
use crate::event::What;
use crate::{EngineError, VisitLog};

/// All sessions; where the first page tells which pages there are, its session comes alone until it has. Or those that do
/// what earlier ones left undone.
pub(crate) async fn side_by_side<L: VisitLog>(
    context: &Arc<Context<L, InMemory>>,
    slots: usize,
    parts: Option<Vec<Part>>,
) {
    let begun = match parts {
        Some(parts) => go_on(context, parts).await,
        None => begin(context, slots).await,
    };
    let begun = match begun {
        Ok(begun) => begun,
        Err(e) => return context.keep(e),
    };
    let (mut living, shares) = match begun {
        Begun::Hopeless => return,
        Begun::Known(shares) => (None, shares),
        Begun::Told(living, shares) => {
            let mut shares = shares.into_iter();
            (shares.next().map(|own| (living, own)), shares.collect())
        }
    };
    let sessions = shares.len() + usize::from(living.is_some());
    context.queue.add(shares);
    let mut all = JoinSet::new();
    for _ in 0..slots.min(sessions) {
        let (context, living) = (Arc::clone(context), living.take());
        all.spawn(async move {
            let lived = match living {
                Some((mut living, own)) => {
                    let left = living.rest(&context, &own).await;
                    end(&context, *living, left, own.second).await
                }
                None => Ok(()),
            };
            let worked = match lived {
                Ok(()) => work(&context).await,
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

/// How an audit begins.
enum Begun {
    /// The pages were given.
    Known(Vec<Share>),
    /// The first page told them. Its session lives, and the first share is its own.
    Told(Box<Living>, Vec<Share>),
    /// The first page cannot be opened: it will not open in another role either.
    Hopeless,
}

async fn begin<L: VisitLog>(context: &Context<L, InMemory>, slots: usize) -> Result<Begun, EngineError> {
    let plan = &context.plan;
    if plan.pages.len() > 1 {
        return Ok(Begun::Known(planned(context, &plan.pages, slots).await?));
    }
    // As if this page were all: the first share's session is the one that asks it.
    let alone = [context.start().to_owned()];
    let Some(first) = deal(plan, &alone, 1, &mut Names::default()).into_iter().next() else {
        return Ok(Begun::Known(Vec::new()));
    };
    let mut living = Living::new(first.role, first.session.clone());
    match living.arrive(context, &first.first()).await {
        Ok(arrived) => {
            let most = usize::try_from(plan.max_pages).unwrap_or(usize::MAX);
            let pages = choose(context.start(), &arrived.end, &arrived.links, most);
            Ok(Begun::Told(Box::new(living), planned(context, &pages, slots).await?))
        }
        Err(unopened) => {
            let shares = planned(context, &alone, 1).await?;
            if let Some(own) = shares.first() {
                let left = unopened.leaves(own);
                end(context, living, Some(left), true).await?;
            }
            Ok(Begun::Hopeless)
        }
    }
}

async fn go_on<L: VisitLog>(context: &Context<L, InMemory>, parts: Vec<Part>) -> Result<Begun, EngineError> {
    for part in &parts {
        context.log.hand_over(&part.session, part.from, &part.to).await?;
        let visits = part.to.steps().len() as u64;
        context.teller.tell(&part.to.session, part.to.role, What::Planned { visits });
    }
    Ok(Begun::Known(parts.into_iter().map(|part| part.to).collect()))
}

/// Deals the pages, and names every visit before it is made.
async fn planned<L: VisitLog, Q>(
    context: &Context<L, Q>,
    pages: &[String],
    slots: usize,
) -> Result<Vec<Share>, EngineError> {
    let shares = deal(&context.plan, pages, slots, &mut lock(&context.names));
    for share in &shares {
        context.log.plan(share).await?;
        let visits = share.steps().len() as u64;
        context.teller.tell(&share.session, share.role, What::Planned { visits });
    }
    Ok(shares)
}

/// Lives sessions, one after the other, while any waits.
async fn work<L: VisitLog, Q: Queue>(context: &Context<L, Q>) -> Result<(), EngineError> {
    while !context.stop.is_stopped() && !context.is_hopeless() {
        let Some(share) = context.queue.next().await? else { break };
        live(context, &share).await?;
    }
    Ok(())
}

/// Lives one share, from a fresh profile to its end.
async fn live<L: VisitLog, Q: Queue>(context: &Context<L, Q>, share: &Share) -> Result<(), EngineError> {
    let mut living = Living::new(share.role, share.session.clone());
    let arrived = living.arrive(context, &share.first()).await;
    context.note_arrival(arrived.is_ok());
    let left = match arrived {
        Ok(_) => living.rest(context, share).await,
        Err(unopened) => Some(unopened.leaves(share)),
    };
    end(context, living, left, share.second).await
}

/// Ends a session. What it left undone goes to a fresh one, once.
async fn end<L: VisitLog, Q: Queue>(
    context: &Context<L, Q>,
    mut living: Living,
    left: Option<Left>,
    second: bool,
) -> Result<(), EngineError> {
    living.close(context).await;
    let Some(left) = left.filter(|l| !l.todo.is_empty() && !context.stop.is_stopped()) else { return Ok(()) };
    if second || !left.again || context.is_hopeless() {
        living.unvisited(context, &left).await;
        context.keep(GatherError::BrowserGone { doing: "visiting the rest of a session's pages".to_owned() });
        return Ok(());
    }
    let role: Role = living.role;
    let to = Share {
        role,
        session: lock(&context.names).next(role),
        start: context.start().to_owned(),
        todo: left.todo,
        second: true,
    };
    tracing::warn!(session = living.name, why = left.why, "its further pages go to {}", to.session);
    context.log.hand_over(&living.name, left.from, &to).await?;
    let handed = What::HandedOver { to: to.session.clone(), why: left.why };
    context.teller.tell(&living.name, role, handed);
    context.queue.put_back(to).await
}

//! How an audit begins: with the pages that were given, or with those that the first page names.

use affiant_plan::{Names, Share, choose, deal};

use super::context::Context;
use super::live::end;
use super::session::Living;
use crate::event::What;
use crate::{EngineError, VisitLog};

/// How an audit has begun.
pub(crate) enum Begun {
    /// The pages were given.
    Known(Vec<Share>),
    /// The first page told them. Its session lives, with a share of its own; the others are to come.
    Told(Box<Living>, Share, Vec<Share>),
    /// The first page cannot be opened: it will not open in another role either.
    Hopeless,
}

/// Finds the pages out and deals them, so that `slots` sessions can go on side by side. Every visit is named.
pub(crate) async fn begin<L: VisitLog>(context: &Context<L>, slots: usize) -> Result<Begun, EngineError> {
    let plan = &context.plan;
    let names = context.log.names().await?;
    if plan.pages.len() > 1 {
        return Ok(Begun::Known(planned(context, &plan.pages, slots, names).await?));
    }
    // As if this page were all: the first share's session is the one that asks it.
    let alone = [context.start().to_owned()];
    let Some(first) = deal(plan, &alone, 1, &mut names.clone()).into_iter().next() else {
        return Ok(Begun::Known(Vec::new()));
    };
    let mut living = Living::new(first.role, first.session.clone());
    match living.arrive(context, &first.first()).await {
        Ok(arrived) => {
            let most = usize::try_from(plan.max_pages).unwrap_or(usize::MAX);
            let pages = choose(context.start(), &arrived.end, &arrived.links, most);
            let mut shares = planned(context, &pages, slots, names).await?.into_iter();
            Ok(match shares.next() {
                Some(own) => Begun::Told(Box::new(living), own, shares.collect()),
                None => Begun::Known(Vec::new()),
            })
        }
        Err(unopened) => {
            let shares = planned(context, &alone, 1, names).await?;
            if let Some(own) = shares.first() {
                let left = unopened.leaves(own);
                end(context, living, Some(left), true).await?;
            }
            Ok(Begun::Hopeless)
        }
    }
}

/// Deals the pages, and names every visit before it is made.
async fn planned<L: VisitLog>(
    context: &Context<L>,
    pages: &[String],
    slots: usize,
    mut names: Names,
) -> Result<Vec<Share>, EngineError> {
    let shares = deal(&context.plan, pages, slots, &mut names);
    for share in &shares {
        context.log.plan(share).await?;
        told(context, share);
    }
    Ok(shares)
}

/// Tells that a session is planned.
pub(crate) fn told<L: VisitLog>(context: &Context<L>, share: &Share) {
    let visits = share.steps().len() as u64;
    context.teller.tell(&share.session, share.role, What::Planned { visits });
}

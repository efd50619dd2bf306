//! Answers a banner as a person would: reads its controls by role and words, and clicks with real input events.
//!
//! At most [`LAYERS`] layers deep. It says what it clicked, and never clicks what reads like granting in order to
//! refuse. What it cannot find is told apart from what it could not do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::consent::ConsentAction;
use affiant_record::{Choice, Observation, Purposes};

use super::controls::{self, Control, operate};
use super::layer;
use super::platforms;
use super::standing::Standing;
use super::watcher::{self, READING};
use super::words::{Means, leads_back, may_lead_on, meaning, says_all};
use crate::recorder::When;
use crate::session::shared::Shared;

/// The driver's name in records.
pub(crate) const DRIVER: &str = "generic (visible text)";
/// Layers of a banner that are gone through at most.
const LAYERS: u32 = 3;
/// A further layer may take this long to come.
const LAYER: Duration = Duration::from_secs(4);
/// A banner that was closed is gone within this: the watcher looks four times a second.
const GONE: Duration = Duration::from_millis(1500);
/// Boxes that are set at most.
const BOXES: usize = 40;

/// A choice that was made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    /// What was operated, in order.
    pub(crate) steps: Vec<String>,
    /// Clicks and keys that it took.
    pub(crate) clicks: u32,
    /// Whether the words leave no doubt.
    pub(crate) sure: bool,
}

/// A choice that was not made.
#[derive(Debug, Clone)]
pub(crate) enum Unmade {
    /// The controls were read, and none of them makes this choice.
    NotOffered(String),
    /// It could not be made, whatever the site offers.
    Failed(String),
}

impl Made {
    fn record(shared: &Shared, what: &str, layer: u32) {
        let mut extra = affiant_record::Extra::default();
        extra.insert("layer".to_owned(), (layer + 1).into());
        shared.recorder.record(
            When::Now,
            Observation::ConsentAction(ConsentAction {
                driver: DRIVER.to_owned(),
                step: "operated".to_owned(),
                note: Some(what.to_owned()),
                extra,
                ..Default::default()
            }),
        );
    }

    async fn operate(&mut self, shared: &Arc<Shared>, c: &Control, layer: u32) -> Result<(), Unmade> {
        operate(shared, c).await.map_err(Unmade::Failed)?;
        let what = format!("'{}'", short(&c.label));
        Made::record(shared, &what, layer);
        self.steps.push(what);
        self.clicks += 1;
        Ok(())
    }

    /// In words: `'Settings', then 'Save'`, and how sure the words are.
    pub(crate) fn say(&self) -> String {
        let sure = if self.sure { "sure" } else { "likely" };
        format!("operated {} ({sure} by its words)", self.steps.join(", then "))
    }
}

/// Makes the choice on the banner that stands there. What was operated is in `made`, also where that did not do.
pub(crate) async fn choose(shared: &Arc<Shared>, choice: Choice, made: &mut Made) -> Result<(), Unmade> {
    match choice {
        Choice::Accept => accept(shared, made).await,
        Choice::Dismiss => dismiss(shared, made).await,
        Choice::Custom(granted) => walk(shared, made, Want::Some(granted), false, "").await,
        _ => walk(shared, made, Want::Nothing, false, "").await,
    }
}

/// What the layers are walked for.
#[derive(Debug, Clone, Copy)]
enum Want {
    Nothing,
    Some(Purposes),
}

impl Want {
    fn words(self) -> &'static str {
        match self {
            Want::Nothing => "reads like refusing, or leads to where one can",
            Want::Some(_) => "lets purposes be chosen one by one, or leads to where they can be",
        }
    }
}

/// The banner's controls; those of any dialog where the watcher holds none.
async fn read(shared: &Arc<Shared>, further: bool) -> Vec<Control> {
    let all = controls::read(shared, further).await;
    if all.is_empty() && !further { controls::read(shared, true).await } else { all }
}

async fn accept(shared: &Arc<Shared>, made: &mut Made) -> Result<(), Unmade> {
    let all = read(shared, false).await;
    let Some(yes) = best(&all, Means::Accept) else {
        return Err(not_found(&all, "reads like accepting"));
    };
    made.sure = says_all(&yes.label);
    made.operate(shared, yes, 0).await
}

/// Goes through the layers until nothing is left to set. `second`: the first layer is a dialog already; `before`: what
/// could be operated until it opened.
async fn walk(
    shared: &Arc<Shared>,
    made: &mut Made,
    want: Want,
    second: bool,
    before: &str,
) -> Result<(), Unmade> {
    let mut before = before.to_owned();
    for layer in 0..LAYERS {
        let further = second || layer > 0;
        let all = next(shared, further, &before).await;
        if further && !all.is_empty() {
            // Where the first layer is a dialog that was opened again, it counts as the second.
            layer::observe(shared, layer + 1 + u32::from(second)).await;
        }
        // What stands behind a layer that has opened was tried already.
        let fresh: Vec<Control> = all.iter().filter(|c| !before.contains(&line(c))).cloned().collect();
        before = told(&all);
        let boxes: Vec<&Control> = all.iter().filter(|c| c.is_box()).collect();
        let pressed = boxes.iter().any(|b| b.on == Some(true) && !b.off);
        let (granted, settable) = match want {
            Want::Nothing => (Purposes::NONE, pressed || further),
            Want::Some(granted) => (granted, boxes.iter().any(|b| matches!(b.purpose(), Ok(Some(_))))),
        };
        if matches!(want, Want::Nothing)
            && let Some(no) = best(&fresh, Means::Reject)
        {
            made.sure = says_all(&no.label);
            let stood = shared.lock().standing();
            made.operate(shared, no, layer).await?;
            // "Do not sell" may only lead to where it is said.
            if asks_on(shared, &before, &stood).await {
                continue;
            }
            return Ok(());
        }
        if let Some(save) = best(&all, Means::Save).filter(|_| settable) {
            made.sure = set(shared, made, &all, granted, (layer, further)).await?;
            return made.operate(shared, &again(shared, save, &all, further).await, layer).await;
        }
        let more = || fresh.iter().find(|c| c.role == "button" && !c.off && may_lead_on(&c.label));
        let Some(on) = best(&fresh, Means::Settings).or_else(more) else {
            return Err(not_found(&all, want.words()));
        };
        made.operate(shared, on, layer).await?;
    }
    let steps = made.steps.join(", then ");
    Err(Unmade::NotOffered(format!("nothing within {LAYERS} layers {}: operated {steps}", want.words())))
}

/// The controls, once they differ from those of the layer before.
async fn next(shared: &Arc<Shared>, further: bool, before: &str) -> Vec<Control> {
    let end = Instant::now() + LAYER;
    loop {
        if !before.is_empty() {
            tokio::time::sleep(READING).await;
        }
        let all = read(shared, further).await;
        if (!all.is_empty() && told(&all) != before) || Instant::now() >= end {
            return all;
        }
    }
}

/// The same control again: setting boxes may have drawn the layer anew. Several may have one name: then the one that
/// stands where it stood among them.
async fn again(shared: &Arc<Shared>, control: &Control, among: &[Control], further: bool) -> Control {
    let same = |c: &&Control| line(c) == line(control);
    let nth = among.iter().filter(same).position(|c| c.is(control)).unwrap_or(0);
    let all = read(shared, further).await;
    let found = all.iter().filter(same).nth(nth);
    let found = found.or_else(|| all.iter().find(|c| c.label == control.label && c.role == control.role));
    found.unwrap_or(control).clone()
}

/// Sets the boxes so that only these purposes are granted; tells whether every box's purpose was known.
async fn set(
    shared: &Arc<Shared>,
    made: &mut Made,
    all: &[Control],
    granted: Purposes,
    (layer, further): (u32, bool),
) -> Result<bool, Unmade> {
    let (mut known, mut pressed) = (true, false);
    for b in all.iter().filter(|b| b.is_box() && !b.off).take(BOXES) {
        let wanted = match b.purpose() {
            Ok(None) => continue,
            Ok(Some(p)) => granted.has(p),
            Err(()) => {
                known &= b.on != Some(true);
                false
            }
        };
        // Of two radio buttons the one that says it is pressed.
        let press = match b.role.as_str() {
            "radio" => {
                b.on != Some(true)
                    && meaning(&b.label) == Some(if wanted { Means::Accept } else { Means::Reject })
            }
            _ => b.on.is_some_and(|on| on != wanted),
        };
        if !press {
            continue;
        }
        // One box may switch others, and some stand for all of them: what it is now counts.
        let now = if pressed { again(shared, b, all, further).await } else { b.clone() };
        if b.role == "radio" || now.on.is_some_and(|on| on != wanted) {
            made.operate(shared, &now, layer).await?;
            pressed = true;
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }
    Ok(known)
}

/// What can be operated now, as one text to compare with.
pub(crate) async fn look(shared: &Arc<Shared>) -> String {
    told(&controls::read(shared, true).await)
}

/// Whether another banner than the one that was answered stands there, and can be answered likewise. `before`: those
/// that stood there until then. If one of them has gone, that was the one that was answered.
pub(crate) async fn another(shared: &Arc<Shared>, choice: Choice, before: &Standing) -> bool {
    watcher::still(shared).await;
    let now = shared.lock().standing();
    let answered = if before.is_subset(&now) { before.clone() } else { Standing::new() };
    if now.is_subset(&answered) {
        return false;
    }
    watcher::turn(shared, &answered).await;
    let means = if choice == Choice::Accept { Means::Accept } else { Means::Reject };
    best(&controls::read(shared, false).await, means).is_some()
}

/// Refuses in a layer that has been opened since.
pub(crate) async fn refuse_further(
    shared: &Arc<Shared>,
    made: &mut Made,
    before: &str,
) -> Result<(), Unmade> {
    walk(shared, made, Want::Nothing, true, before).await
}

/// Whether, after a refusal, another layer asks on with boxes or a way to save.
pub(crate) async fn asks_on(shared: &Arc<Shared>, before: &str, stood: &Standing) -> bool {
    closed(shared, stood).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let all = controls::read(shared, true).await;
    told(&all) != before && best(&all, Means::Save).is_some()
}

async fn dismiss(shared: &Arc<Shared>, made: &mut Made) -> Result<(), Unmade> {
    let stood = shared.lock().standing();
    let all = read(shared, false).await;
    let answers = |c: &Control| {
        matches!(meaning(&c.label), Some(Means::Accept | Means::Reject | Means::Settings | Means::Save))
    };
    let close = all.iter().filter(|c| !c.is_box() && !answers(c));
    let close = close
        .clone()
        .find(|c| meaning(&c.label) == Some(Means::Close))
        .or_else(|| close.clone().find(|c| c.close));
    let mut tried = Vec::new();
    if let Some(close) = close {
        made.operate(shared, close, 0).await?;
        if closed(shared, &stood).await {
            made.sure = true;
            return Ok(());
        }
        tried.push(format!("'{}'", short(&close.label)));
    }
    let said = |e: crate::GatherError| Unmade::Failed(e.to_string());
    super::input::escape(shared).await.map_err(said)?;
    tried.push("Escape".to_owned());
    if closed(shared, &stood).await {
        return key(shared, made, "the Escape key");
    }
    if let Some((x, y)) = super::ignore::text_beside(shared).await.first().copied() {
        super::input::click(shared, x, y).await.map_err(said)?;
        tried.push("a click outside".to_owned());
        if closed(shared, &stood).await {
            return key(shared, made, "a click outside of it");
        }
    }
    let x = if close.is_some() { "" } else { "it has no control that only closes it; " };
    Err(Unmade::NotOffered(format!("{x}the banner was still there after {}", tried.join(", "))))
}

fn key(shared: &Shared, made: &mut Made, what: &str) -> Result<(), Unmade> {
    Made::record(shared, what, 0);
    made.steps.push(what.to_owned());
    made.clicks += 1;
    made.sure = true;
    Ok(())
}

/// Whether the banner goes away: one of those that stood there before it was operated.
pub(crate) async fn closed(shared: &Arc<Shared>, stood: &Standing) -> bool {
    let end = Instant::now() + GONE;
    let unseen = shared.lock().visit.banners.in_closed_tree;
    loop {
        if unseen && controls::hidden_banner(shared).await.is_none() {
            shared.lock().visit.banners.in_closed_tree = false;
        }
        let has_gone = || {
            let state = shared.lock();
            !state.banner_open() || !stood.is_subset(&state.standing())
        };
        if has_gone() {
            return true;
        }
        if Instant::now() >= end {
            // On a slow machine it may still be fading.
            watcher::still(shared).await;
            return has_gone();
        }
        shared.change(Duration::from_millis(50)).await;
    }
}

/// Takes back what was granted: opens the preferences again as a visitor would, else by the platform's own
/// interface, and refuses there. `Ok` tells also whether a visitor could see the way.
pub(crate) async fn withdraw(shared: &Arc<Shared>, made: &mut Made) -> Result<bool, Unmade> {
    let open = shared.lock().banner_open();
    let mut visible = open;
    let mut ways = controls::ways_back(shared).await;
    let plain = |w: &Control| leads_back(&w.label).max(if w.floating { 2 } else { 0 });
    ways.retain(|w| plain(w) >= 2);
    // Those that say it most plainly first; of these the ones that stay on the page.
    ways.sort_by_key(|w| (std::cmp::Reverse(plain(w)), w.leads_away));
    let mut why = "the page shows nothing that leads back to the preferences".to_owned();
    if !open {
        for way in ways.iter().take(3) {
            made.operate(shared, way, 0).await?;
            if opened(shared).await {
                visible = true;
                break;
            }
            why = format!("'{}' opened no preferences", short(&way.label));
        }
        if !visible {
            match platforms::call(shared, "reopen", None).await {
                Some(Ok(platform)) if opened(shared).await => {
                    made.steps.push(format!("{platform}'s own interface to open the preferences ({why})"));
                }
                Some(Ok(platform)) => why = format!("{why}; {platform}'s own interface opened nothing"),
                Some(Err(e)) => why = format!("{why}; {e}"),
                None => {}
            }
            if !opened(shared).await {
                return Err(Unmade::NotOffered(why));
            }
        }
    }
    walk(shared, made, Want::Nothing, true, "").await?;
    Ok(visible)
}

/// Whether preferences are there to be read.
async fn opened(shared: &Arc<Shared>) -> bool {
    let end = Instant::now() + LAYER;
    loop {
        let all = controls::read(shared, true).await;
        if all.iter().any(|c| c.is_box() || matches!(meaning(&c.label), Some(Means::Save | Means::Reject))) {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// The plainest control that means this; a button before a link.
fn best(all: &[Control], means: Means) -> Option<&Control> {
    let fits = |c: &&Control| !c.is_box() && !c.off && meaning(&c.label) == Some(means);
    all.iter().filter(fits).min_by_key(|c| (!says_all(&c.label), c.role == "link"))
}

/// The controls as one text, by which two layers are told apart.
fn told(all: &[Control]) -> String {
    all.iter().map(line).collect()
}

fn line(c: &Control) -> String {
    format!("{} {} {}\n", c.role, c.label, c.around)
}

fn not_found(all: &[Control], what: &str) -> Unmade {
    if all.is_empty() {
        return Unmade::Failed("no control of the banner could be read".to_owned());
    }
    let labels: Vec<String> = all
        .iter()
        .filter(|c| !c.label.is_empty())
        .take(8)
        .map(|c| format!("'{}'", short(&c.label)))
        .collect();
    Unmade::NotOffered(format!("nothing on the banner {what}; it offers {}", labels.join(", ")))
}

fn short(label: &str) -> String {
    label.chars().take(50).collect()
}

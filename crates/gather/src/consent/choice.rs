//! Making the choice that the scenario asks for, and noticing when it was stored.

use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::consent::ConsentAction;
use affiant_record::page::{Phase, phase};
use affiant_record::{Choice, Observation};

use super::autoconsent::Message;
use super::by_words::{self, Made, Unmade};
use super::standing::Standing;
use super::{autoconsent, clicks, platforms, stored, watcher};
use crate::cdp::json::Read as _;
use crate::recorder::When;
use crate::session::shared::Shared;

/// A platform needs a moment after its banner appears: a choice that comes too early is lost (measured).
const AFTER_BANNER: Duration = Duration::from_millis(1500);
/// How long autoconsent may work on a choice.
const DRIVE: Duration = Duration::from_secs(20);

/// How making the choice went.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    /// Whether anything was done on the page.
    pub(crate) acted: bool,
    /// Why no choice could be made, if none could.
    pub(crate) why_not: Option<String>,
}

/// Makes the choice. The page has settled and the banner was waited for.
pub(crate) async fn make(shared: &Arc<Shared>, choice: Choice, banner_waited: Duration) -> Chosen {
    if choice == Choice::Withdraw {
        return withdraw(shared).await;
    }
    let popup = popup(shared).await;
    let banner = shared.lock().visit.banners.first;
    if popup.is_none() && banner.is_none() {
        let note = format!("no consent banner was recognised within {:.1} s", banner_waited.as_secs_f64());
        result(shared, &autoconsent::driver(), None, false, None, &note, "not-offered");
        return Chosen { acted: false, why_not: Some(note) };
    }
    tokio::time::sleep(AFTER_BANNER).await;
    let began = shared.recorder.record(moment(shared).await, mark());
    watcher::turn(shared, &Standing::new()).await;
    let stood = shared.lock().standing();
    let before = by_words::look(shared).await;
    let first = match (&popup, choice) {
        (Some(p), Choice::Accept | Choice::Reject) => drive(shared, choice, p, &stood).await,
        (None, Choice::Accept | Choice::Reject) => Err("autoconsent has no rule for this banner".to_owned()),
        _ => Err(String::new()),
    };
    let chosen = match first {
        // What it clicked may only have led to where the choice is made.
        Ok(Driven { sure: false })
            if choice == Choice::Reject && by_words::asks_on(shared, &before, &stood).await =>
        {
            let mut made = Made::default();
            let done = by_words::refuse_further(shared, &mut made, &before).await;
            ended(shared, &made, done, "; autoconsent had opened it")
        }
        Ok(_) => Chosen { acted: true, why_not: None },
        Err(first) => read_as_a_person(shared, choice, &first).await,
    };
    let chosen = answer_others(shared, choice, chosen, stood).await;
    if chosen.acted {
        stored::mark(shared, began).await;
    }
    chosen
}

/// A page may have two platforms: when one has its answer, the other one still asks. A person answers both.
async fn answer_others(shared: &Arc<Shared>, choice: Choice, chosen: Chosen, mut stood: Standing) -> Chosen {
    for _ in 0..2 {
        let done = chosen.acted && chosen.why_not.is_none();
        if !done || !matches!(choice, Choice::Accept | Choice::Reject) {
            break;
        }
        if !by_words::another(shared, choice, &stood).await {
            break;
        }
        stood = shared.lock().standing();
        let mut made = Made::default();
        let done = by_words::choose(shared, choice, &mut made).await;
        let other = ended(shared, &made, done, "; another banner asked as well");
        if other.why_not.is_some() {
            return other;
        }
    }
    chosen
}

/// Where autoconsent's rule failed, or there is none, or it cannot make this choice.
async fn read_as_a_person(shared: &Arc<Shared>, choice: Choice, first: &str) -> Chosen {
    let mut made = Made::default();
    let done = if shared.lock().banner_open() || first.is_empty() {
        by_words::choose(shared, choice, &mut made).await
    } else {
        Err(Unmade::Failed("the banner is gone".to_owned()))
    };
    let and = if first.is_empty() { String::new() } else { format!("; {first}") };
    if let Err(Unmade::Failed(why)) = &done
        && shared.lock().banner_open()
        && let Some(instead) = instead(shared, choice, &format!("{why}{and}")).await
    {
        return instead;
    }
    ended(shared, &made, done, &and)
}

/// Writes down how the driver by words got on.
fn ended(shared: &Shared, made: &Made, done: Result<(), Unmade>, and: &str) -> Chosen {
    let (step, why_not) = match done {
        Ok(()) => ("result", None),
        Err(Unmade::NotOffered(why)) => ("not-offered", Some(format!("{why}{and}"))),
        // It may have clicked something all the same, or autoconsent has.
        Err(Unmade::Failed(why)) => ("result", Some(format!("{why}{and}"))),
    };
    let note = why_not.clone().unwrap_or_else(|| format!("{}{and}", made.say()));
    let clicks = (why_not.is_none()).then_some(made.clicks);
    result(shared, by_words::DRIVER, None, why_not.is_none(), clicks, &note, step);
    Chosen { acted: made.clicks > 0 || step == "result", why_not }
}

/// The last resort, for a banner that stands there and cannot be operated: what its platform offers to scripts.
async fn instead(shared: &Arc<Shared>, choice: Choice, why: &str) -> Option<Chosen> {
    let (op, granted) = match choice {
        Choice::Accept => ("accept", None),
        Choice::Reject => ("reject", None),
        Choice::Custom(granted) => ("custom", Some(granted)),
        _ => return None,
    };
    let platform = platforms::call(shared, op, granted).await?.ok()?;
    let note = format!("{platform}'s own interface was called instead of a click ({why})");
    result(shared, &format!("the interface of {platform}"), None, true, Some(0), &note, "result");
    Some(Chosen { acted: true, why_not: None })
}

/// Takes consent back on a page where none is asked for.
async fn withdraw(shared: &Arc<Shared>) -> Chosen {
    let began = shared.recorder.record(moment(shared).await, mark());
    let mut made = Made::default();
    let done = match by_words::withdraw(shared, &mut made).await {
        Ok(true) => Ok(()),
        Ok(false) => {
            let note = "no visible way back to the preferences was found on the page";
            result(shared, by_words::DRIVER, None, false, None, note, "not-offered");
            Ok(())
        }
        Err(why) => Err(why),
    };
    let chosen = ended(shared, &made, done, "");
    if chosen.acted {
        stored::mark(shared, began).await;
    }
    chosen
}

/// Now, by the page's own clock: what the choice sets off cannot then seem to come before it.
async fn moment(shared: &Arc<Shared>) -> When {
    let target = shared.lock().tab.main_target.clone();
    let ask = serde_json::json!({ "expression": "performance.timeOrigin + performance.now()", "returnByValue": true });
    let answer = shared.client.call_within(&target, "Runtime.evaluate", ask, Duration::from_secs(2)).await;
    let told = answer.ok().and_then(|a| a["result"]["value"].as_f64());
    // A page may have replaced these functions: what is not about now is not believed.
    let near = |wall: &f64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        (now.as_secs_f64() * 1000.0 - wall).abs() < 2500.0
    };
    told.filter(near).map_or(When::Now, When::Wall)
}

/// The first frame in which autoconsent found an open banner; waits a little if the watcher saw one, or if a platform
/// is there.
async fn popup(shared: &Arc<Shared>) -> Option<Message> {
    let end = Instant::now() + Duration::from_secs(4);
    loop {
        {
            let state = shared.lock();
            let found = state
                .visit
                .autoconsent
                .messages
                .iter()
                .find(|m| m.message.text("type") == "popupFound")
                .cloned();
            // A platform that is there and has not asked yet may ask late.
            let silent = state.visit.banners.first.is_none()
                && !state.visit.autoconsent.messages.iter().any(|m| m.message.text("type") == "cmpDetected");
            let hopeless = silent || Instant::now() >= end;
            if found.is_some() || hopeless {
                return found;
            }
        }
        shared.change(Duration::from_millis(100)).await;
    }
}

/// That autoconsent's steps ran.
struct Driven {
    /// By a rule for this platform, and its own test does not deny it.
    sure: bool,
}

/// Lets autoconsent do it.
async fn drive(
    shared: &Arc<Shared>,
    choice: Choice,
    popup: &Message,
    stood: &Standing,
) -> Result<Driven, String> {
    let rule = popup.message.text("cmp");
    let accept = choice == Choice::Accept;
    if accept && rule == "HEURISTIC" {
        return Err("autoconsent's heuristic only refuses".to_owned());
    }
    let (ask, answer) = if accept { ("optIn", "optInResult") } else { ("optOut", "optOutResult") };
    autoconsent::send(shared, &popup.target, popup.context, ask);
    let Some(said) = answered(shared, answer, popup).await else {
        return Err(format!("autoconsent's rule '{rule}' did not finish within {} s", DRIVE.as_secs()));
    };
    clicks::made(shared).await;
    clicks::shown_again(shared, &popup.target, popup.context).await;
    let (clicks, by_script, failed) = {
        let c = &shared.lock().visit.autoconsent;
        let failed = match (c.by_interface, c.hides, c.covered) {
            (true, ..) => Some("would call the platform's own interface"),
            (_, true, _) => Some("would only hide the banner"),
            (.., true) => Some("would click what something else stands before"),
            _ => None,
        };
        (c.clicks, c.by_script, failed)
    };
    // It may have gone on without: what it clicked counts if the banner took it.
    if let Some(why) = failed
        && !(clicks > 0 && by_words::closed(shared, stood).await)
    {
        return Err(format!("autoconsent's rule '{rule}' {why}"));
    }
    if said.as_ref().is_some_and(|m| m.message["result"] != true) {
        return Err(format!("autoconsent's rule '{rule}' failed"));
    }
    if clicks + by_script == 0 && !by_words::closed(shared, stood).await {
        return Err(format!("autoconsent's rule '{rule}' found nothing to click"));
    }
    let done = wait_for(shared, "autoconsentDone", Duration::from_millis(500)).await;
    let told = done.and_then(|d| d.message["totalClicks"].as_u64()).and_then(|c| c.try_into().ok());
    // It counts steps; what was clicked in them is counted here. Clicks on what nobody can reach are no visitor's.
    let clicks = match (clicks, by_script) {
        (0, 0) => told,
        (0, _) => None,
        (n, _) => Some(n),
    };
    let mut note = String::new();
    let mut sure = rule != "HEURISTIC" && failed.is_none();
    if said.is_some_and(|m| m.message["scheduleSelfTest"] == true) {
        tokio::time::sleep(Duration::from_millis(300)).await;
        autoconsent::send(shared, &popup.target, popup.context, "selfTest");
        note = match wait_for(shared, "selfTestResult", Duration::from_secs(5)).await {
            Some(t) if t.message["result"] == true => "its self test held",
            Some(_) => {
                sure = false;
                "its self test failed"
            }
            None => "its self test gave no answer",
        }
        .to_owned();
    }
    result(shared, &autoconsent::driver(), Some(rule), true, clicks, &note, "result");
    Ok(Driven { sure })
}

/// Its answer; `Some(None)` where it can give none: what it clicked has taken the frame away in which it ran.
async fn answered(shared: &Arc<Shared>, kind: &str, popup: &Message) -> Option<Option<Message>> {
    let end = Instant::now() + DRIVE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if let Some(said) = wait_for(shared, kind, left.min(Duration::from_millis(300))).await {
            return Some(Some(said));
        }
        let state = shared.lock();
        let gone = !state.tab.contexts.has(&popup.target, popup.context);
        let clicked = state.visit.autoconsent.clicks + state.visit.autoconsent.by_script > 0;
        if gone && clicked && state.visit.autoconsent.clicking == 0 {
            return Some(None);
        }
        if left.is_zero() || state.visit.crashed.is_some() || shared.client.is_gone() {
            return None;
        }
    }
}

async fn wait_for(shared: &Arc<Shared>, kind: &str, at_most: Duration) -> Option<Message> {
    let end = Instant::now() + at_most;
    loop {
        {
            let state = shared.lock();
            if let Some(m) =
                state.visit.autoconsent.messages.iter().rev().find(|m| m.message.text("type") == kind)
            {
                return Some(m.clone());
            }
            if state.visit.crashed.is_some() || shared.client.is_gone() {
                return None;
            }
        }
        if Instant::now() >= end {
            return None;
        }
        shared.change(Duration::from_millis(100)).await;
    }
}

fn mark() -> Observation {
    Observation::Phase(Phase { phase: phase::CHOICE.to_owned(), ..Default::default() })
}

fn result(
    shared: &Shared,
    driver: &str,
    rule: Option<String>,
    ok: bool,
    clicks: Option<u32>,
    note: &str,
    step: &str,
) {
    shared.recorder.record(
        When::Now,
        Observation::ConsentAction(ConsentAction {
            driver: driver.to_owned(),
            step: step.to_owned(),
            rule,
            ok: Some(ok),
            clicks,
            note: (!note.is_empty()).then(|| note.to_owned()),
            ..Default::default()
        }),
    );
}

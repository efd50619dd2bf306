//! Typing into the page's fields, as a visitor does, values that are nobody's and unique to the field and the visit:
//! whoever has one of them later read it from this field. Nothing is ever submitted.

pub(crate) mod guard;
pub(crate) mod interception;
mod typing;
mod values;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::footer::collectors::PROBE;
use affiant_record::page::{Input, Phase, phase};
use affiant_record::probe::{LeftOut, Probe, Typed};
use affiant_record::{CollectorStatus, Observation};
use affiant_signals::{Field, InputKind, classify};
use serde_json::json;

use crate::collectors::page;
use crate::consent::controls::{self, Place};
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::stop::Stop;
use crate::session::visit::state::Visit;

pub use values::words_of_nobody;

/// Fields that are typed into in one visit at most.
const MOST: usize = 25;
/// How long all the typing of one visit may take.
const LONGEST: Duration = Duration::from_secs(90);
/// Fields that come to be seen by typing are looked for so often.
const ROUNDS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(4);
/// Fields that are left out and told of.
const TOLD: usize = 100;

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    let went = reach.probed && reach.lived;
    let whole = if went { CollectorStatus::Gathered } else { CollectorStatus::NotRun };
    Some((PROBE, visit.failed(PROBE).unwrap_or(whole)))
}

/// What the owner of the site allows.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// CSS selectors of what is never typed into.
    pub(crate) leave_out: Vec<String>,
    /// Until then: the visit's time.
    pub(crate) until: Instant,
}

/// A field, where it is.
struct Found {
    place: Place,
    frame: String,
    frame_url: String,
    /// Its place among the elements that were kept in its frame.
    at: usize,
    input: Input,
}

/// How typing went.
#[derive(Default)]
struct Went {
    found: u64,
    typed: u64,
    left_out: Vec<LeftOut>,
    why_not: Option<String>,
}

/// Types into what is there. `known`: fields that the session has typed into already. Tells whether anything was typed.
pub(crate) async fn probe(
    shared: &Arc<Shared>,
    limits: &Limits,
    known: &mut HashSet<String>,
    stop: &Stop,
) -> bool {
    let fields = found(shared).await;
    let mut went = Went::default();
    if fields.is_empty() {
        record(shared, &went, vec![]);
        return false;
    }
    shared.recorder.record(
        When::Now,
        Observation::Phase(Phase { phase: phase::PROBE.to_owned(), ..Default::default() }),
    );
    let guard = match guard::raise(shared).await {
        Ok(guard) => guard,
        Err(e) => {
            went.found = fields.len() as u64;
            went.why_not = Some(format!("it could not be assured that nothing is submitted: {e}"));
            shared.lock().visit.fail(PROBE, went.why_not.clone().unwrap_or_default());
            guard::lower(shared).await;
            record(shared, &went, vec![]);
            return false;
        }
    };
    typed(shared, limits, known, stop, fields, &mut went).await;
    guard::stopped(shared).await;
    record(shared, &went, guard);
    went.typed > 0
}

fn record(shared: &Shared, went: &Went, guard: Vec<String>) {
    shared.recorder.record(
        When::Now,
        Observation::Probe(Probe {
            found: went.found,
            typed: went.typed,
            left_out: went.left_out.iter().take(TOLD).cloned().collect(),
            guard,
            why_not: went.why_not.clone(),
            ..Default::default()
        }),
    );
}

/// What was done before the page is left: it may navigate again.
pub(crate) async fn end(shared: &Arc<Shared>) {
    if !guard::is_up(shared) {
        return;
    }
    guard::stopped(shared).await;
    guard::lower(shared).await;
}

async fn typed(
    shared: &Arc<Shared>,
    limits: &Limits,
    known: &mut HashSet<String>,
    stop: &Stop,
    mut fields: Vec<Found>,
    went: &mut Went,
) {
    let until = limits.until.min(Instant::now() + LONGEST);
    let mut here: HashSet<String> = HashSet::new();
    for round in 0..ROUNDS {
        if round > 0 {
            fields = found(shared).await;
        }
        fields.retain(|f| here.insert(key(f)));
        if fields.is_empty() {
            return;
        }
        went.found += fields.len() as u64;
        // The last one that takes a text is left half typed, with the cursor in it.
        let last =
            fields.iter().rposition(|f| may_be_half(&f.input)).filter(|_| fields.len() > 1 && round == 0);
        for (n, field) in fields.iter().enumerate() {
            let why = if went.why_not.is_some() {
                Some("typing had ended".to_owned())
            } else if stop.is_stopped() {
                Some("the audit was stopped".to_owned())
            } else if Instant::now() > until || went.typed as usize >= MOST {
                went.why_not.get_or_insert_with(|| {
                    "the page has more fields than one visit types into, or has time for".to_owned()
                });
                Some("there was no time left".to_owned())
            } else if known.contains(&key(field)) {
                Some("typed into on an earlier page of this session".to_owned())
            } else {
                match one(shared, limits, field, last == Some(n)).await {
                    Ok(()) => {
                        went.typed += 1;
                        known.insert(key(field));
                        None
                    }
                    Err(why) => {
                        if why.starts_with(typing::NO_KEY) {
                            went.why_not = Some("the page took no more keys".to_owned());
                        }
                        Some(why)
                    }
                }
            };
            if let Some(why) = why {
                went.left_out.push(LeftOut { selector: field.input.selector.clone(), why });
            }
        }
    }
}

/// What makes a field the same one on another page.
fn key(f: &Found) -> String {
    let host = f.frame_url.split('/').nth(2).unwrap_or_default();
    let i = &f.input;
    let name = if i.name.is_empty() { &i.selector } else { &i.name };
    format!("{host}\n{}\n{name}\n{}\n{}\n{}", i.form, i.kind, i.tag, i.label)
}

fn kind(i: &Input) -> InputKind {
    let field =
        Field { tag: &i.tag, kind: &i.kind, name: &i.name, autocomplete: &i.autocomplete, label: &i.label };
    classify(field).0
}

fn may_be_half(i: &Input) -> bool {
    let text = matches!(i.kind.as_str(), "" | "text" | "search") || i.tag != "input";
    text && matches!(kind(i), InputKind::Message | InputKind::Search | InputKind::Name | InputKind::Other)
}

/// Every field of every frame that is seen.
async fn found(shared: &Arc<Shared>) -> Vec<Found> {
    let mut out = Vec::new();
    for (frame, target) in controls::frames(shared) {
        let Ok((context, url, inputs)) = page::fields(shared, &target, &frame).await else { continue };
        let place = Place { target, context };
        let all = inputs.into_iter().enumerate().filter(|(_, i)| i.visible && takes_text(i));
        out.extend(all.map(|(at, input)| Found {
            place: place.clone(),
            frame: frame.clone(),
            frame_url: url.clone(),
            at,
            input,
        }));
    }
    out
}

fn takes_text(i: &Input) -> bool {
    i.tag != "select"
        && matches!(
            i.kind.as_str(),
            "" | "text" | "email" | "tel" | "search" | "url" | "password" | "number" | "date" | "textarea"
        )
}

/// Types into one field.
async fn one(shared: &Arc<Shared>, limits: &Limits, f: &Found, half: bool) -> Result<(), String> {
    let element = format!("globalThis.__affiantInputs?.[{}]", f.at);
    let ask = json!({
        "expression": format!("({STATE})({element}, {})", json!(limits.leave_out)),
        "contextId": f.place.context, "returnByValue": true, "silent": true, "timeout": 2000,
    });
    let answer = shared.client.call_within(&f.place.target, "Runtime.evaluate", ask, PATIENCE).await;
    let state = answer.map_err(|e| e.to_string())?["result"]["value"].take();
    if let Some(why) = state["no"].as_str() {
        return Err(why.to_owned());
    }
    let most = state["most"].as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let kind = kind(&f.input);
    let value = values::value(&f.input, kind);
    let value: String = value.chars().take(most.unwrap_or(usize::MAX)).collect();
    let value: String =
        if half { value.chars().take(value.chars().count().div_ceil(2)).collect() } else { value };
    typing::focus(shared, &f.place, &element, &f.input).await?;
    let (began, ended) = typing::keys(shared, &typing::as_keys(&value, &f.input.kind)).await?;
    let blurred = if half { None } else { Some(typing::tab(shared).await?) };
    let ask = json!({
        "expression": format!("(({element})?.value ?? ({element})?.textContent ?? '').slice(0, 2000)"),
        "contextId": f.place.context, "returnByValue": true, "silent": true, "timeout": 2000,
    });
    let held = shared.client.call_within(&f.place.target, "Runtime.evaluate", ask, PATIENCE).await;
    let held = held.ok().and_then(|h| h["result"]["value"].as_str().map(str::to_owned));
    shared.recorder.record(
        When::Now,
        Observation::Typed(Typed {
            frame: f.frame.clone(),
            frame_url: f.frame_url.clone(),
            field: f.input.clone(),
            kind: values::word(kind).to_owned(),
            held: held.filter(|h| *h != value),
            value,
            how: "keys".to_owned(),
            whole: !half,
            began,
            ended,
            blurred,
            ..Default::default()
        }),
    );
    Ok(())
}

/// Whether a field may be typed into, and how much it takes.
const STATE: &str = include_str!("js/state.js");

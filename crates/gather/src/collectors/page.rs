//! What the page said: title, headings, text, links, videos, form fields; of every frame that can be asked.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::Observation;
use affiant_record::footer::collectors::PAGE;
use affiant_record::page::{Heading, Input, Page, Video};
use serde_json::{Value, json};

use crate::cdp::json::{Read as _, bounded};
use crate::error::GatherError;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::isolated_world::isolated_world;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

const SCRIPT: &str = include_str!("js/page.js");
/// A page whose main thread does not answer within this is not asked further.
const PATIENCE: Duration = Duration::from_secs(5);
/// Frames that are asked at most.
const MAX_FRAMES: usize = 60;

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    Some((PAGE, reach.looked(visit, PAGE)))
}

/// Asks every frame, the main one first. Returns the main frame's page.
pub(crate) async fn collect(shared: &Arc<Shared>) -> Option<Page> {
    let (main_frame, main_target, mut frames) = {
        let state = shared.lock();
        let frames: Vec<(String, String)> =
            state.tab.frames.iter().map(|(f, s)| (f.clone(), s.clone())).collect();
        (state.tab.main_frame.clone(), state.tab.main_target.clone(), frames)
    };
    frames.retain(|(f, _)| *f != main_frame);
    frames.sort();
    if let Some(more @ 1..) = frames.len().checked_sub(MAX_FRAMES) {
        shared.lock().visit.cut(PAGE, &format!("{more} frames beyond the first {MAX_FRAMES} were not asked"));
    }
    let main = match ask(shared, &main_target, &main_frame, true).await {
        Ok(page) => page,
        Err(e) => {
            shared.lock().visit.fail(PAGE, format!("the page did not tell what it holds: {e}"));
            return None;
        }
    };
    shared.recorder.record(When::Now, Observation::Page(main.clone()));
    for (frame, target) in frames.into_iter().take(MAX_FRAMES) {
        // A frame may vanish while it is asked: that is no fault.
        if let Ok(page) = ask(shared, &target, &frame, false).await
            && (!page.inputs.is_empty() || !page.videos.is_empty() || page.text.is_some())
        {
            shared.recorder.record(When::Now, Observation::Page(page));
        }
    }
    Some(main)
}

/// The fields of a frame: our world there, in which their elements are kept in the order in which they are told, and the
/// frame's address. Nothing else of it is read.
pub(crate) async fn fields(
    shared: &Shared,
    target: &str,
    frame: &str,
) -> Result<(Value, String, Vec<Input>), GatherError> {
    let (world, v) = read(shared, target, frame, true).await?;
    Ok((world, v.text("url"), v.list("inputs").iter().map(input).collect()))
}

/// Our world in a frame, and what the script says there.
async fn read(
    shared: &Shared,
    target: &str,
    frame: &str,
    fields_only: bool,
) -> Result<(Value, Value), GatherError> {
    let world = isolated_world(shared, target, frame, PATIENCE).await?;
    let ask = json!({
        "expression": format!("({SCRIPT})({fields_only})"), "contextId": world, "returnByValue": true, "timeout": 4000,
    });
    let mut answer = shared.client.call_within(target, "Runtime.evaluate", ask, PATIENCE).await?;
    let v = answer["result"]["value"].take();
    if !v.is_object() {
        return Err(GatherError::Refused {
            doing: "reading the page".to_owned(),
            said: "it gave no answer".to_owned(),
        });
    }
    Ok((world, v))
}

async fn ask(shared: &Shared, target: &str, frame: &str, main: bool) -> Result<Page, GatherError> {
    let (_, v) = read(shared, target, frame, false).await?;
    let text = v.text("text");
    Ok(Page {
        frame: frame.to_owned(),
        main,
        url: v.text("url"),
        title: v.text("title"),
        lang: v.opt_text("lang"),
        text: if text.trim().is_empty() { None } else { shared.recorder.keep(PAGE, text.as_bytes()) },
        inputs: v.list("inputs").iter().map(input).collect(),
        links: v.list("links").iter().filter_map(|l| l.as_str().map(str::to_owned)).collect(),
        headings: v.list("headings").iter().map(heading).collect(),
        videos: v.list("videos").iter().map(video).collect(),
        ..Default::default()
    })
}

fn heading(v: &Value) -> Heading {
    Heading { level: v.num("level") as u32, text: bounded(&v.text("text"), 800) }
}

fn video(v: &Value) -> Video {
    let text = |key: &str, most: usize| bounded(&v.text(key), most);
    Video {
        kind: text("kind", 40),
        title: text("title", 1200),
        src: text("src", 4096),
        background: v.flag("background"),
    }
}

fn input(v: &Value) -> Input {
    let text = |key: &str| bounded(v[key].as_str().unwrap_or_default(), 1000);
    Input {
        selector: text("selector"),
        tag: text("tag"),
        kind: text("kind"),
        name: text("name"),
        autocomplete: text("autocomplete"),
        label: text("label"),
        form: text("form"),
        visible: v.flag("visible"),
        ..Default::default()
    }
}

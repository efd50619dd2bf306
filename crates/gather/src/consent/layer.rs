//! Writes down how a layer of the banner looks: words, place, size, contrast, what is ticked, what the keyboard reaches.
//!
//! Facts about the banner's design, read and pictured before anything on the layer is operated.

use std::sync::Arc;

use affiant_record::consent::{BannerLayer, LayerControl};
use affiant_record::{Digest, Observation, Purpose};
use serde_json::Value;

use super::controls::{self, purpose_of};
use super::words::{Means, meaning};
use crate::cdp::json::Read as _;
use crate::collectors::screenshot;
use crate::recorder::When;
use crate::session::shared::Shared;

/// The layer of a visit's banner that was read last.
#[derive(Default)]
pub(crate) struct Latest {
    /// SHA-256 of its words.
    words: Option<Digest>,
}

/// Controls of a layer that are written down at most.
const CONTROLS: usize = 100;

/// Reads this layer, from 1, and takes its picture; the first one's is taken with the page's.
pub(crate) async fn observe(shared: &Arc<Shared>, layer: u32) {
    let read = controls::looks(shared, layer > 1).await;
    // The document that says most is the layer's; a frame that only repeats a link is not.
    let Some(said) = read.iter().max_by_key(|said| said.list("controls").len()) else { return };
    let seen = of(layer, said);
    {
        // A layer that still stands there is no further one.
        let mut state = shared.lock();
        if seen.words.is_some() && state.visit.layer.words == seen.words {
            return;
        }
        state.visit.layer.words = seen.words;
    }
    shared.recorder.record(When::Now, Observation::BannerLayer(seen));
    if layer > 1 {
        screenshot::take(shared, &format!("layer-{layer}")).await;
    }
}

fn of(layer: u32, said: &Value) -> BannerLayer {
    let l = &said["layer"];
    let text = l.opt_text("text");
    BannerLayer {
        layer,
        rect: rect(&l["rect"]),
        share: l["share"].as_f64().map(|s| s.clamp(0.0, 1.0)),
        lang: l.opt_text("lang").map(|t| cut(&t, 40)),
        words: text.as_ref().map(|t| Digest::of(t.as_bytes())),
        text,
        dialog: l.flag("dialog"),
        focused: l.flag("focused"),
        beside: l["beside"].as_bool(),
        scrolls: l["scrolls"].as_bool(),
        controls: said.list("controls").iter().take(CONTROLS).map(control).collect(),
        ..Default::default()
    }
}

fn control(c: &Value) -> LayerControl {
    let (label, role) = (cut(&c.text("label"), 160), cut(&c.text("role"), 20));
    let is_box = matches!(role.as_str(), "box" | "radio");
    let purpose = is_box.then(|| purpose_of(&label, &c.text("around")).ok()).flatten();
    LayerControl {
        means: meaning(&label).filter(|_| !is_box).map(|m| word(m).to_owned()),
        purpose: purpose.map(|p: Option<Purpose>| p.map_or("necessary", Purpose::word).to_owned()),
        on: c["on"].as_bool(),
        off: c.flag("off"),
        rect: rect(&c["rect"]),
        font_px: c["font"].as_f64(),
        contrast: c["contrast"].as_f64(),
        stands_out: c["standsOut"].as_f64(),
        tab: c.flag("tab"),
        role,
        label: if label.is_empty() { cut(&c.text("around"), 160) } else { label },
        ..Default::default()
    }
}

fn word(means: Means) -> &'static str {
    match means {
        Means::Accept => "accept",
        Means::Reject => "reject",
        Means::Save => "save",
        Means::Settings => "settings",
        Means::Close => "close",
    }
}

fn rect(said: &Value) -> Option<[f64; 4]> {
    let all: Vec<f64> = said.as_array()?.iter().filter_map(Value::as_f64).collect();
    all.try_into().ok()
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_page_says_is_taken_as_it_can_be_read() {
        let said = json!({
            "layer": { "rect": [0, 500.5, 1280, 219.5], "share": 7.0, "lang": "de", "text": "Wir verwenden Cookies", "dialog": true, "beside": false },
            "controls": [
                { "role": "button", "label": "Alle akzeptieren", "rect": [1, 2, 3, 4], "font": 16, "contrast": 8.5, "standsOut": 3, "tab": true },
                { "role": "box", "label": "", "around": "Marketing", "on": true },
                { "role": "box", "label": "Notwendig", "on": true, "off": true },
                { "role": ["x"], "rect": [1, "2"] },
            ],
        });
        let l = of(2, &said);
        assert_eq!(
            (l.layer, l.share, l.dialog, l.beside, l.scrolls),
            (2, Some(1.0), true, Some(false), None)
        );
        assert_eq!(l.words, Some(Digest::of("Wir verwenden Cookies".as_bytes())));
        let means: Vec<_> = l.controls.iter().map(|c| (c.means.as_deref(), c.purpose.as_deref())).collect();
        assert_eq!(
            means,
            [(Some("accept"), None), (None, Some("advertising")), (None, Some("necessary")), (None, None)]
        );
        assert_eq!((l.controls[1].label.as_str(), l.controls[3].rect), ("Marketing", None));
    }
}

//! Noticing when the choice was stored: among what is stored in the page's name, by header, by script and by the browser's
//! word.

use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::Observation;
use affiant_record::page::{Phase, phase};

use super::meaning::{holds_choice, is_consent_name, is_known_name, of_stored};
use crate::recorder::When;
use crate::session::shared::Shared;

/// How long a stored choice is waited for.
const STORE: Duration = Duration::from_secs(4);

/// Something stored in the page's name.
#[derive(Debug, Clone)]
struct Write {
    t: f64,
    /// `cookie:NAME` or `local:KEY`.
    source: String,
    value: String,
}

/// What was stored in a visit.
#[derive(Default)]
pub(crate) struct Stored {
    writes: Vec<Write>,
    /// Whether a known platform wrote to its storage after the choice.
    pub(crate) by_platform: bool,
}

impl Stored {
    /// Something was stored at this time of the visit; `source` is `cookie:NAME` or `local:KEY`.
    pub(crate) fn note(&mut self, t: f64, source: String, value: String) {
        self.writes.push(Write { t, source, value });
    }
}

/// Marks the moment at which the choice was first seen in storage.
pub(super) async fn mark(shared: &Arc<Shared>, since: f64) {
    let end = Instant::now() + STORE;
    loop {
        let found = {
            let state = shared.lock();
            let new = || state.visit.stored.writes.iter().filter(|s| s.t >= since);
            let name = |s: &Write| s.source.split_once(':').map(|x| x.1.to_owned()).unwrap_or_default();
            // A readable choice first; a write in the name of consent if none can be read.
            new()
                .find(|s| {
                    holds_choice(&name(s), &s.value)
                        && of_stored(&name(s), &s.value).is_some_and(|m| m.made != Some(false))
                })
                .map(|s| (s.t, true, format!("{} was written and holds a choice", s.source)))
                .or_else(|| {
                    let late = Instant::now() >= end;
                    new()
                        .find(|s| {
                            is_known_name(&name(s)) && of_stored(&name(s), &s.value).is_none()
                                || late && is_consent_name(&name(s))
                        })
                        .map(|s| {
                            (
                                s.t,
                                is_known_name(&name(s)),
                                format!(
                                    "{} was written; what it holds cannot be read from it alone",
                                    s.source
                                ),
                            )
                        })
                })
        };
        if let Some((t, known, how)) = found {
            shared.lock().visit.stored.by_platform = known;
            let stored =
                Phase { phase: phase::CHOICE_STORED.to_owned(), how: Some(how), ..Default::default() };
            shared.recorder.record(When::At(t), Observation::Phase(stored));
            return;
        }
        if Instant::now() >= end {
            return;
        }
        shared.change(Duration::from_millis(50)).await;
    }
}

//! The form fields of a visit's pages, and what each asks for.

use affiant_record::page::{Input, Page};
use affiant_record::{Observation, VisitRecord};
use indexmap::IndexMap;

use affiant_signals::Field;

use crate::facts::{InputFact, InputKind};
use crate::glob::bounded;

/// Longest selector and label that is passed on, in bytes.
const LONGEST: usize = 2000;

/// The fields of all frames, each once.
pub(crate) fn inputs(record: &VisitRecord) -> Vec<InputFact> {
    let mut out: IndexMap<(&str, &str), InputFact> = IndexMap::new();
    for l in &record.lines {
        let Observation::Page(Page { frame, inputs, .. }) = &l.what else { continue };
        for input in inputs.iter().filter(|i| asks(i)) {
            let (kind, because) = classify(input);
            let fact = out.entry((frame, &input.selector)).or_insert_with(|| InputFact {
                selector: bounded(&input.selector, LONGEST).into(),
                label: bounded(if input.label.is_empty() { &input.name } else { &input.label }, LONGEST)
                    .into(),
                kind,
                because: because.into(),
                visible: false,
                evidence: record.evidence(l.n),
            });
            fact.visible |= input.visible;
        }
    }
    out.into_values().collect()
}

/// Whether something can be typed into it or chosen from it.
fn asks(i: &Input) -> bool {
    !matches!(i.kind.trim(), "hidden" | "submit" | "button" | "reset" | "image")
}

/// What a field asks for, and why that is believed.
pub(crate) fn classify(i: &Input) -> (InputKind, String) {
    affiant_signals::classify(Field {
        tag: &i.tag,
        kind: &i.kind,
        name: &i.name,
        autocomplete: &i.autocomplete,
        label: &i.label,
    })
}

//! The layers of the banner that were read, in order, bounded.

use affiant_record::consent::{BannerLayer, LayerControl};
use affiant_record::{Observation, VisitRecord};

use crate::facts::LayerFact;
use crate::glob::bounded;

/// Longest text and label that is passed on, in bytes; most controls, and most layers.
const LONGEST_TEXT: usize = 8000;
const LONGEST_LABEL: usize = 200;
const MOST_CONTROLS: usize = 100;
const MOST_LAYERS: usize = 10;

/// Every layer that was read in this visit.
pub(crate) fn layers(record: &VisitRecord) -> Vec<LayerFact> {
    let told = record.lines.iter().filter_map(|l| match &l.what {
        Observation::BannerLayer(b) => {
            Some(LayerFact { layer: within_bounds(b), evidence: record.evidence(l.n) })
        }
        _ => None,
    });
    told.take(MOST_LAYERS).collect()
}

fn within_bounds(b: &BannerLayer) -> BannerLayer {
    let cut = |t: &Option<String>, most| t.as_ref().map(|t| bounded(t, most).to_owned());
    let control = |c: &LayerControl| LayerControl {
        role: bounded(&c.role, LONGEST_LABEL).to_owned(),
        label: bounded(&c.label, LONGEST_LABEL).to_owned(),
        means: cut(&c.means, LONGEST_LABEL),
        purpose: cut(&c.purpose, LONGEST_LABEL),
        extra: Default::default(),
        ..c.clone()
    };
    BannerLayer {
        lang: cut(&b.lang, LONGEST_LABEL),
        text: cut(&b.text, LONGEST_TEXT),
        controls: b.controls.iter().take(MOST_CONTROLS).map(control).collect(),
        extra: Default::default(),
        ..b.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::record;

    #[test]
    fn they_are_passed_on_in_order_and_bounded() {
        let of = |layer, text: &str| {
            Observation::BannerLayer(BannerLayer {
                layer,
                text: Some(text.to_owned()),
                controls: vec![LayerControl { label: "x".repeat(900), ..Default::default() }; 150],
                ..Default::default()
            })
        };
        let r = record("https://a.test/", vec![(1.0, of(1, &"w".repeat(20_000))), (2.0, of(2, "more"))]);
        let all = layers(&r);
        assert_eq!(
            all.iter().map(|l| (l.layer.layer, l.evidence.line)).collect::<Vec<_>>(),
            [(1, 1), (2, 2)]
        );
        assert_eq!((all[0].layer.text.as_ref().unwrap().len(), all[0].layer.controls.len()), (8000, 100));
        assert_eq!(all[0].layer.controls[0].label.len(), LONGEST_LABEL);
    }
}

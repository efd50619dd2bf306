//! `refusing-stands-out-less`: on the layer that offers both, Accept is easier to see than Reject.

use affiant_detect::facts::{LayerFact, VisitFacts};
use affiant_record::consent::LayerControl;
use affiant_record::footer::collectors::CONSENT;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown, Subject};
use crate::occurrence::{self, Occurrence, Order, when};
use crate::scope::{Scope, before_a_choice};
use crate::visit_set::{VisitSet, banner_seen};
use crate::window::{Window, Within};
use crate::words::{list, plain};

pub(crate) const RULE: Rule = Rule {
    id: "refusing-stands-out-less",
    version: 1,
    title: "Reject is harder to see than Accept",
    severity: Severity::Low,
    doc: DOC,
    needs: &[CONSENT],
    judge,
};

/// From here on one is much smaller than the other: half the surface, four fifths of the letters.
const SURFACE: f64 = 0.5;
const LETTERS: f64 = 0.8;
/// The least contrast of letters that WCAG 2.2 asks for (1.4.3), and of a control's surface (1.4.11).
const READABLE: f64 = 4.5;
const VISIBLE: f64 = 3.0;

const DOC: &str = r#"
## What it observes
Accept and Reject on the first layer, side by side: whether one is a button and the other a link, their surface, the height of their letters, the contrast of the letters to what is behind them, the contrast of the button to what is around it, and whether the keyboard reaches them.

## Why it matters
A refusal that is drawn as fine print is not offered as evenly as a consent that is drawn as a button. Several regulators say so of the design of banners.

## Example
*Reject stands out less than Accept: a link beside a button.*

## Remedy
Give both the same shape, size and contrast.

## Limits
Only what can be measured is compared: half the surface, letters a fifth smaller, letters under 4.5 : 1 or a surface under 3 : 1 where the other one is above. Where a picture or a gradient is behind the letters their contrast is not known. Colours, words and order are in the record and are not judged. Whether a region asks for evenness is for counsel.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, before_a_choice, read);
    let mut less = Vec::new();
    let mut found: Vec<Occurrence<'_>> = Vec::new();
    for l in &scope.looks {
        let Some((layer, accept, reject)) = both(l.visit) else { continue };
        let how = differences(accept, reject);
        if how.is_empty() {
            continue;
        }
        let t = l.visit.marks.banner.unwrap_or(l.visit.marks.end);
        let shows = format!("Accept is {}; Reject is {}; {}", said(accept), said(reject), when(l.visit, t));
        let shown = Shown { evidence: layer.evidence.clone(), shows };
        found.push(Occurrence::found(l, t, shown));
        how.into_iter().for_each(|h| {
            if !less.contains(&h) {
                less.push(h)
            }
        });
    }
    occurrence::sort(&mut found, Order::Session);
    let words = Words {
        severity: Severity::Low,
        confidence: Confidence::Medium,
        measure: Measure::of(Counted::Visit, &scope, &found).out_of(scope.looks.len()),
        title: format!("Reject stands out less than Accept: {}.", list(&less, 4)),
        subject: Subject {
            kind: "banner".to_owned(),
            name: "reject".to_owned(),
            class: None,
            accounts: vec![],
        },
        details: vec![],
        remedy: "Give Accept and Reject the same shape, size and contrast.".to_owned(),
    };
    let findings = Draft::new(set, &scope, words, &found).into_iter().collect();
    conclude(&scope, findings, "No first layer was read that offers both Accept and Reject.")
}

/// Visits whose first layer offers both.
fn read(_: &VisitSet, v: &VisitFacts) -> Within {
    match both(v) {
        Some(_) => Within { windows: vec![Window::WHOLE], gap: None },
        None if v.layers.is_empty() && banner_seen(v) && v.ordinal == 0 => {
            Within { windows: vec![], gap: Some("how the banner looks was not read".to_owned()) }
        }
        None => Within::default(),
    }
}

/// The layer, and what accepts and refuses on it; of several the largest.
fn both(v: &VisitFacts) -> Option<(&LayerFact, &LayerControl, &LayerControl)> {
    let first = v.layers.iter().find(|l| l.layer.layer == 1)?;
    let largest = |means: &str| {
        let those = first.layer.controls.iter().filter(|c| c.means.as_deref() == Some(means));
        those.max_by(|a, b| surface(a).total_cmp(&surface(b)))
    };
    Some((first, largest("accept")?, largest("reject")?))
}

fn surface(c: &LayerControl) -> f64 {
    c.rect.map_or(0.0, |[_, _, w, h]| w * h)
}

/// In what Reject falls behind.
fn differences(accept: &LayerControl, reject: &LayerControl) -> Vec<String> {
    let mut out = Vec::new();
    let mut say = |is: bool, what: &str| {
        if is {
            out.push(what.to_owned())
        }
    };
    let pair = |of: fn(&LayerControl) -> Option<f64>| of(accept).zip(of(reject));
    let below = |p: Option<(f64, f64)>, least: f64| p.is_some_and(|(a, r)| a >= least && r < least);
    say(accept.role == "button" && reject.role == "link", "a link beside a button");
    let sizes = pair(|c| Some(surface(c)).filter(|s| *s > 0.0));
    say(sizes.is_some_and(|(a, r)| r < a * SURFACE), "less than half its surface");
    say(pair(|c| c.font_px).is_some_and(|(a, r)| r < a * LETTERS), "smaller letters");
    say(below(pair(|c| c.contrast), READABLE), "letters that are hard to read");
    say(below(pair(|c| c.stands_out), VISIBLE), "no surface that stands out");
    say(accept.tab && !reject.tab, "out of the keyboard's reach");
    out
}

/// `a button "Accept all" of 160 × 44 px, letters of 16 px at 8.5 : 1, its surface at 4.6 : 1`.
fn said(c: &LayerControl) -> String {
    let mut out = format!("a {} \"{}\"", plain(&c.role, 20), plain(&c.label, 60));
    if let Some([_, _, w, h]) = c.rect {
        out += &format!(" of {w:.0} × {h:.0} px");
    }
    if let Some(px) = c.font_px {
        out += &format!(", letters of {px:.0} px");
    }
    if let Some(contrast) = c.contrast {
        out += &format!(" at {contrast:.1} : 1");
    }
    if let Some(contrast) = c.stands_out {
        out += &format!(", its surface at {contrast:.1} : 1");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};
    use affiant_record::Scenario;

    fn control(means: &str, role: &str, w: f64, font: f64, contrast: f64, surface: f64) -> LayerControl {
        LayerControl {
            role: role.into(),
            label: means.into(),
            means: Some(means.into()),
            rect: Some([0.0, 0.0, w, 40.0]),
            font_px: Some(font),
            contrast: Some(contrast),
            stands_out: Some(surface),
            tab: true,
            ..LayerControl::default()
        }
    }

    #[test]
    fn a_link_in_small_print_is_found_and_an_even_pair_is_not() {
        let accept = control("accept", "button", 160.0, 16.0, 8.0, 4.6);
        let fine = control("reject", "link", 60.0, 11.0, 2.9, 1.0);
        let j = judge(&set([visit(Scenario::NoChoice).banner(900.0).layer(&[accept.clone(), fine])]));
        assert_eq!(j.verdict, Verdict::Fail);
        assert_eq!(
            j.findings[0].title,
            "Reject stands out less than Accept: a link beside a button, less than half its surface, smaller letters, letters that are hard to read and 1 more."
        );
        let even = control("reject", "button", 150.0, 16.0, 6.0, 3.1);
        let j = judge(&set([visit(Scenario::NoChoice).banner(900.0).layer(&[accept.clone(), even])]));
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Pass, 0));
        let j = judge(&set([visit(Scenario::NoChoice).banner(900.0).layer(&[accept])]));
        assert_eq!(j.verdict, Verdict::NotApplicable, "where there is none, another rule speaks");
    }

    #[test]
    fn an_outlined_button_beside_a_filled_one_and_unknown_contrast_say_nothing() {
        let accept = control("accept", "button", 160.0, 16.0, 8.0, 4.6);
        let mut reject = control("reject", "button", 160.0, 16.0, 8.0, 3.5);
        (reject.contrast, reject.rect) = (None, None);
        let j = judge(&set([visit(Scenario::NoChoice).banner(900.0).layer(&[accept, reject])]));
        assert_eq!(j.verdict, Verdict::Pass);
        assert_eq!(judge(&set([visit(Scenario::NoChoice).banner(900.0)])).verdict, Verdict::Inconclusive);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
    }
}

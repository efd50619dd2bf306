//! Making the choice, as the driver tells it. No proof that anything was stored.

use affiant_record::consent::ConsentAction;
use affiant_record::{Observation, VisitRecord};

use crate::facts::ChoiceFact;

/// The driver's word, when a choice was tried in this visit: the last try that ran, else the last one.
pub(crate) fn choice(record: &VisitRecord) -> Option<ChoiceFact> {
    let actions = || {
        record.lines.iter().filter_map(|l| match &l.what {
            Observation::ConsentAction(a) => Some((l.n, a)),
            _ => None,
        })
    };
    let of = |steps: &[&str]| actions().rfind(|(_, a)| steps.contains(&a.step.as_str()));
    let ran = actions().rfind(|(_, a)| a.step == "result" && a.ok == Some(true));
    let (line, action) =
        ran.or_else(|| of(&["result", "not-offered", "gave-up"])).or_else(|| of(&["acting"]))?;
    let clicks = action.clicks.or_else(|| of(&["done"]).and_then(|(_, a)| a.clicks));
    Some(ChoiceFact {
        driver: action.driver.as_str().into(),
        rule: action.rule.as_deref().map(Into::into),
        not_offered: of(&["not-offered"]).is_some(),
        ok: action.step == "result" && action.ok == Some(true),
        clicks,
        note: note(action).map(Into::into),
        evidence: record.evidence(line),
    })
}

fn note(a: &ConsentAction) -> Option<String> {
    a.note.clone().or_else(|| match a.step.as_str() {
        "acting" => Some("the driver began, its result was not recorded".to_owned()),
        "not-offered" => Some("the banner does not offer this choice".to_owned()),
        "gave-up" => Some("the driver gave up".to_owned()),
        _ => None,
    })
}

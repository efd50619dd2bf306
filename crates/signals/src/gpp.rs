//! The Global Privacy Platform's string (IAB Tech Lab), with every U.S. section that the decoder knows.

use iab_gpp::sections::{Section, SectionId};
use iab_gpp::v1::GPPString;
use serde_json::Value;

use crate::{Said, Standard, Unreadable, tcf, us_privacy, whole, within};

/// Uses that a visitor of the U.S. sections can opt out of.
const OPT_OUTS: [&str; 3] = ["sale_opt_out", "sharing_opt_out", "targeted_advertising_opt_out"];

/// Every section; one that cannot be read is named as such and counts for nothing.
pub fn gpp(text: &str) -> Result<Said, Unreadable> {
    within("GPP", text)?;
    let all: GPPString = whole("GPP", || text.parse())?;
    let mut out = Said::new(Standard::Gpp);
    for &id in all.section_ids() {
        let name = format!("{id:?}").to_lowercase();
        let text = all.section(id).unwrap_or_default();
        match id {
            SectionId::TcfEuV2 => merge(&mut out, &name, tcf::tc_string(text)),
            SectionId::UspV1 => merge(&mut out, &name, us_privacy::us_privacy(text)),
            // Not of the U.S., and not asked for by any rule.
            SectionId::TcfEuV1 | SectionId::TcfCaV1 => out.put(name, "not decoded"),
            _ => match whole("GPP", || all.decode_section(id)) {
                Ok(section) => us(&mut out, &name, &section),
                Err(e) => out.put(name, format!("not readable: {}", e.why)),
            },
        }
    }
    Ok(out)
}

fn merge(out: &mut Said, name: &str, section: Result<Said, Unreadable>) {
    let inner = match section {
        Ok(inner) => inner,
        Err(e) => return out.put(name, format!("not readable: {}", e.why)),
    };
    out.granted += inner.granted;
    out.denied += inner.denied;
    for (k, v) in inner.fields {
        out.put(format!("{name}: {k}"), v);
    }
}

/// A section of a U.S. state or of all of them: what is opted out of, and whether the signal came from the browser.
fn us(out: &mut Said, name: &str, section: &Section) {
    let Ok(value) = serde_json::to_value(section) else { return };
    let (mut found, mut left) = (Vec::new(), vec![&value]);
    while let Some(v) = left.pop() {
        for (k, v) in v.as_object().into_iter().flatten() {
            match v {
                Value::String(word) if OPT_OUTS.contains(&k.as_str()) => {
                    found.push((k.as_str(), word.as_str()))
                }
                Value::Bool(gpc) if k == "gpc" => found.push(("gpc", if *gpc { "yes" } else { "no" })),
                _ => left.push(v),
            }
        }
    }
    found.sort_unstable();
    for (field, word) in found {
        let said = match word {
            "OptedOut" => (out.count(false), "opted out").1,
            "DidNotOptOut" => (out.count(true), "did not opt out").1,
            "NotApplicable" => "does not apply",
            other => other,
        };
        out.put(format!("{name}: {}", field.replace('_', " ")), said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_together() {
        let s = gpp("DBACNY~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN").unwrap();
        assert_eq!(s.fields["uspv1: opted out of sale"], "no");
        assert_eq!((s.fields["tcfeuv2: purposes with consent"].as_str(), s.granted), ("none", 1));
    }

    #[test]
    fn the_national_section_tells_what_is_opted_out_of() {
        let s = gpp("DBABLA~BVVqAAAAAmA.QA").unwrap();
        assert_eq!(s.fields["usnat: sale opt out"], "did not opt out");
        assert_eq!((s.fields["usnat: gpc"].as_str(), s.granted, s.denied), ("no", 3, 0));
        // The same with the three opt-outs at 1, and the browser's signal.
        let s = gpp("DBABLA~BVVVAAAAAmA.YA").unwrap();
        assert_eq!(s.fields["usnat: targeted advertising opt out"], "opted out");
        assert_eq!((s.fields["usnat: gpc"].as_str(), s.granted, s.denied), ("yes", 0, 3));
    }

    #[test]
    fn what_is_no_string_is_an_error() {
        // The last two list a section beyond the 255 that a number of the header's type holds: 200 + 100, and 231 + 54.
        for bad in ["", "D", "DBACNY", "hello~world", "~~~", "DBACQFihg~1YNN~1YNN", "DBABVVW~1YNN"] {
            assert!(gpp(bad).is_err(), "{bad}");
        }
    }
}

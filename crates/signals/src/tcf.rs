//! The TC string (IAB Europe, "Transparency and Consent String with Global Vendor & CMP List Formats", version 2).

use iab_gpp::sections::tcfeuv2::TcfEuV2;

use crate::{Said, Standard, Unreadable, unreadable, within};

/// Purposes of the framework's policy version 4 and later; before, there were ten.
const PURPOSES: u16 = 11;

/// Purposes, legitimate interests, vendors, and by which platform and when.
pub fn tc_string(text: &str) -> Result<Said, Unreadable> {
    within("TCF", text)?;
    let decoded: TcfEuV2 = text.parse().map_err(|e| unreadable("TCF", e))?;
    Ok(said(&decoded))
}

pub(crate) fn said(tc: &TcfEuV2) -> Said {
    let core = &tc.core;
    let mut said = Said::new(Standard::Tcf);
    let all = if core.policy_version >= 4 { PURPOSES } else { PURPOSES - 1 };
    let list = |has: &dyn Fn(u16) -> bool| {
        let those: Vec<String> = (1..=all).filter(|p| has(*p)).map(|p| p.to_string()).collect();
        if those.is_empty() { "none".to_owned() } else { those.join(" ") }
    };
    said.put("purposes with consent", list(&|p| core.purpose_consents.contains(&p)));
    said.put("purposes by legitimate interest", list(&|p| core.purpose_legitimate_interests.contains(&p)));
    said.put("vendors with consent", core.vendor_consents.len());
    said.put("vendors by legitimate interest", core.vendor_legitimate_interests.len());
    said.put("platform id", core.cmp_id);
    said.put("vendor list version", core.vendor_list_version);
    said.put("policy version", core.policy_version);
    said.put("language", &core.consent_language);
    said.put("last updated (Unix time in tenths of a second)", core.last_updated);
    for p in 1..=all {
        said.count(core.purpose_consents.contains(&p));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification: purposes 1 to 3, and vendors 2, 6 and 8.
    #[test]
    fn the_specifications_example_is_read() {
        let s = tc_string("COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw").unwrap();
        assert_eq!(s.fields["purposes with consent"], "1 2 3");
        assert_eq!(s.fields["vendors with consent"], "3");
        assert_eq!((s.granted, s.denied), (3, 7));
        for bad in ["", "C", "xyz", "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA"] {
            assert!(tc_string(bad).is_err(), "{bad}");
        }
    }
}

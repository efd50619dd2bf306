//! The U.S. Privacy String (IAB Tech Lab, "USP API", version 1; deprecated, and still on the wire).

use crate::{Said, Standard, Unreadable, unreadable, within};

/// Version, notice given, opted out of sale, covered by the service provider agreement.
pub fn us_privacy(text: &str) -> Result<Said, Unreadable> {
    within("U.S. Privacy", text)?;
    let [version @ b'1'..=b'9', notice, sale, agreement] = text.as_bytes() else {
        return Err(unreadable("U.S. Privacy", "it is not a version and three signs"));
    };
    let mut said = Said::new(Standard::UsPrivacy);
    said.put("version", char::from(*version));
    for (name, sign) in
        [("notice given", notice), ("opted out of sale", sale), ("service provider agreement", agreement)]
    {
        said.put(
            name,
            match sign.to_ascii_uppercase() {
                b'Y' => "yes",
                b'N' => "no",
                b'-' => "does not apply",
                _ => return Err(unreadable("U.S. Privacy", "a sign is none of Y, N and -")),
            },
        );
    }
    match sale.to_ascii_uppercase() {
        b'Y' => said.count(false),
        b'N' => said.count(true),
        _ => {}
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_sign_is_the_opt_out() {
        let s = us_privacy("1YYN").unwrap();
        assert!(s.denies_all());
        assert_eq!(s.fields["opted out of sale"], "yes");
        assert!(us_privacy("1YNN").unwrap().grants_all());
        assert_eq!(us_privacy("1---").unwrap().granted, 0);
        for bad in ["", "1YN", "1YNNN", "XYNN", "1YéN"] {
            assert!(us_privacy(bad).is_err(), "{bad}");
        }
    }
}

//! What the simulated visitor does about consent, in a whole session.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::choice::Choice;
use crate::purpose::Purposes;

/// A consent scenario. One session lives through exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Scenario {
    /// The visitor makes no choice: looks at the page, touches nothing.
    NoChoice,
    /// The visitor scrolls, reads, clicks into the text and goes on to further pages, and never touches the banner.
    Ignore,
    /// The visitor closes the banner without an answer: by its X, by Escape or by a click beside it.
    Dismiss,
    /// The visitor rejects everything that can be rejected.
    RejectAll,
    /// The visitor grants these purposes and no other.
    Custom(Purposes),
    /// The visitor accepts everything that the banner offers.
    AcceptAll,
    /// The visitor accepts, browses on, opts out again, browses on, leaves and comes back.
    Withdraw,
    /// The visitor had accepted in a former visit, and comes back.
    Returning,
    /// Nobody told what the visitor did: a visit that affiant did not make. It cannot be asked for.
    Unknown,
}

impl Scenario {
    /// One of every kind that can be asked for, in the order in which a visitor could live them.
    pub const ALL: [Scenario; 8] = [
        Scenario::NoChoice,
        Scenario::Ignore,
        Scenario::Dismiss,
        Scenario::RejectAll,
        Scenario::Custom(Purposes::FUNCTIONAL),
        Scenario::AcceptAll,
        Scenario::Withdraw,
        Scenario::Returning,
    ];

    /// What an audit lives through unless it is told otherwise.
    pub const DEFAULT: [Scenario; 3] = [Scenario::NoChoice, Scenario::RejectAll, Scenario::AcceptAll];

    /// The choice that the visitor makes on the first page of the session; none where none is made there.
    pub fn first_choice(self) -> Option<Choice> {
        match self {
            Scenario::NoChoice | Scenario::Ignore | Scenario::Unknown => None,
            Scenario::Dismiss => Some(Choice::Dismiss),
            Scenario::RejectAll => Some(Choice::Reject),
            Scenario::Custom(purposes) => Some(Choice::Custom(purposes)),
            Scenario::AcceptAll | Scenario::Withdraw | Scenario::Returning => Some(Choice::Accept),
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scenario::NoChoice => "no-choice",
            Scenario::Ignore => "ignore",
            Scenario::Dismiss => "dismiss",
            Scenario::RejectAll => "reject-all",
            Scenario::Custom(purposes) => return write!(f, "custom:{purposes}"),
            Scenario::AcceptAll => "accept-all",
            Scenario::Withdraw => "withdraw",
            Scenario::Returning => "returning",
            Scenario::Unknown => "unknown",
        })
    }
}

/// A scenario name that nobody knows.
#[derive(Debug, thiserror::Error)]
#[error(
    "unknown scenario '{0}': choose from no-choice, ignore, dismiss, reject-all, custom:PURPOSES, accept-all, withdraw, \
     returning; PURPOSES are some of functional, analytics, advertising, social, joined by '+'"
)]
pub struct UnknownScenario(String);

impl FromStr for Scenario {
    type Err = UnknownScenario;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if let Some(purposes) = s.strip_prefix("custom:") {
            return purposes.parse().map(Scenario::Custom).map_err(|_| UnknownScenario(s.to_owned()));
        }
        let plain = |x: &Scenario| !matches!(x, Scenario::Custom(_)) && x.to_string() == s;
        Scenario::ALL.into_iter().find(plain).ok_or_else(|| UnknownScenario(s.to_owned()))
    }
}

impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl JsonSchema for Scenario {
    fn schema_name() -> Cow<'static, str> {
        "Scenario".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A consent scenario: no-choice, ignore, dismiss, reject-all, custom:PURPOSES, accept-all, \
                            withdraw, returning, unknown (imported); later versions may add others.",
            "type": "string",
        })
    }
}

impl<'de> Deserialize<'de> for Scenario {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        if text == "unknown" {
            return Ok(Scenario::Unknown);
        }
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_written() {
        for s in Scenario::ALL {
            assert_eq!(s.to_string().parse::<Scenario>().unwrap(), s);
            let json = serde_json::to_string(&s).unwrap();
            assert_eq!(serde_json::from_str::<Scenario>(&json).unwrap(), s);
        }
        let s: Scenario = "custom:analytics+functional".parse().unwrap();
        assert_eq!(s.to_string(), "custom:functional+analytics");
        for bad in ["", "unknown", "custom:", "custom:x", "custom", "Reject-all", "custom:functional+"] {
            assert!(bad.parse::<Scenario>().is_err(), "{bad}");
        }
        assert_eq!(serde_json::from_str::<Scenario>("\"unknown\"").unwrap(), Scenario::Unknown);
    }
}

//! What the simulated visitor does about consent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A consent scenario. One session lives through exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scenario {
    /// The visitor makes no choice: looks at the page, touches nothing.
    NoChoice,
    /// The visitor accepts everything that the banner offers.
    AcceptAll,
    /// The visitor rejects everything that can be rejected.
    RejectAll,
}

impl Scenario {
    /// Every scenario, in the order in which a visitor could live them.
    pub const ALL: [Scenario; 3] = [Scenario::NoChoice, Scenario::RejectAll, Scenario::AcceptAll];

    /// The scenario's name on the command line, in records and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Scenario::NoChoice => "no-choice",
            Scenario::AcceptAll => "accept-all",
            Scenario::RejectAll => "reject-all",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A scenario name that nobody knows.
#[derive(Debug, thiserror::Error)]
#[error("unknown scenario '{0}': choose from no-choice, accept-all, reject-all")]
pub struct UnknownScenario(String);

impl FromStr for Scenario {
    type Err = UnknownScenario;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Scenario::ALL.into_iter().find(|x| x.as_str() == s).ok_or_else(|| UnknownScenario(s.to_owned()))
    }
}

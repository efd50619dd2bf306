//! What the visitor decides in one visit, and where that visit stands in its session.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::purpose::Purposes;

/// What the visitor decides in one visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Choice {
    /// Accept all.
    Accept,
    /// Reject all.
    Reject,
    /// Grant these purposes, deny the others.
    Custom(Purposes),
    /// Close the banner without an answer.
    Dismiss,
    /// Take back what was accepted before: reopen the preferences and opt out.
    Withdraw,
}

impl Choice {
    /// Whether the visitor says no to everything that can be refused.
    pub fn refuses(self) -> bool {
        matches!(self, Choice::Reject | Choice::Withdraw)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Choice::Accept => "accept",
            Choice::Reject => "reject",
            Choice::Custom(purposes) => return write!(f, "custom:{purposes}"),
            Choice::Dismiss => "dismiss",
            Choice::Withdraw => "withdraw",
        })
    }
}

/// Where a visit stands in its session.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Leg {
    /// The page on which the session begins.
    #[default]
    First,
    /// A further page.
    Further,
    /// The page on which the visitor opts out again.
    OptOut,
    /// A further page after the visitor opted out.
    AfterOptOut,
    /// The visitor had left (tab closed, session cookies gone) and came back.
    Return,
}

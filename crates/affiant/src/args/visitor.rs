//! Whom a visit is made as: under which consent, and from where.

use affiant_record::Scenario;
use clap::ValueEnum;

/// What `--scenario` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// One of each kind.
    All,
    /// This one.
    One(Scenario),
}

/// Where the visitor is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VantageName {
    /// This machine's time zone, and U.S. English.
    Default,
    /// California.
    UsCa,
}

impl VantageName {
    /// Its name in records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            VantageName::Default => "default",
            VantageName::UsCa => "us-ca",
        }
    }
}

pub(crate) fn scenario(text: &str) -> Result<Asked, String> {
    if text == "all" {
        return Ok(Asked::All);
    }
    text.parse().map(Asked::One).map_err(|e: affiant_record::scenario::UnknownScenario| e.to_string())
}

//! The purposes that consent platforms ask about, in the four kinds that they have in common.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of purpose that can be refused. What is strictly necessary is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Preferences, chat, comfort.
    Functional,
    /// Statistics, performance, measurement.
    Analytics,
    /// Marketing, targeting, sale and sharing.
    Advertising,
    /// Social networks and embedded media.
    Social,
}

impl Purpose {
    /// All, in order.
    pub const ALL: [Purpose; 4] =
        [Purpose::Functional, Purpose::Analytics, Purpose::Advertising, Purpose::Social];

    /// Its name in records, arguments and answers.
    pub fn word(self) -> &'static str {
        match self {
            Purpose::Functional => "functional",
            Purpose::Analytics => "analytics",
            Purpose::Advertising => "advertising",
            Purpose::Social => "social",
        }
    }
}

/// Some purposes. Written as `functional+analytics`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purposes(u8);

impl Purposes {
    /// None.
    pub const NONE: Purposes = Purposes(0);
    /// Only functional.
    pub const FUNCTIONAL: Purposes = Purposes(1);

    /// With one more.
    #[must_use]
    pub fn with(self, purpose: Purpose) -> Purposes {
        Purposes(self.0 | 1 << purpose as u8)
    }

    /// Whether this one is among them.
    pub fn has(self, purpose: Purpose) -> bool {
        self.0 & 1 << purpose as u8 != 0
    }

    /// Those of them that are not among the others.
    #[must_use]
    pub fn without(self, others: Purposes) -> Purposes {
        Purposes(self.0 & !others.0)
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(self, others: Purposes) -> Purposes {
        Purposes(self.0 & others.0)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are among them, in order.
    pub fn each(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.into_iter().filter(move |p| self.has(*p))
    }
}

impl fmt::Display for Purposes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, p) in self.each().enumerate() {
            let plus = if i == 0 { "" } else { "+" };
            write!(f, "{plus}{}", p.word())?;
        }
        Ok(())
    }
}

/// A purpose that nobody knows, or none at all.
#[derive(Debug, thiserror::Error)]
#[error("unknown purpose '{0}': choose from functional, analytics, advertising, social, joined by '+'")]
pub struct UnknownPurpose(String);

impl FromStr for Purposes {
    type Err = UnknownPurpose;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.split('+').try_fold(Purposes::default(), |all, word| {
            let known = Purpose::ALL.into_iter().find(|p| p.word() == word);
            known.map(|p| all.with(p)).ok_or_else(|| UnknownPurpose(word.to_owned()))
        })
    }
}

impl Serialize for Purposes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Purposes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

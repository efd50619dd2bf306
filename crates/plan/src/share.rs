//! A share: one session's part of an audit, and the unit of a server's job. Its profile dies with its machine, so a share
//! is done whole or given to a fresh session.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::script::first;
use crate::{Role, Step, Todo, script};

/// One session's part of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// What the session is for.
    pub role: Role,
    /// Its name, unique in the audit.
    pub session: String,
    /// The page that it begins on.
    pub start: String,
    /// What it does beyond the first page.
    pub todo: Todo,
    /// Whether it does what another session left undone. It happens once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second: bool,
}

impl Share {
    /// Its first visit.
    pub fn first(&self) -> Step {
        first(self.role.scenario, &self.start)
    }

    /// All its visits, the first one first.
    pub fn steps(&self) -> Vec<Step> {
        script(self.role.scenario, &self.start, &self.todo)
    }
}

/// Names for sessions: a role's first has the role's own, the others a number.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<Role, u32>);

impl Names {
    /// Those that follow these sessions' of these roles.
    pub fn after<S: AsRef<str>>(roles: &[Role], sessions: impl IntoIterator<Item = S>) -> Names {
        let mut names = Names::default();
        for session in sessions {
            for role in roles {
                let Some(rest) = session.as_ref().strip_prefix(&role.to_string()) else { continue };
                // Another role's name may begin as this one's does.
                let number = if rest.is_empty() {
                    Some(1)
                } else {
                    rest.strip_prefix('-').and_then(|n| n.parse().ok())
                };
                let last = names.0.entry(*role).or_default();
                *last = number.unwrap_or_default().max(*last);
            }
        }
        names
    }

    /// The next one of this role.
    pub fn next(&mut self, role: Role) -> String {
        let number = self.0.entry(role).or_default();
        *number += 1;
        if *number == 1 { role.to_string() } else { format!("{role}-{number}") }
    }
}

/// How many visits each role makes in these shares.
pub fn visits(shares: &[Share]) -> BTreeMap<Role, u64> {
    let mut out = BTreeMap::new();
    for share in shares {
        *out.entry(share.role).or_default() += share.steps().len() as u64;
    }
    out
}

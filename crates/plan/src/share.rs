//! A share: one session's part of an audit, and the unit of a server's job. Its profile dies with its machine, so a share
//! is done whole or given to a fresh session.

use std::collections::BTreeMap;

use affiant_record::VisitEntry;
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
    /// Those that follow what is named already.
    pub fn after(visits: &[VisitEntry]) -> Names {
        let mut names = Names::default();
        for v in visits {
            let role = Role { scenario: v.scenario, control: v.control };
            let rest = v.session.strip_prefix(&role.to_string()).unwrap_or_default();
            let number = rest.strip_prefix('-').and_then(|n| n.parse().ok()).unwrap_or(1);
            let last = names.0.entry(role).or_default();
            *last = number.max(*last);
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

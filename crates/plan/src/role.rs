//! What a session is for: a scenario under the audit's vantage, or the control beside it.

use std::fmt;

use affiant_record::Scenario;
use affiant_record::audit::Plan;
use affiant_record::header::Vantage;
use serde::{Deserialize, Serialize};

/// What a session is for. Names sessions and their folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Role {
    /// What its visitors do about consent.
    pub scenario: Scenario,
    /// Without the privacy signal that the audit's other sessions send, so that its effect can be seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
}

impl Role {
    /// The roles of an audit, in the order of living.
    pub fn of(plan: &Plan) -> Vec<Role> {
        let all = plan.scenarios.iter().map(|s| Role { scenario: *s, control: false });
        let controls = plan.controls.iter().map(|s| Role { scenario: *s, control: true });
        all.chain(controls).collect()
    }

    /// From where and as whom its sessions look.
    pub fn vantage(self, audit: &Vantage) -> Vantage {
        Vantage { gpc: audit.gpc && !self.control, ..audit.clone() }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.scenario.to_string().replace(':', "-");
        if self.control { write!(f, "{name}-control") } else { f.write_str(&name) }
    }
}

//! What a session does, step by step: which page, where it stands in the session, and what the visitor decides there.

use affiant_record::{Choice, Leg, Scenario};
use serde::{Deserialize, Serialize};

/// One step of a session: one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The page.
    pub url: String,
    /// Where it stands in the session.
    pub leg: Leg,
    /// What the visitor decides there.
    pub choice: Option<Choice>,
}

/// What a session still has to do when its first page has been visited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    /// Pages beyond the first.
    pub pages: Vec<String>,
    /// Whether the visitor leaves at the end and comes back.
    pub returns: bool,
}

impl Todo {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty() && !self.returns
    }
}

/// All steps of a session that begins on `start`.
pub fn script(scenario: Scenario, start: &str, todo: &Todo) -> Vec<Step> {
    let step = |url: &str, leg, choice| Step { url: url.to_owned(), leg, choice };
    let mut out = vec![first(scenario, start)];
    let mut each = |pages: &[String], leg| out.extend(pages.iter().map(|p| step(p, leg, None)));
    match scenario {
        Scenario::Withdraw => {
            // One page under the consent that is then taken back; all of them after that.
            each(todo.pages.get(..1).unwrap_or_default(), Leg::Further);
            out.push(step(start, Leg::OptOut, Some(Choice::Withdraw)));
            out.extend(todo.pages.iter().map(|p| step(p, Leg::AfterOptOut, None)));
            // Else nothing would show whether the site heeds it.
            if todo.is_empty() {
                out.push(step(start, Leg::AfterOptOut, None));
            }
        }
        // Its further pages are those of the visitor who has come back.
        Scenario::Returning => {
            out.push(step(start, Leg::Return, None));
            out.extend(todo.pages.iter().map(|p| step(p, Leg::Return, None)));
            return out;
        }
        _ => each(&todo.pages, Leg::Further),
    }
    if todo.returns {
        out.push(step(start, Leg::Return, None));
    }
    out
}

/// The first step of a session, whatever else it does.
pub(crate) fn first(scenario: Scenario, start: &str) -> Step {
    Step { url: start.to_owned(), leg: Leg::First, choice: scenario.first_choice() }
}

/// What these steps were to do, for another session that begins anew.
pub fn left_of(start: &str, steps: &[Step]) -> Todo {
    let mut left = Todo::default();
    for s in steps {
        match s.leg {
            Leg::Return if s.url == start => left.returns = true,
            // Without pages it is the coming back that takes the session there.
            Leg::First | Leg::OptOut => left.returns = true,
            _ if !left.pages.contains(&s.url) => left.pages.push(s.url.clone()),
            _ => {}
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(scenario: Scenario, pages: &[&str], returns: bool) -> Vec<String> {
        let todo = Todo { pages: pages.iter().map(|p| (*p).to_owned()).collect(), returns };
        let one = |s: &Step| match s.choice {
            Some(c) => format!("{} {:?} {c}", s.url, s.leg),
            None => format!("{} {:?}", s.url, s.leg),
        };
        script(scenario, "/", &todo).iter().map(one).collect()
    }

    #[test]
    fn each_scenario_is_lived_to_its_end() {
        assert_eq!(told(Scenario::NoChoice, &["/a"], true), ["/ First", "/a Further", "/ Return"]);
        assert_eq!(told(Scenario::RejectAll, &["/a"], false), ["/ First reject", "/a Further"]);
        assert_eq!(
            told(Scenario::Withdraw, &["/a", "/b"], true),
            [
                "/ First accept",
                "/a Further",
                "/ OptOut withdraw",
                "/a AfterOptOut",
                "/b AfterOptOut",
                "/ Return"
            ]
        );
        assert_eq!(
            told(Scenario::Returning, &["/a"], true),
            ["/ First accept", "/ Return", "/a Return"],
            "whoever returns has come back already"
        );
        assert_eq!(told(Scenario::Withdraw, &[], true), ["/ First accept", "/ OptOut withdraw", "/ Return"]);
        assert_eq!(
            told(Scenario::Withdraw, &[], false),
            ["/ First accept", "/ OptOut withdraw", "/ AfterOptOut"]
        );
    }

    #[test]
    fn what_was_left_undone_is_given_on() {
        let todo = Todo { pages: vec!["/a".into(), "/b".into()], returns: true };
        for scenario in Scenario::ALL {
            let all = script(scenario, "/", &todo);
            for done in 1..all.len() {
                let left = left_of("/", &all[done..]);
                let again = script(scenario, "/", &left);
                for step in &all[done..] {
                    assert!(again.contains(step), "{scenario}: {step:?} after {done}");
                }
            }
            assert!(left_of("/", &[]).is_empty());
        }
    }
}

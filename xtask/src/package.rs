//! What the distribution has a package for: installed as root, or with a `sudo` that asks for no password.

use anyhow::Result;

use crate::run::{command, on_path, run, succeeds, superuser};
use crate::setup::Missing;
use crate::step::Step;

/// A package, and what to do without it.
pub(crate) struct Package {
    /// What it brings, in words that go on from "no".
    pub(crate) brings: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// By package manager, where its name is another.
    pub(crate) except: &'static [(&'static str, &'static str)],
    /// What to do where it cannot be installed, in words that go on from "or".
    pub(crate) instead: &'static str,
    /// Installing it.
    pub(crate) step: Step,
}

/// How each package manager installs the package whose name follows.
const MANAGERS: [(&str, &[&[&str]]); 5] = [
    ("apt-get", &[&["apt-get", "update"], &["apt-get", "install", "-y", "--no-install-recommends"]]),
    ("dnf", &[&["dnf", "install", "-y"]]),
    ("apk", &[&["apk", "add"]]),
    ("pacman", &[&["pacman", "-S", "--noconfirm"]]),
    ("zypper", &[&["zypper", "--non-interactive", "install"]]),
];

impl Package {
    /// What `find` finds, after the package is installed if need be.
    pub(crate) fn find_or_install<T>(&self, find: impl Fn() -> Result<Option<T>>) -> Result<T> {
        if let Some(found) = find()? {
            return Ok(found);
        }
        let Self { brings, instead, .. } = self;
        let Some(manager) = MANAGERS.iter().find(|(manager, _)| on_path(manager).is_some()) else {
            return Err(Missing(format!("no {brings} is installed: install it, or {instead}")).into());
        };
        let commands = self.commands(manager);
        let by_hand =
            commands.iter().map(|words| format!("sudo {}", words.join(" "))).collect::<Vec<_>>().join(" && ");
        let root = superuser();
        if !root && !succeeds("sudo", &["-n", "true"]) {
            return Err(Missing(format!(
                "no {brings} is installed, and installing it needs your password; run `{by_hand}` (or {instead}), \
                 then run this again"
            ))
            .into());
        }
        self.step.run(|| {
            for words in commands {
                let words = if root { words } else { [vec!["sudo", "-n"], words].concat() };
                if let [program, arguments @ ..] = words.as_slice() {
                    run(command(program).args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))?;
                }
            }
            Ok(())
        })?;
        find()?.ok_or_else(|| {
            Missing(format!("`{by_hand}` ran, but no {brings} was found afterwards; {instead}")).into()
        })
    }

    fn commands(&self, (manager, commands): &(&str, &[&[&'static str]])) -> Vec<Vec<&'static str>> {
        let name = self.except.iter().find(|(of, _)| of == manager).map_or(self.name, |(_, name)| name);
        let mut out: Vec<_> = commands.iter().map(|words| words.to_vec()).collect();
        if let Some(last) = out.last_mut() {
            last.push(name);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_manager_is_asked_for_its_own_name() {
        let step = Step { what: "installing a kettle", about: "1 s", otherwise: "drink water" };
        let except = &[("dnf", "kettle-base")];
        let package = Package { brings: "kettle", name: "kettle", except, instead: "use a pot", step };
        let [apt, dnf, ..] = &MANAGERS;
        let said = package.commands(apt).iter().map(|words| words.join(" ")).collect::<Vec<_>>();
        assert_eq!(said, ["apt-get update", "apt-get install -y --no-install-recommends kettle"]);
        assert_eq!(package.commands(dnf), [["dnf", "install", "-y", "kettle-base"]]);
    }
}

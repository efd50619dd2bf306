//! A Chromium or Chrome: the one that is there, or else the distribution's.

use crate::run::{command, on_path, run, succeeds};
use crate::setup::Missing;
use crate::step::Step;
use anyhow::Result;
use std::env;
use std::path::{Path, PathBuf};

/// Binaries before wrapper scripts: Debian's wrapper adds flags that change what a page may send.
const PLACES: [&str; 8] = [
    "/usr/lib/chromium/chromium",
    "/usr/lib64/chromium-browser/chromium-browser",
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/opt/google/chrome-beta/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/chromium/current/usr/lib/chromium-browser/chrome",
];

const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// How each package manager installs Chromium.
const INSTALLERS: [(&str, &[&[&str]]); 5] = [
    (
        "apt-get",
        &[&["apt-get", "update"], &["apt-get", "install", "-y", "--no-install-recommends", "chromium"]],
    ),
    ("dnf", &[&["dnf", "install", "-y", "chromium"]]),
    ("apk", &[&["apk", "add", "chromium"]]),
    ("pacman", &[&["pacman", "-S", "--noconfirm", "chromium"]]),
    ("zypper", &[&["zypper", "--non-interactive", "install", "chromium"]]),
];

const INSTALL: Step = Step {
    what: "installing Chromium",
    about: "about a minute and a download of 100 MB",
    otherwise: "install Chromium or Chrome by hand, or name one that is there in AFFIANT_BROWSER",
};

/// The browser that is there.
pub(crate) fn find() -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os("AFFIANT_BROWSER").filter(|named| !named.is_empty()) {
        let path = PathBuf::from(named);
        if !path.is_file() {
            return Err(Missing(format!("AFFIANT_BROWSER names {}, which is no file", path.display())).into());
        }
        return Ok(Some(path));
    }
    let placed = PLACES.iter().map(PathBuf::from).find(|path| path.is_file());
    Ok(placed.or_else(|| NAMES.iter().find_map(|name| on_path(name))))
}

/// The browser that is there, installed first if need be.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(found) = find()? {
        return Ok(found);
    }
    let installer = INSTALLERS.iter().find(|(manager, _)| on_path(manager).is_some());
    let Some((_, steps)) = installer else {
        return Err(Missing(
            "no Chromium or Chrome is installed: install one, or name it in AFFIANT_BROWSER".into(),
        )
        .into());
    };
    let by_hand =
        steps.iter().map(|step| format!("sudo {}", step.join(" "))).collect::<Vec<_>>().join(" && ");
    let root = succeeds("sh", &["-c", "test \"$(id -u)\" = 0"]);
    if !root && !succeeds("sudo", &["-n", "true"]) {
        return Err(Missing(format!(
            "no Chromium or Chrome is installed, and installing one needs your password; run `{by_hand}` \
             (or name a browser in AFFIANT_BROWSER), then run this again"
        ))
        .into());
    }
    INSTALL.run(|| {
        for step in *steps {
            let words = if root { step.to_vec() } else { [&["sudo", "-n"], *step].concat() };
            if let [program, arguments @ ..] = words.as_slice() {
                run(command(program).args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))?;
            }
        }
        Ok(())
    })?;
    find()?.ok_or_else(|| {
        Missing(format!("`{by_hand}` ran, but no browser was found afterwards; name it in AFFIANT_BROWSER"))
            .into()
    })
}

/// Hands the browser to a command that looks in AFFIANT_BROWSER.
pub(crate) fn give(command: &mut std::process::Command, browser: &Path) {
    command.env("AFFIANT_BROWSER", browser);
}

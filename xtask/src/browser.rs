//! A Chromium or Chrome: the one that is there, or else the distribution's.

use crate::package::Package;
use crate::run::on_path;
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

const PACKAGE: Package = Package {
    brings: "Chromium or Chrome",
    name: "chromium",
    except: &[],
    instead: "name a browser in AFFIANT_BROWSER",
    step: Step {
        what: "installing Chromium",
        about: "about a minute and a download of 100 MB",
        otherwise: "install Chromium or Chrome by hand, or name one that is there in AFFIANT_BROWSER",
    },
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
    PACKAGE.find_or_install(find)
}

/// Hands the browser to a command that looks in AFFIANT_BROWSER.
pub(crate) fn give(command: &mut std::process::Command, browser: &Path) {
    command.env("AFFIANT_BROWSER", browser);
}

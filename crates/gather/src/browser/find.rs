//! Finds a Chromium or Chrome that is already there.

use std::path::{Path, PathBuf};

use crate::GatherError;

/// A browser's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundBrowser {
    /// The real program, not a wrapper script.
    pub path: PathBuf,
}

/// Programs, most wanted first. The real binary comes before the wrapper script of a distribution, because
/// wrappers add switches of their own (one drops `<a ping>`).
const PLACES: [&str; 10] = [
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/opt/chromium.org/chromium/chromium",
    "/snap/chromium/current/usr/lib/chromium-browser/chrome",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
];

/// Finds the browser: the one that was named, or the first of the usual places.
pub fn find(named: Option<&Path>) -> Result<FoundBrowser, GatherError> {
    if let Some(path) = named {
        let found = if path.components().count() == 1 { on_path(path) } else { None };
        let path = found.unwrap_or_else(|| path.to_owned());
        return match std::fs::metadata(&path) {
            Ok(m) if m.is_dir() => Err(GatherError::Start {
                path,
                source: std::io::Error::new(
                    std::io::ErrorKind::InvalidInput,
                    "it is a folder, not a program",
                ),
            }),
            Ok(_) => Ok(FoundBrowser { path: unwrapped(path) }),
            Err(source) => Err(GatherError::Start { path, source }),
        };
    }
    PLACES
        .iter()
        .find_map(|p| {
            let path = Path::new(p);
            if path.is_absolute() { path.is_file().then(|| path.to_owned()) } else { on_path(path) }
        })
        .map(|path| FoundBrowser { path: unwrapped(path) })
        .ok_or_else(|| GatherError::NoBrowser { looked: PLACES.join(", ") })
}

/// Its major version, as it tells on the command line.
pub fn major(browser: &FoundBrowser) -> Option<u32> {
    let out = std::process::Command::new(&browser.path)
        .arg("--version")
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .output()
        .ok()?;
    Some(super::major(&String::from_utf8_lossy(&out.stdout))).filter(|m| *m > 0)
}

fn on_path(name: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|d| d.join(name)).find(|p| p.is_file())
}

/// Debian's `/usr/bin/chromium` is a script around the real program.
fn unwrapped(path: PathBuf) -> PathBuf {
    let real = Path::new("/usr/lib/chromium/chromium");
    if path == Path::new("/usr/bin/chromium") && real.is_file() { real.to_owned() } else { path }
}

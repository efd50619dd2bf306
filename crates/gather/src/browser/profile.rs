//! The browser's temporary profile, and those that killed runs left behind.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use affiant_record::files::{make_file, make_folder, make_new_folder};
use tempfile::TempDir;

use crate::GatherError;

const PREFIX: &str = "affiant-profile-";
/// The longest path that Chromium makes a socket at in its folder for what is temporary.
const SOCKET: &str = "/org.chromium.Chromium.scoped_dir.XXXXXX/SingletonSocket";
/// The longest path of a socket.
const LONGEST_SOCKET: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// The folder in the profile: a short name, for the sake of that path.
const TEMPORARY: &str = "t";

/// Makes a profile folder. Third-party cookies follow the vantage, not the browser's default.
pub(crate) fn make(third_party_cookies: bool) -> Result<TempDir, GatherError> {
    sweep(&std::env::temp_dir());
    let dir = tempfile::Builder::new()
        .prefix(&format!("{PREFIX}{}-", std::process::id()))
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir()
        .map_err(GatherError::Profile)?;
    write_preferences(dir.path(), third_party_cookies)?;
    Ok(dir)
}

/// A folder in the profile for what the browser keeps for a while (`org.chromium.…`): so it goes with the profile, however the
/// browser ends. None where a socket in it would have too long a path.
pub(super) fn temporary(profile: &Path) -> Result<Option<PathBuf>, GatherError> {
    let dir = profile.join(TEMPORARY);
    if dir.as_os_str().len() + SOCKET.len() > LONGEST_SOCKET {
        return Ok(None);
    }
    make_folder(&dir).map_err(GatherError::Profile)?;
    Ok(Some(dir))
}

/// Prepares a folder, empty or not there yet, as the profile of a browser that somebody else starts.
///
/// # Errors
/// [`GatherError::Profile`], also where the folder is not empty.
pub fn prepare_profile(dir: &Path, third_party_cookies: bool) -> Result<(), GatherError> {
    make_folder(dir).map_err(GatherError::Profile)?;
    if fs::read_dir(dir).map_err(GatherError::Profile)?.next().is_some() {
        let said = format!("{} is not empty: name a new folder", dir.display());
        return Err(GatherError::Profile(std::io::Error::new(std::io::ErrorKind::DirectoryNotEmpty, said)));
    }
    write_preferences(dir, third_party_cookies)
}

fn write_preferences(dir: &Path, third_party_cookies: bool) -> Result<(), GatherError> {
    let default = dir.join("Default");
    make_new_folder(&default).map_err(GatherError::Profile)?;
    let mode = if third_party_cookies { 0 } else { 1 };
    let preferences = serde_json::json!({ "profile": { "cookie_controls_mode": mode } });
    let mut file = make_file(&default.join("Preferences")).map_err(GatherError::Profile)?;
    file.write_all(preferences.to_string().as_bytes()).map_err(GatherError::Profile)
}

/// Removes profiles whose process no longer runs: what a kill -9 left behind.
fn sweep(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|n| n.strip_prefix(PREFIX)).and_then(|n| n.split('-').next())
        else {
            continue;
        };
        let digits = !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit());
        if digits && Path::new("/proc/self").exists() && !Path::new("/proc").join(pid).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_for_its_owner_alone() {
        let made = make(true).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(made.path()), mode(&made.path().join("Default"))), (0o700, 0o700));
        assert_eq!(mode(&made.path().join("Default/Preferences")), 0o600);
    }

    #[test]
    fn what_is_temporary_lies_in_the_profile_unless_its_path_is_too_long() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(temporary(dir.path()).unwrap(), Some(dir.path().join("t")));
        assert!(dir.path().join("t").is_dir());
        assert_eq!(temporary(&dir.path().join("x".repeat(90))).unwrap(), None);
    }

    #[test]
    fn profiles_of_the_dead_are_swept_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["affiant-profile-4294967295-x", "affiant-profile-nope", "other"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        fs::create_dir(dir.path().join(format!("{PREFIX}{}-x", std::process::id()))).unwrap();
        sweep(dir.path());
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().map(|e| e.file_name()).collect();
        assert_eq!(left.len(), 3, "{left:?}");
    }
}

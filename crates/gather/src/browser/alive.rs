//! The browsers that this process has started and not ended yet: whoever must stop at once ends them and removes their profiles.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How often, and how long in between, it is tried to remove a profile: what was killed may write for a moment still.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

static ALL: Mutex<Vec<Alive>> = Mutex::new(Vec::new());

struct Alive {
    profile: PathBuf,
    /// The browser's process, which is the first of a group of its own.
    pid: Option<u32>,
}

/// Stands for one of them; dropped, it is taken for ended and its profile for removed.
pub(super) struct Listed(PathBuf);

/// A profile was made.
pub(super) fn list(profile: &Path) -> Listed {
    ALL.lock().unwrap_or_else(PoisonError::into_inner).push(Alive { profile: profile.to_owned(), pid: None });
    Listed(profile.to_owned())
}

impl Listed {
    /// A browser runs with it.
    pub(super) fn runs(&self, pid: Option<u32>) {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter_mut().filter(|a| a.profile == self.0).for_each(|a| a.pid = pid);
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        ALL.lock().unwrap_or_else(PoisonError::into_inner).retain(|a| a.profile != self.0);
    }
}

/// Kills every browser of this process and removes their profiles. Only for a process that ends right after: from here on no
/// browser is started or ended any more.
pub fn end_all() {
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    end(&mut all);
    std::mem::forget(all);
}

fn end(all: &mut Vec<Alive>) {
    for alive in all.iter() {
        if let Some(pid) = alive.pid.and_then(|pid| i32::try_from(pid).ok()) {
            let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
    for alive in all.drain(..) {
        for _ in 0..TRIES {
            match fs::remove_dir_all(&alive.profile) {
                Err(e) if e.kind() != ErrorKind::NotFound => std::thread::sleep(PAUSE),
                _ => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt as _;

    use super::*;

    #[test]
    fn what_runs_is_killed_and_its_profile_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().join("profile");
        fs::create_dir(&profile).unwrap();
        // It writes into its profile for as long as it lives, as browsers do.
        let script = "while :; do mkdir -p \"$0\"; echo x > \"$0/$RANDOM\"; sleep 0.01; done & wait";
        let mut child = std::process::Command::new("bash")
            .args(["-c", script])
            .arg(&profile)
            .process_group(0)
            .spawn()
            .unwrap();
        end(&mut vec![Alive { profile: profile.clone(), pid: Some(child.id()) }]);
        assert!(!child.wait().unwrap().success());
        std::thread::sleep(Duration::from_millis(100));
        assert!(!profile.exists());
    }

    #[test]
    fn one_that_ended_is_not_listed_any_more() {
        let is_listed = |path: &Path| ALL.lock().unwrap().iter().any(|a| a.profile == path);
        let path = Path::new("/nowhere/profile");
        let listed = list(path);
        listed.runs(Some(7));
        assert!(is_listed(path));
        drop(listed);
        assert!(!is_listed(path));
    }
}

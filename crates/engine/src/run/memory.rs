//! What Linux tells of memory: how much is free for us, and how much a browser's processes use. Elsewhere: nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// MB that can be used without harm: what the machine has available, or less where a cgroup allows less.
pub(crate) fn available_mb() -> Option<u64> {
    let machine = meminfo(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let group = cgroups().into_iter().filter_map(|folder| left_in(&folder)).min();
    Some(group.map_or(machine, |g| g.min(machine)))
}

fn meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? / 1024)
}

/// The folders of our control group and those above it, of either version.
fn cgroups() -> Vec<PathBuf> {
    let Ok(text) = fs::read_to_string("/proc/self/cgroup") else { return Vec::new() };
    let mut out = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let base = match controllers {
            "" => Path::new("/sys/fs/cgroup"),
            c if c.split(',').any(|c| c == "memory") => Path::new("/sys/fs/cgroup/memory"),
            _ => continue,
        };
        let own = base.join(path.trim_start_matches('/'));
        // In a container the path may be the host's: then the mount itself is ours.
        out.extend(own.ancestors().take_while(|a| a.starts_with(base)).map(Path::to_owned));
    }
    out
}

/// What a control group still allows, in MB; nothing where it sets no limit. Cached files can be given up.
fn left_in(folder: &Path) -> Option<u64> {
    let number = |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
    let limit = number("memory.max").or_else(|| number("memory.limit_in_bytes"))?;
    let used = number("memory.current").or_else(|| number("memory.usage_in_bytes"))?;
    let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let cached = stat.lines().find_map(|l| l.strip_prefix("inactive_file ")?.trim().parse::<u64>().ok());
    Some(limit.saturating_sub(used.saturating_sub(cached.unwrap_or(0))) / (1 << 20))
}

/// Proportional set size of a process and all its descendants, in MB; nothing where it cannot be read.
pub(crate) fn tree_mb(root: u32) -> Option<u64> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        if let Some(parent) = parent(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut kb = pss_kb(root)?;
    let mut next = vec![root];
    while let Some(pid) = next.pop() {
        // Taken out, so that nothing is counted twice whatever the kernel told.
        for child in children.remove(&pid).unwrap_or_default() {
            kb += pss_kb(child).unwrap_or(0);
            next.push(child);
        }
    }
    Some(kb / 1024)
}

/// The second field after the name, which may hold anything.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn pss_kb(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|l| l.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_and_ourselves_can_be_read() {
        assert_eq!(meminfo("MemTotal:  9 kB\nMemAvailable:   2097152 kB\n"), Some(2048));
        assert_eq!(meminfo("MemTotal: 9 kB\n"), None);
        if Path::new("/proc/self/smaps_rollup").exists() {
            assert!(available_mb().unwrap() > 0);
            assert!(tree_mb(std::process::id()).unwrap() > 0);
        }
        assert_eq!(tree_mb(u32::MAX), None);
    }

    #[test]
    fn a_control_groups_limit_counts_and_cached_files_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        assert_eq!(left_in(dir.path()), None);
        put("memory.max", "max\n");
        put("memory.current", "1048576\n");
        assert_eq!(left_in(dir.path()), None);
        put("memory.max", &format!("{}\n", 100u64 << 20));
        put("memory.current", &format!("{}\n", 90u64 << 20));
        assert_eq!(left_in(dir.path()), Some(10));
        put("memory.stat", &format!("anon 1\ninactive_file {}\n", 30u64 << 20));
        assert_eq!(left_in(dir.path()), Some(40));
    }
}

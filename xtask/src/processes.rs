//! What a program and the processes below it cost while they run: sampled from `/proc`, so that short-lived renderers
//! count too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Processor time and memory.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Seconds of user and system time, summed over all processes.
    pub(crate) cpu_s: f64,
    /// Largest sum of proportional set sizes at one moment, in MB.
    pub(crate) peak_mb: f64,
    /// That sum when it was last read.
    pub(crate) now_mb: f64,
}

/// A program and what runs below it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Costs {
    /// The program itself.
    pub(crate) own: Cost,
    /// Its children and theirs: the browser.
    pub(crate) below: Cost,
    /// Browsers that it started.
    pub(crate) browsers: usize,
}

/// Samples until it is stopped.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    latest: Arc<Mutex<Costs>>,
    thread: JoinHandle<()>,
}

/// Clock ticks a second in `/proc/PID/stat`, on every Linux that Rust runs on.
const TICKS: f64 = 100.0;
/// How often processor time is read. What ends within one such time is lost.
const EVERY: Duration = Duration::from_millis(100);
/// How often memory is read: the kernel walks every page for it.
const MEMORY_EVERY: Duration = Duration::from_millis(1000);

/// Watches this process and all below it.
pub(crate) fn watch(root: u32) -> Watch {
    let (stop, latest) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Costs::default())));
    let thread = std::thread::spawn({
        let (stop, latest) = (Arc::clone(&stop), Arc::clone(&latest));
        move || {
            let mut seen = Seen::default();
            while !stop.load(Ordering::SeqCst) {
                seen.sample(root);
                *latest.lock().unwrap_or_else(PoisonError::into_inner) = seen.costs(root);
                std::thread::sleep(EVERY);
            }
        }
    });
    Watch { stop, latest, thread }
}

impl Watch {
    /// What it has cost so far.
    pub(crate) fn now(&self) -> Costs {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops and tells.
    pub(crate) fn stop(self) -> Costs {
        self.stop.store(true, Ordering::SeqCst);
        let _ = self.thread.join();
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Seen {
    /// Seconds of every process ever seen below the root, and of the root.
    cpu: BTreeMap<u32, f64>,
    browsers: BTreeSet<u32>,
    own: (f64, f64),
    below: (f64, f64),
    memory_at: Option<Instant>,
}

impl Seen {
    fn sample(&mut self, root: u32) {
        let mut alive: BTreeMap<u32, (u32, f64)> = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            if let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok())
                && let Some(stat) = stat(pid)
            {
                alive.insert(pid, stat);
            }
        }
        // Known ones stay known, whoever adopts them. Children may stand before their parents.
        let mut ours: BTreeSet<u32> =
            self.cpu.keys().copied().chain([root]).filter(|pid| alive.contains_key(pid)).collect();
        loop {
            let more: Vec<u32> = alive
                .iter()
                .filter(|(pid, (parent, _))| !ours.contains(pid) && ours.contains(parent))
                .map(|(pid, _)| *pid)
                .collect();
            if more.is_empty() {
                break;
            }
            for pid in more {
                ours.insert(pid);
                if alive.get(&pid).is_some_and(|(parent, _)| *parent == root) && is_browser(pid) {
                    self.browsers.insert(pid);
                }
            }
        }
        for pid in &ours {
            if let Some((_, seconds)) = alive.get(pid) {
                self.cpu.insert(*pid, *seconds);
            }
        }
        if self.memory_at.is_none_or(|at| at.elapsed() >= MEMORY_EVERY) {
            self.memory_at = Some(Instant::now());
            let below: f64 = ours.iter().filter(|pid| **pid != root).filter_map(|pid| pss_mb(*pid)).sum();
            self.below = (below, self.below.1.max(below));
            if let Some(own) = pss_mb(root) {
                self.own = (own, self.own.1.max(own));
            }
        }
    }

    fn costs(&self, root: u32) -> Costs {
        let own = self.cpu.get(&root).copied().unwrap_or(0.0);
        let cost = |cpu_s: f64, (now_mb, peak_mb): (f64, f64)| Cost { cpu_s, now_mb, peak_mb };
        Costs {
            own: cost(own, self.own),
            below: cost(self.cpu.values().sum::<f64>() - own, self.below),
            browsers: self.browsers.len(),
        }
    }
}

/// A browser is what is started with a debugging pipe: asking it for its version is not.
fn is_browser(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline"))
        .is_ok_and(|c| String::from_utf8_lossy(&c).contains("--remote-debugging-pipe"))
}

/// Parent, and seconds of user and system time. The fields count after the name, which may hold anything.
fn stat(pid: u32) -> Option<(u32, f64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some((fields.get(1)?.parse().ok()?, ticks / TICKS))
}

fn pss_mb(pid: u32) -> Option<f64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|l| l.strip_prefix("Pss:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? / 1024.0)
}

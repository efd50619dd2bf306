//! What processes cost while they run: sampled from `/proc`, so that short-lived renderers count too.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Processor time and largest memory.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Seconds of user and system time, summed over all processes.
    pub(crate) cpu_s: f64,
    /// Largest sum of proportional set sizes at one moment, in MB.
    pub(crate) memory_mb: f64,
}

/// Samples until it is stopped.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Cost>,
}

/// Clock ticks a second in `/proc/PID/stat`, on every Linux that Rust runs on.
const TICKS: f64 = 100.0;
const EVERY: Duration = Duration::from_millis(100);

/// Watches every process whose command line holds this text.
pub(crate) fn watch(text: String) -> Watch {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let thread = std::thread::spawn(move || {
        let mut cpu: BTreeMap<u32, f64> = BTreeMap::new();
        let mut memory_mb: f64 = 0.0;
        while !stopped.load(Ordering::SeqCst) {
            let mut now = 0.0;
            for pid in with(&text) {
                if let Some(ticks) = ticks(pid) {
                    cpu.insert(pid, ticks / TICKS);
                }
                now += pss_mb(pid).unwrap_or(0.0);
            }
            memory_mb = memory_mb.max(now);
            std::thread::sleep(EVERY);
        }
        Cost { cpu_s: cpu.values().sum(), memory_mb }
    });
    Watch { stop, thread }
}

impl Watch {
    /// Stops and tells.
    pub(crate) fn stop(self) -> Cost {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap_or_default()
    }
}

fn with(text: &str) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|c| String::from_utf8_lossy(&c).contains(text))
        })
        .collect()
}

/// Fields 14 and 15 of `stat`, counted after the name, which may hold anything.
fn ticks(pid: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
}

fn pss_mb(pid: u32) -> Option<f64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|l| l.strip_prefix("Pss:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? / 1024.0)
}

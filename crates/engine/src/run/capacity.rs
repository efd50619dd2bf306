//! How much runs side by side on this machine, and when a browser has served enough.

use super::memory;

/// Sessions a core: pages mostly wait, so that many fit. Measured, see `docs/BENCHMARKS.md`.
const PER_CORE: usize = 6;
/// Sessions beyond which one browser gains nothing.
const MOST: usize = 32;
/// What a browser takes before its first session, and what each session takes, in MB.
const BASE_MB: u64 = 300;
const SESSION_MB: u64 = 300;
/// Visits after which a browser gets no new session.
const VISITS: u32 = 300;

/// Sessions that run side by side unless the user says otherwise.
pub fn slots() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    for_machine(cores, memory::available_mb())
}

fn for_machine(cores: usize, available_mb: Option<u64>) -> usize {
    // Half of what is free: pages differ, and others use the machine too.
    let fit = available_mb.map_or(MOST as u64, |mb| (mb / 2).saturating_sub(BASE_MB) / SESSION_MB);
    (cores * PER_CORE).min(usize::try_from(fit).unwrap_or(MOST)).clamp(1, MOST)
}

/// When a browser has served enough.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worn {
    /// Visits.
    pub(crate) visits: u32,
    /// Memory of its processes together, in MB of proportional set size.
    pub(crate) memory_mb: u64,
}

impl Worn {
    /// For a browser that has at most this many sessions at once: well beyond what so many need.
    pub(crate) fn with(slots: usize) -> Worn {
        Worn { visits: VISITS, memory_mb: (BASE_MB + SESSION_MB * slots as u64) * 3 / 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_may_need_more_than_its_sessions_before_it_is_worn() {
        for slots in [1, 12, MOST] {
            let needed = BASE_MB + SESSION_MB * slots as u64;
            assert!(Worn::with(slots).memory_mb > needed && Worn::with(slots).memory_mb < 2 * needed);
        }
    }

    #[test]
    fn cores_and_memory_bound_what_runs_side_by_side() {
        assert_eq!(for_machine(2, Some(24_000)), 2 * PER_CORE);
        assert_eq!(for_machine(2, None), 2 * PER_CORE);
        assert_eq!(for_machine(64, Some(1_000_000)), MOST);
        assert_eq!(for_machine(8, Some(3_000)), 4);
        assert_eq!(for_machine(8, Some(100)), 1, "a small machine still gets its one session");
        assert_eq!(for_machine(0, Some(24_000)), 1);
    }
}

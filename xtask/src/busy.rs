//! Keeps every core busy, as a machine that does something else does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends when it is dropped.
pub(crate) struct Busy(Arc<AtomicBool>);

/// A thread a core that only counts.
pub(crate) fn keep() -> Busy {
    let stop = Arc::new(AtomicBool::new(false));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    for _ in 0..cores {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || {
            let mut n = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                n = std::hint::black_box(n.wrapping_add(1));
            }
        });
    }
    Busy(stop)
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

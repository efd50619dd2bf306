//! Where collectors put what they saw: the record of the visit that is going on.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use affiant_record::{BlobRef, BlobStore, Digest, Footer, Header, Observation, RecordError, RecordWriter};

use crate::clock::VisitClock;
use crate::room::{Bounds, Room};

/// When something happened, in the words of whoever tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// The browser's monotonic clock, seconds.
    Monotonic(f64),
    /// Wall time, ms since the Unix epoch.
    Wall(f64),
    /// Now, by this process.
    Now,
    /// Already on the visit's clock, ms.
    At(f64),
}

struct Active {
    writer: RecordWriter,
    clock: VisitClock,
    calibrated: bool,
    room: Room,
}

#[derive(Default)]
struct Inner {
    active: Option<Active>,
    /// What came between two visits: it goes to the next one.
    between: Vec<(When, Observation)>,
    /// How many more there were.
    dropped: u64,
    failed: Option<RecordError>,
}

/// Writes observations; keeps the first error, after which the visit must end.
pub(crate) struct Recorder {
    inner: Mutex<Inner>,
    pub(crate) blobs: BlobStore,
    body_limit: usize,
}

/// Up to so many bytes stand in the line: a file each would be far more than they are.
const INLINE: usize = 4096;
/// Observations kept between two visits at most.
const BETWEEN: usize = 2000;

impl Recorder {
    pub(crate) fn new(blobs: BlobStore, body_limit: usize) -> Recorder {
        Recorder { inner: Mutex::default(), blobs, body_limit }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the record of a visit.
    pub(crate) fn begin(&self, dir: &Path, header: Header, clock: VisitClock) -> Result<(), RecordError> {
        let writer = RecordWriter::create(dir, header, rand::random())?;
        let mut inner = self.lock();
        inner.active = Some(Active { writer, clock, calibrated: false, room: Room::new(Bounds::VISIT) });
        inner.failed = None;
        let between = std::mem::take(&mut inner.between);
        drop(inner);
        for (when, what) in between {
            self.record(when, what);
        }
        Ok(())
    }

    /// Writes an observation; returns its time on the visit's clock.
    pub(crate) fn record(&self, when: When, what: Observation) -> f64 {
        let mut inner = self.lock();
        let Inner { active, between, dropped, failed } = &mut *inner;
        let Some(Active { writer, clock, room, .. }) = active else {
            if between.len() < BETWEEN {
                between.push((when, what));
            } else {
                *dropped += 1;
            }
            return 0.0;
        };
        let t = time(clock, when);
        if failed.is_none() && room.line(&what) {
            let before = writer.bytes();
            match writer.write(t, what) {
                Ok(_) => room.wrote(writer.bytes() - before),
                Err(e) => *failed = Some(e),
            }
        }
        t
    }

    /// Now, on the visit's clock; 0 between visits.
    pub(crate) fn now(&self) -> f64 {
        self.lock().active.as_ref().map_or(0.0, |a| a.clock.now())
    }

    /// Ties the visit's clock to the browser's own pair of clocks, the first time that it tells one.
    pub(crate) fn calibrate(&self, monotonic_s: f64, wall_ms: f64) {
        if let Some(active) = &mut self.lock().active
            && !active.calibrated
        {
            active.calibrated = true;
            active.clock.calibrate(monotonic_s, wall_ms);
        }
    }

    /// Keeps bytes up to the limit for bodies: few in the line itself, more in a file beside the record.
    pub(crate) fn keep(&self, collector: &'static str, bytes: &[u8]) -> Option<BlobRef> {
        if bytes.len() <= INLINE {
            return Some(BlobRef::inline(bytes));
        }
        let fits = self
            .lock()
            .active
            .as_mut()
            .is_none_or(|active| active.room.file(collector, bytes.len().min(self.body_limit) as u64));
        if !fits {
            return Some(BlobRef::not_kept(bytes));
        }
        match self.blobs.keep(bytes, self.body_limit) {
            Ok(r) => Some(r),
            Err(e) => {
                self.lock().failed.get_or_insert(e);
                None
            }
        }
    }

    /// What found no room in this visit, by collector, in words.
    pub(crate) fn left_out(&self) -> Vec<(&'static str, String)> {
        self.lock().active.as_ref().map(|a| a.room.left_out()).unwrap_or_default()
    }

    /// Pushes what was written to the file.
    pub(crate) fn flush(&self) {
        let mut inner = self.lock();
        if let Some(active) = &mut inner.active
            && let Err(e) = active.writer.flush()
        {
            inner.failed.get_or_insert(e);
        }
    }

    /// How many observations were lost between two visits, since this was last asked.
    pub(crate) fn dropped(&self) -> u64 {
        std::mem::take(&mut self.lock().dropped)
    }

    /// Whether writing has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.lock().failed.is_some()
    }

    /// Ends the record of the visit.
    pub(crate) fn seal(&self, footer: Footer) -> Result<Digest, RecordError> {
        let mut inner = self.lock();
        let failed = inner.failed.take();
        let active = inner.active.take();
        drop(inner);
        match (failed, active) {
            (Some(e), _) => Err(e),
            (None, Some(Active { writer, clock, .. })) => {
                let t = clock.now();
                writer.seal(t, footer)
            }
            (None, None) => Err(RecordError::Damaged {
                path: self.blobs.dir().to_owned(),
                what: "no record was begun".to_owned(),
            }),
        }
    }
}

fn time(clock: &VisitClock, when: When) -> f64 {
    match when {
        When::Monotonic(s) => clock.monotonic(s),
        When::Wall(ms) => clock.wall(ms),
        When::Now => clock.now(),
        When::At(t) => t,
    }
}

//! Writing a record while its visit goes on.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::files::{Hashing, make_file, make_folder};
use crate::merkle::{GrowingTree, leaf, salt};
use crate::seal::Seal;
use crate::{Digest, Footer, Header, Line, Observation, RecordError};

/// Name of the record's file in its folder.
pub const RECORD_FILE: &str = "record.jsonl.zst";
/// Compression level: 3 is zstd's own default.
const LEVEL: i32 = 3;

/// Writes one record. Dropped without [`RecordWriter::seal`], it leaves a readable record that was cut off.
pub struct RecordWriter {
    dir: PathBuf,
    out: zstd::Encoder<'static, Hashing<File>>,
    seed: [u8; 32],
    tree: GrowingTree,
    unflushed: usize,
    bytes: u64,
}

/// Uncompressed bytes after which what was written is pushed to the file, so that a kill loses little.
const FLUSH_EVERY: usize = 64 * 1024;

impl RecordWriter {
    /// Begins a record in a new folder. `seed` must be random.
    pub fn create(dir: &Path, header: Header, seed: [u8; 32]) -> Result<RecordWriter, RecordError> {
        make_folder(dir).map_err(RecordError::io("cannot make the record's folder", dir))?;
        let path = dir.join(RECORD_FILE);
        let file = make_file(&path).map_err(RecordError::io("cannot begin the record", &path))?;
        let mut out = zstd::Encoder::new(Hashing::new(file), LEVEL)
            .map_err(RecordError::io("cannot begin the record", &path))?;
        out.include_checksum(true).map_err(RecordError::io("cannot begin the record", &path))?;
        let mut w = RecordWriter {
            dir: dir.to_owned(),
            out,
            seed,
            tree: GrowingTree::default(),
            unflushed: 0,
            bytes: 0,
        };
        w.write(0.0, Observation::Header(header))?;
        w.flush()?;
        Ok(w)
    }

    /// Appends an observation at `t` (see [`Line::t`]) and tells its line number.
    pub fn write(&mut self, t: f64, what: Observation) -> Result<u64, RecordError> {
        let n = self.tree.size();
        // Microseconds are the finest that the browser tells; more digits would be noise.
        let t = (t * 1000.0).round() / 1000.0;
        let mut text = serde_json::to_vec(&Line { n, t, what })?;
        self.tree.push(leaf(&salt(&self.seed, n), &text));
        text.push(b'\n');
        self.out.write_all(&text).map_err(self.io("cannot write to the record"))?;
        self.unflushed += text.len();
        self.bytes += text.len() as u64;
        if self.unflushed >= FLUSH_EVERY {
            self.flush()?;
        }
        Ok(n)
    }

    /// Pushes what was written to the file, so that a kill from now on cannot lose it.
    pub fn flush(&mut self) -> Result<(), RecordError> {
        if self.unflushed > 0 {
            self.out.flush().map_err(self.io("cannot write to the record"))?;
            self.unflushed = 0;
        }
        Ok(())
    }

    /// Number of lines so far.
    pub fn lines(&self) -> u64 {
        self.tree.size()
    }

    /// Bytes of all lines so far, before they are compressed.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends the record: footer, sync, seal. Returns its digest.
    pub fn seal(mut self, t: f64, footer: Footer) -> Result<Digest, RecordError> {
        self.write(t, Observation::Footer(footer))?;
        let path = self.dir.join(RECORD_FILE);
        let (root, lines) = (self.tree.root(), self.tree.size());
        let done = self.out.finish().map_err(RecordError::io("cannot end the record", &path))?;
        done.inner.sync_all().map_err(RecordError::io("cannot sync the record", &path))?;
        Seal::new(root, lines, self.seed, done.digest(), done.bytes()).write(&self.dir)?;
        Ok(root)
    }

    fn io(&self, doing: &'static str) -> impl FnOnce(io::Error) -> RecordError + use<> {
        RecordError::io(doing, self.dir.join(RECORD_FILE))
    }
}

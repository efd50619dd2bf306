//! The bytes of a HAR as text: packed with gzip or not, in UTF-8 or UTF-16, with a byte order mark or without. What is no text
//! comes as U+FFFD. What passes by is hashed, counted and bounded.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use super::{MAX_BYTES, MAX_ENTRY};
use crate::Digest;

const BUFFER: usize = 256 * 1024;

/// What has passed by.
#[derive(Default)]
pub(super) struct Passed {
    hash: RefCell<Sha256>,
    bytes: Cell<u64>,
    /// The file system's own refusal, as against text that cannot be unpacked.
    failed: Cell<Option<io::ErrorKind>>,
    /// Text since an entry began.
    of_entry: Cell<u64>,
}

impl Passed {
    pub(super) fn digest(&self) -> Digest {
        Digest(self.hash.borrow().clone().finalize().into())
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    pub(super) fn failed(&self) -> Option<io::ErrorKind> {
        self.failed.get()
    }

    pub(super) fn next_entry(&self) {
        self.of_entry.set(0);
    }
}

/// The text, from the beginning of the file.
pub(super) fn text<'a>(file: &'a mut File, passed: &'a Passed) -> io::Result<impl Read + 'a> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = BufReader::with_capacity(BUFFER, Hashing { file, passed });
    let is_packed = bytes.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let mut bytes: BufReader<Box<dyn Read + 'a>> = if is_packed {
        BufReader::with_capacity(BUFFER, Box::new(MultiGzDecoder::new(bytes)))
    } else {
        BufReader::with_capacity(BUFFER, Box::new(bytes))
    };
    let guess = guess(bytes.fill_buf()?);
    let text =
        DecodeReaderBytesBuilder::new().encoding(Some(guess)).bom_override(true).strip_bom(true).build(bytes);
    // JSON is read byte by byte.
    Ok(BufReader::with_capacity(BUFFER, Bounded { text, passed, in_all: 0 }))
}

/// Of text without a byte order mark: JSON begins with a character that is ASCII.
fn guess(first: &[u8]) -> &'static Encoding {
    match first {
        [0, b, ..] if *b != 0 => UTF_16BE,
        [b, 0, ..] if *b != 0 => UTF_16LE,
        _ => UTF_8,
    }
}

/// Lets what was not read pass by too.
pub(super) fn finish(file: &mut File, passed: &Passed) -> io::Result<()> {
    io::copy(&mut Hashing { file, passed }, &mut io::sink()).map(drop)
}

struct Hashing<'a> {
    file: &'a mut File,
    passed: &'a Passed,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let passed = self.passed;
        let n = self.file.read(buf).inspect_err(|e| passed.failed.set(Some(e.kind())))?;
        passed.hash.borrow_mut().update(buf.get(..n).unwrap_or_default());
        passed.bytes.set(passed.bytes.get() + n as u64);
        // A file that grows while it is read must not be followed for ever.
        if passed.bytes.get() > MAX_BYTES {
            passed.failed.set(Some(io::ErrorKind::FileTooLarge));
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it grew beyond what is read"));
        }
        Ok(n)
    }
}

/// A packed file may hold far more than its own length, and an entry all of it.
struct Bounded<'a, R> {
    text: R,
    passed: &'a Passed,
    in_all: u64,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.text.read(buf)?;
        self.in_all += n as u64;
        self.passed.of_entry.set(self.passed.of_entry.get() + n as u64);
        if self.in_all > MAX_BYTES {
            return Err(io::Error::other(format!(
                "unpacked it has more than the {MAX_BYTES} bytes that are read"
            )));
        }
        if self.passed.of_entry.get() > MAX_ENTRY {
            return Err(io::Error::other(format!(
                "the next entry has more than the {MAX_ENTRY} bytes that are read of one"
            )));
        }
        Ok(n)
    }
}

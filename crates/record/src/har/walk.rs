//! Over a HAR as a stream: the head is kept, each entry is handed on and forgotten.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::marker::PhantomData;
use std::path::Path;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use sha2::{Digest as _, Sha256};

use super::error::HarError;
use super::parts::{Maker, Page};
use super::{MAX_BYTES, MAX_PAGES};
use crate::Digest;

/// Everything of a log but its entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Head {
    pub(super) version: String,
    pub(super) creator: Maker,
    pub(super) browser: Maker,
    pub(super) comment: String,
    pub(super) pages: Vec<Page>,
}

/// What a walk over the whole file found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Walked {
    pub(super) head: Head,
    /// Number of entries.
    pub(super) entries: u64,
    /// SHA-256 of the file.
    pub(super) sha256: Digest,
    /// Its length in bytes.
    pub(super) bytes: u64,
}

/// Bytes that are read pass by here, to be hashed and counted.
struct Hashing<'f> {
    file: &'f mut File,
    hash: Sha256,
    bytes: u64,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buf)?;
        self.hash.update(buf.get(..n).unwrap_or_default());
        self.bytes += n as u64;
        // A file that grows while it is read must not be followed for ever.
        if self.bytes > MAX_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it grew beyond what is read"));
        }
        Ok(n)
    }
}

/// Reads the whole file from its beginning and hands on each entry with its number. What `on` refuses ends it.
pub(super) fn walk<E: DeserializeOwned>(
    path: &Path,
    file: &mut File,
    on: &mut dyn FnMut(u64, E) -> Result<(), HarError>,
) -> Result<Walked, HarError> {
    let failed = |source| HarError::Io { path: path.to_owned(), source };
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let hashing = Hashing { file, hash: Sha256::new(), bytes: 0 };
    let mut input = BufReader::with_capacity(256 * 1024, hashing);
    let bom = begins(path, input.fill_buf().map_err(failed)?)?;
    input.consume(bom);
    let state = State { refused: RefCell::new(None), entries: Cell::new(0), entry_began: Cell::new(false) };
    let mut de = serde_json::Deserializer::from_reader(&mut input);
    let read = Root { on, state: &state, kind: PhantomData::<E> }
        .deserialize(&mut de)
        .and_then(|head| de.end().map(|()| head));
    drop(de);
    let entries = state.entries.get();
    let head = match (read, state.refused.into_inner()) {
        (_, Some(refused)) => return Err(refused),
        (Err(e), None) if e.is_io() => return Err(failed(e.into())),
        (Err(e), None) => return Err(broken(path, input.into_inner().file, &e, entries, bom)),
        (Ok(None), None) => {
            return Err(HarError::NotHar {
                path: path.to_owned(),
                what: "it is JSON, and has no object 'log' with a list 'entries': save it again with 'Export HAR'"
                    .to_owned(),
            });
        }
        (Ok(Some(head)), None) => head,
    };
    let hashing = input.into_inner();
    Ok(Walked { head, entries, sha256: Digest(hashing.hash.finalize().into()), bytes: hashing.bytes })
}

/// Whether it can be a HAR by its first bytes; gives the length of the byte order mark.
fn begins(path: &Path, first: &[u8]) -> Result<usize, HarError> {
    let no = |what: &str| Err(HarError::NotHar { path: path.to_owned(), what: what.to_owned() });
    match first {
        [] => no("the file is empty: save it again"),
        [0xef, 0xbb, 0xbf, ..] => Ok(3),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => no("it is UTF-16, a HAR is UTF-8: save it as UTF-8"),
        [0x1f, 0x8b, ..] => no("it is compressed with gzip: unpack it first, e.g. with `gunzip`"),
        [b'P', b'K', ..] => no("it is a ZIP archive: unpack it and give the .har inside"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => no("it is compressed with zstd: unpack it first, e.g. with `unzstd`"),
        [b'<', ..] => {
            no("it begins like HTML or XML: Charles and others must be told to export 'HTTP Archive (.har)'")
        }
        _ => Ok(0),
    }
}

/// Where and why it is broken. The byte is found by reading up to the line again.
fn broken(path: &Path, file: &mut File, e: &serde_json::Error, entries: u64, bom: usize) -> HarError {
    let mark = if e.line() <= 1 { bom as u64 } else { 0 };
    // At the end all of the line was read; elsewhere the column is that of the byte that is wrong.
    let in_line = if e.is_eof() { e.column() } else { e.column().saturating_sub(1) };
    let byte = line_start(file, e.line()).unwrap_or(0) + mark + in_line as u64;
    let at = format!(" at line {} column {}", e.line(), e.column());
    let said = e.to_string();
    let said = said.strip_suffix(&at).unwrap_or(&said);
    let next = if e.is_eof() {
        "the file ends too early: it was cut off while it was saved or sent; save or fetch it again"
    } else {
        "save it again with the tool that made it; a HAR that was edited by hand must stay JSON"
    };
    HarError::Broken {
        path: path.to_owned(),
        line: e.line(),
        column: e.column(),
        byte,
        entries,
        what: format!("{said}. {next}"),
    }
}

fn line_start(file: &mut File, line: usize) -> Option<u64> {
    file.seek(SeekFrom::Start(0)).ok()?;
    let (mut at, mut seen, mut chunk) = (0u64, 1usize, vec![0u8; 64 * 1024]);
    while seen < line {
        let n = file.read(&mut chunk).ok().filter(|n| *n > 0)?;
        for b in chunk.get(..n)? {
            at += 1;
            if *b == b'\n' {
                seen += 1;
                if seen == line {
                    break;
                }
            }
        }
    }
    Some(at)
}

struct State {
    refused: RefCell<Option<HarError>>,
    entries: Cell<u64>,
    entry_began: Cell<bool>,
}

type On<'a, E> = dyn FnMut(u64, E) -> Result<(), HarError> + 'a;

struct Root<'a, 'b, E> {
    on: &'a mut On<'b, E>,
    state: &'a State,
    kind: PhantomData<E>,
}

impl<'de, E: DeserializeOwned> DeserializeSeed<'de> for Root<'_, '_, E> {
    type Value = Option<Head>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de, E: DeserializeOwned> Visitor<'de> for Root<'_, '_, E> {
    type Value = Option<Head>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with 'log'")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut head = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "log" && head.is_none() {
                head = map.next_value_seed(Log { on: &mut *self.on, state: self.state })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(head)
    }
}

struct Log<'a, 'b, E> {
    on: &'a mut On<'b, E>,
    state: &'a State,
}

impl<'de, E: DeserializeOwned> DeserializeSeed<'de> for Log<'_, '_, E> {
    type Value = Option<Head>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de, E: DeserializeOwned> Visitor<'de> for Log<'_, '_, E> {
    type Value = Option<Head>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the object 'log'")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut head = Head::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" => head.version = map.next_value_seed(Text)?,
                "creator" => head.creator = map.next_value::<Option<Maker>>()?.unwrap_or_default(),
                "browser" => head.browser = map.next_value::<Option<Maker>>()?.unwrap_or_default(),
                "comment" => head.comment = map.next_value_seed(Text)?,
                "pages" => {
                    head.pages = map.next_value::<Option<Vec<Page>>>()?.unwrap_or_default();
                    if head.pages.len() > MAX_PAGES {
                        return Err(de::Error::custom(format!(
                            "it lists {} pages, more than the {MAX_PAGES} that are read",
                            head.pages.len()
                        )));
                    }
                }
                "entries" => {
                    self.state.entry_began.set(true);
                    map.next_value_seed(Entries { on: &mut *self.on, state: self.state })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(self.state.entry_began.get().then_some(head))
    }
}

struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = String;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<String, D::Error> {
        super::parts::text(d)
    }
}

struct Entries<'a, 'b, E> {
    on: &'a mut On<'b, E>,
    state: &'a State,
}

impl<'de, E: DeserializeOwned> DeserializeSeed<'de> for Entries<'_, '_, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de, E: DeserializeOwned> Visitor<'de> for Entries<'_, '_, E> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list 'entries'")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<E>()? {
            let n = self.state.entries.get();
            if let Err(refused) = (self.on)(n, entry) {
                *self.state.refused.borrow_mut() = Some(refused);
                return Err(de::Error::custom("an entry was refused"));
            }
            self.state.entries.set(n + 1);
        }
        Ok(())
    }
}

//! Over a HAR as a stream: the head is kept, each entry is handed on as it stands and forgotten.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::HarError;
use super::parts::{Maker, Page};
use super::source::{self, Passed};
use super::{MAX_PAGES, lenient};
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
    /// From where on it cannot be read, and why.
    pub(super) cut: Option<String>,
}

/// Reads the whole file from its beginning and hands on each entry with its number. What `on` refuses ends it. What is broken
/// ends it too, and is no error where entries came before.
pub(super) fn walk(
    path: &Path,
    file: &mut File,
    on: &mut dyn FnMut(u64, &str) -> Result<(), HarError>,
) -> Result<Walked, HarError> {
    let failed = |source| HarError::Io { path: path.to_owned(), source };
    begins(path, file)?;
    let passed = Passed::default();
    let state = State {
        refused: RefCell::new(None),
        entries: Cell::new(0),
        entry_began: Cell::new(false),
        head: RefCell::default(),
        passed: &passed,
    };
    let read = source::text(file, &passed).map_err(serde_json::Error::io).and_then(|text| {
        let mut de = serde_json::Deserializer::from_reader(text);
        Root { on, state: &state }.deserialize(&mut de).and_then(|()| de.end())
    });
    let (entries, head) = (state.entries.get(), state.head.take());
    if let Some(refused) = state.refused.take() {
        return Err(refused);
    }
    if let Some(kind) = passed.failed() {
        return Err(failed(kind.into()));
    }
    source::finish(file, &passed).map_err(failed)?;
    let cut = match read {
        Ok(()) if state.entry_began.get() => None,
        Ok(()) => {
            return Err(HarError::NotHar {
                path: path.to_owned(),
                what: "it is JSON, and has no object 'log' with a list 'entries': save it again with 'Export HAR'"
                    .to_owned(),
            });
        }
        Err(e) => match broken(path, file, &e, entries) {
            broken if entries == 0 => return Err(broken),
            HarError::Broken { line, column, byte, what, .. } => {
                Some(format!("line {line}, column {column} (byte {byte}): {what}"))
            }
            other => Some(other.to_string()),
        },
    };
    Ok(Walked { head, entries, sha256: passed.digest(), bytes: passed.bytes(), cut })
}

/// Whether it can be a HAR by its first bytes.
fn begins(path: &Path, file: &mut File) -> Result<(), HarError> {
    let no = |what: &str| Err(HarError::NotHar { path: path.to_owned(), what: what.to_owned() });
    let mut first = Vec::new();
    let read = std::io::Seek::rewind(file).and_then(|()| file.by_ref().take(4).read_to_end(&mut first));
    read.map_err(|source| HarError::Io { path: path.to_owned(), source })?;
    match first.as_slice() {
        [] => no("the file is empty: save it again"),
        [b'P', b'K', ..] => no("it is a ZIP archive: unpack it and give the .har inside"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => no("it is compressed with zstd: unpack it first, e.g. with `unzstd`"),
        [b'<', ..] => {
            no("it begins like HTML or XML: Charles and others must be told to export 'HTTP Archive (.har)'")
        }
        _ => Ok(()),
    }
}

/// Where and why it is broken. The byte is one of its text, found by reading up to the line again.
fn broken(path: &Path, file: &mut File, e: &serde_json::Error, entries: u64) -> HarError {
    // At the end all of the line was read; elsewhere the column is that of the byte that is wrong.
    let in_line = if e.is_eof() { e.column() } else { e.column().saturating_sub(1) };
    let byte = line_start(file, e.line()).unwrap_or(0) + in_line as u64;
    let at = format!(" at line {} column {}", e.line(), e.column());
    let said = e.to_string();
    let said = crate::hostile::line(said.strip_suffix(&at).unwrap_or(&said), 200);
    let next = if e.is_eof() || e.io_error_kind() == Some(ErrorKind::UnexpectedEof) {
        "the file ends too early: it was cut off while it was saved or sent; save or fetch it again"
    } else if e.is_io() {
        "from there on it cannot be unpacked or is too large: save it again, with fewer pages or without response bodies"
    } else {
        "save it again with the tool that made it; a HAR that was edited by hand must stay JSON"
    };
    HarError::Broken {
        path: path.to_owned(),
        line: e.line().max(1),
        column: e.column().max(1),
        byte,
        entries,
        what: format!("{said}. {next}"),
    }
}

fn line_start(file: &mut File, line: usize) -> Option<u64> {
    let passed = Passed::default();
    let mut text = source::text(file, &passed).ok()?;
    let (mut at, mut seen, mut chunk) = (0u64, 1usize, vec![0u8; 64 * 1024]);
    while seen < line {
        passed.next_entry();
        let n = text.read(&mut chunk).ok().filter(|n| *n > 0)?;
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

struct State<'a> {
    refused: RefCell<Option<HarError>>,
    entries: Cell<u64>,
    entry_began: Cell<bool>,
    head: RefCell<Head>,
    passed: &'a Passed,
}

type On<'a> = dyn FnMut(u64, &str) -> Result<(), HarError> + 'a;

struct Root<'a, 'b> {
    on: &'a mut On<'b>,
    state: &'a State<'a>,
}

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with 'log'")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.state.passed.next_entry();
            if key == "log" && !self.state.entry_began.get() {
                map.next_value_seed(Log { on: &mut *self.on, state: self.state })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Log<'a, 'b> {
    on: &'a mut On<'b>,
    state: &'a State<'a>,
}

impl<'de> DeserializeSeed<'de> for Log<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Log<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the object 'log'")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.state.passed.next_entry();
            if key == "entries" {
                self.state.entry_began.set(true);
                map.next_value_seed(Entries { on: &mut *self.on, state: self.state })?;
                continue;
            }
            if !matches!(key.as_str(), "version" | "creator" | "browser" | "comment" | "pages") {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let raw = map.next_value::<Box<RawValue>>()?;
            let mut head = self.state.head.borrow_mut();
            match key.as_str() {
                "version" => head.version = text(&raw),
                "comment" => head.comment = text(&raw),
                "creator" => head.creator = maker(&raw),
                "browser" => head.browser = maker(&raw),
                _ => head.pages = pages(&raw),
            }
        }
        Ok(())
    }
}

fn text(raw: &RawValue) -> String {
    lenient::read::<Word>(raw.get()).map(|w| w.0).unwrap_or_default()
}

#[derive(serde::Deserialize)]
struct Word(#[serde(deserialize_with = "super::parts::text")] String);

/// A maker that is only named is one too.
fn maker(raw: &RawValue) -> Maker {
    lenient::read::<Option<Maker>>(raw.get())
        .ok()
        .flatten()
        .unwrap_or_else(|| Maker { name: text(raw), ..Maker::default() })
}

/// The first that can be read: pages only give titles and times to what entries name.
fn pages(raw: &RawValue) -> Vec<Page> {
    let all: Vec<Box<RawValue>> = serde_json::from_str(raw.get()).unwrap_or_default();
    all.iter().filter_map(|p| lenient::read(p.get()).ok()).take(MAX_PAGES).collect()
}

struct Entries<'a, 'b> {
    on: &'a mut On<'b>,
    state: &'a State<'a>,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list 'entries'")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<Box<RawValue>>()? {
            self.state.passed.next_entry();
            let n = self.state.entries.get();
            if let Err(refused) = (self.on)(n, entry.get()) {
                *self.state.refused.borrow_mut() = Some(refused);
                return Err(de::Error::custom("an entry was refused"));
            }
            self.state.entries.set(n + 1);
        }
        Ok(())
    }
}

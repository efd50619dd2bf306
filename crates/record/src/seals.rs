//! The seals of an audit as a whole: over its plan, what became of each visit, its judgements and its reports.
//!
//! The seal of a record says nothing of the records beside it: one that was left out would not be missed. So an audit is
//! sealed when it ends, and again whenever something is added, `seals/0001.jsonl` and on. Each seal names what came since the
//! one before, and the digest of that one: the newest digest stands for all of them, and one that was noted after an earlier
//! seal is found again. A seal is never written to again. See `docs/RECORD.md`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::{make_folder, read_file, refuse_links, write_new};
use crate::merkle::{GrowingTree, leaf};
use crate::{AuditManifest, Digest, RecordError, VisitEntry};

/// Folder of the seals in an audit folder.
pub const SEALS: &str = "seals";
/// Version of the seals' format.
const FORMAT: u32 = 1;
/// The largest seal that is read: one that names a million visits is smaller.
const MOST_BYTES: u64 = 1 << 30;
/// So many seals an audit can have.
const MOST: u32 = 9_999;

/// The first line of a seal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    number: u32,
    previous: Option<Digest>,
}

/// A line of a seal between the first and the last one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Item {
    /// The manifest, without its visits: each has a line of its own.
    Audit(Box<AuditManifest>),
    Visit(Box<VisitEntry>),
    File {
        path: String,
        sha256: Digest,
    },
}

/// The last line of a seal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foot {
    root: Digest,
}

/// What a seal is to be over.
#[derive(Debug, Default)]
pub struct ToSeal {
    /// The manifest with its visits, once the audit has ended.
    pub audit: Option<AuditManifest>,
    /// Files by their path in the audit's folder.
    pub files: BTreeMap<String, Digest>,
}

impl ToSeal {
    /// One file.
    pub fn file(path: impl Into<String>, sha256: Digest) -> ToSeal {
        ToSeal { audit: None, files: [(path.into(), sha256)].into() }
    }

    fn items(self) -> Vec<Item> {
        let mut items = Vec::new();
        if let Some(mut audit) = self.audit {
            let visits = std::mem::take(&mut audit.visits);
            items.push(Item::Audit(Box::new(audit)));
            items.extend(visits.into_iter().map(|v| Item::Visit(Box::new(v))));
        }
        items.extend(self.files.into_iter().map(|(path, sha256)| Item::File { path, sha256 }));
        items
    }
}

/// What the seals of an audit say, taken together.
#[derive(Debug, Default)]
pub struct Seals {
    /// The digest of each, by its number.
    pub digests: BTreeMap<u32, Digest>,
    /// The manifest as it was sealed, with its visits.
    pub audit: Option<AuditManifest>,
    /// The files that were sealed, by their path in the audit's folder, as they were last.
    pub files: BTreeMap<String, Digest>,
    /// What is wrong with the seals themselves.
    pub faults: Vec<String>,
    /// The number of the newest that is there, readable or not.
    newest: u32,
}

impl Seals {
    /// Reads the seals of an audit. What is wrong with one stands in `faults`, and the others are read.
    pub fn read(dir: &Path) -> Result<Seals, RecordError> {
        let mut seals = Seals { newest: newest(dir)?, ..Seals::default() };
        let mut previous = None;
        for number in 1..=seals.newest {
            let name = name(number);
            let text = match read_file(&dir.join(&name), MOST_BYTES) {
                Ok(text) => text,
                Err(e) if e.kind() == ErrorKind::NotFound => {
                    seals.faults.push(format!("{name} is missing: a later seal is there"));
                    previous = None;
                    continue;
                }
                Err(e) => {
                    seals.faults.push(format!("{name} cannot be read: {e}"));
                    previous = None;
                    continue;
                }
            };
            match Read::of(&text) {
                Ok(read) => {
                    let follows = read.head.number == number
                        && read.head.previous.is_some() == (number > 1)
                        && (previous.is_none() || previous == read.head.previous);
                    if !follows {
                        seals.faults.push(format!("{name} does not follow the seal before it"));
                    } else if !read.holds {
                        seals.faults.push(format!(
                            "{name} was changed after it was written: its lines do not lead to its digest"
                        ));
                    }
                    previous = Some(read.root);
                    seals.digests.insert(number, read.root);
                    seals.take(read.items);
                }
                Err(why) => {
                    seals.faults.push(format!("{name} is no seal: {why}"));
                    previous = None;
                }
            }
        }
        Ok(seals)
    }

    fn take(&mut self, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Audit(audit) => self.audit = Some(*audit),
                Item::Visit(visit) => {
                    if let Some(audit) = &mut self.audit {
                        audit.visits.push(*visit);
                    }
                }
                Item::File { path, sha256 } => {
                    self.files.insert(path, sha256);
                }
            }
        }
    }

    /// The digest of the newest seal, which stands for all.
    pub fn digest(&self) -> Option<Digest> {
        self.digests.last_key_value().map(|(_, digest)| *digest)
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.newest == 0
    }

    /// What of it is not sealed yet.
    fn missing(&self, wanted: &ToSeal) -> ToSeal {
        ToSeal {
            audit: wanted.audit.clone().filter(|audit| self.audit.as_ref() != Some(audit)),
            files: wanted
                .files
                .iter()
                .filter(|(path, sha256)| self.files.get(*path) != Some(*sha256))
                .map(|(path, sha256)| (path.clone(), *sha256))
                .collect(),
        }
    }
}

/// Adds a seal over what is not sealed yet, if anything is not; tells the digest that stands for all. Several processes may do so
/// at once.
pub fn add(dir: &Path, wanted: &ToSeal) -> Result<Option<Digest>, RecordError> {
    loop {
        let there = Seals::read(dir)?;
        let items = there.missing(wanted).items();
        if items.is_empty() {
            return Ok(there.digest());
        }
        let number = there.newest + 1;
        let path = dir.join(name(number));
        if number > MOST {
            return Err(RecordError::damaged(dir.join(SEALS), format!("it holds {MOST} seals already")));
        }
        make_folder(&dir.join(SEALS)).map_err(RecordError::io("cannot make", dir.join(SEALS)))?;
        let (text, root) = written(&Head { format: FORMAT, number, previous: there.digest() }, &items)?;
        if write_new(&path, &text)? {
            return Ok(Some(root));
        }
    }
}

/// The path of a seal in the audit's folder.
fn name(number: u32) -> String {
    format!("{SEALS}/{number:04}.jsonl")
}

/// The number of a seal, by the name of its file.
pub(crate) fn number(file: &str) -> Option<u32> {
    let digits = file.strip_suffix(".jsonl").filter(|d| d.len() == 4)?;
    digits.parse().ok().filter(|n| *n > 0)
}

fn newest(dir: &Path) -> Result<u32, RecordError> {
    let folder: PathBuf = dir.join(SEALS);
    refuse_links(dir, Path::new(SEALS)).map_err(RecordError::io("cannot read the seals of", dir))?;
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(0),
        Err(e) => return Err(RecordError::io("cannot read", folder)(e)),
    };
    Ok(entries.flatten().filter_map(|e| number(e.file_name().to_str()?)).max().unwrap_or(0))
}

fn written(head: &Head, items: &[Item]) -> Result<(Vec<u8>, Digest), RecordError> {
    let mut lines = vec![serde_json::to_vec(head)?];
    for item in items {
        lines.push(serde_json::to_vec(item)?);
    }
    let root = root(lines.iter().map(Vec::as_slice));
    lines.push(serde_json::to_vec(&Foot { root })?);
    let mut text = lines.join(&b'\n');
    text.push(b'\n');
    Ok((text, root))
}

fn root<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Digest {
    let mut tree = GrowingTree::default();
    lines.for_each(|line| tree.push(leaf(&[], line)));
    tree.root()
}

/// A seal that could be read.
struct Read {
    head: Head,
    items: Vec<Item>,
    root: Digest,
    holds: bool,
}

impl Read {
    fn of(text: &[u8]) -> Result<Read, String> {
        let text = text.strip_suffix(b"\n").ok_or("its last line is cut")?;
        let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').collect();
        let [first, items @ .., last] = lines.as_slice() else {
            return Err("it has no end".to_owned());
        };
        let bad = |at: usize| move |e: serde_json::Error| format!("line {at} cannot be read: {e}");
        let head: Head = serde_json::from_slice(first).map_err(bad(0))?;
        if head.format != FORMAT {
            return Err(format!("it has format {}, this build reads {FORMAT}", head.format));
        }
        let foot: Foot = serde_json::from_slice(last).map_err(bad(lines.len() - 1))?;
        let found = root(lines[..lines.len() - 1].iter().copied());
        let items = (1..).zip(items).map(|(at, line)| serde_json::from_slice(line).map_err(bad(at)));
        Ok(Read { head, items: items.collect::<Result<_, _>>()?, root: foot.root, holds: found == foot.root })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn seal(dir: &Path, path: &str, bytes: &[u8]) -> Digest {
        add(dir, &ToSeal::file(path, Digest::of(bytes))).unwrap().unwrap()
    }

    #[test]
    fn seals_follow_each_other_and_the_newest_stands_for_all() {
        let dir = tempfile::tempdir().unwrap();
        let first = seal(dir.path(), "judgements/0001.json", b"a");
        assert_eq!(seal(dir.path(), "judgements/0001.json", b"a"), first, "it is sealed already");
        let second = seal(dir.path(), "report.html", b"b");
        let third = seal(dir.path(), "report.html", b"c");
        let seals = Seals::read(dir.path()).unwrap();
        assert!(seals.faults.is_empty(), "{:?}", seals.faults);
        assert_eq!(seals.digests.into_values().collect::<Vec<_>>(), [first, second, third]);
        assert_eq!(seals.files["report.html"], Digest::of(b"c"), "the later word");
        assert_eq!(seals.files.len(), 2);
    }

    #[test]
    fn what_was_done_to_a_seal_is_told() {
        let dir = tempfile::tempdir().unwrap();
        for n in 0..3 {
            seal(dir.path(), "report.html", &[n]);
        }
        let second = dir.path().join("seals/0002.jsonl");
        let whole = fs::read_to_string(&second).unwrap();
        let faults = |text: Option<&str>| {
            match text {
                Some(text) => fs::write(&second, text).unwrap(),
                None => fs::remove_file(&second).unwrap(),
            }
            Seals::read(dir.path()).unwrap().faults
        };
        let all_of = |faults: Vec<String>, what: &str| {
            assert!(faults.len() == 1 && faults[0].contains(what), "{what}: {faults:?}");
        };
        assert_eq!(faults(Some(&whole)), [""; 0]);
        all_of(faults(Some(&whole.replace("report", "import"))), "was changed");
        all_of(faults(Some(whole.trim_end())), "no seal");
        all_of(faults(Some("")), "no seal");
        all_of(faults(None), "is missing");
        // Rewritten so that it holds by itself: the next one names another.
        let item = Item::File { path: "report.html".to_owned(), sha256: Digest::of(b"planted") };
        let previous = Seals::read(dir.path()).unwrap().digests[&1];
        let (text, _) =
            written(&Head { format: FORMAT, number: 2, previous: Some(previous) }, &[item]).unwrap();
        let faults = faults(Some(std::str::from_utf8(&text).unwrap()));
        all_of(faults, "0003.jsonl does not follow");
    }

    #[test]
    fn many_may_seal_at_once() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|s| {
            for n in 0..8_u8 {
                let dir = dir.path();
                s.spawn(move || seal(dir, &format!("judgements/{n}"), &[n]));
            }
        });
        let seals = Seals::read(dir.path()).unwrap();
        assert_eq!((seals.digests.len(), seals.files.len()), (8, 8));
        assert!(seals.faults.is_empty(), "{:?}", seals.faults);
    }
}

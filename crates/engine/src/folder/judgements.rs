//! The judgements of an audit folder: judging again appends, and each is sealed as it is added.

use std::fs;
use std::path::Path;

use affiant_record::audit::JUDGEMENTS;
use affiant_record::files::{make_folder, read_file, write_new};
use affiant_record::{Digest, ToSeal, seals};
use affiant_rules::Judgement;

use crate::EngineError;

/// The largest judgement that is read.
const MOST_BYTES: u64 = 1 << 30;

/// Adds the judgement to the audit's, and a seal over it: never writes over an earlier one.
pub fn append(dir: &Path, judgement: &Judgement) -> Result<(), EngineError> {
    let folder = dir.join(JUDGEMENTS);
    make_folder(&folder).map_err(EngineError::file("cannot make", &folder))?;
    let text = text(judgement, &folder)?;
    for n in 1..10_000u32 {
        let name = format!("{n:04}.json");
        if write_new(&folder.join(&name), &text)? {
            return seal(dir, &name, &text);
        }
    }
    let full = std::io::Error::other("it holds 10,000 judgements already");
    Err(EngineError::file("cannot add a judgement to", folder)(full))
}

/// Adds the judgement unless the newest one is the same: then it is sealed, if whoever added it could not do that any more.
pub(crate) fn append_once(dir: &Path, judgement: &Judgement) -> Result<(), EngineError> {
    if newest(dir)?.as_ref() != Some(judgement) {
        return append(dir, judgement);
    }
    let Some(name) = newest_name(dir) else { return Ok(()) };
    seal(dir, &name, &text(judgement, &dir.join(JUDGEMENTS))?)
}

fn text(judgement: &Judgement, folder: &Path) -> Result<Vec<u8>, EngineError> {
    let mut text = serde_json::to_vec_pretty(judgement)
        .map_err(|e| EngineError::Judgement { path: folder.to_owned(), why: e.to_string() })?;
    text.push(b'\n');
    Ok(text)
}

fn seal(dir: &Path, name: &str, text: &[u8]) -> Result<(), EngineError> {
    seals::add(dir, &ToSeal::file(format!("{JUDGEMENTS}/{name}"), Digest::of(text)))?;
    Ok(())
}

/// The newest judgement of the folder, if it was judged.
pub fn newest(dir: &Path) -> Result<Option<Judgement>, EngineError> {
    let Some(name) = newest_name(dir) else { return Ok(None) };
    let path = dir.join(JUDGEMENTS).join(name);
    let text = read_file(&path, MOST_BYTES).map_err(EngineError::file("cannot read", &path))?;
    match serde_json::from_slice(&text) {
        Ok(judgement) => Ok(Some(judgement)),
        Err(e) => Err(EngineError::Judgement { path, why: e.to_string() }),
    }
}

fn newest_name(dir: &Path) -> Option<String> {
    let entries = fs::read_dir(dir.join(JUDGEMENTS)).ok()?;
    entries
        .flatten()
        .filter_map(|e| e.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json"))
        .max()
}

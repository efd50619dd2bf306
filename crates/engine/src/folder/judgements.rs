//! The judgements of an audit folder: judging again appends.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use affiant_rules::Judgement;

use crate::EngineError;

/// Folder of the judgements in an audit folder.
const JUDGEMENTS: &str = "judgements";

/// Adds the judgement to the audit's: never writes over an earlier one.
pub fn append(dir: &Path, judgement: &Judgement) -> Result<(), EngineError> {
    let folder = dir.join(JUDGEMENTS);
    fs::create_dir_all(&folder).map_err(EngineError::file("cannot make", &folder))?;
    let text = serde_json::to_string_pretty(judgement)
        .map_err(|e| EngineError::Judgement { path: folder.clone(), why: e.to_string() })?;
    for n in 1..10_000u32 {
        let path = folder.join(format!("{n:04}.json"));
        match fs::File::create_new(&path) {
            Ok(mut file) => {
                return file
                    .write_all(format!("{text}\n").as_bytes())
                    .map_err(EngineError::file("cannot write", path));
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(EngineError::file("cannot write", path)(e)),
        }
    }
    let full = std::io::Error::other("it holds 10,000 judgements already");
    Err(EngineError::file("cannot add a judgement to", folder)(full))
}

/// The newest judgement of the folder, if it was judged.
pub fn newest(dir: &Path) -> Result<Option<Judgement>, EngineError> {
    let Ok(entries) = fs::read_dir(dir.join(JUDGEMENTS)) else { return Ok(None) };
    let newest =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|x| x == "json")).max();
    let Some(path) = newest else { return Ok(None) };
    let text = fs::read(&path).map_err(EngineError::file("cannot read", &path))?;
    match serde_json::from_slice(&text) {
        Ok(judgement) => Ok(Some(judgement)),
        Err(e) => Err(EngineError::Judgement { path, why: e.to_string() }),
    }
}

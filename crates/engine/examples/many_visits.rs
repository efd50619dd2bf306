//! Makes a large audit out of a small one, to measure judging and reporting: every visit again and again, under addresses
//! and sessions of its own, each sealed anew.
//!
//! `many_visits AUDIT OUT VISITS`

use std::path::Path;
use std::process::ExitCode;

use affiant_engine::tool;
use affiant_record::write::RecordWriter;
use affiant_record::{AuditFolder, Digest, Header, Observation, RecordError, VisitEntry, VisitRecord};
use rayon::prelude::*;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.as_slice() {
        [small, out, visits] => make(Path::new(small), Path::new(out), visits.parse().unwrap_or(0)),
        _ => Err("usage: many_visits AUDIT OUT VISITS".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{e}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn make(small: &Path, out: &Path, visits: usize) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let small = AuditFolder::open(small)?;
    let records: Vec<(VisitEntry, VisitRecord)> = small
        .manifest
        .visits
        .iter()
        .map(|v| Ok((v.clone(), VisitRecord::open(&small.visit_dir(v)?)?)))
        .collect::<Result<_, RecordError>>()?;
    if records.is_empty() {
        return Err("the audit has no visits".into());
    }
    let (id, started) = ("many".to_owned(), small.manifest.started.clone());
    let mut folder = AuditFolder::create(out, id, tool(), started, small.manifest.plan.clone())?;
    std::os::unix::fs::symlink(std::fs::canonicalize(small.dir.join("blobs"))?, out.join("blobs"))?;
    let rounds = visits.div_ceil(records.len());
    folder.manifest.visits = (0..rounds)
        .into_par_iter()
        .map(|round| again(&small.dir, out, round, &records))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .take(visits)
        .collect();
    folder.manifest.finished.clone_from(&small.manifest.finished);
    Ok(folder.save()?)
}

/// All visits once more.
fn again(
    small: &Path,
    out: &Path,
    round: usize,
    records: &[(VisitEntry, VisitRecord)],
) -> Result<Vec<VisitEntry>, RecordError> {
    let mut first: Option<(String, Digest)> = None;
    records
        .iter()
        .map(|(entry, record)| {
            let session = format!("{}-{}", entry.session, round + 1);
            let path = format!("visits/{session}/{:03}", entry.ordinal);
            let url = format!("{}?n={round}", entry.url);
            let choice_visit = first.as_ref().filter(|(s, _)| *s == session).map(|(_, d)| *d);
            let header = Header {
                url: url.clone(),
                session: session.clone(),
                choice_visit: record.header.choice_visit.and(choice_visit),
                ..record.header.clone()
            };
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&(round as u64).to_le_bytes());
            let mut writer = RecordWriter::create(&out.join(&path), header, seed)?;
            let mut footer = None;
            for line in &record.lines {
                match &line.what {
                    Observation::Header(_) => {}
                    Observation::Footer(f) => footer = Some((line.t, f.clone())),
                    what => {
                        writer.write(line.t, what.clone())?;
                    }
                }
            }
            let Some((t, footer)) = footer else {
                return Err(RecordError::damaged(&record.dir, "it has no footer"));
            };
            let digest = writer.seal(t, footer)?;
            if entry.ordinal == 0 {
                first = Some((session.clone(), digest));
            }
            facts(
                small,
                out,
                record.digest,
                digest,
                &[("path", &path), ("session", &session), ("url", &url)],
            )?;
            Ok(VisitEntry { path, session, url, digest: Some(digest), ..entry.clone() })
        })
        .collect()
}

/// Keeps the facts of a visit once more, for the record of another name.
fn facts(
    small: &Path,
    out: &Path,
    before: Digest,
    after: Digest,
    fields: &[(&str, &str)],
) -> Result<(), RecordError> {
    for key in std::fs::read_dir(small.join("facts")).into_iter().flatten().flatten() {
        let path = key.path().join(format!("{before}.json.zst"));
        let read = || -> std::io::Result<Vec<u8>> {
            let text = zstd::decode_all(std::fs::File::open(&path)?)?;
            let text = String::from_utf8_lossy(&text).replace(&before.to_string(), &after.to_string());
            let mut facts: serde_json::Value = serde_json::from_str(&text)?;
            for (name, value) in fields {
                facts[*name] = (*value).into();
            }
            zstd::encode_all(serde_json::to_vec(&facts)?.as_slice(), 1)
        };
        let folder = out.join("facts").join(key.file_name());
        let to = folder.join(format!("{after}.json.zst"));
        let kept = read()
            .and_then(|packed| std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&to, packed)));
        kept.map_err(RecordError::io("cannot keep facts in", &folder))?;
    }
    Ok(())
}

//! Session recordings, by what is sent and not by who sends: streams of events as rrweb writes them (github.com/rrweb-io/rrweb,
//! `packages/types`), the recorder that most replay products are built with. In clear or packed, whole or one by one.

use affiant_record::VisitRecord;
use serde_json::Value;

use crate::bodies::Bodies;
use crate::facts::{RecordingFact, RequestFact};
use crate::requests::Sent;
use affiant_leaks::documents;

/// Bodies below this hold no recording, in bytes; of larger ones, so much is looked at.
const LEAST: usize = 60;
const MOST: usize = 8 << 20;
/// Values of one body that are looked at.
const VALUES: usize = 400_000;

/// Requests whose bodies hold events of a recorder, in order of time.
pub(crate) fn recordings(
    record: &VisitRecord,
    sent: &[Sent<'_>],
    requests: &[RequestFact],
    bodies: &Bodies<'_>,
) -> Vec<RecordingFact> {
    let mut out = vec![];
    for (i, (s, r)) in sent.iter().zip(requests).enumerate().filter(|(_, (_, r))| r.left_browser) {
        if r.body_bytes.is_none_or(|n| n < LEAST as u64) {
            continue;
        }
        let Some(part) = s.http().and_then(|e| e.request_body) else { continue };
        let Some(body) = s.body(bodies).filter(|b| (LEAST..MOST).contains(&b.len())) else { continue };
        let mut evidence = record.evidence(part.line);
        evidence.blob = part.what.bytes.as_ref().and_then(|b| b.blob);
        let mut fact =
            RecordingFact { request: i, snapshots: 0, mutations: 0, inputs: 0, pointer: 0, evidence };
        let mut left = VALUES;
        documents(&body, &mut |v| count(v, &mut fact, &mut left, 0));
        if fact.is_recording() {
            out.push(fact);
        }
    }
    out
}

fn count(v: &Value, fact: &mut RecordingFact, left: &mut usize, depth: usize) {
    if *left == 0 || depth > 40 {
        return;
    }
    *left -= 1;
    match v {
        Value::Array(all) => all.iter().for_each(|v| count(v, fact, left, depth + 1)),
        Value::Object(all) => {
            if let Some(kind) = event(all) {
                match (kind, all.get("data").and_then(|d| d["source"].as_u64())) {
                    (2, _) => fact.snapshots += 1,
                    (3, Some(0)) => fact.mutations += 1,
                    (3, Some(5)) => fact.inputs += 1,
                    (3, Some(1 | 2 | 3 | 6 | 12)) => fact.pointer += 1,
                    (3, None) => fact.mutations += 1,
                    _ => {}
                }
                // What is in an event is no further one.
                return;
            }
            all.values().for_each(|v| count(v, fact, left, depth + 1));
        }
        _ => {}
    }
}

/// The kind of an event: `{"type": 2, "data": …, "timestamp": 1700000000000}`.
fn event(all: &serde_json::Map<String, Value>) -> Option<u64> {
    let kind = all.get("type")?.as_u64().filter(|k| *k <= 7)?;
    let at = all.get("timestamp")?.as_f64().filter(|t| *t > 1e12)?;
    let data = all.get("data")?;
    let whole = match kind {
        2 => data.get("node").is_some_and(Value::is_object) || data.is_string(),
        3 => data.get("source").is_some_and(Value::is_u64) || data.is_string(),
        _ => true,
    };
    (at.is_finite() && whole).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use affiant_record::Digest;
    use std::io::Write as _;

    fn of(body: &[u8]) -> (u32, u32, u32, u32) {
        let evidence = affiant_record::Evidence { record: Digest([0; 32]), line: 0, blob: None };
        let mut f = RecordingFact { request: 0, snapshots: 0, mutations: 0, inputs: 0, pointer: 0, evidence };
        let mut left = VALUES;
        documents(body, &mut |v| count(v, &mut f, &mut left, 0));
        (f.snapshots, f.mutations, f.inputs, f.pointer)
    }

    const EVENTS: &str = r#"[{"type":4,"data":{"href":"https://a.example/","width":9},"timestamp":1795867723694},
        {"type":2,"data":{"node":{"type":0,"childNodes":[]},"initialOffset":{}},"timestamp":1795867723695},
        {"type":3,"data":{"source":0,"adds":[]},"timestamp":1795867723696},
        {"type":3,"data":{"source":5,"text":"x","id":3},"timestamp":1795867723697},
        {"type":3,"data":{"source":1,"positions":[]},"timestamp":1795867723698}]"#;

    #[test]
    fn events_are_counted_however_they_are_packed() {
        let want = (1, 1, 1, 1);
        assert_eq!(of(EVENTS.as_bytes()), want);
        let nested = serde_json::json!({ "events": [EVENTS], "v": 1 }).to_string();
        assert_eq!(of(nested.as_bytes()), want);
        let mut w = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::default());
        w.write_all(EVENTS.as_bytes()).unwrap();
        let packed = w.finish().unwrap();
        let envelope =
            [b"{\"type\":\"replay_recording\"}\n{\"segment_id\":0}\n".as_slice(), &packed].concat();
        assert_eq!(of(&envelope), want);
        let base64 = format!("data={}", data_encoding::BASE64.encode(&packed).replace('+', "%2B"));
        assert_eq!(of(base64.as_bytes()), want);
    }

    #[test]
    fn what_only_looks_alike_is_none() {
        for body in [
            r#"[{"type":2,"data":"x"},{"type":3,"timestamp":1795867723694}]"#,
            r#"{"type":3,"data":{"value":1},"timestamp":1795867723694,"more":"and more and more and more"}"#,
            r#"{"type":"track","data":{"source":0},"timestamp":1795867723694,"event":"click on something"}"#,
        ] {
            assert_eq!(of(body.as_bytes()), (0, 0, 0, 0), "{body}");
        }
    }
}

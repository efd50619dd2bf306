//! Entries that scripts wrote to web storage, IndexedDB and Cache Storage.

use affiant_record::{Observation, VisitRecord};
use indexmap::IndexMap;

use crate::behind::{Behind, script};
use crate::facts::StoredFact;

/// One an entry and script, by first write.
pub(crate) fn stored(record: &VisitRecord, behind: &Behind<'_>) -> Vec<StoredFact> {
    let mut all: IndexMap<(&str, &str, &str, Option<&str>), StoredFact> = IndexMap::new();
    let mut lines: Vec<_> = record
        .lines
        .iter()
        .filter_map(|l| match &l.what {
            Observation::StorageWrite(w) => Some((l, w)),
            _ => None,
        })
        .collect();
    lines.sort_by(|a, b| a.0.t.total_cmp(&b.0.t));
    for (l, w) in lines {
        let set_by = script(&w.stack);
        // The browser ends an origin with a slash, a page does not.
        let origin = w.origin.trim_end_matches('/');
        let one = all.entry((&w.area, origin, &w.key, set_by)).or_insert_with(|| StoredFact {
            t: l.t,
            area: w.area.as_str().into(),
            origin: origin.into(),
            key: w.key.as_str().into(),
            change: w.change.as_str().into(),
            times: 0,
            set_by: set_by.map(Into::into),
            brought_by: set_by.and_then(|u| behind.brought(u, l.t)),
            vendor: set_by.and_then(|u| behind.vendor(u, l.t)),
            evidence: record.evidence(l.n),
        });
        one.times = one.times.saturating_add(1);
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use affiant_record::Observation;
    use affiant_record::network::{StackFrame, StackSegment};
    use affiant_record::storage::StorageWrite;

    use crate::sample::{other, parser, record, request};
    use crate::{Catalog, facts};

    #[test]
    fn an_entry_is_told_once_for_each_script() {
        const PAGE: &str = "https://www.shop.test/";
        const CRISP: &str = "https://client.crisp.chat/l.js";
        let write = |key: &str, by: &str| {
            let frames = vec![StackFrame { url: by.into(), ..StackFrame::default() }];
            let stack =
                if by.is_empty() { vec![] } else { vec![StackSegment { frames, ..StackSegment::default() }] };
            Observation::StorageWrite(StorageWrite {
                area: "local".into(),
                origin: "https://www.shop.test/".into(),
                change: "added".into(),
                key: key.into(),
                stack,
                ..StorageWrite::default()
            })
        };
        let r = record(
            PAGE,
            vec![
                (1.0, Observation::Request(request("1", PAGE, "Document", other()))),
                (2.0, Observation::Request(request("2", CRISP, "Script", parser(PAGE)))),
                (9.0, write("id", CRISP)),
                (3.0, write("id", CRISP)),
                (4.0, write("id", "")),
                (5.0, write("cart", PAGE)),
            ],
        );
        let f = facts(&r, "v", Catalog::embedded(), None);
        let all: Vec<_> = f.stored.iter().map(|s| (s.key.as_str(), s.t, s.times, s.brought_by)).collect();
        assert_eq!(all, [("id", 3.0, 2, Some(1)), ("id", 4.0, 1, None), ("cart", 5.0, 1, Some(0))]);
        assert_eq!(f.stored[0].vendor.as_ref().map(|v| v.name.as_str()), Some("Crisp"));
        assert_eq!(f.stored[1].vendor, None);
    }
}

//! How long a visit looks: which of the late, chained, scrolled and last beacons of a page are in the record.
//!
//! The truth is `testbed/sites/late-tags/beacons.toml`. The table is printed and written to `target/tables/settling.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::common::{audit, show};
use affiant_record::consent::AchievedChoice;
use affiant_record::{Completeness, Outcome};
use affiant_testbed::{From, LogKind, Sites, Testbed, Today};
use url::Url;

const HOST: &str = "tags.late-tags.test";

#[tokio::test(flavor = "multi_thread")]
async fn late_tags_are_seen() {
    let bed = Testbed::start(Sites::only(&["late-tags"])).await.unwrap();
    let site = bed.site("late-tags").unwrap().clone();
    let base = Url::parse(&site.start).unwrap();
    let pages: Vec<String> = site.pages.iter().map(|p| base.join(p).unwrap().to_string()).collect();
    let tmp = tempfile::tempdir().unwrap();
    let mut args: Vec<&str> = pages.iter().map(String::as_str).collect();
    args.extend(["--scenario", "reject-all"]);
    let a = audit(&tmp.path().join("audit"), &bed, &args).await;
    assert_eq!(a.records.len(), pages.len(), "{}", a.stderr());

    // When each beacon was first seen, on its page's clock; and how often.
    let mut seen: BTreeMap<String, (f64, usize)> = BTreeMap::new();
    for record in &a.records {
        assert_eq!(record.completeness, Completeness::Sealed);
        let footer = record.footer.as_ref().unwrap();
        assert_eq!(footer.outcome, Outcome::Complete, "{}: heartbeats are no unrest", record.header.url);
        assert_eq!(footer.consent.choice, AchievedChoice::RejectAll, "{}", record.header.url);
        for x in record.exchanges() {
            let Ok(url) = Url::parse(&x.request.what.url) else { continue };
            if url.host_str() == Some(HOST)
                && let Some(id) = url.path().strip_prefix("/b/")
            {
                seen.entry(id.to_owned()).or_insert((x.request.t, 0)).1 += 1;
            }
        }
    }
    let mut server: BTreeMap<String, usize> = BTreeMap::new();
    for e in bed.log().iter().filter(|e| e.kind == LogKind::Request && e.host == HOST) {
        if let Some(id) = e.path_and_query.strip_prefix("/b/") {
            *server.entry(id.to_owned()).or_default() += 1;
        }
    }

    let mut table =
        "| page | beacon | fires | server | record | first seen | |\n|---|---|---|---|---|---|---|\n"
            .to_owned();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for b in &site.beacons {
        let (at, recorded) = seen.remove(&b.id).map_or((None, 0), |(t, n)| (Some(t), n));
        let served = server.remove(&b.id).unwrap_or_default();
        count += usize::from(at.is_some());
        // Whatever reached the server is in the record, late or not.
        if served > recorded {
            wrong.push(format!("{}: the server got {served}, the record has {recorded}", b.id));
        }
        if recorded > 1 && !b.endless {
            wrong.push(format!("{}: it fires once, and stands {recorded} times in the record", b.id));
        }
        let says = match (b.today, at.is_some()) {
            (Today::Seen, true) => "seen",
            (Today::NotSeen, false) => "**not seen**, as known",
            (Today::ByChance, true) => "seen, by chance",
            (Today::ByChance, false) => "**not seen**, by chance",
            (Today::Seen, false) => {
                wrong.push(format!("{}: not seen", b.id));
                "**not seen**"
            }
            (Today::NotSeen, true) => {
                wrong.push(format!("{}: it is seen now, take `today` away", b.id));
                "**seen now**"
            }
        };
        let fires = match (b.after_s, b.from) {
            (Some(s), From::Load) => format!("{}; {s} s after load", b.what),
            (Some(s), From::Choice) => format!("{}; {s} s after the choice", b.what),
            (None, _) => b.what.clone(),
        };
        let at = at.map_or("–".to_owned(), |t| format!("{:.1} s", t / 1000.0));
        writeln!(table, "| {} | {} | {fires} | {served} | {recorded} | {at} | {says} |", b.page, b.id)
            .unwrap();
    }
    wrong.extend(seen.keys().chain(server.keys()).map(|id| format!("{id}: no beacon of the truth")));
    writeln!(table, "\n{count} of {} beacons seen.", site.beacons.len()).unwrap();
    show("settling.md", &table);
    assert!(wrong.is_empty(), "the records differ from the truth:\n  {}", wrong.join("\n  "));
}

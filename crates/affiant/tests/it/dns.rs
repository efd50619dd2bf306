//! What the name system says of the site's own hosts, asked of a server of the test's own.

use crate::common::dns::NameServer;
use crate::common::{affiant, audit};
use affiant_record::{CollectorStatus, Observation};
use affiant_testbed::{Sites, Testbed};

#[tokio::test(flavor = "multi_thread")]
async fn a_host_of_the_site_that_leads_to_a_tracker_is_told() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let server =
        NameServer::start(&[&["sp.no-banner.test", "no-banner.sc.omtrdc.net", "edge.cdn.example"]]).await;
    let tmp = tempfile::tempdir().unwrap();
    let start = bed.site("no-banner").unwrap().start.clone();
    let dns = server.addr.to_string();
    let base = [start.as_str(), "--pages", "1", "--scenario", "no-choice"];
    let mut with = base.to_vec();
    with.extend(["--dns", &dns]);
    let a = audit(&tmp.path().join("asked"), &bed, &with).await;
    assert_eq!(server.asked(), ["sp.no-banner.test"], "only hosts of the site, and not the page's own");
    let answers: Vec<_> = a.records[0]
        .lines
        .iter()
        .filter_map(|l| match &l.what {
            Observation::DnsAnswer(d) => Some((l.n, d)),
            _ => None,
        })
        .collect();
    let [(line, told)] = answers[..] else { panic!("{answers:?}") };
    assert_eq!(told.aliases, ["no-banner.sc.omtrdc.net", "edge.cdn.example"]);
    assert_eq!((told.addresses.clone(), &told.asked), (vec!["192.0.2.7".to_owned()], &dns));
    let footer = a.records[0].footer.as_ref().unwrap();
    assert_eq!(footer.collectors["dns"], CollectorStatus::Gathered);
    let name = &a.facts[0].network.names[0];
    assert_eq!(name.owner.as_ref().unwrap().name, "Adobe Analytics");
    assert_eq!(name.evidence.line, line);

    // Behind --resolve this machine's own name servers say nothing of what the browser reached.
    let b = audit(&tmp.path().join("not"), &bed, &base).await;
    assert!(!b.records[0].lines.iter().any(|l| matches!(l.what, Observation::DnsAnswer(_))));
    assert_eq!(server.asked().len(), 1);
    assert_eq!(b.records[0].footer.as_ref().unwrap().collectors["dns"], CollectorStatus::NotRun);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_name_server_is_refused() {
    let out = affiant().args(["audit", "https://a.test/", "--dns", "dns.example"]).output().await.unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("is no name server"));
}

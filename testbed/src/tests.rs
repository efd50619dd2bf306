//! The embedded files fit together, and the server answers and logs as it says.

use crate::files;
use crate::site::Site;
use crate::sites::Sites;
use crate::vendor::Vendor;
use crate::{Direction, LogKind, Testbed};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

fn sites() -> Vec<Site> {
    files::site_ids().iter().map(|id| Site::read(id).unwrap()).collect()
}

#[test]
fn every_site_parses_and_hosts_are_unique() {
    let sites = sites();
    assert_eq!(sites.len(), 22);
    let hosts: Vec<_> =
        sites.iter().flat_map(|site| &site.hosts).chain(sites.iter().flat_map(|site| &site.dead)).collect();
    assert_eq!(hosts.iter().collect::<BTreeSet<_>>().len(), hosts.len());
    // Two vendors' hosts are one site's own: what they answer is that site's matter.
    let vendors = ["cdn.cookielaw.org", "widget.intercom.io"];
    assert!(hosts.iter().all(|host| host.ends_with(".test") || vendors.contains(&host.as_str())));
}

#[test]
fn every_page_exists() {
    for site in sites() {
        assert!(site.pages.contains(&site.start), "{}: the start is no page", site.id);
        for page in &site.pages {
            let rest = page.split_once("://").unwrap().1;
            let (host, path) = rest.split_once('/').unwrap();
            if site.dead.iter().chain(&site.bad_tls).any(|special| special == host) {
                continue;
            }
            let path = format!("/{path}");
            let found = site.routes.iter().any(|route| route.takes(host, "GET", &path, ""))
                || files::site_page(&site.id, &site.folders[host], &path).is_some();
            assert!(found, "{page} is served by nothing");
        }
    }
}

#[test]
fn every_embedded_file_that_is_named_exists() {
    let vendors = Vendor::read_all().unwrap();
    let sites = sites();
    for route in
        vendors.iter().flat_map(|vendor| &vendor.routes).chain(sites.iter().flat_map(|site| &site.routes))
    {
        if let Some(file) = &route.file {
            assert!(files::bundle_path(file).is_some() || files::read(file).is_some(), "{file} is missing");
        }
    }
}

#[test]
fn every_vendor_host_in_a_truth_is_served() {
    let vendors = Vendor::read_all().unwrap();
    for site in sites() {
        for vendor in &site.truth.vendors {
            for host in &vendor.hosts {
                let served = site.hosts.contains(host) || vendors.iter().any(|served| served.has_host(host));
                assert!(served, "{}: {host} is served by nobody", site.id);
            }
        }
        for cookie in &site.truth.cookies {
            let known = cookie.vendor.is_empty()
                || site.truth.vendors.iter().any(|vendor| vendor.name == cookie.vendor);
            assert!(known, "{}: the cookie {} belongs to nobody in the truth", site.id, cookie.name);
        }
    }
}

#[test]
fn cases_and_beacons_are_told_apart_and_stand_on_pages() {
    let mut with = (0, 0);
    for site in sites() {
        let base = site.start.trim_end_matches('/');
        let on = |page: &str| site.pages.iter().any(|p| p == page || *p == format!("{base}{page}"));
        let ids: Vec<_> = site.beacons.iter().map(|b| b.id.as_str()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{}", site.id);
        for beacon in &site.beacons {
            assert!(on(&beacon.page), "{}: {} is on no page", site.id, beacon.id);
        }
        with.0 += ids.len();
        let Some(cases) = &site.cases else { continue };
        let ids: Vec<_> = cases.cases.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{}", site.id);
        for case in &cases.cases {
            // The page of the tabs is visited apart.
            assert!(on(&case.page) || case.page == "/banner", "{}: {} is on no page", site.id, case.id);
            for request in &case.requests {
                let known = site.hosts.iter().chain(&site.dead).any(|host| *host == request.host);
                assert!(known, "{}: {} asks {}", site.id, case.id, request.host);
            }
        }
        with.1 += ids.len();
    }
    assert!(with.0 >= 50 && with.1 >= 200, "{with:?}");
}

#[test]
fn stand_ins_say_what_they_are() {
    for (name, text) in files::stand_ins() {
        assert!(
            text.lines().take(2).any(|line| line.contains("STAND-IN")),
            "{name} does not say that it is a stand-in"
        );
    }
}

#[tokio::test]
async fn answers_over_http_by_host_and_logs_bodies() {
    let testbed = Testbed::start(Sites::demo()).await.unwrap();
    let stream = TcpStream::connect(testbed.http_addr()).await.unwrap();
    let answer = ask(stream, "POST /search?q=1 HTTP/1.1\r\nHost: www.fernhollow.test\r\nContent-Length: 4\r\nConnection: close\r\n\r\n\0\x01ab").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("Fernhollow"));
    let stream = TcpStream::connect(testbed.http_addr()).await.unwrap();
    let answer = ask(stream, "GET / HTTP/1.1\r\nHost: nobody.test:80\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404"));

    let log = testbed.log();
    assert_eq!(
        (log[0].host.as_str(), log[0].body.as_slice(), log[0].status),
        ("www.fernhollow.test", &b"\0\x01ab"[..], 200)
    );
    assert_eq!((log[1].host.as_str(), log[1].scheme, log[1].status), ("nobody.test", "http", 404));
    testbed.clear_log();
    assert!(testbed.log().is_empty());
}

#[tokio::test]
async fn answers_over_tls_with_cookies_and_cors() {
    let testbed = Testbed::start(Sites::demo()).await.unwrap();
    let stream = tls(&testbed, "www.clarity.ms").await;
    let answer = ask(stream, "GET /tag/x HTTP/1.1\r\nHost: www.clarity.ms\r\nOrigin: https://www.fernhollow.test\r\nConnection: close\r\n\r\n").await;
    assert!(answer.contains("set-cookie: CLID="));
    assert!(answer.contains("access-control-allow-origin: https://www.fernhollow.test"));
    assert!(answer.contains("STAND-IN"));
    assert_eq!(testbed.log()[0].scheme, "https");
}

#[tokio::test]
async fn logs_websocket_frames_both_ways() {
    let testbed = Testbed::start(Sites::demo()).await.unwrap();
    let mut stream = tls(&testbed, "client.relay.crisp.chat").await;
    let hello = "GET /w/b1/ HTTP/1.1\r\nHost: client.relay.crisp.chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(hello.as_bytes()).await.unwrap();
    // A masked text frame "hi" with the mask 0.
    stream.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await.unwrap();
    let mut got = Vec::new();
    while !got.ends_with(br#"["ack",{}]"#) {
        let mut part = [0; 512];
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0, "closed early");
        got.extend_from_slice(&part[..read]);
    }
    let frames: Vec<_> = testbed
        .log()
        .into_iter()
        .filter_map(|entry| match entry.kind {
            LogKind::WebSocketFrame { direction, .. } => Some((direction, entry.scheme, entry.body)),
            LogKind::Request => None,
        })
        .collect();
    assert_eq!(
        frames,
        [
            (Direction::FromBrowser, "wss", b"hi".to_vec()),
            (Direction::ToBrowser, "wss", br#"["ack",{}]"#.to_vec()),
        ]
    );
}

#[tokio::test]
async fn special_hosts_come_before_the_wildcards() {
    let rules = Testbed::start(Sites::demo()).await.unwrap().resolve_rules();
    assert_eq!(rules.len(), 2);
    let site = Site::read("broken").unwrap();
    assert_eq!((site.dead.len(), site.bad_tls.len()), (1, 1));
}

async fn tls(testbed: &Testbed, host: &'static str) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(testbed.certificate().to_vec())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(testbed.https_addr()).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(host).unwrap(), stream).await.unwrap()
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

//! The server, driven as a browser would: first start, logging in, an audit that is watched live, and a server that dies in the
//! middle of one.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use affiant_engine::AuditRequest;
use affiant_record::{AuditFolder, Outcome, Scenario};
use affiant_store::{
    Alert, AuditState, Filed, FiledFinding, FiledThing, Jobs, Place, Property, Store, ThingKind,
};
use affiant_testbed::{Sites, Testbed};
use hyper::StatusCode;

use crate::common::server::{PASSWORD, Server, between};

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_gets_in_and_only_our_own_pages_may_ask_for_something() {
    let server = Server::start().await;
    for (path, status) in [
        ("/", StatusCode::SEE_OTHER),
        ("/properties/new", StatusCode::SEE_OTHER),
        ("/audits/x/report", StatusCode::SEE_OTHER),
        ("/audits/x/live", StatusCode::SEE_OTHER),
        ("/alerts", StatusCode::SEE_OTHER),
        ("/login", StatusCode::OK),
        ("/healthz", StatusCode::OK),
        ("/readyz", StatusCode::OK),
        ("/nothing", StatusCode::NOT_FOUND),
        ("/first/0000", StatusCode::GONE),
    ] {
        let answer = server.ask(path, None, None).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.policy.contains("default-src 'none'"), "{path}: {}", answer.policy);
    }
    let elsewhere = server.ask_as("/login", None, None, "evil.test", None).await;
    assert_eq!(elsewhere.status, StatusCode::MISDIRECTED_REQUEST, "a name that was pointed here");

    let link = server.link().await;
    let short = [("name", "ana"), ("password", "short"), ("again", "short")];
    assert_eq!(server.ask(&link, None, Some(&short)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (cookie, csrf) = server.log_in().await;
    let fields = [("name", "eve"), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(server.ask(&link, None, Some(&fields)).await.status, StatusCode::GONE, "good once");
    let wrong = [("name", "ana"), ("password", "not this one at all")];
    assert_eq!(server.ask("/login", None, Some(&wrong)).await.status, StatusCode::UNAUTHORIZED);
    let nobody = [("name", "nobody"), ("password", PASSWORD)];
    assert_eq!(server.ask("/login", None, Some(&nobody)).await.status, StatusCode::UNAUTHORIZED);
    let right = [("name", "ana"), ("password", PASSWORD)];
    assert_eq!(server.ask("/login", None, Some(&right)).await.status, StatusCode::SEE_OTHER);

    let own = format!("127.0.0.1:{}", server.port);
    let of = |token: &str| {
        vec![
            ("csrf".to_owned(), token.to_owned()),
            ("url".to_owned(), "https://shop.test/".to_owned()),
            ("pages".to_owned(), "2".to_owned()),
            ("vantage".to_owned(), "default".to_owned()),
            ("name".to_owned(), "<script>alert(1)</script>\u{202e}".to_owned()),
            ("scenario-no-choice".to_owned(), "on".to_owned()),
        ]
    };
    for (token, origin, status) in [
        ("0000", None, StatusCode::FORBIDDEN),
        (csrf.as_str(), Some("https://evil.test"), StatusCode::FORBIDDEN),
        (csrf.as_str(), Some("null"), StatusCode::FORBIDDEN),
        (csrf.as_str(), None, StatusCode::SEE_OTHER),
    ] {
        let fields = of(token);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let answer = server.ask_as("/properties", Some(&cookie), Some(&fields), &own, origin).await;
        assert_eq!(answer.status, status, "{token} {origin:?}: {}", answer.text);
    }
    let home = server.ask("/", Some(&cookie), None).await.text;
    assert!(!home.contains("<script>alert") && !home.contains('\u{202e}'), "{home}");
    for bad in [("pages", "0"), ("pages", "many"), ("url", "no address at all"), ("vantage", "moon")] {
        let mut fields = of(&csrf);
        for field in fields.iter_mut().filter(|f| f.0 == bad.0) {
            field.1 = bad.1.to_owned();
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let answer = server.ask("/properties", Some(&cookie), Some(&fields)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad:?}");
    }

    // When it is audited, and who is told.
    let shop = server
        .ask(
            "/properties",
            Some(&cookie),
            Some(&[
                ("csrf", &csrf),
                ("url", "https://shop.test/"),
                ("pages", "1"),
                ("vantage", "default"),
                ("name", "Shop"),
                ("scenario-no-choice", "on"),
            ]),
        )
        .await
        .to;
    assert_eq!(shop, "/properties/shop");
    let set = |cron: &'static str, zone: &'static str| {
        let (server, cookie, csrf) = (&server, &cookie, &csrf);
        async move {
            let form = [("csrf", csrf.as_str()), ("cron", cron), ("zone", zone)];
            server.ask("/properties/shop/schedule", Some(cookie), Some(&form)).await
        }
    };
    for (cron, zone, says) in [
        ("0 3 * *", "UTC", "is no cron line"),
        ("0 3 * * *", "Mars/Olympus", "there is no time zone"),
        ("0 3 31 2 *", "UTC", "names no time that is to come"),
    ] {
        let answer = set(cron, zone).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(says), "{}", answer.text);
    }
    assert_eq!(set("0 3 * * *", "Europe/Vienna").await.status, StatusCode::SEE_OTHER);
    let page = server.ask(&shop, Some(&cookie), None).await.text;
    assert!(page.contains("<code>0 3 * * *</code>, Europe/Vienna") && page.contains("Next: 20"), "{page}");
    assert_eq!(set("", "UTC").await.status, StatusCode::SEE_OTHER);
    assert!(server.ask(&shop, Some(&cookie), None).await.text.contains("when somebody asks for it"));
    for (kind, target, says) in [
        ("email", "no address", "is no address of an e-mail"),
        ("webhook", "http://hooks.test/", "has no TLS"),
        ("webhook", "https://169.254.169.254/", "an address of a private network"),
        ("pigeon", "loft", "an e-mail, a web hook or Slack"),
    ] {
        let form = [("csrf", csrf.as_str()), ("kind", kind), ("target", target), ("property", "")];
        let answer = server.ask("/channels", Some(&cookie), Some(&form)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind} {target}");
        assert!(answer.text.contains(says), "{}", answer.text);
    }
    let hook = [
        ("csrf", csrf.as_str()),
        ("kind", "webhook"),
        ("target", "https://hooks.test/in"),
        ("property", "shop"),
    ];
    let secret =
        between(&server.ask("/channels", Some(&cookie), Some(&hook)).await.text, "<code>whsec_", "<");
    let alerts = server.ask("/alerts", Some(&cookie), None).await.text;
    assert!(alerts.contains("https://hooks.test/in") && !alerts.contains(&secret), "{alerts}");
    let id = between(&alerts, "action=\"/channels/", "/remove");
    let gone = server.ask(&format!("/channels/{id}/remove"), Some(&cookie), Some(&[("csrf", &csrf)])).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert!(
        server
            .ask("/alerts", Some(&cookie), None)
            .await
            .text
            .contains("Nobody. Alerts are listed here only.")
    );

    let out = server.ask("/logout", Some(&cookie), Some(&[("csrf", &csrf)])).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(server.ask("/", Some(&cookie), None).await.to, "/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_is_watched_live_and_survives_the_server() {
    let site = Testbed::start(Sites::only(&["no-banner"])).await.unwrap();
    let mut server = Server::start().await;
    let (cookie, csrf) = server.log_in().await;
    let pages = &site.sites().next().unwrap().pages;
    let mut request = AuditRequest::of((0..6).map(|n| format!("{}?n={n}", pages[n % pages.len()])).collect());
    request.scenarios = vec![Scenario::NoChoice];
    request.returns = false;
    request.resolve = site.resolve_rules();
    request.insecure = true;
    let property = Property {
        id: "shop".to_owned(),
        name: "The shop".to_owned(),
        site: affiant_engine::kept::site(&pages[0]),
        request: serde_json::to_string(&request).unwrap(),
        created: 0,
    };
    Store::open(&Place::Folder(server.store())).await.unwrap().add_property(&property).await.unwrap();
    let empty = server.ask("/properties/shop", Some(&cookie), None).await.text;
    assert!(
        empty.contains("Nothing has been observed yet") && empty.contains("up to 6 visits in 1 session"),
        "{empty}"
    );

    let started = server.ask("/properties/shop/audits", Some(&cookie), Some(&[("csrf", &csrf)])).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
    let audit = started.to.strip_prefix("/audits/").unwrap().to_owned();
    let dir = server.store().join("audits").join(&audit);
    let sealed = || {
        let below = |dir: PathBuf| std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
        below(dir.join("visits")).flat_map(below).filter(|v| v.join("seal.json").is_file()).count()
    };
    let end = Instant::now() + Duration::from_secs(120);
    while sealed() < 2 {
        assert!(Instant::now() < end, "no second visit: {}", server.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // kill -9, in the middle.
    let mut process = server.process.take().unwrap();
    process.start_kill().unwrap();
    process.wait().await.unwrap();
    server.again().await;
    assert!(!server.words().contains("/first/"), "there is an account already");

    // The stream ends when the audit does.
    let live = format!("/audits/{audit}/live");
    let live = server.ask(&live, Some(&cookie), None);
    let live = tokio::time::timeout(Duration::from_secs(180), live).await.unwrap().text;
    assert!(live.contains("event: progress") && live.contains("All is done"), "{live}");
    let folder = AuditFolder::open(&dir).unwrap();
    let visits = &folder.manifest.visits;
    assert!(visits.iter().all(|v| v.outcome == Some(Outcome::Complete)), "{visits:#?}");
    let mut seen = BTreeSet::new();
    for v in visits.iter().filter(|v| v.url != folder.manifest.plan.pages[0]) {
        assert!(seen.insert(&v.url), "{} was visited twice", v.url);
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(folder.manifest.extra["property"], "shop");

    let page = server.ask(&format!("/audits/{audit}"), Some(&cookie), None).await.text;
    assert!(page.contains("Open the report"), "{page}");
    let report = server.ask(&format!("/audits/{audit}/report"), Some(&cookie), None).await;
    assert!(report.text.contains("This report states what was observed"), "{}", report.status);
    assert!(report.policy.contains("frame-ancestors 'none'"));
    let json = server.ask(&format!("/audits/{audit}/report.json"), Some(&cookie), None).await.text;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let property = server.ask("/properties/shop", Some(&cookie), None).await.text;
    let title = json["findings"][0]["title"].as_str().unwrap();
    assert!(property.contains("The first audit has") && property.contains(&title[..20]), "{property}");
    for kind in ["vendors", "tags", "cookies", "hosts"] {
        let list = server.ask(&format!("/properties/shop/{kind}"), Some(&cookie), None).await;
        assert!(list.status == StatusCode::OK && list.text.contains("1 of 1"), "{kind}: {}", list.text);
    }
    // Stopped, it ends although a browser listens.
    let pid = server.process.as_ref().unwrap().id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let ended = tokio::time::timeout(Duration::from_secs(20), server.process.take().unwrap().wait()).await;
    assert!(ended.unwrap().unwrap().success(), "{}", server.words());
}

/// What a page, a cookie, a host or a title may be called: script, formula, a break of headers, reversed and hidden text.
const HOSTILE: &str = "=cmd|' /C calc'!A0<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\r\nX-Injected: 1\u{202e}txt\u{200b}\u{1b}[31m";

#[tokio::test(flavor = "multi_thread")]
async fn what_pages_wrote_is_inert_on_every_page_and_in_every_file() {
    let server = Server::start().await;
    let (cookie, csrf) = server.log_in().await;
    let token = server.token(&cookie, &csrf, "read").await;
    let store = Store::open(&Place::Folder(server.store())).await.unwrap();
    let property = Property {
        id: "shop".to_owned(),
        name: HOSTILE.to_owned(),
        site: "shop.test".to_owned(),
        request: serde_json::to_string(&AuditRequest::of(vec!["https://shop.test/".to_owned()])).unwrap(),
        created: 0,
    };
    assert!(store.add_property(&property).await.unwrap());
    let text = || HOSTILE.to_owned();
    let thing = |kind| FiledThing {
        kind,
        key: text(),
        name: text(),
        detail: text(),
        pages: 1,
        times: 1,
        first_ms: None,
        scenarios: vec![text()],
    };
    let filed = Filed {
        id: "shop-1".to_owned(),
        property: Some("shop".to_owned()),
        site: "shop.test".to_owned(),
        start: text(),
        started: 1_764_000_000_000,
        finished: Some(1_764_000_060_000),
        state: AuditState::Finished,
        vantage: text(),
        scenarios: vec![text()],
        tool: text(),
        judged: String::new(),
        visits: vec![],
        verdicts: vec![],
        findings: vec![FiledFinding {
            fingerprint: "0123456789abcdef".to_owned(),
            rule: text(),
            severity: "high".to_owned(),
            title: text(),
            subject: text(),
            pages: vec![text()],
            scenarios: vec![text()],
            measure: None,
        }],
        things: [ThingKind::Tag, ThingKind::Vendor, ThingKind::Cookie, ThingKind::Host].map(thing).into(),
    };
    store.file(&filed).await.unwrap();
    let alert = Alert {
        property: "shop".to_owned(),
        audit: "shop-1".to_owned(),
        kind: "new-finding".to_owned(),
        key: text(),
        title: text(),
        detail: "{}".to_owned(),
        created: 1,
    };
    Jobs::new(&store, Duration::from_secs(30), 1).raise(&[alert], |_| vec![]).await.unwrap();
    store.close().await;

    let lists = ["tags", "vendors", "cookies", "hosts"];
    let mut pages = ["/", "/alerts", "/properties/shop", "/audits/shop-1", "/properties/shop/compare"]
        .map(str::to_owned)
        .to_vec();
    pages.extend(lists.map(|l| format!("/properties/shop/{l}")));
    for path in &pages {
        let page = server.ask(path, Some(&cookie), None).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        assert!(page.text.contains("[U+202E]"), "{path} does not show what hides");
        for acts in ["<script>alert", "<img src=x", "\u{202e}", "\u{200b}", "\u{1b}"] {
            assert!(!page.text.contains(acts), "{path} has {acts:?}");
        }
    }
    for list in lists {
        let sheet = server.ask(&format!("/properties/shop/{list}.csv"), Some(&cookie), None).await.text;
        let mut rows = csv::Reader::from_reader(sheet.as_bytes());
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 1, "{sheet}");
        assert!(
            rows[0].iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])
                && !cell.contains(['\n', '\u{202e}', '\u{1b}'])),
            "{sheet}"
        );
        let (_, _, json) =
            server.call("GET", &format!("/api/v1/properties/shop/inventory/{list}"), Some(&token), "").await;
        assert_eq!(json[0]["name"], HOSTILE, "programs get what was recorded");
    }
    for path in [
        "/audits/..%2f..%2fetc%2fpasswd",
        "/audits/shop-1/records/../../x/1",
        "/audits/shop-1/blobs/..%2f..%2fx",
        "/properties/%00",
        "/properties/shop/%3Cscript%3E",
    ] {
        let page = server.ask(path, Some(&cookie), None).await;
        assert!(
            page.status == StatusCode::NOT_FOUND && !page.text.contains("<script>alert"),
            "{path}: {}",
            page.status
        );
    }
}

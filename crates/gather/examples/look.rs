//! scratch
use affiant_gather::*;
use affiant_record::header::*;
use affiant_record::*;
#[tokio::main]
async fn main() {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_env("L")).with_writer(std::io::stderr).init();
    let site = std::env::args().nth(1).unwrap();
    let bed = affiant_testbed::Testbed::start(affiant_testbed::Sites::all()).await.unwrap();
    let vantage = Vantage { name: "default".into(), width: 1280, height: 800, third_party_cookies: true, insecure: true, resolve: bed.resolve_rules(), ..Default::default() };
    let browser = Browser::launch(&BrowserOptions { browser: find::find(None).unwrap(), vantage: vantage.clone(), proxy: None }).await.unwrap();
    let out = std::path::PathBuf::from(std::env::args().nth(2).unwrap());
    let _ = std::fs::remove_dir_all(&out);
    let s = bed.site(&site).unwrap();
    let (_h, stop) = StopHandle::new();
    for scenario in Scenario::ALL {
        let t0 = std::time::Instant::now();
        let mut session = Session::open(&browser, SessionOptions { session: scenario.to_string(), scenario, vantage: vantage.clone(),
            settings: Settings { visit_timeout_ms: 45000, quiet_ms: 500, banner_wait_ms: 5000, body_limit: 1 << 21, ..Default::default() },
            plan: Digest::of(b""), tool: Tool { name: "x".into(), version: "0".into() }, blobs: BlobStore::new(out.join("blobs")), headers: vec![], header_origin: String::new(), progress: None }, stop.clone()).await.unwrap();
        let mut first = None;
        for (i, page) in std::iter::once(s.start.clone()).chain(s.pages.iter().skip(1).take(1).cloned()).enumerate() {
            let url = url::Url::parse(&s.start).unwrap().join(&page).unwrap();
            bed.clear_log();
            let t = std::time::Instant::now();
            let v = session.visit(VisitRequest { url: url.to_string(), dir: out.join(format!("{scenario}-{i}")), ordinal: i as u32, choice_visit: first }).await.unwrap();
            first.get_or_insert(v.digest);
            println!("{scenario} {url} {:?} achieved {:?} requests {} server saw {} in {:?}", v.outcome, v.achieved, v.requests, bed.log().len(), t.elapsed());
            let r = VisitRecord::open(&out.join(format!("{scenario}-{i}"))).unwrap();
            for l in &r.lines { match &l.what { Observation::Phase(p) => println!("   {:8.0} {} {:?}", l.t, p.phase, p.how), Observation::ConsentAction(a) => println!("   {:8.0} {} {:?} ok={:?} {:?}", l.t, a.step, a.rule, a.ok, a.note), Observation::Settle(s) => println!("   {:8.0} settle {} {} {:?}", l.t, s.phase, s.end, s.pending), _ => {} } }
            println!("   {:?}", r.footer.as_ref().unwrap().consent);
            println!("   {:?}", r.footer.as_ref().unwrap().collectors.iter().filter(|c| *c.1 != CollectorStatus::Gathered).collect::<Vec<_>>());
            let seen: Vec<String> = r.exchanges().iter().map(|x| x.request.what.url.clone()).collect();
            for e in bed.log() { let full = format!("{}{}", e.host, e.path_and_query); if !seen.iter().any(|u| u.split_once("://").is_some_and(|x| x.1.split('#').next() == Some(&full))) { println!("   MISSED {} {}", e.method, full.chars().take(120).collect::<String>()); } }
        }
        session.close().await;
        println!("{scenario} took {:?}", t0.elapsed());
    }
    browser.close().await;
}

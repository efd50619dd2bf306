//! How long pages take over a store: `pages PLACE [FOLDER] [AUDIT]`, after the store's own example `history` has filled it. AUDIT is
//! one whose folder is there.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_engine::AuditRequest;
use affiant_engine::jobs::Delivery;
use affiant_gather::StopHandle;
use affiant_store::{Account, Jobs, Login, Place, Property, Store};
use affiant_web::{App, Settings, serve};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Times that each page is asked for.
const TIMES: usize = 7;
const COOKIE: &str = "bench";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (place, audit) = match args.as_slice() {
        [place] => (Place::read(place, None)?, None),
        [place, rest @ ..] if place.starts_with("postgres") => {
            let folder = rest.first().ok_or("a store on a server has a folder too")?;
            (Place::read(place, Some(Path::new(folder)))?, rest.get(1))
        }
        [place, audit] => (Place::read(place, None)?, Some(audit)),
        _ => return Err("usage: pages PLACE [FOLDER] [AUDIT]".into()),
    };
    let store = Store::open(&place).await?;
    let request = serde_json::to_string(&AuditRequest::of(vec!["https://www.shop.test/".to_owned()]))?;
    let (id, name, site) = ("shop".to_owned(), "The shop".to_owned(), "shop.test".to_owned());
    store.add_property(&Property { id, name, site, request, created: 0 }).await?;
    store.add_account(&Account { name: "bench".to_owned(), password: String::new() }).await?;
    let login = Login { account: "bench".to_owned(), csrf: "bench".to_owned() };
    store.remove_login(&HEXLOWER.encode(&Sha256::digest(COOKIE))).await?;
    store.add_login(&HEXLOWER.encode(&Sha256::digest(COOKIE)), &login, 3_600_000).await?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let (handle, stop) = StopHandle::new();
    let jobs = Jobs::new(&store, Duration::from_secs(30), 8);
    let settings = Settings { hosts: vec![at.to_string()], https: false, delivery: Delivery::default() };
    let app = Arc::new(App::new(store.clone(), place, jobs, settings, stop));
    let served = tokio::spawn(serve(app, listener));
    let mut paths = vec![
        "/".to_owned(),
        "/properties/shop".to_owned(),
        "/properties/shop/vendors".to_owned(),
        "/properties/shop/hosts".to_owned(),
        "/properties/shop/hosts.csv".to_owned(),
        "/alerts".to_owned(),
    ];
    paths.extend(audit.map(|a| format!("/audits/{a}")));
    let mut out = std::io::stdout().lock();
    for path in &paths {
        let mut took = Vec::new();
        let mut bytes = 0;
        for _ in 0..TIMES {
            let began = Instant::now();
            bytes = ask(&at.to_string(), path).await?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
        }
        took.sort_by(f64::total_cmp);
        let median = took.get(TIMES / 2).copied().unwrap_or_default();
        let slowest = took.last().copied().unwrap_or_default();
        writeln!(out, "{path} | {median:.0} ms (slowest {slowest:.0}) | {} kB", bytes / 1_000)?;
    }
    handle.stop();
    served.await??;
    store.close().await;
    Ok(())
}

async fn ask(host: &str, path: &str) -> Outcome<usize> {
    let mut stream = TcpStream::connect(host).await?;
    let asked = format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: affiant={COOKIE}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err(format!("{path}: {}", String::from_utf8_lossy(&answer)).into());
    }
    Ok(answer.len())
}

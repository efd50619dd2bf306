//! `affiant serve`: the web pages, and a worker that makes the audits which they start, in one process.

use std::net::SocketAddr;
use std::sync::Arc;

use affiant_engine::jobs::Delivery;
use affiant_gather::StopHandle;
use affiant_store::Store;
use affiant_web::{App, Settings, serve};
use anyhow::{Context as _, bail};
use clap::Args;
use tokio::net::TcpListener;
use url::Url;

use super::worker::{WorkArgs, say};
use crate::args::StoreArgs;
use crate::config::{Config, LISTEN};
use crate::exit::Exit;
use crate::{interrupt, kept};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    affiant serve\n  \
    affiant serve --listen 0.0.0.0:8640 --url https://audits.example.com")]
pub(crate) struct ServeArgs {
    /// Where it listens. Default: server.listen, or 127.0.0.1:8640, which only this machine reaches.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// The address that browsers use, if it is another one: behind a proxy that adds TLS. Default: server.url.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
}

/// Serves until it is stopped.
pub(crate) fn run(args: &ServeArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let place = args.store.place(config)?;
    // Whoever may log in may ask for audits: they reach nothing that only this machine or its network does.
    let worker = args.work.worker(config, false, true)?;
    let listen = args.listen.clone().or_else(|| config.server.listen.clone());
    let listen = listen.unwrap_or_else(|| LISTEN.to_owned());
    let url = args.url.clone().or_else(|| config.server.url.clone());
    kept::run(async {
        let store = Store::open(&place).await.context("the server was not begun")?;
        let jobs = args.work.jobs(&store, config);
        let listener = TcpListener::bind(&listen).await.with_context(|| {
            format!("cannot listen on {listen}: choose another with --listen ADDRESS:PORT")
        })?;
        let (mut settings, shown) = settings(listener.local_addr()?, url.as_deref())?;
        settings.delivery = config.delivery()?;
        let (handle, stop) = StopHandle::new();
        let app = Arc::new(App::new(store.clone(), place.clone(), jobs.clone(), settings, stop.clone()));
        if !quiet {
            say(&format!("serving {shown}/ with the store {place}, {} sessions side by side", worker.slots));
        }
        if let Some(link) = app.first_link().await? {
            // The one thing that whoever starts it must see.
            say(&format!(
                "nobody has an account yet; make the first one here (the link is good once): {shown}{link}"
            ));
        }
        interrupt::on(
            handle,
            quiet,
            "stopping; answering what was asked, giving jobs back (once more to stop at once)",
        );
        let served = tokio::spawn(serve(app, listener));
        let worked = args.work.at_work(worker, &store, &place, &jobs, stop, quiet).await;
        served.await.context("the server ended unexpectedly")??;
        store.close().await;
        worked
    })?;
    Ok(Exit::Nothing)
}

/// The hosts that it answers for, and the address that is shown.
fn settings(at: SocketAddr, url: Option<&str>) -> anyhow::Result<(Settings, String)> {
    let port = at.port();
    let mut hosts = vec![format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")];
    let Some(text) = url else {
        if !at.ip().is_loopback() {
            bail!(
                "{at} is reached from other machines: name the address that browsers use with --url, as \
                 https://audits.example.com (behind a proxy that adds TLS) or http://{at}"
            );
        }
        return Ok((Settings { hosts, https: false, delivery: Delivery::default() }, format!("http://{at}")));
    };
    let url = Url::parse(text).with_context(|| format!("'{text}' is no address for --url"))?;
    let https = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => bail!("'{text}': --url begins with https:// or http://"),
    };
    if url.path() != "/" || url.query().is_some() {
        bail!("'{text}': --url has no path; the pages are at the root of a host of their own");
    }
    let host = url.host_str().with_context(|| format!("'{text}' names no host"))?;
    hosts.push(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")));
    Ok((Settings { hosts, https, delivery: Delivery::default() }, text.trim_end_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_for_what_it_is_called() {
        let at: SocketAddr = "127.0.0.1:8640".parse().unwrap();
        let (own, shown) = settings(at, None).unwrap();
        assert!(own.hosts.contains(&"localhost:8640".to_owned()) && !own.https);
        assert_eq!(shown, "http://127.0.0.1:8640");
        let open: SocketAddr = "0.0.0.0:8640".parse().unwrap();
        assert!(settings(open, None).unwrap_err().to_string().contains("--url"));
        let (named, _) = settings(open, Some("https://audits.example.com/")).unwrap();
        assert!(named.https && named.hosts.contains(&"audits.example.com".to_owned()));
        for bad in ["audits.example.com", "ftp://a.test", "https://a.test/affiant"] {
            assert!(settings(open, Some(bad)).is_err(), "{bad}");
        }
    }
}

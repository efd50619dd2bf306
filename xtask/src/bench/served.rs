//! The testbed, served by an optimised build in a process of its own, and what it received.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::run::{cargo, command, root, run};

/// How many times each `METHOD URL` was received or seen.
pub(super) type Requests = BTreeMap<String, u64>;

/// The testbed until dropped.
pub(super) struct Served {
    child: Child,
    /// Flags of `affiant audit` that lead every host to it.
    pub(super) flags: Vec<String>,
    received: Arc<Mutex<Requests>>,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// Builds and starts it. `counting`: whether it tells each request, which costs it a little.
    pub(super) fn start(counting: bool) -> Result<Served> {
        run(cargo().args([
            "build",
            "--release",
            "--locked",
            "--package",
            "affiant-testbed",
            "--example",
            "serve",
        ]))?;
        let mut serve = command(root().join("target/release/examples/serve"));
        serve.arg("--all").stdout(Stdio::piped());
        if !counting {
            serve.arg("--quiet");
        }
        let mut child = serve.spawn().context("cannot serve the testbed")?;
        let out = BufReader::new(child.stdout.take().context("no output")?);
        let received = Arc::new(Mutex::new(Requests::new()));
        let mut served = Served { child, flags: vec!["--insecure".to_owned()], received };
        let (told, flags) = mpsc::channel();
        let count = Arc::clone(&served.received);
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some(rule) = line.strip_prefix("--resolve ") {
                    let _ = told.send(Some(rule.to_owned()));
                } else if line.contains('\t') {
                    let _ = told.send(None);
                } else if let Some(request) = request(&line) {
                    *count.lock().unwrap_or_else(PoisonError::into_inner).entry(request).or_default() += 1;
                }
            }
        });
        // The rules come first, then the sites.
        while let Some(rule) =
            flags.recv_timeout(Duration::from_secs(30)).context("the testbed did not tell its address")?
        {
            served.flags.extend(["--resolve".to_owned(), rule]);
        }
        Ok(served)
    }

    /// What was received since the last time, once it has come to rest.
    pub(super) fn take(&self) -> Requests {
        std::thread::sleep(Duration::from_millis(500));
        std::mem::take(&mut *self.received.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `12 345ms 200 GET https://host/path 0 bytes Request` is `GET https://host/path`.
fn request(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let [_, _, _, method, url, _, "bytes", "Request"] = words.as_slice() else { return None };
    // The browser's own errands (its updates, its clock) are led here too, and are no page's.
    let host = url.split("://").nth(1)?.split(['/', ':']).next()?;
    if !host.ends_with(".test") {
        return None;
    }
    Some(format!("{method} {url}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_tells_a_request_of_a_page() {
        let line = |url: &str| format!("12 345ms 200 GET {url} 0 bytes Request");
        let of = |url: &str| request(&line(url));
        assert_eq!(of("https://a.test/x?y"), Some("GET https://a.test/x?y".to_owned()));
        assert_eq!(of("https://a.test:8443/x"), Some("GET https://a.test:8443/x".to_owned()));
        assert_eq!(of("http://update.googleapis.com/x"), None);
        assert_eq!(request("something else"), None);
    }
}

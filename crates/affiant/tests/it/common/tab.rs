//! A tab of a bare Chromium, used as a person would: it opens addresses, clicks where things are, types, and looks.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::browser;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The one tab of a browser of its own.
pub(crate) struct Tab {
    _child: Child,
    _profile: TempDir,
    socket: WebSocketStream<TcpStream>,
    next: u64,
    /// The tab's name on the connection.
    session: String,
    /// Loads that have ended.
    loads: u64,
    /// Origins that were asked for anything.
    pub(crate) asked: BTreeSet<String>,
    /// What the console said of errors and refusals.
    pub(crate) complaints: Vec<String>,
}

impl Tab {
    /// A browser with nothing in it.
    pub(crate) async fn open() -> Tab {
        let profile = tempfile::tempdir().unwrap();
        let mut switches = [
            "--headless=new",
            "--remote-debugging-port=0",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
        ]
        .map(str::to_owned)
        .to_vec();
        switches.push(format!("--user-data-dir={}", profile.path().display()));
        let (child, address) = browser::start(&switches).await;
        let host = address.trim_start_matches("ws://").split('/').next().unwrap();
        let stream = TcpStream::connect(host).await.unwrap();
        let (socket, _) = tokio_tungstenite::client_async(&address, stream).await.unwrap();
        let mut tab = Tab {
            _child: child,
            _profile: profile,
            socket,
            next: 0,
            session: String::new(),
            loads: 0,
            asked: BTreeSet::new(),
            complaints: Vec::new(),
        };
        let target = tab.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attached = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = tab.call("Target.attachToTarget", attached).await;
        tab.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Network", "Log", "DOM"] {
            tab.call(&format!("{domain}.enable"), json!({})).await;
        }
        tab
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        self.socket.send(Message::text(message.to_string())).await.unwrap();
        loop {
            let answer = self.hear().await;
            if answer["id"] == id {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    /// The next message; what events tell is noted.
    async fn hear(&mut self) -> Value {
        let message =
            tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("the browser says nothing");
        let message: Value = serde_json::from_str(message.unwrap().unwrap().to_text().unwrap()).unwrap();
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.loads += 1,
            Some("Network.requestWillBeSent") => {
                let url = url::Url::parse(params["request"]["url"].as_str().unwrap()).unwrap();
                if url.scheme() != "data" {
                    self.asked.insert(url.origin().ascii_serialization());
                }
            }
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => {
                self.complaints.push(params["entry"]["text"].as_str().unwrap().to_owned());
            }
            Some("Runtime.exceptionThrown") => self.complaints.push(params.to_string()),
            _ => {}
        }
        message
    }

    /// Waits until a page has loaded that was not there at `loads`.
    async fn loaded(&mut self, loads: u64) {
        let end = Instant::now() + PATIENCE;
        while self.loads == loads {
            assert!(Instant::now() < end, "no page came");
            let _ = tokio::time::timeout(Duration::from_millis(200), self.hear()).await;
        }
    }

    /// Opens an address.
    pub(crate) async fn goto(&mut self, url: &str) {
        let loads = self.loads;
        let gone = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(gone.get("errorText").is_none(), "{url}: {gone}");
        self.loaded(loads).await;
    }

    /// What an expression gives; promises are waited for.
    pub(crate) async fn eval(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let done = self.call("Runtime.evaluate", asked).await;
        assert!(done.get("exceptionDetails").is_none(), "{expression}: {done:#}");
        done["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    pub(crate) async fn until(&mut self, expression: &str, patience: Duration) {
        let end = Instant::now() + patience;
        while self.eval(&format!("!!({expression})")).await != true {
            let text = self.eval("document.body.innerText").await;
            assert!(Instant::now() < end, "never: {expression}\n{}", text.as_str().unwrap_or_default());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What the page says.
    pub(crate) async fn text(&mut self) -> String {
        self.eval("document.body.innerText").await.as_str().unwrap().to_owned()
    }

    /// Clicks what a selector finds, in the middle of its first line, with the mouse; where several fit, the first that holds the text.
    pub(crate) async fn click(&mut self, selector: &str, text: &str) {
        let found = format!(
            "(() => {{ const e = [...document.querySelectorAll({})].find(e => e.innerText?.includes({}) || e.value?.includes?.({})); \
             if (!e) return null; e.scrollIntoView({{block: 'center'}}); const r = e.getClientRects()[0]; \
             return [r.left + r.width / 2, r.top + r.height / 2]; }})()",
            json!(selector),
            json!(text),
            json!(text)
        );
        let at = self.eval(&found).await;
        assert!(at.is_array(), "no {selector} with {text:?}: {}", self.text().await);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// The same, where another page comes of it.
    pub(crate) async fn follow(&mut self, selector: &str, text: &str) {
        let loads = self.loads;
        self.click(selector, text).await;
        self.loaded(loads).await;
    }

    /// Types into a field, in place of what is in it.
    pub(crate) async fn fill(&mut self, selector: &str, text: &str) {
        let focus = format!(
            "(() => {{ const e = document.querySelector({}); e.focus(); e.select?.(); return true; }})()",
            json!(selector)
        );
        self.eval(&focus).await;
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Chooses an option of a list by its value.
    pub(crate) async fn choose(&mut self, selector: &str, value: &str) {
        let set = format!("document.querySelector({}).value = {}", json!(selector), json!(value));
        self.eval(&set).await;
    }

    /// How wide the window is, and whether the visitor likes it dark.
    pub(crate) async fn look(&mut self, width: u32, dark: bool) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    /// A picture of the whole page.
    pub(crate) async fn picture(&mut self, path: &Path) {
        let size = self.call("Page.getLayoutMetrics", json!({})).await["cssContentSize"].clone();
        let height = size["height"].as_f64().unwrap().min(12_000.0);
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1 });
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let data = self.call("Page.captureScreenshot", asked).await;
        let bytes = data_encoding::BASE64.decode(data["data"].as_str().unwrap().as_bytes()).unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// What axe finds wrong with the page: each rule, and where. And how many elements it looked at.
    pub(crate) async fn axe(&mut self) -> (Vec<String>, u64) {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testbed/npm/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{}: {e}: run `cargo xtask setup`", path.display()));
        self.eval(&format!("{axe}; true")).await;
        let told = self
            .eval(
                "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => ({ \
                 wrong: r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).slice(0, 4).join(' | ')), \
                 passed: r.passes.length }))",
            )
            .await;
        let wrong = told["wrong"].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned());
        (wrong.collect(), told["passed"].as_u64().unwrap())
    }

    /// What sticks out of the window on the right, where the page is wider than it.
    pub(crate) async fn sticks_out(&mut self) -> Vec<String> {
        let found = "document.documentElement.scrollWidth <= window.innerWidth ? [] : \
                     [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > window.innerWidth) \
                     .map(e => e.tagName + '.' + e.className)";
        let found = self.eval(found).await;
        found.as_array().unwrap().iter().map(|e| e.as_str().unwrap().to_owned()).collect()
    }
}

//! One reader, one writer, calls that wait and posts that do not, and routes from targets to their session.
//! Over a pipe or over a WebSocket, all else is the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::message::{Answer, Message as Said, Refusal};
use crate::GatherError;

/// How long a command may take before the browser counts as not answering.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// A WebSocket over which nothing came for so long, not even an answer, is lost.
const SILENCE: Duration = Duration::from_secs(30);

/// An event of the browser.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) method: String,
    pub(crate) params: Value,
    /// The target that it comes from, by the protocol's session with it; empty for the browser itself.
    pub(crate) target: String,
}

/// Method of the events that [`Client::mark`] makes; the browser has none of this name.
pub(crate) const MARK: &str = "affiant.mark";

/// Method of the events that tell of a message which could not be read, or not as a whole; its params are that message's
/// method, empty where that is not known either. The browser has none of this name.
pub(crate) const UNREAD: &str = "affiant.unread";

/// A call that waits for its answer.
struct Waiting {
    tx: oneshot::Sender<Answer>,
    method: String,
    target: String,
}

#[derive(Default)]
struct Routes {
    by_context: BTreeMap<String, mpsc::UnboundedSender<Event>>,
    by_target: HashMap<String, mpsc::UnboundedSender<Event>>,
}

struct Inner {
    out: mpsc::UnboundedSender<Vec<u8>>,
    next: AtomicU64,
    pending: Mutex<HashMap<u64, Waiting>>,
    routes: Mutex<Routes>,
    closed: AtomicBool,
}

/// A handle on the connection; clones share it.
#[derive(Clone)]
pub(crate) struct Client {
    inner: Arc<Inner>,
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Client {
    fn new() -> (Client, mpsc::UnboundedReceiver<Vec<u8>>) {
        let (out, queue) = mpsc::unbounded_channel::<Vec<u8>>();
        let client = Client {
            inner: Arc::new(Inner {
                out,
                next: AtomicU64::new(1),
                pending: Mutex::default(),
                routes: Mutex::default(),
                closed: AtomicBool::new(false),
            }),
        };
        (client, queue)
    }

    /// Speaks NUL-delimited JSON over this pair.
    pub(crate) fn over_pipe<R, W>(reader: R, mut writer: W) -> Client
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (client, mut queue) = Client::new();
        tokio::spawn(async move {
            while let Some(mut message) = queue.recv().await {
                if message.is_empty() {
                    break;
                }
                message.push(0);
                if writer.write_all(&message).await.is_err() {
                    break;
                }
            }
        });
        let inner = Arc::clone(&client.inner);
        tokio::spawn(async move {
            let mut reader = BufReader::with_capacity(1 << 20, reader);
            let mut message = Vec::new();
            loop {
                message.clear();
                match reader.read_until(0, &mut message).await {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {
                        if message.last() == Some(&0) {
                            message.pop();
                        }
                        inner.dispatch(&message);
                    }
                }
            }
            inner.end();
        });
        client
    }

    /// Speaks JSON over a WebSocket. A connection that has been silent for long is lost, also where nobody says so.
    pub(crate) fn over_socket<S>(socket: WebSocketStream<S>) -> Client
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (client, mut queue) = Client::new();
        let (mut sink, mut stream) = socket.split();
        let (heard, mut silent) = tokio::sync::watch::channel(());
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if message.is_empty() {
                    break;
                }
                let Ok(text) = String::from_utf8(message) else { continue };
                if sink.send(Message::text(text)).await.is_err() {
                    break;
                }
            }
            let _ = sink.close().await;
        });
        let inner = Arc::clone(&client.inner);
        tokio::spawn(async move {
            while let Ok(Some(Ok(message))) = tokio::time::timeout(SILENCE, stream.next()).await {
                let _ = heard.send(());
                match message {
                    Message::Text(text) => inner.dispatch(text.as_bytes()),
                    Message::Binary(bytes) => inner.dispatch(&bytes),
                    Message::Close(_) => break,
                    _ => {}
                }
            }
            inner.end();
            // Whoever still writes is told to stop.
            let _ = inner.out.send(Vec::new());
        });
        let beat = client.clone();
        tokio::spawn(async move {
            while !beat.is_gone() {
                match tokio::time::timeout(SILENCE / 3, silent.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => break,
                    Err(_) => beat.post("", "Browser.getVersion", json!({})),
                }
            }
        });
        client
    }

    /// Ends a connection over a WebSocket: the browser at its other end lives on.
    pub(crate) fn hang_up(&self) {
        let _ = self.inner.out.send(Vec::new());
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn call(&self, target: &str, method: &str, params: Value) -> Result<Value, GatherError> {
        self.call_within(target, method, params, PATIENCE).await
    }

    /// Sends a command and waits for its answer, at most this long.
    pub(crate) async fn call_within(
        &self,
        target: &str,
        method: &str,
        params: Value,
        patience: Duration,
    ) -> Result<Value, GatherError> {
        let (tx, rx) = oneshot::channel();
        let id = self.send(target, method, params, Some(tx));
        self.answer(id, rx, method, patience).await
    }

    /// Sends a command now; its answer can be waited for later.
    pub(crate) fn request(
        &self,
        target: &str,
        method: &'static str,
        params: Value,
    ) -> impl Future<Output = Result<Value, GatherError>> + Send + use<> {
        let (tx, rx) = oneshot::channel();
        let id = self.send(target, method, params, Some(tx));
        let me = self.clone();
        async move { me.answer(id, rx, method, PATIENCE).await }
    }

    async fn answer(
        &self,
        id: u64,
        rx: oneshot::Receiver<Answer>,
        method: &str,
        patience: Duration,
    ) -> Result<Value, GatherError> {
        let gone = || GatherError::BrowserGone { doing: method.to_owned() };
        if self.is_gone() {
            lock(&self.inner.pending).remove(&id);
            return Err(gone());
        }
        match tokio::time::timeout(patience, rx).await {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(Refusal::Said(said)))) => Err(GatherError::Refused { doing: method.to_owned(), said }),
            Ok(Ok(Err(Refusal::Unread))) => Err(GatherError::Unreadable { doing: method.to_owned() }),
            Ok(Err(_)) => Err(gone()),
            Err(_) => {
                lock(&self.inner.pending).remove(&id);
                Err(GatherError::NoAnswer { doing: method.to_owned(), after: patience })
            }
        }
    }

    /// Sends a command and does not wait: answers come in the order of sending, so posts can be pipelined.
    pub(crate) fn post(&self, target: &str, method: &str, params: Value) {
        self.send(target, method, params, None);
    }

    fn send(&self, target: &str, method: &str, params: Value, tx: Option<oneshot::Sender<Answer>>) -> u64 {
        let id = self.inner.next.fetch_add(1, Ordering::Relaxed);
        if let Some(tx) = tx {
            let waiting = Waiting { tx, method: method.to_owned(), target: target.to_owned() };
            lock(&self.inner.pending).insert(id, waiting);
        }
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !target.is_empty() {
            message["sessionId"] = Value::from(target);
        }
        // An error means that the writer has ended: the reader notices and ends the pending calls.
        let _ = self.inner.out.send(message.to_string().into_bytes());
        id
    }

    /// Events of this browser context and of every target in it.
    pub(crate) fn subscribe(&self, context: &str) -> mpsc::UnboundedReceiver<Event> {
        let (tx, rx) = mpsc::unbounded_channel();
        lock(&self.inner.routes).by_context.insert(context.to_owned(), tx);
        rx
    }

    /// Puts a mark behind the events that have arrived for this context so far: whoever takes them in order meets it
    /// when all of those are done. Answers do not wait for events, so an answer alone does not say that.
    pub(crate) fn mark(&self, context: &str, number: u64) {
        let mark = Event { method: MARK.to_owned(), params: number.into(), target: String::new() };
        if let Some(tx) = lock(&self.inner.routes).by_context.get(context) {
            // An error means that nobody listens any more.
            let _ = tx.send(mark);
        }
    }

    /// Ends a subscription.
    pub(crate) fn unsubscribe(&self, context: &str) {
        let mut routes = lock(&self.inner.routes);
        if let Some(tx) = routes.by_context.remove(context) {
            routes.by_target.retain(|_, s| !s.same_channel(&tx));
        }
    }

    /// Whether the connection has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.inner.closed.load(Ordering::SeqCst)
    }
}

impl Inner {
    fn dispatch(&self, message: &[u8]) {
        match Said::read(message) {
            Said::Answer { id, answer, whole } => {
                let waiting = lock(&self.pending).remove(&id);
                match (waiting, answer) {
                    (Some(waiting), answer) => {
                        if answer.is_ok() && !whole {
                            self.unread(waiting.method, waiting.target);
                        }
                        // An error means that nobody waits any more.
                        let _ = waiting.tx.send(answer);
                    }
                    (None, Err(e)) => tracing::debug!(error = ?e, "a posted command was refused"),
                    (None, Ok(_)) => {}
                }
            }
            Said::Event { event, whole } => {
                let lost = (!whole).then(|| (event.method.clone(), event.target.clone()));
                self.route(event);
                if let Some((method, target)) = lost {
                    self.unread(method, target);
                }
            }
            Said::Unread { method, target } => {
                tracing::debug!(bytes = message.len(), method, "a message of the browser could not be read");
                self.unread(method, target);
            }
        }
    }

    /// Tells whose message could not be read, or all where that is not known.
    fn unread(&self, method: String, target: String) {
        let routes = lock(&self.routes);
        let event =
            |target| Event { method: UNREAD.to_owned(), params: Value::from(method.as_str()), target };
        if let Some(tx) = routes.by_target.get(&target) {
            let _ = tx.send(event(target));
            return;
        }
        for tx in routes.by_context.values() {
            let _ = tx.send(event(String::new()));
        }
    }

    /// Finds whose event it is. The route of a new child is registered before any later message is read.
    fn route(&self, event: Event) {
        let mut routes = lock(&self.routes);
        let to = if event.target.is_empty() {
            let context = event.params["targetInfo"]["browserContextId"].as_str();
            match context {
                Some(c) => routes.by_context.get(c).cloned(),
                None => {
                    // Events of the browser that name no context go to all; whoever knows the target takes it.
                    let all: Vec<_> = routes.by_context.values().cloned().collect();
                    drop(routes);
                    for tx in all {
                        let _ = tx.send(Event {
                            method: event.method.clone(),
                            params: event.params.clone(),
                            target: String::new(),
                        });
                    }
                    return;
                }
            }
        } else {
            routes.by_target.get(&event.target).cloned()
        };
        let Some(to) = to else {
            tracing::trace!(method = event.method, "an event of nobody");
            drop(routes);
            self.let_go(&event);
            return;
        };
        if event.method == "Target.attachedToTarget"
            && let Some(child) = event.params["sessionId"].as_str()
        {
            routes.by_target.insert(child.to_owned(), to.clone());
        }
        drop(routes);
        let _ = to.send(event);
    }

    /// A tab of somebody else must not wait for us: in a browser that others use too, every new tab is held.
    fn let_go(&self, event: &Event) {
        let Some(child) = event.params["sessionId"].as_str() else { return };
        if event.method != "Target.attachedToTarget" {
            return;
        }
        let id = |n: u64| self.next.fetch_add(n, Ordering::Relaxed);
        let run = json!({ "id": id(1), "sessionId": child, "method": "Runtime.runIfWaitingForDebugger" });
        let leave =
            json!({ "id": id(1), "method": "Target.detachFromTarget", "params": { "sessionId": child } });
        for message in [run, leave] {
            let _ = self.out.send(message.to_string().into_bytes());
        }
    }

    fn end(&self) {
        self.closed.store(true, Ordering::SeqCst);
        lock(&self.pending).clear();
        let mut routes = lock(&self.routes);
        routes.by_context.clear();
        routes.by_target.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn junk_is_counted_and_the_next_answer_still_arrives() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let (r, w) = tokio::io::split(ours);
        let client = Client::over_pipe(r, w);
        let mut events = client.subscribe("C");
        let c = client.clone();
        let call = tokio::spawn(async move { c.call("", "Browser.getVersion", json!({})).await });
        let mut buf = vec![0; 200];
        let n = theirs.read(&mut buf).await.unwrap();
        assert!(buf[..n].ends_with(b"\0"));
        theirs.write_all(b"not json\0{\"id\":1,\"result\":{\"product\":\"X/1\"}}\0").await.unwrap();
        assert_eq!(call.await.unwrap().unwrap()["product"], "X/1");
        let unread = events.recv().await.unwrap();
        assert_eq!((unread.method.as_str(), unread.params.as_str()), (UNREAD, Some("")));
        theirs
            .write_all(b"{\"method\":\"Target.attachedToTarget\",\"params\":{\"sessionId\":\"S\",\"targetInfo\":{\"browserContextId\":\"C\"}}}\0{\"method\":\"Page.x\",\"sessionId\":\"S\",\"params\":{}}\0")
            .await
            .unwrap();
        assert_eq!(events.recv().await.unwrap().method, "Target.attachedToTarget");
        assert_eq!(events.recv().await.unwrap().target, "S");
        let c = client.clone();
        let call = tokio::spawn(async move { c.call("", "Browser.getVersion", json!({})).await });
        assert!(theirs.read(&mut buf).await.unwrap() > 0);
        theirs
            .write_all(b"{\"method\":\"Page.y\",\"params\":{\"a\":},\"sessionId\":\"S\"}\0{\"id\":2,\"result\":{\"a\":}}\0")
            .await
            .unwrap();
        let unread = events.recv().await.unwrap();
        assert_eq!(
            (unread.method.as_str(), unread.params.as_str(), unread.target.as_str()),
            (UNREAD, Some("Page.y"), "S")
        );
        let answer = tokio::time::timeout(Duration::from_secs(5), call).await.unwrap().unwrap();
        assert!(matches!(answer, Err(GatherError::Unreadable { .. })), "{answer:?}");
        drop(theirs);
        for _ in 0..50 {
            if client.is_gone() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(matches!(client.call("", "X", json!({})).await, Err(GatherError::BrowserGone { .. })));
    }

    #[tokio::test]
    async fn over_a_socket_tabs_of_others_are_let_go_and_the_end_is_noticed() {
        use tokio_tungstenite::tungstenite::protocol::Role;
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let client = Client::over_socket(WebSocketStream::from_raw_socket(ours, Role::Client, None).await);
        let mut browser = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
        let c = client.clone();
        let call = tokio::spawn(async move { c.call("", "Browser.getVersion", json!({})).await });
        let asked: Value =
            serde_json::from_str(browser.next().await.unwrap().unwrap().to_text().unwrap()).unwrap();
        assert_eq!(asked["method"], "Browser.getVersion");
        let answer = json!({ "id": asked["id"], "result": { "product": "X/1" } }).to_string();
        browser.send(Message::text(answer)).await.unwrap();
        assert_eq!(call.await.unwrap().unwrap()["product"], "X/1");
        let held = json!({ "method": "Target.attachedToTarget", "params": { "sessionId": "S", "targetInfo": { "browserContextId": "THEIRS" } } });
        browser.send(Message::text(held.to_string())).await.unwrap();
        let mut said = Vec::new();
        for _ in 0..2 {
            let message = browser.next().await.unwrap().unwrap();
            let v: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
            said.push(v["method"].as_str().unwrap().to_owned());
        }
        assert_eq!(said, ["Runtime.runIfWaitingForDebugger", "Target.detachFromTarget"]);
        client.hang_up();
        assert!(matches!(browser.next().await, Some(Ok(Message::Close(_)))));
        drop(browser);
        let gone = async {
            while !client.is_gone() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), gone).await.unwrap();
        assert!(matches!(client.call("", "X", json!({})).await, Err(GatherError::BrowserGone { .. })));
    }
}

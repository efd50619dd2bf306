//! A proxy, and its login: told to the browser and to nobody else.
//!
//! Chromium takes no login on its command line. It asks when the proxy answers 407, and remembers the answer for
//! the whole browser context: pages, frames, workers and sockets. So each context is introduced once, with one
//! request to a host that cannot exist (`affiant.invalid`), before anything is recorded. Intercepting every request
//! of the visits, which costs 10 to 30 % of the time, is not needed then.

use std::fmt;
use std::time::{Duration, Instant};

use base64::prelude::*;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use crate::GatherError;
use crate::cdp::client::{Client, Event};
use crate::cdp::json::Read as _;

/// Addresses that the introduction asks for: a plain request, and a tunnel where a proxy lets only those ask.
const NOWHERE: [&str; 2] = ["http://affiant.invalid/", "https://affiant.invalid/"];
/// How long a proxy may take to answer the introduction.
const PATIENCE: Duration = Duration::from_secs(20);

/// A proxy. Its login is shown by nothing: neither `Debug` nor an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    address: String,
    login: Option<Login>,
}

#[derive(Clone, PartialEq, Eq)]
struct Login {
    user: String,
    password: String,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("address", &self.address)
            .field("login", &self.login.as_ref().map(|_| "[masked]"))
            .finish()
    }
}

impl Proxy {
    /// Reads `[SCHEME://][USER:PASSWORD@]HOST:PORT`; user and password percent-encoded where they must be.
    ///
    /// # Errors
    /// [`GatherError::BadProxy`] for what is no proxy, and for a login that Chromium could not make. Neither says
    /// the login.
    pub fn read(text: &str) -> Result<Proxy, GatherError> {
        // What stands before the last @ may be a secret, also in what is no address.
        let shown = text.rsplit('@').next().unwrap_or_default();
        let bad = |why: &str| GatherError::BadProxy { address: shown.to_owned(), why: why.to_owned() };
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&full).map_err(|_| bad("write it like http://proxy.example:3128"))?;
        if !matches!(url.scheme(), "http" | "https" | "socks4" | "socks5") {
            return Err(bad("http, https, socks4 and socks5 proxies are understood"));
        }
        let host = url.host_str().filter(|h| !h.is_empty()).ok_or_else(|| bad("it names no host"))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(bad("an address with its port is wanted, without a path"));
        }
        let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
        let address = format!("{}://{host}{port}", url.scheme());
        let decoded = |s: &str| {
            percent_decode_str(s)
                .decode_utf8()
                .map(|s| s.into_owned())
                .map_err(|_| bad("its login is not UTF-8 once percent-decoded"))
        };
        let login = if url.username().is_empty() && url.password().is_none() {
            None
        } else {
            Some(Login {
                user: decoded(url.username())?,
                password: decoded(url.password().unwrap_or_default())?,
            })
        };
        if login.is_some() && url.scheme().starts_with("socks") {
            return Err(bad(
                "Chromium cannot log in to a SOCKS proxy; name the proxy's http port if it has one, or run a local \
                 proxy that adds the login and name that one",
            ));
        }
        Ok(Proxy { address, login })
    }

    /// Its address as it may be written down: without the login.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its login as a header says it.
    pub(crate) fn authorization(&self) -> Option<String> {
        let Login { user, password } = self.login.as_ref()?;
        Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
    }

    /// Whether it wants a login.
    pub fn has_login(&self) -> bool {
        self.login.is_some()
    }
}

/// Makes the proxy's login known to a browser context, in a tab of its own that is closed again.
///
/// # Errors
/// [`GatherError::Proxy`] where the proxy does not answer or refuses the login.
pub(crate) async fn introduce(client: &Client, context: &str, proxy: &Proxy) -> Result<(), GatherError> {
    let Some(login) = &proxy.login else { return Ok(()) };
    let mut events = client.subscribe(context);
    let done = async {
        let made = client
            .call("", "Target.createTarget", json!({ "url": "about:blank", "browserContextId": context }))
            .await?;
        let tab = made.text("targetId");
        let target = loop {
            let event = events.recv().await;
            let Some(event) = event else {
                return Err(GatherError::BrowserGone { doing: "logging in to the proxy".to_owned() });
            };
            if event.method == "Target.attachedToTarget" && event.params["targetInfo"].text("targetId") == tab
            {
                break event.params.text("sessionId");
            }
        };
        client.post(&target, "Fetch.enable", json!({ "handleAuthRequests": true }));
        client.post(&target, "Page.enable", json!({}));
        client.post(&target, "Runtime.runIfWaitingForDebugger", json!({}));
        let mut asked = false;
        for url in NOWHERE {
            if !asked {
                asked = ask(client, &target, &mut events, url, proxy, login).await?;
            }
        }
        let close = json!({ "targetId": tab });
        let _ = client.call_within("", "Target.closeTarget", close, Duration::from_secs(3)).await;
        if !asked {
            tracing::info!(proxy = proxy.address, "the proxy did not ask for a login");
        }
        Ok(())
    };
    let done = tokio::time::timeout(2 * PATIENCE, done).await;
    client.unsubscribe(context);
    done.unwrap_or_else(|_| {
        Err(GatherError::NoAnswer {
            doing: format!("logging in to the proxy {}", proxy.address),
            after: 2 * PATIENCE,
        })
    })
}

/// Opens an address through the proxy and answers its question. Tells whether it asked.
async fn ask(
    client: &Client,
    target: &str,
    events: &mut tokio::sync::mpsc::UnboundedReceiver<Event>,
    url: &str,
    proxy: &Proxy,
    login: &Login,
) -> Result<bool, GatherError> {
    let refused = |said: &str| GatherError::Proxy { address: proxy.address.clone(), said: said.to_owned() };
    let opened = client.call_within(target, "Page.navigate", json!({ "url": url }), PATIENCE);
    tokio::pin!(opened);
    let mut answered = 0;
    let began = Instant::now();
    loop {
        let event = tokio::select! {
            answer = &mut opened => return match answer {
                Ok(v) => verdict(&v, answered > 0).map_err(|e| refused(&e)),
                Err(GatherError::NoAnswer { .. }) => {
                    Err(refused(&format!("it did not answer within {:.0} s", began.elapsed().as_secs_f64())))
                }
                Err(e) => Err(e),
            },
            event = events.recv() => event,
        };
        let Some(event) = event else {
            return Err(GatherError::BrowserGone { doing: "logging in to the proxy".to_owned() });
        };
        let id = event.params.text("requestId");
        match event.method.as_str() {
            "Fetch.requestPaused" => {
                client.post(&event.target, "Fetch.continueRequest", json!({ "requestId": id }));
            }
            "Fetch.authRequired" => {
                let ours = event.params["authChallenge"].text("source") == "Proxy";
                if ours && answered > 0 {
                    client.post(&event.target, "Fetch.continueWithAuth", answer(&id, None));
                    return Err(refused("it refuses the login: check user and password of --proxy"));
                }
                answered += u32::from(ours);
                client.post(&event.target, "Fetch.continueWithAuth", answer(&id, ours.then_some(login)));
            }
            _ => {}
        }
    }
}

/// What an opened or failed introduction means: any answer but the proxy's own failing will do, for there is no
/// such host.
fn verdict(navigated: &Value, asked: bool) -> Result<bool, String> {
    match navigated.text("errorText").as_str() {
        e @ ("net::ERR_PROXY_CONNECTION_FAILED"
        | "net::ERR_PROXY_CERTIFICATE_INVALID"
        | "net::ERR_NO_SUPPORTED_PROXIES"
        | "net::ERR_PROXY_AUTH_UNSUPPORTED"
        | "net::ERR_UNEXPECTED_PROXY_AUTH"
        | "net::ERR_INVALID_AUTH_CREDENTIALS") => Err(format!("{e}: {}", meaning(e))),
        _ => Ok(asked),
    }
}

fn meaning(error: &str) -> &'static str {
    match error {
        "net::ERR_PROXY_CONNECTION_FAILED" => "nothing answers at its address and port",
        "net::ERR_PROXY_CERTIFICATE_INVALID" => "its certificate is not accepted",
        "net::ERR_PROXY_AUTH_UNSUPPORTED" => "it asks for a login in a way that Chromium does not know",
        _ => "the login could not be made",
    }
}

fn answer(id: &str, login: Option<&Login>) -> Value {
    let response = match login {
        Some(l) => json!({ "response": "ProvideCredentials", "username": l.user, "password": l.password }),
        None => json!({ "response": "CancelAuth" }),
    };
    json!({ "requestId": id, "authChallengeResponse": response })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_taken_apart_and_never_shown() {
        let p = Proxy::read("http://us%20er:p%40ss%3A@proxy.test:3128").unwrap();
        assert_eq!(p.address(), "http://proxy.test:3128");
        let login = p.login.clone().unwrap();
        assert_eq!((login.user.as_str(), login.password.as_str()), ("us er", "p@ss:"));
        let shown = format!("{p:?}");
        assert!(!shown.contains("p@ss") && !shown.contains("us er"), "{shown}");
        assert_eq!(Proxy::read("proxy.test:3128").unwrap().address(), "http://proxy.test:3128");
        assert_eq!(Proxy::read("socks5://[::1]:1080").unwrap().address(), "socks5://[::1]:1080");
        assert!(!Proxy::read("socks5://[::1]:1080").unwrap().has_login());
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_its_login() {
        for bad in [
            "",
            "ftp://u:s3cret@p.test",
            "http://u:s3cret@",
            "http://u:s3cret@p.test:99999",
            "http://u:s3cret@p.test/path",
            "socks5://u:s3cret@p.test:1080",
            "http://u:%ff%fes3cret@p.test:1",
        ] {
            let said = Proxy::read(bad).unwrap_err().to_string();
            assert!(!said.contains("s3cret"), "{said}");
        }
        assert!(Proxy::read("socks5://u:p@p.test:1").unwrap_err().to_string().contains("SOCKS"));
    }
}

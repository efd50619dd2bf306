//! The command-line switches that the browser is started with, and why.

use std::net::SocketAddr;

use affiant_record::header::Vantage;

use super::device;
use crate::GatherError;

/// What a browser is to be started for, by somebody else.
#[derive(Debug, Clone, Default)]
pub struct ToStart {
    /// Its major version, for the user agent; without one that switch is left out.
    pub major: Option<u32>,
    /// As whom it looks: locale, device and size.
    pub vantage: Vantage,
    /// Host overrides, `HOST:PORT:ADDR`.
    pub resolve: Vec<String>,
    /// Accept any certificate.
    pub insecure: bool,
}

/// The switches with which affiant would start a browser itself, for starting one elsewhere.
///
/// # Errors
/// [`GatherError::BadResolve`].
pub fn to_start(o: &ToStart) -> Result<Vec<String>, GatherError> {
    let user_agent = device::user_agent(o.major.unwrap_or_default(), &o.vantage);
    let mut list = switches(&Wanted {
        user_agent: &user_agent,
        proxy: None,
        guard: None,
        resolve: &o.resolve,
        insecure: o.insecure,
        vantage: &o.vantage,
        root: false,
    })?;
    list.retain(|s| o.major.is_some() || !s.starts_with("--user-agent="));
    Ok(list)
}

/// What the switches depend on.
pub(crate) struct Wanted<'a> {
    pub(crate) user_agent: &'a str,
    pub(crate) proxy: Option<&'a str>,
    /// Where the guard listens: it does what proxy and resolve ask for.
    pub(crate) guard: Option<SocketAddr>,
    pub(crate) resolve: &'a [String],
    pub(crate) insecure: bool,
    pub(crate) vantage: &'a Vantage,
    pub(crate) root: bool,
}

/// The switches, without the profile's path and the protocol's pipe.
pub(crate) fn switches(w: &Wanted<'_>) -> Result<Vec<String>, GatherError> {
    let mut s: Vec<String> = [
        "--headless=new",
        // One merged list: a second one would replace the first. RenderDocument off: else beacons sent on
        // pagehide reach the server without an event; the same goes for pages kept for going back. Sandboxed frames
        // stay in the process of their page: one whose document is in the page (srcdoc) would else run before the
        // browser lets anyone attach to its process. The Omnibox pop-ups only cost time.
        "--disable-features=RenderDocument,BackForwardCache,IsolateSandboxedIframes,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,\
         SpareRendererForSitePerProcess,Translate,MediaRouter,OptimizationHints,DialMediaRouteProvider,\
         CertificateTransparencyComponentUpdater,NetworkTimeServiceQuerying,AutofillServerCommunication,InterestFeedContentSuggestions",
        // Some consent platforms hide from automated browsers: then the banner would never be seen.
        "--disable-blink-features=AutomationControlled",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Else it asks its maker for a list of accounts.
        "--allow-browser-signin=false",
        "--disable-default-apps",
        "--disable-extensions",
        "--disable-client-side-phishing-detection",
        "--disable-domain-reliability",
        "--metrics-recording-only",
        "--password-store=basic",
        "--use-mock-keychain",
        "--mute-audio",
        "--hide-scrollbars",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        // Several sessions run side by side; each must behave as if it were in front.
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        "--disable-background-timer-throttling",
        "--disable-ipc-flooding-protection",
        "--disable-prompt-on-repost",
        "--disable-hang-monitor",
        "--disable-breakpad",
        "--disable-quic",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    s.push(format!("--window-size={},{}", w.vantage.width, w.vantage.height));
    s.extend(device::switches(w.vantage));
    s.push(format!("--user-agent={}", w.user_agent));
    if let Some(locale) = &w.vantage.locale {
        s.push(format!("--lang={locale}"));
        s.push(format!("--accept-lang={}", device::languages(locale).join(",")));
    }
    let guard = w.guard.map(|at| format!("socks5://{at}"));
    if let Some(proxy) = guard.as_deref().or(w.proxy) {
        s.push(format!("--proxy-server={proxy}"));
        // Loopback too goes through the proxy: whoever names one means it.
        s.push("--proxy-bypass-list=<-loopback>".to_owned());
    }
    if w.guard.is_some() {
        // What would look a name up or connect by itself finds nothing.
        s.push("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1".to_owned());
        // Datagrams do not go through a proxy.
        s.push("--webrtc-ip-handling-policy=disable_non_proxied_udp".to_owned());
    } else if !w.resolve.is_empty() {
        let rules: Result<Vec<String>, GatherError> =
            w.resolve.iter().map(|r| Override::read(r).map(|o| o.rule())).collect();
        s.push(format!("--host-resolver-rules={}", rules?.join(",")));
    }
    if w.insecure {
        s.push("--ignore-certificate-errors".to_owned());
    }
    if w.root {
        // Chromium refuses to run its sandbox as root.
        s.push("--no-sandbox".to_owned());
    }
    Ok(s)
}

/// An override of where a host leads, `HOST:PORT:ADDR[:PORT]` (IPv6 addresses in brackets).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Override {
    /// May hold `*`.
    host: String,
    port: u16,
    /// Host or address; an IPv6 address in its brackets.
    pub(crate) to: String,
    pub(crate) to_port: Option<u16>,
}

impl Override {
    pub(crate) fn read(spec: &str) -> Result<Override, GatherError> {
        let bad = || GatherError::BadResolve(spec.to_owned());
        let (host, rest) = spec.split_once(':').ok_or_else(bad)?;
        let (port, addr) = rest.split_once(':').ok_or_else(bad)?;
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]*".contains(&b));
        let number = |s: &str| s.parse::<u16>().ok().filter(|p| *p > 0);
        let port = number(port).ok_or_else(bad)?;
        if host.is_empty() || addr.is_empty() || !plain(host) || !plain(addr) {
            return Err(bad());
        }
        // A bare IPv6 address needs its brackets.
        let (to, to_port) = if addr.parse::<std::net::Ipv6Addr>().is_ok() {
            (format!("[{addr}]"), None)
        } else {
            match addr.rsplit_once(':').filter(|_| !addr.ends_with(']')) {
                Some((to, port)) => (to.to_owned(), Some(number(port).ok_or_else(bad)?)),
                None => (addr.to_owned(), None),
            }
        };
        Ok(Override { host: host.to_ascii_lowercase(), port, to, to_port })
    }

    /// As Chromium takes it.
    fn rule(&self) -> String {
        let port = self.to_port.map(|p| format!(":{p}")).unwrap_or_default();
        format!("MAP {}:{} {}{port}", self.host, self.port, self.to)
    }

    /// Whether it is about this host, in lower case, and port.
    pub(crate) fn is_of(&self, host: &str, port: u16) -> bool {
        let mut parts = self.host.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = host.strip_prefix(first) else { return false };
        let mut last = None;
        for part in parts {
            if let Some(before) = last.replace(part) {
                let Some(at) = rest.find(before) else { return false };
                rest = &rest[at + before.len()..];
            }
        }
        self.port == port && last.map_or(rest.is_empty(), |end| rest.ends_with(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolver_rule(spec: &str) -> Result<String, GatherError> {
        Override::read(spec).map(|o| o.rule())
    }

    #[test]
    fn an_override_is_of_the_hosts_that_chromium_would_map() {
        let is = |rule: &str, host: &str| Override::read(rule).unwrap().is_of(host, 443);
        assert!(is("a.test:443:127.0.0.1", "a.test") && is("A.test:443:127.0.0.1", "a.test"));
        assert!(!is("a.test:80:127.0.0.1", "a.test") && !is("a.test:443:127.0.0.1", "aa.test"));
        assert!(is("*:443:127.0.0.1", "a.test") && is("*.test:443:127.0.0.1", "b.a.test"));
        assert!(is("a*c*e.test:443:127.0.0.1", "abcde.test") && !is("a*c*e.test:443:127.0.0.1", "abde.test"));
        assert!(!is("*.test:443:127.0.0.1", "test") && !is("a.test:443:127.0.0.1", "a.test.evil"));
    }

    #[test]
    fn resolve_takes_what_curl_takes_and_a_port() {
        assert_eq!(resolver_rule("a.test:443:127.0.0.1").unwrap(), "MAP a.test:443 127.0.0.1");
        assert_eq!(resolver_rule("*:443:127.0.0.1:8443").unwrap(), "MAP *:443 127.0.0.1:8443");
        assert_eq!(resolver_rule("a.test:443:::1").unwrap(), "MAP a.test:443 [::1]");
        assert_eq!(resolver_rule("a.test:443:[::1]:8443").unwrap(), "MAP a.test:443 [::1]:8443");
        for bad in [
            "",
            "a",
            "a:443",
            "a:x:1.2.3.4",
            ":443:1.2.3.4",
            "a:443:",
            "a:443:1.2.3.4,MAP * 6.6.6.6",
            "a:0:1.1.1.1",
            "a:443:1.1.1.1:0",
            "a:443:1.1.1.1:x",
        ] {
            assert!(resolver_rule(bad).is_err(), "{bad}");
        }
    }
}

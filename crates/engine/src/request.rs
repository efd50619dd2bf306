//! What an audit is asked for, as data: what a command line is turned into, what a schedule keeps, what an interface takes.

use std::path::Path;

use affiant_gather::{
    BrowserOptions, Dns, Proxy, RemoteAddress, Which, find, named_vantage, words_of_nobody,
};
use affiant_record::Scenario;
use affiant_record::audit::Plan;
use affiant_record::header::{Settings, Vantage};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::{EngineError, address, canary, run};

/// Pages that a session visits at most, unless the request says otherwise.
pub const DEFAULT_PAGES: u32 = 5;
/// Pages that can be asked for.
pub const MOST_PAGES: usize = 10_000;
/// The viewport: a common laptop's, in CSS pixels.
pub const VIEWPORT: (u32, u32) = (1280, 800);
/// The language that pages are told.
pub const LOCALE: &str = "en-US";

/// The device that the visitor has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Device {
    /// A desktop with a mouse: a window of 1280 × 800 on a screen of 1920 × 1080.
    #[default]
    Desktop,
    /// A phone: touch, a screen of 412 × 915, Chrome on Android.
    Mobile,
}

impl Device {
    /// Its name, as records have it.
    pub fn name(self) -> &'static str {
        match self {
            Device::Desktop => "desktop",
            Device::Mobile => "mobile",
        }
    }

    /// Width and height of a desktop's window, or of a phone's viewport below the browser's own bars.
    fn size(self) -> (u32, u32) {
        match self {
            Device::Desktop => VIEWPORT,
            Device::Mobile => (412, 785),
        }
    }
}

/// An audit that is asked for. Everything but the pages may be left out.
///
/// It holds secrets where headers or a proxy's login do: whoever keeps it keeps them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    /// Addresses. One: further pages are found on it. Several: exactly these are visited, and the choice is made on the
    /// first. `{canary}` in an address is filled with words that are nobody's.
    #[schemars(length(min = 1, max = 10_000))]
    pub pages: Vec<String>,
    /// Pages that a session visits at most, where further ones are found on the first.
    #[serde(default = "default_pages")]
    #[schemars(range(min = 1, max = 10_000))]
    pub max_pages: u32,
    /// Consent scenarios: `no-choice`, `ignore`, `dismiss`, `reject-all`, `custom:PURPOSES`, `accept-all`, `withdraw`,
    /// `returning`.
    #[serde(default = "default_scenarios")]
    #[schemars(length(min = 1))]
    pub scenarios: Vec<Scenario>,
    /// Whether each scenario's visitor leaves at the end and comes back.
    #[serde(default = "yes")]
    pub returns: bool,
    /// How many times each scenario is lived, in fresh profiles.
    #[serde(default = "once")]
    #[schemars(range(min = 1, max = 50))]
    pub repeat: u32,
    /// Where the visitor is said to be: `default` or `us-ca`.
    #[serde(default = "default_vantage")]
    pub vantage: String,
    /// Whether Global Privacy Control is sent, with a control that does not send it.
    #[serde(default)]
    pub gpc: bool,
    /// Whether third-party cookies are blocked.
    #[serde(default)]
    pub block_third_party_cookies: bool,
    /// The device: phones are shown other banners.
    #[serde(default)]
    pub device: Device,
    /// Added to the user agent, so that owners know the audit in their own logs: up to 100 letters, digits, spaces and `/ . + - _ : ( ) ;`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identify: Option<String>,
    /// Typing into fields.
    #[serde(default)]
    pub probe: Probe,
    /// Bound for one visit until its page is left, in seconds: 5 to 600. Loading and coming to rest get two thirds of it, and 45 s at most.
    #[serde(default = "default_timeout")]
    #[schemars(range(min = 5, max = 600))]
    pub timeout_s: u64,
    /// Least time on a page after its load, and after the choice, in seconds: 1 to 120.
    #[serde(default = "default_dwell")]
    #[schemars(range(min = 1, max = 120))]
    pub dwell_s: u64,
    /// Extra request headers for the site's own origin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// The proxy's address, perhaps with a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Who is asked what hosts under the site's domain are aliases of: `system`, `off`, or a server's address.
    #[serde(default = "default_dns")]
    pub dns: String,
    /// `HOST:PORT:ADDR`: hosts that are reached without asking DNS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolve: Vec<String>,
    /// Whether any certificate is accepted.
    #[serde(default)]
    pub insecure: bool,
    /// Program of the browser, or the address of a running one. Absent: the first of the usual places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// Sessions that run side by side. Absent: as many as fit the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub parallel: Option<u32>,
}

/// Typing into fields: each that is seen gets a value that is nobody's; nothing is submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Whether it is done.
    #[serde(default = "yes")]
    pub on: bool,
    /// Pages whose address holds one of these are left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_on: Vec<String>,
    /// Fields that one of these CSS selectors fits, or an element around them, are left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<String>,
}

impl Default for Probe {
    fn default() -> Probe {
        Probe { on: true, not_on: Vec::new(), leave_out: Vec::new() }
    }
}

/// An extra request header.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value: often a secret.
    pub value: String,
}

/// Values are secrets: logs must not hold them.
impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Header").field("name", &self.name).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AuditRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditRequest")
            .field("pages", &self.pages)
            .field("scenarios", &self.scenarios)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

fn default_pages() -> u32 {
    DEFAULT_PAGES
}

fn default_scenarios() -> Vec<Scenario> {
    Scenario::DEFAULT.to_vec()
}

fn yes() -> bool {
    true
}

fn once() -> u32 {
    1
}

fn default_vantage() -> String {
    "default".to_owned()
}

fn default_timeout() -> u64 {
    180
}

fn default_dwell() -> u64 {
    1
}

fn default_dns() -> String {
    "system".to_owned()
}

/// What a request holds, as JSON Schema (2020-12). The file in `docs/schema` is this.
pub fn schema() -> Schema {
    let mut schema = schemars::schema_for!(AuditRequest);
    let id = "https://github.com/affiant/affiant/blob/main/docs/schema/audit-request.v1.schema.json";
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), "affiant audit request, version 1".into());
    schema
}

/// A request that was read and can be carried out.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What is visited, how, and from where: as it is sealed with the audit. Without any secret.
    pub plan: Plan,
    /// The browser, with the proxy's login.
    pub browser: BrowserOptions,
    /// Bounds of a visit.
    pub settings: Settings,
    /// Extra headers, name and value.
    pub headers: Vec<(String, String)>,
    /// Sessions side by side.
    pub parallel: usize,
}

impl AuditRequest {
    /// An audit of these pages, all else as it is by default.
    pub fn of(pages: Vec<String>) -> AuditRequest {
        AuditRequest {
            pages,
            max_pages: default_pages(),
            scenarios: default_scenarios(),
            returns: true,
            repeat: once(),
            vantage: default_vantage(),
            gpc: false,
            block_third_party_cookies: false,
            device: Device::Desktop,
            identify: None,
            probe: Probe::default(),
            timeout_s: default_timeout(),
            dwell_s: default_dwell(),
            headers: Vec::new(),
            proxy: None,
            dns: default_dns(),
            resolve: Vec::new(),
            insecure: false,
            browser: None,
            parallel: None,
        }
    }

    /// The same without what is secret: values of headers, and the proxy's login.
    pub fn without_secrets(&self) -> AuditRequest {
        let headers = self.headers.iter().map(|h| Header { name: h.name.clone(), value: String::new() });
        let proxy = self.proxy.as_deref().and_then(|p| Proxy::read(p).ok()).map(|p| p.address().to_owned());
        AuditRequest { headers: headers.collect(), proxy, ..self.clone() }
    }

    /// A field of it that only who runs the machine may set: what program is run, and through whom the way out leads. None where
    /// anybody who may ask for audits may ask for this one.
    pub fn of_the_machine(&self) -> Option<&'static str> {
        match self {
            AuditRequest { browser: Some(_), .. } => Some("browser"),
            AuditRequest { proxy: Some(_), .. } => Some("proxy"),
            AuditRequest { parallel: Some(_), .. } => Some("parallel"),
            AuditRequest { dns, .. } if !matches!(dns.as_str(), "system" | "off") => Some("dns"),
            _ => None,
        }
    }

    /// Reads all that it says, and finds the browser. The first thing that cannot be carried out is the error.
    pub fn prepare(&self) -> Result<Prepared, EngineError> {
        self.prepare_with(words_of_nobody())
    }

    /// The same, with these words in the place of `{canary}`.
    pub(crate) fn prepare_with(&self, words: String) -> Result<Prepared, EngineError> {
        let plan = self.plan_with(&words)?;
        let has_words = plan.pages.iter().any(|u| canary::is_in(u, &words));
        let settings = Settings {
            visit_timeout_ms: self.timeout_s * 1000,
            quiet_ms: 500,
            dwell_ms: self.dwell_s * 1000,
            banner_wait_ms: 4000,
            body_limit: 2 << 20,
            probe: self.probe.on,
            probe_not_on: self.probe.not_on.clone(),
            probe_leave_out: self.probe.leave_out.clone(),
            canary: has_words.then_some(words),
            extra: Default::default(),
        };
        let browser = BrowserOptions {
            browser: browser(self.browser.as_deref())?,
            vantage: plan.vantage.clone(),
            proxy: self.proxy.as_deref().map(Proxy::read).transpose()?,
            dns: self.dns.parse()?,
            // Whoever runs it says so, not what was asked for.
            guard: None,
        };
        Ok(Prepared {
            plan,
            browser,
            settings,
            headers: self.headers.iter().map(|h| (h.name.clone(), h.value.clone())).collect(),
            parallel: self.parallel.map_or_else(run::slots, |n| n as usize),
        })
    }

    /// What is visited, how, and from where, with these words in the place of `{canary}`. All that can be checked without a
    /// browser is.
    pub(crate) fn plan_with(&self, words: &str) -> Result<Plan, EngineError> {
        let pages = self.addresses(words)?;
        self.bounds()?;
        let start = pages.first().ok_or_else(|| request("no address was given"))?.clone();
        let proxy = self.proxy.as_deref().map(Proxy::read).transpose()?;
        let _: Dns = self.dns.parse()?;
        let mut scenarios = self.scenarios.clone();
        scenarios.sort();
        scenarios.dedup();
        Ok(Plan {
            start,
            max_pages: if pages.len() > 1 { pages.len() as u32 } else { self.max_pages },
            pages,
            scenarios,
            // What the signal changes is seen where nothing else is decided.
            controls: if self.gpc { vec![Scenario::NoChoice] } else { Vec::new() },
            returns: self.returns,
            repeat: self.repeat,
            vantage: self.vantage(proxy.as_ref())?,
            extra: Default::default(),
        })
    }

    /// Each address once, in order, with words in the place of `{canary}`.
    fn addresses(&self, words: &str) -> Result<Vec<String>, EngineError> {
        let mut out = Vec::new();
        let mut known = std::collections::HashSet::new();
        for text in &self.pages {
            let url = address::read(&canary::fill(text, words))?.to_string();
            if known.insert(url.clone()) {
                out.push(url);
            }
        }
        if out.len() > MOST_PAGES {
            return Err(request(format!(
                "{} addresses were given: an audit visits at most {MOST_PAGES}",
                out.len()
            )));
        }
        Ok(out)
    }

    fn bounds(&self) -> Result<(), EngineError> {
        let within = |what: &str, n: u64, least: u64, most: u64| {
            if (least..=most).contains(&n) {
                Ok(())
            } else {
                Err(request(format!("{what} is {n}: it can be {least} to {most}")))
            }
        };
        within("max_pages", self.max_pages.into(), 1, MOST_PAGES as u64)?;
        within("repeat", self.repeat.into(), 1, 50)?;
        within("timeout_s", self.timeout_s, 5, 600)?;
        within("dwell_s", self.dwell_s, 1, 120)?;
        within("parallel", self.parallel.unwrap_or(1).into(), 1, 64)?;
        if self.scenarios.is_empty() {
            return Err(request("no scenario was given"));
        }
        if self.scenarios.contains(&Scenario::Unknown) {
            return Err(request(
                "the scenario 'unknown' is of visits that affiant did not make: it cannot be asked for",
            ));
        }
        for h in &self.headers {
            h.check()?;
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b" /.+-_:();".contains(&b);
        if self
            .identify
            .as_ref()
            .is_some_and(|t| t.trim().is_empty() || t.len() > 100 || !t.bytes().all(plain))
        {
            return Err(request(
                "what identifies the audit goes into the user agent: up to 100 letters, digits, spaces and / . + - _ : ( ) ;",
            ));
        }
        Ok(())
    }

    fn vantage(&self, proxy: Option<&Proxy>) -> Result<Vantage, EngineError> {
        let named = named_vantage(&self.vantage)
            .ok_or_else(|| request(format!("'{}' is no vantage: choose default or us-ca", self.vantage)))?;
        Ok(Vantage {
            locale: Some(named.locale.clone().unwrap_or_else(|| LOCALE.to_owned())),
            width: self.device.size().0,
            height: self.device.size().1,
            device: Some(self.device.name().to_owned()),
            identify: self.identify.clone(),
            proxy: proxy.map(|p| p.address().to_owned()),
            third_party_cookies: !self.block_third_party_cookies,
            gpc: self.gpc,
            insecure: self.insecure,
            resolve: self.resolve.clone(),
            header_names: self.headers.iter().map(|h| h.name.clone()).collect(),
            ..named
        })
    }
}

/// The browser that is meant: a program, the address of a running one, or the first of the usual places.
pub fn browser(text: Option<&str>) -> Result<Which, EngineError> {
    Ok(match text.map(RemoteAddress::read).transpose()?.flatten() {
        Some(address) => Which::Remote(address),
        None => Which::Program(find::find(text.map(Path::new))?),
    })
}

impl Header {
    /// Reads `Name: value`.
    pub fn read(text: &str) -> Result<Header, EngineError> {
        let (name, value) =
            text.split_once(':').ok_or_else(|| request("a header is written 'Name: value'"))?;
        let header = Header { name: name.trim().to_owned(), value: value.trim().to_owned() };
        header.check()?;
        Ok(header)
    }

    fn check(&self) -> Result<(), EngineError> {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if self.name.is_empty() || !self.name.bytes().all(token) {
            return Err(request(format!("'{}' is no header name", self.name)));
        }
        if self.value.contains(['\r', '\n', '\0']) {
            return Err(request("a header's value cannot hold line breaks"));
        }
        Ok(())
    }
}

fn request(why: impl Into<String>) -> EngineError {
    EngineError::Request(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<AuditRequest, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn the_pages_are_enough_and_what_is_left_out_is_as_by_default() {
        let least = read(r#"{"pages": ["example.com"]}"#).unwrap();
        assert_eq!(least, AuditRequest::of(vec!["example.com".to_owned()]));
        let again = read(&serde_json::to_string(&least).unwrap()).unwrap();
        assert_eq!(again, least);
    }

    #[test]
    fn what_nobody_knows_is_refused_rather_than_left_out() {
        for bad in [
            "{}",
            r#"{"pages": ["a.test"], "scenario": ["reject-all"]}"#,
            r#"{"pages": ["a.test"], "scenarios": ["reject"]}"#,
            r#"{"pages": ["a.test"], "probe": {"off": true}}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_carried_out_says_why() {
        let of = |change: fn(&mut AuditRequest)| {
            let mut r = AuditRequest::of(vec!["https://a.test/".to_owned()]);
            change(&mut r);
            r.prepare().map(|p| p.plan).unwrap_err().to_string()
        };
        let bad = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
        assert!(of(|r| r.pages.clear()).contains("no address"));
        assert!(of(|r| r.pages.push("ftp://a.test".into())).contains("'ftp://a.test'"));
        assert!(of(|r| r.repeat = 0).contains("repeat is 0: it can be 1 to 50"));
        assert!(of(|r| r.timeout_s = 1).contains("5 to 600"));
        assert!(of(|r| r.vantage = "moon".into()).contains("'moon' is no vantage"));
        assert!(of(|r| r.dns = "nobody".into()).contains("'nobody' is no name server"));
        assert!(of(|r| r.scenarios.clear()).contains("no scenario"));
        assert!(of(|r| r.scenarios.push(Scenario::Unknown)).contains("cannot be asked for"));
        for header in [bad("", "v"), bad("a b", "c"), bad("a", "b\r\nc: d")] {
            assert!(header.check().is_err(), "{header:?}");
        }
        assert!(Header::read("X-A: b: c").is_ok_and(|h| h.name == "X-A" && h.value == "b: c"));
        assert!(Header::read("nocolon").is_err());
    }

    #[test]
    fn the_schema_file_is_what_is_derived() {
        const FILE: &str = "docs/schema/audit-request.v1.schema.json";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FILE);
        let derived = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        if std::env::var_os("AFFIANT_UPDATE").is_some() {
            std::fs::write(&path, &derived).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == derived,
            "{FILE} is not what the type says; write it again: AFFIANT_UPDATE=1 cargo test -p affiant-engine schema"
        );
    }

    #[test]
    fn secrets_are_not_in_what_is_logged() {
        let mut r = AuditRequest::of(vec!["https://a.test/".to_owned()]);
        r.headers.push(Header { name: "Authorization".to_owned(), value: "s3cret".to_owned() });
        r.proxy = Some("http://u:s3cret@p.test:8080".to_owned());
        let said = format!("{r:?}");
        assert!(said.contains("Authorization") && !said.contains("s3cret"), "{said}");
    }
}

//! Cookies: set by header (with the browser's reason where it refused), set by script (with the script), and the
//! whole jar at each phase.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use affiant_record::Observation;
use affiant_record::footer::collectors::COOKIES;
use affiant_record::network::Headers;
use affiant_record::storage::{Cookie, CookieJar, CookieWrite};
use serde_json::{Value, json};

use super::calls::Report;
use super::network::{self, strings};
use super::{api_calls, objects};
use crate::cdp::json::Read as _;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    let whole = visit.calls.status(&["document.cookie", "CookieStore."], network::seen(visit, reach));
    Some((COOKIES, visit.failed(COOKIES).unwrap_or(whole)))
}

/// How long the browser gets to put a cookie into its jar before the jar is asked.
const ASK_AFTER: Duration = Duration::from_millis(100);
/// How long the jar may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Cookies that scripts set, until the browser's jar was asked whether it took them.
#[derive(Default)]
pub(crate) struct Asked {
    waiting: Vec<Written>,
    /// Whether somebody is about to ask.
    asking: bool,
}

struct Written {
    line: CookieWrite,
    when: When,
    wall_ms: f64,
    target: String,
    /// Whether it was written or deleted again before the jar was asked: then the jar cannot tell.
    again: bool,
}

/// A script set one.
pub(crate) fn reported(shared: &Arc<Shared>, r: Report) {
    if r.field(0) != "cookieStore" {
        if r.field(2) == "object" {
            // The browser makes its text, once: what it was, the jar tells.
            api_calls::noted(shared, r, "Document.cookie", "set to an object");
        } else {
            let raw = r.field(1).to_owned();
            written(shared, r, "document.cookie", &raw);
        }
    } else if r.field(2) != "object" {
        let raw = match r.field(1) {
            "delete" => format!("{}=; Max-Age=0", r.field(2)),
            _ => format!("{}={}", r.field(2), r.field(3)),
        };
        written(shared, r, "cookieStore", &raw);
    } else {
        let me = Arc::clone(shared);
        shared.follow_up(async move {
            let of = objects::properties(&me, &r.target, &r.object).await;
            let text = |key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default();
            let mut raw = format!("{}={}", text("name"), text("value"));
            if r.field(1) == "delete" {
                raw = format!("{}=; Max-Age=0", text("name"));
            }
            if let Some(at) = of.get("expires").and_then(Value::as_f64) {
                raw += &format!("; Max-Age={}", ((at - r.wall_ms) / 1000.0).round());
            }
            for (key, attribute) in [("domain", "Domain"), ("path", "Path"), ("sameSite", "SameSite")] {
                if !text(key).is_empty() {
                    raw += &format!("; {attribute}={}", text(key));
                }
            }
            if of.get("partitioned") == Some(&Value::Bool(true)) {
                raw += "; Partitioned";
            }
            written(&me, r, "cookieStore", &raw);
        });
    }
}

/// Puts a write by, and has the jar asked about it.
fn written(shared: &Arc<Shared>, r: Report, via: &str, raw: &str) {
    let host = {
        let state = shared.lock();
        let of = |url: &str| url::Url::parse(url).ok().and_then(|u| u.host_str().map(str::to_owned));
        // An empty document has its opener's origin.
        of(&r.url).or_else(|| of(state.tab.contexts.origin(&r.target, r.context)?)).unwrap_or_default()
    };
    let mut line = parse(raw, &host);
    line.via = via.to_owned();
    line.frame = r.frame;
    line.document_url = Some(r.url);
    line.stack = r.stack;
    let mut state = shared.lock();
    let asked = &mut state.visit.cookies;
    asked.mark_again(&line.name);
    asked.waiting.push(Written { line, when: r.when, wall_ms: r.wall_ms, target: r.target, again: false });
    if !std::mem::replace(&mut asked.asking, true) {
        let me = Arc::clone(shared);
        shared.follow_up(async move {
            tokio::time::sleep(ASK_AFTER).await;
            let all = {
                let asked = &mut me.lock().visit.cookies;
                asked.asking = false;
                std::mem::take(&mut asked.waiting)
            };
            ask(&me, all).await;
        });
    }
}

impl Asked {
    fn mark_again(&mut self, name: &str) {
        for w in self.waiting.iter_mut().filter(|w| w.line.name == name) {
            w.again = true;
        }
    }
}

/// Asks the browser which of these it holds, and writes them down.
async fn ask(shared: &Arc<Shared>, all: Vec<Written>) {
    let mut jars: BTreeMap<String, Option<Vec<Value>>> = BTreeMap::new();
    for w in &all {
        if !jars.contains_key(&w.target) {
            let urls: BTreeSet<&str> = all
                .iter()
                .filter(|o| o.target == w.target)
                .filter_map(|o| o.line.document_url.as_deref())
                .filter(|u| u.starts_with("http"))
                .collect();
            let params = json!({ "urls": urls });
            let jar = shared.client.call_within(&w.target, "Network.getCookies", params, PATIENCE).await;
            jars.insert(w.target.clone(), jar.ok().map(|j| j.list("cookies").to_vec()));
        }
    }
    for mut w in all {
        let jar = jars.get(&w.target).and_then(Option::as_deref);
        if jar.is_some_and(|jar| !w.again && refused(&w.line, jar, w.wall_ms)) {
            w.line.blocked.push("NotVisibleAfterWrite".to_owned());
        }
        let (name, value, taken) = (w.line.name.clone(), w.line.value.clone(), w.line.blocked.is_empty());
        let t = shared.recorder.record(w.when, Observation::CookieWrite(w.line));
        if taken {
            shared.lock().visit.stored.note(t, format!("cookie:{name}"), value);
        }
    }
    shared.changed.notify_waiters();
}

/// Whether the browser refused a cookie that a script set: its jar, asked shortly after for what this page would send, did
/// not hold it. A cookie for another path is not asked for here, a deletion leaves nothing to see, and one that is not for
/// scripts cannot be set by them.
fn refused(line: &CookieWrite, jar: &[Value], wall_ms: f64) -> bool {
    let url = line.document_url.as_deref().and_then(|u| url::Url::parse(u).ok());
    let Some(url) = url.filter(|u| u.has_host()) else { return false };
    // RFC 6265, 5.1.4: a path matches itself and what lies below it.
    let here = line.path.as_deref().is_none_or(|p| {
        let p = p.trim_end_matches('/');
        url.path().strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let deletes = line.value.is_empty()
        || line.expires_ms.is_some_and(|e| e < wall_ms)
        || line.extra.get("max_age_s").and_then(Value::as_f64).is_some_and(|a| a <= 0.0);
    let domain = |c: &Value| c.text("domain").trim_start_matches('.').to_ascii_lowercase();
    let held = jar.iter().any(|c| {
        c.text("name") == line.name
            && c.text("value") == line.value
            && !c.flag("httpOnly")
            && (domain(c) == line.domain || line.domain.is_empty())
    });
    here && !deletes && !held
}

/// Cookies of a response's headers.
pub(crate) fn from_headers(shared: &Arc<Shared>, id: &str, hop: u32, headers: &Headers, p: &Value) {
    let host = {
        let state = shared.lock();
        // Headers may be told before their request: then the reader joins them by request id.
        state.tab.hops.url(id, hop)
    };
    let host = url::Url::parse(&host).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_default();
    for (_, raw) in headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("set-cookie")) {
        let mut line = parse(raw, &host);
        line.via = "header".to_owned();
        line.request_id = Some(id.to_owned());
        line.hop = Some(hop);
        line.blocked = p
            .list("blockedCookies")
            .iter()
            .find(|b| b.text("cookieLine") == *raw)
            .map(|b| strings(b.list("blockedReasons")))
            .unwrap_or_default();
        let (name, value, refused) = (line.name.clone(), line.value.clone(), !line.blocked.is_empty());
        shared.lock().visit.cookies.mark_again(&name);
        let t = shared.recorder.record(When::Now, Observation::CookieWrite(line));
        if !refused {
            shared.lock().visit.stored.note(t, format!("cookie:{name}"), value);
        }
    }
}

/// Writes the whole jar and returns it.
pub(crate) async fn jar(shared: &Arc<Shared>, browser_context: &str, at: &str) -> Option<Vec<Cookie>> {
    let answer =
        shared.client.call("", "Storage.getCookies", json!({ "browserContextId": browser_context })).await;
    let answer = match answer {
        Ok(a) => a,
        Err(e) => {
            shared.lock().visit.fail(COOKIES, format!("the jar: {e}"));
            return None;
        }
    };
    let cookies: Vec<Cookie> = answer
        .list("cookies")
        .iter()
        .map(|c| Cookie {
            name: c.text("name"),
            value: c.text("value"),
            domain: c.text("domain"),
            path: c.text("path"),
            expires_ms: c["expires"].as_f64().filter(|e| *e > 0.0).map(|e| e * 1000.0),
            secure: c.flag("secure"),
            http_only: c.flag("httpOnly"),
            same_site: c.opt_text("sameSite"),
            partition: c["partitionKey"].opt_text("topLevelSite"),
        })
        .collect();
    shared.recorder.record(
        When::Now,
        Observation::CookieJar(CookieJar {
            at: at.to_owned(),
            cookies: cookies.clone(),
            ..Default::default()
        }),
    );
    Some(cookies)
}

/// Takes a cookie text apart (RFC 6265, 5.2): tolerant, as browsers are.
fn parse(raw: &str, host: &str) -> CookieWrite {
    let mut parts = raw.split(';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = pair.split_once('=').unwrap_or(("", pair));
    let mut line = CookieWrite {
        raw: raw.to_owned(),
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        domain: host.to_owned(),
        ..Default::default()
    };
    let (mut max_age, mut expires) = (None, None);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.is_empty() => {
                line.domain = value.trim_start_matches('.').to_ascii_lowercase();
                line.domain_given = true;
            }
            "path" if value.starts_with('/') => line.path = Some(value.to_owned()),
            "expires" => expires = http_date(value),
            "max-age" => max_age = value.parse::<f64>().ok(),
            "secure" => line.flags.push("Secure".to_owned()),
            "httponly" => line.flags.push("HttpOnly".to_owned()),
            "partitioned" => line.flags.push("Partitioned".to_owned()),
            "samesite" => line.flags.push(format!("SameSite={value}")),
            _ => {}
        }
    }
    // Max-Age is relative: kept apart, because this code knows no clock that the record would not.
    if let Some(age) = max_age {
        line.extra.insert("max_age_s".to_owned(), Value::from(age));
    }
    line.expires_ms = expires;
    line
}

/// A cookie date in ms since the Unix epoch.
fn http_date(text: &str) -> Option<f64> {
    let (mut day, mut month, mut year, mut clock) = (None, None, None, None);
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    for token in text.split([' ', '-', ',']).filter(|t| !t.is_empty()) {
        let lower = token.to_ascii_lowercase();
        if clock.is_none() && token.contains(':') {
            let mut n = token.split(':').map(|x| x.parse::<i64>().ok());
            clock = Some((n.next()??, n.next()??, n.next().flatten().unwrap_or(0)));
        } else if let Some(m) = MONTHS.iter().position(|m| lower.starts_with(m)) {
            month.get_or_insert(m as i64 + 1);
        } else if let Ok(n) = token.parse::<i64>() {
            if day.is_none() && (1..=31).contains(&n) {
                day = Some(n);
            } else if year.is_none() && (0..=9999).contains(&n) {
                year = Some(if n < 70 {
                    n + 2000
                } else if n < 100 {
                    n + 1900
                } else {
                    n
                });
            }
        }
    }
    let (y, m, d, (h, min, s)) = (year?, month?, day?, clock?);
    // Days since the epoch of a civil date (Howard Hinnant's algorithm).
    let (y, era_m) = if m <= 2 { (y - 1, m + 9) } else { (y, m - 3) };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * era_m + 2) / 5 + d - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = era * 146_097 + doe - 719_468;
    Some((((days * 24 + h) * 60 + min) * 60 + s) as f64 * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_read_as_browsers_read_them() {
        let c = parse(
            "_ga=GA1.1; Path=/; Domain=.shop.test; Expires=Wed, 21 Oct 2026 07:28:00 GMT; SameSite=None; secure",
            "www.shop.test",
        );
        assert_eq!((c.name.as_str(), c.domain.as_str(), c.domain_given), ("_ga", "shop.test", true));
        assert_eq!(c.expires_ms, Some(1_792_567_680_000.0));
        assert_eq!(c.flags, ["SameSite=None", "Secure"]);
        let c = parse("lonely", "h");
        assert_eq!((c.name.as_str(), c.value.as_str(), c.domain.as_str()), ("", "lonely", "h"));
        assert_eq!(parse("a=b=c; max-age=-1", "h").extra["max_age_s"], -1.0);
        assert_eq!(http_date("Thu, 01-Jan-1970 00:00:00 GMT"), Some(0.0));
        assert_eq!(http_date("nonsense"), None);
        assert_eq!(http_date("1:2:x 3 jan 1999"), Some(915_325_320_000.0));
    }

    #[test]
    fn only_a_cookie_that_should_be_in_the_jar_and_is_not_counts_as_refused() {
        let is = |raw: &str, jar: Value| {
            let line = CookieWrite { document_url: Some("https://h/foobar".into()), ..parse(raw, "h") };
            refused(&line, jar.as_array().unwrap(), 1e12)
        };
        let holds = |name: &str, value: &str, domain: &str, http_only: bool| json!([{ "name": name, "value": value, "domain": domain, "httpOnly": http_only }]);
        for raw in ["a=1", "a=1; path=/", "a=1; path=/foobar"] {
            assert!(is(raw, json!([])), "{raw}");
            assert!(!is(raw, holds("a", "1", "h", false)), "{raw}");
        }
        // The same pair for the host itself does not make one for a public suffix; nor is one that scripts cannot set theirs.
        assert!(is("a=1; domain=.test", holds("a", "1", "h", false)));
        assert!(is("a=1", holds("a", "1", "h", true)));
        assert!(is("a=1", holds("a", "2", "h", false)));
        for raw in ["a=1; path=/foo", "a=", "a=1; max-age=0", "a=1; expires=Mon, 01 Jan 2001 00:00:00 GMT"] {
            assert!(!is(raw, json!([])), "{raw}");
        }
    }
}

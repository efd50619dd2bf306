//! Cookies: set by header (with the browser's reason where it refused), set by script (with the script), and the
//! whole jar at each phase.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::footer::collectors::COOKIES;
use affiant_record::network::Headers;
use affiant_record::storage::{Cookie, CookieJar, CookieWrite};
use serde_json::{Value, json};

use super::hooks::Report;
use super::network::{self, strings};
use crate::cdp::json::Read as _;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    Some((COOKIES, visit.failed(COOKIES).unwrap_or_else(|| network::seen(visit, reach))))
}

/// A script set one.
pub(crate) fn reported(shared: &Arc<Shared>, r: &Report) {
    let host = url::Url::parse(&r.url).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_default();
    let mut line = parse(r.field(1), &host);
    line.via = if r.field(0) == "cookieStore" { "cookieStore" } else { "document.cookie" }.to_owned();
    let kept = match r.field(2) {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    };
    if refused(&line, kept, &r.url, r.wall_ms) {
        line.blocked.push("NotVisibleAfterWrite".to_owned());
    }
    line.frame = r.frame.clone();
    line.document_url = Some(r.url.clone());
    line.stack = r.stack.clone();
    let (name, value) = (line.name.clone(), line.value.clone());
    let t = shared.recorder.record(r.when, Observation::CookieWrite(line));
    shared.lock().visit.stored.note(t, format!("cookie:{name}"), value);
    shared.changed.notify_waiters();
}

/// Whether the browser refused a cookie that a script set: it was not there right after, though it should have been
/// visible on this page. A cookie for another path is not visible here, and a deletion leaves nothing to see.
fn refused(line: &CookieWrite, kept: Option<bool>, url: &str, wall_ms: f64) -> bool {
    let path = url::Url::parse(url).map(|u| u.path().to_owned()).unwrap_or_default();
    // RFC 6265, 5.1.4: a path matches itself and what lies below it.
    let here = line.path.as_deref().is_none_or(|p| {
        let p = p.trim_end_matches('/');
        path.strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let deletes = line.value.is_empty()
        || line.expires_ms.is_some_and(|e| e < wall_ms)
        || line.extra.get("max_age_s").and_then(Value::as_f64).is_some_and(|a| a <= 0.0);
    kept == Some(false) && here && !deletes
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
    fn only_a_cookie_that_should_be_visible_and_is_not_counts_as_refused() {
        let is = |raw: &str, kept| refused(&parse(raw, "h"), kept, "https://h/foobar", 1e12);
        assert!(
            is("a=1", Some(false)) && is("a=1; path=/", Some(false)) && is("a=1; path=/foobar", Some(false))
        );
        for (raw, kept) in [
            ("a=1", Some(true)),
            ("a=1", None),
            ("a=1; path=/foo", Some(false)),
            ("a=", Some(false)),
            ("a=1; max-age=0", Some(false)),
            ("a=1; expires=Mon, 01 Jan 2001 00:00:00 GMT", Some(false)),
        ] {
            assert!(!is(raw, kept), "{raw}");
        }
    }
}

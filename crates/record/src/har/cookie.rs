//! Cookies that a HAR tells: `Set-Cookie` headers, or the list beside them.

use serde_json::Value;

use super::parts::{Cookie, Pair};
use super::time;
use crate::storage::CookieWrite;

/// Every cookie that a response set. The list counts where it tells more than the headers: some makers join
/// repeated headers into one line, others leave the headers out.
pub(super) fn set(headers: &[Pair], listed: &[Cookie], host: &str) -> Vec<CookieWrite> {
    let lines: Vec<&str> = headers
        .iter()
        .filter(|h| h.name.eq_ignore_ascii_case("set-cookie"))
        .flat_map(|h| h.value.split('\n'))
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    if listed.len() > lines.len() {
        return listed.iter().map(|c| from_list(c, host)).collect();
    }
    lines.into_iter().map(|l| from_header(l, host)).collect()
}

/// The `Cookie` header that a list of sent cookies stands for.
pub(super) fn sent(listed: &[Cookie]) -> Option<String> {
    if listed.is_empty() {
        return None;
    }
    let each: Vec<String> = listed.iter().map(|c| format!("{}={}", c.name, c.value)).collect();
    Some(each.join("; "))
}

/// Takes a cookie text apart (RFC 6265, 5.2): tolerant, as browsers are.
fn from_header(raw: &str, host: &str) -> CookieWrite {
    let mut parts = raw.split(';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = pair.split_once('=').unwrap_or(("", pair));
    let mut out = CookieWrite {
        via: "header".to_owned(),
        raw: raw.to_owned(),
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        domain: host.to_owned(),
        ..CookieWrite::default()
    };
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.is_empty() => {
                out.domain = value.trim_start_matches('.').to_ascii_lowercase();
                out.domain_given = true;
            }
            "path" if value.starts_with('/') => out.path = Some(value.to_owned()),
            "expires" => out.expires_ms = time::cookie_date(value),
            "max-age" => {
                if let Ok(s) = value.parse::<i64>() {
                    out.extra.insert("max_age_s".to_owned(), Value::from(s));
                }
            }
            "secure" => out.flags.push("Secure".to_owned()),
            "httponly" => out.flags.push("HttpOnly".to_owned()),
            "partitioned" => out.flags.push("Partitioned".to_owned()),
            "samesite" => out.flags.push(format!("SameSite={value}")),
            _ => {}
        }
    }
    out
}

/// The list has no raw text: one is written, and the line says so.
fn from_list(c: &Cookie, host: &str) -> CookieWrite {
    let mut raw = format!("{}={}", c.name, c.value);
    let mut attribute = |name: &str, value: &str| {
        if !value.is_empty() {
            raw.push_str(&format!("; {name}={value}"));
        }
    };
    attribute("Domain", &c.domain);
    attribute("Path", &c.path);
    attribute("SameSite", &c.same_site);
    let mut out = from_header(&raw, host);
    out.expires_ms = time::read(&c.expires).or_else(|| time::cookie_date(&c.expires)).filter(|ms| *ms > 0.0);
    // A list writes the host itself where no Domain attribute was given.
    out.domain_given = !c.domain.is_empty() && (c.domain.starts_with('.') || c.domain != host);
    for (on, flag) in [(&c.secure, "Secure"), (&c.http_only, "HttpOnly")] {
        if on.as_bool() == Some(true) {
            out.flags.push(flag.to_owned());
        }
    }
    out.extra.insert("from".to_owned(), Value::from("the HAR's list of cookies"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &str) -> Pair {
        Pair { name: "Set-Cookie".into(), value: value.into() }
    }

    #[test]
    fn headers_that_were_joined_by_a_line_break_are_taken_apart() {
        let all = set(
            &[header("a=1; Path=/; Secure\nb=2; Domain=.x.test; Max-Age=60"), header("c=3")],
            &[],
            "www.x.test",
        );
        let names: Vec<_> =
            all.iter().map(|c| (c.name.as_str(), c.domain.as_str(), c.domain_given)).collect();
        assert_eq!(names, [("a", "www.x.test", false), ("b", "x.test", true), ("c", "www.x.test", false)]);
        assert_eq!(all[0].flags, ["Secure"]);
        assert_eq!(all[1].extra["max_age_s"], 60);
    }

    #[test]
    fn the_list_counts_where_it_tells_more() {
        let c = |name: &str| Cookie {
            name: name.into(),
            value: "v".into(),
            domain: ".ads.test".into(),
            expires: "2027-01-01T00:00:00.000Z".into(),
            secure: Value::from(true),
            ..Cookie::default()
        };
        let all = set(&[header("a=1, b=2")], &[c("a"), c("b")], "ads.test");
        assert_eq!(all.len(), 2);
        assert_eq!((all[1].name.as_str(), all[1].domain_given, all[1].flags.len()), ("b", true, 1));
        assert_eq!(all[1].expires_ms, Some(1_798_761_600_000.0));
        assert_eq!(sent(&[c("a"), c("b")]).unwrap(), "a=v; b=v");
    }
}

//! Which of a page's links are visited next.

use url::Url;

/// Words in a path that promise forms and other sensitive pages: visited first.
const TELLING: [&str; 22] = [
    "checkout",
    "cart",
    "basket",
    "contact",
    "login",
    "log-in",
    "signin",
    "sign-in",
    "register",
    "signup",
    "sign-up",
    "account",
    "chat",
    "support",
    "help",
    "search",
    "book",
    "appointment",
    "quote",
    "apply",
    "subscribe",
    "product",
];
/// Words that lead to what must not be pressed.
const SHUNNED: [&str; 7] = ["logout", "log-out", "signout", "sign-out", "abmelden", "unsubscribe", "delete"];
/// Endings of what is no page.
const FILES: [&str; 22] = [
    "pdf", "zip", "gz", "jpg", "jpeg", "png", "gif", "webp", "svg", "ico", "mp4", "webm", "mp3", "css", "js",
    "json", "xml", "rss", "csv", "xlsx", "docx", "exe",
];

/// Chooses up to `max` pages, the start page first, then from its links: same host, one of each path.
pub fn choose(start: &str, final_url: &str, links: &[String], max: usize) -> Vec<String> {
    let mut out = vec![start.to_owned()];
    let Ok(base) = Url::parse(final_url) else { return out };
    let path = |u: &Url| u.path().trim_end_matches('/').to_owned();
    let mut seen = vec![path(&base)];
    if let Ok(s) = Url::parse(start) {
        seen.push(path(&s));
    }
    let mut candidates: Vec<(bool, Url)> = Vec::new();
    for link in links {
        let Ok(url) = Url::parse(link) else { continue };
        let lower = url.path().to_ascii_lowercase();
        let is_file = lower
            .rsplit('/')
            .next()
            .and_then(|f| f.rsplit_once('.'))
            .is_some_and(|(_, e)| FILES.contains(&e));
        let same_host =
            url.host_str() == base.host_str() && url.port_or_known_default() == base.port_or_known_default();
        let shunned = SHUNNED.iter().any(|w| lower.contains(w));
        if !same_host
            || is_file
            || shunned
            || !matches!(url.scheme(), "http" | "https")
            || seen.contains(&path(&url))
        {
            continue;
        }
        seen.push(path(&url));
        candidates.push((!TELLING.iter().any(|w| lower.contains(w)), url));
    }
    // Stable: within each half the order of the document stays.
    candidates.sort_by_key(|(plain, _)| *plain);
    out.extend(candidates.into_iter().map(|(_, u)| u.to_string()).take(max.saturating_sub(1)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_same_host_are_chosen_once_and_telling_ones_first() {
        let links: Vec<String> = [
            "https://www.a.test/",
            "https://www.a.test/about",
            "https://www.a.test/about?x=1",
            "https://other.test/",
            "https://www.a.test/file.pdf",
            "https://www.a.test/logout",
            "https://www.a.test/checkout",
            "mailto:x@y",
            "https://www.a.test/contact",
        ]
        .map(str::to_owned)
        .to_vec();
        let got = choose("https://www.a.test/", "https://www.a.test/", &links, 4);
        assert_eq!(
            got,
            [
                "https://www.a.test/",
                "https://www.a.test/checkout",
                "https://www.a.test/contact",
                "https://www.a.test/about"
            ]
        );
        assert_eq!(choose("https://a.test/", "https://a.test/", &links, 1).len(), 1);
        assert_eq!(choose("https://a.test/", "nonsense", &links, 9).len(), 1);
    }
}

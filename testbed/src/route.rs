//! A route: which requests it takes and what they get. The same words serve vendors and sites.

use crate::vendor::host_matches;
use serde::Deserialize;

/// One `[[route]]` of a vendor's or a site's file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    /// Which of the hosts; empty means all.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// The method; empty means any.
    #[serde(default)]
    pub(crate) method: String,
    /// The path, where `*` stands for any run of characters.
    pub(crate) path: String,
    /// What must be in the query; empty means anything.
    #[serde(default)]
    pub(crate) query: String,
    /// The status, 200 unless told (302 with `redirect`).
    pub(crate) status: Option<u16>,
    /// The content type; from the file's name unless told.
    #[serde(rename = "type")]
    pub(crate) content_type: Option<String>,
    /// Further response headers.
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    /// `Set-Cookie` values.
    #[serde(default)]
    pub(crate) cookies: Vec<String>,
    /// A file: `npm:<name>`, `third_party:<package>/<name>`, `stand-in:<name>` or `site:<site>/<path>`.
    pub(crate) file: Option<String>,
    /// The body, where there is no file.
    #[serde(default)]
    pub(crate) body: String,
    /// Where to redirect to.
    pub(crate) redirect: Option<String>,
    /// Fill the body up to so many bytes: code, style, blanks or noise, by the content type.
    pub(crate) bytes: Option<u64>,
    /// A picture (BMP) of so many pixels, width and height.
    pub(crate) picture: Option<[u16; 2]>,
    /// Parts of a body that are sent one after the other, `pause_ms` apart: an event stream, for example.
    #[serde(default)]
    pub(crate) parts: Vec<String>,
    /// The pause between two parts.
    #[serde(default)]
    pub(crate) pause_ms: u64,
    /// After the last part the connection stays open, instead of the body's end.
    #[serde(default)]
    pub(crate) lasts: bool,
    /// Answer with method, length and type of what came, as JSON.
    #[serde(default)]
    pub(crate) echo: bool,
    /// Give this `ETag`, and 304 to whoever has it.
    pub(crate) etag: Option<String>,
    /// Whether CORS is granted, preflights too.
    #[serde(default = "granted")]
    pub(crate) cors: bool,
    /// Wait so long before answering.
    #[serde(default)]
    pub(crate) delay_ms: u64,
    /// Accept a WebSocket and answer each text frame with this.
    pub(crate) socket_reply: Option<String>,
    /// Accept a WebSocket and send each frame back as it came.
    #[serde(default)]
    pub(crate) socket_echo: bool,
    /// Misbehave instead of answering.
    pub(crate) trouble: Option<Trouble>,
}

/// Ways to misbehave that data cannot express.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Trouble {
    /// Never answers.
    Hang,
    /// Answers, and then sends for ever.
    Endless,
    /// Promises more bytes than it sends, then cuts the connection.
    Truncate,
    /// Cuts the connection without an answer.
    Abort,
    /// Redirects to itself for ever.
    RedirectLoop,
}

fn granted() -> bool {
    true
}

impl Route {
    /// Whether it takes a request.
    pub(crate) fn takes(&self, host: &str, method: &str, path: &str, query: &str) -> bool {
        (self.hosts.is_empty() || self.hosts.iter().any(|pattern| host_matches(pattern, host)))
            && (self.method.is_empty() || self.method == method)
            && query.contains(&self.query)
            && path_matches(&self.path, path)
    }
}

/// Whether a path is what a pattern says; `*` is any run of characters.
pub(crate) fn path_matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((head, rest)) => path.strip_prefix(head).is_some_and(|tail| {
            rest.is_empty()
                || (0..=tail.len()).any(|i| tail.get(i..).is_some_and(|tail| path_matches(rest, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::path_matches;

    #[test]
    fn a_star_stands_for_any_run() {
        assert!(path_matches("/tag/*", "/tag/abc"));
        assert!(path_matches("/a/*/c.js", "/a/b/b/c.js"));
        assert!(path_matches("*", "/"));
        assert!(!path_matches("/tag/*", "/tags/abc"));
        assert!(!path_matches("/a/*/c.js", "/a/b/c.jsx"));
    }
}

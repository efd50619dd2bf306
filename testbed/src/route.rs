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
    /// A file: `npm:<name>`, `third_party:<package>/<name>` or `stand-in:<name>`.
    pub(crate) file: Option<String>,
    /// The body, where there is no file.
    #[serde(default)]
    pub(crate) body: String,
    /// Where to redirect to.
    pub(crate) redirect: Option<String>,
    /// Wait so long before answering.
    #[serde(default)]
    pub(crate) delay_ms: u64,
    /// Accept a WebSocket and answer each text frame with this; `{text}` is what came.
    pub(crate) socket_reply: Option<String>,
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

impl Route {
    /// Whether it takes a request.
    pub(crate) fn takes(&self, host: &str, method: &str, path: &str, query: &str) -> bool {
        (self.hosts.is_empty() || self.hosts.iter().any(|pattern| host_matches(pattern, host)))
            && (self.method.is_empty() || self.method == method)
            && query.contains(&self.query)
            && path_matches(&self.path, path)
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
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

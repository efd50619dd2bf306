//! What the guard has to tell of requests that went through it: the browser knows the guard's address only.

use affiant_record::network::Response;
use serde_json::Value;

use crate::guard::Trouble;
use crate::session::shared::Shared;

/// Puts the address that the guard connected to in the place of its own.
pub(crate) fn reached(shared: &Shared, url: &str, line: &mut Response) {
    let Some(told) = &shared.options.guard else { return };
    let by_guard = line.remote_port == Some(told.at.port())
        && line.remote_ip.as_deref().is_some_and(|ip| ip == told.at.ip().to_string());
    if !by_guard {
        return;
    }
    let reached = told.reached(url);
    line.remote_ip = reached.as_ref().map(|r| r.at.ip().to_string());
    line.remote_port = reached.as_ref().map(|r| r.at.port());
    let one_of: Vec<Value> =
        reached.map(|r| r.one_of.iter().map(|a| a.to_string().into()).collect()).unwrap_or_default();
    if !one_of.is_empty() {
        line.extra.insert("remote_one_of".to_owned(), one_of.into());
    }
}

/// Why the guard did not connect, where the browser says only that its proxy did not.
pub(crate) fn trouble(shared: &Shared, url: &str, error: Option<&str>) -> Option<Trouble> {
    let by_guard =
        error.is_some_and(|e| e.contains("ERR_SOCKS_CONNECTION") || e.contains("ERR_ADDRESS_UNREACHABLE"));
    shared.options.guard.as_ref().filter(|_| by_guard)?.trouble(url)
}

//! What a request says of consent itself. A ping that announces *denied* was still sent; the reader should know both.

use affiant_detect::facts::RequestFact;

/// Whether it carries Google consent mode's sign for ad and analytics storage both denied, `gcs=G100`.
pub(crate) fn announces_denied(r: &RequestFact) -> bool {
    let query = r.url.split_once('?').map_or("", |(_, q)| q);
    query.split(['&', '#']).any(|p| p == "gcs=G100")
}

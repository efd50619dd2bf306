//! A request as it is kept with its audit: what else must be the same when it goes on elsewhere or later.

use affiant_gather::words_of_nobody;
use affiant_record::audit::Plan;
use serde::{Deserialize, Serialize};

use crate::{AuditRequest, EngineError, Header, Prepared};

/// What an audit was asked for, and the words that were made up for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptRequest {
    /// The request.
    pub request: AuditRequest,
    /// What stands in the place of `{canary}`.
    words: String,
}

impl KeptRequest {
    /// With new words.
    pub fn new(request: AuditRequest) -> KeptRequest {
        KeptRequest { request, words: words_of_nobody() }
    }

    /// As [`AuditRequest::prepare`], and the same each time.
    pub fn prepare(&self) -> Result<Prepared, EngineError> {
        self.request.prepare_with(self.words.clone())
    }

    /// What is visited, how, and from where: without looking for a browser.
    pub fn plan(&self) -> Result<Plan, EngineError> {
        self.request.plan_with(&self.words)
    }

    /// The same without what is secret: values of headers, and the proxy's login.
    pub(crate) fn without_secrets(&self) -> KeptRequest {
        KeptRequest { request: self.request.without_secrets(), words: self.words.clone() }
    }

    /// Brings back the values of headers that were not kept. The error is the name of one that is not given.
    pub(crate) fn with_headers(&mut self, given: &[Header]) -> Result<(), String> {
        for header in &mut self.request.headers {
            let value = given.iter().find(|h| h.name.eq_ignore_ascii_case(&header.name));
            header.value = value.ok_or_else(|| header.name.clone())?.value.clone();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_no_secret_and_the_same_words() {
        let mut request = AuditRequest::of(vec!["https://a.test/?q={canary}".to_owned()]);
        request.headers = vec![Header::read("X-Key: s3cret").unwrap()];
        request.proxy = Some("http://me:s3cret@proxy.test:8080".to_owned());
        let asked = KeptRequest::new(request);
        let mut kept = asked.without_secrets();
        assert!(!serde_json::to_string(&kept).unwrap().contains("s3cret"));
        assert_eq!(kept.with_headers(&[]), Err("X-Key".to_owned()));
        kept.with_headers(&[Header::read("x-key: s3cret").unwrap()]).unwrap();
        assert_eq!(kept.request.headers, asked.request.headers);
        assert_eq!(asked.plan().unwrap(), kept.plan().unwrap());
    }
}

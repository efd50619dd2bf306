//! `{canary}` in an address stands for words that are nobody's, so that whoever is sent them was sent what this page's
//! address says, and nothing else that is called so.
//!
//! They are the same throughout an audit: a page keeps its address in every scenario, and can be compared.

/// What stands for them.
const HOLDER: &str = "{canary}";

/// The address with the words in the place of `{canary}`, percent-encoded. Whether there was any.
pub(crate) fn fill(address: &str, words: &str) -> (String, bool) {
    (address.replace(HOLDER, &words.replace(' ', "%20")), address.contains(HOLDER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stand_in_its_place() {
        let words = affiant_gather::words_of_nobody();
        assert!(words.len() == 19 && words.bytes().all(|b| b == b' ' || b.is_ascii_lowercase()), "{words}");
        let (url, put) = fill("a.test/search?q={canary}&p=1", "tova nelk");
        assert_eq!((url.as_str(), put), ("a.test/search?q=tova%20nelk&p=1", true));
        assert_eq!(fill("a.test/search?q=x", "tova nelk"), ("a.test/search?q=x".to_owned(), false));
    }
}

//! `{canary}` in an address stands for words that are nobody's, so that whoever is sent them was sent what this page's
//! address says, and nothing else that is called so.
//!
//! They are the same throughout an audit: a page keeps its address in every scenario, and can be compared.

/// What stands for them.
const HOLDER: &str = "{canary}";

/// The address with the words in the place of `{canary}`.
pub(crate) fn fill(address: &str, words: &str) -> String {
    address.replace(HOLDER, &encoded(words))
}

/// Whether the words stand in this address.
pub(crate) fn is_in(address: &str, words: &str) -> bool {
    address.contains(&encoded(words))
}

fn encoded(words: &str) -> String {
    words.replace(' ', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stand_in_its_place() {
        let words = affiant_gather::words_of_nobody();
        assert!(words.len() == 19 && words.bytes().all(|b| b == b' ' || b.is_ascii_lowercase()), "{words}");
        let of = |address: &str| {
            let url = fill(address, "tova nelk");
            let put = is_in(&url, "tova nelk");
            (url, put)
        };
        assert_eq!(of("a.test/search?q={canary}&p=1"), ("a.test/search?q=tova%20nelk&p=1".to_owned(), true));
        assert_eq!(of("a.test/search?q=x"), ("a.test/search?q=x".to_owned(), false));
    }
}

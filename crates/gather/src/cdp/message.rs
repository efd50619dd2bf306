//! One message of the browser: an answer, or an event. Of what cannot be read, at least whose it was, if that can be told.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::client::Event;
use super::lenient::{self, Told};

/// What the browser said.
#[derive(Debug)]
pub(crate) enum Message {
    /// The answer to a call; not whole, if parts of it were nested too deep.
    Answer { id: u64, answer: Answer, whole: bool },
    /// An event; not whole likewise.
    Event { event: Event, whole: bool },
    /// What cannot be read, as far as its beginning and its end tell what it was. Both empty: nobody knows.
    Unread { method: String, target: String },
}

/// A result, or what the browser said instead.
pub(crate) type Answer = Result<Value, Refusal>;

/// Why there is no result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The browser said no, in these words.
    Said(String),
    /// It answered, and the answer cannot be read.
    Unread,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(rename = "sessionId")]
    target: Option<String>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl Message {
    /// Reads one. Whatever the bytes are, it is one of the three.
    pub(crate) fn read(bytes: &[u8]) -> Message {
        let text = lenient::text(bytes);
        match serde_json::from_str::<Envelope<'_>>(&text) {
            Ok(envelope) => Message::opened(envelope),
            Err(_) => Message::fished(&text),
        }
    }

    fn opened(envelope: Envelope<'_>) -> Message {
        let told = |raw: Option<&RawValue>| match raw {
            Some(raw) => lenient::read(raw.get()),
            None => Some(Told { value: Value::Null, whole: true }),
        };
        if let Some(id) = envelope.id {
            let (answer, whole) = match (envelope.error, told(envelope.result)) {
                (Some(error), _) => {
                    let said = told(Some(error)).and_then(|e| Some(e.value["message"].as_str()?.to_owned()));
                    (Err(Refusal::Said(said.unwrap_or_else(|| "no reason given".to_owned()))), true)
                }
                (None, Some(Told { value, whole })) => (Ok(value), whole),
                (None, None) => (Err(Refusal::Unread), false),
            };
            return Message::Answer { id, answer, whole };
        }
        let (method, target) =
            (envelope.method.map(Cow::into_owned).unwrap_or_default(), envelope.target.unwrap_or_default());
        match told(envelope.params) {
            Some(Told { value, whole }) if !method.is_empty() => {
                Message::Event { event: Event { method, params: value, target }, whole }
            }
            _ => Message::Unread { method, target },
        }
    }

    /// The browser writes id or method first, and the target last: nothing that a page says can stand in their places.
    fn fished(text: &str) -> Message {
        if let Some(id) = text
            .strip_prefix(r#"{"id":"#)
            .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next())
            .and_then(|id| id.parse().ok())
        {
            return Message::Answer { id, answer: Err(Refusal::Unread), whole: false };
        }
        let word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        let method = text
            .strip_prefix(r#"{"method":""#)
            .and_then(|rest| rest.split('"').next())
            .filter(|m| word(m))
            .unwrap_or_default();
        let target = text
            .strip_suffix(r#""}"#)
            .and_then(|rest| rest.rsplit_once(r#","sessionId":""#))
            .map(|(_, target)| target)
            .filter(|t| word(t))
            .unwrap_or_default();
        Message::Unread { method: method.to_owned(), target: target.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_what_cannot_be_read_its_owner_is_told() {
        for (text, method, target) in [
            (r#"{"method":"Network.x","params":{"a":},"sessionId":"AB12"}"#, "Network.x", "AB12"),
            (r#"{"method":"Network.x","params":{"a":"#, "Network.x", ""),
            (r#"{"method":"Network.x","params":"\u12","sessionId":"AB12"}"#, "Network.x", "AB12"),
            (r#"{"x":1,"sessionId":"AB12"}"#, "", "AB12"),
            (r#"{"x":","sessionId":"<b>"}"#, "", ""),
            ("junk", "", ""),
            ("[]", "", ""),
        ] {
            let Message::Unread { method: m, target: t } = Message::read(text.as_bytes()) else {
                panic!("{text} was read");
            };
            assert_eq!((m.as_str(), t.as_str()), (method, target), "{text}");
        }
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_one_still() {
        for text in [r#"{"id":7,"result":{"a":"#, r#"{"id":7,"result":{"a":"\u1"}}"#] {
            let Message::Answer { id: 7, answer, .. } = Message::read(text.as_bytes()) else {
                panic!("{text}")
            };
            assert_eq!(answer, Err(Refusal::Unread), "{text}");
        }
        let refused = br#"{"id":7,"error":{"message":"no \ud800"}}"#;
        let Message::Answer { answer, .. } = Message::read(refused) else { panic!() };
        assert_eq!(answer, Err(Refusal::Said("no \u{fffd}".to_owned())));
    }

    #[test]
    fn halves_of_characters_and_bytes_that_are_no_text_cost_nothing_else() {
        let text = b"{\"method\":\"Network.x\",\"params\":{\"f\":\"\\ud800\",\"g\":\"\xff\",\"url\":\"u\"},\"sessionId\":\"A\"}";
        let Message::Event { event, whole: true } = Message::read(text) else { panic!() };
        assert_eq!((event.params["url"].as_str(), event.params["f"].as_str()), (Some("u"), Some("\u{fffd}")));
    }

    proptest! {
        #[test]
        fn any_bytes_are_borne(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Message::read(&bytes);
        }

        /// A message that is cut off or altered anywhere never passes for another call's answer or another target's event.
        #[test]
        fn a_broken_message_is_nobody_elses(cut in 0_usize..90, byte in any::<u8>()) {
            let text = br#"{"method":"Network.requestWillBeSent","params":{"f":"\ud800 \"sessionId\":\"B\""},"sessionId":"A"}"#;
            let mut broken = text.to_vec();
            broken[cut] = byte;
            for bytes in [&text[..cut], &broken[..]] {
                match Message::read(bytes) {
                    Message::Answer { .. } => prop_assert!(false),
                    Message::Event { event, .. } => prop_assert!(event.target != "B"),
                    Message::Unread { target, .. } => prop_assert!(target.is_empty() || target == "A"),
                }
            }
        }
    }
}

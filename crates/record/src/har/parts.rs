//! The parts of a HAR as they are read: tolerant of `null`, of numbers as text and of what is missing.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{lenient, time};

/// `creator` and `browser`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Maker {
    #[serde(deserialize_with = "text")]
    pub(super) name: String,
    #[serde(deserialize_with = "text")]
    pub(super) version: String,
    #[serde(deserialize_with = "text")]
    pub(super) comment: String,
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(deserialize_with = "text")]
    pub(super) id: String,
    #[serde(deserialize_with = "text")]
    pub(super) title: String,
    #[serde(deserialize_with = "text")]
    pub(super) started_date_time: String,
}

/// An entry, whole.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(deserialize_with = "text")]
    pub(super) pageref: String,
    #[serde(deserialize_with = "text")]
    pub(super) started_date_time: String,
    #[serde(deserialize_with = "number")]
    pub(super) time: Option<f64>,
    #[serde(deserialize_with = "or_default")]
    pub(super) request: Request,
    #[serde(deserialize_with = "or_default")]
    pub(super) response: Response,
    pub(super) timings: Value,
    #[serde(rename = "serverIPAddress", deserialize_with = "text")]
    pub(super) server_ip: String,
    #[serde(deserialize_with = "text")]
    pub(super) comment: String,
    #[serde(rename = "_initiator")]
    pub(super) initiator: Value,
    #[serde(rename = "_resourceType", deserialize_with = "text")]
    pub(super) resource_type: String,
    #[serde(rename = "_priority", deserialize_with = "text")]
    pub(super) priority: String,
    #[serde(rename = "_fromCache", deserialize_with = "text")]
    pub(super) from_cache: String,
    #[serde(rename = "_fetchType", deserialize_with = "text")]
    pub(super) fetch_type: String,
    #[serde(rename = "_serverPort", deserialize_with = "number")]
    pub(super) server_port: Option<f64>,
    #[serde(rename = "_securityDetails")]
    pub(super) security: Value,
    #[serde(rename = "_webSocketMessages", deserialize_with = "list")]
    pub(super) messages: Vec<Message>,
}

/// What was sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Request {
    #[serde(deserialize_with = "text")]
    pub(super) method: String,
    #[serde(deserialize_with = "text")]
    pub(super) url: String,
    #[serde(deserialize_with = "text")]
    pub(super) http_version: String,
    #[serde(deserialize_with = "list")]
    pub(super) headers: Vec<Pair>,
    #[serde(deserialize_with = "list")]
    pub(super) cookies: Vec<Cookie>,
    #[serde(deserialize_with = "optional")]
    pub(super) post_data: Option<PostData>,
    #[serde(deserialize_with = "number")]
    pub(super) body_size: Option<f64>,
}

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Response {
    #[serde(deserialize_with = "number")]
    pub(super) status: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub(super) http_version: String,
    #[serde(deserialize_with = "list")]
    pub(super) headers: Vec<Pair>,
    #[serde(deserialize_with = "list")]
    pub(super) cookies: Vec<Cookie>,
    #[serde(deserialize_with = "or_default")]
    pub(super) content: Content,
    #[serde(rename = "redirectURL", deserialize_with = "text")]
    pub(super) redirect_url: String,
    #[serde(deserialize_with = "number")]
    pub(super) headers_size: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(super) body_size: Option<f64>,
    #[serde(rename = "_transferSize", deserialize_with = "number")]
    pub(super) transfer_size: Option<f64>,
    #[serde(rename = "_error", deserialize_with = "text")]
    pub(super) error: String,
    #[serde(rename = "_failureText", deserialize_with = "text")]
    pub(super) failure_text: String,
    #[serde(rename = "_fetchedViaServiceWorker")]
    pub(super) via_worker: Value,
}

/// A body that came back.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Content {
    #[serde(deserialize_with = "number")]
    pub(super) size: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub(super) mime_type: String,
    #[serde(deserialize_with = "optional_text")]
    pub(super) text: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) encoding: String,
    #[serde(deserialize_with = "text")]
    pub(super) comment: String,
    #[serde(rename = "_file", deserialize_with = "text")]
    pub(super) file: String,
}

/// A body that was sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PostData {
    #[serde(deserialize_with = "optional_text")]
    pub(super) text: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(super) params: Vec<Pair>,
    #[serde(rename = "_encoding", alias = "encoding", deserialize_with = "text")]
    pub(super) encoding: String,
    #[serde(rename = "_file", deserialize_with = "text")]
    pub(super) file: String,
}

/// A header or a parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Pair {
    #[serde(deserialize_with = "text")]
    pub(super) name: String,
    #[serde(deserialize_with = "text")]
    pub(super) value: String,
}

/// A cookie of the lists beside the headers.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Cookie {
    #[serde(deserialize_with = "text")]
    pub(super) name: String,
    #[serde(deserialize_with = "text")]
    pub(super) value: String,
    #[serde(deserialize_with = "text")]
    pub(super) path: String,
    #[serde(deserialize_with = "text")]
    pub(super) domain: String,
    #[serde(deserialize_with = "text")]
    pub(super) expires: String,
    pub(super) http_only: Value,
    pub(super) secure: Value,
    #[serde(deserialize_with = "text")]
    pub(super) same_site: String,
}

/// A frame of a WebSocket.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    #[serde(rename = "type", deserialize_with = "text")]
    pub(super) kind: String,
    #[serde(deserialize_with = "number")]
    pub(super) time: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(super) opcode: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub(super) data: String,
}

impl Entry {
    /// Reads one, with its beginning in milliseconds since the Unix epoch. An error says why no exchange can be made of it.
    pub(super) fn read(raw: &str) -> Result<(f64, Entry), String> {
        if !raw.starts_with('{') {
            return Err("is no object".to_owned());
        }
        let entry: Entry = lenient::read(raw).map_err(|e| format!("cannot be read: {e}"))?;
        let started = time::read(&entry.started_date_time).ok_or_else(|| {
            format!(
                "has no time that can be read in startedDateTime ('{}')",
                crate::hostile::line(&entry.started_date_time, 60)
            )
        })?;
        if entry.request.url.trim().is_empty() {
            return Err("has no request with an address".to_owned());
        }
        Ok((started, entry))
    }
}

/// The value of the first header of this name.
pub(super) fn header<'a>(headers: &'a [Pair], name: &str) -> Option<&'a str> {
    headers.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value.as_str())
}

/// Text, or a number or a truth as text; anything else is empty.
pub(super) fn text<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    Ok(d.deserialize_any(Loose)?.unwrap_or_default())
}

fn optional_text<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    d.deserialize_any(Loose)
}

/// A number, or one as text; anything else, and what is not finite, is none.
fn number<'de, D: Deserializer<'de>>(d: D) -> Result<Option<f64>, D::Error> {
    Ok(d.deserialize_any(Loose)?.and_then(|t| t.trim().parse().ok()).filter(|n: &f64| n.is_finite()))
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Option::<T>::deserialize(d)
}

/// A list; anything else is an empty one.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    d.deserialize_any(List(PhantomData))
}

struct Loose;

impl<'de> Visitor<'de> for Loose {
    type Value = Option<String>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a number")
    }
    fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
        Ok(Some(v.to_owned()))
    }
    fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
        Ok(Some(v.to_string()))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
        Ok(Some(v.to_string()))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
        Ok(Some(v.to_string()))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
        Ok(Some(v.to_string()))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut a: A) -> Result<Self::Value, A::Error> {
        while a.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut a: A) -> Result<Self::Value, A::Error> {
        while a.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

struct List<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut a: A) -> Result<Self::Value, A::Error> {
        let mut out = Vec::new();
        while let Some(x) = a.next_element()? {
            out.push(x);
        }
        Ok(out)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut a: A) -> Result<Self::Value, A::Error> {
        while a.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Vec::new())
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}

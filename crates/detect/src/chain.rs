//! What caused each request, and the chain from the page to it.
//!
//! A cause always stands before its effect in the list, so chains end. What the browser did not tell is `unknown`:
//! nothing is guessed.

use std::collections::HashMap;

use affiant_record::network::{StackFrame, StackSegment};
use affiant_record::{Observation, VisitRecord};

use crate::address::without_fragment;
use crate::facts::Cause;
use crate::requests::Sent;

/// Requests for one address that are looked at for a cause, the latest first.
const LOOKED_AT: usize = 64;

/// What caused one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Caused {
    /// How it is known.
    pub(crate) cause: Cause,
    /// Index of the request that caused it, always smaller than its own.
    pub(crate) by: Option<usize>,
}

/// The causes of all requests, and which one is the page.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    /// One a request.
    pub(crate) list: Vec<Caused>,
    /// The page's own first request.
    pub(crate) page: Option<usize>,
    /// The main frame.
    pub(crate) main_frame: Option<String>,
}

impl Causes {
    /// The causes of these requests.
    pub(crate) fn of(record: &VisitRecord, sent: &[Sent<'_>]) -> Causes {
        let page =
            sent.iter().position(|s| s.is_navigation()).or(if sent.is_empty() { None } else { Some(0) });
        let main_frame = page.and_then(|p| sent.get(p)).and_then(|s| s.frame()).map(str::to_owned);
        let find = Finder::new(record, sent);
        let list = (0..sent.len()).map(|i| find.cause(i, page, main_frame.as_deref())).collect();
        Causes { list, page, main_frame }
    }

    /// The chain from the page to a request, the page first.
    pub(crate) fn chain(&self, to: usize) -> Vec<usize> {
        let mut out = vec![to];
        let mut at = to;
        while let Some(by) = self.list.get(at).and_then(|c| c.by).filter(|by| *by < at) {
            out.push(by);
            at = by;
        }
        if let Some(page) = self.page.filter(|p| *p < at) {
            out.push(page);
        }
        out.reverse();
        out
    }
}

struct Finder<'a, 'r> {
    sent: &'a [Sent<'r>],
    /// Requests that can have brought code: scripts, documents.
    code: HashMap<&'r str, Vec<usize>>,
    /// All requests but preflights.
    any: HashMap<&'r str, Vec<usize>>,
    by_id: HashMap<(&'r str, u32), usize>,
    /// Navigations of each frame.
    documents: HashMap<&'r str, Vec<usize>>,
    parents: HashMap<&'r str, &'r str>,
    attached: HashMap<&'r str, &'r [StackSegment]>,
}

impl<'a, 'r> Finder<'a, 'r> {
    fn new(record: &'r VisitRecord, sent: &'a [Sent<'r>]) -> Finder<'a, 'r> {
        let mut f = Finder {
            sent,
            code: HashMap::new(),
            any: HashMap::new(),
            by_id: HashMap::new(),
            documents: HashMap::new(),
            parents: HashMap::new(),
            attached: HashMap::new(),
        };
        for (i, s) in sent.iter().enumerate() {
            let Some(r) = s.request() else { continue };
            f.by_id.entry((&r.request_id, r.hop)).or_insert(i);
            if r.resource_type == "Preflight" || r.initiator.kind == "preflight" {
                continue;
            }
            let url = without_fragment(&r.url);
            f.any.entry(url).or_default().push(i);
            if r.navigation || matches!(r.resource_type.as_str(), "Script" | "Document" | "Stylesheet") {
                f.code.entry(url).or_default().push(i);
            }
            if let (true, Some(frame)) = (r.navigation, r.frame.as_deref()) {
                f.documents.entry(frame).or_default().push(i);
            }
        }
        for l in &record.lines {
            if let Observation::Frame(x) = &l.what {
                if let Some(parent) = &x.parent {
                    f.parents.entry(&x.frame).or_insert(parent);
                }
                if !x.stack.is_empty() {
                    f.attached.entry(&x.frame).or_insert(&x.stack);
                }
            }
        }
        f
    }

    fn cause(&self, i: usize, page: Option<usize>, main_frame: Option<&str>) -> Caused {
        let Some(s) = self.sent.get(i) else { return Caused::default() };
        if let Some(r) = s.request().filter(|r| r.hop > 0) {
            let by = self.by_id.get(&(r.request_id.as_str(), r.hop - 1)).copied().filter(|by| *by < i);
            let url = by.and_then(|b| self.sent.get(b)).map(|b| b.url().to_owned());
            return Caused {
                cause: Cause { kind: "redirect".into(), url: url.map(Into::into), ..Cause::default() },
                by,
            };
        }
        if page == Some(i) {
            return Caused { cause: kind("page"), by: None };
        }
        if s.is_navigation() && s.frame().is_some() && s.frame() != main_frame {
            return self.framed(i, s);
        }
        let Some(initiator) = s.initiator() else { return Caused { cause: kind("unknown"), by: None } };
        match initiator.kind.as_str() {
            "preflight" => self.preflight(i, initiator.request_id.as_deref()),
            "preload" => self.by_document(i, s, "preload"),
            "parser" => self.by_document(i, s, "parser"),
            // A call stack is told for `script`, and sometimes for `other`: it is what it is in both.
            _ => self.by_stack(i, &initiator.stack, "script").unwrap_or_else(|| match &initiator.url {
                Some(url) if initiator.kind == "script" && !url.is_empty() => {
                    self.at(i, "script", url, initiator.line, initiator.column)
                }
                _ => Caused { cause: kind("unknown"), by: None },
            }),
        }
    }

    /// A document in a child frame: by the script or the document that put the frame there, or sent it elsewhere.
    fn framed(&self, i: usize, s: &Sent<'r>) -> Caused {
        let initiator = s.initiator();
        let own = initiator.and_then(|x| self.by_stack(i, &x.stack, "frame"));
        let attached = || self.by_stack(i, self.attached.get(s.frame()?)?, "frame");
        if let Some(c) = own.or_else(attached) {
            return c;
        }
        if let Some(url) = initiator.and_then(|x| x.url.as_deref()).filter(|u| !u.is_empty()) {
            let (line, column) = initiator.map_or((None, None), |x| (x.line, x.column));
            return self.at(i, "frame", url, line, column);
        }
        let parent = s.frame().and_then(|f| self.parents.get(f));
        let by = parent.and_then(|p| self.latest(self.documents.get(p), i));
        let url = by.and_then(|b| self.sent.get(b)).map(|b| b.url().to_owned());
        Caused { cause: Cause { kind: "frame".into(), url: url.map(Into::into), ..Cause::default() }, by }
    }

    /// The request that a preflight was sent for; where that stands later in time, what caused that one.
    fn preflight(&self, i: usize, request_id: Option<&str>) -> Caused {
        let for_whom = request_id.and_then(|id| self.by_id.get(&(id, 0)).copied()).filter(|x| *x != i);
        let url = for_whom.and_then(|x| self.sent.get(x)).map(|x| x.url().to_owned());
        let by = match for_whom {
            Some(x) if x > i => self
                .sent
                .get(x)
                .and_then(|s| s.initiator())
                .and_then(|n| self.by_stack(i, &n.stack, "preflight"))
                .and_then(|c| c.by),
            other => other,
        };
        Caused { cause: Cause { kind: "preflight".into(), url: url.map(Into::into), ..Cause::default() }, by }
    }

    fn by_document(&self, i: usize, s: &Sent<'r>, kind: &str) -> Caused {
        let initiator = s.initiator();
        let told = initiator.and_then(|x| x.url.as_deref()).filter(|u| !u.is_empty());
        let document = s.request().map(|r| r.document_url.as_str()).filter(|u| !u.is_empty());
        let Some(url) = told.or(document) else {
            return Caused { cause: Cause { kind: kind.into(), ..Cause::default() }, by: None };
        };
        let (line, column) = initiator.map_or((None, None), |x| (x.line, x.column));
        let mut c = self.at(i, kind, url, line, column);
        if c.by.is_none() {
            c.by = document.and_then(|d| self.lookup(d, i));
        }
        c
    }

    /// The innermost frame with an address, in the newest part of the stack that has one. Where nothing was seen
    /// to load it (code made at run time), the next frame outwards whose script was.
    fn by_stack(&self, i: usize, stack: &[StackSegment], kind: &str) -> Option<Caused> {
        let frames = || stack.iter().flat_map(|s| &s.frames).filter(|f| !f.url.is_empty());
        let first: &StackFrame = frames().next()?;
        let by = frames().take(LOOKED_AT).find_map(|f| self.lookup(&f.url, i));
        let function = (!first.function.is_empty()).then(|| first.function.clone());
        Some(Caused {
            cause: Cause {
                kind: kind.into(),
                url: Some(first.url.as_str().into()),
                line: Some(first.line.saturating_add(1)),
                column: Some(first.column.saturating_add(1)),
                function: function.map(Into::into),
            },
            by,
        })
    }

    fn at(&self, i: usize, kind: &str, url: &str, line: Option<u64>, column: Option<u64>) -> Caused {
        let cause = Cause {
            kind: kind.into(),
            url: Some(url.into()),
            line: line.map(|l| l.saturating_add(1)),
            column: column.map(|c| c.saturating_add(1)),
            function: None,
        };
        Caused { cause, by: self.lookup(url, i) }
    }

    /// The request before `i` that brought what is at this address: best in the same frame, then the same target.
    fn lookup(&self, url: &str, i: usize) -> Option<usize> {
        let url = without_fragment(url);
        let me = self.sent.get(i)?;
        let near = |x: usize| {
            let it = self.sent.get(x);
            (it.is_some_and(|s| s.frame() == me.frame()), it.is_some_and(|s| s.target() == me.target()), x)
        };
        let best = |list: Option<&Vec<usize>>| {
            let list = list?;
            let before = list.partition_point(|x| *x < i);
            list.get(..before)?.iter().rev().take(LOOKED_AT).copied().max_by_key(|x| near(*x))
        };
        best(self.code.get(url)).or_else(|| best(self.any.get(url)))
    }

    fn latest(&self, list: Option<&Vec<usize>>, i: usize) -> Option<usize> {
        let list = list?;
        list.get(..list.partition_point(|x| *x < i))?.last().copied()
    }
}

fn kind(word: &str) -> Cause {
    Cause { kind: word.into(), ..Cause::default() }
}

#[cfg(test)]
mod tests {
    use affiant_record::network::{Initiator, Request};
    use affiant_record::page::Frame;
    use proptest::prelude::*;

    use super::*;
    use crate::requests;
    use crate::sample::{other, parser, record, request, script, stack};

    const PAGE: &str = "https://www.shop.test/";

    fn causes(lines: Vec<Observation>) -> Causes {
        let r = record(PAGE, (1..).map(f64::from).zip(lines).collect());
        Causes::of(&r, &requests::all(&r))
    }

    fn told(c: &Causes) -> Vec<(&str, Option<usize>)> {
        c.list.iter().map(|c| (c.cause.kind.as_str(), c.by)).collect()
    }

    #[test]
    fn page_parser_scripts_and_redirects() {
        let hop = |hop| {
            let r =
                request("5", "https://px.vendor.test/r", "Image", script(&["https://cdn.vendor.test/v.js"]));
            Observation::Request(Request { hop, ..r })
        };
        let mut preflight = request("6", "https://api.vendor.test/x", "Preflight", other());
        preflight.initiator = Initiator { kind: "preflight".into(), request_id: Some("4".into()), ..other() };
        let c = causes(vec![
            Observation::Request(request("1", &format!("{PAGE}#top"), "Document", other())),
            Observation::Request(request("2", "https://tm.vendor.test/gtm.js", "Script", parser(PAGE))),
            Observation::Request(request(
                "3",
                "https://cdn.vendor.test/v.js",
                "Script",
                script(&["", "https://tm.vendor.test/gtm.js", PAGE]),
            )),
            Observation::Request(request(
                "4",
                "https://api.vendor.test/x",
                "Fetch",
                script(&["https://cdn.vendor.test/v.js"]),
            )),
            hop(0),
            hop(1),
            Observation::Request(preflight),
            Observation::Request(request("7", "https://www.shop.test/inline", "Fetch", script(&[PAGE]))),
            Observation::Request(request(
                "8",
                "https://www.shop.test/font",
                "Font",
                Initiator { kind: "preload".into(), ..parser(PAGE) },
            )),
            Observation::Request(request("9", "https://www.shop.test/?", "Ping", other())),
        ]);
        assert_eq!(
            told(&c),
            [
                ("page", None),
                ("parser", Some(0)),
                ("script", Some(1)),
                ("script", Some(2)),
                ("script", Some(2)),
                ("redirect", Some(4)),
                ("preflight", Some(3)),
                ("script", Some(0)),
                ("preload", Some(0)),
                ("unknown", None),
            ]
        );
        assert_eq!(c.chain(5), [0, 1, 2, 4, 5]);
        assert_eq!(c.chain(9), [0, 9]);
        let by = &c.list[2].cause;
        assert_eq!(
            (by.url.as_deref(), by.line, by.column),
            (Some("https://tm.vendor.test/gtm.js"), Some(5), Some(3))
        );
        assert_eq!(c.list[1].cause.line, Some(10));
    }

    #[test]
    fn async_parents_and_code_made_at_run_time() {
        let late = Initiator {
            kind: "script".into(),
            stack: vec![stack(&["", ""]), stack(&["https://www.shop.test/app.js"])],
            ..Initiator::default()
        };
        let c = causes(vec![
            Observation::Request(request("1", PAGE, "Document", other())),
            Observation::Request(request("2", "https://www.shop.test/app.js", "Script", parser(PAGE))),
            Observation::Request(request("3", "https://a.test/", "Fetch", late)),
            Observation::Request(request(
                "4",
                "https://b.test/",
                "Fetch",
                script(&["webpack://x/y.js", "https://www.shop.test/app.js"]),
            )),
        ]);
        assert_eq!(told(&c)[2..], [("script", Some(1)), ("script", Some(1))]);
        assert_eq!(c.list[3].cause.url.as_deref(), Some("webpack://x/y.js"));
    }

    #[test]
    fn documents_in_frames() {
        let frame = |parent: &str, stack| Frame {
            frame: "C".into(),
            parent: Some(parent.into()),
            event: "attached".into(),
            stack,
            ..Frame::default()
        };
        let child = |initiator| Request {
            frame: Some("C".into()),
            ..request("3", "https://frame.test/", "Document", initiator)
        };
        let begin = || {
            vec![
                Observation::Request(request("1", PAGE, "Document", other())),
                Observation::Request(request("2", "https://cdn.test/v.js", "Script", parser(PAGE))),
            ]
        };
        let mut by_script = begin();
        by_script.push(Observation::Frame(frame("F", vec![stack(&["https://cdn.test/v.js"])])));
        by_script.push(Observation::Request(child(other())));
        let c = causes(by_script);
        assert_eq!((c.list[2].cause.kind.as_str(), c.list[2].by), ("frame", Some(1)));
        let mut by_parent = begin();
        by_parent.push(Observation::Frame(frame("F", vec![])));
        by_parent.push(Observation::Request(child(other())));
        let c = causes(by_parent);
        assert_eq!((c.list[2].cause.kind.as_str(), c.list[2].by), ("frame", Some(0)));
        assert_eq!(c.list[2].cause.url.as_deref(), Some(PAGE));
    }

    #[test]
    fn the_same_script_in_two_frames_is_the_nearer_one() {
        let mut inner = request("3", "https://cdn.test/v.js", "Script", other());
        inner.frame = Some("C".into());
        let c = causes(vec![
            Observation::Request(request("1", PAGE, "Document", other())),
            Observation::Request(request("2", "https://cdn.test/v.js", "Script", parser(PAGE))),
            Observation::Request(inner),
            Observation::Request(request(
                "4",
                "https://b.test/",
                "Fetch",
                script(&["https://cdn.test/v.js"]),
            )),
        ]);
        assert_eq!(c.list[3].by, Some(1));
    }

    fn anything() -> impl Strategy<Value = (f64, Observation)> {
        let url = prop_oneof![
            Just(PAGE),
            Just("https://a.test/1.js"),
            Just("https://b.test/2.js"),
            Just(""),
            Just("blob:x")
        ];
        let kind = prop_oneof![
            Just("parser"),
            Just("script"),
            Just("preflight"),
            Just("preload"),
            Just("other"),
            Just("")
        ];
        let ty = prop_oneof![Just("Document"), Just("Script"), Just("Image"), Just("Preflight")];
        let frame = prop_oneof![Just(None), Just(Some("F")), Just(Some("C"))];
        let urls = proptest::collection::vec(url.clone(), 0..4);
        (0.0..20.0f64, 0u8..6, 0u32..3, url.clone(), url, kind, ty, frame, urls, 0u8..6).prop_map(
            |(t, id, hop, url, from, kind, ty, frame, urls, other_id)| {
                if id == 0 {
                    let f = Frame {
                        frame: frame.unwrap_or("C").into(),
                        parent: Some("F".into()),
                        stack: vec![stack(&urls)],
                        ..Frame::default()
                    };
                    return (t, Observation::Frame(f));
                }
                let initiator = Initiator {
                    kind: kind.into(),
                    url: Some(from.into()),
                    stack: vec![stack(&urls)],
                    request_id: Some(other_id.to_string()),
                    line: Some(u64::MAX),
                    ..Initiator::default()
                };
                let r = Request {
                    hop,
                    frame: frame.map(str::to_owned),
                    document_url: from.into(),
                    ..request(&id.to_string(), url, ty, initiator)
                };
                (t, Observation::Request(r))
            },
        )
    }

    proptest! {
        #[test]
        fn causes_come_before_their_effects(lines in proptest::collection::vec(anything(), 0..30)) {
            let r = record(PAGE, lines);
            let sent = requests::all(&r);
            let c = Causes::of(&r, &sent);
            prop_assert_eq!(c.list.len(), sent.len());
            for (i, caused) in c.list.iter().enumerate() {
                prop_assert!(caused.by.is_none_or(|by| by < i));
                let chain = c.chain(i);
                prop_assert!(chain.is_sorted() && chain.last() == Some(&i));
            }
        }
    }
}

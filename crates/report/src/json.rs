//! The report for machines: everything that the other formats show, and what they leave out.
//!
//! Its shape is `docs/schema/report.v1.schema.json`; within version 1 fields are only added. Texts are as they were
//! recorded: JSON's own escaping makes them inert, a reader who shows them must neutralise them.

use affiant_detect::facts::{
    ApiUseFact, BannerFact, ChoiceFact, ContentFacts, CookieFact, DeclarationFact, InputFact, LayerFact,
    ListenerFact, Marks, NetworkFacts, PageKindFact, Party, ProbeFacts, RecordingFact, RequestFact,
    ScreenshotFact, SentCookieFact, StateFact, StoredFact, VisitFacts,
};
use affiant_record::consent::Achieved;
use affiant_record::header::{Browser, Clock, Settings, Tool, Vantage};
use affiant_record::{CollectorStatus, Digest, Leg, Outcome, Scenario};
use affiant_rules::judgement::{Coverage, Finding, JudgedWith, MatrixRow, PageGroup, RuleVerdict};
use indexmap::IndexMap;
use serde::Serialize;

use crate::behaviour::{Behaviour, behaviour};
use crate::cookies::{Cookie, cookies};
use crate::timing::{Timing, timings};
use crate::vendors::{Vendor, receiver, vendors};
use crate::{NOT_LEGAL_ADVICE, ReportInput, TheoryNote, answer, command};

/// Name and version of the format.
pub const SCHEMA: &str = "affiant-report/1";

/// The report.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    not_legal_advice: &'static str,
    audit: Audit<'a>,
    answer: Answer,
    judged_with: &'a JudgedWith,
    coverage: &'a Coverage,
    findings: &'a [Finding],
    verdicts: &'a [RuleVerdict],
    matrix: &'a [MatrixRow],
    /// Pages that are likely built alike; empty where there is but one such group.
    page_groups: &'a [PageGroup],
    vendors: Vec<Vendor<'a>>,
    cookies: Vec<Cookie<'a>>,
    behaviour: Vec<Behaviour<'a>>,
    timing: Vec<Timing<'a>>,
    visits: Vec<Visit<'a>>,
    theories: &'a [TheoryNote],
    verify: String,
}

#[derive(Debug, Serialize)]
struct Audit<'a> {
    id: &'a str,
    tool: &'a Tool,
    started: &'a str,
    finished: Option<&'a str>,
    interrupted: bool,
    start: &'a str,
    pages: Vec<&'a str>,
    scenarios: &'a [Scenario],
    vantage: &'a Vantage,
    /// Nothing outside vouches for the vantage.
    vantage_verified: bool,
    browser: Option<&'a Browser>,
    settings: Option<&'a Settings>,
    clock: Option<&'a Clock>,
    visits_planned: usize,
    visits_complete: usize,
}

#[derive(Debug, Serialize)]
struct Answer {
    sentences: Vec<String>,
    severities: IndexMap<&'static str, usize>,
    coverage: String,
    inconclusive: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Visit<'a> {
    record: Option<Digest>,
    path: &'a str,
    session: &'a str,
    ordinal: u32,
    leg: Option<Leg>,
    control: bool,
    scenario: Scenario,
    page: &'a str,
    outcome: Option<&'a Outcome>,
    /// Absent when the record could not be read.
    facts: Option<Seen<'a>>,
}

#[derive(Debug, Serialize)]
struct Seen<'a> {
    final_url: Option<&'a str>,
    title: &'a str,
    sealed: bool,
    collectors: &'a IndexMap<String, CollectorStatus>,
    marks: &'a Marks,
    achieved: &'a Achieved,
    choice: Option<&'a ChoiceFact>,
    banner: Option<&'a BannerFact>,
    declarations: &'a [DeclarationFact],
    layers: &'a [LayerFact],
    states: &'a [StateFact],
    cmp: Option<&'a str>,
    counts: Counts,
    inputs: &'a [InputFact],
    page_kinds: &'a [PageKindFact],
    screenshots: &'a [ScreenshotFact],
    network: &'a NetworkFacts,
    probe: &'a ProbeFacts,
    contents: &'a ContentFacts,
    recordings: &'a [RecordingFact],
    /// Every write of a cookie, in order of time: its whole life in this visit.
    cookie_writes: &'a [CookieFact],
    cookies_sent: &'a [SentCookieFact],
    stored: &'a [StoredFact],
    listeners: &'a [ListenerFact],
    api_uses: &'a [ApiUseFact],
    requests: Vec<Sent<'a>>,
}

#[derive(Debug, Default, Serialize)]
struct Counts {
    requests: usize,
    left_browser: usize,
    third_party: usize,
    failed: usize,
    cookies: usize,
    inputs: usize,
}

#[derive(Debug, Serialize)]
struct Sent<'a> {
    t: f64,
    url: &'a str,
    method: &'a str,
    resource_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    left_browser: bool,
    party: Party,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_bytes: Option<u64>,
    cookies_sent: u32,
    /// Place in this list of the request that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    caused_by: Option<usize>,
    cause: &'a str,
    /// Line of the visit's record.
    line: u64,
}

impl<'a> Report<'a> {
    /// The report of these inputs.
    pub fn new(input: &ReportInput<'a>) -> Report<'a> {
        let m = input.manifest;
        let (visits_planned, visits_complete) = input.visit_counts();
        Report {
            schema: SCHEMA,
            not_legal_advice: NOT_LEGAL_ADVICE,
            audit: Audit {
                id: &m.id,
                tool: &m.tool,
                started: &m.started,
                finished: m.finished.as_deref(),
                interrupted: m.interrupted,
                start: &m.plan.start,
                pages: input.pages(),
                scenarios: &m.plan.scenarios,
                vantage: &m.plan.vantage,
                vantage_verified: false,
                browser: input.header.map(|h| &h.browser),
                settings: input.header.map(|h| &h.settings),
                clock: input.header.map(|h| &h.clock),
                visits_planned,
                visits_complete,
            },
            answer: Answer {
                sentences: answer::sentences(input),
                severities: answer::severities(input)
                    .into_iter()
                    .map(|(s, n)| (crate::words::severity(s), n))
                    .collect(),
                coverage: answer::coverage(input),
                inconclusive: answer::inconclusive(input).into_iter().map(str::to_owned).collect(),
            },
            judged_with: &input.judgement.judged_with,
            coverage: &input.judgement.coverage,
            findings: &input.judgement.findings,
            verdicts: &input.judgement.verdicts,
            matrix: &input.judgement.matrix,
            page_groups: &input.judgement.page_groups,
            vendors: vendors(input),
            cookies: cookies(input),
            timing: timings(input),
            behaviour: behaviour(input),
            visits: visits(input),
            theories: input.theories,
            verify: command::verify(input),
        }
    }

    /// As JSON, readable, ending with a line break.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut out = serde_json::to_string_pretty(self)?;
        out.push('\n');
        Ok(out)
    }
}

fn visits<'a>(input: &ReportInput<'a>) -> Vec<Visit<'a>> {
    let by_record = input.by_record();
    let planned = input.manifest.visits.iter().map(|e| {
        let facts = e.digest.and_then(|d| by_record.get(&d).copied()).or_else(|| by_path(input, &e.path));
        Visit {
            record: e.digest.or(facts.map(|f| f.record)),
            path: &e.path,
            session: &e.session,
            ordinal: e.ordinal,
            leg: e.leg.or(facts.map(|f| f.leg)),
            control: e.control,
            scenario: e.scenario,
            page: &e.url,
            outcome: e.outcome.as_ref().or(facts.map(|f| &f.outcome)),
            facts: facts.map(seen),
        }
    });
    let known = |f: &&VisitFacts| {
        !input.manifest.visits.iter().any(|e| e.path == f.path || e.digest == Some(f.record))
    };
    // A record that the manifest does not name is told too.
    let others = input.facts.iter().filter(known).map(|f| Visit {
        record: Some(f.record),
        path: &f.path,
        session: &f.session,
        ordinal: f.ordinal,
        leg: Some(f.leg),
        control: false,
        scenario: f.scenario,
        page: &f.url,
        outcome: Some(&f.outcome),
        facts: Some(seen(f)),
    });
    planned.chain(others).collect()
}

fn by_path<'a>(input: &ReportInput<'a>, path: &str) -> Option<&'a VisitFacts> {
    input.facts.iter().find(|f| f.path == path)
}

fn seen(f: &VisitFacts) -> Seen<'_> {
    let of = |test: fn(&RequestFact) -> bool| f.requests.iter().filter(|r| test(r)).count();
    Seen {
        final_url: f.final_url.as_deref(),
        title: &f.title,
        sealed: f.sealed,
        collectors: &f.collectors,
        marks: &f.marks,
        achieved: &f.achieved,
        choice: f.choice.as_ref(),
        banner: f.banner.as_ref(),
        declarations: &f.declarations,
        layers: &f.layers,
        states: &f.states,
        cmp: f.cmp.as_deref(),
        counts: Counts {
            requests: f.requests.len(),
            left_browser: of(|r| r.left_browser),
            third_party: of(|r| r.party == Party::Third),
            failed: of(|r| r.error.is_some()),
            cookies: f.cookies.len(),
            inputs: f.inputs.len(),
        },
        inputs: &f.inputs,
        page_kinds: &f.page_kinds,
        screenshots: &f.screenshots,
        network: &f.network,
        probe: &f.probe,
        contents: &f.contents,
        recordings: &f.recordings,
        cookie_writes: &f.cookies,
        cookies_sent: &f.cookies_sent,
        stored: &f.stored,
        listeners: &f.listeners,
        api_uses: &f.api_uses,
        requests: f.requests.iter().enumerate().map(|(i, r)| sent(f, i, r)).collect(),
    }
}

fn sent<'a>(f: &'a VisitFacts, index: usize, r: &'a RequestFact) -> Sent<'a> {
    Sent {
        t: r.t,
        url: &r.url,
        method: &r.method,
        resource_type: &r.resource_type,
        status: r.status,
        error: r.error.as_deref(),
        left_browser: r.left_browser,
        party: r.party,
        receiver: receiver(f, index).map(|(name, _)| name),
        account: r.tag.and_then(|t| f.tags.get(t)).and_then(|t| t.account.as_deref()),
        body_bytes: r.body_bytes,
        cookies_sent: r.cookies_sent,
        caused_by: r.caused_by,
        cause: &r.cause.kind,
        line: r.evidence.line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use serde_json::Value;

    const WRITTEN: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/report.v1.schema.json"));

    fn report(of: fn(&std::path::Path) -> Result<testing::Fixture, affiant_record::RecordError>) -> Value {
        let dir = tempfile::tempdir().unwrap();
        let fixture = of(dir.path()).unwrap();
        serde_json::from_str(&Report::new(&fixture.input()).to_json().unwrap()).unwrap()
    }

    /// The schema with every object closed: a field that it does not name is an error here, though not to readers.
    fn closed(mut schema: Value) -> Value {
        fn close(v: &mut Value) {
            match v {
                Value::Object(o) => {
                    if o.contains_key("properties") && o.get("type").is_some_and(|t| t != "array") {
                        o.entry("additionalProperties").or_insert(Value::Bool(false));
                    }
                    o.values_mut().for_each(close);
                }
                Value::Array(a) => a.iter_mut().for_each(close),
                _ => {}
            }
        }
        close(&mut schema);
        schema
    }

    #[test]
    fn what_is_written_is_what_the_schema_says_and_nothing_else() {
        let schema: Value = serde_json::from_str(WRITTEN).unwrap();
        assert!(jsonschema::meta::is_valid(&schema));
        let validator = jsonschema::validator_for(&closed(schema)).unwrap();
        for of in [testing::nothing, testing::one, testing::shop] {
            let report = report(of);
            let errors: Vec<String> =
                validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert!(errors.is_empty(), "{}", errors.join("\n"));
        }
    }

    #[test]
    fn a_visit_that_was_never_made_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let mut f = testing::nothing(dir.path()).unwrap();
        f.facts.clear();
        (f.manifest.visits[0].digest, f.manifest.visits[0].outcome) = (None, None);
        let report = serde_json::to_value(Report::new(&f.input())).unwrap();
        assert_eq!(report["visits"][0]["record"], Value::Null);
        assert_eq!(report["audit"]["visits_complete"], 0);
        let schema = serde_json::from_str(WRITTEN).unwrap();
        assert!(jsonschema::is_valid(&schema, &report));
    }

    #[test]
    fn one() {
        insta::assert_json_snapshot!(report(testing::one));
    }

    #[test]
    fn the_answer_and_the_vendors_of_a_shop() {
        let report = report(testing::shop);
        insta::assert_json_snapshot!(serde_json::json!({
            "answer": report["answer"],
            "vendors": report["vendors"].as_array().unwrap().iter().map(|v| {
                serde_json::json!([v["name"], v["requests"], v["stopped"], v["first"]["ms"], v["accounts"]])
            }).collect::<Vec<_>>(),
            "cookies": report["cookies"],
        }));
    }
}

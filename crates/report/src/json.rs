//! The report for machines: everything that the other formats show, and what they leave out.
//!
//! Its shape is `docs/schema/report.v1.schema.json`, derived in `schema` from these types and their documentation; within
//! version 1 fields are only added. Texts are as they were recorded: JSON's own escaping makes them inert, a reader who
//! shows them must neutralise them.

use std::collections::{HashMap, HashSet};
use std::io::Write;

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
use schemars::JsonSchema;
use serde::Serialize;

use crate::behaviour::{Behaviour, behaviour};
use crate::cookies::{Cookie, cookies};
use crate::timing::{Timing, timings};
use crate::vendors::{Vendor, receiver, vendors};
use crate::{NOT_LEGAL_ADVICE, ReportInput, TheoryNote, answer, command};

/// Name and version of the format.
pub const SCHEMA: &str = "affiant-report/1";

/// The severities that are counted: each is there, be it with 0.
const LEVELS: [&str; 5] = ["critical", "high", "medium", "low", "note"];

/// What report.json holds. Within version 1 fields are only added, so a reader must ignore those that it does not know.
/// Texts are as they were recorded and may be hostile: neutralise them before you show them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report<'a> {
    /// Name and version of the format.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// What this is, and what it is not.
    not_legal_advice: &'static str,
    /// What was asked for, and done.
    audit: Audit<'a>,
    /// The answer in a few sentences.
    answer: Answer,
    /// What judged.
    judged_with: &'a JudgedWith,
    /// What was looked at as a whole.
    coverage: &'a Coverage,
    /// The most severe first.
    findings: &'a [Finding],
    /// Every rule's verdict.
    verdicts: &'a [RuleVerdict],
    /// Vendor × scenario (× page group), in order of risk.
    matrix: &'a [MatrixRow],
    /// Pages that are likely built alike; empty where there is but one such group.
    page_groups: &'a [PageGroup],
    /// Every receiver, over all visits.
    vendors: Vec<Vendor<'a>>,
    /// Every cookie, over all visits.
    cookies: Vec<Cookie<'a>>,
    /// What scripts listen to, read and store, by vendor or host, over all visits.
    behaviour: Vec<Behaviour<'a>>,
    /// When things happened on the first pages, over all runs of a scenario.
    timing: Vec<Timing<'a>>,
    /// Every visit that was planned or made.
    visits: Vec<Visit<'a>>,
    /// The theories that findings may bear on.
    theories: &'a [TheoryNote],
    /// The command that checks every digest and seal, where the audit's folder is.
    verify: String,
}

/// What was asked for, and done.
#[derive(Debug, Serialize, JsonSchema)]
struct Audit<'a> {
    /// Its id.
    id: &'a str,
    /// The program that gathered.
    tool: &'a Tool,
    /// RFC 3339, by the machine's own clock.
    started: &'a str,
    /// Null: it did not finish.
    finished: Option<&'a str>,
    /// Whether it was stopped before its end.
    interrupted: bool,
    /// The address that was asked for.
    start: &'a str,
    /// Every page that a visit was planned or made for.
    pages: Vec<&'a str>,
    /// Scenarios that were asked for.
    scenarios: &'a [Scenario],
    /// From where and as whom.
    vantage: &'a Vantage,
    /// Nothing outside vouches for the vantage.
    #[schemars(extend("const" = false))]
    vantage_verified: bool,
    /// The browser; null: no record could be read.
    browser: Option<&'a Browser>,
    /// Bounds that governed gathering; null: no record could be read.
    settings: Option<&'a Settings>,
    /// The clock of a record; null: no record could be read.
    clock: Option<&'a Clock>,
    /// Visits that were planned or made.
    visits_planned: usize,
    /// Visits that are complete and sealed.
    visits_complete: usize,
}

/// The answer in a few sentences.
#[derive(Debug, Serialize, JsonSchema)]
struct Answer {
    /// What to fix, and what could not be tested.
    #[schemars(extend("minItems" = 1))]
    sentences: Vec<String>,
    /// Findings of each severity.
    #[schemars(extend("propertyNames" = serde_json::json!({ "enum": LEVELS }), "required" = LEVELS))]
    severities: IndexMap<&'static str, usize>,
    /// What was looked at, in words.
    coverage: String,
    /// Ids of the rules that could not answer.
    inconclusive: Vec<String>,
}

/// A visit that was planned or made.
#[derive(Debug, Serialize, JsonSchema)]
struct Visit<'a> {
    /// Digest of its record. Null: not sealed.
    record: Option<Digest>,
    /// Relative to the audit's folder.
    path: &'a str,
    /// Session.
    session: &'a str,
    /// Place in the session, from 0.
    ordinal: u32,
    /// Where the visit stands in its session.
    leg: Option<Leg>,
    /// Whether it is a control: without the privacy signal that the others send.
    control: bool,
    /// Scenario.
    scenario: Scenario,
    /// Address that was asked for.
    page: &'a str,
    /// Null: planned, not made.
    outcome: Option<&'a Outcome>,
    /// Absent when the record could not be read.
    facts: Option<Seen<'a>>,
}

/// What was seen in a visit.
#[derive(Debug, Serialize, JsonSchema)]
struct Seen<'a> {
    /// Address of the main frame at the end.
    final_url: Option<&'a str>,
    /// Title of the page.
    title: &'a str,
    /// False if the record was cut off.
    sealed: bool,
    /// What each collector managed. One that is not named was not run.
    collectors: &'a IndexMap<String, CollectorStatus>,
    /// Moments.
    marks: &'a Marks,
    /// Consent as the site's own state shows.
    achieved: &'a Achieved,
    /// Making the choice, where one was made in this visit.
    choice: Option<&'a ChoiceFact>,
    /// The banner, where one was seen.
    banner: Option<&'a BannerFact>,
    /// What consent platforms declare: the site's own word.
    declarations: &'a [DeclarationFact],
    /// Layers of the banner that were read, as they were before anything on them was operated.
    layers: &'a [LayerFact],
    /// What platforms answered and stored, decoded by the standards.
    states: &'a [StateFact],
    /// The consent platform, where one was recognised.
    cmp: Option<&'a str>,
    /// How much there is.
    counts: Counts,
    /// Form fields.
    inputs: &'a [InputFact],
    /// What kinds of page it is, each once, with the reason.
    page_kinds: &'a [PageKindFact],
    /// Screenshots.
    screenshots: &'a [ScreenshotFact],
    /// What names and addresses tell of the servers behind the site's own hosts.
    network: &'a NetworkFacts,
    /// What was typed, and where it was seen leaving.
    probe: &'a ProbeFacts,
    /// What a visitor looked for and watched, and where it was seen leaving, in full.
    contents: &'a ContentFacts,
    /// Requests that hold events of a session recorder, by what they hold.
    recordings: &'a [RecordingFact],
    /// Every write of a cookie, in order of time: its whole life in this visit.
    cookie_writes: &'a [CookieFact],
    /// Cookies that went with requests, or that the browser held back.
    cookies_sent: &'a [SentCookieFact],
    /// What was written to storage beside cookies.
    stored: &'a [StoredFact],
    /// Who listens to what a visitor does.
    listeners: &'a [ListenerFact],
    /// Use of interfaces that tell one browser from another.
    api_uses: &'a [ApiUseFact],
    /// Every request that was attempted, in order of time.
    requests: Vec<Sent<'a>>,
}

/// How much there is of a visit.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Counts {
    /// Requests that were attempted.
    requests: usize,
    /// Those that left the browser.
    left_browser: usize,
    /// Those to third parties.
    third_party: usize,
    /// Those that failed.
    failed: usize,
    /// Writes of cookies.
    cookies: usize,
    /// Form fields.
    inputs: usize,
}

/// A request that was attempted.
#[derive(Debug, Serialize, JsonSchema)]
struct Sent<'a> {
    /// Time sent: ms on the visit's clock; see `marks.page_began`.
    t: f64,
    /// Address.
    url: &'a str,
    /// Method.
    method: &'a str,
    /// The browser's resource type.
    resource_type: &'a str,
    /// Status of the response, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Why it did not succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// Whether bytes can have left the browser.
    left_browser: bool,
    /// First or third party.
    party: Party,
    /// Vendor, or a registrable domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<&'a str>,
    /// Account of its tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    /// Length of its body in bytes, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_bytes: Option<u64>,
    /// Number of cookies that went along.
    cookies_sent: u32,
    /// Place in this list of the request that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    caused_by: Option<usize>,
    /// How its cause is known.
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

    /// Writes it as JSON, readable, ending with a line break. That of a large audit is larger than what it is made of: it is
    /// never held as a whole.
    pub fn write_json(&self, mut out: impl Write) -> std::io::Result<()> {
        serde_json::to_writer_pretty(&mut out, self)?;
        out.write_all(b"\n")
    }
}

fn visits<'a>(input: &ReportInput<'a>) -> Vec<Visit<'a>> {
    let by_record = input.by_record();
    let by_path: HashMap<&str, &VisitFacts> =
        input.facts.iter().rev().map(|f| (f.path.as_str(), f)).collect();
    let planned = input.manifest.visits.iter().map(|e| {
        let facts =
            e.digest.and_then(|d| by_record.get(&d)).or_else(|| by_path.get(e.path.as_str())).copied();
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
    let paths: HashSet<&str> = input.manifest.visits.iter().map(|e| e.path.as_str()).collect();
    let records: HashSet<Digest> = input.manifest.visits.iter().filter_map(|e| e.digest).collect();
    let unknown = |f: &&VisitFacts| !paths.contains(f.path.as_str()) && !records.contains(&f.record);
    // A record that the manifest does not name is told too.
    let others = input.facts.iter().filter(unknown).map(|f| Visit {
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
        let mut text = Vec::new();
        Report::new(&fixture.input()).write_json(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// The schema with every object closed: a field that it does not name is an error here, though not to readers.
    fn closed(mut schema: Value) -> Value {
        fn close(v: &mut Value) {
            match v {
                Value::Object(o) => {
                    let open = o.get("additionalProperties").is_none_or(|a| *a == Value::Bool(true));
                    if open && o.contains_key("properties") && o.get("type").is_some_and(|t| t != "array") {
                        o.insert("additionalProperties".to_owned(), Value::Bool(false));
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

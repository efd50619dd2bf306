//! Hand-made audits: nothing, one row, a shop with everything that can go wrong, and a very large one.

pub mod picture;
pub mod visit;

use std::path::{Path, PathBuf};

use affiant_detect::facts::{Class, InputKind, VendorRef, VisitFacts};
use affiant_record::audit::Plan;
use affiant_record::header::{Browser, Clock, Settings, Tool, Vantage};
use affiant_record::{
    AuditManifest, BlobStore, CollectorStatus, Digest, Evidence, Extra, Header, Outcome, RecordError,
    Scenario, VisitEntry,
};
use affiant_rules::judgement::{
    CellState, ChainLink, Confidence, Counted, Coverage, Evidences, Finding, Gap, GroupCells, JudgedWith,
    Judgement, MatrixCell, MatrixRow, Measure, PageGroup, RuleVerdict, Severity, Shown, Subject, Verdict,
};

use crate::moment::{Moments, Stretch, since_page_began};
use crate::{ElementNote, ReportInput, TheoryNote};
use visit::{SITE, behaviour, cookie, declares, input, layers, probed, searched, send, shot, vendor, visit};

/// Text that attacks whoever shows it.
pub const HOSTILE: &str = "</title><script>alert(1)</script>\x1b]0;owned\x07 \u{202E}gpj.exe\u{2066} {{7*7}} \"onload='x' =cmd|' /C calc'!A0";

/// An audit with all that a report is made of.
#[derive(Debug)]
pub struct Fixture {
    /// The audit's folder.
    pub dir: PathBuf,
    /// What was asked for.
    pub manifest: AuditManifest,
    /// What was seen.
    pub facts: Vec<VisitFacts>,
    /// What was judged.
    pub judgement: Judgement,
    /// Screenshots.
    pub blobs: BlobStore,
    /// Theories.
    pub theories: Vec<TheoryNote>,
    /// Browser and settings.
    pub header: Option<Header>,
}

impl Fixture {
    /// As a report's input.
    pub fn input(&self) -> ReportInput<'_> {
        ReportInput {
            manifest: &self.manifest,
            facts: &self.facts,
            judgement: &self.judgement,
            blobs: &self.blobs,
            audit_dir: &self.dir,
            theories: &self.theories,
            header: self.header.as_ref(),
        }
    }

    fn of(dir: &Path, facts: Vec<VisitFacts>) -> Fixture {
        let entry = |f: &VisitFacts| VisitEntry {
            path: f.path.clone(),
            session: f.session.clone(),
            ordinal: f.ordinal,
            scenario: f.scenario,
            leg: Some(f.leg),
            control: false,
            url: f.url.clone(),
            digest: Some(f.record),
            outcome: Some(f.outcome.clone()),
            extra: Extra::new(),
        };
        let scenarios: Vec<Scenario> =
            Scenario::DEFAULT.into_iter().filter(|s| facts.iter().any(|f| f.scenario == *s)).collect();
        let mut pages: Vec<String> = vec![];
        for f in &facts {
            if !pages.contains(&f.url) {
                pages.push(f.url.clone());
            }
        }
        let tool = Tool { name: "affiant".into(), version: "0.1.0".into() };
        let vantage = Vantage {
            name: "default".into(),
            locale: Some("en-US".into()),
            timezone: Some("America/Los_Angeles".into()),
            width: 1280,
            height: 800,
            third_party_cookies: true,
            ..Vantage::default()
        };
        let start = format!("https://{SITE}/");
        let complete = facts.iter().filter(|f| f.outcome.is_complete()).count() as u32;
        let gaps = facts.iter().filter(|f| !f.outcome.is_complete()).map(|f| Gap {
            scenario: f.scenario,
            page: f.url.clone(),
            record: Some(f.record),
            reason: format!("the visit {}: {}", f.outcome.word(), f.outcome.reason().unwrap_or_default()),
        });
        let coverage =
            Coverage { pages, scenarios: scenarios.clone(), visits: complete, runs: 1, gaps: gaps.collect() };
        let max_pages = coverage.pages.len() as u32;
        Fixture {
            dir: dir.join("shop.example-2026-11-25"),
            blobs: BlobStore::new(dir.join("blobs")),
            manifest: AuditManifest {
                format: 1,
                id: "shop.example-2026-11-25".into(),
                tool: tool.clone(),
                started: "2026-11-25T04:20:46Z".into(),
                finished: Some("2026-11-25T04:23:10Z".into()),
                interrupted: false,
                plan: Plan {
                    start: start.clone(),
                    pages: vec![start.clone()],
                    max_pages,
                    scenarios,
                    controls: Vec::new(),
                    returns: false,
                    repeat: 1,
                    vantage: vantage.clone(),
                    extra: Extra::new(),
                },
                visits: facts.iter().map(entry).collect(),
                extra: Extra::new(),
            },
            header: facts.first().map(|f| Header {
                schema: 1,
                tool,
                browser: Browser {
                    product: "Chrome/156.0.8078.79".into(),
                    user_agent:
                        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
                            .into(),
                    mode: "headless".into(),
                    switches: vec!["--no-first-run".into(), "--disable-sync".into()],
                    ..Default::default()
                },
                plan: Digest::of(b"plan"),
                session: f.session.clone(),
                ordinal: 0,
                scenario: f.scenario,
                leg: None,
                choice: None,
                choice_visit: None,
                url: start,
                vantage,
                settings: Settings {
                    probe: false,
                    probe_not_on: vec![],
                    probe_leave_out: vec![],
                    canary: None,
                    visit_timeout_ms: 45_000,
                    quiet_ms: 1_500,
                    dwell_ms: 1_000,
                    banner_wait_ms: 5_000,
                    body_limit: 2_000_000,
                    extra: Extra::new(),
                },
                clock: Clock { uncertainty_ms: 1.2, source: "this machine".into(), ..Clock::default() },
                audit_sealed: true,
                extra: Extra::new(),
            }),
            judgement: Judgement {
                judged_with: JudgedWith {
                    affiant: "0.1.0".into(),
                    rules: Digest::of(b"rules"),
                    catalogue: Digest::of(b"catalogue"),
                    suffix_list: "psl 2.1.0".into(),
                    facts: None,
                },
                verdicts: vec![],
                findings: vec![],
                matrix: matrix(&facts),
                page_groups: page_groups(&facts),
                coverage,
            },
            theories: theories(),
            facts,
        }
    }

    fn verdict(&mut self, rule: &str, title: &str, verdict: Verdict, statement: &str) {
        let findings = self.judgement.findings.iter().filter(|f| f.rule == rule);
        let findings = findings.map(|f| f.fingerprint.clone()).collect();
        let coverage = self.judgement.coverage.clone();
        let (rule, title, statement) = (rule.to_owned(), title.to_owned(), statement.to_owned());
        self.judgement.verdicts.push(RuleVerdict { rule, title, verdict, statement, coverage, findings });
    }

    fn pictures(&mut self) -> Result<(), RecordError> {
        for (n, f) in self.facts.iter_mut().enumerate() {
            let banner = self.blobs.put(&picture::page(f.ordinal == 0, (n * 12 % 200) as u8))?;
            shot(f, "arrive", 1_900.0, banner);
            if f.choice.is_some() {
                let after = self.blobs.put(&picture::page(false, (n * 12 % 200) as u8))?;
                shot(f, "after-choice", 4_800.0, after);
            }
        }
        Ok(())
    }
}

/// Nothing was observed: one page, one scenario, no vendor.
pub fn nothing(dir: &Path) -> Result<Fixture, RecordError> {
    let mut f = Fixture::of(dir, vec![visit(Scenario::NoChoice, 0, "/")]);
    f.verdict(
        "before-consent",
        "Sent before any choice",
        Verdict::Pass,
        "Not observed in 1 run over 1 page in no-choice.",
    );
    Ok(f)
}

/// One vendor, one finding.
pub fn one(dir: &Path) -> Result<Fixture, RecordError> {
    let hotjar = vendor("Hotjar", Class::SessionReplay);
    let mut v = visit(Scenario::NoChoice, 0, "/");
    send(&mut v, 430.0, Some((&hotjar, Some("1234567"))), "https://static.hotjar.com/c/hotjar-1234567.js", 0);
    let mut f = Fixture::of(dir, vec![v]);
    f.judgement.findings = vec![finding(&f.facts[0], 1, "before-consent", Severity::High, &hotjar)];
    f.verdict("before-consent", "Sent before any choice", Verdict::Fail, "Observed for 1 subject: Hotjar.");
    f.pictures()?;
    Ok(f)
}

/// A shop: many vendors, three scenarios, hostile text, a visit that failed and one that timed out.
pub fn shop(dir: &Path) -> Result<Fixture, RecordError> {
    let clarity = vendor("Microsoft Clarity", Class::SessionReplay);
    let meta = vendor("Meta Pixel", Class::AdPixel);
    let ga = vendor("Google Analytics", Class::Analytics);
    let gtm = vendor("Google Tag Manager", Class::TagManager);
    let bot = vendor("Cookiebot", Class::Consent);
    let fonts = vendor("Google Fonts", Class::Service);
    let mut facts = Vec::new();
    for s in Scenario::DEFAULT {
        for (n, path) in ["/", "/products", "/checkout", "/contact?topic=a-very-long-question-that-somebody-put-into-the-address-of-this-page&ref=newsletter-2026-11"].into_iter().enumerate() {
            let mut v = visit(s, n as u32, path);
            let (late, again) = (n == 0, s == Scenario::AcceptAll);
            send(&mut v, 95.0, Some((&bot, Some("0a1b2c3d"))), "https://consent.cookiebot.com/uc.js", 0);
            send(&mut v, 120.0, Some((&fonts, None)), "https://fonts.gstatic.com/s/inter/v13/inter.woff2", 0);
            let g = send(&mut v, 210.0, Some((&gtm, Some("GTM-ABC123"))), "https://www.googletagmanager.com/gtm.js?id=GTM-ABC123", 0);
            let c = send(&mut v, 430.0, Some((&clarity, Some("k3x9q2"))), "https://www.clarity.ms/tag/k3x9q2", g);
            let c2 = send(&mut v, 520.0, Some((&clarity, Some("k3x9q2"))), "https://www.clarity.ms/s/0.8.1/clarity.js", c);
            for k in 0..(if late { 9 } else { 4 }) {
                send(&mut v, 900.0 + 640.0 * f64::from(k), Some((&clarity, Some("k3x9q2"))), "https://k.clarity.ms/collect", c2);
            }
            if again {
                let t = if late { 4_420.0 } else { 600.0 };
                let m = send(&mut v, t, Some((&meta, Some("778899"))), "https://connect.facebook.net/en_US/fbevents.js", g);
                send(&mut v, t + 300.0, Some((&meta, Some("778899"))), "https://www.facebook.com/tr?id=778899&ev=PageView", m);
                cookie(&mut v, t + 10.0, "_fbp", ".shop.example", Some(&meta), Some(90.0));
            }
            let g1 = send(&mut v, 610.0, Some((&ga, Some("G-XYZ987"))), "https://www.googletagmanager.com/gtag/js?id=G-XYZ987", g);
            send(&mut v, 1_100.0, Some((&ga, Some("G-XYZ987"))), &format!("https://region1.google-analytics.com/g/collect?v=2&tid=G-XYZ987&gtm=45je4b1&_p=1764044446&cid=1893746219.1764044447&dl=https%3A%2F%2Fshop.example{path}&dt=Shop&en=page_view&{}", "ep.parameter=value%20that%20goes%20on&".repeat(6)), g1);
            send(&mut v, 700.0, None, "https://d3k8s7.unknown-cdn.example/pixel.gif", 0);
            if n == 1 {
                let k = send(&mut v, 740.0, None, "https://blocked.ads.example/imp", 0);
                v.requests[k].left_browser = false;
                v.requests[k].status = None;
                v.requests[k].error = Some("net::ERR_NAME_NOT_RESOLVED".into());
            }
            behaviour(&mut v, &clarity, "input[id=\"email\"]");
            cookie(&mut v, 560.0, "_clck", ".shop.example", Some(&clarity), Some(365.0));
            cookie(&mut v, 1_050.0, "_ga", ".shop.example", Some(&ga), Some(400.0));
            cookie(&mut v, 580.0, "MUID", ".clarity.ms", Some(&clarity), Some(390.0));
            if v.choice.is_some() {
                cookie(&mut v, 4_260.0, "CookieConsent", "shop.example", Some(&bot), Some(365.0));
            }
            if n == 0 && s == Scenario::RejectAll {
                layers(&mut v, HOSTILE);
                declares(&mut v, HOSTILE);
                probed(&mut v, HOSTILE);
                searched(&mut v, HOSTILE);
            }
            if path == "/checkout" {
                input(&mut v, "#email", "E-mail", InputKind::Email);
                input(&mut v, "#card", "Card number", InputKind::Card);
                v.title = HOSTILE.into();
            }
            facts.push(v);
        }
    }
    facts[6].outcome = Outcome::TimedOut { reason: "45 s passed, 2 requests open".into() };
    facts[6]
        .collectors
        .insert("bodies".into(), CollectorStatus::Truncated { reason: "3 bodies of 41 were lost".into() });
    facts[11].outcome = Outcome::Failed { reason: format!("net::ERR_CONNECTION_RESET {HOSTILE}") };
    facts[11].requests.truncate(1);
    facts[11].tags.clear();
    facts[11].cookies.clear();
    let mut f = Fixture::of(dir, facts);
    let at = |n: usize| &f.facts[n];
    let mut findings = vec![
        finding(at(0), 4, "before-consent", Severity::Critical, &clarity),
        finding(at(4), 8, "after-reject", Severity::High, &clarity),
        finding(at(0), 14, "before-consent", Severity::Medium, &ga),
        finding(at(2), 1, "sensitive-page", Severity::Low, &meta),
        finding(at(0), 1, "inventory", Severity::Note, &vendor(HOSTILE, Class::Other)),
    ];
    findings[1].title = "Microsoft Clarity received 11 requests after everything was rejected, on 3 of 4 pages; first 640 ms after the choice was stored.".into();
    findings[1].scenarios = vec![Scenario::RejectAll];
    findings[4].title = format!("{} was seen {}", HOSTILE, "very ".repeat(2_000));
    f.judgement.findings = findings;
    f.verdict("before-consent", "Sent before any choice", Verdict::Fail, "Observed for 2 subjects: Microsoft Clarity and Google Analytics. Looked at 11 visits: 1 run over 4 pages in no-choice, reject-all and accept-all.");
    f.verdict("after-reject", "Sent after everything was rejected", Verdict::Fail, "Observed for 1 subject: Microsoft Clarity. Looked at 3 visits. 1 visit could not be used, or only in part: reject-all /checkout (the visit timed out).");
    f.verdict("body-leak", "Form content in request bodies", Verdict::Inconclusive, "Could not be tested, because collector 'bodies' was truncated: 3 bodies of 41 were lost (in 1 visit).");
    f.verdict(
        "sensitive-page",
        "Vendors on pages that ask for personal data",
        Verdict::Fail,
        "Observed for 1 subject: Meta Pixel.",
    );
    f.verdict(
        "gpc-ignored",
        "Global Privacy Control ignored",
        Verdict::NotApplicable,
        "Global Privacy Control was not sent.",
    );
    f.verdict(
        "chat",
        "Chat sent to a third party",
        Verdict::Pass,
        "Not observed in 1 run over 4 pages in no-choice, reject-all and accept-all.",
    );
    f.pictures()?;
    Ok(f)
}

/// 300 vendors and more than 10,000 requests.
pub fn large(dir: &Path) -> Result<Fixture, RecordError> {
    let vendors: Vec<VendorRef> = (0..300)
        .map(|n| {
            let class =
                [Class::SessionReplay, Class::Chat, Class::AdPixel, Class::Analytics, Class::Other][n % 5];
            vendor(&format!("Vendor {n:03}"), class)
        })
        .collect();
    let mut facts = Vec::new();
    for s in Scenario::DEFAULT {
        for n in 0..12u32 {
            let mut v = visit(s, n, &format!("/page-{n}"));
            for (k, vendor) in vendors.iter().enumerate() {
                let t = 50.0 + k as f64 * 20.0;
                send(
                    &mut v,
                    t,
                    Some((vendor, Some(&format!("ID-{k}")))),
                    &format!("https://t{k}.vendor-{k}.example/collect?page={n}&{}", "x=1&".repeat(40)),
                    0,
                );
                cookie(
                    &mut v,
                    t,
                    &format!("c{k}"),
                    &format!(".vendor-{k}.example"),
                    Some(vendor),
                    Some(30.0),
                );
            }
            facts.push(v);
        }
    }
    let mut f = Fixture::of(dir, facts);
    f.judgement.findings = vendors
        .iter()
        .enumerate()
        .map(|(n, v)| finding(&f.facts[0], n + 1, "before-consent", Severity::Medium, v))
        .collect();
    f.verdict("before-consent", "Sent before any choice", Verdict::Fail, "Observed for 300 subjects.");
    f.pictures()?;
    Ok(f)
}

/// A finding about a vendor, from this request of this visit.
pub fn finding(v: &VisitFacts, request: usize, rule: &str, severity: Severity, about: &VendorRef) -> Finding {
    let mut chain = Vec::new();
    let mut next = Some(request);
    while let Some(r) = next.and_then(|i| v.requests.get(i)) {
        let how = match r.cause.kind.as_str() {
            "page" => "the address that was visited".to_owned(),
            "parser" => "named in the document".to_owned(),
            _ => format!("script at {}:12:340 (loadTag)", r.cause.url.clone().unwrap_or_default()),
        };
        chain.insert(
            0,
            ChainLink { url: r.url.to_string(), vendor: r.vendor.clone(), how, evidence: r.evidence.clone() },
        );
        next = r.caused_by;
    }
    let shown = |i: usize| {
        let r = v.requests.get(i).or(v.requests.last());
        Shown {
            evidence: r.map_or(Evidence { record: v.record, line: 1, blob: None }, |r| r.evidence.clone()),
            shows: r.map_or_else(String::new, |r| {
                format!("{} {} at {:.0} ms on {} ({})", r.method, r.url, r.t, v.url, v.scenario)
            }),
        }
    };
    Finding {
        fingerprint: Digest::of(format!("{rule}{}", about.name).as_bytes()).to_string()[..16].to_owned(),
        rule: rule.into(),
        severity,
        confidence: Confidence::High,
        title: format!(
            "{} received 14 requests before any choice was made, on 3 of 4 pages; first 412 ms after the page began, 1.3 s before the banner was visible.",
            about.name
        ),
        subject: Subject { kind: "vendor".into(), name: about.name.to_string(), class: Some(about.class), accounts: vec!["k3x9q2".into()] },
        details: vec![
            "8 of the 14 requests carried a body, 1.8 kB on average.".into(),
            "The cookie _clck (365 days) was set 542 ms after the page began.".into(),
        ],
        pages: vec![v.url.clone(), format!("https://{SITE}/products"), format!("https://{SITE}/checkout")],
        scenarios: vec![Scenario::NoChoice, Scenario::RejectAll],
        seen_in: (7, 8),
        measure: Some(Measure {
            first_ms: Some(412.0),
            before_banner_ms: Some(1_300.0),
            carrying_data: Some(8),
            bytes: Some(14_400),
            pages: 3,
            pages_looked_at: 4,
            sessions: 2,
            sessions_looked_at: 3,
            ..Measure::new(Counted::Request, 14)
        }),
        chain,
        evidence: Evidences::new(shown(request), [shown(request + 1), shown(request + 2)]),
        remedy: "GTM-ABC123, the tag that loads https://www.clarity.ms/tag/k3x9q2: add the consent requirement analytics_storage.".into(),
        prove: format!("affiant audit https://{SITE}/ https://{SITE}/products --scenario no-choice,reject-all"),
        bears_on: vec!["cipa-631/interception".into(), "cipa-631/third-party".into(), "unknown/x".into()],
    }
}

/// Each page is a group of its own.
fn page_groups(facts: &[VisitFacts]) -> Vec<PageGroup> {
    let mut out: Vec<PageGroup> = vec![];
    for v in facts {
        let pages = vec![v.url.clone()];
        if out.iter().all(|g| g.pages != pages) {
            let name = crate::words::place(&format!("https://{SITE}/"), &v.url).to_owned();
            out.push(PageGroup { name, pages });
        }
    }
    if out.len() > 1 { out } else { vec![] }
}

/// The matrix of these visits, as a rule would make it.
fn matrix(facts: &[VisitFacts]) -> Vec<MatrixRow> {
    let mut rows = rows(facts);
    for group in page_groups(facts) {
        let here: Vec<VisitFacts> = facts.iter().filter(|v| group.pages.contains(&v.url)).cloned().collect();
        for of_group in self::rows(&here) {
            let Some(row) = rows.iter_mut().find(|r| r.vendor == of_group.vendor) else { continue };
            row.page_groups.push(GroupCells { group: group.name.clone(), cells: of_group.cells });
        }
    }
    rows
}

fn rows(facts: &[VisitFacts]) -> Vec<MatrixRow> {
    let mut rows: Vec<MatrixRow> = vec![];
    let scenarios: Vec<Scenario> =
        Scenario::DEFAULT.into_iter().filter(|s| facts.iter().any(|f| f.scenario == *s)).collect();
    let moments = Moments::of(facts);
    for (v, i, r) in facts.iter().flat_map(|v| v.requests.iter().enumerate().map(move |(i, r)| (v, i, r))) {
        let Some((name, known)) = crate::vendors::receiver(v, i) else { continue };
        if !r.left_browser {
            continue;
        }
        let row = rows.iter().position(|x| x.vendor.name == name).unwrap_or_else(|| {
            let vendor = known.cloned().unwrap_or_else(|| VendorRef {
                name: name.into(),
                class: Class::Other,
                source: "host".into(),
            });
            let usable = |s: Scenario| {
                facts.iter().filter(|f| f.scenario == s && f.outcome.is_complete()).count() as u32
            };
            let cell = |s: &Scenario| MatrixCell {
                scenario: *s,
                state: if usable(*s) == 0 { CellState::NotTested } else { CellState::Nothing },
                control: false,
                under_consent: 0,
                before_banner: 0,
                before_choice: 0,
                after_choice: 0,
                first_ms: None,
                expected: true,
                seen_in: (0, usable(*s)),
                evidence: vec![],
            };
            rows.push(MatrixRow {
                vendor,
                third_party: true,
                cells: scenarios.iter().map(cell).collect(),
                page_groups: vec![],
            });
            rows.len() - 1
        });
        let Some(c) = rows[row].cells.iter_mut().find(|c| c.scenario == v.scenario) else { continue };
        let ms = since_page_began(v, r.t);
        c.first_ms = Some(c.first_ms.map_or(ms, |f| f.min(ms)));
        match moments.stretch(v, r.t) {
            Stretch::BeforeBanner => {
                (c.before_banner, c.before_choice) = (c.before_banner + 1, c.before_choice + 1)
            }
            Stretch::BeforeChoice => c.before_choice += 1,
            Stretch::AfterChoice | Stretch::NotKnown => c.after_choice += 1,
        }
        if c.evidence.last().is_none_or(|e| e.record != v.record) {
            c.evidence.push(r.evidence.clone());
            c.seen_in.0 += 1;
            c.seen_in.1 += u32::from(!v.outcome.is_complete());
        }
    }
    for row in &mut rows {
        let harmless = matches!(row.vendor.class, Class::Consent | Class::Service);
        for c in &mut row.cells {
            c.state = match (c.before_banner, c.before_choice, c.after_choice) {
                (1.., ..) => CellState::SentBeforeBanner,
                (_, 1.., _) => CellState::SentBeforeChoice,
                (_, _, 1..) => CellState::Sent,
                _ => c.state,
            };
            c.expected = harmless
                || c.state == CellState::Nothing
                || (c.scenario == Scenario::AcceptAll && c.before_choice == 0);
        }
    }
    rows
}

fn theories() -> Vec<TheoryNote> {
    let element = |id: &str, title: &str| ElementNote {
        id: id.into(),
        title: title.into(),
        not_observable: Some("who else read the data after it arrived".into()),
    };
    vec![TheoryNote {
        id: "cipa-631".into(),
        title: "California Penal Code § 631(a): reading the contents of a communication in transit".into(),
        elements: vec![
            element("interception", "Contents were read while in transit"),
            element("third-party", "By somebody who is not a party to the communication"),
        ],
        sources: vec!["Cal. Penal Code § 631(a)".into()],
        as_of: "2026-11-01".into(),
        caution: "Courts differ on what counts as contents.".into(),
    }]
}

//! Small builders of facts for tests: a visit that is complete and fully watched unless said otherwise.

use affiant_detect::facts::{
    BannerFact, Cause, ChoiceFact, Class, ContentFact, ContentKind, ContentLeak, CookieFact, DeclarationFact,
    InputFact, InputKind, LayerFact, LeakFact, ListenerFact, Marks, PageKind, PageKindFact, Party,
    RequestFact, TagFact, TypedFact, VendorRef, VisitFacts,
};
use affiant_record::consent::{Achieved, AchievedChoice, BannerLayer, LayerControl};
use affiant_record::declaration::{Category, Declaration, DeclaredCookie};
use affiant_record::footer::collectors as c;
use affiant_record::{Choice, CollectorStatus, Digest, Evidence, Leg, Outcome, Scenario};

use crate::visit_set::{AuditFacts, PlannedVisit, VisitSet};

/// Words that no text of ours may say.
pub(crate) const FORBIDDEN: &[&str] =
    &["violat", "illegal", "unlawful", "complian", "safe", "gdpr", "breach"];

/// A vendor that tests know by name.
pub(crate) fn vendor(name: &str) -> VendorRef {
    let class = match name {
        "Hotjar" | "Microsoft Clarity" => Class::SessionReplay,
        "Meta Pixel" => Class::AdPixel,
        "Google Analytics" => Class::Analytics,
        "Google Tag Manager" => Class::TagManager,
        "Google Fonts" => Class::Service,
        "OneTrust" => Class::Consent,
        "Intercom" => Class::Chat,
        _ => Class::Other,
    };
    VendorRef { name: name.into(), class, source: "catalogue".into() }
}

fn host_of(name: &str) -> &str {
    match name {
        "Hotjar" => "hotjar.com",
        "Microsoft Clarity" => "clarity.ms",
        "Meta Pixel" => "facebook.com",
        "Google Analytics" => "google-analytics.com",
        "Google Tag Manager" => "googletagmanager.com",
        "Google Fonts" => "fonts.googleapis.com",
        "OneTrust" => "cookielaw.org",
        other => other,
    }
}

/// A visit being built.
#[derive(Debug, Clone)]
pub(crate) struct Build(VisitFacts);

/// A first visit to `https://shop.example/` in this scenario.
pub(crate) fn visit(scenario: Scenario) -> Build {
    let all = [
        c::NETWORK,
        c::BODIES,
        c::COOKIES,
        c::STORAGE,
        c::WEB_SOCKETS,
        c::CONSOLE,
        c::SCREENSHOTS,
        c::CONSENT,
        c::PAGE,
        c::PROBE,
        c::LISTENERS,
    ];
    let url = "https://shop.example/";
    let page = RequestFact::new(0.0, url, Party::First, evidence(1));
    let v = VisitFacts {
        path: format!("visits/{scenario}/0"),
        session: scenario.to_string(),
        decides: scenario.first_choice(),
        title: "Shop".into(),
        site: "shop.example".into(),
        outcome: Outcome::Complete,
        sealed: true,
        collectors: all.iter().map(|n| ((*n).to_owned(), CollectorStatus::Gathered)).collect(),
        achieved: Achieved { choice: AchievedChoice::None, ..Achieved::default() },
        banner_watched_ms: 5000.0,
        marks: Marks { page_began: Some(0.0), end: 9000.0, ..Marks::default() },
        requests: vec![RequestFact {
            resource_type: "Document".into(),
            status: Some(200),
            navigation: true,
            cause: Cause { kind: "page".into(), ..Cause::default() },
            ..page
        }],
        ..VisitFacts::new(Digest([0; 32]), scenario, url)
    };
    Build(v)
}

fn evidence(line: u64) -> Evidence {
    Evidence { record: Digest([0; 32]), line, blob: None }
}

/// A first-party cookie of unknown purpose.
pub(crate) fn cookie(name: &str, t: f64) -> CookieFact {
    CookieFact::new(t, name, "shop.example", Party::First, evidence(900))
}

/// A category that is being built.
#[derive(Debug, Clone)]
pub(crate) struct CategoryBuild(Category);

/// A declared category with this default.
pub(crate) fn category(name: &str, default: &str) -> CategoryBuild {
    CategoryBuild(Category {
        id: name.into(),
        name: name.into(),
        default: default.into(),
        ..Category::default()
    })
}

impl CategoryBuild {
    pub(crate) fn done(self) -> Category {
        self.0
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.0.hosts.push(host.into());
        self
    }

    pub(crate) fn service(mut self, name: &str) -> Self {
        self.0.services.push(name.into());
        self
    }

    pub(crate) fn cookie(mut self, name: &str) -> Self {
        self.0.cookies.push(DeclaredCookie { name: name.into(), host: None });
        self
    }
}

impl Build {
    /// What the running page's platform declares.
    pub(crate) fn declares(mut self, platform: &str, categories: Vec<Category>) -> Self {
        let declared = Declaration {
            platform: platform.into(),
            from: "page".into(),
            categories,
            ..Declaration::default()
        };
        self.0.declarations.push(DeclarationFact { declared, evidence: evidence(860) });
        self
    }

    pub(crate) fn done(self) -> VisitFacts {
        self.0
    }

    pub(crate) fn page(mut self, path: &str, ordinal: u32) -> Self {
        self.0.url = format!("https://shop.example{path}");
        self.0.requests[0].url = self.0.url.as_str().into();
        self.0.ordinal = ordinal;
        (self.0.leg, self.0.decides) = (Leg::Further, None);
        if self.0.scenario == Scenario::RejectAll {
            self.0.achieved.choice = AchievedChoice::RejectAll;
        }
        self
    }

    /// Where the visit stands, and what is decided in it.
    pub(crate) fn leg(mut self, leg: Leg, decides: Option<Choice>) -> Self {
        (self.0.leg, self.0.decides) = (leg, decides);
        self
    }

    /// The visitor went on without an answer.
    pub(crate) fn ignored(mut self, t: f64) -> Self {
        self.0.marks.ignored = Some(t);
        self
    }

    /// Global Privacy Control was sent.
    pub(crate) fn gpc(mut self) -> Self {
        self.0.gpc = true;
        self
    }

    pub(crate) fn session(mut self, session: &str) -> Self {
        self.0.session = session.into();
        self
    }

    pub(crate) fn banner(mut self, t: f64) -> Self {
        self.0.banner = Some(BannerFact { visible: Some(t), ..BannerFact::default() });
        self.0.marks.banner = Some(t);
        self
    }

    /// The choice was made and is seen stored, as the site's own state confirms.
    pub(crate) fn chose(mut self, made: f64, stored: f64) -> Self {
        self.0.choice = Some(ChoiceFact {
            driver: "autoconsent".into(),
            rule: None,
            not_offered: false,
            ok: true,
            clicks: Some(1),
            note: None,
            evidence: evidence(800),
        });
        self.0.marks.choice = Some(made);
        self.0.marks.choice_stored = Some(stored);
        self.0.marks.after_choice = Some(stored + 50.0);
        self.0.achieved.choice = match self.0.decides {
            Some(Choice::Accept) => AchievedChoice::AcceptAll,
            Some(Choice::Reject | Choice::Withdraw) => AchievedChoice::RejectAll,
            Some(Choice::Custom(_)) => AchievedChoice::Partial,
            _ => AchievedChoice::None,
        };
        self
    }

    /// How many clicks the choice took.
    pub(crate) fn clicks(mut self, n: u32) -> Self {
        self.0.choice.as_mut().unwrap().clicks = Some(n);
        self
    }

    /// A layer of the banner was read, with these controls.
    pub(crate) fn layer(mut self, controls: &[LayerControl]) -> Self {
        let layer = self.0.layers.len() as u32 + 1;
        let layer = BannerLayer { layer, controls: controls.to_vec(), ..BannerLayer::default() };
        self.0.layers.push(LayerFact { layer, evidence: evidence(850) });
        self
    }

    pub(crate) fn could_not_choose(mut self, note: &str) -> Self {
        self.0.choice = Some(ChoiceFact {
            driver: "autoconsent".into(),
            rule: None,
            not_offered: note.contains("does not offer"),
            ok: false,
            clicks: None,
            note: Some(note.into()),
            evidence: evidence(800),
        });
        self
    }

    pub(crate) fn achieved(mut self, choice: AchievedChoice) -> Self {
        self.0.achieved.choice = choice;
        self
    }

    pub(crate) fn outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    pub(crate) fn collector(mut self, name: &str, status: CollectorStatus) -> Self {
        self.0.collectors.insert(name.into(), status);
        self
    }

    /// A POST to a vendor's tag, or to a host if the name has a dot.
    pub(crate) fn send(mut self, t: f64, to: &str) -> Self {
        let host = host_of(to).to_owned();
        let unknown = to.contains('.');
        let mut labels: Vec<&str> = host.rsplit('.').take(2).collect();
        labels.reverse();
        let domain = labels.join(".");
        let first = domain == "shop.example";
        let index = self.0.requests.len();
        let tag = (!unknown).then(|| {
            let v = vendor(to);
            self.0.tags.iter().position(|t| t.vendor == v).unwrap_or_else(|| {
                self.0.tags.push(TagFact {
                    vendor: v,
                    account: None,
                    hosts: vec![host.as_str().into()],
                    requests: vec![],
                    chain: vec![],
                    party: Party::Third,
                });
                self.0.tags.len() - 1
            })
        });
        if let Some(t) = tag {
            self.0.tags[t].requests.push(index);
        }
        let party = if first { Party::First } else { Party::Third };
        let url = format!("https://{host}/collect");
        self.0.requests.push(RequestFact {
            domain: domain.into(),
            method: "POST".into(),
            resource_type: "Fetch".into(),
            status: Some(204),
            tag,
            ..RequestFact::new(t, &url, party, evidence(10 + index as u64))
        });
        self
    }

    fn last(&mut self) -> &mut RequestFact {
        self.0.requests.last_mut().unwrap()
    }

    /// The last request is a script that was fetched.
    pub(crate) fn loaded(mut self) -> Self {
        let r = self.last();
        (r.method, r.resource_type) = ("GET".into(), "Script".into());
        self
    }

    /// The last request had a body of so many bytes.
    pub(crate) fn body(mut self, n: u64) -> Self {
        self.last().body_bytes = Some(n);
        self
    }

    /// The last request never left the browser.
    pub(crate) fn stopped(mut self, error: &str) -> Self {
        let r = self.last();
        (r.left_browser, r.error, r.status) = (false, Some(error.into()), None);
        self
    }

    /// The last request went to the site's own domain.
    pub(crate) fn first_party(mut self) -> Self {
        self.last().party = Party::First;
        self
    }

    /// The last request's tag has this account.
    pub(crate) fn account(mut self, id: &str) -> Self {
        let tag = self.last().tag.unwrap();
        self.0.tags[tag].account = Some(id.into());
        self
    }

    /// What caused the last request.
    pub(crate) fn caused_by(mut self, by: usize, kind: &str, url: &str, line: u64) -> Self {
        let r = self.last();
        r.caused_by = Some(by);
        r.cause = Cause {
            kind: kind.into(),
            url: Some(url.into()),
            line: Some(line),
            column: (kind == "script").then_some(1),
            function: None,
        };
        self
    }

    /// The script of the last request listens.
    pub(crate) fn listens(mut self, event: &str, on: &str, selector: Option<&str>) -> Self {
        let script = self.last().url.clone();
        self.0.listeners.push(ListenerFact {
            at: "leave".into(),
            on: on.into(),
            selector: selector.map(Into::into),
            event: event.into(),
            script: Some(script),
            line: 3,
            column: 7,
            vendor: None,
            count: 1,
            evidence: evidence(760),
        });
        self
    }

    /// A value was typed into a field, from one moment to another.
    pub(crate) fn typed(mut self, kind: InputKind, label: &str, began: f64, ended: f64) -> Self {
        let n = self.0.probe.typed.len();
        self.0.probe.ran = true;
        self.0.probe.typed.push(TypedFact {
            selector: format!("#f{n}"),
            label: label.into(),
            kind,
            frame_url: self.0.url.clone(),
            value: format!("value-{n}"),
            how: "keys".into(),
            whole: true,
            began,
            ended,
            blurred: Some(ended),
            evidence: evidence(710 + n as u64),
        });
        self
    }

    /// The last request held a value that was typed, written so.
    pub(crate) fn leak(mut self, typed: usize, formula: &str, fraction: f64) -> Self {
        let (request, t) = (self.0.requests.len() - 1, self.last().t);
        let of = &self.0.probe.typed[typed];
        let (began, ended) = (of.began, of.ended);
        self.0.probe.leaks.push(LeakFact {
            typed,
            request,
            t,
            channel: "body".into(),
            formula: formula.into(),
            fraction,
            weak: false,
            places: 1,
            after_first_key_ms: t - began,
            after_last_key_ms: t - ended,
            after_blur_ms: Some(t - ended),
            evidence: evidence(750),
        });
        self
    }

    pub(crate) fn cookie(mut self, c: CookieFact) -> Self {
        self.0.cookies.push(c);
        self
    }

    /// What is looked for or watched on the page.
    pub(crate) fn content(mut self, what: ContentKind, value: &str) -> Self {
        self.0.contents.values.push(ContentFact {
            what,
            value: value.into(),
            place: "the page's address".into(),
            unique: false,
            searched: true,
            served_by: vec![],
            leaks: vec![],
            evidence: evidence(702),
        });
        self
    }

    /// The last request holds one of those, written so.
    pub(crate) fn holds(mut self, value: usize, formula: &str) -> Self {
        let (request, t) = (self.0.requests.len() - 1, self.last().t);
        self.0.contents.values[value].leaks.push(ContentLeak {
            request,
            t,
            channel: "body".into(),
            formula: formula.into(),
            evidence: evidence(751),
        });
        self
    }

    /// The page is of this kind.
    pub(crate) fn kind(mut self, kind: PageKind, because: &str) -> Self {
        self.0.page_kinds.push(PageKindFact { kind, because: because.into(), evidence: evidence(701) });
        self
    }

    pub(crate) fn field(mut self, kind: InputKind, label: &str) -> Self {
        self.0.inputs.push(InputFact {
            selector: "#f".into(),
            label: label.into(),
            kind,
            because: "type".into(),
            visible: true,
            evidence: evidence(700),
        });
        self
    }
}

/// A set of these visits, all planned; each gets a record of its own.
pub(crate) fn set<const N: usize>(visits: [Build; N]) -> VisitSet {
    let mut out = AuditFacts {
        site: "shop.example".into(),
        start: "https://shop.example/".into(),
        ..AuditFacts::default()
    };
    for (n, Build(mut v)) in visits.into_iter().enumerate() {
        let digest = Digest([n as u8 + 1; 32]);
        v.record = digest;
        v.requests.iter_mut().for_each(|r| r.evidence.record = digest);
        v.cookies.iter_mut().for_each(|c| c.evidence.record = digest);
        v.inputs.iter_mut().for_each(|i| i.evidence.record = digest);
        v.page_kinds.iter_mut().for_each(|k| k.evidence.record = digest);
        out.planned.push(PlannedVisit {
            session: v.session.clone(),
            scenario: v.scenario,
            page: v.url.clone(),
            ordinal: v.ordinal,
        });
        out.visits.push(v);
    }
    out.into()
}

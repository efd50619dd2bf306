//! Facts of made-up visits, built step by step.

use affiant_detect::facts::{
    ApiUseFact, BannerFact, Cause, ChoiceFact, Class, ContentFact, ContentFacts, ContentKind, ContentLeak,
    CookieFact, DeclarationFact, InputFact, InputKind, LayerFact, LeakFact, LeakSearch, ListenerFact, Marks,
    PageKind, PageKindFact, Party, PreventedFact, ProbeFacts, RequestFact, Said, ScreenshotFact,
    SentCookieFact, Standard, StateFact, StoredFact, TagFact, Text, TypedFact, VendorRef, VisitFacts,
};
use affiant_record::consent::{Achieved, AchievedChoice, BannerLayer, LayerControl};
use affiant_record::declaration::{Category, Declaration, DeclaredCookie, RegionRule};
use affiant_record::footer::collectors;
use affiant_record::{CollectorStatus, Digest, Evidence, Leg, Outcome, Scenario};

/// The audited site.
pub const SITE: &str = "shop.example";

/// A vendor.
pub fn vendor(name: &str, class: Class) -> VendorRef {
    VendorRef { name: name.into(), class, source: "catalogue".into() }
}

/// A visit with nothing but its page.
pub fn visit(scenario: Scenario, ordinal: u32, path: &str) -> VisitFacts {
    let record = Digest::of(format!("{scenario}/{ordinal}").as_bytes());
    let names =
        [collectors::NETWORK, collectors::BODIES, collectors::COOKIES, collectors::CONSENT, collectors::PAGE];
    let url = format!("https://{SITE}{path}");
    let chosen = scenario != Scenario::NoChoice && ordinal == 0;
    let choice = match scenario {
        Scenario::AcceptAll => AchievedChoice::AcceptAll,
        Scenario::RejectAll => AchievedChoice::RejectAll,
        _ => AchievedChoice::None,
    };
    let mut v = VisitFacts {
        path: format!("visits/{scenario}-{ordinal:02}"),
        session: scenario.to_string(),
        ordinal,
        leg: if ordinal == 0 { Leg::First } else { Leg::Further },
        decides: scenario.first_choice().filter(|_| ordinal == 0),
        final_url: Some(url.clone()),
        title: format!("Shop – {path}"),
        site: SITE.into(),
        outcome: Outcome::Complete,
        sealed: true,
        collectors: names.into_iter().map(|n| (n.to_owned(), CollectorStatus::Gathered)).collect(),
        achieved: Achieved { choice, basis: vec!["cookie:consent=…".into()], ..Achieved::default() },
        choice: chosen.then(|| ChoiceFact {
            driver: "autoconsent 16.23.0".into(),
            rule: Some("Cybotcookiebot".into()),
            not_offered: false,
            ok: true,
            clicks: Some(1),
            note: None,
            evidence: Evidence { record, line: 900, blob: None },
        }),
        banner: (ordinal == 0).then(|| BannerFact {
            visible: Some(1_730.0),
            text: Some("We value your privacy".into()),
            buttons: vec!["Accept all".into(), "Reject all".into()],
            evidence: vec![Evidence { record, line: 850, blob: None }],
        }),
        banner_watched_ms: 5_000.0,
        marks: Marks {
            page_began: Some(18.0),
            banner: (ordinal == 0).then_some(1_730.0),
            choice: chosen.then_some(4_100.0),
            choice_stored: chosen.then_some(4_260.0),
            after_choice: chosen.then_some(4_300.0),
            leave: Some(8_900.0),
            end: 9_000.0,
            ..Marks::default()
        },
        cmp: Some("Cookiebot".into()),
        ..VisitFacts::new(record, scenario, &url)
    };
    v.requests.push(request(&v, 18.0, &url, None, "page"));
    v.requests[0].navigation = true;
    v.requests[0].resource_type = "Document".into();
    v
}

fn request(v: &VisitFacts, t: f64, url: &str, caused_by: Option<usize>, kind: &str) -> RequestFact {
    let host = crate::words::host(url).to_owned();
    let mut labels: Vec<&str> = host.rsplit('.').take(2).collect();
    labels.reverse();
    let domain = labels.join(".");
    let party = if domain == v.site { Party::First } else { Party::Third };
    let evidence = Evidence { record: v.record, line: 10 + v.requests.len() as u64 * 3, blob: None };
    RequestFact {
        domain: domain.into(),
        resource_type: "Script".into(),
        status: Some(200),
        caused_by,
        cause: Cause {
            kind: kind.into(),
            url: caused_by.and_then(|i| v.requests.get(i)).map(|r| r.url.clone()),
            line: (kind == "script").then_some(12),
            column: (kind == "script").then_some(340),
            function: (kind == "script").then(|| "loadTag".to_owned()).map(Into::into),
        },
        ..RequestFact::new(t, url, party, evidence)
    }
}

/// A request to a vendor's host, or to a host whose owner is not known. Says its place.
pub fn send(
    v: &mut VisitFacts,
    t: f64,
    to: Option<(&VendorRef, Option<&str>)>,
    url: &str,
    caused_by: usize,
) -> usize {
    let kind = if caused_by == 0 { "parser" } else { "script" };
    let mut r = request(v, t, url, Some(caused_by), kind);
    let at = v.requests.len();
    if url.contains("collect") {
        (r.method, r.resource_type, r.body_bytes, r.cookies_sent) =
            ("POST".into(), "Ping".into(), Some(1_834), 2);
    }
    if let Some((vendor, account)) = to {
        r.vendor = Some(vendor.clone());
        let account = account.map(Text::from);
        let known = v.tags.iter().position(|t| t.vendor == *vendor && t.account == account);
        let tag = known.unwrap_or_else(|| {
            v.tags.push(TagFact {
                vendor: vendor.clone(),
                account,
                hosts: vec![],
                requests: vec![],
                chain: vec![0, at],
                party: r.party,
            });
            v.tags.len() - 1
        });
        r.tag = Some(tag);
        v.tags[tag].requests.push(at);
        if !v.tags[tag].hosts.contains(&r.host) {
            v.tags[tag].hosts.push(r.host.clone());
        }
    }
    v.requests.push(r);
    at
}

/// A cookie.
pub fn cookie(
    v: &mut VisitFacts,
    t: f64,
    name: &str,
    domain: &str,
    by: Option<&VendorRef>,
    days: Option<f64>,
) {
    let evidence = Evidence { record: v.record, line: 600 + v.cookies.len() as u64, blob: None };
    let party = if domain.ends_with(SITE) { Party::First } else { Party::Third };
    v.cookies.push(CookieFact {
        lifetime_s: days.map(|d| d * 86_400.0),
        flags: vec!["Secure".into(), "SameSite=None".into()],
        vendor: by.cloned(),
        purpose: by
            .map(|v| if v.class == Class::Analytics { "analytics" } else { "marketing" }.to_owned())
            .map(Into::into),
        set_by: by
            .map(|v| format!("https://cdn.{}.example/tag.js", v.name.to_lowercase().replace(' ', "-")))
            .map(Into::into),
        stores_consent: name == "CookieConsent",
        ..CookieFact::new(t, name, domain, party, evidence)
    });
}

/// A layer of the banner, one that attacks whoever shows it, and what the platform said.
pub fn layers(v: &mut VisitFacts, hostile: &str) {
    let button = |label: &str, means: &str, w: f64, contrast: f64| LayerControl {
        role: "button".into(),
        label: label.into(),
        means: Some(means.into()),
        rect: Some([20.0, 600.0, w, 44.0]),
        font_px: Some(16.0),
        contrast: Some(contrast),
        stands_out: Some(4.6),
        tab: true,
        ..LayerControl::default()
    };
    let switch = |purpose: &str, on, off| LayerControl {
        role: "box".into(),
        label: purpose.into(),
        purpose: Some(purpose.into()),
        on: Some(on),
        off,
        tab: !off,
        ..LayerControl::default()
    };
    let layer = |n, text: &str, controls| BannerLayer {
        layer: n,
        rect: Some([0.0, 560.0, 1280.0, 160.0]),
        share: Some(0.222),
        lang: Some("en".into()),
        words: Some(Digest::of(text.as_bytes())),
        text: Some(text.into()),
        beside: Some(true),
        controls,
        ..BannerLayer::default()
    };
    let first = vec![button("Accept all", "accept", 160.0, 8.5), button("Reject all", "reject", 80.0, 3.1)];
    let second = vec![
        switch("necessary", true, true),
        switch("advertising", true, false),
        button(hostile, "save", 90.0, 9.0),
    ];
    for (line, layer) in [(851, layer(1, "We value your privacy", first)), (870, layer(2, hostile, second))] {
        v.layers.push(LayerFact { layer, evidence: Evidence { record: v.record, line, blob: None } });
    }
    let said = Said {
        standard: Standard::UsPrivacy,
        fields: [("opted out of sale".to_owned(), "yes".to_owned())].into(),
        granted: 0,
        denied: 1,
    };
    let evidence = Evidence { record: v.record, line: 880, blob: None };
    v.states.push(StateFact {
        at: "leave".into(),
        source: format!("cookie:usprivacy{hostile}").into(),
        said,
        evidence,
    });
}

/// What the platform declares, some of it hostile.
pub fn declares(v: &mut VisitFacts, hostile: &str) {
    let cookie = |name: &str| DeclaredCookie { name: name.into(), host: None };
    let category = |id: &str, name: &str, default: &str, cookies| Category {
        id: id.into(),
        name: name.into(),
        default: default.into(),
        cookies,
        services: vec!["Microsoft Clarity".into(), hostile.into()],
        ..Category::default()
    };
    let declared = Declaration {
        platform: "Cookiebot".into(),
        from: "page".into(),
        model: Some("opt-in".into()),
        rules: vec![RegionRule {
            name: hostile.into(),
            regions: vec!["us-ca".into()],
            ..RegionRule::default()
        }],
        categories: vec![
            category("necessary", "Necessary", "always", vec![cookie("CookieConsent")]),
            category("marketing", hostile, "off", vec![cookie("_fbp"), cookie(hostile)]),
        ],
        ..Declaration::default()
    };
    let evidence = Evidence { record: v.record, line: 890, blob: None };
    v.declarations.push(DeclarationFact { declared, evidence });
}

/// A script of a vendor that listens, looks and stores; and a cookie that went along.
pub fn behaviour(v: &mut VisitFacts, by: &VendorRef, field: &str) {
    let evidence = |line| Evidence { record: v.record, line, blob: None };
    let script = format!("https://cdn.{}.example/tag.js", by.name.to_lowercase().replace(' ', "-"));
    v.listeners.push(ListenerFact {
        at: "leave".into(),
        on: "input".into(),
        selector: Some(field.into()),
        event: "keydown".into(),
        script: Some(script.as_str().into()),
        line: 12,
        column: 7,
        vendor: Some(by.clone()),
        count: 1,
        evidence: evidence(810),
    });
    v.api_uses.push(ApiUseFact {
        t: 400.0,
        api: "HTMLCanvasElement.toDataURL".into(),
        details: vec!["image/png".into()],
        script: script.as_str().into(),
        brought_by: None,
        vendor: Some(by.clone()),
        evidence: evidence(811),
    });
    v.stored.push(StoredFact {
        t: 410.0,
        area: "indexed-db".into(),
        origin: "https://www.shop.example".into(),
        key: "replay/events/1".into(),
        change: "put".into(),
        times: 3,
        set_by: Some(script.into()),
        brought_by: None,
        vendor: Some(by.clone()),
        evidence: evidence(812),
    });
    v.cookies_sent.push(SentCookieFact {
        name: "_id".into(),
        domain: ".shop.example".into(),
        partition: None,
        host: "collect.example".into(),
        party: Party::Third,
        vendor: Some(by.clone()),
        blocked: vec![],
        times: 2,
        first: None,
        evidence: evidence(813),
    });
}

/// A form field.
pub fn input(v: &mut VisitFacts, selector: &str, label: &str, kind: InputKind) {
    let evidence = Evidence { record: v.record, line: 700 + v.inputs.len() as u64, blob: None };
    v.inputs.push(InputFact {
        selector: selector.into(),
        label: label.into(),
        kind,
        because: "autocomplete".into(),
        visible: true,
        evidence,
    });
}

/// Two fields were typed into; the last request of the visit holds one of the values.
pub fn probed(v: &mut VisitFacts, text: &str) {
    let at = |line| Evidence { record: v.record, line, blob: None };
    let typed = |selector: &str, label: &str, kind, began: f64| TypedFact {
        selector: selector.into(),
        label: label.into(),
        kind,
        frame_url: v.url.clone(),
        value: format!("value of {text}"),
        how: "keys".into(),
        whole: kind != InputKind::Message,
        began,
        ended: began + 900.0,
        blurred: (kind != InputKind::Message).then_some(began + 950.0),
        evidence: at(720),
    };
    let leak = |typed: usize, fraction, after: f64| LeakFact {
        typed,
        request: v.requests.len().saturating_sub(1),
        t: 6000.0,
        channel: "body".into(),
        formula: format!("gzip(json($.{text}: base64(value)))"),
        fraction,
        weak: false,
        places: 3,
        after_first_key_ms: after + 900.0,
        after_last_key_ms: after,
        after_blur_ms: Some(after - 50.0),
        evidence: at(730),
    };
    v.probe = ProbeFacts {
        ran: true,
        found: 3,
        why_not: None,
        left_out: vec![("#quantity".into(), text.into())],
        guard: vec!["submit events are stopped in 1 document".into()],
        typed: vec![
            typed("#email", text, InputKind::Email, 5000.0),
            typed("#note", "Note", InputKind::Message, 6000.0),
        ],
        prevented: vec![PreventedFact {
            t: 7000.0,
            how: "event".into(),
            url: format!("https://{SITE}/{text}"),
            evidence: at(740),
        }],
        leaks: vec![leak(0, 1.0, 159.0), leak(0, 0.5, -300.0)],
        search: LeakSearch { requests: 9, bodies_missing: 1, cut: false, too_short: vec![] },
        evidence: Some(at(745)),
    };
}

/// What kind of page it is, and what is looked for on it; the last request of the visit holds it.
pub fn searched(v: &mut VisitFacts, text: &str) {
    let at = |line| Evidence { record: v.record, line, blob: None };
    let because = format!("its parameter '{text}' holds search terms");
    v.page_kinds.push(PageKindFact { kind: PageKind::Search, because: because.into(), evidence: at(745) });
    let leak = ContentLeak {
        request: v.requests.len().saturating_sub(1),
        t: 6000.0,
        channel: "body".into(),
        formula: format!("json($.{text})"),
        evidence: at(747),
    };
    let value = ContentFact {
        what: ContentKind::Search,
        value: text.into(),
        place: "its parameter 'q' of the page's address".into(),
        unique: false,
        searched: true,
        served_by: vec![],
        leaks: vec![leak],
        evidence: at(746),
    };
    v.contents = ContentFacts { values: vec![value], requests: 9, bodies_missing: 1, cut: false };
}

/// A screenshot.
pub fn shot(v: &mut VisitFacts, phase: &str, t: f64, blob: Digest) {
    let evidence = Evidence { record: v.record, line: 800 + v.screenshots.len() as u64, blob: Some(blob) };
    v.screenshots.push(ScreenshotFact { phase: phase.into(), t, mime: "image/png".into(), blob, evidence });
}

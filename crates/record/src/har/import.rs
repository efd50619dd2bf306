//! A HAR as an audit folder of sealed records.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::entry::{self, At, Told};
use super::error::HarError;
use super::parts::Entry;
use super::survey::{self, Survey};
use super::walk::walk;
use super::{BODY_LIMIT, NOT_RUN, SOURCE};
use crate::audit::Plan;
use crate::consent::{Achieved, AchievedChoice};
use crate::footer::collectors as names;
use crate::header::{Browser, Clock, SCHEMA, Settings, Tool, Vantage};
use crate::{
    AuditFolder, CollectorStatus, Digest, Extra, Footer, Header, Outcome, RecordWriter, Scenario, VisitEntry,
};

/// Records that are written at once: each holds a compressor.
const AT_ONCE: usize = 16;
/// Name of the one session.
const SESSION: &str = "har";

/// The plan of an imported audit: what the HAR's maker did, as far as it is known.
pub fn plan(survey: &Survey) -> Plan {
    let mut extra = Extra::new();
    extra.insert(SOURCE.to_owned(), source(survey));
    let pages: Vec<String> = survey.visits.iter().map(|v| v.url.clone()).collect();
    Plan {
        start: pages.first().cloned().unwrap_or_default(),
        max_pages: u32::try_from(pages.len()).unwrap_or(u32::MAX),
        pages,
        scenarios: vec![Scenario::Unknown],
        controls: Vec::new(),
        returns: false,
        repeat: 1,
        vantage: vantage(survey),
        extra,
    }
}

/// Writes every visit of the HAR into the folder. `seed` must give random bytes, others each time.
pub fn import(
    survey: &Survey,
    folder: &mut AuditFolder,
    seed: &mut dyn FnMut() -> [u8; 32],
) -> Result<(), HarError> {
    let plan = folder.manifest.plan.digest()?;
    let blobs = folder.blobs();
    let mut file = survey::open(&survey.path)?;
    for (i, v) in survey.visits.iter().enumerate() {
        folder.manifest.visits.push(VisitEntry {
            path: format!("visits/{SESSION}/{i:03}"),
            session: SESSION.to_owned(),
            ordinal: u32::try_from(i).unwrap_or(u32::MAX),
            scenario: Scenario::Unknown,
            leg: None,
            control: false,
            url: v.url.clone(),
            digest: None,
            outcome: None,
            extra: Extra::new(),
        });
    }
    folder.save()?;
    let mut left = vec![0u64; survey.visits.len()];
    for place in survey.places.iter().flatten() {
        if let Some(n) = left.get_mut(usize::from(*place)) {
            *n += 1;
        }
    }
    // Visits mostly come one after another, and then one pass writes them all. Those that would be too many at once wait for the
    // next: each of them from its first entry on.
    while left.iter().any(|n| *n > 0) {
        let mut open: HashMap<usize, Open> = HashMap::new();
        let mut waits: HashSet<usize> = HashSet::new();
        let mut sealed = Vec::new();
        let walked = walk(&survey.path, &mut file, &mut |n, raw| {
            let place = usize::try_from(n).ok().and_then(|n| *survey.places.get(n)?);
            let Some(place) = place.map(usize::from).filter(|p| left.get(*p).is_some_and(|n| *n > 0)) else {
                return Ok(());
            };
            let changed = || HarError::Changed { path: survey.path.clone() };
            let (Some(v), Some(entry)) = (survey.visits.get(place), folder.manifest.visits.get(place)) else {
                return Ok(());
            };
            if waits.contains(&place) || (!open.contains_key(&place) && open.len() >= AT_ONCE) {
                waits.insert(place);
                return Ok(());
            }
            let (started, e) = Entry::read(raw).map_err(|_| changed())?;
            let o = match open.entry(place) {
                Slot::Occupied(o) => o.into_mut(),
                Slot::Vacant(slot) => {
                    let dir = folder.visit_dir(entry)?;
                    let writer = RecordWriter::create(&dir, header(survey, place, plan), seed())?;
                    slot.insert(Open { writer, told: Told::default(), end: 0.0 })
                }
            };
            let at = At {
                n,
                t: started - v.began_ms,
                zero_ms: v.began_ms,
                is_page: v.document == Some(n),
                page_url: &v.url,
            };
            for (t, line) in entry::lines(e, &at, &mut o.told, &blobs)? {
                o.end = o.end.max(t);
                o.writer.write(t, line)?;
            }
            let last = left.get_mut(place).is_none_or(|n| {
                *n -= 1;
                *n == 0
            });
            if last && let Some(o) = open.remove(&place) {
                let footer = footer(survey, &o.told);
                sealed.push((place, footer.outcome.clone(), o.writer.seal(o.end, footer)?));
            }
            Ok(())
        })?;
        if walked.sha256 != survey.sha256 {
            return Err(HarError::Changed { path: survey.path.clone() });
        }
        for (place, outcome, digest) in sealed {
            if let Some(entry) = folder.manifest.visits.get_mut(place) {
                (entry.outcome, entry.digest) = (Some(outcome), Some(digest));
            }
        }
        folder.save()?;
    }
    Ok(())
}

struct Open {
    writer: RecordWriter,
    told: Told,
    end: f64,
}

/// Where the visits come from.
fn source(s: &Survey) -> Value {
    let maker = |(name, version): &(String, String)| json!({ "name": name, "version": version });
    json!({
        "kind": "har",
        "file_name": s.path.file_name().map(|n| n.to_string_lossy().into_owned()),
        "sha256": s.sha256,
        "bytes": s.bytes,
        "version": s.version,
        "flavour": s.flavour.as_str(),
        "creator": maker(&s.creator),
        "browser": s.browser.as_ref().map(maker),
        "comment": (!s.comment.is_empty()).then_some(&s.comment),
        "entries": s.entries,
        "pages_without_entries": s.empty_pages,
        "lost": (!s.lost.is_empty()).then_some(&s.lost),
    })
}

fn vantage(s: &Survey) -> Vantage {
    let mut extra = Extra::new();
    extra.insert(
        "not_known".to_owned(),
        json!([
            "locale",
            "timezone",
            "width",
            "height",
            "proxy",
            "third_party_cookies",
            "insecure",
            "resolve"
        ]),
    );
    Vantage {
        name: "not known: the visit was made by others".to_owned(),
        third_party_cookies: true,
        gpc: s.gpc,
        extra,
        ..Vantage::default()
    }
}

fn header(s: &Survey, i: usize, plan: Digest) -> Header {
    let visit = s.visits.get(i);
    let mut extra = Extra::new();
    let mut from = source(s);
    if let (Value::Object(map), Some(v)) = (&mut from, visit) {
        map.insert("page".to_owned(), json!({ "id": v.page, "title": v.title }));
    }
    extra.insert(SOURCE.to_owned(), from);
    Header {
        schema: SCHEMA,
        tool: Tool { name: s.creator.0.clone(), version: s.creator.1.clone() },
        browser: Browser {
            product: s.browser.as_ref().map(|(n, v)| format!("{n}/{v}")).unwrap_or_default(),
            user_agent: s.user_agent.clone(),
            mode: "not known (imported from a HAR)".to_owned(),
            ..Browser::default()
        },
        plan,
        session: SESSION.to_owned(),
        ordinal: u32::try_from(i).unwrap_or(u32::MAX),
        scenario: Scenario::Unknown,
        leg: None,
        choice: None,
        choice_visit: None,
        url: visit.map(|v| v.url.clone()).unwrap_or_default(),
        vantage: vantage(s),
        settings: Settings { body_limit: BODY_LIMIT as u64, ..Settings::default() },
        clock: Clock {
            monotonic_at_zero_s: 0.0,
            wall_at_zero_ms: visit.map_or(0.0, |v| v.began_ms),
            uncertainty_ms: 1.0,
            source: "the HAR's own times; nothing vouches for them".to_owned(),
            ..Clock::default()
        },
        audit_sealed: true,
        extra,
    }
}

/// What a HAR cannot hold, and why.
const CANNOT: [(&str, &str); 8] = [
    (names::CONSENT, "a HAR tells nothing of banners, choices or a consent platform's state"),
    (names::STORAGE, "a HAR tells nothing of storage"),
    (names::PAGE, "a HAR tells nothing of what the page said or of its fields"),
    (names::SCREENSHOTS, "a HAR holds no pictures of the page"),
    (names::CONSOLE, "a HAR holds no console"),
    (names::LISTENERS, "a HAR tells nothing of listeners"),
    (names::API_CALLS, "a HAR tells nothing of interfaces that scripts used"),
    (names::DNS, "a HAR tells no answers of the name system"),
];

fn footer(s: &Survey, told: &Told) -> Footer {
    let mut why: BTreeMap<&str, String> = CANNOT.iter().map(|(n, w)| (*n, (*w).to_owned())).collect();
    let cut = |reason: &str| CollectorStatus::Truncated { reason: reason.to_owned() };
    let mut collectors: BTreeMap<String, CollectorStatus> = BTreeMap::new();
    let lost = s.lost.in_short(s.entries).map(|lost| format!("; {lost}")).unwrap_or_default();
    let kept = "a HAR holds what its maker kept: nothing vouches that it is all that was sent, nor that the page had come to rest";
    collectors.insert(names::NETWORK.to_owned(), cut(&format!("{kept}{lost}")));
    collectors.insert(
        names::BODIES.to_owned(),
        cut("only the bodies that the HAR holds, in the form that it has them"),
    );
    if s.tells_cookies {
        collectors.insert(
            names::COOKIES.to_owned(),
            cut("a HAR tells cookies in headers, not those that scripts set, nor which were refused"),
        );
    } else {
        why.insert(names::COOKIES, "no cookie is in this HAR: its maker may have left them out".to_owned());
    }
    if s.tells_sockets {
        collectors.insert(names::WEB_SOCKETS.to_owned(), cut("only the frames that the HAR holds"));
    } else {
        why.insert(names::WEB_SOCKETS, "no WebSocket is in this HAR".to_owned());
    }
    for name in why.keys() {
        collectors.insert((*name).to_owned(), CollectorStatus::NotRun);
    }
    let mut extra = Extra::new();
    extra.insert(NOT_RUN.to_owned(), json!(why));
    Footer {
        outcome: match &told.failed {
            Some(reason) => Outcome::Failed { reason: reason.clone() },
            None => Outcome::Complete,
        },
        final_url: told.final_url.clone(),
        consent: Achieved {
            choice: AchievedChoice::Unknown,
            why_not: Some("a HAR tells nothing of consent".to_owned()),
            ..Achieved::default()
        },
        collectors,
        extra,
    }
}

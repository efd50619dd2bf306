//! What a stored state means: how many optional purposes it grants and denies, and whether a choice was made.

use affiant_record::Purposes;
use affiant_record::consent::AchievedChoice;
use affiant_signals::Said;
use serde_json::Value;

use super::words::purpose;

/// The meaning of one state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// Optional purposes, categories or services that are granted.
    pub(crate) granted: u32,
    /// And denied.
    pub(crate) denied: u32,
    /// Whether the state itself says that the visitor has chosen. `None`: it does not tell.
    pub(crate) made: Option<bool>,
    /// The purposes that are granted, as far as their names tell.
    pub(crate) grants: Purposes,
    /// And denied.
    pub(crate) denies: Purposes,
}

impl Meaning {
    const ACCEPTED: Meaning =
        Meaning { granted: 1, denied: 0, made: Some(true), grants: Purposes::NONE, denies: Purposes::NONE };
    const REJECTED: Meaning =
        Meaning { granted: 0, denied: 1, made: Some(true), grants: Purposes::NONE, denies: Purposes::NONE };
    const PENDING: Meaning =
        Meaning { granted: 0, denied: 0, made: Some(false), grants: Purposes::NONE, denies: Purposes::NONE };

    /// In one word. A state that grants nothing and denies nothing tells nothing.
    pub(crate) fn choice(self) -> AchievedChoice {
        match self {
            Meaning { made: Some(false), .. } => AchievedChoice::None,
            Meaning { granted: 0, denied: 0, .. } => AchievedChoice::Unknown,
            Meaning { granted: 0, .. } => AchievedChoice::RejectAll,
            Meaning { denied: 0, .. } => AchievedChoice::AcceptAll,
            _ => AchievedChoice::Partial,
        }
    }
}

/// Names under which known platforms store the choice.
const KNOWN: [&str; 31] = [
    "klaro",
    "cc_cookie",
    "tarteaucitron",
    "cookieconsent_status",
    "optanonconsent",
    "optanonalertboxclosed",
    "cookieconsent",
    "euconsent-v2",
    "eupubconsent-v2",
    "usprivacy",
    "didomi_token",
    "cookieyes-consent",
    "eu-consent",
    "notice_preferences",
    "notice_gdpr_prefs",
    "borlabs-cookie",
    "truste_",
    "cmapi_cookie_privacy",
    "uc_settings",
    "ucdata",
    "usercentrics",
    "_tracking_consent",
    "orejime",
    "c15t",
    "cookiehub",
    "tcmconsent",
    "_ketch_consent_v1_",
    "_swb_consent_",
    "termly_api_cache",
    "axeptio_cookies",
    "osano_consentmanager",
];

/// Whether a known platform stores the choice under this name.
pub(crate) fn is_known_name(name: &str) -> bool {
    KNOWN.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a cookie or storage key of this name is known or likely to hold a consent choice.
pub(crate) fn is_consent_name(name: &str) -> bool {
    const LIKELY: [&str; 12] = [
        "consent", "gdpr", "ccpa", "privacy", "cookie_", "cookie-", "cookies", "_iub_cs", "cmplz", "osano",
        "__gpp", "opt_out",
    ];
    let n = name.to_ascii_lowercase();
    is_known_name(&n)
        || n.starts_with("_sp_user_consent_")
        || n.starts_with("__cmp")
        || LIKELY.iter().any(|l| n.contains(l))
        || n.starts_with("truste")
}

/// Whether a cookie or storage item is likely to hold a consent choice: by its name, or because its value answers for
/// purposes, under whatever name.
pub(crate) fn holds_choice(name: &str, value: &str) -> bool {
    is_consent_name(name) || names_purposes(value)
}

/// Whether a value answers for two purposes or more, by their words.
fn names_purposes(raw: &str) -> bool {
    if raw.len() > 8192 {
        return false;
    }
    let decoded = percent(raw);
    let json: Option<Value> = serde_json::from_str(decoded.trim()).ok();
    let names = |k: &str, answered: bool| answered && purpose(k).is_ok();
    match json.as_ref().and_then(Value::as_object) {
        Some(map) => {
            let inner = map.values().filter_map(Value::as_object);
            let answers = |m: &serde_json::Map<String, Value>| {
                m.iter().filter(|(k, v)| names(k, boolish(v).is_some())).count() >= 2
            };
            answers(map) || inner.take(20).any(answers)
        }
        None => pairs(&decoded).filter(|(k, v)| names(k, word(v).is_some())).count() >= 2,
    }
}

/// `analytics:true|ads=0` and the like.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let each = text.split([',', ';', '&', '|', '!']);
    each.filter_map(|p| p.split_once([':', '='])).map(|(k, v)| (k.trim(), v.trim())).take(60)
}

fn is_necessary(key: &str) -> bool {
    let k = key.to_ascii_lowercase();
    ["necess", "essential", "required", "strict", "security", "mandatory"].iter().any(|n| k.contains(n))
}

fn word(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "on" | "allow" | "allowed" | "accept" | "accepted" | "acceptall"
        | "accept_all" | "accept-all" | "all" | "grant" | "granted" | "agree" | "agreed" | "opt-in"
        | "optin" => Some(true),
        "false" | "0" | "no" | "n" | "off" | "deny" | "denied" | "reject" | "rejected" | "rejectall"
        | "reject_all" | "reject-all" | "decline" | "declined" | "refuse" | "refused" | "none"
        | "necessary" | "essential" | "opt-out" | "optout" => Some(false),
        _ => None,
    }
}

fn boolish(v: &Value) -> Option<bool> {
    match v {
        Value::Bool(b) => Some(*b),
        Value::Number(n) => match n.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(s) => word(s),
        _ => None,
    }
}

/// A map from purposes to answers; necessary ones do not count.
fn map<'a>(pairs: impl Iterator<Item = (&'a str, Option<bool>)>) -> Meaning {
    let mut m = Meaning::default();
    for (key, answer) in pairs.filter(|(k, _)| !is_necessary(k)) {
        let purpose = purpose(key).ok().flatten();
        let with = |all: Purposes| purpose.map_or(all, |p| all.with(p));
        match answer {
            Some(true) => (m.granted, m.grants) = (m.granted + 1, with(m.grants)),
            Some(false) => (m.denied, m.denies) = (m.denied + 1, with(m.denies)),
            None => {}
        }
    }
    m
}

fn object(v: &Value) -> Meaning {
    map(v.as_object().into_iter().flatten().map(|(k, v)| (k.as_str(), boolish(v))))
}

/// The meaning of what a platform's own interface said (see `js/state.js` for the names).
pub(crate) fn of_api(name: &str, v: &Value) -> Option<Meaning> {
    let made = |m: Meaning, made: Option<bool>| Some(Meaning { made, ..m });
    match name {
        "klaro" | "orejime" => {
            let required: Vec<&str> =
                v["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let services = v["consents"].as_object()?;
            let m = map(services
                .iter()
                .filter(|(k, _)| !required.contains(&k.as_str()))
                .map(|(k, v)| (k.as_str(), boolish(v))));
            made(m, v["confirmed"].as_bool())
        }
        "vanilla-cookieconsent" => {
            if v["valid"] == false {
                return Some(Meaning::PENDING);
            }
            let of = |key: &str| v[key].as_array().into_iter().flatten().filter_map(Value::as_str);
            let all = of("acceptedCategories").map(|c| (c, Some(true)));
            made(map(all.chain(of("rejectedCategories").map(|c| (c, Some(false))))), Some(true))
        }
        "tarteaucitron" => {
            let state = v["state"].as_object()?;
            // A service without an answer is still waiting: until all have one, the choice is not made.
            let jobs: Vec<&str> =
                v["job"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let waiting = jobs.iter().any(|j| !state.get(*j).is_some_and(Value::is_boolean));
            made(object(&v["state"]), Some(!waiting && !state.is_empty()))
        }
        "onetrust" => {
            let active: Vec<&str> = v["active"].as_str()?.split(',').filter(|g| !g.is_empty()).collect();
            let closed = v["closed"].as_bool();
            // Where the page tells its groups, each answers under its own name.
            let told = v["groups"].as_array().into_iter().flatten();
            let each = told.filter(|g| !g["status"].as_str().is_some_and(|s| s.contains("always")));
            let named: Vec<(&str, bool)> = each
                .filter_map(|g| Some((g["name"].as_str()?, active.contains(&g["id"].as_str()?))))
                .collect();
            if !named.is_empty() {
                return made(map(named.into_iter().map(|(name, on)| (name, Some(on)))), closed);
            }
            let groups = active.iter().filter(|g| **g != "C0001").count() as u32;
            // The inactive groups are not told: none active means all denied; some active may be all or a part.
            made(Meaning { granted: groups, denied: u32::from(groups == 0), ..Meaning::default() }, closed)
        }
        "cookiebot" => made(
            object(&only(&v["consent"], &["preferences", "statistics", "marketing"])),
            v["hasResponse"].as_bool(),
        ),
        "usercentrics" | "usercentrics-3" => {
            let services = v["services"].as_array()?.iter().filter(|s| s["essential"] != true);
            let m =
                map(services.map(|s| (s["category"].as_str().unwrap_or("service"), s["given"].as_bool())));
            let explicit = v["consent"]["type"].as_str().map(|t| t == "EXPLICIT");
            made(m, explicit.or(v["interacted"].as_bool()))
        }
        "trustarc" => {
            let on = v["consentDecision"].as_array()?.iter().filter_map(Value::as_u64);
            // Bucket 1 is what is required; 0: nothing was decided.
            made(buckets(on.map(|b| b.saturating_sub(1))), Some(v["source"] == "asserted"))
        }
        "sourcepoint" => {
            let all = v["categories"].as_array()?.iter();
            Some(map(all.map(|c| (c["name"].as_str().unwrap_or("category"), c["consented"].as_bool()))))
        }
        "ketch" => Some(object(&v["purposes"])),
        "transcend" => made(object(&v["purposes"]), v["confirmed"].as_bool()),
        "iubenda" => {
            let purposes = v["purposes"].as_object()?;
            made(map(purposes.iter().map(|(k, v)| (iubenda(k), boolish(v)))), Some(true))
        }
        "complianz" => {
            made(object(&only(v, &["preferences", "statistics", "marketing"])), v["answered"].as_bool())
        }
        "consentmanager" => {
            let one =
                if v["purposes"].as_object().is_some_and(|p| !p.is_empty()) { "purposes" } else { "vendors" };
            made(object(&v[one]), v["chosen"].as_bool())
        }
        "cookiehub" => {
            made(object(&only(v, &["preferences", "analytics", "marketing"])), v["answered"].as_bool())
        }
        "shopify" => {
            let m = object(&only(v, &["preferences", "analytics", "marketing"]));
            made(m, Some(m.granted + m.denied > 0))
        }
        "didomi" => {
            let purposes = v["purposes"].as_object()?;
            let m = map(purposes.iter().map(|(k, p)| (k.as_str(), p["enabled"].as_bool())));
            Some(m)
        }
        "cookieyes" => made(object(&v["categories"]), v["isUserActionCompleted"].as_bool()),
        "osano" => Some(object(&only(v, &["ANALYTICS", "MARKETING", "PERSONALIZATION"]))),
        "termly" => Some(object(v)),
        "tcf" => {
            let m = object(&v["purpose"]["consents"]);
            match v["eventStatus"].as_str()? {
                "useractioncomplete" | "tcloaded" => made(m, Some(true)),
                _ => Some(Meaning::PENDING),
            }
        }
        "usp" => opted_out(&affiant_signals::us_privacy(v["uspString"].as_str()?).ok()?),
        "gpp" => opted_out(&affiant_signals::gpp(v["gppString"].as_str()?).ok()?),
        "google-consent-mode" => {
            let types = v.as_object()?;
            let m = map(types
                .iter()
                .filter(|(k, _)| k.ends_with("_storage") || k.starts_with("ad_"))
                .filter(|(k, _)| k.as_str() != "security_storage" && k.as_str() != "functionality_storage")
                .map(|(k, e)| (k.as_str(), e["update"].as_bool())));
            Some(m)
        }
        _ => None,
    }
}

/// The U.S. strings tell of opting out: who has not done so has not granted anything by a choice.
fn opted_out(said: &Said) -> Option<Meaning> {
    (said.denied > 0).then_some(Meaning {
        granted: said.granted,
        denied: said.denied,
        made: Some(true),
        ..Meaning::default()
    })
}

fn only(v: &Value, keys: &[&str]) -> Value {
    keys.iter().map(|k| ((*k).to_owned(), v[*k].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// The meaning of a cookie or a storage item.
pub(crate) fn of_stored(name: &str, raw: &str) -> Option<Meaning> {
    let decoded = percent(raw);
    let text = decoded.trim();
    let json: Option<Value> = serde_json::from_str(text).ok();
    match name.to_ascii_lowercase().as_str() {
        "cookieconsent_status" => match text {
            "allow" => Some(Meaning::ACCEPTED),
            "deny" => Some(Meaning::REJECTED),
            // Dismissed: a choice of its own, neither accepted nor rejected.
            _ => Some(Meaning { made: Some(true), ..Meaning::default() }),
        },
        "cc_cookie" => {
            let granted = json?["categories"]
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .filter(|c| !is_necessary(c))
                .count();
            if granted == 0 { Some(Meaning::REJECTED) } else { None }
        }
        "tarteaucitron" => {
            let pairs: Vec<(&str, &str)> = text.split('!').filter_map(|p| p.split_once('=')).collect();
            if pairs.is_empty() || pairs.iter().any(|(_, v)| *v == "wait") {
                return Some(Meaning::PENDING);
            }
            let m = map(pairs.iter().map(|(k, v)| (*k, word(v))));
            Some(Meaning { made: Some(true), ..m })
        }
        "optanonconsent" => {
            let groups = text.split('&').find_map(|p| p.strip_prefix("groups="))?;
            Some(map(groups
                .split(',')
                .filter_map(|g| g.split_once(':'))
                .filter(|(k, _)| *k != "C0001")
                .map(|(k, v)| (k, word(v)))))
        }
        "optanonalertboxclosed" => None,
        "cookieconsent" if text.starts_with('{') => {
            // Cookiebot: {stamp:'…',necessary:true,preferences:false,…,method:'explicit'}; not JSON.
            let field = |k: &str| {
                let at = text.find(&format!("{k}:"))?;
                word(text[at + k.len() + 1..].split([',', '}']).next()?)
            };
            let m = map(["preferences", "statistics", "marketing"].into_iter().map(|k| (k, field(k))));
            let explicit = text.contains("method:'explicit'");
            Some(Meaning { made: Some(explicit), ..m })
        }
        "cookieyes-consent" => {
            let pairs: Vec<(&str, &str)> = text.split(',').filter_map(|p| p.split_once(':')).collect();
            let acted = pairs.iter().any(|(k, v)| *k == "action" && *v == "yes");
            let m = map(pairs
                .iter()
                .filter(|(k, _)| !["consentid", "consent", "action", "lastRenewedDate"].contains(k))
                .map(|(k, v)| (*k, word(v))));
            Some(Meaning { made: Some(acted), ..m })
        }
        "usprivacy" => opted_out(&affiant_signals::us_privacy(text).ok()?),
        "__gpp" | "gpp" | "iabgpp_hdr_gppstring" => opted_out(&affiant_signals::gpp(text).ok()?),
        // A platform writes it with the choice, not before.
        n if n.contains("euconsent") || n == "eupubconsent-v2" => {
            let said = affiant_signals::tc_string(text).ok()?;
            Some(Meaning {
                granted: said.granted,
                denied: said.denied,
                made: Some(true),
                ..Meaning::default()
            })
        }
        "didomi_token" => {
            let purposes = &based(text)?["purposes"];
            let of = |key: &str| purposes[key].as_array().into_iter().flatten().filter_map(Value::as_str);
            let enabled = of("enabled").map(|p| (p, Some(true)));
            let m = map(enabled.chain(of("disabled").map(|p| (p, Some(false)))));
            Some(Meaning { made: Some(true), ..m })
        }
        "cookiehub" => {
            let all = based(text)?;
            let each = all["categories"].as_array()?.iter();
            let m = map(each.filter_map(|c| Some((c["id"].as_str()?, c["value"].as_bool()))));
            Some(Meaning { made: all["answered"].as_bool(), ..m })
        }
        "_ketch_consent_v1_" | "_swb_consent_" => {
            let all = based(text).or(json)?;
            let each = all.as_object()?.iter();
            Some(map(each.map(|(k, v)| (k.as_str(), v["status"].as_str().and_then(word)))))
        }
        "tcmconsent" => {
            let all = json?;
            Some(Meaning { made: all["confirmed"].as_bool(), ..object(&all["purposes"]) })
        }
        "termly_api_cache" => Some(object(&json?["TERMLY_COOKIE_CONSENT"]["value"])),
        "axeptio_cookies" => {
            let all = json?;
            let each = all.as_object()?.iter().filter(|(k, _)| !k.starts_with("$$"));
            let m = map(each.map(|(k, v)| (k.as_str(), boolish(v))));
            Some(Meaning { made: all["$$completed"].as_bool(), ..m })
        }
        "_tracking_consent" => {
            let p = &json?["purposes"];
            let of = |key: &str, name| (name, p[key].as_bool());
            let m = map([of("p", "preferences"), of("a", "analytics"), of("m", "marketing")].into_iter());
            (m.granted + m.denied > 0).then_some(Meaning { made: Some(true), ..m })
        }
        "notice_gdpr_prefs" => {
            let on = text.trim_end_matches(':').split(':').next()?.split(',');
            Some(Meaning { made: Some(true), ..buckets(on.filter_map(|b| b.trim().parse().ok())) })
        }
        "cmapi_cookie_privacy" => {
            let on = text.strip_prefix("permit ")?.split(',').filter_map(|b| b.trim().parse::<u64>().ok());
            Some(Meaning { made: Some(true), ..buckets(on.map(|b| b.saturating_sub(1))) })
        }
        "uc_settings" => {
            let all = json?;
            let each = all["services"].as_array()?.iter();
            Some(map(each.filter_map(|s| Some((s["id"].as_str()?, s["status"].as_bool())))))
        }
        "ucdata" => {
            let all = json?;
            let each = all["consent"]["services"].as_object()?.iter();
            Some(map(each.map(|(k, v)| (k.as_str(), v["consent"].as_bool()))))
        }
        n if n.starts_with("_iub_cs-") => {
            let all = json?;
            let each = all["purposes"].as_object()?.iter();
            Some(Meaning { made: Some(true), ..map(each.map(|(k, v)| (iubenda(k), boolish(v)))) })
        }
        n if n.starts_with("_sp_user_consent_") => {
            let all = json?;
            let status = |kind: &str| Some(all[kind]["consentStatus"].clone()).filter(Value::is_object);
            let s = ["gdpr", "usnat", "ccpa"].into_iter().find_map(status)?;
            let m = match (s["consentedAll"].as_bool(), s["rejectedAll"].as_bool()) {
                (Some(true), _) => Meaning::ACCEPTED,
                (_, Some(true)) => Meaning::REJECTED,
                _ => Meaning { granted: 1, denied: 1, ..Meaning::default() },
            };
            Some(Meaning { made: s["hasConsentData"].as_bool(), ..m })
        }
        // Each of these is one part of an answer: together they are read from the platform.
        n if n.starts_with("cmplz_") || n.starts_with("axeptio_") || n == "notice_preferences" => None,
        n if n.starts_with("uc_") || n == "notice_behavior" => None,
        _ => of_anything(text, json.as_ref()),
    }
}

/// Own banners store what they like: a word, or a map of answers.
fn of_anything(text: &str, json: Option<&Value>) -> Option<Meaning> {
    if let Some(answer) = word(text.trim_matches('"')) {
        return Some(if answer { Meaning::ACCEPTED } else { Meaning::REJECTED });
    }
    let Some(v) = json else {
        let m = map(pairs(text).map(|(k, v)| (k, word(v))).filter(|(k, _)| purpose(k).is_ok()));
        return (m.granted + m.denied > 0).then_some(m);
    };
    // The answers may stand one level down, e.g. {"consents": {…}} or {"categories": {…}}.
    let inner = v.as_object()?.values().find(|x| {
        x.is_object() && {
            let m = object(x);
            m.granted + m.denied > 0
        }
    });
    let m = object(inner.unwrap_or(v));
    (m.granted + m.denied > 0).then_some(m)
}

/// TrustArc's buckets, from 0 (required): those that are missing below the highest, or of the usual three, are denied.
fn buckets(on: impl Iterator<Item = u64>) -> Meaning {
    let on: Vec<u64> = on.filter(|b| (1..=20).contains(b)).collect();
    let highest = on.iter().copied().max().unwrap_or(0).max(2);
    let (granted, all) = (on.len() as u32, highest as u32);
    Meaning { granted, denied: all.saturating_sub(granted), ..Meaning::default() }
}

/// iubenda's numbers for purposes, in words.
fn iubenda(number: &str) -> &str {
    match number {
        "1" => "necessary",
        "2" | "3" => "functional",
        "4" => "analytics",
        "5" => "advertising",
        other => other,
    }
}

/// JSON in base64.
fn based(text: &str) -> Option<Value> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
    serde_json::from_slice(&engine.decode(text.trim().trim_end_matches('=')).ok()?).ok()
}

/// Undoes percent encoding; what is not encoded stays.
fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |b: u8| (b as char).to_digit(16);
        match (bytes[i], bytes.get(i + 1).and_then(|b| hex(*b)), bytes.get(i + 2).and_then(|b| hex(*b))) {
            (b'%', Some(h), Some(l)) => {
                out.push((h * 16 + l) as u8);
                i += 3;
            }
            (b, ..) => {
                out.push(b);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use AchievedChoice as C;
    use serde_json::json;

    #[test]
    fn stored_values_of_real_platforms_are_understood() {
        for (name, value, want) in [
            ("klaro", "%7B%22clarity%22%3Afalse%2C%22mixpanel%22%3Afalse%7D", C::RejectAll),
            ("klaro", "{\"clarity\":true,\"mixpanel\":true}", C::AcceptAll),
            ("tarteaucitron", "!ga=wait!clarity=wait", C::None),
            ("tarteaucitron", "!ga=false!clarity=false", C::RejectAll),
            ("tarteaucitron", "!ga=true!clarity=false", C::Partial),
            ("cookieconsent_status", "deny", C::RejectAll),
            ("cookieconsent_status", "dismiss", C::Unknown),
            ("cc_cookie", "{\"categories\":[\"necessary\"]}", C::RejectAll),
            (
                "CookieConsent",
                "{stamp:'x',necessary:true,preferences:false,statistics:false,marketing:false,method:'explicit',ver:1}",
                C::RejectAll,
            ),
            (
                "CookieConsent",
                "{stamp:'x',necessary:true,preferences:true,statistics:true,marketing:true,method:'implied'}",
                C::None,
            ),
            ("OptanonConsent", "isGpcEnabled=0&groups=C0001%3A1%2CC0002%3A0%2CC0004%3A0", C::RejectAll),
            (
                "cookieyes-consent",
                "consentid:abc,consent:yes,action:yes,necessary:yes,functional:yes,analytics:yes",
                C::AcceptAll,
            ),
            ("cookieyes-consent", "consentid:abc,consent:no,action:,necessary:yes,functional:no", C::None),
            (
                "_iub_cs-123",
                "%7B%22purposes%22%3A%7B%221%22%3Atrue%2C%224%22%3Afalse%2C%225%22%3Atrue%7D%7D",
                C::Partial,
            ),
            ("notice_gdpr_prefs", "0:", C::RejectAll),
            ("notice_gdpr_prefs", "0,1,2:", C::AcceptAll),
            ("cmapi_cookie_privacy", "permit 1,3", C::Partial),
            ("cmapi_cookie_privacy", "permit 1", C::RejectAll),
            (
                "tcmConsent",
                "{\"purposes\":{\"Essential\":true,\"Advertising\":false},\"confirmed\":true}",
                C::RejectAll,
            ),
            (
                "_sp_user_consent_7",
                "{\"gdpr\":{\"consentStatus\":{\"rejectedAll\":true,\"hasConsentData\":true}}}",
                C::RejectAll,
            ),
            ("axeptio_cookies", "{\"$$completed\":true,\"google_analytics\":true}", C::AcceptAll),
            (
                "_tracking_consent",
                "{\"purposes\":{\"a\":true,\"p\":false,\"m\":false,\"t\":false}}",
                C::Partial,
            ),
            ("ucData", "{\"consent\":{\"services\":{\"x\":{\"consent\":false}}}}", C::RejectAll),
            ("didomi_token", "eyJwdXJwb3NlcyI6eyJlbmFibGVkIjpbXSwiZGlzYWJsZWQiOlsiYSJdfX0=", C::RejectAll),
            ("my_consent", "accepted", C::AcceptAll),
            ("my_consent", "rejected", C::RejectAll),
            ("site-privacy", "{\"necessary\":true,\"analytics\":false}", C::RejectAll),
            ("site-privacy", "{\"v\":2,\"choices\":{\"analytics\":true,\"ads\":true}}", C::AcceptAll),
        ] {
            assert_eq!(of_stored(name, value).map(Meaning::choice), Some(want), "{name} {value}");
        }
        let spec = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA";
        assert_eq!(of_stored("euconsent-v2", spec).map(Meaning::choice), Some(C::Partial));
        assert_eq!(of_stored("usprivacy", "1YYN").map(Meaning::choice), Some(C::RejectAll));
        for (name, value) in [
            ("my_consent", "e3b0c44298fc"),
            ("euconsent-v2", "CPx"),
            ("cc_cookie", "junk"),
            ("usprivacy", "1YNN"),
            ("x", ""),
        ] {
            assert_eq!(of_stored(name, value), None, "{name} {value}");
        }
    }

    #[test]
    fn a_value_that_answers_for_purposes_is_a_choice_under_any_name() {
        for value in [
            "%7B%22necessary%22%3Atrue%2C%22analytics%22%3Afalse%7D",
            "{\"v\":1,\"p\":{\"functional\":true,\"marketing\":0}}",
            "necessary:true|statistics:false|marketing:false",
        ] {
            assert!(holds_choice("stones", value), "{value}");
            assert!(of_stored("stones", value).is_some(), "{value}");
        }
        for value in
            ["", "GA1.1.123.456", "{\"analytics\":\"GA\"}", "{\"a\":true,\"b\":false}", "true", "a=1&b=0"]
        {
            assert!(!holds_choice("stones", value), "{value}");
        }
    }

    #[test]
    fn platform_interfaces_are_understood() {
        let klaro =
            json!({"confirmed": true, "consents": {"cart": true, "clarity": false}, "required": ["cart"]});
        assert_eq!(of_api("klaro", &klaro).unwrap().choice(), C::RejectAll);
        let cc = json!({"valid": false, "acceptedCategories": [], "rejectedCategories": ["analytics"]});
        assert_eq!(of_api("vanilla-cookieconsent", &cc).unwrap().choice(), C::None);
        let cc = json!({"valid": true, "acceptedCategories": ["necessary", "analytics"], "rejectedCategories": []});
        assert_eq!(of_api("vanilla-cookieconsent", &cc).unwrap().choice(), C::AcceptAll);
        let t = json!({"state": {"ga": true}, "job": ["ga", "clarity"]});
        assert_eq!(of_api("tarteaucitron", &t).unwrap().choice(), C::None);
        let tcf = json!({"eventStatus": "cmpuishown", "purpose": {"consents": {"1": true}}});
        assert_eq!(of_api("tcf", &tcf).unwrap().choice(), C::None);
        assert_eq!(of_api("unheard-of", &json!({})), None);
    }

    proptest::proptest! {
        #[test]
        fn hostile_values_never_panic(name in ".{0,40}", value in ".{0,200}") {
            let _ = of_stored(&name, &value);
            let _ = of_stored("CookieConsent", &value);
            let _ = of_stored("tarteaucitron", &value);
        }
    }
}

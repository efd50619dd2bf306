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
const KNOWN: [&str; 24] = [
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
    is_known_name(&n) || LIKELY.iter().any(|l| n.contains(l)) || n.starts_with("truste")
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
            let groups =
                v["active"].as_str()?.split(',').filter(|g| !g.is_empty() && *g != "C0001").count() as u32;
            let closed = v["closed"].as_bool();
            // The inactive groups are not told: none active means all denied; some active may be all or a part.
            made(Meaning { granted: groups, denied: u32::from(groups == 0), ..Meaning::default() }, closed)
        }
        "cookiebot" => made(
            object(&only(&v["consent"], &["preferences", "statistics", "marketing"])),
            v["hasResponse"].as_bool(),
        ),
        "usercentrics" => {
            let services = v["services"].as_array()?;
            Some(map(services
                .iter()
                .filter(|s| s["essential"] != true)
                .map(|s| ("service", s["given"].as_bool()))))
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
        n if n == "didomi_token" || n.starts_with("uc_") => None,
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

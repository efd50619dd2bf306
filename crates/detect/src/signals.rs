//! What requests and the site's own state say of consent, by the standards.

use affiant_record::consent::ConsentState;
use affiant_record::{Observation, VisitRecord};
use affiant_signals::{Said, Standard, gpp, meta_commands, mode_commands, parameter, tc_string, us_privacy};

use crate::facts::{SignalFact, StateFact};
use crate::glob::bounded;

/// How much of a query is looked at, in bytes, and how much of a value is passed on.
const LOOKED_AT: usize = 32_768;
const VALUE: usize = 200;
/// Parameters of one request at most.
const MOST: usize = 8;

/// The parameters of an address that carry consent. Some networks put theirs between semicolons, in the path.
pub fn of_address(url: &str) -> Vec<SignalFact> {
    let url = bounded(url.split('#').next().unwrap_or_default(), LOOKED_AT);
    let microsoft = url.contains("//bat.bing.");
    let mut out: Vec<SignalFact> = Vec::new();
    for pair in url.split(['?', '&', ';']).skip(1) {
        let Some((name, raw)) = pair.split_once('=') else { continue };
        let value: String =
            url::form_urlencoded::parse(format!("v={raw}").as_bytes()).map(|(_, v)| v).collect();
        if name == "asc" && !microsoft {
            continue;
        }
        let Some(said) = parameter(name, &value) else { continue };
        if out.iter().any(|s| s.name == name && s.value == value) {
            continue;
        }
        out.push(SignalFact { name: name.into(), value: bounded(&value, VALUE).into(), said: said.ok() });
        if out.len() == MOST {
            break;
        }
    }
    out
}

/// What platforms answered, and what they stored, by the standards.
pub(crate) fn states(record: &VisitRecord) -> Vec<StateFact> {
    let mut out: Vec<StateFact> = Vec::new();
    for line in &record.lines {
        let Observation::ConsentState(state) = &line.what else { continue };
        let Some(said) = decoded(state) else { continue };
        // Read on arrival and again when leaving: the same is told once.
        if out.iter().any(|s| s.source == state.source && s.said == said) {
            continue;
        }
        out.push(StateFact {
            at: state.at.as_str().into(),
            source: state.source.as_str().into(),
            said,
            evidence: record.evidence(line.n),
        });
    }
    out
}

fn decoded(state: &ConsentState) -> Option<Said> {
    let text = |key: &str| state.value[key].as_str();
    match state.source.as_str() {
        "api:tcf" => tc_string(text("tcString")?).ok(),
        "api:gpp" => gpp(text("gppString")?).ok(),
        "api:google-consent-commands" => mode_commands(Standard::GoogleCommands, &state.value).ok(),
        "api:microsoft-consent-commands" => mode_commands(Standard::MicrosoftCommands, &state.value).ok(),
        "api:meta-consent-commands" => meta_commands(&state.value).ok(),
        "api:usp" => us_privacy(text("uspString")?).ok(),
        source => {
            let (_, name) = source.split_once(':')?;
            let value = state.value.as_str()?;
            match name.to_ascii_lowercase().as_str() {
                "usprivacy" => us_privacy(value).ok(),
                "__gpp" | "iabgpp_hdr_gppstring" => gpp(value).ok(),
                n if n.contains("euconsent") || n == "eupubconsent-v2" => tc_string(value).ok(),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_in_queries_and_between_semicolons() {
        let s = of_address(
            "https://www.google-analytics.com/g/collect?v=2&gcs=G111&gcd=13r3r3r2r5l1&x=1#gcs=G100",
        );
        assert_eq!(s.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["gcs", "gcd"]);
        assert!(s.iter().all(|s| s.said.as_ref().is_some_and(Said::grants_all)));
        let s = of_address(
            "https://1.fls.doubleclick.net/activityi;src=1;type=a;gcs=G100;us_privacy=1YYN;ord=1?",
        );
        assert_eq!(s.iter().map(|s| s.value.as_str()).collect::<Vec<_>>(), ["G100", "1YYN"]);
        assert!(s.iter().all(|s| s.said.as_ref().is_some_and(Said::denies_all)));
        let s = of_address("https://bat.bing.com/action/0?ti=1&asc=D");
        assert!(s.len() == 1 && s[0].said.as_ref().is_some_and(Said::denies_all));
        assert!(of_address("https://x.test/list?order=asc&asc=D").is_empty());
        assert_eq!(of_address("https://www.facebook.com/tr?id=1&dpo=LDU&dpoco=1").len(), 1);
        let s = of_address("https://x.test/?gcs=Gxx");
        assert_eq!((s.len(), &s[0].said), (1, &None));
        assert!(of_address("https://x.test/gcs=G100").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_address_is_read_without_panic(url in "\\PC{0,300}") {
            let _ = of_address(&url);
        }
    }
}

//! Consent commands that a page gives to vendors' tags, in the order in which they were given: Google consent mode
//! (`gtag('consent', 'default' | 'update', …)`), Microsoft UET (`uetq.push('consent', …)`, the same form), Meta
//! (`fbq('consent', 'grant' | 'revoke')`, `fbq('dataProcessingOptions', …)`).
//!
//! Sources: Google's and Microsoft's consent mode documentation; Meta's pixel documentation.

use indexmap::IndexMap;
use serde_json::Value;

use crate::{Said, Standard, Unreadable, unreadable};

/// Commands that are told one by one; the others count for the end.
const TOLD: usize = 20;

/// `[["default", {"ad_storage": "denied", …}], ["update", {…}]]`. A default for some regions only is told, and does not
/// count: whether it applied is not known from it.
pub fn mode_commands(standard: Standard, commands: &Value) -> Result<Said, Unreadable> {
    let all = commands.as_array().ok_or_else(|| unreadable("consent commands", "they are no list"))?;
    let mut said = Said::new(standard);
    let mut end: IndexMap<&str, bool> = IndexMap::new();
    for (n, command) in all.iter().enumerate() {
        let (Some(what), Some(types)) = (command[0].as_str(), command[1].as_object()) else { continue };
        let regions: Vec<&str> = types
            .get("region")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut words = Vec::new();
        for (name, value) in types.iter().take(20) {
            let granted = match value.as_str() {
                Some("granted") => true,
                Some("denied") => false,
                _ => continue,
            };
            words.push(format!("{name} {}", if granted { "granted" } else { "denied" }));
            if regions.is_empty() {
                end.insert(name, granted);
            }
        }
        if let Some(ms) = types.get("wait_for_update").and_then(Value::as_u64) {
            words.push(format!("waits {ms} ms for an update"));
        }
        if !regions.is_empty() {
            words.push(format!("only in {}", regions.join(" ")));
        }
        if n < TOLD && !words.is_empty() {
            said.put(format!("{} {what}", n + 1), words.join(", "));
        }
    }
    if said.fields.is_empty() {
        return Err(unreadable("consent commands", "none of them sets anything"));
    }
    end.values().for_each(|g| said.count(*g));
    Ok(said)
}

/// `[["consent", "revoke"], ["dataProcessingOptions", ["LDU"], 1, 1000]]`.
pub fn meta_commands(commands: &Value) -> Result<Said, Unreadable> {
    let all = commands.as_array().ok_or_else(|| unreadable("Meta commands", "they are no list"))?;
    let mut said = Said::new(Standard::MetaCommands);
    let mut end = None;
    for (n, command) in all.iter().take(TOLD).enumerate() {
        match (command[0].as_str(), command[1].as_str()) {
            (Some("consent"), Some(word @ ("grant" | "revoke"))) => {
                end = Some(word == "grant");
                said.put(format!("{} consent", n + 1), word);
            }
            (Some("dataProcessingOptions"), _) => {
                let options: Vec<&str> =
                    command[1].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let what = if options.is_empty() { "none".to_owned() } else { options.join(" ") };
                said.put(format!("{} data processing options", n + 1), what);
            }
            _ => {}
        }
    }
    if said.fields.is_empty() {
        return Err(unreadable("Meta commands", "none of them is about consent"));
    }
    if let Some(granted) = end {
        said.count(granted);
    }
    Ok(said)
}

/// Microsoft's `asc` on the wire: `G` granted, `D` denied.
pub(crate) fn asc(text: &str) -> Result<Said, Unreadable> {
    let granted = match text {
        "G" => true,
        "D" => false,
        _ => return Err(unreadable("asc", "it is neither G nor D")),
    };
    let mut said = Said::new(Standard::Asc);
    said.put("ad_storage", if granted { "granted" } else { "denied" });
    said.count(granted);
    Ok(said)
}

/// Meta's `dpo` on the wire: `LDU` asks for limited data use.
pub(crate) fn dpo(text: &str) -> Result<Said, Unreadable> {
    let mut said = Said::new(Standard::Dpo);
    match text {
        "LDU" => {
            said.put("limited data use", "asked for");
            said.count(false);
        }
        _ => return Err(unreadable("dpo", "it is not LDU")),
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn commands_are_told_in_order_and_the_last_counts() {
        let said = mode_commands(
            Standard::GoogleCommands,
            &json!([
                ["default", {"ad_storage": "granted", "region": ["US-CA"]}],
                ["default", {"ad_storage": "denied", "analytics_storage": "denied", "wait_for_update": 500}],
                ["update", {"analytics_storage": "granted"}],
            ]),
        )
        .unwrap();
        assert_eq!((said.granted, said.denied), (1, 1));
        assert_eq!(said.fields["1 default"], "ad_storage granted, only in US-CA");
        assert_eq!(said.fields["3 update"], "analytics_storage granted");
        assert!(mode_commands(Standard::GoogleCommands, &json!([["set", 1]])).is_err());
    }

    #[test]
    fn metas_last_word_counts_and_limited_use_is_told() {
        let said =
            meta_commands(&json!([["consent", "revoke"], ["dataProcessingOptions", ["LDU"], 1, 1000]]))
                .unwrap();
        assert!(said.denies_all());
        assert_eq!(said.fields["2 data processing options"], "LDU");
        assert!(meta_commands(&json!([["track", "PageView"]])).is_err());
        assert!(dpo("LDU").unwrap().denies_all() && asc("G").unwrap().grants_all());
    }
}

//! Properties: putting one in, when it is audited, and auditing it now.

use affiant_store::{JobState, Jobs, Place, Property, Schedule, Store};

use crate::jobs::{Wanted, ask};
use crate::{AuditRequest, EngineError, KeptRequest, kept, schedule};

/// What is known of a property before it is one.
#[derive(Debug, Clone)]
pub struct NewProperty {
    /// Its name for people; its site's domain if none is given.
    pub name: Option<String>,
    /// What each of its audits is asked for.
    pub request: AuditRequest,
    /// When it is audited by the clock, if it is.
    pub schedule: Option<NewSchedule>,
}

/// When a property is to be audited.
#[derive(Debug, Clone)]
pub struct NewSchedule {
    /// A cron line.
    pub cron: String,
    /// The time zone that it is meant in.
    pub zone: String,
    /// Whether it is left out for now.
    pub paused: bool,
}

/// Puts a property in. Nothing is put in where anything of it is wrong.
pub async fn add_property(store: &Store, new: NewProperty) -> Result<Property, EngineError> {
    let plan = KeptRequest::new(new.request.clone()).plan()?;
    let site = kept::site(&plan.start);
    let name =
        new.name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).unwrap_or_else(|| site.clone());
    let request = serde_json::to_string(&new.request)
        .map_err(|_| EngineError::Fault("a request cannot be written down"))?;
    let property = Property { id: property_id(&name), name, site, request, created: 0 };
    let schedule = match new.schedule {
        Some(new) => Some(due(store, &property.id, new).await?),
        None => None,
    };
    if !store.add_property(&property).await? {
        return Err(EngineError::Request(format!(
            "there is a property '{}' already: give this one another name",
            property.id
        )));
    }
    if let Some(schedule) = schedule {
        store.set_schedule(&schedule).await?;
    }
    Ok(property)
}

/// Sets when a property is audited.
pub async fn set_schedule(store: &Store, property: &str, new: NewSchedule) -> Result<Schedule, EngineError> {
    let schedule = due(store, property, new).await?;
    store.set_schedule(&schedule).await?;
    Ok(schedule)
}

async fn due(store: &Store, property: &str, new: NewSchedule) -> Result<Schedule, EngineError> {
    let NewSchedule { cron, zone, paused } = new;
    let next =
        schedule::next(&cron, &zone, store.now().await?).map_err(|e| EngineError::Request(e.to_string()))?;
    let Some(next) = next else {
        return Err(EngineError::Request(format!(
            "the line '{}' names no time that is to come",
            affiant_record::hostile::line(&cron, 100)
        )));
    };
    Ok(Schedule { property: property.to_owned(), cron, zone, next_at: Some(next), paused })
}

/// What each audit of a property is asked for.
pub fn asked_for(property: &Property) -> Result<AuditRequest, EngineError> {
    serde_json::from_str(&property.request).map_err(|e| {
        EngineError::Request(format!(
            "what the audits of '{}' are asked for cannot be read: {e}",
            property.id
        ))
    })
}

/// Puts an audit of the property in, for workers to make. Gives its name, or that of one of which nothing was visited yet: it sees
/// what this one would.
pub async fn audit_property(
    jobs: &Jobs,
    store: &Store,
    place: &Place,
    property: &Property,
) -> Result<String, EngineError> {
    if let Some(audit) = jobs.open_audit(&property.id).await?
        && jobs.list(Some(&audit)).await?.iter().all(|j| j.state == JobState::Ready && j.attempts == 0)
    {
        return Ok(audit);
    }
    let asked = KeptRequest::new(asked_for(property)?);
    let audit = ask(jobs, store, place, &asked, Some(&property.id), &Wanted::AskedFor).await?;
    audit.ok_or(EngineError::Fault("an audit that somebody asked for was not put in"))
}

/// A name for addresses, of a property's name for people or its address: letters, digits, dots within words, dashes between them.
fn property_id(name: &str) -> String {
    let name = name.trim_start_matches("https://").trim_start_matches("http://").to_lowercase();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').map(|w| w.trim_matches('.')).filter(|w| !w.is_empty()).collect();
    let id: String = words.join("-").chars().take(60).collect();
    match id.trim_matches(['-', '.']) {
        "" => format!("property-{:08x}", rand::random::<u32>()),
        // The address of the page that makes one.
        "new" => "new-property".to_owned(),
        id => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_make_addresses() {
        for (name, expected) in [
            ("The Shop", "the-shop"),
            ("https://www.example.com/", "www.example.com"),
            ("shop.test", "shop.test"),
            ("../../etc/passwd", "etc-passwd"),
            ("<script>", "script"),
            ("new", "new-property"),
            ("a..-..b", "a-b"),
        ] {
            assert_eq!(property_id(name), expected, "{name}");
        }
        for name in ["日本", "", "…", "///"] {
            assert!(property_id(name).starts_with("property-"), "{name}");
        }
        let long = property_id(&"a-".repeat(200));
        assert!(long.len() <= 60 && long.ends_with('a'), "{long}");
    }
}

//! Where the visitor is said to be: time zone, locale, the place that pages may ask for, and the region that consent
//! platforms take as a test parameter.
//!
//! All of this is declared to the page and proves nothing: the address from which a site sees the requests is the
//! machine's or the proxy's. OneTrust's parameter is documented as `OneTrust.geolocationResponse`, read before its
//! stub asks where the visitor is: <https://developer.onetrust.com/onetrust/docs/custom-geolocation-integration>.

use std::sync::Arc;

use affiant_record::header::Vantage;
use serde_json::{Value, json};

use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

const SCRIPT: &str = include_str!("js/place.js");

pub(crate) const OBSERVER: Observer = Observer { attach, ..Observer::IDLE };

/// Tells a target where it is.
fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    let v = &shared.options.vantage;
    let (client, handle) = (&shared.client, target.handle.as_str());
    if let Some(zone) = &v.timezone {
        client.post(handle, "Emulation.setTimezoneOverride", json!({ "timezoneId": zone }));
    }
    if !target.has_documents() {
        return;
    }
    if let Some([latitude, longitude]) = v.place {
        let place = json!({ "latitude": latitude, "longitude": longitude, "accuracy": 30 });
        client.post(handle, "Emulation.setGeolocationOverride", place);
    }
    if let Some(region) = &v.region {
        let source = format!("({SCRIPT})({})", region_of(region));
        let put = json!({ "source": source, "runImmediately": true });
        client.post(handle, "Page.addScriptToEvaluateOnNewDocument", put);
    }
}

/// Lets pages of this profile ask for the place, as a visitor who answers yes.
pub(crate) fn allow(shared: &Arc<Shared>, context: &str) {
    if shared.options.vantage.place.is_some() {
        let grant = json!({ "permissions": ["geolocation"], "browserContextId": context });
        shared.client.post("", "Browser.grantPermissions", grant);
    }
}

/// `US-CA` as OneTrust takes it.
fn region_of(region: &str) -> Value {
    let (country, state) = region.split_once('-').unwrap_or((region, ""));
    json!({ "countryCode": country, "stateCode": state, "regionCode": "" })
}

/// The vantages that have a name: what they declare beside the defaults.
pub fn named(name: &str) -> Option<Vantage> {
    match name {
        "default" => Some(Vantage { name: name.to_owned(), ..Vantage::default() }),
        "us-ca" => Some(Vantage {
            name: name.to_owned(),
            locale: Some("en-US".to_owned()),
            timezone: Some("America/Los_Angeles".to_owned()),
            place: Some([34.0522, -118.2437]),
            region: Some("US-CA".to_owned()),
            ..Vantage::default()
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn california_is_declared_in_every_way_that_there_is() {
        let v = named("us-ca").unwrap();
        assert_eq!(v.timezone.as_deref(), Some("America/Los_Angeles"));
        assert_eq!(
            region_of(v.region.as_deref().unwrap()),
            json!({"countryCode": "US", "stateCode": "CA", "regionCode": ""})
        );
        assert!(named("mars").is_none());
    }
}

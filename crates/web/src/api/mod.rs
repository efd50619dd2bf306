//! The API for programs: what the pages show, and what they do. Its description is made of the handlers themselves.
//!
//! Texts are as they were recorded, and may be hostile: JSON's own escaping makes them inert, a reader who shows them must
//! neutralise them.

mod alerts;
mod audits;
mod body;
mod channels;
mod problem;
mod properties;
mod time;
mod token;

use std::sync::Arc;

use axum::{Json, Router};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Contact, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use problem::Problem;
pub(crate) use token::{Program, new as new_token};

/// Where it begins.
pub(crate) const AT: &str = "/api/v1";

/// All of it.
pub(crate) fn router() -> Router<Arc<App>> {
    let (router, description) = described().split_for_parts();
    router.route(&format!("{AT}/openapi.json"), axum::routing::get(async || Json(description))).route(
        &format!("{AT}/{{*rest}}"),
        axum::routing::any(async || Problem::not_found("such address in the API")),
    )
}

/// Its description, as OpenAPI.
pub fn description() -> OpenApi {
    described().into_openapi()
}

fn described() -> OpenApiRouter<Arc<App>> {
    let routes = OpenApiRouter::new()
        .routes(routes!(properties::list, properties::add))
        .routes(routes!(properties::show, properties::remove))
        .routes(routes!(properties::schedule, properties::unschedule))
        .routes(routes!(properties::history, properties::audit))
        .routes(routes!(properties::findings))
        .routes(routes!(properties::inventory))
        .routes(routes!(audits::show))
        .routes(routes!(audits::stop))
        .routes(routes!(audits::report))
        .routes(routes!(audits::compare))
        .routes(routes!(alerts::list))
        .routes(routes!(channels::list, channels::add))
        .routes(routes!(channels::remove));
    let mut all = OpenApiRouter::new().nest(AT, routes);
    let of = all.get_openapi_mut();
    of.info.title = "affiant".to_owned();
    of.info.version = env!("CARGO_PKG_VERSION").to_owned();
    of.info.contact = None::<Contact>;
    of.info.license = None;
    of.info.description = Some(
        "What a website sends, to whom, under which consent: start audits, follow them, read what they found. Times are \
         RFC 3339, UTC. Texts that audited pages wrote are hostile: neutralise them before you show them. What was observed \
         is stated; it is no legal advice."
            .to_owned(),
    );
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "A token of the page /tokens. One that may only read is refused everything but GET.",
    ));
    of.components
        .get_or_insert_with(Components::new)
        .add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_description_file_is_what_is_derived() {
        const FILE: &str = "docs/schema/api.v1.openapi.json";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FILE);
        let derived = format!("{}\n", description().to_pretty_json().unwrap());
        if std::env::var_os("AFFIANT_UPDATE").is_some() {
            std::fs::write(&path, &derived).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == derived,
            "{FILE} is not what the handlers say; write it again: AFFIANT_UPDATE=1 cargo test -p affiant-web description"
        );
    }

    #[test]
    fn every_operation_and_field_is_described_and_wants_a_token() {
        let api = serde_json::to_value(description()).unwrap();
        for (path, methods) in api["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{method} {path}");
                assert_eq!(operation["security"], serde_json::json!([{ "token": [] }]), "{method} {path}");
            }
        }
        for (name, schema) in api["components"]["schemas"].as_object().unwrap() {
            for (field, of) in schema["properties"].as_object().into_iter().flatten() {
                let one_of = of["oneOf"].as_array().into_iter().flatten();
                let described = std::iter::once(of).chain(one_of).any(|s| s["description"].is_string());
                assert!(described, "{name}.{field}: {of}");
            }
        }
    }
}

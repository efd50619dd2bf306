//! The report for people: one file that asks nothing of anybody, works without scripts, and prints.
//!
//! The policy in its head forbids every request; style and script are named by their hashes. All text goes through
//! `markup`, which escapes it and shows what would act or hide; no template switches escaping off.

mod answer;
mod banner;
mod behaviour;
mod compare;
mod coverage;
mod declared;
mod evidence;
mod findings;
mod markup;
mod matrix;
mod pages;
pub mod parts;
mod picture;
mod screenshots;
mod timeline;
mod timing;
mod typed;
mod vendors;

use affiant_record::footer::collectors;
use askama::Template;
use base64::Engine as _;

use crate::{NOT_LEGAL_ADVICE, ReportInput};
pub use compare::comparison;
use markup::{Markup, text};

/// The reports' style, for pages that show parts of one.
pub const CSS: &str =
    concat!(include_str!("../templates/tokens.css"), include_str!("../templates/report.css"));
const JS: &str = include_str!("../templates/report.js");

/// The report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the HTML report: {0}")]
pub struct HtmlError(#[from] askama::Error);

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    policy: String,
    css: Markup,
    js: Markup,
    site: Markup,
    id: Markup,
    tool: Markup,
    when: String,
    not_legal_advice: &'static str,
    /// Of how many visits negatives speak, by collector.
    network_watched: String,
    cookies_watched: String,
    listeners_watched: String,
    uses_watched: String,
    answer: answer::View,
    matrix: matrix::View,
    findings: findings::View,
    timelines: Vec<timeline::View>,
    timing: Vec<timing::View>,
    vendors: vendors::View,
    banner: banner::View,
    declared: declared::View,
    typed: typed::View,
    pages: pages::View,
    cookies: pages::Cookies,
    behaviour: behaviour::View,
    screenshots: screenshots::View,
    coverage: coverage::View,
}

/// The report as one HTML file.
pub fn render(input: &ReportInput<'_>) -> Result<String, HtmlError> {
    let all = crate::vendors::vendors(input);
    let shots = screenshots::view(input);
    let links = vendors::Links::new(&all);
    let m = input.manifest;
    let page = Page {
        policy: policy(),
        css: Markup::trusted(CSS),
        js: Markup::trusted(JS),
        site: text(crate::words::host(&m.plan.start), 120),
        id: text(&m.id, 120),
        tool: text(&format!("{} {}", m.tool.name, m.tool.version), 60),
        when: crate::words::moment(&m.started),
        not_legal_advice: NOT_LEGAL_ADVICE,
        network_watched: input.watched(collectors::NETWORK),
        cookies_watched: input.watched(collectors::COOKIES),
        listeners_watched: input.watched(collectors::LISTENERS),
        uses_watched: input.watched(collectors::API_CALLS),
        answer: answer::view(input),
        matrix: matrix::view(input, input.watched(collectors::NETWORK), &links),
        findings: findings::view(input, &shots, &|_| None),
        timelines: timeline::views(input),
        timing: timing::views(input),
        vendors: vendors::view(input, &all),
        banner: banner::view(input, &shots),
        declared: declared::view(input),
        typed: typed::view(input),
        pages: pages::view(input, &shots),
        cookies: pages::cookies(input),
        behaviour: behaviour::view(input),
        coverage: coverage::view(input),
        screenshots: shots,
    };
    Ok(page.render()?)
}

/// Nothing may be loaded from anywhere; only this style and this script run.
fn policy() -> String {
    let hash = |s: &str| {
        base64::engine::general_purpose::STANDARD.encode(affiant_record::Digest::of(s.as_bytes()).0)
    };
    format!(
        "default-src 'none'; img-src data:; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(CSS),
        hash(JS)
    )
}

#[cfg(test)]
mod tests;

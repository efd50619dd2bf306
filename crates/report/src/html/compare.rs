//! The difference of two sides, as one file.

use affiant_detect::facts::Class;
use askama::Template;

use super::markup::{Markup, text};
use super::{CSS, HtmlError, JS, policy};
use crate::compare::{Comparison, side, sign};
use crate::words::{self, count};

#[derive(Template)]
#[template(path = "compare.html")]
struct Page {
    policy: String,
    css: Markup,
    js: Markup,
    not_legal_advice: &'static str,
    c: View,
}

/// The comparison as a part of another page.
#[derive(Template)]
#[template(path = "compared.html")]
pub(crate) struct Part {
    pub(crate) c: View,
}

/// A comparison, as shown.
pub(crate) struct View {
    sides: Vec<Markup>,
    cautions: Vec<Markup>,
    receivers: Vec<Row>,
    same: String,
    cookies: Vec<(&'static str, Markup, Markup, Markup)>,
    findings: Vec<(&'static str, &'static str, Markup, Markup)>,
    both: String,
}

pub(crate) struct Row {
    sign: &'static str,
    name: Markup,
    class: &'static str,
    scenario: String,
    counts: Markup,
}

/// The comparison as one HTML file.
pub fn comparison(c: &Comparison) -> Result<String, HtmlError> {
    let page = Page {
        policy: policy(),
        css: Markup::trusted(CSS),
        js: Markup::trusted(JS),
        not_legal_advice: crate::NOT_LEGAL_ADVICE,
        c: view(c),
    };
    Ok(page.render()?)
}

/// Shown.
pub(crate) fn view(c: &Comparison) -> View {
    View {
        sides: c.sides.iter().map(|s| text(&side(s), 500)).collect(),
        cautions: c.cautions.iter().map(|x| text(x, 300)).collect(),
        receivers: c
            .receivers
            .iter()
            .map(|d| Row {
                sign: d.sign(),
                name: text(&d.name, 120),
                class: d.class.map_or("owner not known", Class::in_words),
                scenario: d.scenario.map(|s| s.to_string()).unwrap_or_default(),
                counts: text(&d.counts(), 300),
            })
            .collect(),
        same: count(c.same, "receiver"),
        cookies: c
            .cookies
            .iter()
            .map(|k| {
                let vendor = k.vendor.as_deref().unwrap_or("not known");
                (sign(k.how), text(&k.name, 120), text(&k.domain, 120), text(vendor, 120))
            })
            .collect(),
        findings: c
            .findings
            .iter()
            .map(|f| (sign(f.how), words::severity(f.severity), text(&f.title, 600), text(&f.rule, 60)))
            .collect(),
        both: count(c.findings_in_both, "finding"),
    }
}

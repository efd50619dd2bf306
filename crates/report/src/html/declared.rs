//! What the consent platform declares.

use affiant_record::declaration::{Category, Declaration};

use super::evidence;
use super::markup::{Markup, text};
use crate::ReportInput;
use crate::declaration::{default, distinct, missing, seen};
use crate::words::list;

/// Declarations, and cookies of one category, shown.
const DECLARATIONS: usize = 20;
const COOKIES: usize = 80;

/// All of it.
pub(crate) struct View {
    pub(crate) all: Vec<One>,
    pub(crate) rest: usize,
    /// Cookies that were seen and are in no category.
    pub(crate) missing: Vec<Markup>,
    pub(crate) more_missing: usize,
}

/// A declaration.
pub(crate) struct One {
    pub(crate) title: Markup,
    pub(crate) about: Markup,
    pub(crate) categories: Vec<Row>,
    pub(crate) rules: Vec<(Markup, Markup)>,
    pub(crate) place: String,
    pub(crate) command: Markup,
}

/// A category.
pub(crate) struct Row {
    pub(crate) name: Markup,
    pub(crate) default: &'static str,
    pub(crate) services: Markup,
    pub(crate) hosts: Markup,
    pub(crate) cookies: Vec<(Markup, bool)>,
    pub(crate) more: usize,
}

/// Of this audit.
pub(crate) fn view(input: &ReportInput<'_>) -> View {
    let all = distinct(input.facts);
    let one = |d: &&affiant_detect::facts::DeclarationFact| One {
        title: text(&d.declared.platform, 60),
        about: text(&about(&d.declared), 700),
        categories: d.declared.categories.iter().map(|c| row(input, c)).collect(),
        rules: d
            .declared
            .rules
            .iter()
            .take(40)
            .map(|r| (text(&r.name, 80), text(&list(&r.regions, 30), 400)))
            .collect(),
        place: format!("{}, {}", d.evidence.record.short(), d.evidence.line),
        command: evidence::shown_by(input, &d.evidence),
    };
    let missing = missing(&all, input.facts);
    View {
        all: all.iter().take(DECLARATIONS).map(one).collect(),
        rest: all.len().saturating_sub(DECLARATIONS),
        more_missing: missing.len().saturating_sub(COOKIES),
        missing: missing.iter().take(COOKIES).map(|(n, d)| text(&format!("{n} ({d})"), 160)).collect(),
    }
}

fn about(d: &Declaration) -> String {
    let mut out = vec![if d.from == "page" {
        "as the running page has it".to_owned()
    } else {
        format!("in {}, which the page fetched", d.from)
    }];
    out.extend(d.model.as_ref().map(|m| format!("model {m}")));
    out.extend(d.region.as_ref().map(|r| format!("rule {r}")));
    out.extend(d.version.as_ref().map(|v| format!("version {v}")));
    out.join(", ")
}

fn row(input: &ReportInput<'_>, c: &Category) -> Row {
    let cell = |l: &[String]| if l.is_empty() { text("none named", 20) } else { text(&list(l, 30), 900) };
    Row {
        name: text(&format!("{} ({})", c.name, c.id), 140),
        default: default(&c.default),
        services: cell(&c.services),
        hosts: cell(&c.hosts),
        cookies: c
            .cookies
            .iter()
            .take(COOKIES)
            .map(|k| (text(&k.name, 80), seen(input.facts, &k.name).is_some()))
            .collect(),
        more: c.cookies.len().saturating_sub(COOKIES),
    }
}

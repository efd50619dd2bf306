//! What consent platforms declare, as text, and what differs between two declarations.

use std::collections::BTreeSet;

use affiant_detect::declares;
use affiant_detect::facts::{CookieFact, DeclarationFact, Text, VisitFacts};
use affiant_record::declaration::{Category, Declaration};

use crate::hostile::line;
use crate::words::{count, list};

/// Lines of one category's cookies, at most.
const COOKIES: usize = 60;

/// The default of a category, in words.
pub(crate) fn default(word: &str) -> &'static str {
    match word {
        "always" => "always active",
        "on" => "on until refused",
        "off" => "off until granted",
        _ => "not told",
    }
}

/// Whether a declared name was met by a cookie that was seen.
pub(crate) fn seen<'a>(facts: &'a [VisitFacts], name: &str) -> Option<&'a CookieFact> {
    facts.iter().flat_map(|v| &v.cookies).find(|c| declares(name, &c.name))
}

/// Cookies that were seen and that no category of these names: name and domain, each once.
fn undeclared(declared: &[&Declaration], facts: &[VisitFacts]) -> Vec<(String, String)> {
    let names = |c: &CookieFact| {
        declared
            .iter()
            .flat_map(|d| &d.categories)
            .flat_map(|c| &c.cookies)
            .any(|k| declares(&k.name, &c.name))
    };
    let kept = facts.iter().flat_map(|v| &v.cookies).filter(|c| {
        !c.lifetime_s.is_some_and(|s| s <= 0.0) && c.blocked.is_empty() && !c.stores_consent && !names(c)
    });
    let all: BTreeSet<(&Text, &Text)> = kept.map(|c| (&c.name, &c.domain)).collect();
    all.into_iter().map(|(name, domain)| (name.to_string(), domain.to_string())).collect()
}

/// Cookies in no category of the running page's declarations; of files' where there is none. Nothing where no cookie is
/// declared at all.
pub(crate) fn missing(all: &[&DeclarationFact], facts: &[VisitFacts]) -> Vec<(String, String)> {
    let page: Vec<&Declaration> = all.iter().map(|d| &d.declared).filter(|d| d.from == "page").collect();
    let page = if page.is_empty() { all.iter().map(|d| &d.declared).collect() } else { page };
    let lists = page.iter().any(|d| d.categories.iter().any(|c| !c.cookies.is_empty()));
    if lists { undeclared(&page, facts) } else { vec![] }
}

/// The declarations each once: several visits read the same.
pub fn distinct<'a>(facts: &'a [VisitFacts]) -> Vec<&'a DeclarationFact> {
    let mut out: Vec<&'a DeclarationFact> = Vec::new();
    for d in facts.iter().flat_map(|v| &v.declarations) {
        if !out.iter().any(|x| x.declared == d.declared) {
            out.push(d);
        }
    }
    out
}

/// Declarations as text for a terminal, held against what was seen.
pub fn text(all: &[&DeclarationFact], facts: &[VisitFacts]) -> String {
    let mut out = String::new();
    for d in all.iter().map(|d| &d.declared) {
        out += &head(d);
        for c in &d.categories {
            out += &category(c, facts);
        }
        for r in &d.rules {
            let regions: Vec<String> = r.regions.iter().map(|r| line(r, 20)).collect();
            let model = r.model.as_deref().map(|m| format!(" ({})", line(m, 40))).unwrap_or_default();
            out += &format!("  Rule \"{}\"{model}: {}\n", line(&r.name, 80), list(&regions, 12));
        }
        out.push('\n');
    }
    let missing = missing(all, facts);
    if !missing.is_empty() {
        let names: Vec<String> =
            missing.iter().map(|(n, d)| format!("{} ({})", line(n, 60), line(d, 60))).collect();
        let is = if missing.len() == 1 { "is" } else { "are" };
        out += &format!(
            "Seen, and in no category: {} {is}: {}\n",
            count(missing.len(), "cookie"),
            list(&names, 20)
        );
    }
    out
}

fn head(d: &Declaration) -> String {
    let from = if d.from == "page" {
        "as the running page has it".to_owned()
    } else {
        format!("in {}", line(&d.from, 200))
    };
    let mut more: Vec<String> = Vec::new();
    more.extend(d.model.as_deref().map(|m| format!("model {}", line(m, 40))));
    more.extend(d.region.as_deref().map(|r| format!("rule {}", line(r, 80))));
    more.extend(d.version.as_deref().map(|v| format!("version {}", line(v, 40))));
    let more = if more.is_empty() { String::new() } else { format!("; {}", more.join(", ")) };
    format!("{}, {from}{more}\n", line(&d.platform, 60))
}

fn category(c: &Category, facts: &[VisitFacts]) -> String {
    let mut holds = Vec::new();
    if !c.services.is_empty() {
        let all: Vec<String> = c.services.iter().map(|s| line(s, 60)).collect();
        holds.push(format!("services: {}", list(&all, 12)));
    }
    if !c.hosts.is_empty() {
        let all: Vec<String> = c.hosts.iter().map(|h| line(h, 60)).collect();
        holds.push(format!("hosts: {}", list(&all, 12)));
    }
    if !c.cookies.is_empty() {
        let all: Vec<String> = c
            .cookies
            .iter()
            .take(COOKIES)
            .map(|k| {
                format!(
                    "{}{}",
                    line(&k.name, 60),
                    if seen(facts, &k.name).is_some() { "" } else { " (not seen)" }
                )
            })
            .collect();
        holds.push(format!("cookies: {}", list(&all, COOKIES)));
    }
    let holds = if holds.is_empty() { "nothing is named in it".to_owned() } else { holds.join("\n      ") };
    format!("  {} ({}): {}\n      {holds}\n", line(&c.name, 80), line(&c.id, 40), default(&c.default))
}

/// What differs between two declarations, a line each: `+` only in the second, `-` only in the first, `~` changed.
pub fn diff(before: &[Declaration], after: &[Declaration]) -> Vec<String> {
    let key = |d: &Declaration| (d.platform.clone(), d.region.clone().filter(|_| d.from != "page"));
    let named = |d: &Declaration| match key(d) {
        (platform, Some(region)) => format!("{} \"{}\"", line(&platform, 60), line(&region, 80)),
        (platform, None) => line(&platform, 60),
    };
    let mut out = Vec::new();
    for d in after.iter().filter(|d| !before.iter().any(|x| key(x) == key(d))) {
        out.push(format!(
            "+ {}: declared now, with {}",
            named(d),
            count(d.categories.len(), "category").replace("categorys", "categories")
        ));
    }
    for d in before {
        match after.iter().find(|x| key(x) == key(d)) {
            Some(now) => one(&named(d), d, now, &mut out),
            None => out.push(format!("- {}: declared no more", named(d))),
        }
    }
    out
}

fn one(name: &str, before: &Declaration, after: &Declaration, out: &mut Vec<String>) {
    let mut field = |what: &str, a: &Option<String>, b: &Option<String>| {
        if a != b {
            let word = |t: &Option<String>| t.as_deref().map_or("not told".to_owned(), |t| line(t, 80));
            out.push(format!("~ {name}: {what} was {}, is {}", word(a), word(b)));
        }
    };
    field("model", &before.model, &after.model);
    field("rule", &before.region, &after.region);
    field("version", &before.version, &after.version);
    set(name, "rule for regions", &rules(before), &rules(after), out);
    let find = |d: &'_ Declaration, id: &str| d.categories.iter().position(|c| c.id == id);
    for c in &after.categories {
        let at = format!("{name}, {}", line(&c.name, 80));
        let Some(i) = find(before, &c.id) else {
            out.push(format!("+ {at}: a new category, {}", default(&c.default)));
            continue;
        };
        let was = &before.categories[i];
        if was.name != c.name {
            out.push(format!("~ {at}: was called {}", line(&was.name, 80)));
        }
        if was.default != c.default {
            out.push(format!("~ {at}: was {}, is {}", default(&was.default), default(&c.default)));
        }
        let cookies = |c: &Category| c.cookies.iter().map(|k| k.name.clone()).collect::<BTreeSet<_>>();
        set(&at, "cookie", &cookies(was), &cookies(c), out);
        set(&at, "host", &was.hosts.iter().cloned().collect(), &c.hosts.iter().cloned().collect(), out);
        set(
            &at,
            "service",
            &was.services.iter().cloned().collect(),
            &c.services.iter().cloned().collect(),
            out,
        );
    }
    for c in before.categories.iter().filter(|c| find(after, &c.id).is_none()) {
        out.push(format!("- {name}, {}: the category is gone", line(&c.name, 80)));
    }
}

fn rules(d: &Declaration) -> BTreeSet<String> {
    d.rules.iter().map(|r| format!("{} for {}", r.name, r.regions.join(" "))).collect()
}

fn set(at: &str, what: &str, before: &BTreeSet<String>, after: &BTreeSet<String>, out: &mut Vec<String>) {
    out.extend(after.difference(before).map(|x| format!("+ {at}: {what} {}", line(x, 200))));
    out.extend(before.difference(after).map(|x| format!("- {at}: {what} {}", line(x, 200))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use affiant_record::declaration::DeclaredCookie;

    fn declared(default: &str, cookies: &[&str]) -> Declaration {
        let cookie = |n: &&str| DeclaredCookie { name: (*n).to_owned(), host: None };
        Declaration {
            platform: "OneTrust".into(),
            from: "page".into(),
            categories: vec![Category {
                id: "C1".into(),
                name: "Chat".into(),
                default: default.into(),
                cookies: cookies.iter().map(cookie).collect(),
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    #[test]
    fn what_differs_is_a_line_each() {
        let a = [declared("always", &["a", "b"])];
        let b = [declared("off", &["b", "c"])];
        assert_eq!(
            diff(&a, &b),
            [
                "~ OneTrust, Chat: was always active, is off until granted",
                "+ OneTrust, Chat: cookie c",
                "- OneTrust, Chat: cookie a"
            ]
        );
        assert!(diff(&a, &a).is_empty());
        assert_eq!(diff(&a, &[]), ["- OneTrust: declared no more"]);
    }

    #[test]
    fn hostile_words_are_shown_as_signs() {
        let mut d = declared("off", &["\u{1b}[31m"]);
        d.categories[0].name = "a\nb".into();
        let fact = DeclarationFact {
            declared: d,
            evidence: affiant_record::Evidence {
                record: affiant_record::Digest([0; 32]),
                line: 1,
                blob: None,
            },
        };
        let text = text(&[&fact], &[]);
        assert!(!text.contains('\u{1b}') && text.lines().count() < 6, "{text}");
    }
}

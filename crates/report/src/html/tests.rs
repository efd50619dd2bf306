//! What must hold of every report, whatever is in it.

use super::*;
use crate::testing;

fn html(of: fn(&std::path::Path) -> Result<testing::Fixture, affiant_record::RecordError>) -> String {
    let dir = tempfile::tempdir().unwrap();
    let fixture = of(dir.path()).unwrap();
    render(&fixture.input()).unwrap()
}

fn all() -> [String; 4] {
    [html(testing::nothing), html(testing::one), html(testing::shop), html(testing::large)]
}

/// Start tags, as a browser would see them outside the one style and script.
fn tags(html: &str) -> Vec<&str> {
    let mut out = vec![];
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let end = rest.find('>').unwrap();
        let tag = &rest[..=end];
        out.push(tag);
        rest = &rest[end + 1..];
        if tag == "<style>" || tag == "<script>" {
            rest = &rest[rest.find("</").unwrap()..];
        }
    }
    out
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    for html in all() {
        for tag in tags(&html) {
            let fetches = tag.contains("://") && !tag.starts_with("<a class=\"out\" href=\"");
            assert!(!fetches, "{tag}");
            for attribute in [
                " src=",
                " srcset=",
                " style=",
                " onload=",
                " onclick=",
                " onerror=",
                "<link",
                "<iframe",
                "<base",
            ] {
                assert!(!tag.contains(attribute), "{tag}");
            }
            if let Some((_, href)) = tag.split_once("href=\"") {
                let own = ["#", "data:image/png;base64,", "https://shop.example/"];
                assert!(own.iter().any(|o| href.starts_with(o)), "{tag}");
            }
        }
        assert!(!CSS.contains("url(") && !CSS.contains("@import"));
    }
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let html = html(testing::shop);
    assert_eq!(html.matches("<script").count(), 1);
    assert_eq!(html.matches("</title>").count(), 1);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("[U+202E]") && html.contains(">ESC</b>"));
    assert!(html.contains("more characters)"));
    let acts =
        |c: char| (c.is_control() && c != '\n') || ('\u{202A}'..='\u{202E}').contains(&c) || c == '\u{2066}';
    assert!(!html.contains(acts));
}

#[test]
fn no_template_switches_escaping_off() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("|safe") && !text.contains("| safe") && !text.contains("escape none"));
    }
}

#[test]
fn style_and_script_are_those_that_the_policy_names() {
    let html = html(testing::nothing);
    let digest = |s: &str| {
        base64::engine::general_purpose::STANDARD.encode(affiant_record::Digest::of(s.as_bytes()).0)
    };
    for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let at = html.find(open).unwrap() + open.len();
        let inside = &html[at..at + html[at..].find(close).unwrap()];
        assert!(policy().contains(&digest(inside)));
    }
}

#[test]
fn every_link_inside_leads_somewhere_and_no_name_is_given_twice() {
    for html in all() {
        let mut names = std::collections::BTreeSet::new();
        for part in html.split(" id=\"").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(names.insert(name), "twice: {name}");
        }
        for part in html.split("href=\"#").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(names.contains(name), "leads nowhere: {name}");
        }
    }
}

#[test]
fn tags_are_closed_in_order() {
    const VOID: [&str; 7] = ["meta", "wbr", "br", "input", "!DOCTYPE", "use", "path"];
    for html in all() {
        let mut open: Vec<&str> = vec![];
        for tag in tags(&html) {
            let name =
                tag.trim_start_matches("</").trim_start_matches('<').split([' ', '>', '/']).next().unwrap();
            if tag.starts_with("</") {
                assert_eq!(open.pop(), Some(name), "{tag} closes another");
            } else if !tag.ends_with("/>") && !VOID.contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn a_very_large_audit_is_bounded_and_says_what_is_left_out() {
    let html = html(testing::large);
    assert!(html.len() < 15_000_000, "{} bytes", html.len());
    assert!(html.contains("more in report.json") && html.contains("more findings in report.json"));
}

#[test]
fn what_was_not_tested_never_reads_as_clean() {
    let dir = tempfile::tempdir().unwrap();
    let mut f = testing::nothing(dir.path()).unwrap();
    f.facts.clear();
    f.manifest.visits[0].outcome = None;
    f.manifest.visits[0].digest = None;
    f.manifest.finished = None;
    let html = render(&f.input()).unwrap();
    assert!(html.contains("could not be tested: no visit was complete"));
    assert!(html.contains("planned, not made") && html.contains("not finished"));
    for word in ["violation", "illegal", "compliant", "GDPR-proof"] {
        assert!(!html.to_lowercase().contains(&word.to_lowercase()), "{word}");
    }
}

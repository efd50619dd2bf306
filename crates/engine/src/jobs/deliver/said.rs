//! A message as people read it.

use std::collections::BTreeMap;

use crate::alerts::{Kind, Message};

/// So many alerts stand in a message.
const MOST: usize = 100;

/// `The shop: 1 new vendor, 2 new hosts`: one line, of which nothing acts.
pub(super) fn subject(message: &Message) -> String {
    let mut counted: BTreeMap<Kind, u64> = BTreeMap::new();
    for kind in message.alerts.iter().filter_map(|a| Kind::read(&a.kind)) {
        *counted.entry(kind).or_default() += 1;
    }
    let all: Vec<String> = counted
        .into_iter()
        .map(|(kind, n)| {
            let (one, several) = kind.in_words();
            format!("{n} {}", if n == 1 { one } else { several })
        })
        .collect();
    format!("{}: {}", affiant_record::hostile::line(&message.name, 80), all.join(", "))
}

/// Plain text.
pub(super) fn text(message: &Message, link: Option<&str>) -> String {
    let mut out = format!("{}\n\n", head(message));
    for alert in message.alerts.iter().take(MOST) {
        out += &format!("- {}\n", affiant_record::hostile::line(&alert.title, 600));
    }
    out += &more(message).map(|m| format!("\n{m}\n")).unwrap_or_default();
    out += &link.map(|l| format!("\nMore, with the evidence: {l}\n")).unwrap_or_default();
    out += &format!("\n{FOOT}\n");
    out
}

/// The same as HTML that loads nothing and links only to affiant.
pub(super) fn html(message: &Message, link: Option<&str>) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif\"><p>{}</p><ul>",
        escaped(&head(message))
    );
    for alert in message.alerts.iter().take(MOST) {
        out += &format!("<li>{}</li>", escaped(&affiant_record::hostile::line(&alert.title, 600)));
    }
    out += "</ul>";
    out += &more(message).map(|m| format!("<p>{m}</p>")).unwrap_or_default();
    out += &link
        .map(|l| format!("<p><a href=\"{0}\">More, with the evidence</a></p>", escaped(l)))
        .unwrap_or_default();
    out += &format!("<p><small>{FOOT}</small></p></body></html>");
    out
}

const FOOT: &str = "affiant states what was observed. It is no legal advice.";

fn head(message: &Message) -> String {
    let of = if message.audit.is_empty() { String::new() } else { format!(", audit {}", message.audit) };
    affiant_record::hostile::line(&format!("{} ({}){of}", message.name, message.site), 400)
}

fn more(message: &Message) -> Option<String> {
    let more = message.alerts.len().saturating_sub(MOST);
    (more > 0).then(|| format!("And {more} more."))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

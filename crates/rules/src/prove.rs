//! How to prove a finding fixed: the exact command. Addresses come from pages, so they are quoted for a shell.

use affiant_record::Scenario;

/// Pages beyond this are left out: the command must stay one that a person runs.
const MOST_PAGES: usize = 6;

/// The command that looks again at these pages in these scenarios. With a choice, the page where it is made leads.
pub(crate) fn command(
    choice_page: Option<&str>,
    pages: &[String],
    scenarios: &[Scenario],
    gpc: bool,
) -> String {
    let mut urls: Vec<&str> = choice_page.into_iter().collect();
    for p in pages {
        if urls.len() == MOST_PAGES {
            break;
        }
        if !urls.contains(&p.as_str()) {
            urls.push(p);
        }
    }
    let mut out = "affiant audit".to_owned();
    for u in &urls {
        out.push(' ');
        out.push_str(&quoted(u));
    }
    out.push_str(&format!(" --pages {}", urls.len().max(1)));
    let names: Vec<String> =
        scenarios.iter().filter(|s| **s != Scenario::Unknown).map(Scenario::to_string).collect();
    if !names.is_empty() {
        out.push_str(&format!(" --scenario {}", names.join(",")));
    }
    if gpc {
        out.push_str(" --gpc on");
    }
    out
}

fn quoted(word: &str) -> String {
    let word: String = word.chars().filter(|c| !c.is_control()).collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:%=,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_leads_and_pages_are_bounded() {
        let pages: Vec<String> = (0..9).map(|i| format!("https://a.example/{i}")).collect();
        let c = command(Some("https://a.example/"), &pages[..2], &[Scenario::RejectAll], false);
        assert_eq!(
            c,
            "affiant audit https://a.example/ https://a.example/0 https://a.example/1 --pages 3 --scenario reject-all"
        );
        assert!(
            command(None, &pages, &[Scenario::NoChoice], true)
                .ends_with(" --pages 6 --scenario no-choice --gpc on")
        );
    }

    #[test]
    fn an_address_cannot_leave_its_quotes() {
        assert_eq!(quoted("https://a.example/?a=1&b='$(x)'"), r"'https://a.example/?a=1&b='\''$(x)'\'''");
    }
}

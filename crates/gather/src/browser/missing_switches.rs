//! What a browser that somebody else started was started without, and what that means for a record.

use affiant_record::header::Lack;

use super::device;
use super::switches::Wanted;

/// Switches whose values are kept: what pages, requests and cookies may depend on. Of others, which may say more
/// about somebody's machine, only the name is.
const WITH_VALUE: [&str; 17] = [
    "accept-lang",
    "allow-browser-signin",
    "blink-settings",
    "disable-blink-features",
    "disable-features",
    "enable-blink-features",
    "enable-features",
    "force-fieldtrials",
    "headless",
    "host-resolver-rules",
    "lang",
    "password-store",
    "proxy-bypass-list",
    "proxy-server",
    "screen-info",
    "user-agent",
    "window-size",
];

/// Lists of features: affiant's own browser has these in them.
const LISTS: [(&str, &str, &str, bool); 3] = [
    (
        "disable-features",
        "RenderDocument",
        "beacons that a page sends while it is left may be missing: silence is no proof of them",
        true,
    ),
    (
        "disable-features",
        "IsolateSandboxedIframes",
        "the first requests of sandboxed frames may be missing: silence is no proof of them",
        true,
    ),
    (
        "disable-blink-features",
        "AutomationControlled",
        "pages can tell that the browser is automated, and some consent platforms then show no banner",
        false,
    ),
];

/// Plain switches.
const FLAGS: [(&str, &str); 6] = [
    ("disable-renderer-backgrounding", "sessions side by side: those behind may run slower and send later"),
    ("disable-background-timer-throttling", "sessions side by side: timers of those behind may run later"),
    ("disable-backgrounding-occluded-windows", "sessions side by side: those behind may count as hidden"),
    ("disable-extensions", "extensions of its profile may act on pages"),
    ("disable-quic", "HTTP/3 may be used"),
    ("disable-ipc-flooding-protection", "pages that navigate or call much may be slowed down"),
];

/// The switches of a command line as one text, as `SystemInfo.getInfo` tells it: without the program, and without
/// what stands behind them.
pub(crate) fn read(command_line: &str) -> Vec<String> {
    // A user agent and host rules hold spaces and nothing is quoted: a switch goes on until the next one. Behind the last one
    // stands an address.
    command_line
        .replace('"', "")
        .split(" --")
        .skip(1)
        .take(500)
        .map(|s| {
            let bare = s.trim();
            let word = bare.split_whitespace().next().unwrap_or_default();
            match name(bare) {
                "user-agent" | "host-resolver-rules" | "screen-info" => format!("--{bare}"),
                n if WITH_VALUE.contains(&n) => format!("--{word}"),
                _ => format!("--{}", name(word)),
            }
        })
        .collect()
}

fn name(switch: &str) -> &str {
    let bare = switch.trim_start_matches("--");
    bare.split_once('=').map_or(bare, |(n, _)| n)
}

/// The value that counts: of several, Chromium takes the last.
fn value<'a>(switches: &'a [String], wanted: &str) -> Option<&'a str> {
    switches.iter().rev().find(|s| name(s) == wanted).map(|s| s.split_once('=').map_or("", |(_, v)| v))
}

/// What is lacking of what affiant's own browser has. `None`: the browser does not tell its switches.
pub(crate) fn missing(
    switches: Option<&[String]>,
    product: &str,
    user_agent: &str,
    wanted: &Wanted<'_>,
) -> Vec<Lack> {
    let mut out = Vec::new();
    let mut lack = |switch: &str, means: &str, hides: bool| {
        out.push(Lack { switch: switch.to_owned(), means: means.to_owned(), hides });
    };
    if product.starts_with("HeadlessChrome") {
        lack(
            "--headless=new",
            "the headless shell is not the full browser: pages may behave otherwise",
            false,
        );
    }
    if user_agent.contains("HeadlessChrome") {
        lack(
            "--user-agent",
            "what the browser sends without a page, such as update checks of service workers, says HeadlessChrome",
            false,
        );
    }
    lack(
        "--user-data-dir",
        "whether third parties may set cookies is for its profile to say, and it does not tell: the vantage's word for it \
         is not checked (`affiant browser args --profile` prepares one)",
        false,
    );
    let Some(switches) = switches else {
        lack(
            "unknown",
            "the browser does not tell its switches: beacons that a page sends while it is left may be missing, pages \
             may tell that it is automated, and its languages and cookie settings are not known",
            true,
        );
        return out;
    };
    for (list, item, means, hides) in LISTS {
        let has = value(switches, list).is_some_and(|v| v.split(',').any(|f| f.trim() == item));
        if !has {
            lack(&format!("--{list}={item}"), means, hides);
        }
    }
    for (flag, means) in FLAGS {
        if value(switches, flag).is_none() {
            lack(&format!("--{flag}"), means, false);
        }
    }
    if let Some(locale) = &wanted.vantage.locale {
        let languages = device::languages(locale).join(",");
        if value(switches, "accept-lang") != Some(languages.as_str()) {
            let means = format!("pages may see other languages than {languages}");
            lack(&format!("--accept-lang={languages}"), &means, false);
        }
    }
    if value(switches, "screen-info").is_none() {
        lack("--screen-info", "pages may see a screen that is smaller than their window", false);
    }
    if value(switches, "blink-settings").is_none() {
        lack("--blink-settings", "pages may see a device without a mouse and without touch", false);
    }
    out
}

/// A switch without which the audit would look at something else than was asked for.
pub(crate) fn must_have(switches: Option<&[String]>, wanted: &[String]) -> Option<String> {
    let switches = switches?;
    wanted
        .iter()
        .filter(|w| matches!(name(w), "host-resolver-rules" | "ignore-certificate-errors"))
        .find(|w| !switches.contains(w))
        .cloned()
}

#[cfg(test)]
mod tests {
    use affiant_record::header::Vantage;

    use super::*;
    use crate::browser::switches::switches;

    const UA: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

    fn vantage() -> Vantage {
        Vantage { width: 1280, height: 800, locale: Some("en-US".to_owned()), ..Vantage::default() }
    }

    fn wanted<'a>(resolve: &'a [String], vantage: &'a Vantage) -> Wanted<'a> {
        Wanted { guard: None, user_agent: UA, proxy: None, resolve, insecure: true, vantage, root: false }
    }

    #[test]
    fn our_own_switches_lack_nothing() {
        let resolve = ["*:443:127.0.0.1:8443".to_owned(), "*:80:127.0.0.1:8080".to_owned()];
        let v = vantage();
        let w = wanted(&resolve, &v);
        let ours = switches(&w).unwrap();
        let line = format!(
            "/usr/bin/chromium {} --user-data-dir=/tmp/x --remote-debugging-port=0 --flag-switches-end about:blank",
            ours.join(" ")
        );
        let read = read(&line);
        assert!(ours.iter().all(|s| read.contains(s)), "{read:?}");
        assert!(read.iter().all(|s| !s.contains("/tmp/x")) && read.contains(&"--user-data-dir".to_owned()));
        let l = missing(Some(&read), "Chrome/156.0.1.2", UA, &w);
        assert_eq!(l.iter().map(|l| l.switch.as_str()).collect::<Vec<_>>(), ["--user-data-dir"]);
        assert_eq!(must_have(Some(&read), &ours), None);
    }

    #[test]
    fn a_bare_browser_lacks_what_matters_and_an_unknown_one_may() {
        let v = vantage();
        let w = wanted(&[], &v);
        let read =
            read("chrome --disable-features=Translate --disable-features=A,B --headless=new about:blank");
        assert_eq!(read, ["--disable-features=Translate", "--disable-features=A,B", "--headless=new"]);
        let l = missing(Some(&read), "Chrome/156.0.1.2", "HeadlessChrome/156.0.0.0", &w);
        let hidden: Vec<_> = l.iter().filter(|l| l.hides).map(|l| l.switch.as_str()).collect();
        assert_eq!(
            hidden,
            ["--disable-features=RenderDocument", "--disable-features=IsolateSandboxedIframes"]
        );
        assert!(l.iter().any(|l| l.switch == "--user-agent"));
        assert_eq!(
            must_have(Some(&read), &switches(&w).unwrap()).as_deref(),
            Some("--ignore-certificate-errors")
        );
        let l = missing(None, "HeadlessChrome/156.0.1.2", UA, &w);
        assert_eq!(l.iter().map(|l| l.hides).collect::<Vec<_>>(), [false, false, true]);
    }
}

//! Which tool made a HAR, as it names itself: each leaves out other things.

/// The maker's family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// DevTools of Chrome, Edge and their kin.
    Chrome,
    /// Firefox's network monitor.
    Firefox,
    /// Safari's Web Inspector.
    Safari,
    /// Charles, a proxy: it sees no pages and no causes.
    Charles,
    /// Playwright.
    Playwright,
    /// affiant's own export.
    Affiant,
    /// Any other.
    Other,
}

impl Flavour {
    /// By the names of creator and browser.
    pub(super) fn of(creator: &str, browser: &str) -> Flavour {
        let c = creator.to_ascii_lowercase();
        let known = [
            ("affiant", Flavour::Affiant),
            ("playwright", Flavour::Playwright),
            ("charles", Flavour::Charles),
            ("webkit web inspector", Flavour::Safari),
            ("safari", Flavour::Safari),
            ("firefox", Flavour::Firefox),
            ("webinspector", Flavour::Chrome),
            ("chrome", Flavour::Chrome),
        ];
        let by_name = |name: &str| known.iter().find(|(word, _)| name.contains(word)).map(|(_, f)| *f);
        by_name(&c).or_else(|| by_name(&browser.to_ascii_lowercase())).unwrap_or(Flavour::Other)
    }

    /// Its name in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Flavour::Chrome => "chrome",
            Flavour::Firefox => "firefox",
            Flavour::Safari => "safari",
            Flavour::Charles => "charles",
            Flavour::Playwright => "playwright",
            Flavour::Affiant => "affiant",
            Flavour::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_by_the_names_they_write() {
        for (creator, browser, flavour) in [
            ("WebInspector", "", Flavour::Chrome),
            ("Firefox", "Firefox", Flavour::Firefox),
            ("WebKit Web Inspector", "", Flavour::Safari),
            ("Charles Proxy", "", Flavour::Charles),
            ("Playwright", "chromium", Flavour::Playwright),
            ("affiant", "Chrome/156", Flavour::Affiant),
            ("mitmproxy", "", Flavour::Other),
        ] {
            assert_eq!(Flavour::of(creator, browser), flavour, "{creator}");
        }
    }
}

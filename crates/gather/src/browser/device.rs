//! The devices that a visitor has: each consistent in itself, and with the browser that it really is.
//!
//! Of the desktop only the screen, the pointer and the word *Headless* are not the machine's own; a phone is this Chromium with
//! what Chrome on Android says of itself. Nothing is put into pages: switches of the browser and its own emulation say all of it.

use affiant_record::device::{Brand, Device, Hints};
use affiant_record::header::Vantage;

/// What a vantage calls a phone.
pub(crate) const MOBILE: &str = "mobile";
/// A common phone of Chrome on Android: model, version of Android, screen in CSS pixels, device pixels of one.
const PHONE: (&str, &str, [u32; 2], f64) = ("Pixel 8", "15.0.0", [412, 915], 2.625);
/// The most common screen of desktops.
const SCREEN: [u32; 2] = [1920, 1080];

/// Whether the vantage is a phone's.
pub(crate) fn is_mobile(vantage: &Vantage) -> bool {
    vantage.device.as_deref() == Some(MOBILE)
}

/// The user agent of a Chrome of this major version, reduced as it is since version 110.
pub(crate) fn user_agent(major: u32, vantage: &Vantage) -> String {
    let (system, mobile) =
        if is_mobile(vantage) { ("Linux; Android 10; K", "Mobile ") } else { ("X11; Linux x86_64", "") };
    let token = vantage.identify.as_ref().map(|t| format!(" {t}")).unwrap_or_default();
    format!(
        "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 {mobile}Safari/537.36{token}"
    )
}

/// `navigator.languages`: the locale, and its language alone, as a fresh browser has them.
pub(crate) fn languages(locale: &str) -> Vec<String> {
    let language = locale.split('-').next().unwrap_or(locale);
    let mut all = vec![locale.to_owned()];
    if language != locale {
        all.push(language.to_owned());
    }
    all
}

/// The device, in a browser of this version (`156.0.8078.108`). `chrome`: Google's own, which names its brand.
pub(crate) fn device(version: &str, chrome: bool, vantage: &Vantage) -> Device {
    let major: u32 = version.split('.').next().and_then(|m| m.parse().ok()).unwrap_or_default();
    let mobile = is_mobile(vantage);
    let brand =
        |(brand, version): &(String, String)| Brand { brand: brand.clone(), version: version.clone() };
    let with = |greased: &str, version: &str| -> Vec<Brand> {
        brands(major, greased, version, chrome).iter().map(brand).collect()
    };
    let greased = ["8", "99", "24"][major as usize % 3];
    let (model, android, screen, scale) = PHONE;
    Device {
        screen: if mobile { screen } else { SCREEN },
        scale: if mobile { scale } else { 1.0 },
        touch: mobile,
        languages: languages(vantage.locale.as_deref().unwrap_or("en-US")),
        hints: Hints {
            brands: with(greased, &major.to_string()),
            full_versions: with(&format!("{greased}.0.0.0"), version),
            platform: if mobile { "Android" } else { "Linux" }.to_owned(),
            platform_version: if mobile { android } else { "" }.to_owned(),
            architecture: if mobile { "" } else { architecture() }.to_owned(),
            bitness: if mobile { "" } else { "64" }.to_owned(),
            model: if mobile { model } else { "" }.to_owned(),
            mobile,
        },
    }
}

/// As Chromium names this machine's.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm" } else { "x86" }
}

/// The brands in the order of this version, a made-up one among them: `GetGreasedUserAgentBrandVersion` and
/// `ShuffleBrandList` in Chromium's `components/embedder_support/user_agent_utils.cc`.
fn brands(major: u32, greased: &str, version: &str, chrome: bool) -> Vec<(String, String)> {
    const CHARS: [&str; 11] = [" ", "(", ":", "-", ".", "/", ")", ";", "=", "?", "_"];
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let seed = major as usize;
    let made_up = format!("Not{}A{}Brand", CHARS[seed % 11], CHARS[(seed + 1) % 11]);
    let mut all = vec![(made_up, greased), ("Chromium".to_owned(), version)];
    if chrome {
        all.push(("Google Chrome".to_owned(), version));
    }
    let order = if chrome { ORDERS[seed % 6].to_vec() } else { vec![seed % 2, (seed + 1) % 2] };
    let mut placed = vec![(String::new(), String::new()); all.len()];
    for (to, (brand, version)) in order.into_iter().zip(all) {
        if let Some(place) = placed.get_mut(to) {
            *place = (brand, version.to_owned());
        }
    }
    placed
}

/// The switches that make the screen, the pointer and the touch.
pub(crate) fn switches(vantage: &Vantage) -> Vec<String> {
    if is_mobile(vantage) {
        let (_, _, [width, height], scale) = PHONE;
        // The browser rounds CSS pixels up.
        let px = |css: u32| (f64::from(css) * scale).floor() as u32;
        return vec![
            format!("--screen-info={{{}x{} devicePixelRatio={scale}}}", px(width), px(height)),
            "--use-mobile-user-agent".to_owned(),
            "--touch-events=enabled".to_owned(),
            "--blink-settings=primaryPointerType=2,availablePointerTypes=2,primaryHoverType=1,availableHoverTypes=1".to_owned(),
        ];
    }
    vec![
        // A bar of the desktop takes the topmost pixels.
        format!("--screen-info={{{}x{} workAreaTop=27}}", SCREEN[0], SCREEN[1]),
        "--blink-settings=primaryPointerType=4,availablePointerTypes=4,primaryHoverType=2,availableHoverTypes=2".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(all: &[(String, String)]) -> Vec<(&str, &str)> {
        all.iter().map(|(b, v)| (b.as_str(), v.as_str())).collect()
    }

    #[test]
    fn brands_are_those_that_chromium_156_told_and_chrome_has_one_more() {
        assert_eq!(named(&brands(156, "8", "156", false)), [("Not:A-Brand", "8"), ("Chromium", "156")]);
        // As Chrome 124 sent them.
        assert_eq!(
            named(&brands(124, "99", "124", true)),
            [("Chromium", "124"), ("Google Chrome", "124"), ("Not-A.Brand", "99")]
        );
    }

    #[test]
    fn a_phone_says_so_everywhere_and_the_token_stands_at_the_end() {
        let phone = Vantage {
            device: Some(MOBILE.to_owned()),
            identify: Some("affiant/0.1".to_owned()),
            ..Vantage::default()
        };
        let agent = user_agent(156, &phone);
        assert!(agent.contains("Android") && agent.ends_with("Mobile Safari/537.36 affiant/0.1"), "{agent}");
        let d = device("156.0.1.2", false, &phone);
        assert!(d.touch && d.hints.mobile && d.hints.platform == "Android" && d.scale > 2.0);
        let desktop = Vantage { locale: Some("de".to_owned()), ..Vantage::default() };
        let d = device("156.0.1.2", false, &desktop);
        assert!(!d.touch && !d.hints.mobile && d.languages == ["de"]);
        assert_eq!(d.hints.full_versions[1].version, "156.0.1.2");
    }
}

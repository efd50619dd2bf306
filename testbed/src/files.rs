//! Where the bytes come from: folders that are embedded, and the npm bundle beside them.

use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

static SITES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sites");
static VENDORS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/vendors");
static STAND_INS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/stand-ins");

/// What the demo site needs of other people's code, so that it works without npm.
static THIRD_PARTY: [(&str, &[u8]); 4] = [
    ("klaro/klaro.js", include_bytes!("../../third_party/klaro/klaro.js")),
    ("clarity-js/clarity.min.js", include_bytes!("../../third_party/clarity-js/clarity.min.js")),
    (
        "mixpanel-browser/mixpanel.min.js",
        include_bytes!("../../third_party/mixpanel-browser/mixpanel.min.js"),
    ),
    ("deep-chat/deepChat.bundle.js", include_bytes!("../../third_party/deep-chat/deepChat.bundle.js")),
];

/// The ids of all embedded sites, sorted.
pub(crate) fn site_ids() -> Vec<String> {
    let mut ids: Vec<String> = SITES.dirs().map(|dir| dir.path().to_string_lossy().into_owned()).collect();
    ids.sort();
    ids
}

/// A text file of a site.
pub(crate) fn site_text(id: &str, file: &str) -> Option<&'static str> {
    SITES.get_file(Path::new(id).join(file))?.contents_utf8()
}

/// The file of a site's folder that a URL's path names: itself, or a page without its `.html`, or an `index.html`.
pub(crate) fn site_page(id: &str, folder: &str, path: &str) -> Option<(&'static str, &'static [u8])> {
    let root = Path::new(id).join(folder);
    let path = path.trim_start_matches('/');
    let candidates = match path {
        "" => vec!["index.html".to_owned()],
        path if path.ends_with('/') => vec![format!("{path}index.html")],
        path => vec![path.to_owned(), format!("{path}.html")],
    };
    candidates.iter().find_map(|name| {
        let file = SITES.get_file(root.join(name))?;
        Some((file.path().to_str()?, file.contents()))
    })
}

/// Name and text of every vendor file, sorted.
pub(crate) fn vendor_files() -> impl Iterator<Item = (String, &'static str)> {
    let mut files: Vec<_> = VENDORS
        .files()
        .filter_map(|file| Some((file.path().to_string_lossy().into_owned(), file.contents_utf8()?)))
        .collect();
    files.sort();
    files.into_iter()
}

/// Name and text of every stand-in that is text.
#[cfg(test)]
pub(crate) fn stand_ins() -> impl Iterator<Item = (String, &'static str)> {
    STAND_INS
        .files()
        .filter_map(|file| Some((file.path().to_string_lossy().into_owned(), file.contents_utf8()?)))
}

/// The path of an `npm:` file, nothing for other kinds.
pub(crate) fn bundle_path(reference: &str) -> Option<PathBuf> {
    let name = reference.strip_prefix("npm:")?;
    Some(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/npm/dist")).join(name))
}

/// The bytes that a route's `file` names.
pub(crate) fn read(reference: &str) -> Option<Cow<'static, [u8]>> {
    if let Some(path) = bundle_path(reference) {
        return std::fs::read(path).ok().map(Cow::Owned);
    }
    let (kind, name) = reference.split_once(':')?;
    match kind {
        "site" => SITES.get_file(name).map(|file| Cow::Borrowed(file.contents())),
        "stand-in" => STAND_INS.get_file(name).map(|file| Cow::Borrowed(file.contents())),
        "third_party" => {
            THIRD_PARTY.iter().find(|(path, _)| *path == name).map(|(_, bytes)| Cow::Borrowed(*bytes))
        }
        _ => None,
    }
}

/// The content type that a file's name asks for.
pub(crate) fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "bmp" => "image/bmp",
        "gif" => "image/gif",
        "ttf" => "font/ttf",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

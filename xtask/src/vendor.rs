//! `vendor`: third_party/ holds unmodified files of the locked npm packages, a few files from elsewhere, and nothing else.

use crate::npm;
use crate::run::root;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;

/// Package in third_party/, file there, file in node_modules.
const FILES: [(&str, &str, &str); 16] = [
    ("autoconsent", "autoconsent.playwright.js", "@duckduckgo/autoconsent/dist/autoconsent.playwright.js"),
    ("autoconsent", "rules.json", "@duckduckgo/autoconsent/rules/rules.json"),
    ("autoconsent", "LICENSE", "@duckduckgo/autoconsent/LICENSE"),
    ("clarity-js", "clarity.min.js", "clarity-js/build/clarity.min.js"),
    ("deep-chat", "deepChat.bundle.js", "deep-chat/dist/deepChat.bundle.js"),
    ("deep-chat", "LICENSE", "deep-chat/LICENSE"),
    ("htmx", "htmx.min.js", "htmx.org/dist/htmx.min.js"),
    ("htmx", "LICENSE", "htmx.org/LICENSE"),
    ("htmx-ext-sse", "sse.min.js", "htmx-ext-sse/dist/sse.min.js"),
    ("htmx-ext-sse", "LICENSE", "htmx-ext-sse/LICENSE"),
    ("klaro", "klaro.js", "klaro/dist/klaro.js"),
    ("klaro", "LICENSE", "klaro/LICENSE"),
    ("mixpanel-browser", "mixpanel.min.js", "mixpanel-browser/dist/mixpanel.min.js"),
    ("mixpanel-browser", "LICENSE", "mixpanel-browser/LICENSE"),
    ("third-party-web", "entities-nostats.json", "third-party-web/dist/entities-nostats.json"),
    ("third-party-web", "LICENSE", "third-party-web/LICENSE"),
];

/// Files that come from no npm package, by the SHA-256 of those that must never change here.
const ELSEWHERE: [(&str, &str, Option<&str>); 4] = [
    // clarity-js has no licence file, only `"license": "MIT"`: ours is the MIT text with its author's name.
    ("clarity-js", "LICENSE", None),
    ("open-cookie-database", "LICENSE", None),
    ("open-cookie-database", "NOTICE", None),
    (
        "open-cookie-database",
        "open-cookie-database.csv",
        Some("0a8d78901ae55d859e34f7cc760262819af4c764b4f9bc3bbdeea2296e31f156"),
    ),
];

/// Copies them.
pub(crate) fn copy() -> Result<()> {
    npm::bundle()?;
    for (package, name, source) in FILES {
        let to = place(package, name);
        fs::create_dir_all(root().join("third_party").join(package))?;
        fs::copy(npm::packages().join(source), &to)
            .with_context(|| format!("cannot copy to {}", to.display()))?;
        println!("third_party/{package}/{name}");
    }
    check()
}

/// Says whether they equal the locked packages, and that nothing else is there.
pub(crate) fn check() -> Result<()> {
    let mut wrong = Vec::new();
    for (package, name, source) in FILES {
        let ours = place(package, name);
        let here = fs::read(&ours).with_context(|| format!("cannot read {}", ours.display()))?;
        let theirs = npm::packages().join(source);
        let there = fs::read(&theirs)
            .with_context(|| format!("cannot read {}; run `cargo xtask setup`", theirs.display()))?;
        if here != there {
            wrong.push(format!("third_party/{package}/{name} differs from the locked package"));
        }
    }
    for (package, name, expected) in ELSEWHERE {
        let ours = place(package, name);
        let here = fs::read(&ours).with_context(|| format!("cannot read {}", ours.display()))?;
        if expected.is_some_and(|expected| hex::encode(Sha256::digest(&here)) != expected) {
            wrong.push(format!(
                "third_party/{package}/{name} is not the file whose SHA-256 xtask/src/vendor.rs holds"
            ));
        }
    }
    let known: Vec<_> = FILES
        .iter()
        .map(|(package, name, _)| (*package, *name))
        .chain(ELSEWHERE.iter().map(|(package, name, _)| (*package, *name)))
        .collect();
    for package in fs::read_dir(root().join("third_party"))? {
        let package = package?;
        if !package.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(package.path())? {
            let (package, file) = (package.file_name(), file?.file_name());
            if !known.iter().any(|(folder, name)| package == *folder && file == *name) {
                let path = PathBuf::from(package).join(file);
                wrong.push(format!("third_party/{} is not in xtask/src/vendor.rs", path.display()));
            }
        }
    }
    if !wrong.is_empty() {
        bail!("third_party/ is not what it should be:\n  {}", wrong.join("\n  "));
    }
    println!(
        "third_party: {} files equal the locked packages, {} come from elsewhere",
        FILES.len(),
        ELSEWHERE.len()
    );
    Ok(())
}

fn place(package: &str, name: &str) -> PathBuf {
    root().join("third_party").join(package).join(name)
}

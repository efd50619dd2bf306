//! Prints what was typed in the visits of an audit, and where it was seen leaving. For looking while developing.
//!
//! `cargo run -p affiant-detect --example typed -- AUDIT-FOLDER`

#![expect(clippy::print_stdout, reason = "its output is its purpose")]
#![expect(clippy::disallowed_methods, reason = "it tells how long it took")]

use std::path::Path;

use affiant_detect::Catalog;
use affiant_record::{AuditFolder, VisitRecord};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = AuditFolder::open(Path::new(&std::env::args().nth(1).unwrap_or_default()))?;
    let blobs = folder.blobs();
    for v in &folder.manifest.visits {
        let record = VisitRecord::open(&folder.visit_dir(v)?)?;
        let began = std::time::Instant::now();
        let facts = affiant_detect::facts(&record, &v.path, Catalog::embedded(), Some(&blobs));
        println!("{} {} ({:.1} s)", facts.scenario, facts.url, began.elapsed().as_secs_f64());
        for (n, t) in facts.probe.typed.iter().enumerate() {
            println!("  {n}: {:?} {} = {:?} whole {}", t.kind, t.selector, t.value, t.whole);
        }
        for l in &facts.probe.leaks {
            let r = &facts.requests[l.request];
            let fraction = l.fraction * 100.0;
            println!(
                "  {} {} {} {fraction:.0}% ×{} key+{:.0} end{:+.0} blur{:?} {}{}",
                l.typed,
                r.host,
                l.channel,
                l.places,
                l.after_first_key_ms,
                l.after_last_key_ms,
                l.after_blur_ms,
                l.formula,
                if l.weak { " (weak)" } else { "" }
            );
        }
        println!("  {:?}", facts.probe.search);
    }
    Ok(())
}

//! How long the questions take that a store is asked, at so many audits of so many things each.
//!
//! `history PLACE [FOLDER] AUDITS THINGS`: PLACE is filled if it is empty.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use affiant_store::{AuditState, Filed, FiledFinding, FiledThing, FiledVisit, Place, Store, ThingKind};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (place, audits, things) = match args.as_slice() {
        [place, audits, things] => (Place::read(place, None)?, audits.parse()?, things.parse()?),
        [place, folder, audits, things] => {
            (Place::read(place, Some(Path::new(folder)))?, audits.parse()?, things.parse()?)
        }
        _ => return Err("usage: history PLACE [FOLDER] AUDITS THINGS".into()),
    };
    let store = Store::open(&place).await?;
    let mut out = std::io::stdout().lock();
    if store.history(None).await?.is_empty() {
        let began = Instant::now();
        for n in 0..audits {
            store.file(&audit(n, things)).await?;
        }
        writeln!(
            out,
            "filing one audit | {:.0} ms",
            began.elapsed().as_secs_f64() * 1e3 / f64::from(audits)
        )?;
    }
    let began = Instant::now();
    let rows = store.history(Some("shop.test")).await?.len();
    writeln!(out, "history: {rows} audits | {:.0} ms", began.elapsed().as_secs_f64() * 1e3)?;
    let began = Instant::now();
    let rows = store.findings("shop.test").await?.len();
    writeln!(out, "findings: {rows} | {:.0} ms", began.elapsed().as_secs_f64() * 1e3)?;
    for kind in [ThingKind::Tag, ThingKind::Vendor, ThingKind::Cookie, ThingKind::Host] {
        let began = Instant::now();
        let rows = store.inventory("shop.test", kind).await?.len();
        writeln!(out, "inventory {kind:?}: {rows} | {:.0} ms", began.elapsed().as_secs_f64() * 1e3)?;
    }
    store.close().await;
    Ok(())
}

/// An audit of 40 visits and 40 findings that saw so many things, a few of them for the first time.
fn audit(n: u32, things: u32) -> Filed {
    let scenarios = vec!["no-choice".to_owned(), "reject-all".to_owned()];
    let page = |n: u32| format!("https://www.shop.test/page-{n}");
    let kinds = [ThingKind::Host, ThingKind::Cookie, ThingKind::Tag, ThingKind::Vendor];
    Filed {
        id: format!("www.shop.test-{n:04}"),
        property: Some("shop".to_owned()),
        site: "shop.test".to_owned(),
        start: page(0),
        started: 1_764_000_000_000 + i64::from(n) * 86_400_000,
        finished: Some(1_764_000_600_000 + i64::from(n) * 86_400_000),
        state: AuditState::Finished,
        vantage: "default".to_owned(),
        scenarios: scenarios.clone(),
        tool: "affiant 0.1.0".to_owned(),
        judged: "0".repeat(64),
        visits: (0..40)
            .map(|v| FiledVisit {
                session: scenarios[v as usize % 2].clone(),
                ordinal: v / 2,
                scenario: scenarios[v as usize % 2].clone(),
                leg: None,
                control: false,
                page: page(v / 2),
                path: format!("visits/{}/{:03}", scenarios[v as usize % 2], v / 2),
                digest: Some(format!("{v:064}")),
                outcome: None,
                complete: true,
            })
            .collect(),
        verdicts: (0..23).map(|r| (format!("rule-{r}"), "fail".to_owned())).collect(),
        findings: (0..40)
            .map(|f| FiledFinding {
                fingerprint: format!("{:016x}", f + n / 50),
                rule: format!("rule-{}", f % 23),
                severity: "high".to_owned(),
                title: format!("Vendor {f} received {n} requests before any choice was made"),
                subject: format!("Vendor {f}"),
                pages: (0..20).map(page).collect(),
                scenarios: scenarios.clone(),
                measure: None,
            })
            .collect(),
        things: (0..things)
            .map(|t| {
                let key = format!("thing-{}", t + n / 10);
                FiledThing {
                    kind: kinds[t as usize % 4],
                    name: key.clone(),
                    key,
                    detail: "third party".to_owned(),
                    pages: t % 20,
                    times: u64::from(t),
                    first_ms: Some(f64::from(t)),
                    scenarios: scenarios.clone(),
                }
            })
            .collect(),
    }
}

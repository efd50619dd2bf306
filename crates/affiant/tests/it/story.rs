//! The whole way, in a browser: first start, a property, an audit that is watched live and survives its server, a schedule, a site
//! that gains a pixel, the message that tells of it, and the line of the record that shows it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use affiant_engine::AuditRequest;
use affiant_record::{AuditFolder, Outcome};
use affiant_store::{Place, Store};
use affiant_testbed::{Sites, Testbed};

use crate::common::server::{PASSWORD, Server};
use crate::common::sinks::{Does, Sink};
use crate::common::tab::Tab;
use crate::common::{ferns, signed};

const LONG: Duration = Duration::from_secs(150);

/// Looks at the page as it is in a wide and a narrow window, by day and by night: nothing sticks out, and axe finds nothing wrong.
/// The pictures stay in `target/pictures`.
async fn look(tab: &mut Tab, name: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../pictures");
    for (width, dark) in [(1280, false), (1280, true), (390, false), (390, true)] {
        tab.look(width, dark).await;
        let look = format!("{name}-{width}-{}", if dark { "dark" } else { "light" });
        tab.picture(&folder.join(format!("{look}.png"))).await;
        let out = tab.sticks_out().await;
        assert!(out.is_empty(), "{look} is wider than its window: {out:?}");
        let (wrong, looked_at) = tab.axe().await;
        assert!(wrong.is_empty() && looked_at > 10, "{look}: {wrong:#?}");
    }
    tab.look(1280, false).await;
}

/// The property's audits lead to the testbed, as a staging host's would: the form has no field for that.
async fn lead_to(server: &Server, site: &str, vendors: &Testbed) {
    let store = Store::open(&Place::Folder(server.store())).await.unwrap();
    let mut property = store.property("ferns").await.unwrap().unwrap();
    let mut request: AuditRequest = serde_json::from_str(&property.request).unwrap();
    request.resolve = vec![site.to_owned()];
    request.resolve.extend(vendors.resolve_rules());
    request.insecure = true;
    property.request = serde_json::to_string(&request).unwrap();
    assert!(store.change_property(&property).await.unwrap());
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_start_to_the_line_of_the_record() {
    let vendors = Testbed::start(Sites::demo()).await.unwrap();
    let (port, pixel) = ferns::site().await;
    let (hook, mail) =
        (Sink::hook(&[Does::Answers("200 OK")]).await, Sink::mail(&[Does::Answers("250 taken")]).await);
    let mut server = Server::with(&format!(
        "[mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"affiant@shop.test\"\n\
         [server]\nhook_hosts = [\"127.0.0.1\"]\n",
        mail.port
    ))
    .await;
    let own = format!("http://127.0.0.1:{}", server.port);
    let at = |path: &str| format!("{own}{path}");
    let (home, alerts, tokens) = (at("/"), at("/alerts"), at("/tokens"));
    let mut tab = Tab::open().await;

    // The first start.
    tab.goto(&at(&server.link().await)).await;
    look(&mut tab, "first").await;
    tab.fill("[name=name]", "ana").await;
    tab.fill("[name=password]", PASSWORD).await;
    tab.fill("[name=again]", PASSWORD).await;
    tab.follow("button", "Make the account").await;
    assert!(tab.text().await.contains("No property is watched yet"));
    look(&mut tab, "properties-empty").await;
    for (page, name, says) in [
        (&alerts, "alerts-empty", "Nobody. Alerts are listed here only."),
        (&tokens, "tokens-empty", "No program has a token"),
    ] {
        tab.goto(page).await;
        assert!(tab.text().await.contains(says));
        look(&mut tab, name).await;
    }

    // A property.
    tab.goto(&home).await;
    tab.follow("a", "Add a property").await;
    look(&mut tab, "new").await;
    tab.fill("[name=url]", "no address at all").await;
    tab.follow("button", "Add it").await;
    assert!(tab.text().await.contains("That did not work"));
    look(&mut tab, "error").await;
    tab.goto(&at("/properties/new")).await;
    tab.fill("[name=url]", "http://www.ferns.test/").await;
    tab.fill("[name=name]", "Ferns").await;
    tab.follow("button", "Add it").await;
    let text = tab.text().await;
    assert!(
        text.contains("Nothing has been observed yet")
            && text.contains("a guess: nothing was audited here yet"),
        "{text}"
    );
    look(&mut tab, "property-empty").await;
    lead_to(&server, &format!("www.ferns.test:80:127.0.0.1:{port}"), &vendors).await;

    // Who is told.
    tab.goto(&alerts).await;
    tab.choose("[name=kind]", "webhook").await;
    tab.fill("[name=target]", &format!("http://127.0.0.1:{}/in", hook.port)).await;
    tab.follow("form.fields button", "").await;
    let secret = tab.eval("document.querySelector('main code').innerText").await.as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    tab.goto(&alerts).await;
    tab.click("summary", "Tell somebody").await;
    tab.choose("[name=kind]", "email").await;
    tab.fill("[name=target]", "privacy@shop.test").await;
    tab.follow("form.fields button", "").await;

    // An audit, watched live; its server is killed in the middle.
    let property = at("/properties/ferns");
    tab.goto(&property).await;
    tab.follow("button", "Audit now").await;
    let audit = tab.eval("location.pathname.split('/').pop()").await.as_str().unwrap().to_owned();
    tab.until("/[1-9]\\d* of \\d+ visits made/.test(document.body.innerText)", LONG).await;
    look(&mut tab, "audit-live").await;
    let mut process = server.process.take().unwrap();
    process.start_kill().unwrap();
    process.wait().await.unwrap();
    server.again().await;
    tab.goto(&at(&format!("/audits/{audit}"))).await;
    tab.until("document.body.innerText.includes('All is done')", LONG).await;
    tab.follow("a", "See what came of it").await;
    look(&mut tab, "audit-first").await;
    let folder = AuditFolder::open(&server.store().join("audits").join(&audit)).unwrap();
    let mut seen = BTreeSet::new();
    for v in &folder.manifest.visits {
        // What was cut off is named, and made again by a session of another name.
        if v.outcome == Some(Outcome::Complete) {
            assert!(seen.insert((v.scenario, v.leg)), "{} {:?} was visited twice", v.scenario, v.leg);
        }
    }
    let told: Vec<_> =
        folder.manifest.visits.iter().map(|v| (&v.path, v.scenario, v.leg, &v.outcome)).collect();
    assert_eq!(seen.len(), 6, "{told:#?}");
    assert!(hook.came().is_empty() && mail.came().is_empty(), "of the first audit only what weighs is told");

    // A schedule; the site gains a pixel; its time comes.
    tab.goto(&property).await;
    tab.click("summary", "Change it").await;
    tab.fill("[name=cron]", "0 3 * * *").await;
    tab.fill("[name=zone]", "Europe/Vienna").await;
    tab.follow("button", "Set it").await;
    assert!(tab.text().await.contains("Audited at 0 3 * * *, Europe/Vienna. Next: 20"));
    pixel.store(true, Ordering::Relaxed);
    ferns::its_time_has_come(&server.store()).await;
    hook.until_within(1, LONG).await;
    mail.until_within(1, LONG).await;
    let (hooked, mailed) = (hook.came(), mail.came());
    assert_eq!((hooked.len(), mailed.len()), (1, 1), "one message each");
    let body = signed(&hooked[0], &secret);
    assert!(body["data"]["alerts"].as_array().unwrap().iter().any(|a| a["kind"] == "new-vendor"), "{body:#}");
    assert!(
        mailed[0].head["subject"].starts_with("Ferns: ") && mailed[0].body.contains("Meta"),
        "{:?}",
        mailed[0]
    );

    // The finding, and where it stands.
    tab.goto(&alerts).await;
    look(&mut tab, "alerts").await;
    tab.goto(&home).await;
    look(&mut tab, "properties").await;
    tab.goto(&property).await;
    let text = tab.text().await;
    assert!(
        text.contains("judged by 1 earlier audit") || text.contains("judged by 2 earlier audits"),
        "{text}"
    );
    look(&mut tab, "property").await;
    tab.follow("th a", "received").await;
    look(&mut tab, "finding").await;
    tab.follow("td a", "line ").await;
    let text = tab.text().await;
    assert!(
        text.contains("The record holds") && text.contains("https://www.facebook.com/tr/?id=123456789012345"),
        "{text}"
    );
    look(&mut tab, "record").await;

    // What else there is to see.
    for (path, name, says) in [
        ("/properties/ferns/compare", "compare", "Meta"),
        ("/properties/ferns/vendors", "vendors", "Meta"),
        ("/properties/ferns/hosts", "hosts", "www.facebook.com"),
        ("/properties/ferns/cookies", "cookies", "facebook.com, third party"),
    ] {
        tab.goto(&at(path)).await;
        let text = tab.text().await;
        assert!(text.contains(says), "{path}: {text}");
        look(&mut tab, name).await;
    }
    let latest = body["data"]["audit"].as_str().unwrap_or_default().to_owned();
    tab.goto(&at(&format!("/audits/{latest}"))).await;
    look(&mut tab, "audit").await;
    tab.goto(&tokens).await;
    tab.fill("[name=name]", "pipeline").await;
    tab.follow("button", "Make it").await;
    look(&mut tab, "token").await;
    tab.goto(&tokens).await;
    look(&mut tab, "tokens").await;
    tab.follow("button", "Log out").await;
    look(&mut tab, "login").await;

    assert_eq!(tab.asked, BTreeSet::from([own.clone()]), "our own pages ask nobody else");
    // An address that is none was refused, and the stream was cut when its server was killed.
    let expected = ["status of 422", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_CONNECTION_REFUSED"];
    let wrong: Vec<&String> =
        tab.complaints.iter().filter(|c| !expected.iter().any(|e| c.contains(e))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let store = Store::open(&Place::Folder(server.store())).await.unwrap();
    assert_eq!(store.history(None).await.unwrap().len(), 2, "nothing was doubled");
}

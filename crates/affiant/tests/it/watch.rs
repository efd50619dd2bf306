//! A site that is watched gains a pixel: the audit that its schedule begins finds it, and both who are told hear of it.

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use affiant_testbed::{Sites, Testbed};
use serde_json::Value;
use tokio::process::Command;

use crate::common::sinks::{Does, Sink};
use crate::common::{affiant, ferns, signed, to};

struct Watching {
    dir: tempfile::TempDir,
}

impl Watching {
    fn affiant(&self, args: &[&str]) -> Command {
        let mut command = affiant();
        command
            .args(args)
            .env("AFFIANT_STORE", self.dir.path().join("store"))
            .env("AFFIANT_CONFIG", self.dir.path().join("affiant.toml"))
            .env("TMPDIR", self.dir.path());
        command
    }

    async fn says(&self, args: &[&str]) -> String {
        let done = self.affiant(args).output().await.unwrap();
        assert_eq!(done.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    async fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.says(&[args, &["--format", "json"]].concat()).await).unwrap()
    }

    /// Waits until so many audits are over, with all that comes after them.
    async fn over(&self, audits: usize, said: &Path) {
        let end = Instant::now() + Duration::from_secs(150);
        loop {
            let history = self.json(&["history"]).await;
            let all = history.as_array().unwrap();
            let finished = all.iter().filter(|a| a["state"] == "finished").count();
            let jobs = self.json(&["jobs"]).await;
            if finished == audits && all.len() == audits && jobs.as_array().unwrap().is_empty() {
                return;
            }
            assert!(
                Instant::now() < end,
                "{history:#}\n{jobs:#}\n{}",
                std::fs::read_to_string(said).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_gains_a_pixel_is_told_of() {
    let vendors = Testbed::start(Sites::demo()).await.unwrap();
    let (port, pixel) = ferns::site().await;
    let (hook, mail) =
        (Sink::hook(&[Does::Answers("200 OK")]).await, Sink::mail(&[Does::Answers("250 taken")]).await);
    let w = Watching { dir: tempfile::tempdir().unwrap() };
    let settings = format!(
        "[mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"affiant@shop.test\"\n\
         [server]\nurl = \"https://affiant.shop.test\"\nhook_hosts = [\"127.0.0.1\"]\n",
        mail.port
    );
    std::fs::write(w.dir.path().join("affiant.toml"), settings).unwrap();

    let resolve = format!("www.ferns.test:80:127.0.0.1:{port}");
    let mut args =
        vec!["audit", "http://www.ferns.test/", "--pages", "1", "--scenario", "no-choice", "--print-request"];
    let flags = to(&vendors);
    args.extend(["--resolve", &resolve]);
    args.extend(flags.iter().map(String::as_str));
    let request = w.dir.path().join("request.json");
    std::fs::write(&request, w.says(&args).await).unwrap();
    let add = ["watch", "add", "--request", request.to_str().unwrap(), "--name", "Ferns"];
    let id = w.says(&[&add[..], &["--cron", "0 3 * * *", "--zone", "Europe/Vienna"]].concat()).await;
    assert_eq!(id, "ferns");
    let target = format!("http://127.0.0.1:{}/in", hook.port);
    let added = w.says(&["watch", "channel", "add", "--webhook", &target, "--property", &id]).await;
    let secret = added.lines().last().unwrap().to_owned();
    w.says(&["watch", "channel", "add", "--email", "privacy@shop.test"]).await;

    let said = w.dir.path().join("said.txt");
    let mut worker = w
        .affiant(&["worker"])
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    ferns::its_time_has_come(&w.dir.path().join("store")).await;
    w.over(1, &said).await;
    assert!(hook.came().is_empty() && mail.came().is_empty(), "of the first audit only what weighs is told");

    pixel.store(true, Ordering::Relaxed);
    ferns::its_time_has_come(&w.dir.path().join("store")).await;
    w.over(2, &said).await;
    let (hooked, mailed) = (hook.came(), mail.came());
    assert_eq!((hooked.len(), mailed.len()), (1, 1), "one message each");
    let body = signed(&hooked[0], &secret);
    let alerts = body["data"]["alerts"].as_array().unwrap();
    let vendor = alerts.iter().find(|a| a["kind"] == "new-vendor").unwrap();
    assert!(vendor["title"].as_str().unwrap().contains("Meta"), "{vendor}");
    assert!(alerts.iter().any(|a| a["kind"] == "new-finding"), "{body:#}");
    assert!(mailed[0].head["subject"].starts_with("Ferns: "), "{:?}", mailed[0].head);
    assert!(mailed[0].body.contains("Meta"), "{}", mailed[0].body);

    let told = w.json(&["watch", "alerts", &id]).await;
    assert_eq!(told.as_array().unwrap().len(), alerts.len());
    let list = w.json(&["watch", "list"]).await;
    assert!(list[0]["next_at"].as_i64().unwrap() > 1 && list[0]["last_audit"].is_string(), "{list}");
    let pid = worker.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(worker.wait().await.unwrap().success());
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused_with_what_is_wrong() {
    let w = Watching { dir: tempfile::tempdir().unwrap() };
    std::fs::write(w.dir.path().join("affiant.toml"), "").unwrap();
    for (args, says) in [
        (&["watch", "add", "https://shop.test", "--cron", "0 25 * * *"][..], "is no cron line"),
        (
            &["watch", "add", "https://shop.test", "--cron", "0 3 * * *", "--zone", "Wien"],
            "there is no time zone 'Wien'",
        ),
        (&["watch", "add", "https://shop.test", "--cron", "0 3 30 2 *"], "names no time that is to come"),
        (&["watch", "add", "ftp://shop.test"], "is not a web address"),
        (&["watch", "run", "shop"], "there is no property 'shop'"),
        (&["watch", "channel", "add", "--webhook", "http://127.0.0.1/"], "private network"),
        (&["watch", "channel", "add", "--email", "nobody"], "is no address of an e-mail"),
        (
            &["watch", "channel", "add", "--email", "a@shop.test", "--property", "shop"],
            "there is no property 'shop'",
        ),
    ] {
        let done = w.affiant(args).output().await.unwrap();
        let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.code() == Some(2) && stderr.contains(says), "{args:?}: {stderr}");
    }
    assert!(w.json(&["watch", "list"]).await.as_array().unwrap().is_empty(), "nothing was half added");
}

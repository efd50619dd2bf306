//! Messages to servers that take them, are away, slow, or refuse.

use std::time::Duration;

use affiant_engine::alerts::of_audit;
use affiant_engine::jobs::{Delivery, Mail, Secured};
use affiant_engine::{ChannelKind, channel};
use affiant_gather::{Allowed, Trust};
use affiant_store::{Channel, Filed, JobState, ThingKind};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

use crate::bed::{Bed, audit, finding, thing};
use crate::sinks::{Came, Does, Sink, Way};

pub(crate) const OK: Does = Does::Answers("200 OK");
pub(crate) const TAKEN: Does = Does::Answers("250 taken");

pub(crate) fn allowed(hosts: &[&str]) -> Allowed {
    Allowed::read(&hosts.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>()).unwrap()
}

pub(crate) fn delivery(mail: Option<u16>) -> Delivery {
    Delivery {
        mail: mail.map(|port| Mail {
            server: "127.0.0.1".to_owned(),
            port: Some(port),
            secured: Secured::No,
            user: None,
            password: None,
            from: "affiant <affiant@shop.test>".to_owned(),
        }),
        base_url: Some("https://affiant.shop.test/".to_owned()),
        allowed: allowed(&["127.0.0.1"]),
        trust: Trust::default(),
        patience: Duration::from_secs(2),
    }
}

impl Bed {
    /// A bed whose property has an audit with something new, to be told to this channel.
    pub(crate) async fn telling(kind: ChannelKind, target: &str) -> (Bed, Channel) {
        let bed = Bed::sqlite().await;
        let by_name = Delivery { allowed: allowed(&["localhost", "127.0.0.1"]), ..delivery(None) };
        let made = channel(kind, target, None, &by_name).unwrap();
        let made = bed.channel(made).await;
        bed.tells().await;
        (bed, made)
    }

    async fn tells(&self) {
        self.store.file(&audit(1)).await.unwrap();
        let hostile = format!(
            "=x\r\nBcc: all@evil.test\r\n\r\n<script>alert(1)</script><!channel>\u{202e}{}",
            "A".repeat(10_000)
        );
        let things = vec![thing(ThingKind::Vendor, "Meta"), thing(ThingKind::Cookie, &hostile)];
        let new = Filed { things, findings: vec![finding(&hostile, "high")], ..audit(2) }.sorted();
        self.store.file(&new).await.unwrap();
        assert_eq!(of_audit(&self.store, &self.jobs, &self.place, "a2").await.unwrap(), 3);
    }

    /// How the one delivery ended.
    pub(crate) async fn ended(&self) -> (JobState, i64, String) {
        let all = self.jobs.list(Some("a2")).await.unwrap();
        let [one] = &all[..] else { panic!("{all:?}") };
        (one.state, one.attempts, one.error.clone().unwrap_or_default())
    }
}

pub(crate) fn verified(secret: &str, came: &Came) {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, came.head[name].parse().unwrap());
    }
    let hook = Webhook::new(secret).unwrap();
    hook.verify(came.body.as_bytes(), &headers).unwrap();
    assert!(hook.verify(format!("{} ", came.body).as_bytes(), &headers).is_err());
}

fn inert(text: &str) {
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n' && c != '\r') || c == '\u{202e}'), "{text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_hook_is_signed_and_told_again_under_the_same_name() {
    let sink = Sink::hook(&[Does::Answers("503 Later"), Does::Answers("302 Found"), OK]).await;
    let (bed, hook) =
        Bed::telling(ChannelKind::Webhook, &format!("http://127.0.0.1:{}/in?x=1", sink.port)).await;
    bed.works("w", &delivery(None)).await;
    let came = sink.came();
    assert_eq!((came.len(), bed.ended().await.0), (3, JobState::Done));
    for one in &came {
        verified(&hook.secret, one);
        assert_eq!(one.head["request"], "POST /in?x=1 HTTP/1.1", "no redirect is followed");
        assert_eq!((&one.head["webhook-id"], &one.body), (&came[0].head["webhook-id"], &came[0].body));
        inert(&one.body);
    }
    let body: serde_json::Value = serde_json::from_str(&came[0].body).unwrap();
    assert_eq!(body["type"], "affiant.alerts");
    assert_eq!(body["data"]["link"], "https://affiant.shop.test/audits/a2");
    let alerts = body["data"]["alerts"].as_array().unwrap();
    assert!(
        alerts.iter().any(|a| a["kind"] == "new-vendor" && a["title"].as_str().unwrap().contains("Meta"))
    );
    assert!(came[0].body.len() < 10_000, "{}", came[0].body.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_is_told_in_plain_text() {
    let sink = Sink::hook(&[OK]).await;
    let (bed, _) =
        Bed::telling(ChannelKind::Slack, &format!("http://127.0.0.1:{}/services/x", sink.port)).await;
    bed.works("w", &delivery(None)).await;
    let body: serde_json::Value = serde_json::from_str(&sink.came()[0].body).unwrap();
    assert_eq!(body["text"], "The shop: 1 new finding, 1 new vendor, 1 new cookie");
    let text = body.to_string();
    assert!(!text.contains("<!channel>") && text.contains("&lt;!channel&gt;"), "{text}");
    assert_eq!(body["blocks"][0]["type"], "header");
    inert(&text);
}

/// As if it had been killed between the receiver's taking and its answer.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_killed_while_it_delivers_is_followed_by_one_that_says_the_same() {
    let sink = Sink::hook(&[Does::Hangs, OK]).await;
    let (bed, _) = Bed::telling(ChannelKind::Webhook, &format!("http://127.0.0.1:{}/", sink.port)).await;
    let slow = Delivery { patience: Duration::from_secs(60), ..delivery(None) };
    let bed = std::sync::Arc::new(bed);
    let dies = {
        let bed = std::sync::Arc::clone(&bed);
        tokio::spawn(async move { bed.works("dies", &slow).await })
    };
    sink.until(1).await;
    dies.abort();
    assert!(dies.await.unwrap_err().is_cancelled());
    bed.works("lives", &delivery(None)).await;
    let came = sink.came();
    assert_eq!(came.len(), 2);
    assert_eq!((&came[0].head["webhook-id"], &came[0].body), (&came[1].head["webhook-id"], &came[1].body));
    assert_eq!(bed.ended().await.0, JobState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_hook_that_is_slow_or_endless_is_tried_again_and_one_that_is_gone_is_not() {
    let sink = Sink::hook(&[Does::Hangs, Does::GoesOn, Does::Answers("410 Gone")]).await;
    let (bed, _) = Bed::telling(ChannelKind::Webhook, &format!("http://127.0.0.1:{}/", sink.port)).await;
    bed.works("w", &delivery(None)).await;
    let (state, attempts, why) = bed.ended().await;
    assert_eq!((state, attempts), (JobState::Dead, 3), "{why}");
    assert!(why.contains("answered 410: abc"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_is_not_reached() {
    let sink = Sink::hook(&[OK]).await;
    for target in [format!("https://localhost:{}/", sink.port), format!("http://127.0.0.1:{}/", sink.port)] {
        let allowed = Delivery { allowed: allowed(&["localhost", "127.0.0.1"]), ..delivery(None) };
        let bed = Bed::sqlite().await;
        bed.channel(channel(ChannelKind::Webhook, &target, None, &allowed).unwrap()).await;
        bed.tells().await;
        bed.works("w", &Delivery { allowed: Allowed::default(), ..delivery(None) }).await;
        let (state, attempts, why) = bed.ended().await;
        assert_eq!((state, attempts), (JobState::Dead, 1), "{why}");
        assert!(why.contains("private network") || why.contains("has no TLS"), "{why}");
    }
    assert!(sink.came().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_sent_again_until_it_is_taken() {
    let sink = Sink::mail(&[Does::Answers("451 later"), Does::Hangs, TAKEN]).await;
    let (bed, _) = Bed::telling(ChannelKind::Email, "privacy@shop.test").await;
    bed.works("w", &delivery(Some(sink.port))).await;
    let came = sink.came();
    assert_eq!((came.len(), bed.ended().await.0), (3, JobState::Done), "{:?}", bed.ended().await);
    for one in &came {
        assert_eq!(one.head["message-id"], came[0].head["message-id"]);
        assert_eq!(one.head["subject"], "The shop: 1 new finding, 1 new vendor, 1 new cookie");
        assert_eq!(
            (one.head["from"].as_str(), one.head["to"].as_str()),
            ("affiant <affiant@shop.test>", "privacy@shop.test")
        );
        assert!(!one.head.contains_key("bcc"), "{:?}", one.head);
        assert!(one.body.contains("Meta received 3 requests"), "{}", one.body);
        assert!(
            !one.body.contains("<script>") || one.body.matches("<script>").count() == 2,
            "only as plain text"
        );
        assert!(one.body.len() < 20_000, "{}", one.body.len());
        inert(&one.body);
    }
    assert!(came[0].head["message-id"].ends_with("@shop.test>"), "{:?}", came[0].head);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_is_refused_for_good_is_given_up_and_says_why() {
    let sink = Sink::mail(&[Does::Answers("550 5.1.1 no such user \u{1b}[31m")]).await;
    let (bed, _) = Bed::telling(ChannelKind::Email, "privacy@shop.test").await;
    bed.works("w", &delivery(Some(sink.port))).await;
    let (state, attempts, why) = bed.ended().await;
    assert_eq!((state, attempts), (JobState::Dead, 1), "{why}");
    assert!(why.contains("no such user") && !why.contains('\u{1b}'), "{why:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_away_gets_it_when_it_is_back() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let (bed, _) = Bed::telling(ChannelKind::Email, "privacy@shop.test").await;
    let back = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let sink =
            Sink::on(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), Way::Clear, &[TAKEN], false);
        sink.until(1).await;
        sink.came().len()
    });
    bed.works("w", &delivery(Some(port))).await;
    assert_eq!(back.await.unwrap(), 1);
    let (state, attempts, _) = bed.ended().await;
    assert!(state == JobState::Done && attempts >= 2, "{state:?} {attempts}");
}

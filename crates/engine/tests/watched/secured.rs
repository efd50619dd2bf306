//! Messages through TLS: to servers with the right certificate, the wrong one, or none at all.

use std::sync::Arc;
use std::time::Duration;

use affiant_engine::ChannelKind;
use affiant_engine::jobs::{Delivery, Secured};
use affiant_store::JobState;
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;

use crate::bed::Bed;
use crate::certificates::Authority;
use crate::deliveries::{OK, TAKEN, allowed, delivery, verified};
use crate::sinks::{Does, Sink, Way};

const PASSWORD: &str = "s3cret";
const HOST: &str = "localhost";

/// Mail by the server at this port, with a login.
fn mail(port: u16, secured: Secured, authority: &Authority) -> Delivery {
    let mut delivery = Delivery { trust: authority.trust(), ..delivery(Some(port)) };
    let mail = delivery.mail.as_mut().unwrap();
    (mail.server, mail.secured) = (HOST.to_owned(), secured);
    (mail.user, mail.password) = (Some("affiant".to_owned()), Some(PASSWORD.to_owned()));
    delivery
}

/// Web hooks to this machine.
fn hooks(authority: &Authority) -> Delivery {
    Delivery { allowed: allowed(&[HOST]), trust: authority.trust(), ..delivery(None) }
}

/// What is told of the first try that failed; it is not given up. Then its channel is removed.
async fn first_failure(kind: ChannelKind, target: &str, delivery: Delivery) -> String {
    let (bed, made) = Bed::telling(kind, target).await;
    let bed = Arc::new(bed);
    let tries = {
        let bed = Arc::clone(&bed);
        tokio::spawn(async move { bed.works("w", &delivery).await })
    };
    let mut said = (JobState::Ready, 0, String::new());
    for _ in 0..200 {
        said = bed.ended().await;
        if !said.2.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(said.0, JobState::Ready, "another try may do better: {}", said.2);
    assert!(bed.store.remove_channel(&made.id).await.unwrap());
    let happened = tries.await.unwrap();
    assert!(!format!("{happened:?}").contains(PASSWORD));
    said.2
}

async fn mail_failure(delivery: Delivery) -> String {
    first_failure(ChannelKind::Email, "privacy@shop.test", delivery).await
}

/// Everything that `sink` heard in clear is what goes before TLS.
fn nothing_in_clear(sink: &Sink) {
    let heard = sink.heard(false);
    assert!(heard.iter().all(|l| ["EHLO", "STARTTLS", "QUIT"].iter().any(|v| l.starts_with(v))), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_through_tls_of_either_kind() {
    let authority = Authority::named("ours");
    let tls = authority.signs(&[HOST]);
    for (way, secured) in [(Way::StartTls(tls.clone()), Secured::StartTls), (Way::Tls(tls), Secured::Tls)] {
        let sink = Sink::mail_over(way, &[TAKEN]).await;
        let (bed, _) = Bed::telling(ChannelKind::Email, "privacy@shop.test").await;
        bed.works("w", &mail(sink.port, secured, &authority)).await;
        let (state, attempts, why) = bed.ended().await;
        assert_eq!((state, attempts), (JobState::Done, 1), "{secured:?}: {why}");
        assert!(sink.came()[0].body.contains("Meta received 3 requests"));
        assert!(sink.heard(true).iter().any(|l| l.starts_with("AUTH PLAIN")), "{:?}", sink.heard(true));
        nothing_in_clear(&sink);
    }
}

/// What is wrong, a server's certificate, and what is told of it.
type Wrong = (&'static str, Arc<ServerConfig>, [&'static str; 2]);

fn wrong(authority: &Authority) -> [Wrong; 4] {
    const NOBODY: [&str; 2] = ["nobody whom this machine trusts", "[tls] ca"];
    [
        ("other name", authority.signs(&["other.test"]), ["is for other names (", "other.test"]),
        ("expired", authority.signed_once(&[HOST]), ["expired on 2020-02-03", "renew it"]),
        ("untrusted", Authority::named("theirs").signs(&[HOST]), NOBODY),
        ("untrusted, of the same name", Authority::named("ours").signs(&[HOST]), NOBODY),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_with_a_wrong_certificate_gets_nothing() {
    let authority = Authority::named("ours");
    for (what, tls, says) in wrong(&authority) {
        for (way, secured) in
            [(Way::StartTls(tls.clone()), Secured::StartTls), (Way::Tls(tls.clone()), Secured::Tls)]
        {
            let sink = Sink::mail_over(way, &[TAKEN]).await;
            let why = mail_failure(mail(sink.port, secured, &authority)).await;
            assert!(why.contains("the certificate of localhost"), "{what}, {secured:?}: {why}");
            assert!(says.iter().all(|s| why.contains(s)), "{what}, {secured:?}: {why}");
            assert!(sink.came().is_empty() && sink.heard(true).is_empty(), "{what}: {:?}", sink.heard(true));
            nothing_in_clear(&sink);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_nothing_is_sent_where_it_is_asked_for() {
    let authority = Authority::named("ours");
    for (secured, says) in [(Secured::StartTls, "offers no STARTTLS"), (Secured::Tls, "does not speak TLS")] {
        let sink = Sink::mail(&[TAKEN]).await;
        let why = mail_failure(mail(sink.port, secured, &authority)).await;
        assert!(why.contains(says) && why.contains("nothing was sent"), "{secured:?}: {why}");
        assert!(sink.came().is_empty());
        if secured == Secured::StartTls {
            nothing_in_clear(&sink);
        }
    }
}

/// This one says again what it was told.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_is_told_without_the_password() {
    let authority = Authority::named("ours");
    let sink = Sink::mail_over(Way::StartTls(authority.signs(&[HOST])), &[TAKEN]).await;
    let mut delivery = mail(sink.port, Secured::StartTls, &authority);
    let wrong = "hunter2hunter2";
    delivery.mail.as_mut().unwrap().password = Some(wrong.to_owned());
    assert!(!format!("{delivery:?}").contains(wrong));
    let why = mail_failure(delivery).await;
    assert!(why.contains("localhost refused the login of affiant (535)"), "{why}");
    assert!(why.contains("AFFIANT_MAIL_PASSWORD") && why.contains("5.7.8 no"), "{why}");
    let sent =
        sink.heard(true).into_iter().find_map(|l| l.strip_prefix("AUTH PLAIN ").map(str::to_owned)).unwrap();
    assert!(!why.contains(wrong) && !why.contains(&sent), "{why}");
    assert!(sink.came().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_hook_is_told_through_tls_and_its_redirects_are_not_followed() {
    let authority = Authority::named("ours");
    let tls = authority.signs(&[HOST]);
    let sink = Sink::hook_over(Way::Tls(tls), &[Does::Answers("307 Temporary Redirect"), OK]).await;
    let target = format!("https://{HOST}:{}/in", sink.port);
    let (bed, hook) = Bed::telling(ChannelKind::Webhook, &target).await;
    bed.works("w", &hooks(&authority)).await;
    let came = sink.came();
    assert_eq!((came.len(), bed.ended().await.0), (2, JobState::Done), "{:?}", bed.ended().await);
    for one in &came {
        verified(&hook.secret, one);
        assert_eq!(one.head["request"], "POST /in HTTP/1.1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_hook_with_a_wrong_certificate_gets_nothing() {
    let authority = Authority::named("ours");
    for (what, tls, says) in wrong(&authority) {
        let sink = Sink::hook_over(Way::Tls(tls), &[OK]).await;
        let why = failed_hook(sink.port, &authority).await;
        assert!(why.contains("the certificate of localhost"), "{what}: {why}");
        assert!(says.iter().all(|s| why.contains(s)), "{what}: {why}");
        assert!(sink.came().is_empty());
    }
}

/// One never begins TLS, one never answers, one answers without end.
#[tokio::test(flavor = "multi_thread")]
async fn a_web_hook_that_keeps_one_waiting_is_given_its_time_and_no_more() {
    let authority = Authority::named("ours");
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let why = failed_hook(silent.local_addr().unwrap().port(), &authority).await;
    assert!(why.contains("did not answer within 2 s"), "{why}");
    for (does, says) in [(Does::Hangs, "did not answer within 2 s"), (Does::GoesOn, "answered 500")] {
        let sink = Sink::hook_over(Way::Tls(authority.signs(&[HOST])), &[does]).await;
        let why = failed_hook(sink.port, &authority).await;
        assert!(why.contains(says), "{why}");
    }
}

async fn failed_hook(port: u16, authority: &Authority) -> String {
    first_failure(ChannelKind::Webhook, &format!("https://{HOST}:{port}/in"), hooks(authority)).await
}

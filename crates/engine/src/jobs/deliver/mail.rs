//! E-mail, by the SMTP server that the settings name.

use affiant_store::Channel;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use lettre::{AsyncTransport as _, Tokio1Executor};

use super::{Delivery, Failed, http, refused, said};
use crate::alerts::Message;

/// The server that takes e-mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its name.
    pub server: String,
    /// Its port; none: 587, 465 or 25, by how it is secured.
    pub port: Option<u16>,
    /// How the way to it is secured.
    pub secured: Secured,
    /// Who logs in; none where nobody needs to.
    pub user: Option<String>,
    /// With what.
    pub password: Option<String>,
    /// Whom messages are from: `affiant@example.com`, or `affiant <affiant@example.com>`.
    pub from: String,
}

/// The password is a secret: logs must not hold it.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("server", &self.server).field("from", &self.from).finish_non_exhaustive()
    }
}

/// How the way to the server is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Secured {
    /// By TLS that begins after a greeting; without it nothing is sent.
    #[default]
    StartTls,
    /// By TLS from the first byte.
    Tls,
    /// Not at all: a server on this machine.
    No,
}

/// Sends it.
pub(super) async fn send(
    delivery: &Delivery,
    channel: &Channel,
    message: &Message,
    id: &str,
    link: Option<&str>,
) -> Result<(), Failed> {
    let Some(mail) = &delivery.mail else {
        return Err(Failed::Now("no mail server is set: name one in [mail] of affiant.toml".to_owned()));
    };
    let written = written(mail, channel, message, id, link)?;
    let transport = transport(mail, delivery)?;
    match tokio::time::timeout(delivery.patience.saturating_mul(2), transport.send(written)).await {
        Err(_) => Err(Failed::Now(format!(
            "{} did not take the message within {}",
            mail.server,
            http::seconds(delivery.patience.saturating_mul(2))
        ))),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(e)) => Err(refused::why(mail, &e)),
    }
}

fn written(
    mail: &Mail,
    channel: &Channel,
    message: &Message,
    id: &str,
    link: Option<&str>,
) -> Result<lettre::Message, Failed> {
    let from: Mailbox =
        mail.from.parse().map_err(|e| Failed::Now(format!("mail.from is no address of a person: {e}")))?;
    let to: Mailbox =
        channel.target.parse().map_err(|e| Failed::ForGood(format!("the channel's address is none: {e}")))?;
    let domain = from.email.domain().to_owned();
    // Answered by no machine: out-of-office notes stay away.
    let automatic =
        HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    lettre::Message::builder()
        .from(from)
        .to(to)
        .subject(said::subject(message))
        .message_id(Some(format!("<{id}@{domain}>")))
        .raw_header(automatic)
        .multipart(
            MultiPart::alternative()
                .singlepart(
                    SinglePart::builder().header(ContentType::TEXT_PLAIN).body(said::text(message, link)),
                )
                .singlepart(
                    SinglePart::builder().header(ContentType::TEXT_HTML).body(said::html(message, link)),
                ),
        )
        .map_err(|e| Failed::ForGood(format!("the message cannot be written: {e}")))
}

fn transport(mail: &Mail, delivery: &Delivery) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failed> {
    let unset = |e| Failed::Now(format!("{} cannot be reached with TLS: {e}", mail.server));
    let trusted = || {
        let mut tls = TlsParameters::builder(mail.server.clone());
        for certificate in delivery.trust.added() {
            tls = tls.add_root_certificate(Certificate::from_der(certificate.to_vec()).map_err(unset)?);
        }
        tls.build().map_err(unset)
    };
    let (port, tls) = match mail.secured {
        Secured::StartTls => (SUBMISSION_PORT, Tls::Required(trusted()?)),
        Secured::Tls => (SUBMISSIONS_PORT, Tls::Wrapper(trusted()?)),
        Secured::No => (SMTP_PORT, Tls::None),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.server)
        .port(mail.port.unwrap_or(port))
        .tls(tls);
    if let (Some(user), Some(password)) = (&mail.user, &mail.password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.timeout(Some(delivery.patience)).build())
}

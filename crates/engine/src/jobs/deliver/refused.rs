//! Why a mail server did not take a message, in words that say what to do and hold no password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::Error;

use super::mail::{Mail, Secured};
use super::{Failed, tls};

/// What lettre says of a server that offers no STARTTLS; it has no code of its own.
const NO_STARTTLS: &str = "STARTTLS is not supported";

pub(super) fn why(mail: &Mail, e: &Error) -> Failed {
    let server = &mail.server;
    if let Some(why) = tls::why(server, e) {
        return Failed::Now(why);
    }
    let said = without_password(mail, &chain(e));
    if mail.secured == Secured::StartTls && said.contains(NO_STARTTLS) {
        return Failed::Now(format!(
            "{server} offers no STARTTLS, and nothing was sent: set mail.tls to \"tls\" if TLS begins with the first byte \
             there (port 465), or to \"none\" for a server on this machine"
        ));
    }
    let code = e.status().map(u16::from);
    // The mailbox is there: once the settings are right, the message goes out.
    if let Some(code @ (530 | 534 | 535 | 538)) = code {
        let user = mail.user.as_deref().unwrap_or("nobody");
        return Failed::Now(format!(
            "{server} refused the login of {user} ({code}): check mail.user and AFFIANT_MAIL_PASSWORD or mail.password ({said})"
        ));
    }
    let why = format!("{server}: {said}");
    if e.is_permanent() { Failed::ForGood(why) } else { Failed::Now(why) }
}

/// An error with what is behind it.
fn chain(e: &dyn std::error::Error) -> String {
    let mut out = e.to_string();
    let mut next = e.source();
    while let Some(e) = next {
        let more = e.to_string();
        if !out.contains(&more) {
            out = format!("{out}: {more}");
        }
        next = e.source();
    }
    out
}

/// A server may say again what it was told.
fn without_password(mail: &Mail, said: &str) -> String {
    let Some(password) = mail.password.as_deref().filter(|p| !p.is_empty()) else { return said.to_owned() };
    let user = mail.user.as_deref().unwrap_or_default();
    let plain = STANDARD.encode(format!("\0{user}\0{password}"));
    let login = STANDARD.encode(password);
    [plain.as_str(), login.as_str(), password].iter().fold(said.to_owned(), |said, p| said.replace(p, "…"))
}

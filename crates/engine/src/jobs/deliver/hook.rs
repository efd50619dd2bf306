//! Web hooks: JSON for programs, signed as the Standard Webhooks specification says; and Slack's format.

use affiant_store::Channel;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::hmac;
use serde_json::{Value, json};

use super::{Delivery, Failed, http, said};
use crate::alerts::Message;

/// What a secret begins with.
pub(crate) const SECRET: &str = "whsec_";
/// So many alerts stand in a message of Slack.
const MOST_IN_SLACK: usize = 40;

/// Sends it to a program.
pub(super) async fn send(
    delivery: &Delivery,
    channel: &Channel,
    message: &Message,
    id: &str,
    link: Option<&str>,
) -> Result<(), Failed> {
    let body = body(message, link).to_string();
    // The time of sending: a receiver refuses what is old, so that a message that was caught cannot be played again.
    let time = Timestamp::now().as_second();
    let signature = sign(&channel.secret, id, time, &body)?;
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", time.to_string()),
        ("webhook-signature", signature),
    ];
    http::post(delivery, &channel.target, &headers, body).await
}

fn body(message: &Message, link: Option<&str>) -> Value {
    json!({
        "type": "affiant.alerts",
        "timestamp": Timestamp::from_millisecond(message.at).map(|t| t.to_string()).unwrap_or_default(),
        "data": {
            "property": { "id": message.property, "name": message.name, "site": message.site },
            "audit": if message.audit.is_empty() { None } else { Some(&message.audit) },
            "link": link,
            "alerts": message.alerts,
        },
    })
}

/// `v1,` and the HMAC over name, time and body.
fn sign(secret: &str, id: &str, time: i64, body: &str) -> Result<String, Failed> {
    let key = secret.strip_prefix(SECRET).and_then(|s| STANDARD.decode(s).ok());
    let key = key.ok_or_else(|| {
        Failed::ForGood(
            "the channel's secret is none (whsec_ and base64 are expected): add the channel again".to_owned(),
        )
    })?;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), format!("{id}.{time}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(tag)))
}

/// Sends it to a channel of Slack's.
pub(super) async fn send_to_slack(
    delivery: &Delivery,
    channel: &Channel,
    message: &Message,
    id: &str,
    link: Option<&str>,
) -> Result<(), Failed> {
    // Slack ignores the name; what stands in between need not.
    let headers = [("webhook-id", id.to_owned())];
    http::post(delivery, &channel.target, &headers, slack(message, link).to_string()).await
}

/// Texts of pages stand in plain text only: there they format nothing, name nobody and link nowhere.
fn slack(message: &Message, link: Option<&str>) -> Value {
    let plain = |text: &str, most: usize| json!({ "type": "plain_text", "emoji": false, "text": escaped(&affiant_record::hostile::line(text, most)) });
    let head = said::subject(message);
    let mut blocks = vec![json!({ "type": "header", "text": plain(&head, 120) })];
    for alert in message.alerts.iter().take(MOST_IN_SLACK) {
        blocks.push(json!({ "type": "section", "text": plain(&alert.title, 500) }));
    }
    let more = message.alerts.len().saturating_sub(MOST_IN_SLACK);
    if more > 0 {
        blocks.push(json!({ "type": "section", "text": plain(&format!("And {more} more."), 100) }));
    }
    if let Some(link) = link {
        blocks.push(json!({ "type": "section", "text": { "type": "mrkdwn", "text": format!("<{}|Open it in affiant>", escaped(link)) } }));
    }
    json!({ "text": escaped(&head), "unfurl_links": false, "unfurl_media": false, "blocks": blocks })
}

/// The three characters that Slack reads: `<!channel>` would call everybody.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

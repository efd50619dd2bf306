//! Where autoconsent has no rule: reads the banner's buttons as a person would and clicks with real input events.
//!
//! Only buttons inside the banner that the watcher saw, in the main frame; at most two layers deep. It says what it
//! clicked. It never clicks "accept" in order to refuse.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::Choice;
use serde_json::{Value, json};

use crate::cdp::client::PATIENCE;
use crate::cdp::json::Read as _;
use crate::session::shared::Shared;
use crate::session::world::world;

/// The driver's name in records.
pub(crate) const DRIVER: &str = "generic (visible text)";

/// Finds a button of the banner by its words and returns label and centre. Runs in the watcher's world.
const FIND: &str = r#"((want, second) => {
  const s = globalThis.__affiantBanner;
  if (!s) return null;
  const roots = s.current ? [s.current] : [];
  if (second) for (const d of document.querySelectorAll("dialog[open], [role=dialog], [aria-modal=true]")) roots.push(d);
  const re = new RegExp(want, "i");
  for (const root of roots) for (const { label, element } of s.buttons(root)) {
    if (!re.test(label)) continue;
    element.scrollIntoView({ block: "nearest" });
    const r = element.getBoundingClientRect();
    if (r.width < 4 || r.height < 4) continue;
    return { label, x: r.x + r.width / 2, y: r.y + r.height / 2 };
  }
  return null;
})"#;

const ACCEPT: &str = r"^(i |we )?(accept|agree|allow|consent)|^(yes|that'?s (ok|fine)|ok(ay)?\b|got it|continue|understood)|accept all|allow all|alle akzeptieren|akzeptieren|zustimmen|einverstanden|tout accepter|accepter|j'accepte|aceptar|acepto|accetta|aceitar|accepteren|akkoord|godkänn|akceptuj|hyväksy|godta";
const REJECT: &str = r"^(i )?(reject|decline|deny|refuse|disagree)|^(no,? thanks|i do not|don't accept|do not)|reject all|decline all|deny all|only (strictly )?(necessary|essential)|(necessary|essential)( cookies)? only|without accepting|ablehnen|nur (notwendige|erforderliche|essenzielle)|tout refuser|refuser|continuer sans accepter|rechazar|solo (necesarias|esenciales)|rifiuta|solo necessari|rejeitar|recusar|weiger|afwijzen|alleen noodzakelijke|neka|avvisa|endast nödvändiga|odrzuć|hylkää|afvis|avslå";
const SETTINGS: &str = r"settings|preferences|manage|customi[sz]e|options|choices|einstellungen|anpassen|paramétrer|personnaliser|configurar|preferencias|impostazioni|personalizza|definições|instellingen|inställningar|ustawienia";
const SAVE: &str = r"^(save|confirm|apply)|save (my )?(choices|preferences|settings)|confirm (my )?choices|auswahl (speichern|bestätigen)|enregistrer|guardar|salva|opslaan|spara|zapisz";

/// Makes the choice. `Ok` names what was clicked and how many clicks it took; `Err` says why it could not.
pub(crate) async fn choose(shared: &Arc<Shared>, choice: Choice) -> Result<(String, u32), String> {
    let want = if choice == Choice::Accept { ACCEPT } else { REJECT };
    if let Some(label) = click(shared, want, false).await? {
        return Ok((format!("clicked '{label}'"), 1));
    }
    if choice == Choice::Accept {
        return Err("the banner has no button that reads like accepting".to_owned());
    }
    let Some(settings) = click(shared, SETTINGS, false).await? else {
        return Err(
            "the banner has no button that reads like refusing, nor one that leads to settings".to_owned()
        );
    };
    tokio::time::sleep(Duration::from_millis(1200)).await;
    for want in [REJECT, SAVE] {
        if let Some(label) = click(shared, want, true).await? {
            return Ok((format!("clicked '{settings}', then '{label}'"), 2));
        }
    }
    Err(format!("clicked '{settings}', but found no button there that reads like refusing or saving"))
}

async fn click(shared: &Arc<Shared>, want: &str, second: bool) -> Result<Option<String>, String> {
    let (session, frame) = {
        let state = shared.lock();
        (state.main_session.clone(), state.main_frame.clone())
    };
    let said = |e: crate::GatherError| e.to_string();
    let world = world(shared, &session, &frame, PATIENCE).await.map_err(said)?;
    let expression = format!("{FIND}({}, {second})", Value::from(want));
    let found = shared
        .client
        .call(
            &session,
            "Runtime.evaluate",
            json!({ "expression": expression, "contextId": world, "returnByValue": true, "timeout": 4000 }),
        )
        .await
        .map_err(said)?;
    let found = &found["result"]["value"];
    if !found.is_object() {
        return Ok(None);
    }
    let (x, y) = (found.num("x"), found.num("y"));
    // A person moves there, presses, and lets go.
    for (kind, pause) in [("mouseMoved", 120), ("mousePressed", 70), ("mouseReleased", 0)] {
        let buttons = if kind == "mouseMoved" { "none" } else { "left" };
        shared
            .client
            .call(
                &session,
                "Input.dispatchMouseEvent",
                json!({ "type": kind, "x": x, "y": y, "button": buttons, "clickCount": u8::from(kind != "mouseMoved") }),
            )
            .await
            .map_err(said)?;
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    Ok(Some(found.text("label").chars().take(60).collect()))
}

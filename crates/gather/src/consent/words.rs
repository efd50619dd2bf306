//! What the words on a banner's controls mean, in the main languages. Nothing means both yes and no.

use std::sync::LazyLock;

use affiant_record::Purpose;
use regex::Regex;

/// What a control does, as its words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// Grants everything.
    Accept,
    /// Refuses everything that can be refused.
    Reject,
    /// Leads to the choice by purpose.
    Settings,
    /// Stores the choice as it stands.
    Save,
    /// Closes without an answer.
    Close,
}

const REJECT: &str = r"\b(reject|decline|deny|refuse|disagree|opt[- ]?out)\b|^(no,? thanks?|no)\b|^(i )?(do not|don'?t) (accept|agree|consent|allow|sell)|(only|just|use) (the )?(strictly )?(necessary|essential|required)|(necessary|essential|required)( cookies)? only|without (accepting|agreeing|consent)|ablehnen|nicht (zustimmen|akzeptieren|einverstanden)|nur (die )?(technisch )?(notwendige|erforderliche|essenzielle|essentielle)|ohne (einwilligung|zustimmung)|refuser|sans accepter|je refuse|rechazar|denegar|solo (las )?(necesarias|esenciales|obligatorias)|sin aceptar|rifiut|solo (i )?(cookie )?(necessari|essenziali|tecnici)|senza accettare|rejeitar|recusar|apenas (os )?(necess|essenciais)|weiger|afwijzen|niet akkoord|alleen (de )?(noodzakelijk|functionele)|neka|avvisa|avböj|(endast|bara) nödvändiga|afvis|kun nødvendige|avslå|bare nødvendige|hylkää|vain välttämättömät|odrzuć|tylko niezbędne|odmítnout|pouze nezbytné|reddet|拒否|同意しない|拒绝|全部拒绝|거부";
const ACCEPT: &str = r"\b(accept|agree|allow|consent)\b|^(yes|ok(ay)?|sure|got it|i understand|understood|fine|sounds good)\b|that'?s (ok|fine)|akzeptier|zustimmen|einverstanden|erlauben|annehmen|accepter|j'accepte|autoriser|d'accord|aceptar|acepto|permitir|accett|acconsent|consenti|aceitar|concordo|accepteren|akkoord|toestaan|godkänn|acceptera|tillåt|accepter|tillad|godta|aksepter|tillat|hyväksy|salli|akceptuj|zgadzam|zezw|přijmout|souhlas|kabul|同意する|すべて許可|承諾|接受|同意|동의|수락";
const SETTINGS: &str = r"settings|preferences|manage|customi[sz]e|personali[sz]e|\boptions\b|\bchoices\b|\bpurposes\b|\bdetails\b|more info|learn more|show (details|purposes|vendors)|einstellungen|anpassen|auswahl treffen|mehr (erfahren|optionen|informationen)|paramétr|personnalis|gérer|en savoir plus|configur|preferencias|gestionar|personalizar|impostazioni|personalizza|gestisci|preferenze|definições|preferências|gerir|instellingen|aanpassen|beheer|voorkeuren|inställningar|anpassa|hantera|indstillinger|tilpas|innstillinger|tilpass|asetukset|ustawienia|dostosuj|nastavení|ayarlar|設定|设置|설정";
const SAVE: &str = r"^(save|confirm|apply|submit|done|continue with|update)\b|(save|confirm|apply) (my |current |selected |and )?(choices?|selection|preferences|settings|close|exit)|accept (selected|selection|my (choices|selection)|current)|allow (selection|selected)|(auswahl|einstellungen) (speichern|bestätigen|übernehmen|erlauben)|speichern|bestätigen|ausgewählte|enregistrer|valider|confirmer|sauvegarder|guardar|confirmar|salva|conferma|opslaan|bevestig|selectie|spara|bekräfta|gem\b|bekræft|lagre|bekreft|tallenna|vahvista|zapisz|potwierdź|uložit|potvrdit|kaydet|保存|确认|저장";
const CLOSE: &str = r"^(close|dismiss|hide|×|✕|✖|✗|x|⨯|schließen|fermer|cerrar|chiudi|fechar|sluiten|stäng|luk|lukk|sulje|zamknij|zavřít|kapat|閉じる|关闭|닫기)\b?( (this |the )?(banner|dialog|window|notice|message|popup|modal|cookie.*|dialogue|button))?$";
const NEVER: &str = r"more (info|details)|learn more|privacy (policy|notice|statement)|cookie (policy|notice|statement|declaration)|terms|imprint|impressum|datenschutz(erklärung|hinweis)|politique|política|informativa|vendors? list|partners? list";
const BACK: &str = r"(cookie|consent|privacy|tracking|ad)[ -]?(settings|preferences|choices|options|consent|center|centre|manager)|(manage|change|edit|update|review|withdraw|revoke|open|your) (your |my )?(cookie|consent|privacy|preference|tracking)|your (privacy|cookie|ad) (choices|rights)|do not (sell|share)|don'?t sell|opt[- ]?out|limit the use of my|cookie[- ]?(einstellungen|präferenzen|verwalten)|datenschutz-?einstellungen|privatsphäre|einwilligung(en)? (ändern|widerrufen|verwalten)|gérer (les |mes )?(cookies|consent)|paramètres (des )?cookies|préférences|configurar cookies|configuración de cookies|preferencias de (cookies|privacidad)|impostazioni (dei )?cookie|gestisci (i )?cookie|preferenze|definições de cookies|gerir cookies|cookie-?instellingen|cookie-?voorkeuren|cookie-?inställningar|cookieindstillinger|informasjonskapsler|evästeasetukset|ustawienia (plików )?cookie|nastavení cookies|çerez ayarları|クッキー設定|cookie ?設定|^cookies?$|^consent$";

/// Words of settings that stay so beside "learn more".
const PLAIN: &str = r"settings|customi[sz]|personali[sz]e|manage (my |your |cookie |consent )?(choices|cookies|consent|preferences|options|settings)|einstellungen|personnalis|paramétr|personalizar|configurar|personalizza|aanpassen";
/// What a button says that may lead to the choice, and may only tell more.
const MORE: &str = r"^((learn|find out|read|see|show|view|get|tell me) )?(more|details|purposes)\b|^(more )?(options|information|info|details)\b|^mehr\b|^weitere|en savoir plus|plus d.(infos|informations|options)|^más\b|saber más|^(scopri|maggiori|ulteriori|per saperne)|^mais\b|saiba mais|^meer\b|^mer\b|läs mer|^mere\b|les mer|lue lisää|^więcej|dowiedz się|^více|daha fazla|詳細|更多|자세히";

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("(?i){pattern}")).ok()
}

macro_rules! words {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| regex($pattern));
    };
}
words!(REJECTS, REJECT);
words!(ACCEPTS, ACCEPT);
words!(SETS, SETTINGS);
words!(SAVES, SAVE);
words!(CLOSES, CLOSE);
words!(NEVERS, NEVER);
words!(BACKS, BACK);
words!(PLAINS, PLAIN);
words!(MORES, MORE);

fn is(re: &Option<Regex>, text: &str) -> bool {
    re.as_ref().is_some_and(|r| r.is_match(text))
}

/// What a label means. Refusing words win over granting ones: "do not accept" is no yes; but a label that promises
/// both ("reject optional, accept necessary") is read by its refusal.
pub(crate) fn meaning(label: &str) -> Option<Means> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 80 {
        return None;
    }
    if is(&CLOSES, label) {
        return Some(Means::Close);
    }
    let settings = is(&SETS, label);
    if is(&SAVES, label) && !label.to_lowercase().contains("all") {
        return Some(Means::Save);
    }
    if is(&REJECTS, label) {
        // "Manage or reject" leads to a further layer.
        return Some(if settings { Means::Settings } else { Means::Reject });
    }
    if settings {
        return (!is(&NEVERS, label) || is(&PLAINS, label)).then_some(Means::Settings);
    }
    if is(&SAVES, label) {
        return Some(Means::Save);
    }
    is(&ACCEPTS, label).then_some(Means::Accept).filter(|_| !is(&NEVERS, label))
}

/// Whether a button with this label may lead to where one chooses. Only to be tried where nothing says so more plainly.
pub(crate) fn may_lead_on(label: &str) -> bool {
    const POLICY: [&str; 8] =
        ["policy", "polic", "notice", "terms", "datenschutz", "imprint", "politi", "informativa"];
    let text = label.trim().to_lowercase();
    is(&MORES, label.trim()) && !POLICY.iter().any(|p| text.contains(p))
}

/// How surely a label means it: whether it says so of everything.
pub(crate) fn says_all(label: &str) -> bool {
    const ALL: [&str; 22] = [
        "all",
        "alle",
        "alles",
        "tout",
        "todo",
        "todas",
        "todos",
        "tutti",
        "tutto",
        "tudo",
        "allt",
        "kaikki",
        "wszyst",
        "vše",
        "tümü",
        "すべて",
        "全部",
        "모두",
        "only",
        "nur",
        "alleen",
        "solo",
    ];
    let label = label.to_lowercase();
    ALL.iter()
        .any(|w| label.split(|c: char| !c.is_alphanumeric()).any(|x| x == *w || x.starts_with("wszyst")))
}

/// Whether a label leads back to the preferences; of two the one with the greater number does so more plainly.
pub(crate) fn leads_back(label: &str) -> u8 {
    let text = label.trim();
    if !is(&BACKS, text) {
        return 0;
    }
    match (meaning(text), is(&NEVERS, text)) {
        (_, true) => 1,
        (Some(Means::Settings), _) => 3,
        _ => 2,
    }
}

/// For which purpose a box stands, as its words say. `Ok(None)`: strictly necessary. `Err`: not known.
pub(crate) fn purpose(words: &str) -> Result<Option<Purpose>, ()> {
    const NECESSARY: [&str; 14] = [
        "strictly",
        "necessary",
        "essential",
        "required",
        "notwendig",
        "erforderlich",
        "essenziell",
        "nécessaire",
        "indispensable",
        "necesari",
        "esencial",
        "necessari",
        "noodzakelijk",
        "nödvändig",
    ];
    const ADVERTISING: [&str; 14] = [
        "advert",
        "marketing",
        "target",
        "retarget",
        "werbung",
        "publicit",
        "pubblicit",
        "reclame",
        "sale of",
        "sell",
        "ads",
        "personalised ad",
        "personalized ad",
        "markedsføring",
    ];
    const ANALYTICS: [&str; 12] = [
        "analytic",
        "statisti",
        "performance",
        "measurement",
        "measure",
        "analyse",
        "analís",
        "analítica",
        "leistung",
        "mesure",
        "medición",
        "recording",
    ];
    const SOCIAL: [&str; 5] = ["social", "soziale", "sociaux", "sociales", "embedded"];
    const FUNCTIONAL: [&str; 12] = [
        "function",
        "preference",
        "präferenz",
        "comfort",
        "komfort",
        "funktion",
        "fonctionn",
        "funcional",
        "funzional",
        "functioneel",
        "chat",
        "personali",
    ];
    let w = words.to_lowercase();
    let has = |list: &[&str]| list.iter().any(|x| w.contains(x));
    if has(&ADVERTISING) {
        Ok(Some(Purpose::Advertising))
    } else if has(&ANALYTICS) {
        Ok(Some(Purpose::Analytics))
    } else if has(&SOCIAL) {
        Ok(Some(Purpose::Social))
    } else if has(&FUNCTIONAL) {
        Ok(Some(Purpose::Functional))
    } else if has(&NECESSARY) {
        Ok(None)
    } else {
        Err(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        for re in [&REJECTS, &ACCEPTS, &SETS, &SAVES, &CLOSES, &NEVERS, &BACKS, &PLAINS, &MORES] {
            assert!(re.is_some());
        }
    }

    #[test]
    fn labels_mean_what_a_reader_takes_them_for() {
        use Means::*;
        for (label, want) in [
            ("Accept all", Accept),
            ("I agree", Accept),
            ("Got it!", Accept),
            ("OK", Accept),
            ("Alle akzeptieren", Accept),
            ("Tout accepter", Accept),
            ("Aceptar todas", Accept),
            ("Accetta tutti", Accept),
            ("Alles accepteren", Accept),
            ("Godkänn alla", Accept),
            ("Hyväksy kaikki", Accept),
            ("Akceptuj wszystkie", Accept),
            ("同意する", Accept),
            ("Reject all", Reject),
            ("Decline", Reject),
            ("No, thanks", Reject),
            ("Do not accept", Reject),
            ("Only necessary cookies", Reject),
            ("Accept only necessary", Reject),
            ("Strictly necessary only", Reject),
            ("Continue without accepting", Reject),
            ("Nur notwendige Cookies", Reject),
            ("Alle ablehnen", Reject),
            ("Nicht zustimmen", Reject),
            ("Continuer sans accepter", Reject),
            ("Tout refuser", Reject),
            ("Rechazar todo", Reject),
            ("Rifiuta tutto", Reject),
            ("Alles weigeren", Reject),
            ("Neka alla", Reject),
            ("Reject unwanted, accept the rest", Reject),
            ("Do Not Sell My Personal Information", Reject),
            ("Manage or reject", Settings),
            ("Cookie settings", Settings),
            ("Let me choose: options", Settings),
            ("Einstellungen", Settings),
            ("Paramétrer", Settings),
            ("Personalize (modal window)", Settings),
            ("Save my choices", Save),
            ("Confirm choices", Save),
            ("Accept selected", Save),
            ("Auswahl speichern", Save),
            ("Enregistrer", Save),
            ("×", Close),
            ("Close", Close),
            ("Hide cookie bar", Close),
            ("close this dialog", Close),
            ("Schließen", Close),
        ] {
            assert_eq!(meaning(label), Some(want), "{label}");
        }
        for label in ["", "Privacy policy", "Contact", "Shop", "Impressum", "Read our cookie policy"] {
            assert_eq!(meaning(label), None, "{label}");
        }
        assert!(says_all("Reject all") && says_all("Alle ablehnen") && !says_all("Reject"));
    }

    #[test]
    fn what_may_lead_on_is_told_from_policies() {
        for label in
            ["More", "Learn More", "More Information", "MORE OPTIONS", "Mehr", "En savoir plus", "Details"]
        {
            assert!(may_lead_on(label), "{label}");
        }
        for label in ["More about our privacy policy", "Learn more in the cookie notice", "Shop", "Home"] {
            assert!(!may_lead_on(label), "{label}");
        }
        assert_eq!(meaning("Learn more and customize"), Some(Means::Settings));
        assert_eq!(meaning("Learn more"), None);
    }

    #[test]
    fn ways_back_are_told_from_policies() {
        for label in [
            "Cookie settings",
            "Your Privacy Choices",
            "Manage consent",
            "Cookie-Einstellungen",
            "Do not sell or share my personal information",
        ] {
            assert!(leads_back(label) >= 2, "{label}");
        }
        for label in ["Privacy policy", "Home", "Rooms", "Account settings"] {
            assert!(leads_back(label) <= 1, "{label}");
        }
    }

    #[test]
    fn boxes_tell_their_purpose() {
        for (words, want) in [
            ("Marketing cookies", Ok(Some(Purpose::Advertising))),
            ("Analytics", Ok(Some(Purpose::Analytics))),
            ("Statistiken", Ok(Some(Purpose::Analytics))),
            ("Functional", Ok(Some(Purpose::Functional))),
            ("Social media", Ok(Some(Purpose::Social))),
            ("Strictly necessary", Ok(None)),
            ("Hotjar", Err(())),
        ] {
            assert_eq!(purpose(words), want, "{words}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_label_is_read_without_panic(label in ".{0,120}") {
            let _ = (meaning(&label), leads_back(&label), purpose(&label), says_all(&label));
        }
    }
}

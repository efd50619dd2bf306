//! Topics that a visitor would not have told to others: two words that belong together, or a phrase that nobody uses
//! otherwise. Written as [`crate::words`] gives them.

use super::{PageKind, Read};
use crate::words::has;

/// A topic.
pub(super) struct Topic {
    pub(super) kind: PageKind,
    /// What it is about. Alone no sign: it may be a name, a book, or a figure of speech.
    subjects: &'static [&'static str],
    /// Acts that tell with a subject.
    acts: &'static [&'static str],
    /// Acts that tell in pairs too: one in the path, another one in the title.
    strong: &'static [&'static str],
    /// Phrases that tell alone, in a title or a heading.
    phrases: &'static [&'static str],
    /// Words beside which it is about something else.
    unless: &'static [&'static str],
}

/// Why it is about this.
pub(super) fn because(topic: &Topic, page: &Read) -> Option<String> {
    let head = || page.parts.iter().chain(&page.headings);
    if head().chain(&page.segments).any(|t| topic.unless.iter().any(|w| has(t, w))) {
        return None;
    }
    if let Some(told) = phrase(topic.phrases, page) {
        return Some(told);
    }
    let met = |all: &'static [&'static str], texts: &[&String]| -> Vec<&'static str> {
        all.iter().copied().filter(|w| texts.iter().any(|t| has(t, w))).collect()
    };
    let (shown, path): (Vec<&String>, Vec<&String>) = (head().collect(), page.segments.iter().collect());
    let (subjects, acts, strong) =
        (met(topic.subjects, &shown), met(topic.acts, &shown), met(topic.strong, &shown));
    let (far_subjects, far_acts, far_strong) =
        (met(topic.subjects, &path), met(topic.acts, &path), met(topic.strong, &path));
    // One of the two has to stand where a reader sees it.
    let (acts, far_acts) = ([acts, strong.clone()].concat(), [far_acts, far_strong.clone()].concat());
    pair(&subjects, &acts)
        .map(|(s, a)| format!("its {} has '{s}' and its {} '{a}'", place(page, s), place(page, a)))
        .or_else(|| pair(&far_subjects, &acts).map(|(s, a)| in_path(page, s, a)))
        .or_else(|| pair(&subjects, &far_acts).map(|(s, a)| in_path(page, a, s)))
        .or_else(|| pair(&far_strong, &strong).map(|(f, s)| in_path(page, f, s)))
}

/// The first two that are not one word in two forms.
fn pair<'a>(some: &[&'a str], others: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let mut each = some.iter().flat_map(|s| others.iter().map(move |o| (*s, *o)));
    each.find(|(s, o)| !s.contains(o) && !o.contains(s))
}

fn place(page: &Read, word: &str) -> &'static str {
    if page.parts.iter().any(|t| has(t, word)) { "title" } else { "heading" }
}

fn in_path(page: &Read, path: &str, shown: &str) -> String {
    format!("its path has '{path}' and its {} '{shown}'", place(page, shown))
}

/// Why it is this kind of page, by a phrase in its title or its heading.
pub(super) fn phrase(all: &'static [&'static str], page: &Read) -> Option<String> {
    let told = |texts: &[String], what: &str| {
        all.iter().find(|p| texts.iter().any(|t| has(t, p))).map(|p| format!("its {what} says '{p}'"))
    };
    told(&page.parts, "title").or_else(|| told(&page.headings, "heading"))
}

#[rustfmt::skip]
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        kind: PageKind::Health,
        subjects: &[
            "diabetes", "cancer", "breast cancer", "prostate cancer", "hiv", "std", "stds", "sti", "stis", "herpes", "chlamydia", "depression", "anxiety", "bipolar disorder",
            "schizophrenia", "adhd", "autism", "dementia", "alzheimer", "alzheimers", "epilepsy", "asthma", "arthritis", "pregnancy", "infertility",
            "fertility", "abortion", "miscarriage", "menopause", "contraception", "birth control", "erectile dysfunction", "obesity", "eating disorder",
            "eating disorders", "anorexia", "bulimia", "addiction", "substance abuse", "mental health", "chronic pain", "migraine", "psoriasis", "eczema",
            "heart disease", "hypertension", "high blood pressure", "hepatitis", "leukemia", "multiple sclerosis", "oncology", "cardiology", "dermatology",
            "gynecology", "urology", "psychiatry", "psychotherapy", "neurology", "pediatrics", "paediatrics", "orthopedics",
            "brustkrebs", "prostatakrebs", "darmkrebs", "krebserkrankung", "depressionen", "angststorung", "angststorungen", "schwangerschaft", "verhutung",
            "impotenz", "erektionsstorungen", "demenz", "epilepsie", "rheuma", "migrane", "bluthochdruck", "herzinfarkt", "schlaganfall", "essstorungen",
            "kinderwunsch", "wechseljahre", "schuppenflechte", "neurodermitis", "geschlechtskrankheiten", "onkologie", "kardiologie", "gynakologie",
            "urologie", "psychiatrie", "orthopadie",
            "diabete", "vih", "anxiete", "grossesse", "avortement", "ivg", "demence", "asthme", "arthrose", "infertilite", "cardiologie", "oncologie",
            "gynecologie", "dermatologie", "depresion", "ansiedad", "embarazo", "aborto", "anticoncepcion", "demencia", "epilepsia", "asma", "artritis",
            "menopausia", "infertilidad", "cardiologia", "oncologia", "ginecologia", "psiquiatria", "dermatologia", "disfuncion erectil", "adicciones",
            "tumore", "depressione", "ansia", "gravidanza", "contraccezione", "demenza", "epilessia", "artrite", "menopausa", "infertilita", "psichiatria",
            "disfunzione erettile", "kanker", "borstkanker", "depressie", "zwangerschap", "abortus", "anticonceptie", "dementie", "astma", "artrose",
            "vruchtbaarheid", "gynaecologie", "erectiestoornis", "verslaving", "depressao", "ansiedade", "gravidez", "contracepcao", "menopausa",
            "infertilidade", "disfuncao eretil",
        ],
        acts: &[
            "treatment", "treatments", "therapy", "test", "tests", "testing", "screening", "appointment", "appointments", "support group", "causes",
            "medicine", "specialist", "specialists", "surgery", "rehab", "counseling", "counselling", "behandlung", "therapie", "sprechstunde", "termin",
            "ursachen", "selbsttest", "vorsorge", "traitement", "traitements", "rendez vous", "depistage", "soins", "tratamiento", "tratamientos",
            "terapia", "cita", "prueba", "causas", "trattamento", "cura", "cure", "cause", "visita", "behandeling", "afspraak", "oorzaken", "tratamento",
            "tratamentos", "consulta",
        ],
        strong: &[
            "symptoms", "diagnosis", "patients", "clinic", "clinics", "hospital", "doctor", "doctors", "physician", "physicians", "prescription",
            "prescriptions", "medication", "medications", "therapist", "therapists", "pharmacy", "symptome", "patienten", "klinik", "krankenhaus", "arzt", "arzte", "arztin",
            "facharzt", "medikamente", "apotheke", "symptomes", "clinique", "hopital", "medecin", "medecins", "ordonnance", "medicaments", "sintomas", "pacientes",
            "clinica", "medico", "medicos", "medicamentos", "sintomi", "diagnosi", "pazienti", "ospedale", "medici", "farmaci", "symptomen", "kliniek",
            "ziekenhuis", "huisarts", "medicijnen",
        ],
        phrases: &[
            "find a doctor", "find a physician", "find a therapist", "symptom checker", "patient portal", "doctor s appointment", "doctor appointment", "refill prescription",
            "refill prescriptions", "prescription refill", "prescription refills", "online pharmacy", "hiv test", "std test", "std testing", "sti testing",
            "my medical records", "depression test", "anxiety test", "talk to a doctor", "see a doctor online", "arzttermin", "arztsuche", "patientenportal", "rezept einlosen",
            "online apotheke", "rendez vous avec un medecin", "rendez vous medical", "espace patient", "cita medica", "portal del paciente", "prenota visita",
            "prenota una visita", "visita medica", "patientenportaal", "huisartsenpraktijk", "marcar consulta medica", "agendar consulta", "portal do paciente",
        ],
        unless: &[
            "recipe", "recipes", "rezepte", "recettes", "recetas", "ricette", "recepten", "receitas", "cookbook", "book", "books", "novel", "movie", "film",
            "episode", "season", "lyrics", "song", "album", "game", "games", "toy", "costume", "poster", "t shirt", "mug", "horoscope", "horoskop", "zodiac",
            "astrology", "software", "api", "server", "endpoint", "health check", "healthcheck", "career", "careers", "job", "jobs", "stellenangebote",
            "doctor who", "great depression", "tropical depression", "wallpaper", "dog", "dogs", "cat", "cats", "pet", "pets", "vet", "veterinary", "animal",
            "hund", "katze", "tierarzt", "plant", "plants", "car", "computer", "phone", "drama", "netflix", "trailer", "unit test", "load test", "web design", "seo",
            "marketing", "wikipedia", "stock", "shares",
        ],
    },
    Topic {
        kind: PageKind::Finance,
        subjects: &[
            "loan", "loans", "mortgage", "mortgages", "credit card", "credit cards", "insurance", "car insurance", "life insurance", "health insurance", "bank account", "checking account", "savings account",
            "kredit", "kredite", "darlehen", "baufinanzierung", "versicherung", "versicherungen", "kfz versicherung", "autoversicherung", "lebensversicherung",
            "girokonto", "kreditkarte", "pret immobilier", "credit immobilier", "pret personnel", "assurance", "assurance auto", "prestamo", "prestamos",
            "hipoteca", "hipotecas", "seguros", "seguro de coche", "seguro de vida", "tarjeta de credito", "prestito", "prestiti", "mutuo casa",
            "assicurazione", "assicurazione auto", "conto corrente", "lening", "leningen", "hypotheek", "verzekering", "autoverzekering", "zorgverzekering",
            "emprestimo", "emprestimos", "credito habitacao", "credito pessoal", "seguro auto", "seguro de automovel", "seguro de vida", "cartao de credito",
        ],
        acts: &[
            "apply", "apply now", "apply online", "application", "quote", "quotes", "calculator", "rates", "compare", "claim", "file a claim", "eligibility",
            "prequalify", "pre approval", "refinance", "antrag", "beantragen", "rechner", "vergleich", "vergleichen", "zinsen", "abschliessen", "schaden melden",
            "eroffnen", "simulation", "simulateur", "demande", "devis", "comparateur", "solicitar", "solicitud", "simulador", "calcular", "calculadora",
            "comparador", "richiedi", "richiesta", "preventivo", "calcola", "confronta", "aanvragen", "berekenen", "vergelijken", "afsluiten", "simular",
            "cotacao", "pedir",
        ],
        strong: &[],
        phrases: &[
            "online banking", "internet banking", "mobile banking login", "onlinebanking", "banque en ligne", "banca en linea", "banca online", "home banking",
            "internetbankieren", "file your taxes", "file taxes", "tax return", "tax refund status", "steuererklarung",
            "declaration d impots", "declaration de revenus", "declaracion de la renta", "dichiarazione dei redditi", "belastingaangifte",
            "imposto de renda", "debt consolidation", "check your credit score", "my credit score", "payday loan", "payday loans",
        ],
        unless: &[
            "library", "interlibrary", "loan words", "loanwords", "device", "equipment", "laptop", "museum", "shipping", "book", "books", "novel", "movie",
            "film", "episode", "season", "lyrics", "song", "album", "game", "games", "software", "api", "sdk", "endpoint", "developer", "career", "careers", "job", "jobs", "player",
            "football", "soccer", "fc", "wallet", "holder", "case", "card games", "monopoly", "wikipedia", "template", "sample", "theme",
        ],
    },
    Topic {
        kind: PageKind::Legal,
        subjects: &[
            "lawyer", "lawyers", "attorney", "attorneys", "solicitor", "solicitors", "law firm", "rechtsanwalt", "rechtsanwalte", "rechtsanwaltin", "anwalt",
            "fachanwalt", "anwaltskanzlei", "avocat", "avocats", "abogado", "abogados", "abogada", "avvocato", "avvocati", "advocaat", "advocaten", "advogado",
            "advogados",
        ],
        acts: &[
            "divorce", "custody", "child custody", "personal injury", "car accident", "bankruptcy", "immigration", "criminal defense", "criminal defence",
            "dui", "employment law", "wrongful termination", "medical malpractice", "domestic violence", "free case evaluation", "free case review",
            "case evaluation", "free consultation", "scheidung", "sorgerecht", "familienrecht", "arbeitsrecht", "strafrecht", "kundigung", "insolvenz",
            "erstberatung", "licenciement", "garde d enfants", "droit de la famille", "droit penal", "divorcio", "custodia", "extranjeria", "lesiones",
            "accidente", "despido", "divorzio", "affidamento", "licenziamento", "diritto di famiglia", "echtscheiding", "ontslag", "familierecht",
            "strafrecht", "pensao alimenticia", "demissao", "divorcios",
        ],
        strong: &[],
        phrases: &["free case evaluation", "free case review", "legal aid application", "apply for legal aid", "prozesskostenhilfe", "aide juridictionnelle"],
        unless: &[
            "book", "books", "novel", "movie", "film", "episode", "season", "series", "serie", "lyrics", "song", "album", "game", "games", "toy", "costume", "power of attorney form",
            "barbie", "lincoln", "better call", "software", "api", "career", "careers", "job", "jobs", "salary", "wikipedia", "trailer", "netflix", "seo", "marketing", "web design", "rezept", "recept",
        ],
    },
];

/// Pages that say that they are made for children.
#[rustfmt::skip]
pub(super) const CHILDREN: &[&str] = &[
    "games for kids", "kids games", "games for children", "games for toddlers", "videos for kids", "cartoons for kids", "coloring pages for kids",
    "colouring pages for kids", "learning games for", "stories for kids", "bedtime stories for children", "kids club", "activities for kids to do online", "spiele fur kinder", "kinderspiele kostenlos",
    "ausmalbilder fur kinder", "malvorlagen fur kinder", "jeux pour enfants", "coloriages pour enfants", "coloriage enfant", "dessins animes pour enfants", "juegos para ninos",
    "juegos infantiles", "dibujos para colorear para ninos", "dibujos animados para ninos", "giochi per bambini", "disegni da colorare per bambini", "cartoni animati per bambini",
    "spelletjes voor kinderen", "kinderspelletjes", "kleurplaten voor kinderen", "jogos para criancas", "jogos infantis", "desenhos para colorir infantil",
];

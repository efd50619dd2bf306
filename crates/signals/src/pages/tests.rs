use proptest::prelude::*;

use super::*;

fn kinds(path: &str, title: &str) -> Vec<PageKind> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let signs = PageSigns { path, query, title, ..PageSigns::default() };
    page_kinds(&signs).into_iter().map(|(k, _)| k).collect()
}

use PageKind::*;

/// Path, title, the one kind.
#[rustfmt::skip]
const TRUE: &[(&str, &str, PageKind)] = &[
    ("/checkout", "Checkout – Fernhollow", Checkout),
    ("/checkouts/cn/c1-8a/information", "Information - Shop", Checkout),
    ("/de/kasse", "Kasse | Blumenhaus", Checkout),
    ("/fr/commande", "Votre commande", Checkout),
    ("/x/9f2", "Finalizar compra - Zapatos", Checkout),
    ("/it/cassa", "Cassa", Checkout),
    ("/afrekenen", "Afrekenen", Checkout),
    ("/login", "Login", Login),
    ("/users/sign_in", "Acme", Login),
    ("/log-in.php", "", Login),
    ("/en-us/register", "Register", Login),
    ("/", "Sign in to Acme", Login),
    ("/account-recovery", "Forgot your password? | Acme", Login),
    ("/anmelden", "Anmelden – Zeitung", Login),
    ("/passwort-vergessen", "Passwort vergessen", Login),
    ("/connexion", "Connexion", Login),
    ("/mot-de-passe-oublié", "Mot de passe oublié", Login),
    ("/mot-de-passe-oubli%C3%A9", "", Login),
    ("/es/iniciar-sesion", "Iniciar sesión", Login),
    ("/registrati", "Registrati", Login),
    ("/inloggen", "Inloggen bij Bol", Login),
    ("/cadastro", "Crie sua conta", Login),
    ("/account", "Orders", Account),
    ("/my-account/orders", "Orders", Account),
    ("/MeinKonto", "", Account),
    ("/espace-client", "", Account),
    ("/mi-cuenta", "Mi cuenta", Account),
    ("/minha-conta", "", Account),
    ("/contact", "Contact – Bright Kettle", Support),
    ("/contact-us.html", "Contact us", Support),
    ("/help", "Help", Support),
    ("/hc/en", "Help Center", Support),
    ("/support/tickets/7", "Ticket 7", Support),
    ("/kontakt", "Kontakt", Support),
    ("/hilfe", "Häufige Fragen", Support),
    ("/nous-contacter", "Nous contacter", Support),
    ("/atencion-al-cliente", "Atención al cliente", Support),
    ("/assistenza-clienti", "", Support),
    ("/klantenservice", "Klantenservice", Support),
    ("/fale-conosco", "Fale conosco", Support),
    ("/conditions/diabetes", "Diabetes: symptoms and causes", Health),
    ("/find", "Find a doctor | Springfield Hospital", Health),
    ("/services/cardiology", "Cardiology | Springfield Hospital", Health),
    ("/patients/visit", "Plan your visit | Mercy Clinic", Health),
    ("/quiz/depression", "Depression test: how are you really?", Health),
    ("/onkologie", "Brustkrebs: Behandlung und Vorsorge", Health),
    ("/termin", "Arzttermin buchen", Health),
    ("/sante/grossesse", "Grossesse : symptômes du premier mois", Health),
    ("/especialidades", "Ansiedad: síntomas y tratamiento", Health),
    ("/malattie", "Diabete, sintomi e cura", Health),
    ("/aandoeningen", "Depressie: symptomen en behandeling", Health),
    ("/saude", "Depressão: sintomas e tratamento", Health),
    ("/mortgages", "Mortgage calculator", Finance),
    ("/personal-loans/apply", "Personal loans | First Bank", Finance),
    ("/", "Online Banking | Sparbank", Finance),
    ("/kredit", "Kredit beantragen", Finance),
    ("/assurance-auto", "Assurance auto : devis gratuit", Finance),
    ("/hipotecas", "Simulador de hipotecas", Finance),
    ("/prestiti", "Prestiti: calcola la rata", Finance),
    ("/hypotheek", "Hypotheek berekenen", Finance),
    ("/emprestimos", "Empréstimos: simular agora", Finance),
    ("/tax", "File your taxes online", Finance),
    ("/divorce", "Divorce lawyers in Fresno", Legal),
    ("/", "Rechtsanwalt für Arbeitsrecht in Köln", Legal),
    ("/injury", "Personal injury attorney – free consultation", Legal),
    ("/divorcio", "Abogados de divorcio", Legal),
    ("/play", "Free games for kids", Children),
    ("/ausmalen", "Ausmalbilder für Kinder", Children),
    ("/jeux", "Jeux pour enfants", Children),
    ("/cart", "Your cart", Cart),
    ("/warenkorb", "Warenkorb", Cart),
    ("/panier", "Mon panier", Cart),
    ("/carrello", "Carrello", Cart),
    ("/winkelwagen", "", Cart),
    ("/search?q=blue+lamp", "Search", Search),
    ("/?s=blue+lamp", "Lamps", Search),
    ("/s?k=blue+lamp", "Shop", Search),
    ("/search/blue%20lamp", "Search results for blue lamp", Search),
    ("/suche?suchbegriff=lampe", "Suche", Search),
    ("/catalogsearch/result/?q=lampe", "", Search),
];

/// Path and title that are nothing of all that.
#[rustfmt::skip]
const FALSE: &[(&str, &str)] = &[
    ("/", "Fernhollow – houseplants that stay alive"),
    ("/blog/healthy-recipes", "Healthy recipes for busy people"),
    ("/blog/login", "Why we killed our login form"),
    ("/health", "ok"),
    ("/api/health", "Health check endpoint"),
    ("/docs/health-check", "Health check endpoint – Docs"),
    ("/carta", "La carta de vinos"),
    ("/cartes/paris", "Cartes de Paris"),
    ("/cart-racing", "Cart racing in Kent"),
    ("/products/shopping-cart-toy", "Wooden shopping cart toy"),
    ("/accounting", "Accounting software for plumbers"),
    ("/accounts-payable", "Accounts payable"),
    ("/products/checkout-counter", "Checkout counter, oak"),
    ("/new", "Check out our new arrivals"),
    ("/helpful-plants", "Helpful plants"),
    ("/self-help-books", "Self-help books"),
    ("/contactless-payments", "Contactless cards explained"),
    ("/contact-lenses", "Contact lenses for sports"),
    ("/album/help", "Help! – The Beatles"),
    ("/support-us", "Support us"),
    ("/arch-supports", "Arch supports"),
    ("/chat/croquettes", "Croquettes pour chat"),
    ("/kontaktlinsen", "Kontaktlinsen"),
    ("/krebse", "Krebs kochen: so gelingt er"),
    ("/horoscope/cancer", "Cancer horoscope: compatibility test"),
    ("/book", "Cancer Ward, a novel"),
    ("/history/1929", "The Great Depression: causes"),
    ("/vase", "Pink depression glass vase"),
    ("/doctor-who", "Doctor Who: the hospital episode"),
    ("/jobs/nurse", "Nurse, diabetes clinic – jobs"),
    ("/dogs", "Diabetes in dogs: symptoms"),
    ("/mic", "Stethoscope poster"),
    ("/parks", "Picnic on the river bank"),
    ("/power-bank", "Power bank 20,000 mAh"),
    ("/food-bank", "Food bank: how to help"),
    ("/library/interlibrary-loan", "Interlibrary loan application"),
    ("/loanwords", "Loanwords in English"),
    ("/transfers", "Player on loan: compare the rates of goals"),
    ("/card-holder", "Credit card holder, compare leathers"),
    ("/taxonomy", "Taxonomy of ferns"),
    ("/taxi", "Taxi to the airport: quote"),
    ("/insurance", "Insurance"),
    ("/legal", "Legal notice"),
    ("/legal/terms", "Terms and conditions"),
    ("/film", "The Lincoln Lawyer, a film about divorce"),
    ("/likor", "Advocaat, eierlikör"),
    ("/avocado", "Avocat : recette de la salade"),
    ("/kids/shoes", "Kids' shoes"),
    ("/kinder-chocolate", "Kinder chocolate"),
    ("/search", "Search"),
    ("/search/engine-optimisation", "Search engine optimisation"),
    ("/research?q=", "Research"),
    ("/image?s=800x600", "Picture"),
    ("/page?k=9f86d081884c7d659a2feaa0c55ad015", "Page"),
    ("/?utm_term=lamp", "Lamps"),
    ("/share?text=hello", "Share"),
    ("/search?q=%7Bsearch_term%7D", "Search"),
    ("/sport/basket", "Baskets homme"),
    ("/register-of-artists", "Register of artists"),
    ("/payment-methods", "Which cards we take"),
    ("/krankenkasse", "Krankenkassen"),
    ("/entrarporta", "Porta de entrar"),
    ("/video-games", "Video games"),
    ("/pediatrics-of-pets", "Pediatrics"),
];

#[test]
fn pages_are_known() {
    for (path, title, want) in TRUE {
        let got = kinds(path, title);
        assert!(got.contains(want), "{path} '{title}' is {got:?}, not {want:?}");
        let beside = match want {
            // A bank's sign-in is both; so is a search for a doctor.
            Finance | Account => 2,
            _ => 1,
        };
        assert!(got.len() <= beside, "{path} '{title}' is {got:?}");
    }
}

#[test]
fn near_misses_are_not() {
    for (path, title) in FALSE {
        assert_eq!(kinds(path, title), [], "{path} '{title}'");
    }
}

#[test]
fn fields_headings_and_videos_tell_too() {
    let signs = PageSigns { fields: &[InputKind::Password], ..PageSigns::default() };
    assert_eq!(page_kinds(&signs), [(Login, "it asks for a password".to_owned())]);
    let signs = PageSigns { fields: &[InputKind::Card], videos: 1, ..PageSigns::default() };
    let kinds: Vec<PageKind> = page_kinds(&signs).into_iter().map(|(k, _)| k).collect();
    assert_eq!(kinds, [Checkout, Video]);
    let signs = PageSigns { path: "/x", headings: &["Diabetes: symptoms"], ..PageSigns::default() };
    assert_eq!(
        page_kinds(&signs),
        [(Health, "its heading has 'diabetes' and its heading 'symptoms'".to_owned())]
    );
}

#[test]
fn reasons_are_told() {
    let signs = PageSigns { path: "/de/login.php", title: "Diabetes | Clinic", ..PageSigns::default() };
    let told = page_kinds(&signs);
    assert_eq!(told[0], (Login, "its path has 'login'".to_owned()));
    assert_eq!(told[1], (Health, "its title has 'diabetes' and its title 'clinic'".to_owned()));
}

#[test]
fn terms_are_read_from_the_address() {
    let of = |path: &str, query: &str| {
        let all = search_terms(path, query, &["Results for it"]);
        all.into_iter().map(|t| t.value).collect::<Vec<_>>()
    };
    assert_eq!(of("/", "q=blue%20lamp+shade&page=2"), ["blue lamp shade"]);
    assert_eq!(of("/search", "s=Str%C3%A4u%C3%9Fe&sort=k"), ["Sträuße"]);
    assert_eq!(of("/search/blue-lamp/", ""), ["blue-lamp"]);
    assert_eq!(of("/search/results", ""), [""; 0]);
    assert_eq!(of("/x", "s=blue"), [""; 0]);
    assert_eq!(of("/x", "searchTerm=blue&search_query=red"), ["blue", "red"]);
}

proptest! {
    #[test]
    fn never_panics(path in "\\PC{0,60}", query in "\\PC{0,60}", title in "\\PC{0,200}", h in "\\PC{0,60}", videos in 0..3usize) {
        let signs = PageSigns { path: &path, query: &query, title: &title, headings: &[&h], fields: &[], videos };
        for (kind, because) in page_kinds(&signs) {
            prop_assert!(!because.is_empty() && !kind.in_words().is_empty());
        }
    }

    #[test]
    fn addresses_of_any_shape(path in "(/[a-z%0-9A-F.?-]{0,12}){0,20}", query in "([a-z]{0,3}[=&%+]){0,20}") {
        let _ = page_kinds(&PageSigns { path: &path, query: &query, title: &path, ..PageSigns::default() });
    }
}

//! Words by which steps of a visit are known, in seven languages; written as [`crate::words`] gives them.

use super::PageKind;

/// Words of one step. All of them stand for a whole segment, a whole part of a title, or a whole heading.
pub(super) struct Steps {
    /// Segments of a path.
    pub(super) path: &'static [&'static str],
    /// Segments that count only where the path begins with them: elsewhere they name goods.
    pub(super) first: &'static [&'static str],
    /// Parts of a title, and headings.
    pub(super) title: &'static [&'static str],
    /// Beginnings of parts of a title, and of headings: a name may follow.
    pub(super) begins: &'static [&'static str],
}

/// Below these a page tells of something, or sells it: `/blog/login`, `/products/cart`.
#[rustfmt::skip]
pub(super) const ARTICLES: &[&str] = &[
    "blog", "blogs", "news", "article", "articles", "magazine", "magazin", "docs", "documentation", "developer", "developers", "api", "apis",
    "reference", "wiki", "tag", "tags", "topics", "product", "products", "p", "item", "items", "collections", "category", "categories", "shop by",
    "artikel", "produkt", "produkte", "produit", "produits", "producto", "productos", "prodotto", "prodotti", "producten", "produto", "produtos",
    "actualites", "noticias", "notizie", "nieuws", "ratgeber", "glossary", "glossar", "guide", "guides", "how to", "tutorial", "tutorials", "careers",
    "jobs", "job", "press", "presse", "case studies", "templates", "themes", "plugins", "integrations", "marketplace", "recipes", "rezepte", "recettes",
    "recetas", "podcast", "podcasts", "events", "film", "films", "movie", "movies", "music", "lyrics", "songs", "books", "games", "forum", "forums",
    "community", "questions", "patterns", "components", "examples", "store locator", "research", "features",
];

#[rustfmt::skip]
pub(super) const STEPS: &[(PageKind, Steps)] = &[
    (PageKind::Checkout, Steps {
        path: &[
            "checkout", "checkouts", "onepage checkout", "one page checkout", "place order", "order confirmation", "order received", "order complete",
            "zur kasse", "kasse", "bestellung abschliessen", "bezahlvorgang", "bestellabschluss", "paiement", "passer commande", "valider commande",
            "finalizar compra", "tramitar pedido", "realizar pedido", "completa ordine", "concludi ordine", "afrekenen", "bestelling afronden",
            "finalizar pedido", "finalizacao compra",
        ],
        first: &["payment", "pay", "bezahlen", "zahlung", "caisse", "commande", "pago", "pagar", "cassa", "pagamento", "betalen"],
        title: &[
            "checkout", "secure checkout", "order confirmation", "order received", "payment", "payment details", "payment method", "shipping and payment",
            "kasse", "zur kasse", "bestellung abschliessen", "zahlung und versand", "versand und zahlung", "paiement", "paiement securise",
            "passer la commande", "finaliser ma commande", "finalizar compra", "finalizar la compra", "tramitar pedido", "pago", "cassa", "pagamento",
            "completa l ordine", "afrekenen", "bestelling afronden", "betaling", "finalizar pedido", "finalizar a compra",
        ],
        begins: &["checkout step"],
    }),
    (PageKind::Login, Steps {
        path: &[
            "login", "log in", "signin", "sign in", "logon", "log on", "sso", "signup", "sign up", "create account", "createaccount", "new account",
            "registration", "forgot password", "forgotpassword", "reset password", "resetpassword", "password reset", "lost password",
            "recover password", "password recovery", "einloggen", "registrieren", "registrierung", "konto erstellen", "kundenlogin",
            "passwort vergessen", "passwort zurucksetzen", "se connecter", "seconnecter", "creer un compte", "creer compte", "mot de passe oublie",
            "motdepasse oublie", "iniciar sesion", "inicio de sesion", "inicio sesion", "crear cuenta", "registrarse", "olvide mi contrasena",
            "recuperar contrasena", "accedi", "registrati", "registrazione", "password dimenticata", "recupera password", "inloggen", "aanmelden",
            "registreren", "wachtwoord vergeten", "account aanmaken", "iniciar sessao", "cadastro", "cadastre se", "criar conta",
            "esqueci minha senha", "esqueci a senha", "recuperar senha",
        ],
        first: &["register", "auth", "anmelden", "anmeldung", "connexion", "inscription", "acceder", "registro", "accesso", "entrar", "join"],
        title: &[
            "login", "log in", "log in or sign up", "log in or create an account", "sign in", "signin", "sign in or register", "sign in or create an account",
            "sign up", "register", "registration", "create account", "create an account", "create your account", "create a new account", "join now",
            "forgot password", "forgot your password", "reset password", "reset your password", "password reset", "member login", "customer login",
            "account login", "please sign in", "please log in", "welcome back", "anmelden", "anmeldung", "einloggen", "log in anmelden",
            "anmelden oder registrieren", "login oder registrierung", "registrieren", "registrierung", "konto erstellen", "kundenkonto anlegen", "neu hier",
            "passwort vergessen", "passwort zurucksetzen", "connexion", "se connecter", "connectez vous", "identifiez vous", "creer un compte",
            "creer mon compte", "mot de passe oublie", "inscription", "iniciar sesion", "inicia sesion", "inicio de sesion", "acceder", "crear cuenta",
            "crear una cuenta", "registrarse", "registrate", "olvidaste tu contrasena", "recuperar contrasena", "accedi", "accedi o registrati",
            "registrati", "crea un account", "crea account", "password dimenticata", "hai dimenticato la password", "inloggen", "aanmelden", "registreren",
            "account aanmaken", "maak een account", "wachtwoord vergeten", "entrar", "iniciar sessao", "fazer login", "criar conta", "crie sua conta",
            "cadastre se", "cadastro", "esqueci minha senha", "recuperar senha",
        ],
        begins: &["sign in to", "log in to", "login to", "sign up for", "register for an", "create your", "anmelden bei", "einloggen bei", "connectez vous a", "inicia sesion en", "accedi a", "inloggen bij", "entrar no", "entrar na"],
    }),
    (PageKind::Account, Steps {
        path: &[
            "my account", "myaccount", "customer account", "account settings", "my profile", "my orders", "order history", "your orders", "mein konto",
            "meinkonto", "kundenkonto", "mein profil", "meine bestellungen", "mon compte", "moncompte", "espace client", "mes commandes", "mi cuenta",
            "micuenta", "mis pedidos", "mi perfil", "il mio account", "mio account", "area clienti", "area personale", "i miei ordini", "mijn account",
            "mijnaccount", "mijn bestellingen", "mijn gegevens", "minha conta", "minhaconta", "area do cliente", "meus pedidos",
        ],
        first: &["account", "profile"],
        title: &[
            "my account", "your account", "account settings", "my profile", "my orders", "your orders", "order history", "mein konto", "ihr konto",
            "kundenkonto", "meine bestellungen", "mon compte", "votre compte", "mes commandes", "mi cuenta", "tu cuenta", "mis pedidos", "il mio account",
            "il tuo account", "i miei ordini", "mijn account", "mijn bestellingen", "minha conta", "meus pedidos",
        ],
        begins: &[],
    }),
    (PageKind::Support, Steps {
        path: &[
            "contact us", "contactus", "contact form", "help center", "helpcenter", "help centre", "helpcentre", "customer service", "customerservice",
            "customer support", "customer care", "customer help", "livechat", "live chat", "chat with us", "get help", "submit a request", "support ticket", "kontaktformular",
            "kundenservice", "kundendienst", "hilfe", "hilfecenter", "hilfe und kontakt", "hilfe kontakt", "contactez nous", "nous contacter",
            "service client", "serviceclient", "aide", "centre d aide", "contacto", "contactanos", "contactenos", "atencion al cliente", "ayuda",
            "centro de ayuda", "contatti", "contattaci", "assistenza", "assistenza clienti", "servizio clienti", "klantenservice", "contact opnemen",
            "fale conosco", "contacte nos", "atendimento", "ajuda", "central de ajuda", "suporte",
        ],
        first: &["contact", "kontakt", "help", "support", "contato", "hulp", "aiuto", "soporte", "assistance"],
        title: &[
            "contact us", "get in touch", "help center", "help centre", "customer service", "customer support", "customer care", "live chat",
            "chat with us", "how can we help", "how can we help you", "submit a request", "kontakt", "kontaktformular", "kundenservice", "hilfe und kontakt", "wie konnen wir helfen",
            "wie konnen wir ihnen helfen", "contactez nous", "nous contacter", "service client", "centre d aide", "contacto", "contactanos", "contactenos",
            "atencion al cliente", "centro de ayuda", "contatti", "contattaci", "servizio clienti", "assistenza clienti", "klantenservice",
            "neem contact op", "neem contact met ons op", "fale conosco", "atendimento ao cliente", "central de ajuda",
        ],
        begins: &[],
    }),
    (PageKind::Cart, Steps {
        path: &[
            "cart", "viewcart", "view cart", "shopping cart", "shoppingcart", "shopping basket", "shopping bag", "shoppingbag", "warenkorb", "einkaufswagen",
            "panier", "mon panier", "carrito", "carrito de compra", "carrello", "winkelwagen", "winkelmand", "winkelmandje", "carrinho",
        ],
        first: &["basket", "bag", "cesta", "sacola"],
        title: &[
            "cart", "your cart", "my cart", "shopping cart", "your shopping cart", "shopping basket", "your basket", "shopping bag", "your bag", "warenkorb", "mein warenkorb",
            "ihr warenkorb", "panier", "mon panier", "votre panier", "carrito", "carrito de compras", "tu carrito", "tu cesta", "mi cesta", "carrello", "il tuo carrello",
            "winkelwagen", "winkelmandje", "je winkelwagen", "carrinho", "carrinho de compras", "meu carrinho",
        ],
        begins: &[],
    }),
];

//! What a visitor looked for, as the address of the page of results says it.

use percent_encoding::percent_decode_str;

use super::{PageSigns, READ, SEGMENTS, segment};
use crate::words::{bounded, has, words as normal};

/// Terms that are told at most.
const MOST: usize = 4;

/// What was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    /// The terms, decoded.
    pub value: String,
    /// How they stand in the address: `its parameter 'q'`, `its path`.
    pub place: String,
}

/// Parameters that hold nothing else.
const TELLING: &[&str] = &[
    "q",
    "query",
    "search",
    "searchterm",
    "searchterms",
    "searchtext",
    "searchquery",
    "searchword",
    "searchphrase",
    "search term",
    "search query",
    "search text",
    "search keyword",
    "search words",
    "keyword",
    "keywords",
    "suchbegriff",
    "suche",
    "suchwort",
    "suchtext",
    "recherche",
    "busca",
    "buscar",
    "busqueda",
    "cerca",
    "ricerca",
    "zoeken",
    "zoekterm",
    "zoekwoord",
    "pesquisa",
    "ntt",
    "wd",
    "sq",
];
/// Parameters that do so on a page for searching only.
const ON_A_PAGE_FOR_SEARCHING: &[&str] =
    &["s", "k", "term", "terms", "text", "st", "sk", "w", "find", "p", "phrase"];
/// Segments of the path of a page for searching.
const PAGES: &[&str] = &[
    "search",
    "searchresults",
    "search results",
    "search result",
    "sitesearch",
    "site search",
    "catalogsearch",
    "s",
    "find",
    "suche",
    "suchen",
    "suchergebnis",
    "suchergebnisse",
    "recherche",
    "resultats",
    "resultats recherche",
    "buscar",
    "busca",
    "busqueda",
    "resultados",
    "cerca",
    "ricerca",
    "risultati",
    "zoeken",
    "zoek",
    "zoekresultaten",
    "pesquisa",
    "pesquisar",
    "procurar",
];
/// Segments after which the next one is what was looked for, where the title agrees.
const BEFORE_A_TERM: &[&str] = &[
    "search",
    "suche",
    "suchen",
    "recherche",
    "buscar",
    "busca",
    "busqueda",
    "cerca",
    "ricerca",
    "zoeken",
    "pesquisa",
];
/// Titles and headings of results.
const RESULTS: &[&str] = &[
    "search results",
    "search result",
    "results for",
    "result for",
    "you searched for",
    "searched for",
    "search for",
    "suchergebnisse",
    "suchergebnis",
    "suche nach",
    "ergebnisse fur",
    "resultats de recherche",
    "resultats de la recherche",
    "resultats pour",
    "recherche pour",
    "resultados de busqueda",
    "resultados de la busqueda",
    "resultados para",
    "risultati della ricerca",
    "risultati di ricerca",
    "risultati per",
    "zoekresultaten",
    "resultaten voor",
    "gezocht naar",
    "resultados da pesquisa",
    "resultados da busca",
    "resultado da busca",
    "pesquisa por",
    "busca por",
];
/// Segments behind `search` that are no terms.
const NO_TERMS: &[&str] = &[
    "results",
    "result",
    "advanced",
    "all",
    "page",
    "index",
    "products",
    "articles",
    "ergebnisse",
    "resultats",
    "resultados",
    "risultati",
    "resultaten",
];

/// The terms that an address holds, as a page of results. `says` are its title and headings: a path alone is believed
/// only where they agree.
pub fn search_terms(path: &str, query: &str, says: &[&str]) -> Vec<SearchTerm> {
    let segments: Vec<&str> =
        bounded(path, READ).split('/').filter(|s| !s.is_empty()).take(SEGMENTS).collect();
    let names: Vec<String> = segments.iter().map(|s| segment(s)).collect();
    let for_searching = names.iter().any(|n| PAGES.contains(&n.trim()));
    let root = segments.is_empty();
    let mut out: Vec<SearchTerm> = Vec::new();
    let mut add = |value: String, place: String| {
        let value = value.trim().to_owned();
        if is_words(&value) && out.len() < MOST && out.iter().all(|t| t.value != value) {
            out.push(SearchTerm { value, place });
        }
    };
    for pair in bounded(query, READ).split('&') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let name = decoded(name);
        let known = normal(&name);
        let known = known.trim();
        // WordPress searches at the root: `/?s=`.
        if TELLING.contains(&known)
            || ON_A_PAGE_FOR_SEARCHING.contains(&known) && for_searching
            || known == "s" && root
        {
            add(decoded(&value.replace('+', " ")), format!("its parameter '{}'", bounded(&name, 40)));
        }
    }
    let agrees = || says.iter().any(|t| RESULTS.iter().any(|r| has(&normal(bounded(t, READ)), r)));
    let before = names.iter().position(|n| BEFORE_A_TERM.contains(&n.trim()));
    if let Some(term) = before.and_then(|n| segments.get(n + 1)) {
        let term = decoded(&term.replace('+', " "));
        if !NO_TERMS.contains(&normal(&term).trim()) && agrees() {
            add(term, "its path".to_owned());
        }
    }
    out
}

/// Why it is a page of results.
pub(super) fn because(signs: &PageSigns<'_>) -> Option<String> {
    let says: Vec<&str> = std::iter::once(signs.title).chain(signs.headings.iter().copied()).collect();
    let terms = search_terms(signs.path, signs.query, &says);
    terms.first().map(|t| format!("{} holds search terms", t.place))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether it can be what somebody typed: a letter, and neither an address nor a token that a machine made.
fn is_words(value: &str) -> bool {
    let letters = value.chars().any(char::is_alphabetic);
    let token = !value.contains(' ') && value.len() > 24 && value.chars().any(|c| c.is_ascii_digit());
    letters
        && !token
        && !value.contains("://")
        && value.chars().count() <= 300
        && !value.contains(['{', '}', '='])
}

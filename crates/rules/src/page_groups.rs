//! Pages that are likely built alike, by the shape of their addresses: what one product page sends, the next will.
//!
//! A segment that reads as an id stands as `*`, and so do the children of a folder that holds many. Addresses that
//! differ in their query alone are one page here. It is a view and nothing else: no verdict rests on a group.

use std::collections::{BTreeMap, BTreeSet};

use affiant_record::Scenario;
use url::Url;

use crate::judgement::PageGroup;
use crate::visit_set::VisitSet;

/// Groups that a reader can take in.
const MOST: usize = 12;
/// Children of a folder that still stand apart.
const CHILDREN: usize = 3;
/// Pages directly below the host that still stand apart.
const AT_ROOT: usize = 8;
/// The group of what is left over.
const OTHER: &str = "other pages";

/// The groups of an audit's pages, in the order in which their first pages come; fewer than two tell nothing.
pub(crate) fn page_groups(set: &VisitSet) -> Vec<PageGroup> {
    let planned = set.planned.iter().map(|p| p.page.as_str());
    let seen = set.visits.iter().filter(|v| v.scenario != Scenario::Unknown).map(|v| v.url.as_str());
    let groups = grouped(planned.chain(seen), &set.start);
    if groups.len() < 2 { vec![] } else { groups }
}

fn grouped<'a>(pages: impl Iterator<Item = &'a str>, start: &str) -> Vec<PageGroup> {
    let home = Url::parse(start).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_default();
    let mut known = BTreeSet::new();
    let pages: Vec<&str> = pages.filter(|p| known.insert(*p)).collect();
    let paths: Vec<Path> = pages.iter().map(|p| Path::of(p)).collect();
    // Most of all, by shape; then by first folder; then the large ones alone.
    let shaped = shapes(&paths);
    let folders = || paths.iter().map(|p| (p.host.clone(), p.folder())).collect::<Vec<_>>();
    let keys = if distinct(&shaped) <= MOST { shaped } else { large_ones(folders()) };
    let mut out: Vec<PageGroup> = vec![];
    for (page, (host, path)) in pages.iter().zip(keys) {
        let name = if host == home || host.is_empty() { path } else { format!("{host}{path}") };
        match out.iter_mut().find(|g| g.name == name) {
            Some(g) => g.pages.push((*page).to_owned()),
            None => out.push(PageGroup { name, pages: vec![(*page).to_owned()] }),
        }
    }
    out
}

/// Host and path of a page.
struct Path {
    host: String,
    segments: Vec<String>,
}

type Key = (String, String);

impl Path {
    /// An address that is none is a page of its own.
    fn of(page: &str) -> Path {
        match Url::parse(page) {
            Ok(u) => Path {
                host: u.host_str().unwrap_or_default().to_owned(),
                segments: u
                    .path_segments()
                    .map(|all| all.filter(|s| !s.is_empty()).map(masked).collect())
                    .unwrap_or_default(),
            },
            Err(_) => Path { host: String::new(), segments: vec![page.to_owned()] },
        }
    }

    fn folder(&self) -> String {
        match self.segments.as_slice() {
            [] => "/".to_owned(),
            [only] => format!("/{only}"),
            [first, ..] => format!("/{first}/…"),
        }
    }
}

/// A segment, or `*` where it reads as an id: digits, a date, hexadecimal, a long slug.
fn masked(segment: &str) -> String {
    let digits = segment.chars().filter(char::is_ascii_digit).count();
    let id = (digits > 0 && segment.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '_' | '.')))
        || (segment.len() >= 8 && digits > 0 && segment.chars().all(|c| c.is_ascii_hexdigit() || c == '-'))
        || (digits >= 4 && digits * 3 >= segment.len())
        || (segment.len() > 30 && segment.matches(['-', '_']).count() >= 4);
    if id { "*".to_owned() } else { segment.to_owned() }
}

/// The shape of each path: the children of a full folder are `*`, from the left.
fn shapes(paths: &[Path]) -> Vec<Key> {
    let mut shapes: Vec<Vec<String>> = paths.iter().map(|p| p.segments.clone()).collect();
    let deepest = shapes.iter().map(Vec::len).max().unwrap_or(0);
    for depth in 0..deepest {
        // What stands below each folder; below the host itself, folders keep their names.
        let mut below: BTreeMap<(&str, Vec<String>, bool), BTreeSet<String>> = BTreeMap::new();
        for (path, shape) in paths.iter().zip(&shapes).filter(|(_, s)| s.len() > depth) {
            let last = shape.len() == depth + 1;
            let place = (path.host.as_str(), shape[..depth].to_vec(), last);
            below.entry(place).or_default().insert(shape[depth].clone());
        }
        let most = |last: bool| match (depth, last) {
            (0, true) => AT_ROOT,
            (0, false) => MOST,
            _ => CHILDREN,
        };
        let full: BTreeSet<_> = below
            .into_iter()
            .filter(|((_, _, l), all)| all.len() > most(*l))
            .map(|(place, _)| place)
            .collect();
        for (path, shape) in paths.iter().zip(&mut shapes).filter(|(_, s)| s.len() > depth) {
            if full.contains(&(path.host.as_str(), shape[..depth].to_vec(), shape.len() == depth + 1)) {
                shape[depth] = "*".to_owned();
            }
        }
    }
    paths.iter().zip(shapes).map(|(p, s)| (p.host.clone(), format!("/{}", s.join("/")))).collect()
}

fn distinct(keys: &[Key]) -> usize {
    keys.iter().collect::<BTreeSet<_>>().len()
}

/// The groups with the most pages keep their names, the rest stand together.
fn large_ones(mut keys: Vec<Key>) -> Vec<Key> {
    let mut sizes: BTreeMap<Key, (usize, usize)> = BTreeMap::new();
    for (nth, key) in keys.iter().enumerate() {
        sizes.entry(key.clone()).or_insert((0, nth)).0 += 1;
    }
    if sizes.len() <= MOST {
        return keys;
    }
    let mut all: Vec<_> = sizes.into_iter().collect();
    all.sort_by_key(|(_, (n, first))| (std::cmp::Reverse(*n), *first));
    let kept: BTreeSet<Key> = all.into_iter().take(MOST - 1).map(|(key, _)| key).collect();
    for key in keys.iter_mut().filter(|k| !kept.contains(k)) {
        *key = (String::new(), OTHER.to_owned());
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(pages: &[&str]) -> Vec<(String, usize)> {
        let start = "https://shop.example/";
        let groups = grouped(pages.iter().copied(), start);
        groups.into_iter().map(|g| (g.name, g.pages.len())).collect()
    }

    fn named(all: &[(&str, usize)]) -> Vec<(String, usize)> {
        all.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
    }

    #[test]
    fn a_few_pages_stand_for_themselves() {
        let pages = ["https://shop.example/", "https://shop.example/cart", "https://help.shop.example/"];
        assert_eq!(of(&pages), named(&[("/", 1), ("/cart", 1), ("help.shop.example/", 1)]));
    }

    #[test]
    fn ids_and_full_folders_are_one() {
        let pages = [
            "https://shop.example/product/1001",
            "https://shop.example/product/1002?color=red",
            "https://shop.example/blog/2026/05/why-we-care",
            "https://shop.example/blog/2025/11/another-thing",
            "https://shop.example/shoes/a",
            "https://shop.example/shoes/b",
            "https://shop.example/shoes/c",
            "https://shop.example/shoes/d",
            "https://shop.example/shoes/d?size=9",
        ];
        let blog = [("/blog/*/*/why-we-care", 1), ("/blog/*/*/another-thing", 1)];
        assert_eq!(of(&pages), named(&[("/product/*", 2), blog[0], blog[1], ("/shoes/*", 5)]));
    }

    #[test]
    fn many_folders_leave_the_large_ones_and_the_rest() {
        let mut pages: Vec<String> = (0..40).map(|n| format!("https://shop.example/f{n}x/page")).collect();
        pages.extend((0..3).map(|n| format!("https://shop.example/f7x/page/{n}/x/y")));
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        let groups = of(&pages);
        assert!(groups.len() <= MOST, "{groups:?}");
        assert_eq!(groups.iter().map(|(_, n)| n).sum::<usize>(), 43);
    }

    proptest! {
        #[test]
        fn every_page_is_in_one_group(pages in prop::collection::btree_set("(https://(a|b)\\.example)?(/[a-z0-9-]{0,40}){0,5}(\\?[a-z]{0,2})?", 0..60)) {
            let groups = grouped(pages.iter().map(String::as_str), "https://a.example/");
            prop_assert!(groups.len() <= MOST);
            let mut all: Vec<String> = groups.iter().flat_map(|g| g.pages.clone()).collect();
            all.sort();
            prop_assert_eq!(all, pages.into_iter().collect::<Vec<_>>());
        }
    }
}

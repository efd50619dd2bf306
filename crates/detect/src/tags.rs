//! Tags: which requests are one deployed instance of a vendor. A tag has at least one request: nobody is named
//! by a cookie or a global alone.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::chain::Causes;
use crate::facts::{RequestFact, TagFact, VendorRef};

/// What a request tells of its tag.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// File of the catalogue, where the vendor is from our own.
    pub(crate) family: Option<usize>,
    /// Account, where this request tells it.
    pub(crate) account: Option<String>,
}

/// Groups requests into tags, and writes each request's tag into it.
pub(crate) fn group(requests: &mut [RequestFact], told: &[Told], causes: &Causes) -> Vec<TagFact> {
    let accounts = accounts(told, causes);
    let mut tags: IndexMap<(VendorRef, Option<String>), TagFact> = IndexMap::new();
    for (i, request) in requests.iter_mut().enumerate() {
        let Some(vendor) = request.vendor.clone() else { continue };
        let account = accounts.get(i).cloned().flatten();
        let entry = tags.entry((vendor.clone(), account.clone()));
        request.tag = Some(entry.index());
        let tag = entry.or_insert_with(|| TagFact {
            vendor,
            account: account.map(Into::into),
            hosts: Vec::new(),
            requests: Vec::new(),
            chain: causes.chain(i),
            party: request.party,
        });
        tag.requests.push(i);
        if !tag.hosts.contains(&request.host) {
            tag.hosts.push(request.host.clone());
        }
    }
    tags.into_values().collect()
}

/// The account of each request: its own word; else that of the nearest cause of the same vendor; else the only
/// one that the vendor has in this visit.
fn accounts(told: &[Told], causes: &Causes) -> Vec<Option<String>> {
    let mut known: IndexMap<usize, BTreeSet<&str>> = IndexMap::new();
    for t in told {
        if let (Some(family), Some(account)) = (t.family, &t.account) {
            known.entry(family).or_default().insert(account);
        }
    }
    let mut out: Vec<Option<String>> = Vec::with_capacity(told.len());
    for (i, t) in told.iter().enumerate() {
        let account = t.account.clone().or_else(|| {
            let family = t.family?;
            let mut at = i;
            while let Some(by) = causes.list.get(at).and_then(|c| c.by).filter(|by| *by < at) {
                at = by;
                if told.get(at).is_some_and(|x| x.family == Some(family))
                    && let Some(found) = out.get(at).cloned().flatten()
                {
                    return Some(found);
                }
            }
            let all = known.get(&family)?;
            if all.len() == 1 { all.first().map(|a| (*a).to_owned()) } else { None }
        });
        out.push(account);
    }
    out
}

#[cfg(test)]
mod tests {
    use affiant_record::Observation;

    use crate::facts::{Class, Party, VisitFacts};
    use crate::sample::{other, parser, record, request, script};
    use crate::{Catalog, facts};

    const PAGE: &str = "https://www.shop.test/";

    fn of(requests: &[(&str, &str, &[&str])]) -> VisitFacts {
        let mut lines = vec![(1.0, Observation::Request(request("page", PAGE, "Document", other())))];
        for (i, (url, ty, by)) in requests.iter().enumerate() {
            let initiator = if by.is_empty() { parser(PAGE) } else { script(by) };
            let t = f64::from(u32::try_from(i).unwrap()) + 2.0;
            lines.push((t, Observation::Request(request(&i.to_string(), url, ty, initiator))));
        }
        facts(&record(PAGE, lines), "v", Catalog::embedded(), None)
    }

    #[test]
    fn instances_by_account_and_what_tells_none_goes_with_its_cause() {
        const GTM: &str = "https://www.googletagmanager.com/gtm.js?id=GTM-ABC123";
        const CLARITY: &str = "https://www.clarity.ms/tag/proj1";
        const SDK: &str = "https://www.clarity.ms/s/0.8.70/clarity.js";
        let f = of(&[
            (GTM, "Script", &[]),
            (CLARITY, "Script", &[GTM]),
            (SDK, "Script", &[CLARITY]),
            ("https://t.clarity.ms/collect", "XHR", &[SDK]),
            ("https://www.facebook.com/tr/?id=111&ev=PageView", "Image", &[]),
            ("https://www.facebook.com/tr/?id=222&ev=PageView", "Image", &[]),
            ("https://connect.facebook.net/en_US/fbevents.js", "Script", &[]),
            ("https://unknown.vendor.test/x", "Image", &[]),
        ]);
        let tags: Vec<_> = f
            .tags
            .iter()
            .map(|t| (t.vendor.name.as_str(), t.account.as_deref(), t.requests.clone()))
            .collect();
        assert_eq!(
            tags,
            [
                ("Google Tag Manager", Some("GTM-ABC123"), vec![1]),
                ("Microsoft Clarity", Some("proj1"), vec![2, 3, 4]),
                ("Meta Pixel (incl. Automatic Advanced Matching)", Some("111"), vec![5]),
                ("Meta Pixel (incl. Automatic Advanced Matching)", Some("222"), vec![6]),
                ("Meta Pixel (incl. Automatic Advanced Matching)", None, vec![7]),
            ]
        );
        assert_eq!(f.tags[1].chain, [0, 1, 2]);
        assert_eq!(f.tags[1].hosts, ["www.clarity.ms", "t.clarity.ms"]);
        assert_eq!(f.tags[1].party, Party::Third);
        assert_eq!(f.requests[4].tag, Some(1));
        assert_eq!((f.requests[8].vendor.clone(), f.requests[8].tag), (None, None));
    }

    #[test]
    fn products_share_their_vendors_account() {
        const LIB: &str = "https://cdn.mxpnl.com/libs/mixpanel-2-latest.min.js";
        let f = of(&[
            (LIB, "Script", &[]),
            ("https://api-js.mixpanel.com/record/?seq=0", "XHR", &[LIB]),
            ("https://api-js.mixpanel.com/settings/?token=tok1", "XHR", &[LIB]),
        ]);
        let tags: Vec<_> =
            f.tags.iter().map(|t| (t.vendor.name.as_str(), t.vendor.class, t.account.as_deref())).collect();
        assert_eq!(
            tags,
            [
                ("Mixpanel", Class::Analytics, Some("tok1")),
                ("Mixpanel Session Replay", Class::SessionReplay, Some("tok1")),
            ]
        );
    }
}

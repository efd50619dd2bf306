//! What the guard knows of each host: where it connected to, or why it did not. The record is told from it.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Trouble;
use super::asked::Asked;

/// Hosts that are remembered; of more, those that came first are forgotten.
const HOSTS: usize = 20_000;
/// Addresses that are remembered of one host.
const ADDRESSES: usize = 16;

/// The memory of one browser's guard.
pub(crate) struct Told {
    /// Where the guard itself listens.
    pub(crate) at: SocketAddr,
    hosts: Mutex<Hosts>,
}

#[derive(Default)]
struct Hosts {
    of: HashMap<Asked, Known>,
    order: VecDeque<Asked>,
}

#[derive(Default, Clone)]
struct Known {
    /// The latest last.
    reached: Vec<SocketAddr>,
    trouble: Option<Trouble>,
}

/// Where an answer came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The address, or the latest where it is one of several.
    pub(crate) at: SocketAddr,
    /// All that this host was reached at, if they are several: then which one answered is not known for sure.
    pub(crate) one_of: Vec<SocketAddr>,
}

impl Told {
    pub(super) fn new(at: SocketAddr) -> Told {
        Told { at, hosts: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Hosts> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, asked: &Asked, came: Result<SocketAddr, Trouble>) {
        let mut hosts = self.lock();
        if !hosts.of.contains_key(asked) {
            if hosts.order.len() >= HOSTS
                && let Some(oldest) = hosts.order.pop_front()
            {
                hosts.of.remove(&oldest);
            }
            hosts.order.push_back(asked.clone());
        }
        let known = hosts.of.entry(asked.clone()).or_default();
        match came {
            Ok(at) => {
                known.trouble = None;
                known.reached.retain(|a| *a != at);
                if known.reached.len() >= ADDRESSES {
                    known.reached.remove(0);
                }
                known.reached.push(at);
            }
            Err(trouble) => known.trouble = Some(trouble),
        }
    }

    /// Where the host of this address was reached.
    pub(crate) fn reached(&self, url: &str) -> Option<Reached> {
        let reached = self.lock().of.get(&Asked::of(url)?)?.reached.clone();
        let at = *reached.last()?;
        Some(Reached { at, one_of: if reached.len() > 1 { reached } else { Vec::new() } })
    }

    /// Why the host of this address could not be connected to, the last time.
    pub(crate) fn trouble(&self, url: &str) -> Option<Trouble> {
        self.lock().of.get(&Asked::of(url)?)?.trouble.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_host() {
        let told = Told::new("127.0.0.1:1".parse().unwrap());
        let (a, b): (SocketAddr, SocketAddr) =
            ("8.8.8.8:443".parse().unwrap(), "8.8.4.4:443".parse().unwrap());
        let asked = Asked::of("https://a.test/").unwrap();
        assert_eq!(told.reached("https://a.test/x"), None);
        told.note(&asked, Ok(a));
        told.note(&asked, Ok(a));
        assert_eq!(told.reached("wss://A.test./x"), Some(Reached { at: a, one_of: vec![] }));
        assert_eq!(told.reached("http://a.test/x"), None);
        told.note(&asked, Ok(b));
        assert_eq!(told.reached("https://a.test/x"), Some(Reached { at: b, one_of: vec![a, b] }));
        told.note(&asked, Err(Trouble::Refused("it is private".into())));
        assert!(matches!(told.trouble("https://a.test/"), Some(Trouble::Refused(_))));
        told.note(&asked, Ok(b));
        assert_eq!(told.trouble("https://a.test/"), None);
        for port in 1..=u16::MAX {
            told.note(&Asked { host: asked.host.clone(), port }, Ok(a));
        }
        assert!(told.lock().of.len() <= HOSTS && told.lock().order.len() <= HOSTS);
    }
}

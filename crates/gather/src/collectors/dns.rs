//! What the name system says of the hosts under the page's own domain: a name there may lead to somebody else.
//!
//! Asked by affiant itself, not by the browser, while the page is left. Whose the names are is not judged here.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use affiant_record::Observation;
use affiant_record::footer::CollectorStatus;
use affiant_record::footer::collectors::DNS;
use affiant_record::network::DnsAnswer;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use url::{Host, Url};

use crate::GatherError;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

/// Hosts that are kept of one visit at most.
const MET: usize = 2000;
/// Hosts that are asked for in one visit at most.
const HOSTS: usize = 100;
/// How long one question may take, both tries together.
const PATIENCE: Duration = Duration::from_secs(4);
/// The error of a name that the servers say does not exist: that is an answer too.
const NO_SUCH: &str = "no such name";
/// Longest chain of names that is followed.
const CHAIN: usize = 16;
/// Addresses that are kept of one answer.
const ADDRESSES: usize = 16;

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

/// The hosts of a visit, and how far the name servers were asked for them.
#[derive(Default)]
pub(crate) struct Met {
    hosts: BTreeSet<String>,
    status: Option<CollectorStatus>,
}

impl Met {
    /// Keeps the host of an address.
    pub(super) fn meet(&mut self, url: &str) {
        if self.hosts.len() < MET
            && let Some(host) = Url::parse(url).ok().as_ref().and_then(host)
        {
            self.hosts.insert(host);
        }
    }
}

fn status(visit: &Visit, _: &Reach) -> Option<Status> {
    Some((DNS, visit.dns.status.clone().unwrap_or(CollectorStatus::NotRun)))
}

/// Who is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Dns {
    /// The servers of this machine (`/etc/resolv.conf`), where the browser's answers are theirs too.
    #[default]
    System,
    /// This server, whatever the browser asks.
    Server(SocketAddr),
    /// Nobody.
    Off,
}

impl FromStr for Dns {
    type Err = GatherError;

    /// `system`, `off`, or a server's address with or without its port.
    fn from_str(text: &str) -> Result<Dns, GatherError> {
        match text {
            "system" => return Ok(Dns::System),
            "off" => return Ok(Dns::Off),
            _ => {}
        }
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        text.parse()
            .or_else(|_| bare.parse().map(|ip| SocketAddr::new(ip, 53)))
            .map(Dns::Server)
            .map_err(|_| GatherError::BadDns(text.to_owned()))
    }
}

/// Asks, and remembers the answers of an audit.
pub(crate) struct Names {
    resolver: Result<TokioResolver, String>,
    asked: String,
    /// Overridden hosts (`--resolve`), of which this machine's servers know nothing.
    overridden: Vec<String>,
    known: Mutex<HashMap<String, DnsAnswer>>,
}

impl Names {
    /// `elsewhere`: why the browser's answers are not those of this machine, where they are not.
    pub(crate) fn new(dns: &Dns, elsewhere: Option<&str>, resolve: &[String]) -> Names {
        let mut overridden: Vec<String> =
            resolve.iter().filter_map(|r| Some(r.split_once(':')?.0.to_owned())).collect();
        let made = match (dns, elsewhere) {
            (Dns::Off, _) => Err("switched off".to_owned()),
            (Dns::System, Some(why)) => Err(why.to_owned()),
            (Dns::System, None) => system(),
            (Dns::Server(at), _) => {
                overridden.clear();
                server(*at)
            }
        };
        let (resolver, asked) = match made {
            Ok((r, asked)) => (Ok(r), asked),
            Err(why) => (Err(why), String::new()),
        };
        Names { resolver, asked, overridden, known: Mutex::default() }
    }

    /// For the record's settings: who is asked, or why nobody is.
    pub(crate) fn describe(&self) -> String {
        match &self.resolver {
            Ok(_) => self.asked.clone(),
            Err(why) => format!("not asked: {why}"),
        }
    }

    async fn ask(&self, resolver: &TokioResolver, host: &str) -> DnsAnswer {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(host) {
            return known.clone();
        }
        let mut answer = DnsAnswer { host: host.to_owned(), asked: self.asked.clone(), ..Default::default() };
        match Name::from_ascii(format!("{host}.")) {
            Err(e) => answer.error = Some(e.to_string()),
            Ok(name) => {
                let told = tokio::time::timeout(PATIENCE, records(resolver, &name)).await;
                match told {
                    Ok(Ok(records)) => (answer.aliases, answer.addresses) = follow(&name, &records),
                    Ok(Err(e)) => answer.error = Some(e),
                    Err(_) => answer.error = Some(format!("no answer within {} s", PATIENCE.as_secs())),
                }
            }
        }
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned(), answer.clone());
        answer
    }
}

fn system() -> Result<(TokioResolver, String), String> {
    let (config, _) = hickory_resolver::system_conf::read_system_conf()
        .map_err(|e| format!("this machine's servers are not known (/etc/resolv.conf): {e}"))?;
    let servers: Vec<String> = config.name_servers().iter().map(|s| s.ip.to_string()).collect();
    Ok((
        build(ResolverConfig::from_parts(None, Vec::new(), config.name_servers().to_vec()))?,
        servers.join(", "),
    ))
}

fn server(at: SocketAddr) -> Result<(TokioResolver, String), String> {
    let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for c in &mut connections {
        c.port = at.port();
    }
    let server = NameServerConfig::new(at.ip(), true, connections.into());
    Ok((build(ResolverConfig::from_parts(None, Vec::new(), vec![server]))?, at.to_string()))
}

fn build(config: ResolverConfig) -> Result<TokioResolver, String> {
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.timeout = PATIENCE / 2;
    options.attempts = 1;
    options.use_hosts_file = ResolveHosts::Never;
    options.preserve_intermediates = true;
    builder.build().map_err(|e| e.to_string())
}

/// Addresses with the names on the way; where there are none, the first alias alone.
async fn records(resolver: &TokioResolver, name: &Name) -> Result<Vec<Record>, String> {
    let mut first = None;
    for kind in [RecordType::A, RecordType::AAAA, RecordType::CNAME] {
        match resolver.lookup(name.clone(), kind).await {
            Ok(found) => return Ok(found.answers().to_vec()),
            Err(e) => {
                let none = e.is_nx_domain() || e.is_no_records_found();
                first.get_or_insert(if none { NO_SUCH.to_owned() } else { e.to_string() });
            }
        }
    }
    Err(first.unwrap_or_default())
}

/// The chain of aliases from a name on, and the addresses.
fn follow(name: &Name, records: &[Record]) -> (Vec<String>, Vec<String>) {
    let mut aliases = Vec::new();
    let mut at = name.clone();
    while aliases.len() < CHAIN {
        let next = records.iter().find_map(|r| match &r.data {
            RData::CNAME(to) if r.name == at => Some(to.0.clone()),
            _ => None,
        });
        let Some(to) = next else { break };
        aliases.push(to.to_ascii().trim_end_matches('.').to_ascii_lowercase());
        at = to;
    }
    let addresses = records.iter().filter_map(|r| match &r.data {
        RData::A(a) => Some(a.0.to_string()),
        RData::AAAA(a) => Some(a.0.to_string()),
        _ => None,
    });
    (aliases, addresses.take(ADDRESSES).collect())
}

/// Hosts of the visit under the page's registrable domain, the page's own left out: those to ask for, and those that
/// `--resolve` leads elsewhere.
fn hosts(shared: &Shared, page: &str, overridden: &[String]) -> (Vec<String>, Vec<String>) {
    let Some(own) = Url::parse(page).ok().and_then(|u| host(&u)) else { return Default::default() };
    let Some(domain) = psl::domain_str(&own) else { return Default::default() };
    let below = |h: &str| h == domain || h.strip_suffix(domain).is_some_and(|front| front.ends_with('.'));
    let state = shared.lock();
    let all = state.visit.dns.hosts.iter().filter(|h| **h != own && below(h));
    all.cloned().partition(|h| !overridden.iter().any(|o| o == "*" || o.eq_ignore_ascii_case(h)))
}

/// The host of an address, where it is a name.
fn host(url: &Url) -> Option<String> {
    match url.host() {
        Some(Host::Domain(d)) => Some(d.trim_end_matches('.').to_ascii_lowercase()),
        _ => None,
    }
}

/// Asks for every such host, and writes the answers down. The collector's status is set when all are in.
pub(crate) fn collect(shared: &Arc<Shared>, names: &Arc<Names>, page: &str) {
    if names.resolver.is_err() {
        return;
    }
    let (mut wanted, led) = hosts(shared, page, &names.overridden);
    if wanted.is_empty() && !led.is_empty() {
        return;
    }
    let left_out = wanted.len().saturating_sub(HOSTS);
    wanted.truncate(HOSTS);
    let (me, names) = (Arc::clone(shared), Arc::clone(names));
    me.lock().visit.dns.status =
        Some(CollectorStatus::Failed { reason: "the name servers were not waited for to the end".into() });
    shared.follow_up(async move {
        let Ok(resolver) = &names.resolver else { return };
        let mut answers: FuturesUnordered<_> = wanted.iter().map(|h| names.ask(resolver, h)).collect();
        let mut failed = 0;
        while let Some(answer) = answers.next().await {
            failed += usize::from(answer.error.as_deref().is_some_and(|e| e != NO_SUCH));
            me.recorder.record(When::Now, Observation::DnsAnswer(answer));
        }
        let status = match (failed, left_out) {
            (0, 0) if led.is_empty() => CollectorStatus::Gathered,
            (0, 0) => CollectorStatus::Truncated {
                reason: format!("{} hosts of --resolve were not asked for", led.len()),
            },
            (0, n) => CollectorStatus::Truncated {
                reason: format!("{n} hosts more than {HOSTS} were not asked for"),
            },
            (f, _) => CollectorStatus::Truncated {
                reason: format!("{f} of {} hosts were not answered for", wanted.len()),
            },
        };
        me.lock().visit.dns.status = Some(status);
    });
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::rdata::{A, CNAME};

    use super::*;

    fn name(s: &str) -> Name {
        Name::from_ascii(s).unwrap()
    }

    #[test]
    fn who_is_asked() {
        assert_eq!("system".parse::<Dns>().unwrap(), Dns::System);
        assert_eq!("off".parse::<Dns>().unwrap(), Dns::Off);
        assert_eq!("192.0.2.1".parse::<Dns>().unwrap(), Dns::Server("192.0.2.1:53".parse().unwrap()));
        assert_eq!("[::1]:5353".parse::<Dns>().unwrap(), Dns::Server("[::1]:5353".parse().unwrap()));
        assert_eq!("::1".parse::<Dns>().unwrap(), Dns::Server("[::1]:53".parse().unwrap()));
        assert!("dns.example".parse::<Dns>().is_err() && "".parse::<Dns>().is_err());
    }

    #[test]
    fn where_the_browser_asks_others_this_machine_is_not_asked() {
        let n = Names::new(&Dns::System, Some("the browser uses a proxy"), &[]);
        assert_eq!(n.describe(), "not asked: the browser uses a proxy");
        let n = Names::new(&Dns::Off, None, &[]);
        assert!(n.resolver.is_err());
    }

    #[test]
    fn chains_in_any_order_and_circles_end() {
        let cname = |a: &str, b: &str| Record::from_rdata(name(a), 60, RData::CNAME(CNAME(name(b))));
        let a = Record::from_rdata(name("end.test."), 60, RData::A(A::new(192, 0, 2, 1)));
        let records = [a, cname("b.test.", "End.test."), cname("m.shop.test.", "b.test.")];
        let (aliases, addresses) = follow(&name("m.shop.test."), &records);
        assert_eq!(aliases, ["b.test", "end.test"]);
        assert_eq!(addresses, ["192.0.2.1"]);
        let circle = [cname("a.test.", "b.test."), cname("b.test.", "a.test.")];
        assert_eq!(follow(&name("a.test."), &circle).0.len(), CHAIN);
    }

    /// Answers one alias; says of other names that they do not exist.
    async fn serve(socket: tokio::net::UdpSocket) {
        use hickory_resolver::proto::op::{Message, ResponseCode};
        let mut packet = [0; 2048];
        while let Ok((n, from)) = socket.recv_from(&mut packet).await {
            let question = Message::from_vec(&packet[..n]).unwrap();
            let mut m = Message::response(question.metadata.id, question.metadata.op_code);
            m.queries = question.queries.clone();
            if question.queries[0].name() == &name("metrics.shop.test.") {
                let to = name("shop.tracker.test.");
                m.add_answer(Record::from_rdata(
                    name("metrics.shop.test."),
                    60,
                    RData::CNAME(CNAME(to.clone())),
                ));
                m.add_answer(Record::from_rdata(to, 60, RData::A(A::new(192, 0, 2, 7))));
            } else {
                m.metadata.response_code = ResponseCode::NXDomain;
            }
            socket.send_to(&m.to_vec().unwrap(), from).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_real_server_is_asked_and_what_it_does_not_know_is_an_error() {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at = socket.local_addr().unwrap();
        tokio::spawn(serve(socket));
        let names = Names::new(&Dns::Server(at), Some("elsewhere"), &["*:443:127.0.0.1".to_owned()]);
        let resolver = names.resolver.as_ref().unwrap();
        let known = names.ask(resolver, "metrics.shop.test").await;
        assert_eq!(
            (known.error.as_deref(), &known.aliases[..]),
            (None, &["shop.tracker.test".to_owned()][..])
        );
        assert_eq!((known.addresses, known.asked), (vec!["192.0.2.7".to_owned()], at.to_string()));
        let unknown = names.ask(resolver, "nothing.shop.test").await;
        assert_eq!(unknown.error.as_deref(), Some(NO_SUCH));
        assert_eq!(names.known.lock().unwrap().len(), 2);
    }
}

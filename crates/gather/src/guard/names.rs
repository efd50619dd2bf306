//! Where names lead: first the overrides of the request, then `/etc/hosts`, then this machine's name servers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;

use super::Trouble;
use super::asked::{Asked, Host};
use crate::GatherError;
use crate::browser::switches::Override;

/// How long one name may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server is waited for, each of two times.
const SERVER: Duration = Duration::from_secs(4);

/// Whose answers count.
pub(super) struct Names {
    resolver: Result<TokioResolver, String>,
    overrides: Vec<Override>,
}

impl Names {
    /// `server`: asked in the place of this machine's own.
    pub(super) fn new(resolve: &[String], server: Option<SocketAddr>) -> Result<Names, GatherError> {
        let overrides = resolve.iter().map(|r| Override::read(r)).collect::<Result<_, _>>()?;
        let made = match server {
            Some(at) => {
                let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                for c in &mut connections {
                    c.port = at.port();
                }
                let server = NameServerConfig::new(at.ip(), true, connections.into());
                Ok((ResolverConfig::from_parts(None, Vec::new(), vec![server]), ResolverOpts::default()))
            }
            None => hickory_resolver::system_conf::read_system_conf()
                .map_err(|e| format!("this machine's name servers are not known (/etc/resolv.conf): {e}")),
        };
        Ok(Names { resolver: made.and_then(|(config, options)| build(config, options)), overrides })
    }

    /// What the request's overrides make of it.
    pub(super) fn led(&self, asked: &Asked) -> Result<Asked, Trouble> {
        let host = asked.host.to_string();
        let Some(found) = self.overrides.iter().find(|o| o.is_of(&host, asked.port)) else {
            return Ok(asked.clone());
        };
        Asked::read(&found.to, found.to_port.unwrap_or(asked.port)).map_err(Trouble::Failed)
    }

    /// The addresses of a host, in the order in which they are to be tried.
    pub(super) async fn addresses(&self, host: &Host) -> Result<Vec<IpAddr>, Trouble> {
        let name = match host {
            Host::Ip(ip) => return Ok(vec![*ip]),
            Host::Name(name) => name,
        };
        if name == "localhost" || name.ends_with(".localhost") {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let resolver = self.resolver.as_ref().map_err(|why| Trouble::Failed(why.clone()))?;
        match tokio::time::timeout(PATIENCE, resolver.lookup_ip(name.as_str())).await {
            Ok(Ok(found)) => match found.iter().collect::<Vec<_>>() {
                none if none.is_empty() => Err(Trouble::NoSuchName(name.clone())),
                some => Ok(some),
            },
            Ok(Err(e)) if e.is_nx_domain() || e.is_no_records_found() => {
                Err(Trouble::NoSuchName(name.clone()))
            }
            Ok(Err(e)) => Err(Trouble::Failed(format!("{name} could not be looked up: {e}"))),
            Err(_) => Err(Trouble::Failed(format!(
                "{name} could not be looked up: no answer within {} s",
                PATIENCE.as_secs()
            ))),
        }
    }
}

fn build(config: ResolverConfig, options: ResolverOpts) -> Result<TokioResolver, String> {
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let o = builder.options_mut();
    *o = options;
    o.timeout = SERVER;
    o.attempts = 2;
    o.use_hosts_file = ResolveHosts::Always;
    o.ip_strategy = LookupIpStrategy::Ipv6AndIpv4;
    builder.build().map_err(|e| e.to_string())
}

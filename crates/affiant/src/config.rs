//! `affiant.toml`: what an installation sets once. A flag goes before the environment, the environment before the file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use affiant_engine::jobs::{Delivery, Mail, Secured};

use affiant_gather::{Allowed, Trust};
use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;

/// Where the web pages are served, unless told otherwise: to this machine alone.
pub(crate) const LISTEN: &str = "127.0.0.1:8640";
/// Name of the file.
const FILE: &str = "affiant.toml";

/// What the file says. A word that is not known is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) store: StoreConfig,
    pub(crate) browser: BrowserConfig,
    pub(crate) limits: Limits,
    pub(crate) mail: Option<MailConfig>,
    pub(crate) server: ServerConfig,
    pub(crate) tls: TlsConfig,
    /// Where it was read; none where there is no file.
    #[serde(skip)]
    pub(crate) from: Option<PathBuf>,
}

/// `[store]`: where audits are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StoreConfig {
    /// As `--store`.
    pub(crate) place: Option<String>,
    /// As `--store-folder`.
    pub(crate) folder: Option<PathBuf>,
}

/// `[browser]`: what pages are visited with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BrowserConfig {
    /// As `--browser`.
    pub(crate) program: Option<String>,
    /// As `--proxy`.
    pub(crate) proxy: Option<String>,
}

/// `[mail]`: the server that takes e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailConfig {
    /// Its name.
    server: String,
    /// Its port. Default: 587, 465 or 25, by `tls`.
    port: Option<u16>,
    /// How the way to it is secured.
    #[serde(default)]
    tls: MailTls,
    /// Who logs in.
    user: Option<String>,
    /// With what; AFFIANT_MAIL_PASSWORD keeps it out of the file.
    password: Option<Secret>,
    /// Whom messages are from.
    from: String,
}

/// How the way to a mail server is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MailTls {
    #[default]
    StartTls,
    Tls,
    None,
}

/// What logs must not hold.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// `[server]`: how affiant is reached, and whom it may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServerConfig {
    /// As `--url`: where browsers reach it; links in messages lead there.
    pub(crate) url: Option<String>,
    /// As `--listen`.
    pub(crate) listen: Option<String>,
    /// Hosts that web hooks may reach although their addresses are private, and without TLS; written like `limits.allow_hosts`.
    hook_hosts: Vec<String>,
}

/// `[tls]`: whose certificates servers may have that affiant sends messages to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TlsConfig {
    /// PEM file with authorities that are trusted beside this machine's own.
    ca: Option<PathBuf>,
}

impl TlsConfig {
    fn trust(&self) -> anyhow::Result<Trust> {
        let Some(path) = &self.ca else { return Ok(Trust::default()) };
        let pem = std::fs::read(path).with_context(|| format!("tls.ca: cannot read {}", path.display()))?;
        Trust::and(&pem).map_err(|why| anyhow!("tls.ca: {}: {why}", path.display()))
    }
}

/// `[limits]`: how much of the machine is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// As `--parallel`: from 1 to 64.
    pub(crate) parallel: Option<u32>,
    /// Sessions that visit one site at once, of all workers together: from 1 to 64.
    per_site: Option<u32>,
    /// Hosts that `affiant worker --only-public` visits wherever they lead: `HOST`, `*.HOST` or an address, each with or without
    /// `:PORT`.
    pub(crate) allow_hosts: Vec<String>,
}

/// Sessions that visit one site at once, unless the file says otherwise.
const PER_SITE: u32 = 8;

impl Limits {
    /// Sessions that visit one site at once, of all workers together.
    pub(crate) fn per_site(&self) -> usize {
        self.per_site.unwrap_or(PER_SITE) as usize
    }
}

/// A setting, and where it comes from.
pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) from: &'static str,
}

impl Config {
    /// Reads the file that `--config` or AFFIANT_CONFIG names, which must be there; else `affiant.toml` here, else the user's
    /// own; else there is none.
    pub(crate) fn load(named: Option<&Path>) -> anyhow::Result<Config> {
        if let Some(path) =
            named.map(Path::to_owned).or_else(|| variable("AFFIANT_CONFIG").map(PathBuf::from))
        {
            return Config::read(&path);
        }
        let own = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
        let own = own.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
        let usual = [Some(PathBuf::from(FILE)), own.map(|own| own.join("affiant").join(FILE))];
        match usual.into_iter().flatten().find(|path| path.is_file()) {
            Some(path) => Config::read(&path),
            None => Ok(Config::default()),
        }
    }

    fn read(path: &Path) -> anyhow::Result<Config> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        let config =
            Config::parse(&text).with_context(|| format!("the configuration {} is wrong", path.display()))?;
        Ok(Config { from: Some(path.to_owned()), ..config })
    }

    fn parse(text: &str) -> anyhow::Result<Config> {
        let config: Config = toml::from_str(text)?;
        for (name, n) in [("parallel", config.limits.parallel), ("per_site", config.limits.per_site)] {
            if n.is_some_and(|n| !(1..=64).contains(&n)) {
                bail!("limits.{name}: a number from 1 to 64 is needed");
            }
        }
        Allowed::read(&config.limits.allow_hosts).context("limits.allow_hosts")?;
        Allowed::read(&config.server.hook_hosts).context("server.hook_hosts")?;
        Ok(config)
    }

    /// What pages are visited with, where no flag says it.
    pub(crate) fn browser(&self) -> Option<String> {
        variable("AFFIANT_BROWSER").or_else(|| self.browser.program.clone())
    }

    /// The proxy, where no flag says it.
    pub(crate) fn proxy(&self) -> Option<String> {
        variable("AFFIANT_PROXY").or_else(|| self.browser.proxy.clone())
    }

    /// The store, where no flag says it.
    pub(crate) fn store(&self) -> Option<String> {
        variable("AFFIANT_STORE").or_else(|| self.store.place.clone())
    }

    /// The folder of a store on a server, where no flag says it.
    pub(crate) fn store_folder(&self) -> Option<PathBuf> {
        variable("AFFIANT_STORE_FOLDER").map(PathBuf::from).or_else(|| self.store.folder.clone())
    }

    /// How messages are delivered.
    pub(crate) fn delivery(&self) -> anyhow::Result<Delivery> {
        let mail = self.mail.as_ref().map(|m| Mail {
            server: m.server.clone(),
            port: m.port,
            secured: match m.tls {
                MailTls::StartTls => Secured::StartTls,
                MailTls::Tls => Secured::Tls,
                MailTls::None => Secured::No,
            },
            user: m.user.clone(),
            password: variable("AFFIANT_MAIL_PASSWORD").or_else(|| m.password.as_ref().map(|p| p.0.clone())),
            from: m.from.clone(),
        });
        if let Some(user) = mail.as_ref().filter(|m| m.password.is_none()).and_then(|m| m.user.as_ref()) {
            bail!("mail.user: {user} has no password: set AFFIANT_MAIL_PASSWORD or mail.password");
        }
        if let Some(base) = &self.server.url {
            let read = url::Url::parse(base).ok().filter(|u| matches!(u.scheme(), "http" | "https"));
            read.context("server.url: an address like https://affiant.example.com is needed")?;
        }
        Ok(Delivery {
            mail,
            base_url: self.server.url.clone(),
            allowed: Allowed::read(&self.server.hook_hosts)?,
            trust: self.tls.trust()?,
            ..Delivery::default()
        })
    }

    /// What holds, and why; a login of the proxy stays out.
    pub(crate) fn settings(&self, store: String) -> Vec<Set> {
        let from = |name, file: bool| {
            if variable(name).is_some() {
                "environment"
            } else if file {
                "file"
            } else {
                "default"
            }
        };
        let folder =
            self.store_folder().map_or_else(|| "in the store".to_owned(), |f| f.display().to_string());
        let hidden = |url: String| {
            url::Url::parse(&url).map_or(url, |mut u| {
                let _ = (u.set_username(""), u.set_password(None));
                u.to_string()
            })
        };
        vec![
            Set {
                name: "store.place",
                value: store,
                from: from("AFFIANT_STORE", self.store.place.is_some()),
            },
            Set {
                name: "store.folder",
                value: folder,
                from: from("AFFIANT_STORE_FOLDER", self.store.folder.is_some()),
            },
            Set {
                name: "browser.program",
                value: self.browser().unwrap_or_else(|| "the first of the usual places".to_owned()),
                from: from("AFFIANT_BROWSER", self.browser.program.is_some()),
            },
            Set {
                name: "browser.proxy",
                value: self.proxy().map_or_else(|| "none".to_owned(), hidden),
                from: from("AFFIANT_PROXY", self.browser.proxy.is_some()),
            },
            Set {
                name: "limits.parallel",
                value: self.limits.parallel.map_or_else(|| "as many as fit".to_owned(), |n| n.to_string()),
                from: if self.limits.parallel.is_some() { "file" } else { "default" },
            },
            Set {
                name: "server.listen",
                value: self.server.listen.clone().unwrap_or_else(|| LISTEN.to_owned()),
                from: if self.server.listen.is_some() { "file" } else { "default" },
            },
            Set {
                name: "server.url",
                value: self
                    .server
                    .url
                    .clone()
                    .unwrap_or_else(|| "where it listens; messages have no links".to_owned()),
                from: if self.server.url.is_some() { "file" } else { "default" },
            },
            Set {
                name: "limits.per_site",
                value: self.limits.per_site().to_string(),
                from: if self.limits.per_site.is_some() { "file" } else { "default" },
            },
            Set {
                name: "limits.allow_hosts",
                value: match self.limits.allow_hosts.join(", ") {
                    none if none.is_empty() => "none".to_owned(),
                    hosts => hosts,
                },
                from: if self.limits.allow_hosts.is_empty() { "default" } else { "file" },
            },
            Set {
                name: "mail.server",
                value: self
                    .mail
                    .as_ref()
                    .map_or_else(|| "none: no e-mail is sent".to_owned(), |m| m.server.clone()),
                from: if self.mail.is_some() { "file" } else { "default" },
            },
            Set {
                name: "tls.ca",
                value: match &self.tls.ca {
                    Some(path) => format!("{}, beside this machine's own", path.display()),
                    None => "this machine's own authorities".to_owned(),
                },
                from: if self.tls.ca.is_some() { "file" } else { "default" },
            },
        ]
    }

    /// Variables that look like one of affiant's and are none: a slip of the pen would be silent otherwise.
    pub(crate) fn unknown_variables() -> Vec<String> {
        const KNOWN: [&str; 8] = [
            "AFFIANT_BROWSER",
            "AFFIANT_CONFIG",
            "AFFIANT_LOG",
            "AFFIANT_MAIL_PASSWORD",
            "AFFIANT_PROXY",
            "AFFIANT_STORE",
            "AFFIANT_STORE_FOLDER",
            "AFFIANT_TEST_POSTGRES",
        ];
        let all: BTreeSet<String> =
            std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        all.into_iter().filter(|n| n.starts_with("AFFIANT_") && !KNOWN.contains(&n.as_str())).collect()
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_is_read() {
        let text =
            "[store]\nplace = \"postgres://db/affiant\"\nfolder = \"/srv/affiant\"\n[limits]\nparallel = 4\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.store.place.as_deref(), Some("postgres://db/affiant"));
        assert_eq!(config.limits.parallel, Some(4));
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, says) in [
            ("[store]\nplcae = \"x\"\n", "line 2, column 1"),
            ("[limits]\nparallel = \"many\"\n", "line 2, column 12"),
            ("[limits\n", "line 1"),
            ("[limits]\nparallel = 65\n", "limits.parallel"),
            ("[limits]\nparallel = 0\n", "from 1 to 64"),
            ("[limits]\nper_site = 0\n", "limits.per_site"),
            ("[limits]\nallow_hosts = [\"*\"]\n", "limits.allow_hosts"),
            ("[server]\nhook_hosts = [\"http://a\"]\n", "server.hook_hosts"),
            ("[mail]\nserver = \"m\"\n", "missing field `from`"),
            ("[mail]\nserver = \"m\"\nfrom = \"a@b\"\ntls = \"ssl\"\n", "line 4"),
            ("storage = 1\n", "unknown field `storage`"),
        ] {
            let e = format!("{:#}", Config::parse(text).unwrap_err());
            assert!(e.contains(says), "{text}: {e}");
        }
    }

    #[test]
    fn what_messages_cannot_be_delivered_with_is_told() {
        let mail = "[mail]\nserver = \"m\"\nfrom = \"a@b\"\nuser = \"affiant\"\n";
        for (text, says) in [
            (mail, "affiant has no password: set AFFIANT_MAIL_PASSWORD"),
            ("[tls]\nca = \"/not/there.pem\"\n", "tls.ca: cannot read /not/there.pem"),
            ("[tls]\nca = \"Cargo.toml\"\n", "tls.ca: Cargo.toml: it holds no certificate in PEM"),
            ("[server]\nurl = \"affiant.test\"\n", "server.url"),
        ] {
            let e = format!("{:#}", Config::parse(text).unwrap().delivery().unwrap_err());
            assert!(e.contains(says), "{text}: {e}");
        }
    }
}

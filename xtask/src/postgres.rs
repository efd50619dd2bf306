//! The PostgreSQL that tests use: the one that AFFIANT_TEST_POSTGRES names, or else one of their own, which ends with
//! whoever started it.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::package::Package;
use crate::run::{command, on_path, output, superuser};
use crate::step::Step;

/// A URL, `postgres://USER@HOST/DATABASE`.
const NAME: &str = "AFFIANT_TEST_POSTGRES";
/// What makes a cluster, and what serves it.
const PROGRAMS: [&str; 2] = ["initdb", "postgres"];
/// Where Debian puts programs, in a folder a version; few of them are on PATH.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Whom the server runs as where we are root, which it refuses to be: the packages' user, or else nobody.
const USERS: [&str; 2] = ["postgres", "nobody"];
/// How many ports are tried. Another program may take one that was free before the server does.
const PORTS: usize = 3;

/// Debian's server cannot be had without `postgresql-common`, which makes a cluster of its own and starts it. Telling it
/// not to would take a file in /etc that changes what is installed later; so it is left alone, and not used. The name
/// without a version is the one that every release has.
const PACKAGE: Package = Package {
    brings: "PostgreSQL server",
    name: "postgresql",
    except: &[("dnf", "postgresql-server"), ("zypper", "postgresql-server")],
    instead: "name a running one in AFFIANT_TEST_POSTGRES=postgres://USER@HOST/DATABASE",
    step: Step {
        what: "installing PostgreSQL, for the tests",
        about: "about a minute and a download of 80 MB",
        otherwise: "install the PostgreSQL server by hand, or name a running one in \
                    AFFIANT_TEST_POSTGRES=postgres://USER@HOST/DATABASE",
    },
};
const START: Step = Step {
    what: "starting a PostgreSQL for the tests",
    about: "seconds",
    otherwise: "read what it said above, or name a running one in \
                AFFIANT_TEST_POSTGRES=postgres://USER@HOST/DATABASE",
};

/// Where the server comes from.
pub(crate) enum Source {
    /// It runs: its URL.
    Running(OsString),
    /// The folder of the programs to start one with.
    Programs(PathBuf),
}

/// A server that answers. One that was started ends when this is dropped, and when we are killed.
pub(crate) struct Server {
    url: OsString,
    keeper: Option<Child>,
}

/// The server that is named, or the programs that are there, installed first if need be.
pub(crate) fn find_or_install() -> Result<Source> {
    match env::var_os(NAME).filter(|url| !url.is_empty()) {
        Some(url) => Ok(Source::Running(url)),
        None => PACKAGE.find_or_install(|| Ok(programs())).map(Source::Programs),
    }
}

/// A server from there.
pub(crate) fn start(source: &Source) -> Result<Server> {
    match source {
        Source::Running(url) => Ok(Server { url: url.clone(), keeper: None }),
        Source::Programs(folder) => START.run(|| keep(folder)),
    }
}

/// Hands the server to a command that looks in AFFIANT_TEST_POSTGRES.
pub(crate) fn give(command: &mut Command, server: &Server) {
    command.env(NAME, &server.url);
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            // Waiting closes its standard input, which is what it waits for.
            let _ = keeper.wait();
        }
    }
}

/// The folder of PostgreSQL's programs: the one on PATH, else the newest of Debian's, else the one that it names itself.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| PROGRAMS.iter().all(|name| folder.join(name).is_file());
    let on_path = on_path("initdb").and_then(|program| Some(program.parent()?.to_owned()));
    on_path.filter(complete).or_else(|| newest(Path::new(VERSIONS)).filter(complete)).or_else(|| {
        let named = output(command("pg_config").arg("--bindir")).ok()?;
        Some(PathBuf::from(named.trim())).filter(complete)
    })
}

/// `bin` of the highest version.
fn newest(versions: &Path) -> Option<PathBuf> {
    let all = std::fs::read_dir(versions).ok()?.flatten();
    let version = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).max()?;
    Some(versions.join(version.to_string()).join("bin"))
}

/// Starts a server that is kept by a shell, since only a process that outlives us can clean up after us.
fn keep(programs: &Path) -> Result<Server> {
    let mut shell = Command::new("sh");
    shell.args(["-c", include_str!("postgres.sh"), "postgres.sh"]).arg(programs).args(free_ports()?);
    // Ctrl-C is for us. It hears of it when we are gone, and not while it makes the cluster.
    shell.process_group(0).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
    if superuser() {
        let (user, group) = unprivileged()?;
        // A folder for temporary files that is ours may be closed to that user.
        shell.uid(user).gid(group).env_remove("TMPDIR");
    }
    let mut keeper = shell.spawn().context("cannot run `sh`")?;
    let said = keeper.stdout.take().map(BufReader::new);
    // From here on dropping it ends it.
    let mut server = Server { url: OsString::new(), keeper: Some(keeper) };
    let mut port = String::new();
    said.context("a pipe that was asked for is not there")?
        .read_line(&mut port)
        .context("cannot read the server's port")?;
    if port.is_empty() {
        bail!("the server from {} could not be started; what it said stands above", programs.display());
    }
    server.url = format!("postgres://postgres@127.0.0.1:{}/postgres", port.trim()).into();
    Ok(server)
}

fn free_ports() -> Result<Vec<String>> {
    let bound = (0..PORTS).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<Vec<_>, _>>();
    let ports =
        bound.and_then(|all| all.iter().map(|one| Ok(one.local_addr()?.port().to_string())).collect());
    ports.context("cannot find free ports on 127.0.0.1")
}

/// User and group.
fn unprivileged() -> Result<(u32, u32)> {
    let id = |what: &str, user: &str| output(command("id").args([what, user])).ok()?.trim().parse().ok();
    USERS.iter().find_map(|user| Some((id("-u", user)?, id("-g", user)?))).with_context(|| {
        format!("PostgreSQL does not run as root, and none of these users is there: {}", USERS.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn versions_are_numbers() {
        let folder = env::temp_dir().join(format!("affiant-versions-{}", std::process::id()));
        for version in ["9", "17", "16", "latest"] {
            std::fs::create_dir_all(folder.join(version)).unwrap();
        }
        let found = newest(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, Some(folder.join("17/bin")));
        assert_eq!(newest(&folder), None);
    }

    #[test]
    fn a_server_answers_until_it_is_dropped() {
        // Where one is named, there need be no programs.
        let Some(programs) = programs() else { return };
        let server = keep(&programs).unwrap();
        let url = server.url.to_str().unwrap();
        let address =
            url.strip_prefix("postgres://postgres@").and_then(|rest| rest.strip_suffix("/postgres"));
        let address = address.unwrap().to_owned();
        assert!(TcpStream::connect(&address).is_ok());
        drop(server);
        assert!(TcpStream::connect(&address).is_err());
    }

    #[test]
    fn a_server_that_cannot_be_started_is_an_error() {
        assert!(keep(Path::new("/nowhere")).is_err());
    }
}

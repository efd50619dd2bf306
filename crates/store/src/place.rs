//! Where a store is: a folder, or a database server with a folder for the audits themselves.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Where a store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder: the audits, and a SQLite file beside them.
    Folder(PathBuf),
    /// PostgreSQL, for several machines; the audits are in a folder that all of them reach.
    Server {
        /// `postgres://USER@HOST/DATABASE`.
        url: String,
        /// The folder.
        audits: PathBuf,
    },
}

impl Place {
    /// Reads what a user writes: a folder, or a server's address, which needs a folder beside it.
    pub fn read(text: &str, audits: Option<&Path>) -> Result<Place, StoreError> {
        let is_server = ["postgres://", "postgresql://"].iter().any(|s| text.starts_with(s));
        match (is_server, audits) {
            (true, Some(audits)) => Ok(Place::Server { url: text.to_owned(), audits: audits.to_owned() }),
            (true, None) => Err(StoreError::NoFolder),
            (false, None) if !text.is_empty() && !text.contains("://") => Ok(Place::Folder(text.into())),
            (false, None) => Err(StoreError::Address(without_login(text))),
            (false, Some(_)) => Err(StoreError::TwoFolders),
        }
    }

    /// The folder that the audits are in.
    pub fn folder(&self) -> &Path {
        match self {
            Place::Folder(folder) => folder,
            Place::Server { audits, .. } => audits,
        }
    }
}

/// Without the password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(folder) => write!(f, "{}", folder.display()),
            Place::Server { url, .. } => f.write_str(&without_login(url)),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.split('?').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_or_a_server_with_one() {
        let read = |text, folder: Option<&str>| Place::read(text, folder.map(Path::new));
        assert_eq!(read("a/b", None).unwrap(), Place::Folder("a/b".into()));
        let server =
            read("postgres://me:secret@db.test:5432/affiant?sslmode=require", Some("/srv/audits")).unwrap();
        assert_eq!(server.folder(), Path::new("/srv/audits"));
        assert_eq!(server.to_string(), "postgres://db.test:5432/affiant");
        assert!(!format!("{server:?}").contains("secret"));
        assert!(read("postgres://db.test/affiant", None).unwrap_err().to_string().contains("folder"));
        assert!(read("a", Some("b")).is_err());
        for wrong in ["", "mysql://u:secret@h/d", "s3://bucket"] {
            let e = read(wrong, None).unwrap_err().to_string();
            assert!(e.contains("is no store") && !e.contains("secret"), "{e}");
        }
    }
}

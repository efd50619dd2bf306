//! What can go wrong with the testbed: all of it at the start.

use std::path::PathBuf;

/// Why the testbed did not start.
#[derive(Debug, thiserror::Error)]
pub enum TestbedError {
    /// The embedded files do not parse or do not fit together.
    #[error("cannot read testbed/{file}: {reason}")]
    Data {
        /// The file, relative to `testbed/`.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The npm bundle that the sites need has not been built.
    #[error(
        "cannot serve the testbed's sites: {} of the files that are built from npm packages are missing, \
         the first is {}; run `cargo xtask setup`", .count, .first.display()
    )]
    Bundle {
        /// How many files are missing.
        count: usize,
        /// The first of them.
        first: PathBuf,
    },
    /// No listening socket.
    #[error("cannot listen on 127.0.0.1 for the testbed: {0}")]
    Listen(#[source] std::io::Error),
    /// No certificate.
    #[error("cannot make the testbed's certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate was made but TLS does not take it.
    #[error("cannot set up TLS for the testbed: {0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
}

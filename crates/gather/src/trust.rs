//! Whom affiant trusts where it opens TLS itself: the authorities of this machine, and those that an installation adds. What a
//! browser trusts is the browser's own.

use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Authorities that are trusted; unless told otherwise, those of this machine alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    more: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// This machine's, and those in this PEM text. An error says what is wrong with it.
    pub fn and(pem: &[u8]) -> Result<Trust, String> {
        let more: Vec<_> = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<_, _>>()
            .map_err(|e| format!("its PEM is broken ({e})"))?;
        if more.is_empty() {
            return Err("it holds no certificate in PEM (-----BEGIN CERTIFICATE-----); `openssl x509 -inform der -in FILE` \
                        turns DER into PEM"
                .to_owned());
        }
        let mut roots = RootCertStore::empty();
        for (n, certificate) in more.iter().enumerate() {
            roots
                .add(certificate.clone())
                .map_err(|e| format!("certificate {} in it cannot be read ({e})", n + 1))?;
        }
        Ok(Trust { more })
    }

    /// Those that were added to this machine's.
    pub fn added(&self) -> &[CertificateDer<'static>] {
        &self.more
    }

    /// How a connection is made with it. An error says why none can be.
    pub fn tls(&self) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (own, _) = roots.add_parsable_certificates(found.certs);
        let (added, _) = roots.add_parsable_certificates(self.more.iter().cloned());
        if own + added == 0 {
            return Err(
                "this machine has no certificates to trust: install ca-certificates, or name some with \
                        SSL_CERT_FILE"
                    .to_owned(),
            );
        }
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?;
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_authority_is_told() {
        for (text, says) in [
            ("", "no certificate in PEM"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no certificate in PEM"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate 1 in it"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "is broken"),
        ] {
            let e = Trust::and(text.as_bytes()).unwrap_err();
            assert!(e.contains(says), "{text:?}: {e}");
        }
    }
}

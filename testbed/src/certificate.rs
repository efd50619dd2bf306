//! A self-signed certificate for all hosts, made at the start.

use crate::error::TestbedError;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto, version};

/// The TLS set-up, and the certificate in DER.
pub(crate) fn make(hosts: Vec<String>) -> Result<(Arc<ServerConfig>, CertificateDer<'static>), TestbedError> {
    let made = rcgen::generate_simple_self_signed(hosts)?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((Arc::new(config), certificate))
}

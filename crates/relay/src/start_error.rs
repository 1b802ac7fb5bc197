//! Why a relay cannot start.

use std::net::SocketAddr;

use thiserror::Error;

use crate::configuration::ConfigurationError;

/// A relay cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The operator's: a setting cannot be.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The system does not give the address: it is taken, not this machine's, or not allowed.
    #[error("{address}: {error}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The identity does not fit TLS: a mistake of ours.
    #[error("the identity cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

//! Why a relay cannot start.

use std::net::SocketAddr;

use thiserror::Error;

use crate::configuration::ConfigurationError;

/// A relay cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A setting of the operator is out of its range.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The system refuses the address: it is in use, not an address of this machine, or not permitted.
    #[error("{address}: {error}")]
    Listen {
        /// The address that was refused.
        address: SocketAddr,
        /// The system's error.
        error: std::io::Error,
    },
    /// TLS rejects the identity. A bug.
    #[error("the identity cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// The system supplies no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

//! The way from a client to a relay, and what both sides derive from it.
//!
//! | module | owns |
//! |---|---|
//! | `dialling` | from an address to a TCP connection, with name look-up if needed. Proxies will belong here |
//! | `tls` | TLS 1.3 with the hybrid key exchange, to a relay that is known by its pin |
//! | `binding` | the values that bind proofs to one connection |
//! | `admission` | how a client asks for admission, and how a relay checks it |
//! | `stream` | frames over TLS, both ways |
//!
//! [`connect`] does all of this. Only `admission` and `stream` know whether admission is requested inside TLS, as now,
//! or before it.
//!
//! Must never: keep time (the caller sets the limit), retry, or tell a person anything.

pub mod admission;
pub mod binding;
mod dialling;
mod stream;
mod tls;

use shepot_protocol::{Address, Pin};
use thiserror::Error;

pub use admission::Credentials;
pub use stream::{ArrivedBytes, FrameReceiver, FrameSender, ReceiveError, Stream};

use dialling::dial;

/// The client side of TLS over TCP, on which a [`Stream`] is built.
#[cfg(feature = "testing")]
pub type Tls = tokio_rustls::client::TlsStream<tokio::net::TcpStream>;

/// Why no connection could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConnectError {
    /// The name cannot be resolved.
    #[error("the name is not known")]
    UnknownHost,
    /// Nothing answers at the address.
    #[error("nothing answers")]
    Unreachable,
    /// The peer does not speak our protocol.
    #[error("what answers is no relay")]
    NotShepot,
    /// The relay's public key does not match the invitation's pin.
    #[error("the relay has another identity")]
    WrongIdentity,
    /// The relay closed the connection before admission was requested.
    #[error("the relay closed the connection")]
    NotAdmitted,
}

/// Dials, secures the connection and requests admission. The relay's answer is the first message to be received.
/// Without a pin any identity is accepted, and [`Stream::pin`] returns it.
///
/// # Errors
///
/// [`ConnectError`] if there is no connection to a relay with this identity.
pub async fn connect(
    address: &Address,
    pin: Option<Pin>,
    credentials: &Credentials,
) -> Result<Stream, ConnectError> {
    let mut stream = Stream::secure(dial(address).await?, pin).await?;
    stream.ask_in(credentials).await?;
    Ok(stream)
}

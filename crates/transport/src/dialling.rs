//! From an address to a TCP connection.

use shepot_protocol::Address;
use shepot_protocol::address::Host;
use tokio::net::{TcpStream, lookup_host};

use crate::ConnectError;

/// Connects. The addresses of a name are tried in the order in which the system returns them. Waits for as long as the
/// system does.
///
/// # Errors
///
/// [`ConnectError::UnknownHost`] or [`ConnectError::Unreachable`].
pub(crate) async fn dial(address: &Address) -> Result<TcpStream, ConnectError> {
    let connected = match &address.host {
        Host::Ip(ip) => TcpStream::connect((*ip, address.port)).await,
        name @ Host::Name(_) => {
            let found = lookup_host((name.to_ascii(), address.port)).await;
            let addresses: Vec<_> = found.map_err(|_| ConnectError::UnknownHost)?.collect();
            if addresses.is_empty() {
                return Err(ConnectError::UnknownHost);
            }
            TcpStream::connect(addresses.as_slice()).await
        }
    };
    connected.map_err(|_| ConnectError::Unreachable)
}

//! Listening sockets.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::start_error::StartError;

/// How many connections the system may accept before we take them.
const BACKLOG: i32 = 1024;

/// Listening sockets, opened before a relay serves them. So a process can open them before it gives up the right to.
#[derive(Debug)]
pub struct Listeners {
    sockets: Vec<TcpListener>,
    shared_addresses: Vec<IpAddr>,
}

impl Listeners {
    /// Listens on all addresses. `[::]` may fail on a machine without IPv6 if there is another address, because it
    /// means "IPv6 as well".
    ///
    /// # Errors
    ///
    /// [`StartError::Listen`] if the system refuses an address.
    pub fn bind(addresses: &[SocketAddr]) -> Result<Self, StartError> {
        let mut sockets = Vec::new();
        let mut without = None;
        for address in addresses.iter().copied() {
            match listen(address) {
                Ok(socket) => sockets.push(socket),
                Err(error) if address.is_ipv6() && address.ip().is_unspecified() && is_missing(&error) => {
                    without = Some(StartError::Listen { address, error });
                }
                Err(error) => return Err(StartError::Listen { address, error }),
            }
        }
        match without {
            Some(error) if sockets.is_empty() => Err(error),
            Some(_) | None => Ok(Self { sockets, shared_addresses: Vec::new() }),
        }
    }

    /// The addresses that they listen on, with the ports that the system chose.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }

    /// The same sockets, with addresses of clients that many people share ([`RelayHandle::set_shared_addresses`]).
    ///
    /// [`RelayHandle::set_shared_addresses`]: crate::RelayHandle::set_shared_addresses
    #[must_use]
    pub fn sharing(self, shared_addresses: &[IpAddr]) -> Self {
        Self { shared_addresses: shared_addresses.to_vec(), ..self }
    }

    pub(crate) fn shared_addresses(&self) -> &[IpAddr] {
        &self.shared_addresses
    }

    /// The sockets in the form that the current runtime needs.
    pub(crate) fn into_tokio(self) -> Result<Vec<tokio::net::TcpListener>, StartError> {
        let addresses = self.addresses();
        let sockets = self.sockets.into_iter().zip(addresses);
        sockets
            .map(|(socket, address)| {
                tokio::net::TcpListener::from_std(socket)
                    .map_err(|error| StartError::Listen { address, error })
            })
            .collect()
    }
}

/// Listens on one address. An IPv6 socket accepts no IPv4, so that `[::]` and `0.0.0.0` work side by side and every
/// address is what it looks like.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // So that a relay can start again at once. On Windows it would mean that others may take the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Whether the system has no addresses of this kind. There is no common error for that, so any error counts that is not
/// about this one address.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{AddrInUse, PermissionDenied};
    !matches!(error.kind(), AddrInUse | PermissionDenied)
}

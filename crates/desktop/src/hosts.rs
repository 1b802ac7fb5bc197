//! The relay in this process: started, stopped, the same one when it comes back.

use std::future::Future;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use shepot_hosting::{Host, Hosted, HostingError, Kept, Options};
use shepot_preferences::{SavedHosting, SecretText};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// What makes the relay the same one: its key, and its owner's invitation.
pub(crate) type KeptHosting = Option<(SecretText, SecretText)>;

/// What was kept of the relay cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Damaged;

/// The relay that is hosted, or would be.
#[derive(Default)]
pub(crate) struct Hosts {
    host: Host,
    hosted: Option<Hosted>,
    /// The one of before is gone when this ends.
    stopping: Option<oneshot::Receiver<()>>,
}

impl Hosts {
    /// The relay that was kept.
    ///
    /// # Errors
    ///
    /// [`Damaged`].
    pub(crate) fn of(kept: &SavedHosting) -> Result<Self, Damaged> {
        let identity = BASE64.decode(kept.identity.expose()).map(Zeroizing::new).map_err(|_| Damaged)?;
        let invitation = Zeroizing::new(kept.entry.expose().to_owned());
        let host = Host::of(&Kept { identity, invitation }).map_err(|_| Damaged)?;
        Ok(Self { host, ..Self::default() })
    }

    /// What runs.
    pub(crate) fn hosted(&self) -> Option<&Hosted> {
        self.hosted.as_ref()
    }

    /// There is a relay that comes back.
    pub(crate) fn is_known(&self) -> bool {
        self.host.kept().is_some()
    }

    /// What is to be kept of it.
    pub(crate) fn kept(&self) -> KeptHosting {
        let kept = self.host.kept()?;
        let identity = Zeroizing::new(BASE64.encode(&kept.identity));
        Some((SecretText::new(&identity), SecretText::new(&kept.invitation)))
    }

    /// Starts it, when the one of before is gone: it may listen at the same port.
    pub(crate) fn start(
        &mut self,
        listen: Vec<SocketAddr>,
    ) -> impl Future<Output = Result<Hosted, HostingError>> + Send + use<> {
        let (host, stopping) = (self.host.clone(), self.stopping.take());
        async move {
            if let Some(stopping) = stopping {
                // Whoever stops it is gone only with the runtime.
                let _ = stopping.await;
            }
            host.start_anywhere(&Options { listen, public_address: None }).await
        }
    }

    pub(crate) fn started(&mut self, hosted: Hosted) {
        self.hosted = Some(hosted);
    }

    /// The circle of a server has another secret. False: it is not the circle of this relay.
    pub(crate) fn renewed(&self, link: &str) -> bool {
        self.hosted.as_ref().map_or_else(|| self.host.renewed(link), |hosted| hosted.renewed(link))
    }

    /// The next one is another.
    pub(crate) fn forget(&self) {
        self.host.forget();
    }

    /// It does not run any more, as soon as this has ended.
    pub(crate) fn stop(&mut self) -> impl Future<Output = ()> + Send + use<> {
        let hosted = self.hosted.take();
        let (gone, stopping) = oneshot::channel();
        let before = self.stopping.replace(stopping);
        async move {
            if let Some(hosted) = hosted {
                hosted.stop().await;
            }
            if let Some(before) = before {
                let _ = before.await;
            }
            let _ = gone.send(());
        }
    }

    /// It ends at once and without a word.
    pub(crate) fn cut(&mut self) {
        self.hosted = None;
    }
}

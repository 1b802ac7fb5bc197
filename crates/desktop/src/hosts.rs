//! The relay in this process: started, stopped, the same one when it comes back.

use std::future::Future;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use shepot_hosting::{Host, Hosted, HostingError, Kept, Options};
use shepot_preferences::{SavedHosting, SecretText};
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
        Ok(Self { host, hosted: None })
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

    /// Starts it.
    pub(crate) fn start(
        &self,
        listen: Vec<SocketAddr>,
    ) -> impl Future<Output = Result<Hosted, HostingError>> + Send + use<> {
        let host = self.host.clone();
        async move { host.start_anywhere(&Options { listen, public_address: None }).await }
    }

    pub(crate) fn started(&mut self, hosted: Hosted) {
        self.hosted = Some(hosted);
    }

    /// Its circle has another secret.
    pub(crate) fn renewed(&self, link: &str) {
        match &self.hosted {
            Some(hosted) => hosted.renewed(link),
            None => self.host.renewed(link),
        };
    }

    /// The next one is another.
    pub(crate) fn forget(&self) {
        self.host.forget();
    }

    /// It does not run any more, as soon as this has ended.
    pub(crate) fn stop(&mut self) -> impl Future<Output = ()> + Send + use<> {
        let hosted = self.hosted.take();
        async move {
            if let Some(hosted) = hosted {
                hosted.stop().await;
            }
        }
    }

    /// It ends at once and without a word.
    pub(crate) fn cut(&mut self) {
        self.hosted = None;
    }
}

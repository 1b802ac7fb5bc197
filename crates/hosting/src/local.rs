//! The relay in this process, which is the same one at every start. A start waits until the one before has ended.

use tokio::sync::oneshot;

use crate::{Host, Hosted, HostingError, Kept, Options};

/// The relay that is, or could be, hosted in this process.
#[derive(Default)]
pub struct LocalRelay {
    host: Host,
    hosted: Option<Hosted>,
    /// Ends when the relay before has stopped.
    stopping: Option<oneshot::Receiver<()>>,
}

impl LocalRelay {
    /// The relay that was stored.
    ///
    /// # Errors
    ///
    /// [`HostingError::Kept`] if it is damaged.
    pub fn of(kept: &Kept) -> Result<Self, HostingError> {
        Ok(Self { host: Host::of(kept)?, ..Self::default() })
    }

    /// The running relay. `None`: none runs.
    #[must_use]
    pub const fn hosted(&self) -> Option<&Hosted> {
        self.hosted.as_ref()
    }

    /// Whether the next start brings back an earlier relay.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.host.kept().is_some()
    }

    /// What has to be stored of the relay. `None` before its first start.
    #[must_use]
    pub fn kept(&self) -> Option<Kept> {
        self.host.kept()
    }

    /// Starts the relay once the one before has stopped, because both may need the same port.
    pub fn start(
        &mut self,
        options: Options,
    ) -> impl Future<Output = Result<Hosted, HostingError>> + Send + use<> {
        let (host, stopping) = (self.host.clone(), self.stopping.take());
        async move {
            if let Some(stopping) = stopping {
                // The one that stops it is dropped only with the runtime.
                let _ = stopping.await;
            }
            host.start_anywhere(&options).await
        }
    }

    /// Records that the relay runs.
    pub fn started(&mut self, hosted: Hosted) {
        self.hosted = Some(hosted);
    }

    /// The circle of a server has another secret. False: it is not the circle of this relay.
    pub fn renewed(&self, link: &str) -> bool {
        self.hosted.as_ref().map_or_else(|| self.host.renewed(link), |hosted| hosted.renewed(link))
    }

    /// Makes the next relay another one.
    pub fn forget(&self) {
        self.host.forget();
    }

    /// Stops the relay. It has stopped when the future ends.
    pub fn stop(&mut self) -> impl Future<Output = ()> + Send + use<> {
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

    /// Ends the relay at once, without telling anybody.
    pub fn cut(&mut self) {
        self.hosted = None;
    }
}

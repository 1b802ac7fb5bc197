//! The relay in this process: started, stopped, the same one when it comes back. The next waits for the end of the one before.

use tokio::sync::oneshot;

use crate::{Host, Hosted, HostingError, Kept, Options};

/// The relay that is hosted in this process, or would be.
#[derive(Default)]
pub struct LocalRelay {
    host: Host,
    hosted: Option<Hosted>,
    /// The one of before is gone when this ends.
    stopping: Option<oneshot::Receiver<()>>,
}

impl LocalRelay {
    /// The relay that was kept.
    ///
    /// # Errors
    ///
    /// [`HostingError::Kept`] when it is damaged.
    pub fn of(kept: &Kept) -> Result<Self, HostingError> {
        Ok(Self { host: Host::of(kept)?, ..Self::default() })
    }

    /// What runs.
    #[must_use]
    pub const fn hosted(&self) -> Option<&Hosted> {
        self.hosted.as_ref()
    }

    /// There is a relay that comes back.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.host.kept().is_some()
    }

    /// What is to be kept of it.
    #[must_use]
    pub fn kept(&self) -> Option<Kept> {
        self.host.kept()
    }

    /// Starts it, when the one of before is gone: it may listen at the same port.
    pub fn start(
        &mut self,
        options: Options,
    ) -> impl Future<Output = Result<Hosted, HostingError>> + Send + use<> {
        let (host, stopping) = (self.host.clone(), self.stopping.take());
        async move {
            if let Some(stopping) = stopping {
                // Whoever stops it is gone only with the runtime.
                let _ = stopping.await;
            }
            host.start_anywhere(&options).await
        }
    }

    /// It runs.
    pub fn started(&mut self, hosted: Hosted) {
        self.hosted = Some(hosted);
    }

    /// The circle of a server has another secret. False: it is not the circle of this relay.
    pub fn renewed(&self, link: &str) -> bool {
        self.hosted.as_ref().map_or_else(|| self.host.renewed(link), |hosted| hosted.renewed(link))
    }

    /// The next one is another.
    pub fn forget(&self) {
        self.host.forget();
    }

    /// It does not run any more, as soon as this has ended.
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

    /// It ends at once and without a word.
    pub fn cut(&mut self) {
        self.hosted = None;
    }
}

//! The tasks of a relay as a whole. The slots count those of its connections.

use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The tasks of a relay as a whole: those that accept, and those that keep time.
#[derive(Default)]
pub(crate) struct Tasks {
    begun: Vec<AbortHandle>,
    /// Every running task holds a receiver of this.
    here: watch::Sender<()>,
}

impl Tasks {
    pub(crate) fn begin(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let here = self.here.subscribe();
        let begun = tokio::spawn(async move {
            // Dropped behind the task and what it owns; that it is captured behind it holds for one that never began.
            let (task, _here) = (task, here);
            task.await;
        });
        self.begun.push(begun.abort_handle());
    }

    pub(crate) fn abort(&self) {
        for task in &self.begun {
            task.abort();
        }
    }

    /// Waits until no task is left.
    pub(crate) async fn ended(&self) {
        self.here.closed().await;
    }
}

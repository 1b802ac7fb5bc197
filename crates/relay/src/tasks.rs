//! The tasks that a relay has as a whole. Those of its connections are counted by its doors.

use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The tasks of a relay as a whole: those that accept, and those that look after time.
#[derive(Default)]
pub(crate) struct Tasks {
    begun: Vec<AbortHandle>,
    /// Every task that is there holds a receiver.
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

    /// Waits until none is there any more.
    pub(crate) async fn ended(&self) {
        self.here.closed().await;
    }
}

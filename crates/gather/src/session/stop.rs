//! The user's wish to stop, heard at every wait.

use tokio::sync::watch;

/// Where the wish is made.
#[derive(Debug, Clone)]
pub struct StopHandle(watch::Sender<bool>);

/// Where it is heard.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl StopHandle {
    /// A wish not yet made, and where it will be heard.
    pub fn new() -> (StopHandle, Stop) {
        let (tx, rx) = watch::channel(false);
        (StopHandle(tx), Stop(rx))
    }

    /// Asks everybody to finish what is cheap and end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether the wish was made.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves when the wish is made; never, if it cannot be made any more.
    pub async fn stopped(&self) {
        let mut rx = self.0.clone();
        if rx.wait_for(|s| *s).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

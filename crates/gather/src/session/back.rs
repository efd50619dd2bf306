//! Leaving for good and coming back: the tab is closed, session cookies are gone, what is stored for longer stays.

use std::time::Duration;

use serde_json::json;

use super::Session;
use crate::GatherError;
use crate::cdp::json::Read as _;

impl Session {
    /// As if the browser had been closed and opened again. The HTTP cache stays, as it does for a visitor.
    pub(crate) async fn come_back(&mut self) -> Result<(), GatherError> {
        let client = &self.shared.client;
        let short = Duration::from_secs(5);
        let jar = json!({ "browserContextId": self.context });
        let jar = client.call_within("", "Storage.getCookies", jar, short).await?;
        let main = self.shared.lock().tab.main_target.clone();
        for c in jar.list("cookies").iter().filter(|c| c.flag("session")) {
            let mut which = json!({ "name": c["name"], "domain": c["domain"], "path": c["path"] });
            if c["partitionKey"].is_object() {
                which["partitionKey"] = c["partitionKey"].clone();
            }
            client.call_within(&main, "Network.deleteCookies", which, short).await?;
        }
        self.new_tab().await
    }
}

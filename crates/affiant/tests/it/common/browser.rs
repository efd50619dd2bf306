//! A bare Chromium that a test starts itself, and where it listens.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Starts one with these switches, which open a port. It, and the address of its WebSocket.
pub(crate) async fn start(switches: &[String]) -> (Child, String) {
    let program = affiant_gather::find::find(None).unwrap();
    let mut child = Command::new(&program.path)
        .args(switches)
        // As root it does not start otherwise.
        .args(["--no-sandbox", "about:blank"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let socket = loop {
        let line = lines.next_line().await.unwrap().expect("it ended before it listened");
        if let Some(at) = line.find("ws://") {
            break line[at..].trim().to_owned();
        }
    };
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, socket)
}

//! A site that is watched and changes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::Connection as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A site of one page, with a pixel of Meta's from when it is wanted on.
pub(crate) async fn site() -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, pixel) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
    let has = Arc::clone(&pixel);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let has = Arc::clone(&has);
            tokio::spawn(async move {
                let mut asked = [0; 8192];
                let _ = stream.read(&mut asked).await;
                let pixel = if has.load(Ordering::Relaxed) {
                    "<img src='https://www.facebook.com/tr/?id=123456789012345&amp;ev=PageView'>"
                } else {
                    ""
                };
                let page = format!("<!doctype html><title>Ferns</title><h1>Ferns</h1>{pixel}");
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
                    page.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (port, pixel)
}

/// As if it were three in the morning, for every schedule of the store in this folder.
pub(crate) async fn its_time_has_come(store: &Path) {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}", store.join("store.db").display());
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::query("update schedule set next_at = 1").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

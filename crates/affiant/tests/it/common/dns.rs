//! A name server on loopback that knows aliases and says of all else that there is no such name.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME};
use hickory_proto::rr::{Name, RData, Record};
use tokio::net::UdpSocket;

pub(crate) struct NameServer {
    pub(crate) addr: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    /// Each chain: a host, its aliases in order; the last one has an address.
    pub(crate) async fn start(chains: &[&[&str]]) -> NameServer {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let addr = socket.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let chains: Vec<Vec<String>> =
            chains.iter().map(|c| c.iter().map(|n| format!("{n}.")).collect()).collect();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut packet = [0; 2048];
            while let Ok((n, from)) = socket.recv_from(&mut packet).await {
                let Ok(question) = Message::from_vec(&packet[..n]) else { continue };
                let bytes = answer(&question, &chains, &log).to_vec().unwrap();
                let _ = socket.send_to(&bytes, from).await;
            }
        });
        NameServer { addr, asked }
    }

    /// Hosts that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked.dedup();
        asked
    }
}

fn answer(question: &Message, chains: &[Vec<String>], log: &Mutex<Vec<String>>) -> Message {
    let mut m = Message::response(question.metadata.id, question.metadata.op_code);
    m.queries = question.queries.clone();
    let host = question.queries[0].name().to_ascii().to_ascii_lowercase();
    log.lock().unwrap().push(host.trim_end_matches('.').to_owned());
    let name = |n: &str| Name::from_ascii(n).unwrap();
    match chains.iter().find(|c| c[0] == host) {
        None => m.metadata.response_code = ResponseCode::NXDomain,
        Some(chain) => {
            for pair in chain.windows(2) {
                m.add_answer(Record::from_rdata(name(&pair[0]), 60, RData::CNAME(CNAME(name(&pair[1])))));
            }
            m.add_answer(Record::from_rdata(name(chain.last().unwrap()), 60, RData::A(A::new(192, 0, 2, 7))));
        }
    }
    m
}

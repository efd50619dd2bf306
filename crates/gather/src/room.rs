//! What one visit may take on the disk: lines and bytes of its record, files and bytes beside it. What comes when that is full
//! is counted and left out, and the footer says how much.

use std::collections::BTreeMap;

use affiant_record::Observation;
use affiant_record::footer::collectors::*;

/// The bounds of one visit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Lines of the record.
    pub(crate) lines: u64,
    /// Their bytes, before they are compressed.
    pub(crate) line_bytes: u64,
    /// Files for bytes that do not stand in a line.
    pub(crate) files: u64,
    /// The bytes in them.
    pub(crate) file_bytes: u64,
}

impl Bounds {
    /// Those that hold.
    pub(crate) const VISIT: Bounds =
        Bounds { lines: 300_000, line_bytes: 256 << 20, files: 10_000, file_bytes: 1 << 30 };
}

/// What was told by one collector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Told {
    lines: u64,
    lines_left_out: u64,
    bytes_left_out: u64,
    /// Bodies or frames whose bytes were not kept.
    unkept: u64,
}

/// The room of a visit, and what has found none in it.
#[derive(Debug)]
pub(crate) struct Room {
    left: Bounds,
    bounds: Bounds,
    told: BTreeMap<&'static str, Told>,
}

impl Room {
    pub(crate) fn new(bounds: Bounds) -> Room {
        Room { left: bounds, bounds, told: BTreeMap::new() }
    }

    /// Whether there is room for this line. What a visit cannot be read without, and there is little of, always finds some.
    pub(crate) fn line(&mut self, what: &Observation) -> bool {
        let Some(collector) = collector(what) else { return true };
        let told = self.told.entry(collector).or_default();
        told.lines += 1;
        let fits = self.left.lines > 0 && self.left.line_bytes > 0;
        told.lines_left_out += u64::from(!fits);
        fits
    }

    /// A line of so many bytes was written.
    pub(crate) fn wrote(&mut self, bytes: u64) {
        self.left.lines = self.left.lines.saturating_sub(1);
        self.left.line_bytes = self.left.line_bytes.saturating_sub(bytes);
    }

    /// Whether there is room for a file of so many bytes.
    pub(crate) fn file(&mut self, collector: &'static str, bytes: u64) -> bool {
        if self.left.files > 0 && self.left.file_bytes >= bytes {
            self.left.files -= 1;
            self.left.file_bytes -= bytes;
            return true;
        }
        let told = self.told.entry(collector).or_default();
        told.unkept += 1;
        told.bytes_left_out += bytes;
        false
    }

    /// What was left out, by collector, in words.
    pub(crate) fn left_out(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        for (collector, told) in &self.told {
            if told.lines_left_out > 0 {
                let (n, all, most) = (told.lines_left_out, told.lines, self.bounds.lines);
                out.push((
                    *collector,
                    format!(
                        "{n} of its {all} lines were left out: a record takes {most} lines and {} MiB",
                        self.bounds.line_bytes >> 20
                    ),
                ));
            }
            if told.unkept > 0 {
                let (n, bytes) = (told.unkept, told.bytes_left_out);
                out.push((*collector, format!("the bytes of {n} bodies, {bytes} in all, were not kept: a visit takes {} files and {} MiB", self.bounds.files, self.bounds.file_bytes >> 20)));
            }
        }
        out
    }
}

/// Whose line it is, where a page can make any number of them.
fn collector(what: &Observation) -> Option<&'static str> {
    use Observation as O;
    Some(match what {
        O::Request(_) | O::RequestHeaders(_) | O::Response(_) | O::ResponseHeaders(_) | O::RequestDone(_) => {
            NETWORK
        }
        O::Body(_) => BODIES,
        O::WebSocket(_) => WEB_SOCKETS,
        O::CookieWrite(_) => COOKIES,
        O::StorageWrite(_) => STORAGE,
        O::ApiCall(_) => API_CALLS,
        O::Listener(_) => LISTENERS,
        O::Console(_) | O::Dialog(_) | O::Download(_) => CONSOLE,
        O::Frame(_) | O::Target(_) | O::Page(_) => PAGE,
        O::DnsAnswer(_) => DNS,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use affiant_record::network::{Request, WebSocketEvent};
    use affiant_record::page::Phase;

    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_and_what_a_visit_needs_finds_some() {
        let mut room = Room::new(Bounds { lines: 3, line_bytes: 1000, files: 2, file_bytes: 100 });
        let frame = Observation::WebSocket(WebSocketEvent::default());
        for n in 0..5 {
            assert_eq!(room.line(&frame), n < 3, "{n}");
            if n < 3 {
                room.wrote(10);
            }
        }
        assert!(!room.line(&Observation::Request(Request::default())));
        assert!(room.line(&Observation::Phase(Phase::default())));
        assert!(room.file(BODIES, 60) && !room.file(BODIES, 60) && room.file(BODIES, 40));
        assert!(!room.file(WEB_SOCKETS, 0));
        let said: BTreeMap<_, _> = room.left_out().into_iter().collect();
        assert!(
            said[WEB_SOCKETS].contains("bytes of 1 bodies") && said[BODIES].contains("60 in all"),
            "{said:?}"
        );
        assert!(said[NETWORK].starts_with("1 of its 1 lines"), "{said:?}");
        let first = room.left_out();
        assert!(
            first.iter().any(|(c, w)| *c == WEB_SOCKETS && w.starts_with("2 of its 5 lines")),
            "{first:?}"
        );
    }

    #[test]
    fn bytes_of_lines_are_bounded_too() {
        let mut room = Room::new(Bounds { lines: 100, line_bytes: 15, files: 0, file_bytes: 0 });
        let frame = Observation::WebSocket(WebSocketEvent::default());
        assert!(room.line(&frame));
        room.wrote(20);
        assert!(!room.line(&frame));
    }
}

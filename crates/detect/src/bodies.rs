//! The bodies of one visit. Naming, recordings, searches and declarations all look into them: each is read, and held
//! against its name, once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use affiant_record::{BlobRef, BlobStore, Digest};

/// The bytes of a body, as far as they were kept.
pub(crate) type Body = Rc<Vec<u8>>;

/// Asks for a body, where only it can tell.
pub(crate) type Ask<'a> = dyn FnMut() -> Option<Body> + 'a;

/// Bytes that are held until the visit's facts are told; what comes after is read whenever it is asked for. Bodies
/// are bounded, and what is sent is small: this is met by pages that send hundreds of large files.
const MOST_HELD: usize = 256 << 20;

/// The bodies of one visit.
pub(crate) struct Bodies<'a> {
    blobs: Option<&'a BlobStore>,
    read: RefCell<HashMap<Digest, Option<Body>>>,
    room: Cell<usize>,
}

impl<'a> Bodies<'a> {
    /// Those in this store; without one there is none.
    pub(crate) fn of(blobs: Option<&'a BlobStore>) -> Bodies<'a> {
        Bodies { blobs, read: RefCell::default(), room: Cell::new(MOST_HELD) }
    }

    /// Whether there is a store to look into.
    pub(crate) fn can_be_read(&self) -> bool {
        self.blobs.is_some()
    }

    /// The bytes that this describes, from the line itself or from the store.
    pub(crate) fn of_ref(&self, described: &BlobRef) -> Option<Body> {
        match described.in_line() {
            Some(bytes) => Some(Rc::new(bytes)),
            None => self.get(described.blob.as_ref()?),
        }
    }

    /// The bytes with this digest. Those that cannot be read, or are others than promised, are not there.
    fn get(&self, digest: &Digest) -> Option<Body> {
        if let Some(known) = self.read.borrow().get(digest) {
            return known.clone();
        }
        let body = self.blobs?.get(digest).ok().map(Rc::new);
        let size = body.as_ref().map_or(0, |b| b.len());
        if let Some(left) = self.room.get().checked_sub(size) {
            self.room.set(left);
            self.read.borrow_mut().insert(*digest, body.clone());
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_once_and_what_finds_no_room_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = BlobStore::new(dir.path().join("blobs"));
        let (a, b) = (blobs.put(b"what was sent").unwrap(), blobs.put(b"more").unwrap());
        let bodies = Bodies::of(Some(&blobs));
        bodies.room.set(14);
        assert_eq!(bodies.get(&a).unwrap().as_slice(), b"what was sent");
        assert_eq!(bodies.get(&b).unwrap().as_slice(), b"more");
        assert_eq!(bodies.get(&Digest([0; 32])), None);
        std::fs::remove_dir_all(blobs.dir()).unwrap();
        assert_eq!(bodies.get(&a).unwrap().as_slice(), b"what was sent");
        assert_eq!(bodies.get(&b), None);
        assert_eq!(blobs.put(b"more").unwrap(), b);
        assert_eq!(bodies.get(&b), None, "what could not be read is not tried again");
        assert_eq!(Bodies::of(None).get(&a), None);
    }
}

//! A list of addresses, one a line: from a file or from standard input.

use std::io::Read as _;
use std::path::Path;

use affiant_engine::{MOST_PAGES, address};
use anyhow::{Context as _, bail};

/// Lines with an error that are named.
const NAMED: usize = 5;
/// Bytes of a list that are read.
const MOST_BYTES: u64 = 16 << 20;

/// Reads the list; `-` is standard input. Empty lines and those that begin with `#` are left out.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<String>> {
    addresses(&text(path, "the list of addresses")?, &name(path))
}

/// The bytes of a file or of standard input. `of` says in an error what they are.
pub(crate) fn text(path: &Path, of: &str) -> anyhow::Result<Vec<u8>> {
    let (mut bytes, name) = (Vec::new(), name(path));
    let what = || format!("cannot read {of} in {name}");
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).with_context(what)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)
    };
    if read.with_context(what)? as u64 > MOST_BYTES {
        bail!(
            "{name} is longer than {} MiB: an audit visits at most {MOST_PAGES} addresses",
            MOST_BYTES >> 20
        );
    }
    Ok(bytes)
}

/// The name of a file, for people.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// All addresses, or what is wrong with each line that holds none.
fn addresses(bytes: &[u8], name: &str) -> anyhow::Result<Vec<String>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let (mut out, mut wrong, mut errors) = (Vec::new(), Vec::new(), 0);
    for (number, line) in (1u64..).zip(bytes.split(|b| *b == b'\n')) {
        let read = match std::str::from_utf8(line) {
            Ok(text) if matches!(text.trim().bytes().next(), None | Some(b'#')) => continue,
            Ok(text) => match address::read(text) {
                Ok(_) => Ok(text.trim().to_owned()),
                Err(e) => Err(e.to_string().chars().take(300).collect()),
            },
            Err(_) => Err("it is not UTF-8 text".to_owned()),
        };
        match read {
            Ok(address) => out.push(address),
            Err(why) => {
                errors += 1;
                if wrong.len() < NAMED {
                    wrong.push(format!("line {number}: {why}"));
                }
            }
        }
    }
    if errors > wrong.len() {
        wrong.push(format!("and {} more", errors - wrong.len()));
    }
    if errors > 0 {
        bail!("not every line of {name} is an address: {}", wrong.join("; "));
    }
    if out.is_empty() {
        bail!("{name} holds no address: give one a line");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_line_by_line() {
        let text = "\u{feff}https://a.test/\r\n\n  # not this\n a.test/b?q={canary} \n";
        let urls = addresses(text.as_bytes(), "list").unwrap();
        assert_eq!(urls, ["https://a.test/", "a.test/b?q={canary}"]);
    }

    #[test]
    fn every_line_that_is_no_address_is_named_with_its_number() {
        let said = |text: &[u8]| addresses(text, "list").unwrap_err().to_string();
        assert!(said(b"").contains("holds no address"));
        assert!(said(b"# nothing\n\n").contains("holds no address"));
        let both = said(b"# a site\nhttps://a.test/\nftp://a.test/\n\nhttps://u:p@a.test/\n");
        assert!(both.contains("list") && both.contains("line 3: 'ftp://a.test/'"), "{both}");
        assert!(both.contains("line 5: 'a.test' holds a login") && !both.contains("u:p"), "{both}");
        assert!(said(b"a.test\n\xff\xfe\n").contains("line 2: it is not UTF-8"));
        let many = said("mailto:a@b\n".repeat(100).as_bytes());
        assert!(
            many.contains("line 5") && !many.contains("line 6") && many.contains("and 95 more"),
            "{many}"
        );
        assert!(many.len() < 2_000);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let none = dir.path().join("none");
        assert!(read(&none).unwrap_err().to_string().contains("none"));
        let long = dir.path().join("long");
        std::fs::File::create(&long).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert!(read(&long).unwrap_err().to_string().contains("longer than 16 MiB"));
    }
}

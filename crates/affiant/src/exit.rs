//! Exit codes and how an error is told.

use std::io::{self, ErrorKind, StdoutLock, Write};
use std::process::ExitCode;

/// What the process says to whoever called it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: nothing was found, and all that was asked for was done.
    Nothing,
    /// 1: findings of the severity asked for, or worse.
    Findings,
    /// 2: it could not be done, or not wholly and nothing was found.
    CouldNot,
}

impl From<Exit> for ExitCode {
    fn from(e: Exit) -> ExitCode {
        ExitCode::from(match e {
            Exit::Nothing => 0,
            Exit::Findings => 1,
            Exit::CouldNot => 2,
        })
    }
}

/// Tells an error on stderr: one line first, the causes below.
pub(crate) fn complain(e: &anyhow::Error) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "affiant: {e}");
    let mut said = e.to_string();
    for cause in e.chain().skip(1) {
        let text = cause.to_string();
        // Errors of libraries often repeat their cause in their own text.
        if !said.contains(&text) {
            let _ = writeln!(err, "  because: {text}");
            said.push_str(&text);
        }
    }
}

/// Stdout for verbs whose exit code says something: whoever stops reading still gets it, and what was to be done is done.
pub(crate) struct Stdout(StdoutLock<'static>);

/// Takes stdout.
pub(crate) fn stdout() -> Stdout {
    Stdout(io::stdout().lock())
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

//! Commands that a reader can copy: how to see a piece of evidence, how to check the whole audit.

use affiant_record::Evidence;

use crate::ReportInput;
use crate::hostile::visible;

/// Shows one line of one record.
pub(crate) fn show(input: &ReportInput<'_>, path: Option<&str>, e: &Evidence) -> String {
    let folder = input.folder();
    match path {
        Some(p) => format!("affiant record show {} --line {}", quoted(&format!("{folder}/{p}")), e.line),
        None => {
            format!("affiant record show {} --digest {} --line {}", quoted(&folder), e.record.short(), e.line)
        }
    }
}

/// Checks every digest and seal of the audit.
pub(crate) fn verify(input: &ReportInput<'_>) -> String {
    format!("affiant record verify {}", quoted(&input.folder()))
}

/// One word for a POSIX shell.
fn quoted(word: &str) -> String {
    let word = visible(word);
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=@%+".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word
    } else {
        let word = if word.starts_with('-') { format!("./{word}") } else { word };
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_command_is_one_command() {
        assert_eq!(quoted("audit-1/visits/0"), "audit-1/visits/0");
        assert_eq!(quoted("a; rm -rf ~'"), r"'a; rm -rf ~'\'''");
        assert_eq!(quoted("--help"), "'./--help'");
    }
}

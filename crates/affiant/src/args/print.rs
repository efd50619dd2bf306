//! How results are told, and what the exit code makes of them.

use affiant_rules::judgement::Severity;
use clap::ValueEnum;

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableAs {
    /// For people.
    Table,
    /// Comma-separated, with a heading.
    Csv,
    /// A list of objects.
    Json,
}

/// What goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A summary for people.
    Terminal,
    /// The whole report as JSON and nothing else.
    Json,
}

/// From which severity on the exit code is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Note,
    Low,
    Medium,
    High,
    Critical,
    /// Findings never change the exit code.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity counts.
    pub(crate) fn counts(self, severity: Severity) -> bool {
        let least = match self {
            FailOn::Note => Severity::Note,
            FailOn::Low => Severity::Low,
            FailOn::Medium => Severity::Medium,
            FailOn::High => Severity::High,
            FailOn::Critical => Severity::Critical,
            FailOn::Never => return false,
        };
        severity >= least
    }
}

//! What kinds of alerts there are.

/// What kind of alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The audit could not be made, or was stopped.
    AuditFailed,
    /// An audit did not begin when it was due.
    Overdue,
    /// A schedule, or what it asks for, cannot be read.
    ScheduleBroken,
    /// What weighs most in the first audit of a property.
    FirstFindings,
    /// A finding that the audit before did not have.
    NewFinding,
    /// A vendor that the audit before did not observe.
    NewVendor,
    /// A vendor's deployed instance.
    NewTag,
    /// A cookie.
    NewCookie,
    /// A host that something was sent to.
    NewHost,
    /// Less was seen than in the audit before.
    CoverageDropped,
    /// A finding that the audit before had, and this one looked for and did not observe.
    FindingGone,
}

impl Kind {
    /// All of them, those to be read first first.
    pub const ALL: [Kind; 11] = [
        Kind::AuditFailed,
        Kind::Overdue,
        Kind::ScheduleBroken,
        Kind::FirstFindings,
        Kind::NewFinding,
        Kind::NewVendor,
        Kind::NewTag,
        Kind::NewCookie,
        Kind::NewHost,
        Kind::CoverageDropped,
        Kind::FindingGone,
    ];

    /// As the store and messages for programs name it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::AuditFailed => "audit-failed",
            Kind::Overdue => "overdue",
            Kind::ScheduleBroken => "schedule-broken",
            Kind::FirstFindings => "first-findings",
            Kind::NewFinding => "new-finding",
            Kind::NewVendor => "new-vendor",
            Kind::NewTag => "new-tag",
            Kind::NewCookie => "new-cookie",
            Kind::NewHost => "new-host",
            Kind::CoverageDropped => "coverage-dropped",
            Kind::FindingGone => "finding-gone",
        }
    }

    /// One and several of it, for people.
    pub fn in_words(self) -> (&'static str, &'static str) {
        match self {
            Kind::AuditFailed => ("audit failed", "audits failed"),
            Kind::Overdue => ("audit overdue", "audits overdue"),
            Kind::ScheduleBroken => ("broken schedule", "broken schedules"),
            Kind::FirstFindings => ("first audit", "first audits"),
            Kind::NewFinding => ("new finding", "new findings"),
            Kind::NewVendor => ("new vendor", "new vendors"),
            Kind::NewTag => ("new tag", "new tags"),
            Kind::NewCookie => ("new cookie", "new cookies"),
            Kind::NewHost => ("new host", "new hosts"),
            Kind::CoverageDropped => ("drop in coverage", "drops in coverage"),
            Kind::FindingGone => ("finding gone", "findings gone"),
        }
    }

    /// The kind of this name.
    pub fn read(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.word() == word)
    }
}

//! A step of a command: says what it does and about how long that takes, and how long it took.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// What is done, and what to try where it fails.
pub(crate) struct Step {
    /// In words that go on from "Step 2:".
    pub(crate) what: &'static str,
    /// About how long it takes, and how much it downloads.
    pub(crate) about: &'static str,
    /// What to do next if it fails.
    pub(crate) otherwise: &'static str,
}

impl Step {
    /// Does it. The error of a failed step names the step and the next thing to try.
    pub(crate) fn run<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("==> {} ({})", self.what, self.about);
        let began = Instant::now();
        let done = work()
            .with_context(|| format!("this step failed: {}. What to try: {}", self.what, self.otherwise))?;
        eprintln!("    {}: done in {}", self.what, spent(began.elapsed()));
        Ok(done)
    }
}

/// `9.3 s`, `4 min 10 s`.
pub(crate) fn spent(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        s => format!("{} min {:02} s", s / 60, s % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_names_itself_and_what_to_try() {
        let step = Step { what: "drawing water", about: "1 s", otherwise: "dig deeper" };
        let failed = step.run(|| -> Result<()> { anyhow::bail!("the well is dry") }).unwrap_err();
        let said = format!("{failed:#}");
        assert_eq!(said, "this step failed: drawing water. What to try: dig deeper: the well is dry");
    }

    #[test]
    fn times_are_told_as_people_say_them() {
        assert_eq!(spent(Duration::from_millis(9_340)), "9.3 s");
        assert_eq!(spent(Duration::from_secs(250)), "4 min 10 s");
    }
}

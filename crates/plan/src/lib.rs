//! Which visits an audit makes: its pages dealt to sessions, and what each session does, step by step.
//!
//! Pure: a plan and pages in, shares out. Whoever only wants to know what an audit would do needs no browser.

mod deal;
mod pages;
mod resume;
mod role;
mod script;
mod share;

pub use deal::deal;
pub use pages::choose;
pub use resume::{Part, Remains, left, remains};
pub use role::Role;
pub use script::{Step, Todo, left_of, script};
pub use share::{Names, Share, visits};

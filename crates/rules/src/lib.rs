//! Rules over facts: what was observed, how sure it is, and over what. Pure and total.
//!
//! A [`VisitSet`] goes in, a [`Judgement`] comes out. No clock, no I/O, no randomness: the same facts, judged by the
//! same rules, give the same bytes. Facts and legal theories are apart: a rule says what was observed, and
//! `theories/*.toml` say on which element of which statute such an observation bears.
//!
//! A new rule is one file in `src/rules/` and one line in [`catalogue`].

pub mod catalogue;
pub mod judge;
pub mod judgement;
pub mod measure;
pub mod theories;
mod visit_set;

mod aftermath;
mod chain;
mod conclude;
mod declared;
mod draft;
mod index;
mod matrix;
mod occurrence;
mod page_groups;
mod prove;
mod purpose;
mod recipient;
mod remedy;
mod rules;
mod scope;
mod searched;
mod sent;
mod severity;
mod standing;
mod title;
mod window;
mod words;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use catalogue::{RULES, Rule, rule};
pub use judge::judge;
pub use judgement::Judgement;
pub use standing::choice_not_made;
pub use theories::{Theory, theories};
pub use visit_set::{AuditFacts, PlannedVisit, VisitSet};

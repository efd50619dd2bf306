//! Rules over facts: pure and total. (being written)
pub mod judgement;
pub use judgement::Judgement;

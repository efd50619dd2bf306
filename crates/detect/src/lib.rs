//! Names what a record shows. (being written)
pub mod facts;

//! The form of the audit trail: what is hashed of a line, what a check of all lines finds, and what the centre makes of the
//! lines that a till sends. Till and centre have it from here.
//!
//! A line carries the SHA-256 of the line before and of itself; the head of the chain says how long it is and how it ends.
//! This crate does no I/O, and nothing in it names a customer: a line has a pseudonym.

mod batch;
mod chain;

pub use batch::{AuditBatch, Named, Outcome};
pub use chain::{AuditCheck, AuditFault, AuditHead, Check, Content, WrittenLine};

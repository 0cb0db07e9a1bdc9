//! The machine as tables of events: no network, no disk, no waiting.

mod associates;
mod codes;
mod edits;
mod endings;
mod entering;
mod feed;
mod memory;
mod mending;
mod properties;
mod queue;
mod sign_in;
mod staff;
mod till;
mod times_out;
mod trail;

//! The driver with a real memory and a provider that tests hold in hand.

mod associates;
mod counter;
mod faults;
mod feed;
mod hostile;
mod memory;
mod offline;
mod own_authority;
mod provider;
mod sources;
mod store;
mod tokens;
mod visits;

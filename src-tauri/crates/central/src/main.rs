//! The command line of the embedded central service.

fn main() {}

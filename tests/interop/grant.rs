//! `signin` alone.

//! The app, and its `signin` alone, with identity services of others: real ones, started here on loopback. The same tests
//! for each; what differs is how it is started and what its own pages want from a customer.

mod grant;
mod journeys;
mod pages;
mod service;

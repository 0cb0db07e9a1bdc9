//! The client of the central service: profile, activity, preferences, visits.

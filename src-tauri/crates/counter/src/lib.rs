//! The engine of a counter: pure state machines, and the driver that runs their effects.

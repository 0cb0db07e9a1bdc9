//! What the till remembers: encrypted SQLite, search, outbox, audit trail, keyring.

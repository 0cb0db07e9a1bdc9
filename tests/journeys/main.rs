//! What the product exists for, on real parts: the app in its real webview, the real central service, a phone, a
//! keyring. Nothing is reached into: each journey sees windows, pixels, HTTP answers and files.

mod agreement;
mod associates;
mod entering;
mod feed;
mod offline;
mod secrecy;
mod sources;
mod whole;

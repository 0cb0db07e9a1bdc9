//! What a window shows, as numbered views. A window says which view it has drawn and is answered as soon as there is
//! another one.
//!
//! This, and not an event, is how a view reaches its window: Tauri's events are heard by every page that may listen at
//! all, whatever window they were meant for, and the payload of a channel can be fetched by any window once it is larger
//! than 8 kB. The answer to a command goes to the window that asked.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tokio::sync::watch;

use crate::view::Next;

/// The views of one window.
#[derive(Debug)]
pub struct Screen<V> {
    shown: watch::Sender<Arc<Next<V>>>,
    revisions: AtomicU32,
}

impl<V: Clone + PartialEq> Screen<V> {
    /// Shows a first view.
    pub fn new(view: V) -> Self {
        Self { shown: watch::Sender::new(Arc::new(Next { revision: 1, view })), revisions: AtomicU32::new(1) }
    }

    /// Shows a view. Nothing happens when it is what is shown already.
    pub fn show(&self, view: V) {
        self.shown.send_if_modified(|shown| {
            let is_new = shown.view != view;
            if is_new {
                let revision = self.revisions.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
                *shown = Arc::new(Next { revision, view });
            }
            is_new
        });
    }

    /// Shows what becomes of the view that is shown, where it becomes another.
    pub fn change(&self, change: impl FnOnce(&V) -> Option<V>) {
        self.shown.send_if_modified(|shown| {
            let Some(view) = change(&shown.view) else { return false };
            let revision = self.revisions.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            *shown = Arc::new(Next { revision, view });
            true
        });
    }

    /// The first view that is not the one seen: at once, or when there is one.
    pub async fn next(&self, seen: Option<u32>) -> Next<V> {
        let mut shown = self.shown.subscribe();
        loop {
            let now = Arc::clone(&shown.borrow_and_update());
            if Some(now.revision) != seen {
                return Next::clone(&now);
            }
            // The sender is `self`, so the channel is open for as long as this runs.
            if shown.changed().await.is_err() {
                return Next::clone(&now);
            }
        }
    }

    /// Hears of every view from now on.
    pub fn follow(&self) -> watch::Receiver<Arc<Next<V>>> {
        self.shown.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, task::Poll};

    use super::*;

    #[tokio::test]
    async fn a_window_that_has_seen_nothing_is_answered_at_once() {
        let screen = Screen::new("home");
        assert_eq!(screen.next(None).await.view, "home");
        assert_eq!(screen.next(Some(4711)).await.view, "home");
    }

    #[tokio::test]
    async fn a_window_is_answered_only_when_there_is_something_new() {
        let screen = Screen::new("home");
        let first = screen.next(None).await;
        let mut waiting = pin!(screen.next(Some(first.revision)));
        assert!(matches!(futures::poll!(waiting.as_mut()), Poll::Pending));
        screen.show("home");
        assert!(matches!(futures::poll!(waiting.as_mut()), Poll::Pending), "the same view is not a new one");
        screen.show("profile");
        assert_eq!(waiting.await.view, "profile");
    }

    #[tokio::test]
    async fn a_window_that_was_away_gets_the_newest_view_alone() {
        let screen = Screen::new("home");
        let first = screen.next(None).await;
        screen.show("sign-in");
        screen.show("profile");
        let next = screen.next(Some(first.revision)).await;
        assert_eq!(next.view, "profile");
        assert!(next.revision > first.revision);
    }
}

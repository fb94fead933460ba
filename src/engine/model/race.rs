//! The first of two futures; the other is dropped, which cancels it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Which came first.
pub enum First<A, B> {
    /// The left one, also when both were ready.
    Left(A),
    /// The right one.
    Right(B),
}

/// Both, until one is done.
pub struct Race<A, B>(A, B);

/// Runs both until one is done. They stay where they are pinned: an `async fn` would move each of them twice.
pub fn race<A: Future + Unpin, B: Future + Unpin>(left: A, right: B) -> Race<A, B> {
    Race(left, right)
}

impl<A: Future + Unpin, B: Future + Unpin> Future for Race<A, B> {
    type Output = First<A::Output, B::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(value) = Pin::new(&mut self.0).poll(context) {
            return Poll::Ready(First::Left(value));
        }
        Pin::new(&mut self.1).poll(context).map(First::Right)
    }
}

//! Why a queue refuses.

/// Why a queue refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is no such queue.
    #[error("The specified queue does not exist.")]
    NoSuchQueue,
    /// The receipt handle is none of this queue's.
    #[error("The input receipt handle is invalid.")]
    InvalidHandle,
    /// The message is visible or gone: there is no visibility to change.
    #[error("The message referred to isn't in flight.")]
    NotInFlight,
    /// The body is empty, too long or has characters that SQS does not take.
    #[error("{0}")]
    InvalidMessage(String),
}

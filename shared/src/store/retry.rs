//! Another try of an operation that passed without a usable answer: throttling, conflicts, lost answers.

use super::{FIRST_WAIT, Store, TRIES};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

impl Store {
    /// Runs an operation until it is answered: throttling, conflicts and lost answers are tried again with jitter.
    pub(super) async fn retrying<O, E, F>(&self, mut run: impl FnMut() -> F) -> Result<O, SdkError<E>>
    where
        F: Future<Output = Result<O, SdkError<E>>>,
        E: ProvideErrorMetadata,
    {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match run().await {
                Err(error) if passing(&error) => self.clock.sleep(wait / 2 + self.random.up_to(wait / 2)).await,
                settled => return settled,
            }
            wait *= 2;
        }
        run().await
    }
}

/// Whether another try of the same operation may succeed.
fn passing<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    const CODES: [&str; 7] = [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ServiceUnavailable",
    ];
    match error {
        SdkError::ServiceError(it) => it.err().code().is_some_and(|code| CODES.contains(&code)),
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        _ => false,
    }
}

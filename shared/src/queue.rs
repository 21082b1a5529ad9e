//! Putting keys on SQS. What is not put there is found by the sweep.

use crate::job::{Message, sync_queue};
use crate::model::{RecordKey, System};
use anyhow::{Context as _, Result, bail};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use std::collections::BTreeMap;
use std::time::Duration;

/// SQS's own bound on one send.
const SEND_BATCH: usize = 10;
/// SQS's own bound on a delay, in seconds.
const LONGEST_DELAY: u64 = 900;

/// The queues of this deployment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    urls: std::sync::Arc<BTreeMap<String, String>>,
}

impl Queues {
    /// The queues at `urls` (by name) behind `client`.
    #[must_use]
    pub fn new(client: Client, urls: BTreeMap<String, String>) -> Self {
        Self {
            client,
            urls: urls.into(),
        }
    }

    /// Whether a queue is deployed: those of a flow that is off are not, and what waits for them goes on waiting.
    #[must_use]
    pub fn has(&self, queue: &str) -> bool {
        self.urls.contains_key(queue)
    }

    /// Puts messages on a queue.
    ///
    /// # Errors
    /// When one of them was not taken; those before it may have been.
    pub async fn send(&self, queue: &str, messages: &[Message]) -> Result<()> {
        let now: Vec<(Message, Duration)> = messages.iter().map(|it| (it.clone(), Duration::ZERO)).collect();
        self.send_later(queue, &now).await
    }

    /// Puts messages on a queue, each to be seen after its delay: whole seconds, at most 15 minutes.
    ///
    /// # Errors
    /// As [`Queues::send`].
    pub async fn send_later(&self, queue: &str, messages: &[(Message, Duration)]) -> Result<()> {
        let url = self.url(queue)?;
        for chunk in messages.chunks(SEND_BATCH) {
            let mut request = self.client.send_message_batch().queue_url(url);
            for (index, (message, delay)) in chunk.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .message_body(message.write());
                let seconds = i32::try_from(delay.as_secs().min(LONGEST_DELAY))
                    .ok()
                    .filter(|it| *it > 0);
                request = request.entries(entry.set_delay_seconds(seconds).build()?);
            }
            let answer = request.send().await.with_context(|| format!("send to {queue}"))?;
            if let Some(failed) = answer.failed().first() {
                bail!("send to {queue}: {}", failed.code());
            }
        }
        Ok(())
    }

    /// Asks for a record to be synced now. A failure is logged only: the link is open and the sweep feeds it.
    pub async fn wake(&self, key: &RecordKey, systems: &[System]) {
        for system in systems {
            let queue = sync_queue(&key.kind, system);
            if let Err(error) = self.send(&queue, &[Message::Sync(key.clone(), system.clone())]).await {
                tracing::warn!(record = %key, %system, error = format!("{error:#}"), "not enqueued; the sweep will");
            }
        }
    }

    /// How many messages a queue holds: waiting, delayed and in flight.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn depth(&self, queue: &str) -> Result<usize> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.client.get_queue_attributes().queue_url(self.url(queue)?);
        let answer = request.set_attribute_names(Some(names.to_vec())).send().await;
        let found = answer
            .with_context(|| format!("ask for the depth of {queue}"))?
            .attributes
            .unwrap_or_default();
        Ok(names
            .iter()
            .filter_map(|name| found.get(name)?.parse::<usize>().ok())
            .sum())
    }

    fn url(&self, queue: &str) -> Result<&String> {
        self.urls
            .get(queue)
            .with_context(|| format!("QUEUE_{} is not set", queue.to_uppercase()))
    }
}

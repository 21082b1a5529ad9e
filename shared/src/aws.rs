//! How AWS is reached: clients without `aws-config`, over the transport of the systems, without the SDKs' own retries.
//!
//! Lambda always gives region and credentials in the environment. A client built from its own configuration ignores
//! `AWS_ENDPOINT_URL`, so it is read here, with its per-service forms.

mod over;

use crate::clock::Clock;
use crate::config::Lookup;
use crate::systems::http::Transport;
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use over::Over;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// One operation on the table or a queue takes milliseconds; what takes longer is lost and tried again.
const OPERATION: Duration = Duration::from_secs(4);

/// Region, endpoints, credentials and the connector.
#[derive(Clone, Debug)]
pub struct Access {
    /// The region's name.
    pub region: String,
    /// Another endpoint for DynamoDB.
    pub dynamodb_endpoint: Option<String>,
    /// Another endpoint for SQS.
    pub sqs_endpoint: Option<String>,
    /// Another endpoint for Secrets Manager.
    pub secrets_endpoint: Option<String>,
    /// Credentials.
    pub credentials: Credentials,
    /// The connector under the SDK.
    pub http: SharedHttpClient,
}

impl Access {
    /// As the environment says, over `http`.
    #[must_use]
    pub fn from_environment(lookup: Lookup<'_>, http: SharedHttpClient) -> Self {
        let endpoint =
            |service: &str| lookup(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| lookup("AWS_ENDPOINT_URL"));
        let get = |name: &str| lookup(name).unwrap_or_default();
        let session = lookup("AWS_SESSION_TOKEN");
        let (id, secret) = (get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY"));
        Self {
            region: lookup("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            dynamodb_endpoint: endpoint("DYNAMODB"),
            sqs_endpoint: endpoint("SQS"),
            secrets_endpoint: endpoint("SECRETS_MANAGER"),
            credentials: Credentials::new(id, secret, session, None, "environment"),
            http,
        }
    }

    /// A client of DynamoDB.
    #[must_use]
    pub fn dynamodb(&self, clock: &Clock) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(self.credentials.clone())
            .http_client(self.http.clone())
            .sleep_impl(TokioSleep::new())
            .time_source(SharedTimeSource::new(Now(clock.clone())))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(self.dynamodb_endpoint.clone());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// A client of SQS.
    #[must_use]
    pub fn sqs(&self, clock: &Clock) -> aws_sdk_sqs::Client {
        let mut config = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new(self.region.clone()))
            .credentials_provider(self.credentials.clone())
            .http_client(self.http.clone())
            .sleep_impl(TokioSleep::new())
            .time_source(SharedTimeSource::new(Now(clock.clone())))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts())
            .stalled_stream_protection(aws_sdk_sqs::config::StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(self.sqs_endpoint.clone());
        aws_sdk_sqs::Client::from_conf(config.build())
    }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder().operation_timeout(OPERATION).build()
}

/// The real connector: the transport that the systems are called by.
#[must_use]
pub fn connector(transport: Arc<dyn Transport>) -> SharedHttpClient {
    SharedHttpClient::new(Over(transport))
}

#[derive(Debug)]
struct Now(Clock);

impl TimeSource for Now {
    fn now(&self) -> SystemTime {
        SystemTime::from(self.0.now())
    }
}

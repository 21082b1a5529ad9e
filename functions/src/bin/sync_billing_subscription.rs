//! The binary of `sync_billing_subscription`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::sync_billing_subscription::handle).await
}

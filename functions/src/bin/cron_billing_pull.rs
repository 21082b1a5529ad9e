//! The binary of `cron_billing_pull`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::cron_billing_pull::handle).await
}

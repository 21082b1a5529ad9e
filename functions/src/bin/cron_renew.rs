//! The binary of `cron_renew`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::cron_renew::handle).await
}

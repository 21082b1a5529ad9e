//! The binary of `cron_sweep`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::cron_sweep::handle).await
}

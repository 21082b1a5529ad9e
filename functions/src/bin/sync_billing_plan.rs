//! The binary of `sync_billing_plan`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::sync_billing_plan::handle).await
}

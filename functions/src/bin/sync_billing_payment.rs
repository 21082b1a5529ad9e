//! The binary of `sync_billing_payment`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::sync_billing_payment::handle).await
}

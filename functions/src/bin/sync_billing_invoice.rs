//! The binary of `sync_billing_invoice`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::sync_billing_invoice::handle).await
}

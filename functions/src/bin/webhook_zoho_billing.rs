//! The binary of `webhook_zoho_billing`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::http(functions::webhook_zoho_billing::handle).await
}

//! The binary of `webhook_zoho_crm`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::http(functions::webhook_zoho_crm::handle).await
}

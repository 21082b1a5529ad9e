//! The binary of `sync_zoho_crm_lead`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::sync_zoho_crm_lead::handle).await
}

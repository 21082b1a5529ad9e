//! The binary of `cron_zoho_crm_pull`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::cron_zoho_crm_pull::handle).await
}

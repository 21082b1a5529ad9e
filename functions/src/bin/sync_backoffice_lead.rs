//! The binary of `sync_backoffice_lead`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::sync_backoffice_lead::handle).await
}

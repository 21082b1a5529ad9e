//! The binary of `webhook_netcash`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::http(functions::webhook_netcash::handle).await
}

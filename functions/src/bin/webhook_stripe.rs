//! The binary of `webhook_stripe`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::http(functions::webhook_stripe::handle).await
}

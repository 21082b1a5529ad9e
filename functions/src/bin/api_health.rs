//! The binary of `api_health`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::http(functions::api_health::handle).await
}

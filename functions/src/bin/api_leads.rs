//! The binary of `api_leads`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::http(functions::api_leads::handle).await
}

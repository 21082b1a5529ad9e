//! The binary of `api_crons`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::http(functions::api_crons::handle).await
}

//! The binary of `dead_letters`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::queue(functions::dead_letters::handle).await
}

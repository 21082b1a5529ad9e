//! The binary of `webhook_supabase`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::http(functions::webhook_supabase::handle).await
}

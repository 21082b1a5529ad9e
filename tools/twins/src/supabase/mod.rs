//! To come.
/// x
pub struct Supabase;

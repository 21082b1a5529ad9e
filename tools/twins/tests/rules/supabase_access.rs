//! Supabase: keys, paths, and what is refused (docs/vendors.md §4.1, §4.4).

use crate::common::Base;
use crate::supabase_read::filled;
use twins::supabase;

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let base = filled();
    for (path, status, code) in [
        ("/leads?email=foo.1", 400, "PGRST100"),
        ("/leads?email=1", 400, "PGRST100"),
        ("/leads?email=in.a", 400, "PGRST100"),
        ("/leads?or=(email.eq.1", 400, "PGRST100"),
        ("/leads?order=email.up", 400, "PGRST100"),
        ("/leads?nope=eq.1", 400, "42703"),
        ("/leads?select=nope", 400, "42703"),
        ("/leads?order=nope", 400, "42703"),
        ("/leads?select=email,orders(*)", 400, "PGRST200"),
        ("/leads?id=eq.1", 400, "22P02"),
        ("/leads?loan_term=eq.x", 400, "22P02"),
        ("/leads?loan_term=eq.9999999999", 400, "22003"),
        ("/leads?updated_at=gt.2026-01-02T03:04:05+00:00", 400, "22007"),
        ("/leads?loan_term=like.1*", 404, "42883"),
        ("/orders", 404, "PGRST205"),
        ("/rpc/merge", 404, "PGRST202"),
        ("/leads/1", 404, "PGRST125"),
        ("/", 404, "PGRST126"),
    ] {
        let answer = base.get(path).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{path}: {}",
            answer.text
        );
    }
    let message = base.get("/leads?email=foo.1").await.json();
    assert_eq!(
        message["message"],
        "\"failed to parse filter (foo.1)\" (line 1, column 1)"
    );
    assert_eq!(
        message["details"],
        "unexpected \"f\" expecting \"not\" or operator (eq, gt, ...)"
    );
    let profile = base.send("GET", "/leads", &[("accept-profile", "private")], "").await;
    assert_eq!((profile.status, profile.code().as_str()), (406, "PGRST106"));
    let without = Base::with(supabase::Settings::back_office(false));
    assert_eq!(without.get("/sync_metadata").await.code(), "PGRST205");
}

#[tokio::test]
async fn keys_are_checked_by_their_kind() {
    let base = Base::portal();
    let (jwt, secret) = ("header.payload.portal", "sb_secret_portal");
    let (jwt_bearer, secret_bearer) = (format!("Bearer {jwt}"), format!("Bearer {secret}"));
    let browser = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)");
    for (headers, status) in [
        (vec![], 401),
        (vec![("apikey", "wrong")], 401),
        (vec![("authorization", secret_bearer.as_str())], 401),
        (vec![("apikey", secret)], 200),
        (vec![("apikey", secret), ("authorization", secret_bearer.as_str())], 200),
        (
            vec![("apikey", secret), ("authorization", "Bearer sb_secret_other")],
            401,
        ),
        (vec![("apikey", secret), browser], 401),
        (vec![("apikey", jwt), ("authorization", jwt_bearer.as_str())], 200),
        (vec![("apikey", jwt)], 401),
        (vec![("apikey", jwt), ("authorization", secret_bearer.as_str())], 401),
    ] {
        assert_eq!(
            base.raw("GET", "/leads", &headers, "").await.status,
            status,
            "{headers:?}"
        );
    }
    let none = base.raw("GET", "/leads", &[], "").await.json();
    assert_eq!(none["message"], "No API key found in request");
    let bearer = [("apikey", secret), ("authorization", "Bearer sb_secret_other")];
    assert_eq!(base.raw("GET", "/leads", &bearer, "").await.code(), "PGRST301");
}

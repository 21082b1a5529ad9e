//! Access tokens.

use crate::transport::{http, now};
use shared::systems::http::Base;
use shared::systems::zoho_accounts::{Credentials, MINT_WINDOW, MintError, refresh};
use std::time::Duration;
use twins::ZohoCrm;
use twins::zoho::Settings;

fn accounts() -> Base {
    Base::parse("https://accounts.zoho.eu").unwrap()
}

fn credentials(secret: &str, refresh_token: &str) -> Credentials {
    Credentials {
        client_id: "1000.TWIN".to_owned(),
        client_secret: secret.into(),
        refresh_token: refresh_token.into(),
    }
}

#[tokio::test(start_paused = true)]
async fn ten_tokens_in_ten_minutes_and_then_a_wait_that_helps() {
    let http = http(ZohoCrm::new(Settings::default(), now()));
    let good = credentials("twin-client-secret", "1000.twin.refresh");
    for _ in 0..10 {
        let minted = refresh(&http, &accounts(), &good).await.unwrap();
        assert_eq!(minted.expires_in, Duration::from_secs(3600));
        assert_eq!(minted.api_domain.unwrap().host_str(), Some("www.zohoapis.eu"));
    }
    let refused = refresh(&http, &accounts(), &good).await.unwrap_err();
    assert!(
        matches!(refused, MintError::WaitOut { wait: MINT_WINDOW, .. }),
        "{refused}"
    );
    tokio::time::advance(MINT_WINDOW).await;
    assert!(refresh(&http, &accounts(), &good).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_only_a_person_can_mend_says_so_with_either_status() {
    for token_error_status in [200, 400] {
        let mut settings = Settings::default();
        settings.accounts.token_error_status = token_error_status;
        let http = http(ZohoCrm::new(settings, now()));
        for wrong in [
            credentials("no", "1000.twin.refresh"),
            credentials("twin-client-secret", "no"),
        ] {
            let refused = refresh(&http, &accounts(), &wrong).await.unwrap_err();
            assert!(matches!(refused, MintError::Reconnect(_)), "{refused}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_again_later() {
    let twin = ZohoCrm::new(Settings::default(), now());
    let good = credentials("twin-client-secret", "1000.twin.refresh");
    for effect in [
        twins::Effect::LoseAfter,
        twins::Effect::Slow(Duration::from_secs(60)),
        twins::Effect::Status(500),
    ] {
        twin.faults().next("token", 1, effect);
        let lost = refresh(&http(twin.clone()), &accounts(), &good).await.unwrap_err();
        assert!(matches!(lost, MintError::Later(_)), "{lost}");
    }
    assert!(refresh(&http(twin), &accounts(), &good).await.is_ok());
}

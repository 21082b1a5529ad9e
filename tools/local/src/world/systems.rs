//! The outside systems of a local bundle: twins, reached by host name, with faults between.

use crate::Now;
use crate::fault::{Failure, Faults};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use shared::systems::http::{Transport, TransportError};
use std::fmt;
use std::io;
use std::path::Path;
use twins::{Lost, Supabase, ZohoCrm, supabase, zoho};

/// The twins. Cheap to clone.
#[derive(Clone)]
pub struct Systems {
    /// Zoho CRM.
    pub zoho: ZohoCrm,
    /// The portal's Supabase.
    pub portal: Supabase,
    /// The back office's Supabase.
    pub backoffice: Supabase,
    /// Faults on the way there and back.
    pub faults: Faults,
}

impl fmt::Debug for Systems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the twins")
    }
}

impl Systems {
    pub(super) fn new(now: Now, data: Option<&Path>) -> io::Result<Self> {
        let webhook_url = "https://concord.example/webhooks/supabase/portal";
        let portal =
            supabase::Settings::portal().webhook("leads", webhook_url, "x-webhook-secret", "local-portal-secret");
        let back_office = supabase::Settings::back_office(true);
        let zoho = zoho::Settings::default();
        Ok(match data {
            None => Self {
                zoho: ZohoCrm::new(zoho, now.clone()),
                portal: Supabase::new(portal, now.clone()),
                backoffice: Supabase::new(back_office, now),
                faults: Faults::none(),
            },
            Some(dir) => Self {
                zoho: ZohoCrm::open(zoho, now.clone(), &dir.join("zoho"))?,
                portal: Supabase::open(portal, now.clone(), &dir.join("portal"))?,
                backoffice: Supabase::open(back_office, now, &dir.join("backoffice"))?,
                faults: Faults::none(),
            },
        })
    }
}

impl Transport for Systems {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, TransportError>> {
        let systems = self.clone();
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default().to_owned();
            let operation = format!("{} {}", request.method(), request.uri().path());
            let (service, answer): (_, BoxFuture<'_, Result<Response<Bytes>, Lost>>) = match host.as_str() {
                "portal.supabase.co" => ("portal", Box::pin(systems.portal.call(request))),
                "backoffice.supabase.co" => ("backoffice", Box::pin(systems.backoffice.call(request))),
                it if it.contains("zoho") => ("zoho_crm", Box::pin(systems.zoho.call(request))),
                other => return Err(TransportError::NotSent(format!("no twin stands for {other}"))),
            };
            match systems.faults.around(service, &operation, answer).await {
                Ok(answer) => answer.map_err(|it| TransportError::NoAnswer(it.to_string())),
                Err(Failure::NotSent) => Err(TransportError::NotSent("the fault says so".into())),
                Err(Failure::Throttled) => Ok(status(429)),
                Err(Failure::ServerError | Failure::Conflict) => Ok(status(503)),
                Err(Failure::NoAnswer) => Err(TransportError::NoAnswer("the fault says so".into())),
            }
        })
    }
}

fn status(code: u16) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::from_u16(code).unwrap_or_default();
    response
}

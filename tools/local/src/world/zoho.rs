//! Zoho's products behind one host, as Zoho has them: whose a request is stands in its path.

use bytes::Bytes;
use http::{Request, Response};
use twins::{Lost, Twin, ZohoBilling, ZohoCrm};

/// Zoho CRM and Zoho Billing on one door, with one accounts host. Cheap to clone.
#[derive(Clone)]
pub struct Zoho {
    /// Zoho CRM, and the accounts host.
    pub crm: ZohoCrm,
    /// Zoho Billing.
    pub billing: ZohoBilling,
}

impl std::fmt::Debug for Zoho {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Zoho's twins")
    }
}

/// Whether a request is Zoho Billing's.
#[must_use]
pub fn is_billings(path: &str) -> bool {
    path.starts_with("/billing/")
}

impl Twin for Zoho {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        match is_billings(request.uri().path()) {
            true => self.billing.call(request).await,
            false => self.crm.call(request).await,
        }
    }
}

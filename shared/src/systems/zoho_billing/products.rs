//! Products, which plans and lines of invoices belong to (docs/vendors.md §2.4).

use super::Pace;
use super::objects::{PRODUCTS, Page};
use super::values::text;
use super::{Found, ZohoBilling};
use crate::systems::zoho_accounts::Access;
use crate::systems::{CallError, Seen, Written};
use serde_json::json;

impl ZohoBilling {
    /// Makes a product.
    ///
    /// Write class: **findable** by [`ZohoBilling::find_product`]; whether Zoho refuses a name that is taken is not
    /// documented, so look before making.
    ///
    /// # Errors
    /// As any write.
    pub async fn create_product(&self, access: &Access, name: &str, description: &str) -> Result<Written, CallError> {
        let body = json!({ "name": name, "description": description });
        self.create(access, &PRODUCTS, &[], &body).await
    }

    /// Sets name and description of a product.
    ///
    /// Write class: **keyed** on Zoho's own id: it may be sent again.
    ///
    /// # Errors
    /// `Gone` where there is no such product; else as any write.
    pub async fn update_product(
        &self,
        access: &Access,
        id: &str,
        name: &str,
        description: &str,
    ) -> Result<Written, CallError> {
        let body = json!({ "name": name, "description": description });
        self.update(access, &PRODUCTS, id, &[], &body).await
    }

    /// A product.
    ///
    /// # Errors
    /// `Gone` where there is none; else as any read.
    pub async fn product(&self, access: &Access, id: &str) -> Result<Seen, CallError> {
        self.read_one(access, &PRODUCTS, id).await
    }

    /// A page of all products; it may be kept, since they are few and seldom change.
    ///
    /// # Errors
    /// As any read.
    pub async fn products(&self, access: &Access, page: u32) -> Result<Page, CallError> {
        self.list(access, &PRODUCTS, &[], page).await
    }

    /// The product of this name, compared letter by letter: a call for each 200 products, each after `pace`.
    ///
    /// # Errors
    /// What `pace` says; `Later` where a row can't be read; else as any read.
    pub async fn find_product(&self, access: &Access, name: &str, pace: &impl Pace) -> Result<Found, CallError> {
        let name = name.trim();
        let is_wanted = |product: &Seen| text(product, "name") == Some(name);
        Ok(Found::of(self.matching(access, &PRODUCTS, &[], is_wanted, pace).await?))
    }
}

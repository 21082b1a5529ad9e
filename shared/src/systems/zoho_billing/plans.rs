//! Plans, which are named by a code of ours (docs/vendors.md §2.4).

use super::Pace;
use super::objects::{PLANS, Page};
use super::{Found, ZohoBilling, values};
use crate::systems::zoho_accounts::Access;
use crate::systems::{CallError, Seen, Written};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// A plan that is billed monthly until it is cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPlan {
    /// Our code for it: a part of its address, so it never changes.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Zoho's id of the product that it belongs to.
    pub product_id: String,
    /// Its price each month, in the organisation's currency.
    pub price: Decimal,
    /// What it is.
    pub description: String,
}

impl NewPlan {
    /// The fields that may change; Zoho's schema demands all of them but the description again when one does (§2.4).
    fn fields(&self) -> Json {
        json!({
            "plan_code": self.code,
            "name": self.name,
            "recurring_price": values::number(self.price),
            "interval": 1,
            "interval_unit": "months",
            "billing_cycles": -1,
            "description": self.description,
        })
    }
}

impl ZohoBilling {
    /// Makes a plan.
    ///
    /// Write class: **findable** by [`ZohoBilling::find_plan`]; what a code that is taken gets for an answer is not
    /// documented, so look before making.
    ///
    /// # Errors
    /// As any write.
    pub async fn create_plan(&self, access: &Access, plan: &NewPlan) -> Result<Written, CallError> {
        let mut body = plan.fields();
        body["product_id"] = json!(plan.product_id);
        self.create(access, &PLANS, &[], &body).await
    }

    /// Sets the fields of the plan with this code; it stays with its product.
    ///
    /// Write class: **keyed** on the code: it may be sent again.
    ///
    /// # Errors
    /// `Gone` where there is no such plan; else as any write.
    pub async fn update_plan(&self, access: &Access, plan: &NewPlan) -> Result<Written, CallError> {
        self.update(access, &PLANS, &plan.code, &[], &plan.fields()).await
    }

    /// The plan of this code.
    ///
    /// # Errors
    /// `Gone` where there is none; else as any read.
    pub async fn plan(&self, access: &Access, code: &str) -> Result<Seen, CallError> {
        self.read_one(access, &PLANS, code).await
    }

    /// A page of all plans, inactive ones too; it may be kept, since they are few and seldom change.
    ///
    /// # Errors
    /// As any read.
    pub async fn plans(&self, access: &Access, page: u32) -> Result<Page, CallError> {
        self.list(access, &PLANS, &[("filter_by", "PlanStatus.All")], page)
            .await
    }

    /// The plan of this code, from the list: what the address of a missing one answers is not documented (§2.2), and
    /// "absent" decides that one is made. A call for each 200 plans, each after `pace`.
    ///
    /// # Errors
    /// What `pace` says; `Later` where a row can't be read; else as any read.
    pub async fn find_plan(&self, access: &Access, code: &str, pace: &impl Pace) -> Result<Found, CallError> {
        let filter = [("filter_by", "PlanStatus.All")];
        let is_wanted = |plan: &Seen| plan.id == code;
        Ok(Found::of(
            self.matching(access, &PLANS, &filter, is_wanted, pace).await?,
        ))
    }
}

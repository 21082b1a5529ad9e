//! The fields of a lead.

use super::{FieldSpec, KindSpec, Origin, Owner, Route, Shape};
use crate::model::{Class, Kind, System};
use std::collections::BTreeMap;

/// The rows of a lead; `names` holds the Zoho API names that differ in this business.
#[must_use]
pub fn lead(names: &BTreeMap<String, String>) -> KindSpec {
    let mut fields = rows();
    for field in &mut fields {
        let Some(name) = names.get(field.name) else { continue };
        for column in field.columns.iter_mut().filter(|it| it.0 == System::ZOHO_CRM) {
            column.1.clone_from(name);
        }
    }
    KindSpec {
        kind: Kind::LEAD,
        fields,
        routes: routes(),
        class: Class::LIVE,
        calls: 1,
    }
}

fn routes() -> Vec<Route> {
    let route = |system, written, source| Route {
        system,
        written,
        source,
        parents: Vec::new(),
    };
    vec![
        route(System::PORTAL, false, true),
        route(System::ZOHO_CRM, true, true),
        route(System::BACKOFFICE, true, false),
    ]
}

fn rows() -> Vec<FieldSpec> {
    use Shape::{Boolean, Decimal, Email, Integer, Status, Text};
    let mut rows = vec![
        contact("first_name", Text, "First_Name"),
        FieldSpec {
            clears: false,
            ..contact("last_name", Text, "Last_Name")
        },
        FieldSpec {
            clears: false,
            ..contact("email", Email, "Email")
        },
        contact("phone", Text, "Phone"),
        contact("street", Text, "Street"),
        contact("city", Text, "City"),
        contact("notes", Text, "Description"),
        FieldSpec {
            owner: Owner::Is(System::ZOHO_CRM),
            clears: false,
            ..contact("status", Status, "Lead_Status")
        },
        quote("system_size_kw", Decimal, "System_Size"),
        quote("total_price", Decimal, "Quote_Amount"),
        quote("annual_savings", Decimal, "Annual_Savings"),
        quote("payment_method", Text, "Payment_Method"),
        quote("loan_term", Integer, "Loan_Term"),
        quote("with_battery", Boolean, "With_Battery"),
        quote("battery_size_kwh", Decimal, "Battery_Size"),
    ];
    rows.push(only(
        "source",
        Text,
        &[(System::PORTAL, "source"), (System::ZOHO_CRM, "Portal_Source")],
    ));
    rows.push(only("latitude", Decimal, &[(System::PORTAL, "latitude")]));
    rows.push(only("longitude", Decimal, &[(System::PORTAL, "longitude")]));
    rows.push(only("is_gozo", Boolean, &[(System::BACKOFFICE, "is_gozo")]));
    rows.push(FieldSpec {
        origin: Origin::Key,
        clears: false,
        ..only(
            "portal_lead_id",
            Shape::Uuid,
            &[
                (System::ZOHO_CRM, "Portal_Lead_ID"),
                (System::BACKOFFICE, "portal_lead_id"),
            ],
        )
    });
    rows.push(FieldSpec {
        origin: Origin::RemoteId("zoho_crm"),
        ..only("zoho_lead_id", Text, &[(System::BACKOFFICE, "zoho_lead_id")])
    });
    rows
}

/// Contact data: the portal's until Zoho knows the lead, then Zoho's.
fn contact(name: &'static str, shape: Shape, zoho: &str) -> FieldSpec {
    let columns = [
        (System::PORTAL, name),
        (System::ZOHO_CRM, zoho),
        (System::BACKOFFICE, name),
    ];
    FieldSpec {
        owner: Owner::OnceKnown(System::PORTAL, System::ZOHO_CRM),
        ..only(name, shape, &columns)
    }
}

/// What the portal quoted: the portal's.
fn quote(name: &'static str, shape: Shape, zoho: &str) -> FieldSpec {
    only(
        name,
        shape,
        &[
            (System::PORTAL, name),
            (System::ZOHO_CRM, zoho),
            (System::BACKOFFICE, name),
        ],
    )
}

fn only(name: &'static str, shape: Shape, columns: &[(System, &str)]) -> FieldSpec {
    let columns = columns
        .iter()
        .map(|(system, column)| (system.clone(), (*column).to_owned()))
        .collect();
    FieldSpec {
        name,
        shape,
        owner: Owner::Is(System::PORTAL),
        clears: true,
        origin: Origin::Field,
        columns,
    }
}

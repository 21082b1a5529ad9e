//! Which scopes cover which (docs/vendors.md §1.2).

/// Whether a granted scope covers a needed one: itself, or `ALL` (or, for modules, the operation) at a
/// higher level, as in `ZohoCRM.modules.ALL`.
pub(crate) fn covers(granted: &str, needed: &str) -> bool {
    let same = |scope: &str| granted.eq_ignore_ascii_case(scope);
    let (place, operation) = needed.rsplit_once('.').unwrap_or((needed, "ALL"));
    let wide = place.rsplit_once('.').map_or(place, |(wide, _)| wide);
    let operations: &[&str] = match operation {
        "CREATE" | "UPDATE" => &[operation, "WRITE", "ALL"],
        _ => &[operation, "ALL"],
    };
    operations
        .iter()
        .any(|o| same(&format!("{place}.{o}")) || wide.contains('.') && same(&format!("{wide}.{o}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_cover_what_lies_below_them() {
        for granted in [
            "ZohoCRM.modules.ALL",
            "ZohoCRM.modules.leads.ALL",
            "ZohoCRM.modules.Leads.READ",
        ] {
            assert!(covers(granted, "ZohoCRM.modules.Leads.READ"), "{granted}");
        }
        for granted in [
            "ZohoCRM.modules.Contacts.ALL",
            "ZohoCRM.modules.Leads.CREATE",
            "ZohoCRM.ALL",
        ] {
            assert!(!covers(granted, "ZohoCRM.modules.Leads.READ"), "{granted}");
        }
        assert!(!covers("ZohoCRM.modules.ALL", "ZohoCRM.coql.READ"));
    }
}

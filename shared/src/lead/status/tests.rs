use super::*;
use proptest::prelude::*;

/// Zoho CRM's standard Lead Status list and what the hub calls each.
const ZOHO: [(&str, &str); 8] = [
    ("Not Contacted", "new"),
    ("Attempted to Contact", "attempted"),
    ("Contacted", "contacted"),
    ("Contact in Future", "later"),
    ("Pre-Qualified", "qualified"),
    ("Not Qualified", "not_qualified"),
    ("Lost Lead", "lost"),
    ("Junk Lead", "junk"),
];

#[test]
fn shipped_covers_zohos_standard_list_one_to_one() {
    let table = StatusMap::parse(SHIPPED).expect("the shipped table parses");
    assert_eq!(table, StatusMap::shipped());
    for (word, status) in ZOHO {
        assert_eq!(table.read("zoho_crm", word), Some(status));
        assert_eq!(table.write("zoho_crm", status), Some(word));
    }
    assert!(table.statuses().eq(ZOHO.map(|(_, status)| status)));
    assert!(table.systems().eq(["backoffice", "portal", "zoho_crm"]));
}

#[test]
fn shipped_survives_the_way_to_every_system_and_back() {
    let table = StatusMap::shipped();
    for system in table.systems() {
        for status in table.statuses() {
            let word = table.write(system, status).expect("every system has every status");
            assert_eq!(table.read(system, word), Some(status), "{system} {word}");
        }
    }
}

#[test]
fn words_are_read_as_people_type_them() {
    let table = StatusMap::shipped();
    let cases = [
        ("zoho_crm", "attempted to contact", Some("attempted")),
        ("zoho_crm", "  JUNK  LEAD\u{a0}", Some("junk")),
        ("zoho_crm", "Pre-Qualified", Some("qualified")),
        ("zoho_crm", "new", None),
        ("zoho_crm", "", None),
        ("portal", "New", Some("new")),
        ("portal", "no_answer", Some("attempted")),
        ("portal", "quoted", None),
        ("backoffice", "Spam", Some("junk")),
        ("backoffice", "Won", None),
        ("highlevel", "new", None),
    ];
    for (system, word, expected) in cases {
        assert_eq!(table.read(system, word), expected, "{system} {word:?}");
    }
    assert_eq!(table.write("zoho_crm", " LOST "), Some("Lost Lead"));
    assert_eq!(table.write("zoho_crm", "quoted"), None);
    assert_eq!(table.write("highlevel", "new"), None);
}

#[test]
fn mistakes_name_row_and_column() {
    let cases = [
        ("[]", "the table has no rows"),
        (r#"[{"portal": ["a"]}]"#, r#"row 1, column "status": must be a word"#),
        (r#"[{"status": " "}]"#, r#"row 1, column "status": must be a word"#),
        (
            r#"[{"status": "new"}, {"status": "New"}]"#,
            r#"row 2, column "status": "New" stands in an earlier row"#,
        ),
        (
            r#"[{"status": "new", "portal": "new"}]"#,
            r#"row 1, column "portal": must be a list of words"#,
        ),
        (
            r#"[{"status": "new", "portal": ["new", 7]}]"#,
            r#"row 1, column "portal": entry 2 must be a word"#,
        ),
        (
            r#"[{"status": "new", "portal": [""]}]"#,
            r#"row 1, column "portal": entry 1 must be a word"#,
        ),
        (
            r#"[{"status": "a", "zoho_crm": ["X"]}, {"status": "b", "zoho_crm": ["Y", "x "]}]"#,
            r#"row 2, column "zoho_crm": "x" stands for "a" too"#,
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(StatusMap::parse(json), Err(expected.to_owned()), "{json}");
    }
    for json in ["", "{}", "[1]", "[{\"status\": \n \"new\""] {
        let error = StatusMap::parse(json).expect_err(json);
        assert!(error.starts_with("no JSON list of rows: "), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
}

#[test]
fn a_system_may_lack_a_status_and_a_word_may_repeat_in_its_row() {
    let table = StatusMap::parse(
        r#"[{"status": "new", "portal": ["New", "NEW"], "zoho_crm": []}, {"status": "won", "erp": ["Won"]}]"#,
    )
    .expect("parses");
    assert_eq!(table.write("portal", "new"), Some("New"));
    assert_eq!(table.write("portal", "won"), None);
    assert_eq!(table.write("zoho_crm", "new"), None);
    assert_eq!(table.read("erp", "won"), Some("won"));
    assert!(table.systems().eq(["erp", "portal"]));
}

#[test]
fn the_hash_changes_with_what_the_table_does() {
    let hash = |json| StatusMap::parse(json).expect(json).hash();
    let base = hash(r#"[{"status": "a", "x": ["1", "2", "3"]}, {"status": "b", "x": ["4"]}]"#);
    let same = [
        r#"[{"status": "b", "x": ["4"]}, {"status": "a", "x": ["1", "2", "3"]}]"#,
        r#"[{"x": ["1", "3", "2"], "status": "a", "y": []}, {"status": "b", "x": ["4"]}]"#,
    ];
    let different = [
        r#"[{"status": "a", "x": ["2", "1", "3"]}, {"status": "b", "x": ["4"]}]"#,
        r#"[{"status": "a", "x": ["1", "2"]}, {"status": "b", "x": ["4"]}]"#,
        r#"[{"status": "a", "x": ["1", "2"]}, {"status": "b", "x": ["4", "3"]}]"#,
        r#"[{"status": "a", "y": ["1", "2", "3"]}, {"status": "b", "y": ["4"]}]"#,
        r#"[{"status": "a", "x": ["1", "2", "3"]}, {"status": "c", "x": ["4"]}]"#,
    ];
    for json in same {
        assert_eq!(hash(json), base, "{json}");
    }
    for json in different {
        assert_ne!(hash(json), base, "{json}");
    }
}

/// Stored hashes outlive a build: this one may only change together with the shipped table.
#[test]
fn the_hash_is_the_same_in_every_build() {
    assert_eq!(fnv1a(FNV_OFFSET, ""), 0xaf64_724c_8602_eb6e);
    assert_eq!(StatusMap::shipped().hash(), "1bea163836b3c43b");
}

fn table() -> impl Strategy<Value = String> {
    let list = || proptest::collection::vec("[A-D]{1,2}", 0..3);
    let row = ("[a-e]{1,2}", list(), list());
    proptest::collection::vec(row, 1..6).prop_map(|rows| {
        let rows: Vec<Value> = rows
            .into_iter()
            .map(|(status, x, y)| serde_json::json!({"status": status, "x": x, "y": y}))
            .collect();
        Value::from(rows).to_string()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(json in table()) {
        if let Ok(table) = StatusMap::parse(&json) {
            for system in table.systems() {
                for status in table.statuses() {
                    if let Some(word) = table.write(system, status) {
                        prop_assert_eq!(table.read(system, word), Some(status));
                    }
                }
            }
        }
    }

    #[test]
    fn parse_never_panics(json in any::<String>()) {
        let _ = StatusMap::parse(&json);
    }
}

#[test]
fn two_of_the_apps_words_may_be_one_of_a_system_that_is_never_read() {
    let rows = r#"[{"status": "suspended", "app": ["suspended"], "zoho_billing": ["cancelled"]},
                   {"status": "cancelled", "app": ["cancelled"], "zoho_billing": ["cancelled"]}]"#;
    let table = StatusMap::parse_for_services(rows).unwrap();
    for status in ["suspended", "cancelled"] {
        assert_eq!(table.write("zoho_billing", status), Some("cancelled"));
        assert_eq!(table.read("app", status), Some(status));
    }
    assert!(StatusMap::parse(rows).is_err());
    let twice = rows.replace("\"app\": [\"suspended\"]", "\"app\": [\"cancelled\"]");
    assert!(StatusMap::parse_for_services(&twice).is_err());
}

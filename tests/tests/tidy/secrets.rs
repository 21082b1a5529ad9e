//! Secrets are compared in constant time only, and their text is taken only where it goes out or is compared so.

use crate::tree;

/// Lines that take a secret's text and compare it by themselves.
fn compared(path: &str, source: &str) -> Vec<String> {
    let lines = source.lines().enumerate();
    let wrong = lines.filter(|(_, line)| {
        let code = line.split("//").next().unwrap_or_default();
        code.match_indices(TEXT_OF)
            .any(|(at, _)| is_compared(&code[..at], &code[at + TEXT_OF.len()..]))
    });
    wrong
        .map(|(number, _)| format!("{path}:{} compares a secret", number + 1))
        .collect()
}

const TEXT_OF: &str = ".expose_secret()";

/// Whether what stands around a secret's text compares it.
fn is_compared(before: &str, after: &str) -> bool {
    let owner = |c: char| c.is_alphanumeric() || "_.&*".contains(c);
    let before = before.trim_end_matches(owner).trim_end();
    let signs = ["==", "!="];
    let calls = [".eq(", ".ne(", ".cmp(", ".contains(", ".starts_with(", ".ends_with("];
    signs
        .iter()
        .any(|it| before.ends_with(it) || after.trim_start().starts_with(it))
        || calls.iter().any(|it| after.starts_with(it) || before.ends_with(it))
}

/// Secrets in derived output would reach a log: they are held as `SecretString`, never as text.
fn held_as_text(path: &str, source: &str) -> Vec<String> {
    let endings = ["secret", "password", "refresh_token", "service_key"];
    let secret = |name: &str| endings.iter().any(|it| name.ends_with(it));
    let lines = source.lines().enumerate().filter(|(_, line)| {
        let field = line.trim().trim_start_matches("pub ").split_once(": ");
        field.is_some_and(|(name, kind)| secret(name) && ["String,", "Option<String>,"].contains(&kind))
    });
    lines
        .map(|(number, _)| format!("{path}:{} holds a secret as text", number + 1))
        .collect()
}

fn problems(path: &str, source: &str) -> Vec<String> {
    let product = source.split("#[cfg(test)]").next().unwrap_or_default();
    [compared(path, product), held_as_text(path, product)].concat()
}

#[test]
fn secrets_are_compared_in_constant_time_and_never_held_as_text() {
    let sources = [tree::sources("shared/src"), tree::sources("functions/src")].concat();
    assert!(
        sources.iter().any(|it| it.1.contains("expose_secret")),
        "nothing was looked at"
    );
    let wrong: Vec<String> = sources
        .iter()
        .flat_map(|(path, source)| problems(path, source))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    let door = tree::read("shared/src/intake.rs");
    assert!(
        door.contains(".ct_eq("),
        "the one comparison of secrets is in constant time"
    );
}

#[test]
fn a_plain_comparison_and_a_secret_as_text_are_found() {
    let cases = [
        ("    if ours.expose_secret() == theirs {", 1),
        ("    secret.expose_secret().eq(shown)", 1),
        ("    theirs != &self.ours.expose_secret()", 1),
        ("    scope == Scope::Crons && same(ours.expose_secret(), theirs)", 0),
        ("    // never ours.expose_secret() == theirs", 0),
        ("    pub client_secret: String,", 1),
        ("    pub client_secret: SecretString,", 0),
    ];
    for (source, found) in cases {
        assert_eq!(problems("x.rs", source).len(), found, "{source}");
    }
}

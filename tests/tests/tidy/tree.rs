//! The repository's files, and `template.yaml` in two readings: as the local runner sees it, and raw.

use local::template::{Options, Template};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file's text, by its path from the root.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names without extension of a folder's files that have this extension, sorted.
pub(crate) fn stems(folder: &str, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|own| own == extension));
    let mut stems: Vec<String> = files
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    stems.sort();
    stems
}

/// All Rust files below a folder: path from the root, and text.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    files(folder, "rs")
}

/// All files below a folder that have this extension: path from the root, and text.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

/// Every text of the repository: path from the root, and text. What git does not keep is left out.
pub(crate) fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            if [".git", ".venv", ".venv-checkov", "data", "target"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((name, text));
            }
        }
    }
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|own| own == extension) {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The template as the local runner reads it.
pub(crate) fn template(text: &str) -> Template {
    let options = Options {
        queue_base: "http://127.0.0.1:4566".into(),
        ..Options::default()
    };
    Template::parse(text, &options).unwrap_or_else(|error| panic!("template.yaml: {error}"))
}

/// The template's resources, raw, with short tags in their long forms.
pub(crate) fn resources(text: &str) -> Map<String, Value> {
    let document = long(serde_yaml_ng::from_str(text).unwrap());
    document["Resources"].as_object().unwrap().clone()
}

fn long(value: Yaml) -> Value {
    match value {
        Yaml::Tagged(tagged) => call(tagged.tag.to_string().trim_start_matches('!'), long(tagged.value)),
        Yaml::Sequence(items) => items.into_iter().map(long).collect(),
        Yaml::Mapping(entries) => {
            let pair = |(key, value)| (long(key).as_str().unwrap_or_default().to_owned(), long(value));
            Value::Object(entries.into_iter().map(pair).collect())
        }
        plain => serde_json::to_value(plain).unwrap(),
    }
}

fn call(name: &str, argument: Value) -> Value {
    match (name, argument) {
        ("Ref", argument) => json!({ "Ref": argument }),
        ("GetAtt", Value::String(text)) => {
            let parts: Vec<&str> = text.splitn(2, '.').collect();
            json!({ "Fn::GetAtt": parts })
        }
        (name, argument) => json!({ format!("Fn::{name}"): argument }),
    }
}

/// Changes to the template, each with a part of the problem that `check` must find in it.
pub(crate) fn each_is_found(check: fn(&str) -> Vec<String>, changes: &[(&str, &str, &str)]) {
    let good = read("template.yaml");
    assert_eq!(check(&good), Vec::<String>::new());
    for (from, to, part) in changes {
        assert!(good.contains(from), "the template has no {from:?}");
        let problems = check(&good.replacen(from, to, 1));
        assert!(
            problems.iter().any(|problem| problem.contains(part)),
            "{to:?}: {problems:?}"
        );
    }
}

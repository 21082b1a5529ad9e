//! Which route a request takes.

use crate::server;
use bytes::Bytes;
use http::{Response, StatusCode};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The routes of one API, each with what it leads to.
#[derive(Clone, Debug, Default)]
pub struct Routes<T>(Vec<Route<T>>);

#[derive(Clone, Debug)]
struct Route<T> {
    method: Option<String>,
    segments: Vec<Segment>,
    key: String,
    target: T,
}

/// In the order in which they win: literal, `{name}`, `{name+}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
    Greedy(String),
}

/// A route that a request takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched<'a, T> {
    /// The route as the template writes it: `GET /leads/{id}`.
    pub key: &'a str,
    /// Path parameters by name, decoded.
    pub parameters: BTreeMap<String, String>,
    /// What it leads to.
    pub target: &'a T,
}

impl<T> Routes<T> {
    /// No routes.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a route; `method` may be `ANY`.
    pub fn add(&mut self, method: &str, path: &str, target: T) {
        let method = method.to_ascii_uppercase();
        self.0.push(Route {
            key: format!("{method} {path}"),
            method: (method != "ANY").then_some(method),
            segments: path.split('/').skip(1).map(Segment::read).collect(),
            target,
        });
    }

    /// The most specific route for a request, or none: then the answer is [`not_found`].
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<Matched<'_, T>> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let fitting = self.0.iter().filter(|route| route.takes(method));
        let matched = fitting.filter_map(|route| Some((route, route.parameters(&parts)?)));
        let (route, parameters) = matched.min_by_key(|(route, _)| (route.rank(), route.method.is_none()))?;
        Some(Matched {
            key: &route.key,
            parameters,
            target: &route.target,
        })
    }
}

impl<T> Route<T> {
    fn takes(&self, method: &str) -> bool {
        self.method.as_deref().is_none_or(|own| own == method)
    }

    /// Kinds of the segments from the left: a literal before a parameter, a parameter before the greedy one.
    fn rank(&self) -> Vec<u8> {
        let kind = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Parameter(_) => 1,
            Segment::Greedy(_) => 2,
        };
        self.segments.iter().map(kind).collect()
    }

    fn parameters(&self, parts: &[&str]) -> Option<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        for (index, segment) in self.segments.iter().enumerate() {
            let part = parts.get(index).copied()?;
            match segment {
                Segment::Literal(text) if *text == decoded(part) => {}
                Segment::Parameter(name) if !part.is_empty() => drop(found.insert(name.clone(), decoded(part))),
                Segment::Greedy(name) => {
                    found.insert(name.clone(), decoded(&parts[index..].join("/")));
                    return Some(found);
                }
                _ => return None,
            }
        }
        (parts.len() == self.segments.len()).then_some(found)
    }
}

impl Segment {
    fn read(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Greedy(name.to_owned()),
                None => Self::Parameter(name.to_owned()),
            },
            None => Self::Literal(text.to_owned()),
        }
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The gateway's answer where no route fits.
#[must_use]
pub fn not_found() -> Response<Bytes> {
    server::message(StatusCode::NOT_FOUND, "Not Found")
}

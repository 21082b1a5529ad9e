//! The `Prefer` header (docs/vendors.md §4.2).

use http::HeaderMap;

use super::error::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    Merge,
    Ignore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Return {
    Minimal,
    HeadersOnly,
    Representation,
}

/// What a caller prefers.
#[derive(Debug, Default)]
pub(crate) struct Prefer {
    pub(crate) resolution: Option<Resolution>,
    pub(crate) returned: Option<Return>,
    pub(crate) count: bool,
    pub(crate) defaults: bool,
    pub(crate) strict: bool,
    pub(crate) max_affected: Option<usize>,
    applied: Vec<(Group, String)>,
}

/// The groups of preferences, in the order in which `Preference-Applied` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Resolution,
    Missing,
    Return,
    Count,
    Handling,
    Timezone,
    MaxAffected,
}

/// Which preferences an operation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Read,
    Create,
    Update,
    Delete,
}

impl Prefer {
    /// Reads the header; with `handling=strict` a preference that is not known is an error.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, Failure> {
        let mut prefer = Self::default();
        let mut unknown = Vec::new();
        let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        for given in values
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|p| !p.is_empty())
        {
            match prefer.take(given) {
                // The first of a group counts.
                Some(group) if prefer.applied.iter().any(|(g, _)| *g == group) => {}
                Some(group) => prefer.applied.push((group, given.to_owned())),
                None => unknown.push(given.to_owned()),
            }
        }
        if prefer.strict && !unknown.is_empty() {
            let failure = Failure::new(400, "PGRST122", "Invalid preferences given with handling=strict");
            return Err(failure.details(&format!("Invalid preferences: {}", unknown.join(", "))));
        }
        prefer.applied.sort();
        Ok(prefer)
    }

    fn take(&mut self, given: &str) -> Option<Group> {
        let (name, value) = given.split_once('=')?;
        match (name, value) {
            ("resolution", "merge-duplicates") => self.resolution.get_or_insert(Resolution::Merge),
            ("resolution", "ignore-duplicates") => self.resolution.get_or_insert(Resolution::Ignore),
            ("return", "minimal") => return self.returns(Return::Minimal),
            ("return", "headers-only") => return self.returns(Return::HeadersOnly),
            ("return", "representation") => return self.returns(Return::Representation),
            ("missing", "default" | "null") => {
                self.defaults |= value == "default";
                return Some(Group::Missing);
            }
            // Plans are not modelled: a planned or estimated count is the exact one.
            ("count", "exact" | "planned" | "estimated") => {
                self.count = true;
                return Some(Group::Count);
            }
            ("handling", "strict" | "lenient") => {
                self.strict |= value == "strict";
                return Some(Group::Handling);
            }
            ("timezone", "UTC" | "Etc/UTC" | "GMT") => return Some(Group::Timezone),
            ("max-affected", number) => {
                self.max_affected = Some(number.parse().ok()?);
                return Some(Group::MaxAffected);
            }
            _ => return None,
        };
        Some(Group::Resolution)
    }

    fn returns(&mut self, returned: Return) -> Option<Group> {
        self.returned.get_or_insert(returned);
        Some(Group::Return)
    }

    /// The value of `Preference-Applied`: what the operation heeded.
    pub(crate) fn applied(&self, asked: Asked) -> Option<String> {
        let heeded = |group: Group| match group {
            Group::Count | Group::Handling | Group::Timezone => true,
            Group::Resolution => asked == Asked::Create,
            Group::Missing => matches!(asked, Asked::Create | Asked::Update),
            Group::Return => asked != Asked::Read,
            Group::MaxAffected => self.strict && matches!(asked, Asked::Update | Asked::Delete),
        };
        let heeded = self.applied.iter().filter(|(group, _)| heeded(*group));
        let names: Vec<&str> = heeded.map(|(_, given)| given.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// Refuses to touch more rows than allowed; heeded only with `handling=strict`.
    pub(crate) fn check_affected(&self, rows: usize) -> Result<(), Failure> {
        match self.max_affected {
            Some(most) if self.strict && rows > most => {
                let message = "Query result exceeds max-affected preference constraint";
                let details = format!("The query affects {rows} rows");
                Err(Failure::new(400, "PGRST124", message).details(&details))
            }
            _ => Ok(()),
        }
    }
}

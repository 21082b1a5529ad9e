//! The little language of filters: `eq.5`, `not.in.(a,b)`, `or=(a.eq.1,and(b.is.null,c.gt.2))`.

use super::cell::Cell;
use super::error::Failure;
use super::filter::{Filter, Test};
use super::schema::{Kind, Table};

const EXPECTED: &str = "expecting \"not\" or operator (eq, gt, ...)";

/// A filter on a column: the value of `column=…`.
pub(crate) fn column(table: &Table, name: &str, text: &str) -> Result<Filter, Failure> {
    let wrong = || {
        let near: String = text.chars().take(1).collect();
        let details = if near.is_empty() {
            "end of input".to_owned()
        } else {
            format!("\"{near}\"")
        };
        Failure::parse("filter", text, 1, &format!("unexpected {details} {EXPECTED}"))
    };
    let place = table.place(name);
    let (negated, rest) = match text.strip_prefix("not.") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (operator, operand) = rest.split_once('.').ok_or_else(wrong)?;
    if !OPERATORS.contains(&operator) {
        return Err(wrong());
    }
    let place = place.ok_or_else(|| Failure::no_column(table, name))?;
    let operand = match operator {
        "in" => Operand::Many(whole_list(operand).ok_or_else(wrong)?),
        _ => Operand::One(operand.to_owned()),
    };
    let test = test(table, place, operator, operand)?.ok_or_else(wrong)?;
    Ok(negate(Filter::Test { place, test }, negated))
}

/// A tree: the value of `and=`, `or=`, `not.and=` or `not.or=`.
pub(crate) fn tree(table: &Table, name: &str, text: &str) -> Result<Filter, Failure> {
    let mut reader = Reader { table, text, at: 0 };
    let (negated, word) = match name.strip_prefix("not.") {
        Some(word) => (true, word),
        None => (false, name),
    };
    let filter = reader.tree(word == "and")?;
    if reader.at < text.len() {
        return Err(reader.wrong());
    }
    Ok(negate(filter, negated))
}

const OPERATORS: [&str; 10] = ["eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "is", "in"];

enum Operand {
    One(String),
    Many(Vec<String>),
}

fn negate(filter: Filter, negated: bool) -> Filter {
    if negated { Filter::Not(Box::new(filter)) } else { filter }
}

/// `Ok(None)`: the operand can't be read.
fn test(table: &Table, place: usize, operator: &str, operand: Operand) -> Result<Option<Test>, Failure> {
    let kind = table.columns[place].kind;
    let text = match operand {
        Operand::Many(texts) => {
            let cells: Result<Vec<Cell>, Failure> = texts.iter().map(|t| Cell::parse(kind, t)).collect();
            return Ok(Some(Test::In(cells?)));
        }
        Operand::One(text) => text,
    };
    let cell = || Cell::parse(kind, &text);
    Ok(Some(match operator {
        "eq" => Test::Equal(cell()?),
        "neq" => Test::NotEqual(cell()?),
        "gt" => Test::Greater(cell()?),
        "gte" => Test::GreaterEqual(cell()?),
        "lt" => Test::Less(cell()?),
        "lte" => Test::LessEqual(cell()?),
        "like" | "ilike" if kind != Kind::Text => {
            let sign = if operator == "like" { "~~" } else { "~~*" };
            let message = format!("operator does not exist: {} {sign} unknown", kind.name());
            return Err(Failure::new(404, "42883", &message));
        }
        // The star stands for the per cent sign, which is awkward in a URL.
        "like" | "ilike" => Test::Like {
            pattern: text.replace('*', "%"),
            fold: operator == "ilike",
        },
        "is" => match text.to_lowercase().as_str() {
            "null" => Test::Null,
            "not_null" => Test::NotNull,
            "true" | "false" if kind != Kind::Boolean => {
                let message = format!("argument of IS {} must be type boolean", text.to_uppercase());
                return Err(Failure::new(400, "42804", &message));
            }
            "true" => Test::Is(true),
            "false" => Test::Is(false),
            "unknown" if kind == Kind::Boolean => Test::Null,
            _ => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

/// `(a,"b,c")` and nothing after it.
fn whole_list(text: &str) -> Option<Vec<String>> {
    let (list, length) = list(text)?;
    (length == text.len()).then_some(list)
}

/// A list in brackets and its length in bytes. A quoted element may hold anything; a backslash takes
/// the next character as it is.
fn list(text: &str) -> Option<(Vec<String>, usize)> {
    let (mut elements, mut at) = (Vec::new(), 1);
    if !text.starts_with('(') {
        return None;
    }
    if text[at..].starts_with(')') {
        return Some((elements, at + 1));
    }
    loop {
        let (element, length) = element(&text[at..], &[',', ')'])?;
        elements.push(element);
        at += length;
        let close = text[at..].chars().next()?;
        at += close.len_utf8();
        match close {
            ')' => return Some((elements, at)),
            ',' => {}
            _ => return None,
        }
    }
}

/// One value, quoted or up to one of the ends.
fn element(text: &str, ends: &[char]) -> Option<(String, usize)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let length = text.find(|c| ends.contains(&c)).unwrap_or(text.len());
        return Some((text[..length].to_owned(), length));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            c if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((value, at + 2)),
            c => value.push(c),
        }
    }
    None
}

/// Reads a tree from its text.
struct Reader<'a> {
    table: &'a Table,
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn wrong(&self) -> Failure {
        let near = self
            .rest()
            .chars()
            .next()
            .map_or("end of input".to_owned(), |c| format!("\"{c}\""));
        Failure::parse("logic tree", self.text, self.at + 1, &format!("unexpected {near}"))
    }

    /// `(…,…)`
    fn tree(&mut self, all: bool) -> Result<Filter, Failure> {
        if !self.takes("(") {
            return Err(self.wrong());
        }
        let mut parts = vec![self.part()?];
        while self.takes(",") {
            parts.push(self.part()?);
        }
        if !self.takes(")") {
            return Err(self.wrong());
        }
        Ok(if all { Filter::All(parts) } else { Filter::Any(parts) })
    }

    fn part(&mut self) -> Result<Filter, Failure> {
        for (word, negated, all) in [
            ("not.and", true, true),
            ("not.or", true, false),
            ("and", false, true),
            ("or", false, false),
        ] {
            if self.rest().strip_prefix(word).is_some_and(|rest| rest.starts_with('(')) {
                self.at += word.len();
                return Ok(negate(self.tree(all)?, negated));
            }
        }
        let name = self.word()?;
        let negated = self.takes("not.");
        let operator = self.word()?;
        if !OPERATORS.contains(&operator.as_str()) {
            return Err(self.wrong());
        }
        let place = self
            .table
            .place(&name)
            .ok_or_else(|| Failure::no_column(self.table, &name))?;
        let operand = self.operand(&operator)?;
        let test = test(self.table, place, &operator, operand)?.ok_or_else(|| self.wrong())?;
        Ok(negate(Filter::Test { place, test }, negated))
    }

    /// A name and the point after it.
    fn word(&mut self) -> Result<String, Failure> {
        let length = self.rest().find(['.', ',', '(', ')']).unwrap_or(self.rest().len());
        let word = self.rest()[..length].to_owned();
        self.at += length;
        if word.is_empty() || !self.takes(".") {
            return Err(self.wrong());
        }
        Ok(word)
    }

    fn operand(&mut self, operator: &str) -> Result<Operand, Failure> {
        let read = if operator == "in" {
            list(self.rest()).map(|(list, length)| (Operand::Many(list), length))
        } else {
            element(self.rest(), &[',', ')']).map(|(text, length)| (Operand::One(text), length))
        };
        let (operand, length) = read.ok_or_else(|| self.wrong())?;
        self.at += length;
        Ok(operand)
    }
}

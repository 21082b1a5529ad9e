//! The grammar of COQL, as far as one module goes: `select … from Leads where … order by … limit …`.

use serde_json::json;

use super::cursor::{Parser, syntax};
use super::lex::{TokenKind, tokens};
use crate::zoho::condition::{Condition, Operator, Scalar, literal};
use crate::zoho::error::Failure;
use crate::zoho::fields::Field;
use crate::zoho::settings::Settings;

const FIELDS: usize = 500;
const CRITERIA: usize = 25;
const LIMIT: usize = 2_000;
const USUAL_LIMIT: usize = 200;
const OFFSET: usize = 100_000;

/// A query, understood and checked.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) fields: Vec<Field>,
    pub(crate) condition: Condition,
    /// Field and whether it descends.
    pub(crate) order: Vec<(Field, bool)>,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// Reads a query.
pub(crate) fn parse(settings: &Settings, text: &str) -> Result<Query, Failure> {
    let tokens = tokens(text).map_err(|column| syntax(column, &text[column - 1..]))?;
    let mut parser = Parser {
        settings,
        tokens,
        at: 0,
    };
    let query = parser.query()?;
    match query.condition.criteria() {
        n if n > CRITERIA => Err(limit("where", CRITERIA)),
        _ if query.fields.len() > FIELDS => Err(limit("select", FIELDS)),
        _ => Ok(query),
    }
}

fn limit(clause: &str, limit: usize) -> Failure {
    Failure::new("LIMIT_EXCEEDED", json!({ "clause": clause, "limit": limit }))
}

fn invalid(message: &str, column: &str) -> Failure {
    Failure::new("INVALID_QUERY", json!({ "column_name": column })).saying(message)
}

impl Parser<'_> {
    fn query(&mut self) -> Result<Query, Failure> {
        self.need("select")?;
        let fields = self.list(Self::field)?;
        self.need("from")?;
        if !self.takes("Leads") {
            return Err(self.wrong());
        }
        // The clause is not optional (docs/vendors.md §1.6): `where id is not null` asks for all.
        self.need("where")?;
        let condition = self.condition()?;
        let order = if self.takes("order") {
            self.need("by")?;
            self.list(Self::order)?
        } else {
            Vec::new()
        };
        let (offset, limit) = self.limit()?;
        if *self.peek() != TokenKind::End {
            return Err(self.wrong());
        }
        Ok(Query {
            fields,
            condition,
            order,
            offset,
            limit,
        })
    }

    fn list<T>(&mut self, one: fn(&mut Self) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
        let mut list = vec![one(self)?];
        while self.takes_sign(",") {
            list.push(one(self)?);
        }
        Ok(list)
    }

    fn field(&mut self) -> Result<Field, Failure> {
        let TokenKind::Name(name) = self.peek().clone() else {
            return Err(self.wrong());
        };
        self.at += 1;
        let field = self.settings.field(&name).cloned();
        field.ok_or_else(|| invalid("column given seems to be invalid", &name))
    }

    fn order(&mut self) -> Result<(Field, bool), Failure> {
        let field = self.field()?;
        let descending = self.takes("desc");
        if !descending {
            self.takes("asc");
        }
        Ok((field, descending))
    }

    /// Criteria joined by `and` or `or`. Zoho wants brackets around every two of them.
    fn condition(&mut self) -> Result<Condition, Failure> {
        let mut parts = vec![self.criterion()?];
        let all = self.takes("and");
        if !all && !self.takes("or") {
            return Ok(parts.remove(0));
        }
        parts.push(self.criterion()?);
        let word = if all { "and" } else { "or" };
        while !self.settings.coql_brackets && self.takes(word) {
            parts.push(self.criterion()?);
        }
        Ok(if all {
            Condition::All(parts)
        } else {
            Condition::Any(parts)
        })
    }

    fn criterion(&mut self) -> Result<Condition, Failure> {
        if self.takes_sign("(") {
            let inner = self.condition()?;
            self.need_sign(")")?;
            return Ok(inner);
        }
        let field = self.field()?;
        let operator = self.operator()?;
        let values = self.values(&field, operator)?;
        Ok(Condition::Test {
            field,
            operator,
            values,
        })
    }

    fn operator(&mut self) -> Result<Operator, Failure> {
        if self.takes("is") {
            let not = self.takes("not");
            self.need("null")?;
            return Ok(if not { Operator::NotNull } else { Operator::Null });
        }
        let not = self.takes("not");
        for (word, plain, negated) in [
            ("in", Operator::In, Operator::NotIn),
            ("like", Operator::Like, Operator::NotLike),
        ] {
            if self.takes(word) {
                return Ok(if not { negated } else { plain });
            }
        }
        if !not && self.takes("between") {
            return Ok(Operator::Between);
        }
        let operator = match self.peek() {
            _ if not => return Err(self.wrong()),
            TokenKind::Sign("=") => Operator::Equal,
            TokenKind::Sign("!=" | "<>") => Operator::NotEqual,
            TokenKind::Sign(">") => Operator::Greater,
            TokenKind::Sign(">=") => Operator::GreaterEqual,
            TokenKind::Sign("<") => Operator::Less,
            TokenKind::Sign("<=") => Operator::LessEqual,
            _ => return Err(self.wrong()),
        };
        self.at += 1;
        Ok(operator)
    }

    fn values(&mut self, field: &Field, operator: Operator) -> Result<Vec<Scalar>, Failure> {
        match operator {
            Operator::Null | Operator::NotNull => Ok(Vec::new()),
            Operator::In | Operator::NotIn => {
                self.need_sign("(")?;
                let mut values = vec![self.value(field)?];
                while self.takes_sign(",") {
                    values.push(self.value(field)?);
                }
                self.need_sign(")")?;
                Ok(values)
            }
            Operator::Between => {
                let low = self.value(field)?;
                self.need("and")?;
                Ok(vec![low, self.value(field)?])
            }
            Operator::Like | Operator::NotLike if !field.kind.is_text() => {
                Err(invalid("data type not supported", &field.api_name))
            }
            _ => Ok(vec![self.value(field)?]),
        }
    }

    fn value(&mut self, field: &Field) -> Result<Scalar, Failure> {
        let text = match self.peek() {
            TokenKind::Text(text) | TokenKind::Number(text) => text.clone(),
            TokenKind::Name(word) if ["true", "false"].contains(&word.to_lowercase().as_str()) => word.clone(),
            _ => return Err(self.wrong()),
        };
        self.at += 1;
        let unfit = || invalid("value given seems to be invalid for the column", &field.api_name);
        literal(field, &text).ok_or_else(unfit)
    }

    /// `limit n` or `limit offset, n`.
    fn limit(&mut self) -> Result<(usize, usize), Failure> {
        if !self.takes("limit") {
            return Ok((0, USUAL_LIMIT));
        }
        let first = self.count()?;
        let (offset, rows) = if self.takes_sign(",") {
            (first, self.count()?)
        } else {
            (0, first)
        };
        if rows > LIMIT || offset > OFFSET {
            return Err(limit("limit", if rows > LIMIT { LIMIT } else { OFFSET }));
        }
        Ok((offset, rows))
    }

    fn count(&mut self) -> Result<usize, Failure> {
        let number = if let TokenKind::Number(text) = self.peek() {
            text.parse().ok()
        } else {
            None
        };
        let number = number.ok_or_else(|| self.wrong())?;
        self.next();
        Ok(number)
    }
}

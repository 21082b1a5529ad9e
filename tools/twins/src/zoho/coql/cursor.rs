//! A place in a query's words, and what can be asked there.

use serde_json::json;

use super::lex::{Token, TokenKind};
use crate::zoho::error::Failure;
use crate::zoho::settings::Settings;

pub(crate) fn syntax(column: usize, near: &str) -> Failure {
    let near: String = near.chars().take(20).collect();
    Failure::new("SYNTAX_ERROR", json!({ "line": 1, "column": column, "near": near }))
}

/// Walks over the words of a query.
pub(crate) struct Parser<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) tokens: Vec<Token>,
    pub(crate) at: usize,
}

impl Parser<'_> {
    pub(crate) fn peek(&self) -> &TokenKind {
        self.tokens.get(self.at).map_or(&TokenKind::End, |token| &token.kind)
    }

    pub(crate) fn next(&mut self) -> TokenKind {
        let kind = self.peek().clone();
        self.at += 1;
        kind
    }

    pub(crate) fn wrong(&self) -> Failure {
        let column = self.tokens.get(self.at).map_or(1, |token| token.column);
        let near = match self.peek() {
            TokenKind::Name(text) | TokenKind::Text(text) | TokenKind::Number(text) => text.as_str(),
            TokenKind::Sign(sign) => *sign,
            TokenKind::End => "",
        };
        syntax(column, near)
    }

    pub(crate) fn takes(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), TokenKind::Name(name) if name.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    pub(crate) fn takes_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), TokenKind::Sign(s) if *s == sign);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn need(&mut self, keyword: &str) -> Result<(), Failure> {
        if self.takes(keyword) {
            return Ok(());
        }
        let missing = Failure::new("SYNTAX_ERROR", json!({ "clause": keyword })).saying("missing clause");
        Err(if *self.peek() == TokenKind::End {
            missing
        } else {
            self.wrong()
        })
    }

    pub(crate) fn need_sign(&mut self, sign: &str) -> Result<(), Failure> {
        if self.takes_sign(sign) {
            Ok(())
        } else {
            Err(self.wrong())
        }
    }
}

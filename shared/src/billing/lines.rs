//! Lines of an invoice: read from whatever names apps and systems give their parts, kept as one text that can be
//! compared.

use crate::model::decimal;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: String,
    /// The price of one.
    pub price: Decimal,
    /// How many.
    pub quantity: u32,
}

/// Longest list that is read: Zoho's own bound is not documented.
const MOST: usize = 500;

/// Reads a list of lines; one that is empty is none.
///
/// # Errors
/// Names the line (from 0) and its part.
pub fn read(list: &Json) -> Result<Vec<Line>, String> {
    let list = list.as_array().ok_or("is no list")?;
    if list.len() > MOST {
        return Err(format!("has more than {MOST} lines"));
    }
    let line = |(index, it): (usize, &Json)| {
        let line = it
            .as_object()
            .ok_or_else(|| "is no object".to_owned())
            .and_then(read_one);
        line.map_err(|why| format!("[{index}] {why}"))
    };
    list.iter().enumerate().map(line).collect()
}

fn read_one(line: &Map<String, Json>) -> Result<Line, String> {
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|it| line.get(*it)?.as_str());
        found.map(str::trim).unwrap_or_default().to_owned()
    };
    let price = ["price", "unit_price", "rate", "amount"]
        .iter()
        .find_map(|it| Some((*it, line.get(*it).filter(|it| !it.is_null())?)));
    let (part, price) = price.ok_or("price: is missing")?;
    let price = decimal(price).ok_or_else(|| format!("{part}: is not a number"))?;
    let quantity = line.get("quantity").filter(|it| !it.is_null());
    let quantity = quantity.map_or(Some(Decimal::ONE), decimal);
    let quantity = quantity
        .filter(|it| it.is_integer())
        .and_then(|it| u32::try_from(it).ok());
    let quantity = quantity.filter(|it| *it > 0);
    let (name, description) = (text(&["name", "title"]), text(&["description"]));
    Ok(Line {
        name: if name.is_empty() { description.clone() } else { name },
        description,
        price: price.normalize(),
        quantity: quantity.ok_or("quantity: is no whole number above 0")?,
    })
}

/// The lines as one text, the same for equal lines.
#[must_use]
pub fn write(lines: &[Line]) -> String {
    let line = |it: &Line| {
        json!({
            "name": it.name, "description": it.description,
            "price": it.price.normalize().to_string(), "quantity": it.quantity,
        })
    };
    Json::Array(lines.iter().map(line).collect()).to_string()
}

/// What [`write`] wrote.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str) -> Result<Vec<Line>, String> {
    read(&serde_json::from_str(text).map_err(|it| it.to_string())?)
}

/// What the lines come to; `None` where that is more than a decimal holds.
#[must_use]
pub fn sum(lines: &[Line]) -> Option<Decimal> {
    let of = |it: &Line| it.price.checked_mul(Decimal::from(it.quantity));
    lines.iter().try_fold(Decimal::ZERO, |sum, it| sum.checked_add(of(it)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_apps_and_of_zoho() {
        let list = json!([
            {"description": "Dish", "unit_price": "1499.00", "quantity": 1},
            {"name": "Cable", "description": "30 m", "price": 4.5, "quantity": "30", "product_id": "7"},
            {"title": "Labour", "amount": 350},
        ]);
        let lines = read(&list).unwrap();
        assert_eq!(lines[0].name, "Dish");
        assert_eq!((lines[1].quantity, lines[1].description.as_str()), (30, "30 m"));
        assert_eq!(sum(&lines), Some("1984".parse().unwrap()));
        assert_eq!(parse(&write(&lines)), Ok(lines));
    }

    #[test]
    fn a_line_that_can_not_be_read_is_named() {
        for (list, why) in [
            (json!("x"), "is no list"),
            (json!([1]), "[0] is no object"),
            (json!([{"price": 1}, {"name": "x"}]), "[1] price: is missing"),
            (json!([{"rate": "R 5"}]), "[0] rate: is not a number"),
            (
                json!([{"price": 1, "quantity": 1.5}]),
                "[0] quantity: is no whole number above 0",
            ),
            (
                json!([{"price": 1, "quantity": 0}]),
                "[0] quantity: is no whole number above 0",
            ),
        ] {
            assert_eq!(read(&list), Err(why.to_owned()));
        }
    }

    #[test]
    fn no_cent_is_lost_between_lines_and_text() {
        for cents in [0_i64, 1, 10, 99, 100, 59_900, 59_910, 1_234_567_890_123] {
            let line = Line {
                name: "x".into(),
                description: String::new(),
                price: Decimal::new(cents, 2),
                quantity: 3,
            };
            let back = parse(&write(std::slice::from_ref(&line))).unwrap();
            assert_eq!(sum(&back), Some(Decimal::new(cents * 3, 2)), "{cents}");
        }
    }
}

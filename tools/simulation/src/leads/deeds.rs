//! What is done to and about one person.

use super::people::{Field, Person};
use super::{operators, portal, sales};
use crate::flow::{Deed, Step};
use crate::sim::Sim;
use futures_util::future::BoxFuture;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What is done.
#[derive(Clone)]
pub(super) enum What {
    /// The person fills in the portal's form, for the first time or anew.
    Fill(Vec<(Field, u64)>),
    /// The person has another e-mail address.
    Move(u64),
    /// The form is sent by the API with a key of the caller's.
    Send(usize, String),
    /// The person asks again on a page that knows no ids, under a key of the caller's.
    Again(String),
    /// The form is sent under the e-mail address of somebody else: a person of ours must choose whom it means.
    Mistake(Arc<Person>),
    /// Sales changes a field in Zoho.
    Edit(Field, u64),
    /// Sales, or a rule of theirs, changes a field as soon as we have written to the lead: in the same second, mostly.
    EditAtOnce(Field, u64),
    /// Sales deletes the lead in Zoho.
    Delete,
    /// An operator asks for another try of all links of the lead.
    Retry,
}

#[derive(Clone)]
struct OfPerson {
    person: Arc<Person>,
    what: What,
}

/// Something done to or about a person, at a time.
pub(super) fn step(at: Duration, person: &Arc<Person>, what: What) -> Step {
    let person = person.clone();
    Step {
        at,
        deed: Arc::new(OfPerson { person, what }),
    }
}

impl fmt::Debug for OfPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, style) = (self.person.name(), self.person.style);
        match &self.what {
            What::Fill(values) => {
                let told: Vec<String> = values.iter().map(|(field, number)| field.value(*number)).collect();
                write!(f, "{name} ({style:?}) fills in {}", told.join(", "))
            }
            What::Move(generation) => write!(f, "{name} moves to {}", self.person.email(*generation)),
            What::Send(caller, key) => write!(f, "caller {caller} sends {name} ({style:?}) under {key}"),
            What::Again(key) => write!(f, "{name} ({style:?}) asks again under {key}, without an id"),
            What::Mistake(other) => write!(f, "{name} is sent with the address of {}", other.name()),
            What::Edit(field, number) => write!(f, "sales writes {:?} for {name}", field.value(*number)),
            What::EditAtOnce(field, number) => {
                write!(f, "sales waits for us to write {:?} for {name}", field.value(*number))
            }
            What::Delete => write!(f, "sales deletes {name}"),
            What::Retry => write!(f, "an operator tries {name} again"),
        }
    }
}

impl Deed for OfPerson {
    fn act(&self, sim: Sim) -> BoxFuture<'static, ()> {
        let OfPerson { person, what } = self.clone();
        Box::pin(async move {
            match what {
                What::Fill(values) => portal::fill(&sim, &person, &values).await,
                What::Move(generation) => portal::move_to(&sim, &person, generation).await,
                What::Send(caller, key) => portal::send(&sim, &person, caller, &key).await,
                What::Again(key) => portal::again(&sim, &person, &key).await,
                What::Mistake(other) => portal::mistake(&sim, &person, &other).await,
                What::Edit(field, number) => sales::edit(&sim, &person, field, number),
                What::EditAtOnce(field, number) => sales::edit_at_once(&sim, &person, field, number).await,
                What::Delete => sales::delete(&sim, &person),
                What::Retry => operators::try_again(&sim, &person).await,
            }
        })
    }
}

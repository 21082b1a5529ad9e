//! `template.yaml`, read: what SAM would deploy, as the local runner needs it.
//!
//! Only what Concord's template uses is understood; anything else in a place that matters is an error that names the
//! resource. Conditions and references are resolved with the parameters' defaults or the values given.

mod function;
mod intrinsics;
mod resource;
mod yaml;

pub use function::{Function, QueueEvent, Route};
pub use resource::{QueueResource, ScheduleResource, TableResource};

use intrinsics::Scope;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the local resources are, and the values for parameters that differ from their defaults.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Scheme and authority of the local queues' URLs.
    pub queue_base: String,
    /// Parameters by name.
    pub parameters: BTreeMap<String, String>,
}

/// What a template deploys. Everything is in the order of its logical ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// The functions.
    pub functions: Vec<Function>,
    /// The queues, dead-letter queues included.
    pub queues: Vec<QueueResource>,
    /// The schedules.
    pub schedules: Vec<ScheduleResource>,
    /// The one table.
    pub table: Option<TableResource>,
}

/// Why a template can't be read: the resource (or the section) and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct TemplateError {
    /// The logical id, or the section.
    pub place: String,
    /// What is wrong.
    pub problem: String,
}

type Result<T> = std::result::Result<T, TemplateError>;

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// No YAML, or something in it that is not understood.
    pub fn parse(text: &str, options: &Options) -> Result<Self> {
        let document = yaml::read(text)?;
        let scope = Scope::new(&document, options)?;
        let globals = &document["Globals"]["Function"];
        let mut template = Self::default();
        let deployed = scope.deployed()?;
        for (id, resource) in &deployed {
            template.add(id, resource, globals, &scope)?;
        }
        let is_mapping = |resource: &Value| resource["Type"] == "AWS::Lambda::EventSourceMapping";
        for (id, mapping) in deployed.iter().filter(|it| is_mapping(&it.1)) {
            template.map(id, &mapping["Properties"], &scope)?;
        }
        template.check()?;
        Ok(template)
    }

    fn add(&mut self, id: &str, resource: &Value, globals: &Value, scope: &Scope) -> Result<()> {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap_or_default() {
            "AWS::Serverless::Function" => self.functions.push(function::read(id, properties, globals, scope)?),
            "AWS::SQS::Queue" => self.queues.push(resource::queue(id, properties, scope)?),
            "AWS::Scheduler::Schedule" => self.schedules.push(resource::schedule(id, properties, scope)?),
            "AWS::DynamoDB::Table" if self.table.is_some() => return fail(id, "a second table"),
            "AWS::DynamoDB::Table" => self.table = Some(resource::table(id, properties, scope)?),
            // Alarms, roles, log groups, topics and the API itself have no local counterpart; mappings come after all
            // functions.
            _ => {}
        }
        Ok(())
    }

    /// A mapping that stands by itself, since its queue is not always there, is its function's like any other.
    fn map(&mut self, id: &str, properties: &Value, scope: &Scope) -> Result<()> {
        let named = &properties["FunctionName"]["Ref"];
        let Some(function) = self.functions.iter_mut().find(|own| own.logical_id == *named) else {
            return fail(
                id,
                format!("{named} is no function of this template, or its condition is false"),
            );
        };
        function
            .queues
            .extend(function::queue(id, "EventSourceArn", properties, scope)?);
        Ok(())
    }

    /// What is pointed at must be deployed.
    fn check(&self) -> Result<()> {
        let known = |queue: &str| self.queues.iter().any(|own| own.logical_id == queue);
        let events = self.functions.iter().flat_map(|function| {
            let queues = function.queues.iter().map(|event| event.queue.as_str());
            queues.map(|queue| (function.logical_id.as_str(), queue))
        });
        let schedules = self
            .schedules
            .iter()
            .map(|own| (own.logical_id.as_str(), own.queue.as_str()));
        let letters = self
            .queues
            .iter()
            .filter_map(|own| Some((own.logical_id.as_str(), own.dead_letter.as_deref()?)));
        for (id, queue) in events.chain(schedules).chain(letters) {
            if !known(queue) {
                return fail(
                    id,
                    format!("{queue} is no queue of this template, or its condition is false"),
                );
            }
        }
        Ok(())
    }
}

fn fail<T>(place: &str, problem: impl Into<String>) -> Result<T> {
    Err(TemplateError {
        place: place.to_owned(),
        problem: problem.into(),
    })
}

#[cfg(test)]
mod tests;

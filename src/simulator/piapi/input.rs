//! What a task may be asked for: the fields of 2026 and those of 2025 (the API's page of 2026-02 and the one before it; closed
//! lists of 2026 by integrations of 2026-08). Which of the two a body is in shows in its fields; it cannot be in both. Fields
//! of neither are ignored.

use serde_json::Value;

use crate::simulator::api::Api;
use crate::simulator::jobs::{Jobs, Phase};

/// How a request's fields are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    Of2025,
    Of2026,
}

use Schema::{Of2025, Of2026};

/// The fields that only the one has.
const ONLY_2025: &[&str] = &["model_name", "key_frames", "expand_prompt"];
const ONLY_2026: &[&str] = &["model", "start_image", "end_image", "loop"];

const RATIOS_2025: &[&str] = &["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"];
const RATIOS_2026: &[&str] = &["21:9", "9:21", "16:9", "9:16", "4:3", "3:4", "1:1"];

/// What a task is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Generate,
    Extend,
}

impl Operation {
    pub(super) fn named(task_type: &str) -> Option<Operation> {
        match task_type {
            "video_generation" => Some(Operation::Generate),
            "extend_video" => Some(Operation::Extend),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Operation::Generate => "video_generation",
            Operation::Extend => "extend_video",
        }
    }
}

/// An input that is right.
pub(super) struct Input {
    pub(super) schema: Schema,
    pub(super) prompt: String,
    pub(super) model: String,
    pub(super) ratio: String,
    pub(super) seconds: u32,
}

/// A body's fields, and a sentence for one that is not as it should be.
struct Fields<'a>(&'a Value);

/// Reads a body's `input`, or tells what is wrong with it.
pub(super) fn read(operation: Operation, input: &Value, jobs: &Jobs, now: f64) -> Result<Input, String> {
    if !input.is_object() {
        return Err("input is required and must be an object".into());
    }
    let fields = Fields(input);
    let schema = fields.schema(operation)?;
    let prompt = fields.text("prompt")?.filter(|prompt| !prompt.is_empty()).ok_or("input.prompt is required")?;
    let (model, models, ratios, durations): (_, &[&str], _, [u64; 2]) = match schema {
        Of2025 => ("model_name", &["ray-v1", "ray-v2"], RATIOS_2025, [5, 10]),
        Of2026 => ("model", &["ray-v2"], RATIOS_2026, [5, 9]),
    };
    let model = fields.one_of(model, models)?.unwrap_or(if schema == Of2025 { "ray-v1" } else { "ray-v2" });
    let ratio = fields.one_of("aspect_ratio", ratios)?.unwrap_or("16:9");
    let seconds = fields.duration(durations)?;
    fields.flag("loop")?;
    fields.flag("expand_prompt")?;
    fields.address("start_image")?;
    fields.address("end_image")?;
    let framed = fields.key_frames(operation, jobs, now)?;
    if seconds == 10 && framed {
        return Err("input.duration 10 is for text to video only".into());
    }
    Ok(Input { schema, prompt: prompt.into(), model: model.into(), ratio: ratio.into(), seconds })
}

impl<'a> Fields<'a> {
    fn given(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn schema(&self, operation: Operation) -> Result<Schema, String> {
        let first = |names: &[&'static str]| names.iter().copied().find(|name| self.given(name).is_some());
        match (first(ONLY_2025), first(ONLY_2026)) {
            (Some(one), Some(other)) => Err(format!("input.{one} and input.{other} cannot be used together")),
            (None, Some(name)) if operation == Operation::Extend => {
                Err(format!("input.{name} is not supported for extend_video"))
            }
            (None, None) if operation == Operation::Extend || self.given("duration") == Some(&10.into()) => Ok(Of2025),
            (Some(_), None) => Ok(Of2025),
            (None, _) => Ok(Of2026),
        }
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        self.given(name).map(|value| value.as_str().ok_or(format!("input.{name} must be a string"))).transpose()
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        self.given(name).map(|value| value.as_bool().ok_or(format!("input.{name} must be a boolean"))).transpose()
    }

    fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&'a str>, String> {
        match self.text(name)? {
            Some(word) if !words.contains(&word) => Err(format!("input.{name} must be one of {}", words.join(", "))),
            word => Ok(word),
        }
    }

    fn duration(&self, [usual, long]: [u64; 2]) -> Result<u32, String> {
        match self.given("duration").map(Value::as_u64) {
            None => Ok(5),
            Some(Some(seconds)) if seconds == usual || seconds == long => Ok(seconds as u32),
            Some(_) => Err(format!("input.duration must be one of {usual}, {long}")),
        }
    }

    fn address(&self, name: &str) -> Result<(), String> {
        match self.text(name)? {
            Some(url) if !is_address(url) => Err(format!("input.{name} must be a URL")),
            _ => Ok(()),
        }
    }

    /// Whether there are any. What is extended is named by a frame, with the id of a task here or with its video's address:
    /// both are in use, and no document says which is meant.
    fn key_frames(&self, operation: Operation, jobs: &Jobs, now: f64) -> Result<bool, String> {
        let Some(frames) = self.given("key_frames") else {
            return match operation {
                Operation::Extend => Err("input.key_frames is required for extend_video".into()),
                Operation::Generate => Ok(false),
            };
        };
        let mut extended = false;
        for name in ["frame0", "frame1"] {
            let Some(frame) = frames.get(name).filter(|frame| !frame.is_null()) else { continue };
            let text = |key: &str| frame.get(key).and_then(Value::as_str).unwrap_or_default();
            match (text("type"), operation) {
                ("image", _) if is_address(text("url")) => {}
                ("video", Operation::Extend) if is_address(text("url")) => extended = true,
                ("image" | "video", _) if !is_address(text("url")) => {
                    return Err(format!("input.key_frames.{name}.url must be a URL"));
                }
                ("generation", Operation::Extend) => {
                    let job = jobs.get(text("id")).filter(|job| job.api == Api::Piapi);
                    match job.map(|job| job.phase(now)) {
                        Some(Phase::Completed) => extended = true,
                        Some(_) => {
                            return Err(format!("input.key_frames.{name}.id is of a task that is not completed"));
                        }
                        None => return Err(format!("input.key_frames.{name}.id is of no task")),
                    }
                }
                _ => return Err(format!("input.key_frames.{name}.type is not supported for {}", operation.name())),
            }
        }
        if operation == Operation::Extend && !extended {
            return Err("input.key_frames must name the video to extend".into());
        }
        Ok(true)
    }
}

/// Whether a text is a public address.
pub(super) fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

//! Files that a provider keeps for its user: what is asked about them, and what it tells. Luma's Agents API alone has such
//! calls; the words are its own (SDK 0.5.0, 2026-08-04).

use crate::error::Problem;
use crate::json::Json;
use crate::rules::{self, Field, Shape};
use serde::Serialize;

/// What is asked about uploaded files.
#[derive(Clone, Debug, PartialEq)]
pub enum FileQuery {
    /// A page of them.
    Page(FileFilter),
    /// One, by its id.
    One(String),
    /// Whether one, by its id, is removed.
    Removal(String),
}

/// Which files a page has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileFilter {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Option<f64>,
    /// Only those for that purpose.
    pub purpose: Option<String>,
    /// Only those in that state.
    pub state: Option<String>,
}

/// A word that is newer than this table is the server's to judge.
const FILTER: &[Field] = &[
    Field::new("cursor", Shape::Name, ""),
    Field::new("limit", Shape::Number { min: 1.0, max: 100.0 }, ""),
    Field::new("purpose", Shape::Name, ""),
    Field::new("state", Shape::Name, ""),
];

impl FileFilter {
    /// Reads the options of a call.
    pub fn read(options: &Json) -> Result<FileFilter, Vec<Problem>> {
        let mut problems = Vec::new();
        rules::check(FILTER, options, true, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let text = |name| options.text(name);
        let (cursor, purpose, state) = (text("cursor"), text("purpose"), text("state"));
        Ok(FileFilter { cursor, limit: options.num("limit"), purpose, state })
    }
}

/// A file that the provider keeps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ()), optional_fields))]
pub struct UploadedFile {
    /// What a request names it by: `{ file_id }`.
    pub id: String,
    /// `ready` can be used. A `deleted` one is still listed.
    #[cfg_attr(feature = "types", ts(type = "\"pending\" | \"ready\" | \"failed\" | \"deleted\" | (string & {})"))]
    pub state: String,
    /// Why it `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// What it is, such as `image/png`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// How many bytes it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<f64>,
    /// What it is for.
    #[cfg_attr(feature = "types", ts(optional, type = "\"input\" | \"reference\" | (string & {})"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The user whose file it is, in the words of the uploader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// When it was handed over, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it goes by itself, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When it was removed, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<String>,
    /// The provider's own answer, untouched.
    #[cfg_attr(feature = "types", ts(type = "Record<string, unknown>"))]
    pub raw: Json,
}

/// One page of files.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(bound = "", concrete(Json = ()), optional_fields))]
pub struct FilePage {
    /// The files.
    #[cfg_attr(feature = "types", ts(type = "UploadedFile[]"))]
    pub files: Vec<UploadedFile>,
    /// Whether another page follows.
    pub has_more: bool,
    /// What the next page is asked for with, as `cursor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

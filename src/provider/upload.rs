//! Files on their way to a provider.

use super::ApiCall;
use crate::json::Json;

/// A file to be handed to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its name, with its ending.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub media_type: String,
    /// How many bytes.
    pub size: f64,
    /// The account to put it in, where a provider has several.
    pub account: Option<String>,
    /// The content as text in base64, where [`Provider::upload_form`] asks for that; else the host has it as bytes.
    pub base64: Option<Json>,
    /// What the provider is to note of it, in its own words: an object.
    pub details: Option<Json>,
    /// The content type of the whole as one form, where the host has one: a file that is small enough goes in one request.
    pub form_type: Option<String>,
}

/// How a provider wants a file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadForm {
    /// As bytes, the body of a call.
    Bytes,
    /// As text in base64, within JSON.
    Base64,
}

/// The next step of an upload.
pub enum Upload {
    /// This is sent, and its answer added to those so far.
    Send(ApiCall),
    /// The provider still works on the file: this asks for it after a while, and its answer is added.
    Poll(ApiCall),
    /// The provider cannot use the file: why, in its words.
    Failed(String),
    /// The file is there, and is named so in a request: `{ file_id }` or `{ url }`.
    Done(Json),
}

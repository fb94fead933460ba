//! Files on their way to a provider.

use super::Call;

/// A file to be handed to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct File<V> {
    /// Its name, with its ending.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub media_type: String,
    /// How many bytes.
    pub size: f64,
    /// The account to put it in, where a provider has several.
    pub account: Option<String>,
    /// The content, in the form that [`Provider::upload_form`] tells.
    pub content: V,
    /// What the provider is to note of it, in its own words: an object.
    pub details: Option<V>,
    /// The whole as one form, with its content type: for a file that is small enough to go in one request.
    pub form: Option<(String, V)>,
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
pub enum Upload<V> {
    /// This is sent, and its answer added to those so far.
    Send(Call<V>),
    /// The provider still works on the file: this asks for it after a while, and its answer is added.
    Look(Call<V>),
    /// The provider cannot use the file: why, in its words.
    Failed(String),
    /// The file is there, and is named so in a request: `{ file_id }` or `{ url }`.
    Done(V),
}

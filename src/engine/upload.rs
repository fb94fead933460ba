//! Handing a file over, in as many steps as the provider takes.

use super::{Client, Host, Outcome, json};
use crate::error::{Code, Error};
use crate::provider::{File, Upload};
use crate::text::concat;
use crate::value::Value;

/// What a connection does at least, in bytes a ms (0.4 Mbit/s): a large file may take longer than an answer may.
const SLOWEST: f64 = 50.0;

impl<H: Host> Client<H> {
    /// Hands a file over, and gives how a request names it then. A step that is sent twice leaves a file that nobody uses.
    pub async fn upload(&self, file: &File<H::Value>) -> Outcome<H::Value, H> {
        let timeout = self.settings.timeout + file.size / SLOWEST;
        let mut answers = Vec::new();
        loop {
            let call = match self.provider.upload(file, &answers) {
                Some(Upload::Done(reference)) => return Ok(reference),
                Some(Upload::Send(call)) => call,
                None if answers.is_empty() => return Err(self.absent("upload")),
                None => {
                    let message = concat(&[self.provider.id().as_str(), " did not answer as an upload should"]);
                    return Err(Error::new(Code::Protocol, message).from(self.provider.id()));
                }
            };
            let response = self.read_within(&call, timeout).await.0?;
            // A storage answers with nothing, or with XML.
            answers.push(json(&response).cloned().unwrap_or_else(|| H::Value::object(Vec::new())));
        }
    }
}

//! Uploading a file, in as many steps as the provider takes.

use super::{Transport, json};
use crate::engine::model::timing::{FIRST_UPLOAD_POLL, MAX_UPLOAD_POLL, SECOND, SLOWEST_UPLOAD, UPLOAD_PROCESSING};
use crate::engine::model::{Host, Outcome};
use crate::error::{Code, Error};
use crate::json::Json;
use crate::provider::{File, Upload};
use crate::text::{concat, integer};

impl<H: Host> Transport<H> {
    /// Uploads a file, and gives how a request names it then. A step that is sent twice leaves an unused file.
    pub async fn upload(&self, mut file: File, content: &H::File) -> Outcome<Json> {
        let mut renewed = false;
        loop {
            match self.upload_once(&file, content).await {
                // More than the server takes in one request, or no form that it reads: then step by step.
                Err(error) if file.form_type.is_some() && matches!(error.status, Some(413 | 415)) => {
                    file.form_type = None
                }
                // The URL for the bytes has expired: another one is asked for.
                Err(error) if error.code == Code::Gone && !renewed => renewed = true,
                outcome => return outcome,
            }
        }
    }

    async fn upload_once(&self, file: &File, content: &H::File) -> Outcome<Json> {
        let timeout = self.settings.timeout + file.size / SLOWEST_UPLOAD;
        let (mut answers, mut waited, mut pause) = (Vec::new(), 0.0, FIRST_UPLOAD_POLL);
        loop {
            let call = match self.provider.upload(file, &answers) {
                Some(Upload::Done(reference)) => return Ok(reference),
                Some(Upload::Send(call)) => call,
                Some(Upload::Poll(call)) => {
                    if waited >= UPLOAD_PROCESSING {
                        let seconds = integer((waited / SECOND) as u64);
                        let what = [" has the file ", &file.name, " and is not done with it after ", &seconds, " s"];
                        return Err(self.upload_failed(Code::Timeout, &what));
                    }
                    self.host.sleep(pause).await;
                    waited += pause;
                    pause = (pause * 2.0).min(MAX_UPLOAD_POLL);
                    call
                }
                Some(Upload::Failed(reason)) => {
                    let what = [" could not use the file ", &file.name, ": ", &reason];
                    return Err(self.upload_failed(Code::InvalidRequest, &what));
                }
                None if answers.is_empty() => return Err(self.unsupported("upload")),
                None => return Err(self.upload_failed(Code::Protocol, &[" did not answer as an upload should"])),
            };
            let response = self.read_within(&call, Some(content), timeout).await.0?;
            // A storage answers with nothing, or with XML.
            answers.push(json(&response).cloned().unwrap_or_else(|| Json::object(Vec::new())));
        }
    }

    fn upload_failed(&self, code: Code, what: &[&str]) -> Error {
        let message = concat(&[self.provider.id().as_str(), &concat(what)]);
        Error::new(code, message).with_provider(self.provider.id())
    }
}

//! The methods of a client, as its one export names them.

use wasm_bindgen::prelude::wasm_bindgen;

/// What a client does: one export with a number costs a tenth of one export each.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Method {
    /// Makes a job and waits for it: `(request)`.
    Generate,
    /// Makes a job: `(request)`.
    Create,
    /// Waits for a job: `(id or generation)`.
    Poll,
    /// Reads a job: `(id)`.
    Get,
    /// Removes a job: `(id)`.
    Delete,
    /// Reads a page of jobs; `limit` and `offset` are among the options: `()`.
    List,
    /// Makes a larger video out of a job's: `(id, request)`.
    Upscale,
    /// Adds sound to a job's video: `(id, request)`.
    AddAudio,
    /// The camera motions that a prompt may name: `()`.
    CameraMotions,
    /// The keys that `concepts` takes: `()`.
    Concepts,
    /// What is left to spend: `()`.
    Credits,
    /// How many jobs wait or run: `()`.
    ActiveTasks,
    /// Whether the service answers: `()`.
    Ping,
    /// Every broken rule of a request; nothing is sent: `(request)`.
    Validate,
    /// What a request costs; nothing is sent: `(request)`.
    Estimate,
    /// What can be taken up: `()`.
    Tickets,
    /// Takes a ticket up: `(its id)`.
    Resume,
    /// The caller has all that it wants of a finished job: `(ticket, id or generation)`.
    Acknowledge,
    /// The accounts that the service works on: `()`, or `(e-mail)` for one of them.
    Accounts,
    /// One more of them: `(session)`.
    AddAccount,
    /// One less of them: `(e-mail)`.
    RemoveAccount,
    /// Reads what the provider posted to a callback; nothing is sent: `(what was posted)`.
    Callback,
    /// Uploads a file, and returns how a request names it: `({ name, media_type, size, account, base64, content,
    /// details, form, form_type })`.
    Upload,
    /// A page of the files that were handed over, chosen by the options: `()`, or `(id)` for one of them.
    Files,
    /// One less of them: `(id)`.
    RemoveFile,
}

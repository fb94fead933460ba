//! What every answer is wrapped in: `{ code, data, message }`.

use serde_json::{Value, json};

use crate::http::Response;
use crate::simulator::answer;

/// A good answer.
pub(super) fn success(data: &Value) -> Response<Vec<u8>> {
    answer::json(200, &json!({ "code": 200, "data": data, "message": "success" }))
}

/// One that refuses. The documents' own table of codes was not to be had: the HTTP status serves as the code.
pub(in crate::simulator) fn refusal(status: u16, message: impl Into<String>) -> Response<Vec<u8>> {
    answer::json(status, &json!({ "code": status, "data": null, "message": message.into() }))
}

/// What stands where there is no endpoint: text, not JSON.
pub(super) fn nowhere() -> Response<Vec<u8>> {
    answer::with_body(404, "text/plain", b"404 page not found".to_vec())
}

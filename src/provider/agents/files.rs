//! The files of an account (SDK 0.5.0, 2026-08-04): listed, read and removed. A removed one is only marked as such.

use crate::json::Json;
use crate::provider::answer::list_of;
use crate::provider::call::{path_to, with_query};
use crate::provider::{ApiCall, FileFilter, FilePage, FileQuery, UploadedFile};
use crate::text::integer;

/// The call that answers a query.
pub fn call(query: &FileQuery) -> ApiCall {
    match query {
        FileQuery::Page(filter) => list(filter),
        FileQuery::One(id) => one(id),
        FileQuery::Removal(id) => ApiCall::delete(path(id)),
    }
}

/// One of them.
pub fn one(id: &str) -> ApiCall {
    ApiCall::get(path(id))
}

fn path(id: &str) -> String {
    path_to("files/", id)
}

fn list(filter: &FileFilter) -> ApiCall {
    let limit = filter.limit.map(|limit| integer(limit as u64));
    ApiCall::get(with_query(
        "files",
        &[
            ("cursor", filter.cursor.as_deref()),
            ("limit", limit.as_deref()),
            ("purpose", filter.purpose.as_deref()),
            ("state", filter.state.as_deref()),
        ],
    ))
}

/// A file, if the answer is one.
pub fn file(answer: &Json) -> Option<UploadedFile> {
    Some(UploadedFile {
        id: answer.text("id").filter(|id| !id.is_empty())?,
        state: answer.text("state")?,
        failure_reason: answer.text("failure_reason"),
        filename: answer.text("filename"),
        mime_type: answer.text("mime_type"),
        size_bytes: answer.num("size_bytes"),
        purpose: answer.text("purpose"),
        user_id: answer.text("user_id"),
        created_at: answer.text("created_at"),
        expires_at: answer.text("expires_at"),
        deleted_at: answer.text("deleted_at"),
        raw: answer.clone(),
    })
}

/// A page, if the answer is one.
pub fn page(answer: &Json) -> Option<FilePage> {
    let list = list_of(answer, "data")?;
    let mut files = Vec::new();
    for item in &list.items() {
        if let Some(file) = file(item) {
            files.push(file);
        }
    }
    let next_cursor = answer.text("next_cursor");
    // A list that does not say whether it goes on says where.
    let has_more = answer.flag("has_more").unwrap_or(next_cursor.is_some());
    Some(FilePage { files, has_more, next_cursor })
}

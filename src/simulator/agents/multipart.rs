//! Forms with files in them, by RFC 7578.

/// One part of a form.
pub(super) struct Part<'a> {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content: &'a [u8],
}

/// The boundary that a content type tells, if it is a form's.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    let of_form = kind.trim().eq_ignore_ascii_case("multipart/form-data");
    let boundary = parameters.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?.trim_matches('"');
    (of_form && !boundary.is_empty()).then_some(boundary)
}

/// The parts of a form; none when it does not end as one does.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<Part<'a>>> {
    let line = format!("\r\n--{boundary}");
    // What stands before the first part ends without a line's end when there is nothing.
    let first = line.trim_start().as_bytes();
    let mut rest = if body.starts_with(first) { body.get(first.len()..)? } else { after(body, line.as_bytes())?.1 };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let (part, behind) = after(rest, line.as_bytes())?;
        parts.push(read(part)?);
        rest = behind;
    }
    Some(parts)
}

/// What stands before and behind the first place where `mark` is.
fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}

fn read(part: &[u8]) -> Option<Part<'_>> {
    let (head, content) = after(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(head);
    let field = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let disposition = field("content-disposition")?;
    let parameter = |name: &str| {
        let value = disposition.split(';').find_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='))?;
        Some(value.trim_matches('"').to_owned())
    };
    Some(Part {
        name: parameter("name")?,
        filename: parameter("filename"),
        content_type: field("content-type"),
        content,
    })
}

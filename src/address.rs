//! Which addresses a provider's server could fetch: it sits on the open internet and sees neither the caller's page nor
//! the caller's network.

/// Whether a server elsewhere could reach `url`; if not, why, and what to do.
pub fn fetchable(url: &str) -> Result<(), &'static str> {
    let lower = url.to_ascii_lowercase();
    if lower.starts_with("data:") || lower.starts_with("blob:") {
        return Err(
            "exists only in this page: put the file where a server can fetch it, for example with client.upload(file)",
        );
    }
    let Some(rest) = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")) else {
        return Err("must be an http(s) address that a server can fetch");
    };
    if rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("must not contain spaces");
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    if host.is_empty() {
        return Err("must be an http(s) address that a server can fetch");
    }
    if is_local(host.trim_end_matches('.')) {
        return Err("is an address of this machine or network, which the provider's server cannot reach");
    }
    Ok(())
}

fn is_local(host: &str) -> bool {
    if host == "localhost" || host.ends_with(".localhost") || host.ends_with(".local") || host.ends_with(".internal") {
        return true;
    }
    if host.contains(':') {
        return host == "::1"
            || host == "::"
            || host.starts_with("fe80:")
            || host.starts_with("fc")
            || host.starts_with("fd");
    }
    let mut parts = host.split('.').map(|part| part.parse::<u8>());
    let (Some(Ok(a)), Some(Ok(b)), Some(Ok(_)), Some(Ok(_)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    matches!((a, b), (0 | 10 | 127, _) | (192, 168) | (169, 254) | (172, 16..=31))
}

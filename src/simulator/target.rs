//! Where a request goes: the parts of its URL that a server sees.

/// A URL's parts. Whatever reaches a simulator is meant for it; the host tells which provider, where the path does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Target<'a> {
    /// Without its port; empty when the URL has none.
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
}

impl<'a> Target<'a> {
    pub(crate) fn of(url: &'a str) -> Target<'a> {
        let whole = url.split_once('#').map_or(url, |(before, _)| before);
        let (host, local) = match whole.split_once("://") {
            Some((_, rest)) => rest.find(['/', '?']).and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, "/")),
            None => ("", whole),
        };
        let host = host.split_once(':').map_or(host, |(name, _)| name);
        let (path, query) = local.split_once('?').unwrap_or((local, ""));
        Target { host, path, query }
    }

    /// What follows `base` in the path, whatever stands before it: a proxy may have put it under a prefix.
    pub(crate) fn under(&self, base: &str) -> Option<&'a str> {
        let at = self.path.find(base)?;
        let tail = self.path.get(at + base.len()..)?;
        (tail.is_empty() || tail.starts_with('/')).then_some(tail)
    }

    /// The first value of a query parameter, as it was written.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        self.query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v)
    }

    /// The path with its query.
    pub(crate) fn whole(&self) -> String {
        match self.query {
            "" => self.path.to_owned(),
            query => format!("{}?{query}", self.path),
        }
    }
}

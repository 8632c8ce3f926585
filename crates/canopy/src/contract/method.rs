//! HTTP methods.

/// Method of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they say themselves")]
pub enum Method {
    Get,
    Post,
    Patch,
    Put,
    Delete,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What `Allow` says of these methods: HEAD goes with GET, OPTIONS with what other origins may ask.
#[must_use]
pub fn allowed<'m>(methods: impl Iterator<Item = &'m str>, has_options: bool) -> Vec<&'m str> {
    let mut all = Vec::new();
    for method in methods {
        all.push(method);
        if method == "GET" {
            all.push("HEAD");
        }
    }
    all.extend(has_options.then_some("OPTIONS"));
    all
}

//! From a path to its operations, and from an operation to its path.

use std::sync::LazyLock;

use matchit::{Params, Router};

use super::{OLDER_FORMS, Operation};
use crate::id::{Id, Identifier};

/// A path template, and what it is for each of its methods; never empty.
#[derive(Debug)]
struct Path {
    template: &'static str,
    operations: Vec<Operation>,
}

static ROUTER: LazyLock<Router<Path>> = LazyLock::new(|| {
    let mut router = Router::new();
    let current = Operation::ALL.iter().map(|operation| (operation.row().path, *operation));
    let forms: Vec<_> = current.chain(OLDER_FORMS).collect();
    for (template, _) in &forms {
        let operations = forms.iter().filter(|(other, _)| other == template).map(|(_, it)| *it).collect();
        // A path of several methods is in the router once.
        let _ = router.insert(*template, Path { template, operations });
    }
    router
});

/// What stands at a path below the base URL.
#[derive(Debug)]
pub struct Found<'p> {
    path: &'static Path,
    parameters: Params<'static, 'p>,
}

impl<'p> Found<'p> {
    /// The operations of `path`, an older form of one among them; `None` where there is none. A parameter is any
    /// segment that is not empty, as it was written.
    #[must_use]
    pub fn at(path: &'p str) -> Option<Self> {
        ROUTER.at(path).ok().map(|found| Self { path: found.value, parameters: found.params })
    }

    /// One operation for each method of the path.
    #[must_use]
    pub fn operations(&self) -> &'static [Operation] {
        &self.path.operations
    }

    /// Names and values of the path's parameters.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &'p str)> {
        self.parameters.iter()
    }

    /// The value of a parameter, if the path has it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&'p str> {
        self.parameters.get(name)
    }

    /// The path with another value for one of its parameters.
    #[must_use]
    pub fn path_with(&self, name: &str, value: &Id) -> String {
        filled(self.path.template, |parameter| {
            if parameter == name { Some(value.as_str()) } else { self.parameter(parameter) }
        })
    }
}

impl Operation {
    /// Its path below the base URL, with `parameters` by their names in the template.
    ///
    /// # Panics
    /// When a parameter of the template is missing.
    #[must_use]
    pub fn path(self, parameters: &[(&str, &dyn Identifier)]) -> String {
        let value = |name: &str| parameters.iter().find(|(of, _)| *of == name).map(|(_, id)| id.as_str());
        filled(self.row().path, value)
    }
}

fn filled<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut path = String::with_capacity(template.len() + 64);
    for segment in template.split('/').skip(1) {
        path.push('/');
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        path.push_str(match name {
            Some(name) => value(name).expect("a call fills in all parameters of its path"),
            None => segment,
        });
    }
    path
}

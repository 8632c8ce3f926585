//! The modules of a crate as their source text says: which there are, what each defines and what each names.
//!
//! Code for tests is left out. Of methods only those are seen that a type calls on itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// A path as it is written, and its line.
#[derive(Debug, Clone)]
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
    /// It ends in `::*`.
    pub is_glob: bool,
}

/// A method that an `impl` of a type defines, or that one calls on `self`.
#[derive(Debug, Clone)]
pub struct Method {
    /// The type, as it is written.
    pub of: Vec<String>,
    pub name: String,
    pub line: usize,
}

/// A file or an inline module.
#[derive(Debug, Default)]
pub struct Module {
    pub name: String,
    pub file: PathBuf,
    pub parent: Option<usize>,
    pub children: BTreeMap<String, usize>,
    /// Items defined here.
    pub items: BTreeSet<String>,
    /// Names brought in, and the path of each.
    pub aliases: BTreeMap<String, Vec<String>>,
    pub mentions: Vec<Mention>,
    /// Methods that are no trait's.
    pub methods: Vec<Method>,
    pub calls: Vec<Method>,
    /// There is something here besides declarations of modules and imports.
    pub has_code: bool,
}

/// Reads the modules of the crate with this root file; the root is the first. `text` gives what a file holds.
pub fn modules(root: &Path, text: &dyn Fn(&Path) -> Option<String>) -> Result<Vec<Module>> {
    let mut reader = Reader { text, modules: vec![Module { name: "crate".into(), ..Module::default() }] };
    let directory = root.parent().unwrap_or(Path::new("")).to_path_buf();
    reader.file(0, root, &directory)?;
    Ok(reader.modules)
}

struct Reader<'t> {
    text: &'t dyn Fn(&Path) -> Option<String>,
    modules: Vec<Module>,
}

impl Reader<'_> {
    /// Reads a file whose children lie in `directory`.
    fn file(&mut self, at: usize, file: &Path, directory: &Path) -> Result<()> {
        let text = (self.text)(file).with_context(|| format!("cannot read {}", file.display()))?;
        let parsed = syn::parse_file(&text).with_context(|| format!("cannot parse {}", file.display()))?;
        self.items(at, file, directory, &parsed.items)
    }

    fn items(&mut self, at: usize, file: &Path, directory: &Path, items: &[Item]) -> Result<()> {
        self.modules[at].file = file.to_path_buf();
        for item in items.iter().filter(|item| !attributes(item).iter().any(is_for_tests)) {
            if let Item::Mod(module) = item {
                let name = module.ident.to_string();
                let child = self.modules.len();
                let full_name = format!("{}::{name}", self.modules[at].name);
                self.modules.push(Module { name: full_name, parent: Some(at), ..Module::default() });
                self.modules[at].children.insert(name.clone(), child);
                let below = directory.join(&name);
                match &module.content {
                    Some((_, items)) => self.items(child, file, &below, items)?,
                    None => {
                        let beside = below.with_extension("rs");
                        let is_beside = (self.text)(&beside).is_some();
                        self.file(child, &if is_beside { beside } else { below.join("mod.rs") }, &below)?;
                    }
                }
                continue;
            }
            let module = &mut self.modules[at];
            module.has_code |= !matches!(item, Item::Use(_));
            module.items.extend(defined(item));
            Mentions { module, of: None }.visit_item(item);
        }
        Ok(())
    }
}

/// Collects what an item names.
struct Mentions<'m> {
    module: &'m mut Module,
    /// The type whose `impl` this is within.
    of: Option<Vec<String>>,
}

impl Mentions<'_> {
    fn take(&mut self, path: Vec<String>, span: Span, is_glob: bool) {
        self.module.mentions.push(Mention { path, line: span.start().line, is_glob });
    }

    fn call(&mut self, name: &syn::Ident) {
        if let Some(of) = self.of.clone() {
            let line = name.span().start().line;
            self.module.calls.push(Method { of, name: name.to_string(), line });
        }
    }

    fn tree(&mut self, mut path: Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(next) => {
                path.push(next.ident.to_string());
                self.tree(path, &next.tree);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(path.clone(), tree)),
            UseTree::Glob(glob) => self.take(path, glob.star_token.spans[0], true),
            UseTree::Name(name) => self.leaf(path, &name.ident, None),
            UseTree::Rename(rename) => self.leaf(path, &rename.ident, Some(rename.rename.to_string())),
        }
    }

    fn leaf(&mut self, mut path: Vec<String>, ident: &syn::Ident, alias: Option<String>) {
        if ident != "self" {
            path.push(ident.to_string());
        }
        if let Some(alias) = alias.or_else(|| path.last().cloned()) {
            self.module.aliases.insert(alias, path.clone());
        }
        self.take(path, ident.span(), false);
    }

    /// What looks like a path within a macro's arguments.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut begin = Span::call_site();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.end(&mut path, begin);
                        begin = ident.span();
                    }
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += if colons == 1 || punct.spacing() == Spacing::Joint { 1 } else { 3 };
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                _ => {}
            }
            self.end(&mut path, begin);
            colons = 0;
        }
        self.end(&mut path, begin);
    }

    fn end(&mut self, path: &mut Vec<String>, begin: Span) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.take(path, begin, false);
        }
    }
}

impl<'a> Visit<'a> for Mentions<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        if !attributes(item).iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let syn::Type::Path(of) = &*item.self_ty else { return visit::visit_item_impl(self, item) };
        let of = segments(&of.path);
        if item.trait_.is_none() {
            for function in &item.items {
                if let syn::ImplItem::Fn(function) = function {
                    let (name, line) =
                        (function.sig.ident.to_string(), function.sig.ident.span().start().line);
                    self.module.methods.push(Method { of: of.clone(), name, line });
                }
            }
        }
        let outer = self.of.replace(of);
        visit::visit_item_impl(self, item);
        self.of = outer;
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        if matches!(&*call.receiver, syn::Expr::Path(receiver) if receiver.path.is_ident("self")) {
            self.call(&call.method);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        if !function.attrs.iter().any(is_for_tests) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        self.tree(Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let segments = segments(path);
        if let [own, _] = &segments[..]
            && own == "Self"
        {
            self.call(&path.segments[1].ident);
        }
        if path.leading_colon.is_none() && segments.len() > 1 {
            self.take(segments, path.segments[0].ident.span(), false);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}

    fn visit_attribute(&mut self, _: &'a Attribute) {}
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

//! Modules of a crate depend on one another in one direction, so that each can be read with only those below it in mind.
//!
//! A module depends on those whose items it names. One that only passes names on (`pub use`) doesn't depend on them, and who
//! names something through it depends on where that is defined.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use cargo_metadata::Package;

use super::names::{Named, Names};
use super::tokens::{self, Tests};
use crate::workspace::{Workspace, files};

/// A module's names from the root of its crate, which has none.
type Module = Names;

/// What is one thing that holds itself: a circle of types, not of subjects.
const RECURSIVE: [(&str, &[&str]); 3] = [
    ("persist-core", &["error", "failure"]), // a save fails, with an error, for the one before it
    ("persist-format", &["value", "value::map"]), // a map is a value, and holds values
    ("persist-format", &["typed::de", "typed::key"]), // serde: a key is read as a value, and values hold keys
];

pub(crate) fn circles(workspace: &Workspace) -> Vec<String> {
    let members = workspace.members();
    members.into_iter().flat_map(of_crate).collect()
}

fn of_crate(member: &Package) -> Vec<String> {
    let source = Workspace::folder(member).join("src");
    let modules = match read(&source) {
        Ok(modules) => modules,
        Err(error) => return vec![error],
    };
    let below: BTreeMap<&Module, BTreeSet<Module>> = modules
        .iter()
        .map(|(module, named)| (module, named_by(module, named, &modules)))
        .collect();
    let found: BTreeSet<Vec<Module>> = modules
        .keys()
        .filter_map(|module| way_back(module, &below))
        .collect();
    let shown = |module: &Module| match module.as_slice() {
        [] => "the root".to_owned(),
        names => names.join("::"),
    };
    let found = found
        .into_iter()
        .map(|circle| circle.iter().map(shown).collect::<Vec<_>>());
    found
        .filter(|circle| !is_recursive(&member.name, circle))
        .map(|mut circle| {
            circle.extend(circle.first().cloned());
            format!("{}: {}", member.name, circle.join(" needs "))
        })
        .collect()
}

fn is_recursive(crate_name: &str, circle: &[String]) -> bool {
    RECURSIVE
        .iter()
        .any(|(name, modules)| *name == crate_name && *modules == circle)
}

/// All modules but tests, and what each names.
fn read(source: &Path) -> Result<BTreeMap<Module, Named>, String> {
    let (mut modules, mut tests) = (BTreeMap::new(), BTreeSet::new());
    for path in files(source, "rs") {
        let module = module_of(path.strip_prefix(source).unwrap_or(&path));
        let named = Named::of(&tokens::of_file(&path, Tests::Left)?);
        let with_tests = Named::of(&tokens::of_file(&path, Tests::Included)?);
        let only_tested = with_tests.declared.into_iter();
        let only_tested = only_tested.filter(|declared| !named.declared.contains(declared));
        tests.extend(only_tested.map(|(_, file)| child(&module, &file)));
        modules.insert(module, named);
    }
    let is_test = |module: &Module| (0..=module.len()).any(|end| tests.contains(&module[..end]));
    modules.retain(|module, _| !is_test(module));
    Ok(modules)
}

fn module_of(path: &Path) -> Module {
    let path = path.with_extension("");
    let mut names: Module = path
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let is_root = names.len() == 1 && ["lib", "main"].contains(&names[0].as_str());
    if is_root || names.last().is_some_and(|last| last == "mod") {
        names.pop();
    }
    names
}

fn child(module: &Module, name: &str) -> Module {
    let mut names = module.clone();
    names.push(name.to_owned());
    names
}

/// The other modules that this one depends on.
fn named_by(module: &Module, named: &Named, modules: &BTreeMap<Module, Named>) -> BTreeSet<Module> {
    let imports = named.imports.iter();
    let imports = imports
        .filter(|import| !import.passed_on)
        .map(|import| &import.path);
    let paths = imports.chain(&named.paths);
    let mut found = BTreeSet::new();
    for path in paths.filter_map(|path| from_root(module, path, named)) {
        defining(&path, modules, PASSED_ON, &mut found);
    }
    found.remove(module);
    found
}

/// A path in this crate from its root; `None` for one that leads into another crate.
fn from_root(module: &Module, path: &Names, named: &Named) -> Option<Names> {
    let (first, rest) = path.split_first()?;
    let start = match first.as_str() {
        "crate" => Module::new(),
        "self" => module.clone(),
        "super" => {
            let parent = module[..module.len().checked_sub(1)?].to_vec();
            return match rest.first().is_some_and(|next| next == "super") {
                true => from_root(&parent, &rest.to_vec(), named),
                false => Some([parent.as_slice(), rest].concat()),
            };
        }
        name if named.declared.iter().any(|(declared, _)| declared == name) => child(module, name),
        _ => return None,
    };
    Some([start.as_slice(), rest].concat())
}

/// So often a name is passed on at most; in a ring it would not compile.
const PASSED_ON: usize = 16;

/// The modules in which what the path leads to is defined: the one that it goes to, unless that got it from elsewhere. There are several where
/// each platform has its own.
fn defining(
    path: &[String],
    modules: &BTreeMap<Module, Named>,
    most: usize,
    found: &mut BTreeSet<Module>,
) {
    let ends = (0..=path.len()).rev();
    let Some(module) = ends
        .map(|end| &path[..end])
        .find(|module| modules.contains_key(*module))
    else {
        return;
    };
    let (named, rest) = (&modules[module], &path[module.len()..]);
    let Some((name, after)) = rest.split_first().filter(|_| most > 0) else {
        found.insert(module.to_vec());
        return;
    };
    let module = module.to_vec();
    let files = named.declared.iter();
    let files = files.filter(|(declared, file)| declared == name && file != name);
    let files = files.map(|(_, file)| child(&module, file));
    let imports = named.imports.iter().filter(|import| import.name == *name);
    let imports = imports.filter_map(|import| from_root(&module, &import.path, named));
    let mut elsewhere = files.chain(imports).peekable();
    if elsewhere.peek().is_none() {
        found.insert(module.clone());
    }
    for start in elsewhere {
        defining(
            &[start.as_slice(), after].concat(),
            modules,
            most - 1,
            found,
        );
    }
}

/// The shortest way from a module back to itself, starting with its first name in order.
fn way_back(start: &Module, below: &BTreeMap<&Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    let mut reached: BTreeMap<&Module, &Module> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(here) = queue.pop_front() {
        for next in below.get(here)? {
            if next == start {
                let mut circle = vec![here.clone()];
                let mut at = here;
                while at != start {
                    at = reached[at];
                    circle.push(at.clone());
                }
                circle.reverse();
                let first = circle.iter().enumerate().min_by_key(|(_, module)| *module);
                let first = first.map_or(0, |(index, _)| index);
                circle.rotate_left(first);
                return Some(circle);
            }
            if !reached.contains_key(next) {
                reached.insert(next, here);
                queue.push_back(next);
            }
        }
    }
    None
}

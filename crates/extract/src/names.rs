//! Folded names of the reference data with what they mean, to be looked up by cells.

use std::collections::HashMap;

/// Names, each with what it means. Of equal ones the last counts.
pub struct Names<T> {
    names: HashMap<String, T, foldhash::fast::RandomState>,
    /// The length of the longest, in bytes: most texts are longer and need not be hashed.
    longest: usize,
}

impl<T> Names<T> {
    /// What a name means.
    pub fn get(&self, name: &str) -> Option<&T> {
        if name.len() > self.longest { None } else { self.names.get(name) }
    }

    /// Whether there is such a name.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The names, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }
}

impl<T> FromIterator<(String, T)> for Names<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(names: I) -> Self {
        let names: HashMap<String, T, _> = names.into_iter().collect();
        let longest = names.keys().map(String::len).max().unwrap_or(0);
        Self { names, longest }
    }
}

impl Names<()> {
    /// Names that mean nothing but that they are in the list.
    pub fn list(names: impl IntoIterator<Item = String>) -> Self {
        names.into_iter().map(|name| (name, ())).collect()
    }
}

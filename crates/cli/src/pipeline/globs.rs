//! Patterns over the names of sources, as shells and `.gitignore` write them.

use std::fmt;

use glob::{MatchOptions, Pattern};

/// A `*` stays within its folder; `**` crosses folders.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// Some patterns, of which one has to match.
///
/// A pattern without `/` is held against each part of a name (`*.bak`, `drafts`), one with `/` against the whole name and
/// the folders above (`2015/**/*.pdf`, `2015/drafts`): whoever names a folder means all that is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Globs(Vec<Pattern>);

impl Globs {
    /// Adds a pattern. A `/` at its end changes nothing.
    ///
    /// # Errors
    /// Why it is none.
    pub fn add(&mut self, pattern: &str) -> Result<(), String> {
        if pattern.starts_with('/') {
            return Err("names of sources do not begin with `/`".to_owned());
        }
        let pattern = Pattern::new(pattern.trim_end_matches('/'));
        self.0.push(pattern.map_err(|error| format!("{}, at character {}", error.msg, error.pos + 1))?);
        Ok(())
    }

    /// Whether a source of this name is meant.
    pub fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| {
            let whole = pattern.as_str().contains('/');
            let above = name.match_indices('/').filter_map(|(end, _)| name.get(..end));
            above.chain([name]).any(|path| {
                let part = path.rsplit('/').next().unwrap_or(path);
                pattern.matches_with(if whole { path } else { part }, OPTIONS)
            })
        })
    }

    /// Whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Globs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patterns: Vec<_> = self.0.iter().map(Pattern::as_str).collect();
        f.write_str(&patterns.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks which of some names a pattern means.
    fn check(pattern: &str, means: &[&str], and_not: &[&str]) {
        let mut globs = Globs::default();
        globs.add(pattern).unwrap();
        for name in means {
            assert!(globs.matches(name), "{pattern} means {name}");
        }
        for name in and_not {
            assert!(!globs.matches(name), "{pattern} does not mean {name}");
        }
    }

    #[test]
    fn patterns_mean_files_and_all_that_is_in_a_folder() {
        check("*.bak", &["a.bak", "2015/甲.bak", "old.bak/1.txt"], &["a.bak.txt", "bak"]);
        check(
            "drafts",
            &["drafts", "drafts/1.txt", "2015/drafts/x/1.txt"],
            &["drafts.txt", "my drafts/1.txt"],
        );
        check("drafts/", &["drafts/1.txt", "2015/drafts/1.txt"], &["drafts.txt"]);
        check("2015/*", &["2015/1.txt", "2015/a/1.txt"], &["2016/1.txt", "x/2015/1.txt"]);
        check("2015/*.pdf", &["2015/1.pdf"], &["2015/a/1.pdf", "2015/1.txt"]);
        check("**/*.pdf", &["1.pdf", "2015/a/1.pdf"], &["1.txt"]);
        check("上海/20[12]?", &["上海/2019/表.txt", "上海/2020"], &["上海/2030/表.txt", "北京/2019/表.txt"]);
        check("*草案*", &["2015/草案一.txt"], &["2015/定案.txt"]);
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_the_reason() {
        for (pattern, says) in
            [("a[", "character 2"), ("a**", "recursive wildcards"), ("/srv/in", "do not begin")]
        {
            let problem = Globs::default().add(pattern).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }
}

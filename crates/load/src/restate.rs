//! Which form takes the place of which: the same organisation, year and project, published again with other content.
//!
//! The older one points to the next newer one, and both stay. What is newer is told by the documents: by when they were
//! modified, then by their sources, and never by when they were ingested. Two forms of one document are no restatement
//! of each other.

use std::collections::BTreeMap;

use crate::content::{ContentId, Publication};

/// What is known of a form for this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edition {
    pub(crate) form_id: Box<str>,
    /// The document's content.
    pub(crate) content: ContentId,
    /// The keys of its organisation and its project, where it has both.
    pub(crate) project: Option<(Box<str>, Box<str>)>,
}

/// When a content was published: when the first of its files was modified, and its first source.
type Published<'a> = (Option<i64>, &'a str);

/// The form by which each form of a year is superseded, by their ids.
pub(crate) fn superseded<'a>(
    forms: &[Edition],
    published: impl Fn(ContentId) -> Option<Publication<'a>>,
) -> BTreeMap<String, String> {
    let mut projects: BTreeMap<&(Box<str>, Box<str>), Vec<&Edition>> = BTreeMap::new();
    for form in forms {
        if let Some(project) = &form.project {
            projects.entry(project).or_default().push(form);
        }
    }
    let mut superseded = BTreeMap::new();
    for editions in projects.values().filter(|editions| editions.len() > 1) {
        let mut documents: BTreeMap<(Option<Published<'_>>, ContentId), Vec<&str>> = BTreeMap::new();
        for form in editions {
            let published = published(form.content).map(|at| (at.modified_at, at.source));
            documents.entry((published, form.content)).or_default().push(&form.form_id);
        }
        documents.values_mut().for_each(|forms| forms.sort_unstable());
        let documents: Vec<_> = documents.into_values().collect();
        for pair in documents.windows(2) {
            let [older, newer] = pair else { continue };
            // A document that has the project several times is followed form by form, as far as there are as many.
            for (index, form) in older.iter().enumerate() {
                if let Some(next) = newer.get(index).or(newer.last()) {
                    superseded.insert((*form).to_owned(), (*next).to_owned());
                }
            }
        }
    }
    superseded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content of a document that is called by a letter of hex digits.
    fn content(document: &str) -> ContentId {
        ContentId::parse(&document.repeat(32)).unwrap()
    }

    fn edition(document: &str, number: u32, project: Option<&str>) -> Edition {
        Edition {
            form_id: format!("{document}-{number:04}").into(),
            content: content(document),
            project: project.map(|project| ("甲局".into(), project.into())),
        }
    }

    fn check(forms: &[Edition], modified: &[(&'static str, Option<i64>)], expected: &[(&str, &str)]) {
        let published = |id: ContentId| {
            let (source, modified_at) = modified.iter().find(|(name, _)| content(name) == id)?;
            Some(Publication { source, modified_at: *modified_at })
        };
        let expected: BTreeMap<String, String> =
            expected.iter().map(|(older, newer)| ((*older).to_owned(), (*newer).to_owned())).collect();
        assert_eq!(superseded(forms, published), expected);
        let reversed: Vec<Edition> = forms.iter().rev().cloned().collect();
        assert_eq!(superseded(&reversed, published), expected, "in any order");
    }

    #[test]
    fn the_older_points_to_the_next_newer() {
        let forms = [edition("a", 1, Some("x")), edition("b", 1, Some("x")), edition("c", 1, Some("x"))];
        let chain = [("c-0001", "a-0001"), ("a-0001", "b-0001")];
        check(&forms, &[("a", Some(2)), ("b", Some(3)), ("c", Some(1))], &chain);
        let by_source = [("a-0001", "b-0001"), ("b-0001", "c-0001")];
        check(&forms, &[("a", Some(1)), ("b", Some(1)), ("c", Some(1))], &by_source);
        check(&forms, &[("a", None), ("b", Some(0)), ("c", Some(1))], &by_source);
    }

    #[test]
    fn other_projects_and_forms_of_one_document_are_left_alone() {
        let forms = [
            edition("a", 1, Some("x")),
            edition("a", 2, Some("x")),
            edition("b", 1, Some("y")),
            edition("c", 1, None),
            edition("d", 1, None),
        ];
        check(&forms, &[("a", Some(1)), ("b", Some(2)), ("c", Some(3)), ("d", Some(4))], &[]);
    }

    #[test]
    fn a_project_that_stands_twice_is_followed_form_by_form() {
        let forms = [
            edition("a", 1, Some("x")),
            edition("a", 2, Some("x")),
            edition("a", 3, Some("x")),
            edition("b", 7, Some("x")),
            edition("b", 9, Some("x")),
        ];
        let expected = [("a-0001", "b-0007"), ("a-0002", "b-0009"), ("a-0003", "b-0009")];
        check(&forms, &[("a", Some(1)), ("b", Some(2))], &expected);
    }
}

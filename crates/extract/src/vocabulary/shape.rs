//! What the texts of indicator tables look like: targets, grades, names of indicators, sums and notes.

use jixiao_model::fold::split_bracket;

use super::Vocabulary;

impl Vocabulary {
    /// Whether a text begins as a target with a number does.
    pub fn is_measured_target(&self, folded: &str) -> bool {
        folded.starts_with(|c: char| c.is_ascii_digit())
            || self.shape.target_starts.iter().any(|start| folded.starts_with(start.as_str()))
    }

    /// Whether a folded text is a note below a table.
    pub fn is_note_of(&self, folded: &str) -> bool {
        self.shape.note_starts.iter().any(|start| folded.starts_with(start.as_str()))
    }

    /// Whether a folded text says that its row adds up others.
    pub fn is_total_of(&self, folded: &str) -> bool {
        self.shape.totals.iter().any(|total| total == folded)
    }

    /// Whether a text is a word that grades.
    pub fn is_grade(&self, folded: &str) -> bool {
        self.grades.contains(folded)
    }

    /// Whether a short text is a word that grades with one before it that says how much: 较上年提升.
    pub fn is_like_grade(&self, folded: &str) -> bool {
        const LONGEST: usize = 8;
        self.is_grade(folded)
            || (folded.chars().count() <= LONGEST
                && self.shape.grade_starts.iter().any(|start| folded.starts_with(start.as_str()))
                && self.shape.grades.iter().any(|grade| folded.ends_with(grade.as_str())))
    }

    /// Whether a text ends as names of indicators do.
    pub fn ends_like_indicator(&self, folded: &str) -> bool {
        let name = split_bracket(folded).0;
        name.chars().count() > 2 && self.shape.indicator_ends.iter().any(|end| name.ends_with(end.as_str()))
    }
}

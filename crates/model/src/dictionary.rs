//! The data dictionary: tables and columns, read from `data/dictionary.toml`, the only schema.
//!
//! The Arrow schema, the Parquet metadata, the catalogue's views and comments, `datapackage.json` and the
//! dictionary pages are all made from what is read here. The types name what every reader of the warehouse
//! understands in the same way, and no more.

mod markdown;

use std::fmt;
use std::sync::OnceLock;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::reference;

pub use markdown::{chinese, english};

/// The whole of `data/dictionary.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dictionary {
    /// Raised whenever a table or column is added, renamed, retyped or removed.
    pub schema_version: u32,
    /// What the catalogue's views add to tables that name a document: the first of its sources.
    pub first_source: Column,
    /// The tables, in the order in which people read them.
    #[serde(rename = "table")]
    pub tables: Vec<Table>,
}

/// A table of the warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// English `snake_case`: the folder, and the view in the catalogue.
    pub name: String,
    /// 中文名, which is also a view in the catalogue.
    pub name_zh: String,
    /// What a row is, in English.
    pub description: String,
    /// What a row is, in Chinese.
    pub description_zh: String,
    /// The column by which its files are parted, in folders `column=value`.
    #[serde(default)]
    pub partitioned_by: Option<String>,
    /// The columns, in the order of the files.
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// English `snake_case`.
    pub name: String,
    /// 中文名, which is also the column in the Chinese view: without spaces and brackets.
    pub name_zh: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// The unit of its values, where they have one.
    #[serde(default)]
    pub unit: Option<String>,
    /// Whether it is (part of) what tells rows apart.
    #[serde(default)]
    pub key: bool,
    /// Whether it may be NULL; the description says when.
    #[serde(default)]
    pub nullable: bool,
    /// Whether rows are looked up by it though the files are not sorted by it: it gets a Bloom filter.
    #[serde(default)]
    pub lookup: bool,
    /// The column that it points to, as `table.column`.
    #[serde(default)]
    pub references: Option<String>,
    /// What it holds and when it is NULL, in English.
    pub description: String,
    /// What it holds and when it is NULL, in Chinese.
    pub description_zh: String,
}

/// What the values of a column are. Its printed form is the one in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    String,
    /// Text of few different values, dictionary-encoded.
    Category,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// An exact decimal number of up to eighteen digits.
    Decimal {
        /// How many of the digits stand behind the point.
        scale: i8,
    },
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A moment in UTC, to the microsecond.
    Timestamp,
}

impl ColumnType {
    /// The digits of a decimal number: the most that fit 64 bits.
    pub const PRECISION: u8 = 18;

    /// All of them. Money has two decimals, targets and weights have four.
    pub const ALL: [Self; 9] = [
        Self::String,
        Self::Category,
        Self::Int32,
        Self::Int64,
        Self::Decimal { scale: 2 },
        Self::Decimal { scale: 4 },
        Self::Boolean,
        Self::Date,
        Self::Timestamp,
    ];
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::String => "string",
            Self::Category => "category",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Decimal { scale } => return write!(f, "decimal({},{scale})", Self::PRECISION),
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
        };
        f.write_str(word)
    }
}

impl<'de> Deserialize<'de> for ColumnType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::ALL.into_iter().find(|known| known.to_string() == word).ok_or_else(|| {
            let known = Self::ALL.map(|known| known.to_string()).join(", ");
            D::Error::custom(format!("expected a column type ({known}), found `{word}`"))
        })
    }
}

impl Serialize for ColumnType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Dictionary {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl Table {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns that tell its rows apart.
    pub fn key(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.key)
    }
}

impl Column {
    /// The table and the column that this one points to.
    pub fn reference(&self) -> Option<(&str, &str)> {
        self.references.as_deref().and_then(|reference| reference.split_once('.'))
    }
}

/// The data dictionary.
pub fn dictionary() -> &'static Dictionary {
    static DICTIONARY: OnceLock<Dictionary> = OnceLock::new();
    DICTIONARY.get_or_init(|| reference::parsed("dictionary", reference::DICTIONARY))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn is_snake_case(name: &str) -> bool {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    }

    /// A word that SQL takes as it stands: no spaces, brackets or points, and Chinese in it.
    fn is_chinese_identifier(name: &str) -> bool {
        name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_ascii()
    }

    fn assert_unique<'a>(names: impl Iterator<Item = &'a str>, of: &str) {
        let mut seen = BTreeSet::new();
        for name in names {
            assert!(seen.insert(name), "`{name}` stands twice in {of}");
        }
    }

    #[test]
    fn names_are_identifiers_and_unique() {
        let all = &dictionary().tables;
        assert_unique(all.iter().map(|table| table.name.as_str()), "the tables");
        assert_unique(all.iter().map(|table| table.name_zh.as_str()), "the tables");
        for table in all {
            assert!(is_snake_case(&table.name), "{}", table.name);
            assert!(is_chinese_identifier(&table.name_zh), "{}", table.name_zh);
            assert_unique(table.columns.iter().map(|column| column.name.as_str()), &table.name);
            assert_unique(table.columns.iter().map(|column| column.name_zh.as_str()), &table.name);
            for column in &table.columns {
                assert!(is_snake_case(&column.name), "{}.{}", table.name, column.name);
                assert!(is_chinese_identifier(&column.name_zh), "{}.{}", table.name, column.name_zh);
            }
        }
    }

    #[test]
    fn everything_is_described_in_both_languages() {
        for table in &dictionary().tables {
            assert!(
                table.description.len() > 20 && table.description_zh.chars().count() > 8,
                "{}",
                table.name
            );
            for column in &table.columns {
                let name = format!("{}.{}", table.name, column.name);
                assert!(column.description.len() > 15, "{name}");
                assert!(!column.description_zh.is_ascii(), "{name}");
                let says_when = |text: &str, word: &str| text.contains(word);
                assert_eq!(
                    column.nullable,
                    says_when(&column.description, "NULL"),
                    "{name}: NULL is explained"
                );
                assert_eq!(column.nullable, says_when(&column.description_zh, "空"), "{name}: 空值要说明");
            }
        }
    }

    /// A category is text that is stored in another way.
    fn as_text(kind: ColumnType) -> ColumnType {
        if kind == ColumnType::Category { ColumnType::String } else { kind }
    }

    #[test]
    fn a_column_of_one_name_is_of_one_type() {
        let mut types = std::collections::BTreeMap::new();
        for column in dictionary().tables.iter().flat_map(|table| &table.columns) {
            let known = types.entry(&column.name).or_insert(column.column_type);
            assert_eq!(as_text(*known), as_text(column.column_type), "{}", column.name);
        }
    }

    #[test]
    fn partitions_and_references_exist() {
        let dictionary = dictionary();
        for table in &dictionary.tables {
            assert!(table.key().next().is_some(), "{} has no key", table.name);
            if let Some(partition) = &table.partitioned_by {
                let column = table.column(partition).expect("the partition is a column");
                assert_eq!(
                    column.column_type,
                    ColumnType::Int32,
                    "the type that all readers give to a hive year"
                );
            }
            for column in table.columns.iter().filter(|column| column.references.is_some()) {
                let (to, key) = column.reference().expect("table.column");
                let to = dictionary.table(to).and_then(|table| table.column(key));
                let types = (to.map(|to| as_text(to.column_type)), Some(as_text(column.column_type)));
                assert_eq!(types.0, types.1, "{}.{}", table.name, column.name);
            }
        }
    }

    #[test]
    fn an_unknown_word_is_refused() {
        let column = "name = 'a'\nname_zh = '甲'\ndescription = 'x'\ndescription_zh = '丙'\n";
        assert!(toml::from_str::<Column>(&format!("{column}type = 'int64'")).is_ok());
        assert!(toml::from_str::<Column>(&format!("{column}type = 'decimal(18,3)'")).is_err());
        assert!(toml::from_str::<Column>(&format!("{column}type = 'int64'\nkind = 1")).is_err());
    }
}

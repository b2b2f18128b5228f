//! The table `indicator_types`: a row is an entry of the taxonomy.

use jixiao_model::record::IndicatorType;

use super::Row;
use super::columns::Columns;

impl Row for IndicatorType {
    const TABLE: &'static str = "indicator_types";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("indicator_code", |row| Some(&row.indicator_code))
            .text("level1_code", |row| Some(&row.level1_code))
            .text("level2_code", |row| row.level2_code.as_deref())
            .text("name", |row| Some(&row.name))
            .text("name_en", |row| Some(&row.name_en))
            .text("aliases", |row| row.aliases.as_deref())
    }
}

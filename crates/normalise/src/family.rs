//! What the data says of the families of forms, beyond their titles: what their official templates print.

use std::sync::OnceLock;

use jixiao_model::reference::{FAMILIES, parsed};
use serde::Deserialize;

#[derive(Deserialize)]
struct Families {
    family: Vec<Family>,
}

#[derive(Deserialize)]
struct Family {
    code: String,
    default_money_unit: Option<String>,
    #[serde(default)]
    fixed_indicators: bool,
}

fn family(code: &str) -> Option<&'static Family> {
    static READ: OnceLock<Families> = OnceLock::new();
    let families = READ.get_or_init(|| parsed("families", FAMILIES));
    families.family.iter().find(|entry| entry.code == code)
}

/// The unit that a family's template prints beside its amounts.
pub fn template_unit(code: &str) -> Option<&'static str> {
    family(code)?.default_money_unit.as_deref()
}

/// Whether a family's offices choose their indicators from the list of the taxonomy.
pub fn has_fixed_indicators(code: &str) -> bool {
    family(code).is_some_and(|family| family.fixed_indicators)
}

//! The table `forms`: a row is one form.

use arrow_array::RecordBatch;
use jixiao_model::record::Form;

use super::Row;
use super::columns::Columns;
use crate::LoadError;

impl Row for Form {
    const TABLE: &'static str = "forms";

    fn batch(rows: &[&Self]) -> Result<RecordBatch, LoadError> {
        Columns::new(rows)?
            .text("form_id", |row| Some(&row.form_id))
            .text("document_id", |row| Some(&row.document_id))
            .integer("form_number", |row| Some(row.form_number))
            .text("place", |row| Some(&row.place))
            .text("form_family", |row| row.form_family.as_ref())
            .text("title", |row| row.title.as_ref())
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("organisation", |row| row.organisation.as_ref())
            .text("organisation_key", |row| row.organisation_key.as_ref())
            .text("supervising_department", |row| row.supervising_department.as_ref())
            .text("implementing_unit", |row| row.implementing_unit.as_ref())
            .text("project_name", |row| row.project_name.as_ref())
            .text("project_key", |row| row.project_key.as_ref())
            .text("project_category", |row| row.project_category.as_ref())
            .text("project_nature", |row| row.project_nature.as_ref())
            .text("performance_type", |row| row.performance_type.as_ref())
            .boolean("government_purchase", |row| row.government_purchase)
            .date("start_date", |row| row.start_date)
            .date("end_date", |row| row.end_date)
            .decimal("total_budget_yuan", |row| row.total_budget_yuan)
            .decimal("annual_budget_yuan", |row| row.annual_budget_yuan)
            .decimal("prior_budget_yuan", |row| row.prior_budget_yuan)
            .decimal("prior_executed_yuan", |row| row.prior_executed_yuan)
            .text("overview", |row| row.overview.as_ref())
            .text("legal_basis", |row| row.legal_basis.as_ref())
            .text("necessity", |row| row.necessity.as_ref())
            .text("safeguards", |row| row.safeguards.as_ref())
            .text("implementation_plan", |row| row.implementation_plan.as_ref())
            .text("overall_goal", |row| row.overall_goal.as_ref())
            .text("annual_goal", |row| row.annual_goal.as_ref())
            .text("superseded_by", |row| row.superseded_by.as_ref())
            .finish()
    }
}

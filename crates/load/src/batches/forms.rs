//! The table `forms`: a row is one form.

use jixiao_model::record::Form;

use super::Row;
use super::columns::Columns;

impl Row for Form {
    const TABLE: &'static str = "forms";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("form_id", |row| Some(&row.form_id))
            .text("document_id", |row| Some(&row.document_id))
            .integer("form_number", |row| Some(row.form_number))
            .text("place", |row| Some(&row.place))
            .text("form_family", |row| row.form_family.as_deref())
            .text("title", |row| row.title.as_deref())
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("organisation", |row| row.organisation.as_deref())
            .text("organisation_key", |row| row.organisation_key.as_deref())
            .text("supervising_department", |row| row.supervising_department.as_deref())
            .text("implementing_unit", |row| row.implementing_unit.as_deref())
            .text("project_name", |row| row.project_name.as_deref())
            .text("project_key", |row| row.project_key.as_deref())
            .text("project_category", |row| row.project_category.as_deref())
            .text("project_nature", |row| row.project_nature.as_deref())
            .text("performance_type", |row| row.performance_type.as_deref())
            .boolean("government_purchase", |row| row.government_purchase)
            .date("start_date", |row| row.start_date)
            .date("end_date", |row| row.end_date)
            .decimal("total_budget_yuan", |row| row.total_budget_yuan)
            .decimal("annual_budget_yuan", |row| row.annual_budget_yuan)
            .decimal("prior_budget_yuan", |row| row.prior_budget_yuan)
            .decimal("prior_executed_yuan", |row| row.prior_executed_yuan)
            .text("overview", |row| row.overview.as_deref())
            .text("legal_basis", |row| row.legal_basis.as_deref())
            .text("necessity", |row| row.necessity.as_deref())
            .text("safeguards", |row| row.safeguards.as_deref())
            .text("implementation_plan", |row| row.implementation_plan.as_deref())
            .text("overall_goal", |row| row.overall_goal.as_deref())
            .text("annual_goal", |row| row.annual_goal.as_deref())
            .text("superseded_by", |row| row.superseded_by.as_deref())
    }
}

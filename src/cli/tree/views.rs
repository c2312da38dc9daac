//! The other readings of a message, drawn below its tree.

use std::io;

use super::{Row, TreeJob, row, widths};
use crate::base::{Rule, Span};
use crate::cli::out::Look;
use crate::views::{Choice, View, Views};

impl TreeJob<'_> {
    /// A block for each view: what is chosen otherwise, and the parts that differ.
    pub(super) fn draw_views(&mut self, views: &Views) -> io::Result<()> {
        for (view, number) in views.views.iter().zip(1..) {
            self.draw_view(view, number)?;
        }
        if views.is_cut {
            let info = Rule::D017.info();
            let severity = self.out.paint(Look::Severity(info.severity), info.severity.name());
            let id = self.out.paint(Look::Faint, info.id);
            self.out.line(&format!("{severity} {id} {}", info.what))?;
        }
        Ok(())
    }

    fn draw_view(&mut self, view: &View, number: usize) -> io::Result<()> {
        let name = self.out.paint(Look::Heading, &format!("view v{number}"));
        let first = (view.rule, view.span, view.choice);
        self.out.line(&format!("{name}  {}{}", view.choice.why(), self.reason(first)))?;
        for &also in &view.also {
            self.out.line(&format!("         also: {}{}", also.2.why(), self.reason(also)))?;
        }
        let rows: Vec<Row> = view.parts().map(|part| unbranched(row(&part))).collect();
        let widths = widths(&rows);
        rows.iter().try_for_each(|row| self.draw_row(row, &widths))
    }

    /// ` (H010 at 213)`
    fn reason(&self, (rule, span, _): (Rule, Span, Choice)) -> String {
        self.out.paint(Look::Faint, &format!(" ({} at {})", rule.info().id, span.start))
    }
}

/// Only the parts that differ are shown: no branch would lead from one to the other.
fn unbranched(row: Row) -> Row {
    Row { branch: "   ".to_owned(), ..row }
}

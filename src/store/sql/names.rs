//! Looking things up by what they are called.

use sea_orm::sea_query::{Expr, ExprTrait as _, LikeExpr};
use sea_orm::{ColumnTrait, Condition};

/// Whether one of the columns holds the text, in which nothing is a wildcard.
pub(super) fn holds<C: ColumnTrait>(columns: &[C], text: &str) -> Condition {
    const ESCAPE: char = '!';
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(c);
    }
    pattern.push('%');
    let like = |column: &C| Expr::col(*column).like(LikeExpr::new(pattern.as_str()).escape(ESCAPE));
    columns.iter().fold(Condition::any(), |any, column| any.add(like(column)))
}

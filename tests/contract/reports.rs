//! [`Reports`](natterjack::store::Reports): one of each person about a message, with what it first said.

use crate::support::make::at;
use crate::support::messages::{a_conversation, a_person, message};
use crate::support::stores::{self, TestSql};
use natterjack::store::Reports;
use natterjack::store::reports::Report;

crate::on_each_sql! {
    a_report_reads_back_as_it_was_put
    one_person_reports_a_message_once
}

fn a_report() -> Report {
    let reported = message(a_conversation(), a_person(), "any");
    Report {
        message: reported.id,
        conversation: reported.conversation,
        author: reported.author,
        by: a_person(),
        reason: "Kröte; DROP TABLE reports --".to_owned(),
        text: Some("what was said".to_owned()),
        at: at(1),
    }
}

async fn a_report_reads_back_as_it_was_put(sql: TestSql) {
    for report in [a_report(), Report { text: None, ..a_report() }] {
        Reports::put(&*sql, &report).await.unwrap();
        assert_eq!(stores::reports_of(&sql, report.message).await, [report]);
    }
    assert_eq!(stores::reports_of(&sql, a_report().message).await, []);
}

async fn one_person_reports_a_message_once(sql: TestSql) {
    let first = a_report();
    let others = Report { by: a_person(), at: at(2), ..first.clone() };
    let (reason, text) = ("another reason".to_owned(), Some("what is said now".to_owned()));
    let again = Report { reason: reason.clone(), text, at: at(3), ..first.clone() };
    for report in [&first, &others, &again] {
        Reports::put(&*sql, report).await.unwrap();
    }
    let kept = Report { reason, at: at(3), ..first.clone() };
    assert_eq!(stores::reports_of(&sql, first.message).await, [kept.clone(), others]);
    let older = Report { at: at(0), ..a_report() };
    Reports::put(&*sql, &older).await.unwrap();
    assert_eq!(sql.latest(1).await.unwrap(), [kept]);
    assert_eq!(sql.latest(9).await.unwrap().len(), 3);
}

//! The lines of a user table, as CSV (RFC 4180) with the columns' names on the first line, or as JSON lines, an object on each.

use crate::domain::moving::{COLUMNS, Row};
use crate::error::{Code, Error, Result};
use csv::{ErrorKind, ReaderBuilder, StringRecord, StringRecordsIntoIter};
use serde_json::{Map, Value};
use std::io::{self, BufRead, Read};

/// Bytes in one line of JSON: many times what all columns together may have.
const MAX_LINE: u64 = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What one line says, or what is wrong with it.
pub(super) struct Line {
    /// Counted from 1. Of a CSV record that goes over several, the first.
    pub(super) number: u64,
    pub(super) row: Result<Row>,
}

/// The lines, one after another; the last of them is a failure where the file cannot be read on.
pub(super) enum Lines {
    Csv { names: StringRecord, records: StringRecordsIntoIter<OfUnix> },
    Json { file: Box<dyn BufRead>, number: u64 },
}

impl Lines {
    /// Lines of JSON where the file begins with `{`, else CSV. `INVALID_INPUT` where the first line of that is not of columns.
    pub(super) fn read(mut file: Box<dyn BufRead>) -> Result<Self> {
        let begins = file.fill_buf().map_err(unreadable)?;
        if begins.starts_with(BYTE_ORDER_MARK) {
            file.consume(BYTE_ORDER_MARK.len());
        }
        if file.fill_buf().map_err(unreadable)?.trim_ascii_start().starts_with(b"{") {
            return Ok(Self::Json { file, number: 0 });
        }
        let mut reader = ReaderBuilder::new().from_reader(OfUnix(file));
        let names = reader.headers().map_err(unreadable)?.clone();
        if names.is_empty() {
            return Err(Error::invalid("file", "is empty"));
        }
        let mut row = Row::default();
        for name in &names {
            match row.column(name) {
                None => return Err(unknown(name)),
                Some(Some(_)) => return Err(Error::invalid("file", format!("has two columns {name:?}"))),
                Some(place) => *place = Some(name.to_owned()),
            }
        }
        Ok(Self::Csv { names, records: reader.into_records() })
    }
}

/// A text without carriage returns, which no column may hold: where a line ends by two characters, the reader of CSV takes it for
/// begun when the one before it has half ended, and counts wrong.
pub(super) struct OfUnix(Box<dyn BufRead>);

impl Read for OfUnix {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.0.read(to)?;
            let mut kept = 0;
            for at in 0..read {
                if to[at] != b'\r' {
                    to[kept] = to[at];
                    kept += 1;
                }
            }
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Result<Line>> {
        match self {
            Self::Csv { names, records } => records.next().map(|record| csv_line(names, record)),
            Self::Json { file, number } => json_line(file, number).transpose(),
        }
    }
}

fn csv_line(names: &StringRecord, record: csv::Result<StringRecord>) -> Result<Line> {
    let record = match record {
        Ok(record) => record,
        Err(error) => {
            let number = error.position().map_or(0, csv::Position::line);
            let wrong = match error.kind() {
                ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    format!("has {len} columns in place of {expected_len}")
                }
                ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
                _ => return Err(unreadable(error)),
            };
            return Ok(Line { number, row: Err(Error::new(Code::InvalidInput, wrong)) });
        }
    };
    let number = record.position().map_or(0, csv::Position::line);
    let mut row = Row::default();
    for (name, value) in names.iter().zip(&record) {
        if let Some(place) = row.column(name) {
            *place = said(value);
        }
    }
    Ok(Line { number, row: Ok(row) })
}

fn json_line(file: &mut dyn BufRead, number: &mut u64) -> Result<Option<Line>> {
    loop {
        let mut line = Vec::new();
        *number += 1;
        if file.take(MAX_LINE).read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            return Ok(None);
        }
        if line.len() as u64 == MAX_LINE && !line.ends_with(b"\n") {
            return Err(Error::invalid("file", format!("line {number} is longer than {MAX_LINE} bytes")));
        }
        if !line.trim_ascii().is_empty() {
            return Ok(Some(Line { number: *number, row: json_row(&line) }));
        }
    }
}

fn json_row(line: &[u8]) -> Result<Row> {
    let malformed = |_| Error::new(Code::InvalidInput, "is not a JSON object");
    let object: Map<String, Value> = serde_json::from_slice(line).map_err(malformed)?;
    let mut row = Row::default();
    for (name, value) in object {
        let place = row.column(&name).ok_or_else(|| unknown(&name))?;
        let text = match value {
            Value::Null => None,
            Value::String(text) => said(&text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(is_so) => Some(is_so.to_string()),
            _ => {
                return Err(Error::new(
                    Code::InvalidInput,
                    format!("{name:?} is neither a text nor a number, nor true or false"),
                ));
            }
        };
        if place.is_some() {
            return Err(Error::new(Code::InvalidInput, format!("has {name:?} twice")));
        }
        *place = text;
    }
    Ok(row)
}

fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn unknown(column: &str) -> Error {
    let shown: String = column.chars().take(64).collect();
    Error::invalid("file", format!("has a column {shown:?}; there are: {COLUMNS}"))
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::invalid("file", format!("cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn lines(text: &str) -> Result<Vec<(u64, Result<Row, String>)>> {
        let lines = Lines::read(Box::new(Cursor::new(text.as_bytes().to_vec())))?;
        let plain = |line: Line| (line.number, line.row.map_err(|error| error.message().to_owned()));
        lines.map(|line| line.map(plain)).collect()
    }

    fn named(username: &str, display_name: Option<&str>) -> Row {
        let text = |text: &str| Some(text.to_owned());
        Row { username: text(username), display_name: display_name.and_then(text), ..Row::default() }
    }

    #[test]
    fn csv_is_read_by_its_columns_names() {
        let read =
            lines("\u{feff}display_name,Username\r\n\"Ada, of \"\"the\"\"\r\nengine\",ada\r\n, bob \r\n").unwrap();
        assert_eq!(read[0], (2, Ok(named("ada", Some("Ada, of \"the\"\nengine")))));
        assert_eq!(read[1], (4, Ok(named("bob", None))));
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn json_is_read_line_by_line() {
        let read =
            lines("{\"username\":\"ada\",\"displayName\":\"Ada\"}\n\n{\"username\":\"bob\",\"email\":null}").unwrap();
        assert_eq!(read, [(1, Ok(named("ada", Some("Ada")))), (3, Ok(named("bob", None)))]);
        let id = lines("{\"id\":4711}").unwrap().remove(0).1.unwrap().id;
        assert_eq!(id.as_deref(), Some("4711"));
    }

    #[test]
    fn a_line_that_is_wrong_does_not_stop_the_others() {
        let read = lines("username,email\nada\nbob,bob@example.org\n").unwrap();
        assert_eq!(read[0], (2, Err("has 1 columns in place of 2".to_owned())));
        assert_eq!(read[1].0, 3);
        let read =
            lines("{\"username\":\"ada\"\n{\"username\":[]}\n{\"password\":\"x\"}\n{\"username\":\"bob\"}\n").unwrap();
        let wrong: Vec<_> = read.iter().map(|(number, row)| (*number, row.is_err())).collect();
        assert_eq!(wrong, [(1, true), (2, true), (3, true), (4, false)]);
    }

    #[test]
    fn a_file_of_other_columns_is_refused_as_a_whole() {
        for text in ["username,password\nada,x\n", "username,Username\nada,ada\n", "\n", "ada,bob\n"] {
            assert!(lines(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_not_read_on() {
        assert!(lines(&format!("{{\"username\":\"{}\"}}", "x".repeat(70_000))).is_err());
    }
}

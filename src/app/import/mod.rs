//! Moves a user table in from another system: each line is checked, and whoever is right is moved in, some hundred in one
//! transaction. Run again, it goes on where it was stopped, since one who was moved in before is left as they are.

mod lines;

use super::Stores;
use crate::chat::Passwords;
use crate::config::{Config, ImportUsers};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::domain::moving::Newcomer;
use crate::domain::secret::Key;
use crate::domain::user::{Email, NewAccount, Username};
use crate::error::{Error, Result};
use crate::measures::StoreMeasures;
use crate::store::Moving;
use crate::store::moving::{Earnest, MovedIn, Origin};
use lines::{Line, Lines};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// Lines that are one transaction: few enough that nobody waits for it, and enough that it is not felt.
const CHUNK: usize = 500;

/// Moves in whom the file names, and says of each line that is refused why. `INVALID_INPUT` in the end where any was.
pub async fn import_users(config: &Config, import: &ImportUsers, out: &mut dyn Write) -> Result<()> {
    let lines = Lines::of(open(&import.file)?)?;
    let ids = import.ids.as_deref().filter(|_| !import.dry_run).map(IdsFile::create).transpose()?;
    let stores = Stores::open(config, &StoreMeasures::default()).await?;
    stores.migrate().await?;
    let key = stores.sql.facts(SystemClock.now()).await?.draft_key;
    let earnest = if import.dry_run { Earnest::Tried } else { Earnest::Done };
    let mut run = Run { sql: &stores.sql, key, earnest, out, ids, seen: HashMap::new(), tally: Tally::default() };
    let done = run.all(lines).await;
    let told = done.and(run.tell_sum());
    stores.close().await?;
    told
}

fn open(file: &Path) -> Result<Box<dyn Read>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let opened = File::open(file);
    Ok(Box::new(opened.map_err(|error| Error::invalid("file", format!("{}: {error}", file.display())))?))
}

struct Run<'a> {
    sql: &'a dyn Moving,
    key: Key,
    earnest: Earnest,
    out: &'a mut dyn Write,
    ids: Option<IdsFile>,
    /// By what people are told apart, and on which line it stood first.
    seen: HashMap<String, u64>,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    moved_in: u64,
    before: u64,
    refused: u64,
}

/// One who can be moved in, and on which line they stand.
struct Candidate {
    line: u64,
    origin: String,
    account: NewAccount,
}

impl Run<'_> {
    async fn all(&mut self, lines: Lines) -> Result<()> {
        let now = SystemClock.now();
        let mut waiting = Vec::with_capacity(CHUNK);
        for line in lines {
            let Line { number, row } = line?;
            match row.and_then(|row| self.candidate(number, row, now)) {
                Ok(candidate) => waiting.push(candidate),
                Err(error) => self.refuse(number, &error)?,
            }
            if waiting.len() == CHUNK {
                self.move_in(std::mem::take(&mut waiting)).await?;
            }
        }
        self.move_in(waiting).await
    }

    fn candidate(&mut self, line: u64, row: crate::domain::moving::Row, now: Timestamp) -> Result<Candidate> {
        let Newcomer { origin, account } = Newcomer::parse(row, now, Passwords::refuse)?;
        let names = [
            ("id", Some(origin.clone())),
            ("username", account.username.as_ref().map(Username::key)),
            ("email", account.email.as_ref().map(Email::key)),
            ("mobileNumber", account.mobile_number.as_ref().map(|number| number.key().to_owned())),
        ];
        // What differs for the eye and not for us would otherwise be told as somebody else's.
        for (column, key) in names {
            let Some(key) = key else { continue };
            match self.seen.entry(format!("{column}:{key}")) {
                Entry::Occupied(first) => {
                    return Err(Error::invalid(column, format!("is that of line {} too", first.get())));
                }
                Entry::Vacant(place) => {
                    place.insert(line);
                }
            }
        }
        Ok(Candidate { line, origin, account })
    }

    async fn move_in(&mut self, candidates: Vec<Candidate>) -> Result<()> {
        let origin = |text: &str| Origin(self.key.mac(&[b"moved in", text.as_bytes()]));
        let people: Vec<_> = candidates.iter().map(|one| (origin(&one.origin), one.account.clone())).collect();
        let moved = self.sql.move_in(&people, self.earnest).await?;
        for (Candidate { line, origin, .. }, moved) in candidates.iter().zip(moved) {
            let user = match moved {
                MovedIn::Done(user) => {
                    self.tally.moved_in += 1;
                    Some(user)
                }
                MovedIn::Before(user) => {
                    self.tally.before += 1;
                    user
                }
                MovedIn::UsernameTaken => {
                    self.refuse(*line, &Error::invalid("username", "is somebody's here already"))?;
                    continue;
                }
                MovedIn::EmailTaken => {
                    self.refuse(*line, &Error::invalid("email", "is somebody's here already"))?;
                    continue;
                }
                MovedIn::MobileNumberTaken => {
                    self.refuse(*line, &Error::invalid("mobileNumber", "is somebody's here already"))?;
                    continue;
                }
            };
            if let (Some(ids), Some(id), Some(user)) = (&mut self.ids, origin.strip_prefix("id:"), user) {
                ids.write(id, &user.to_string())?;
            }
        }
        Ok(())
    }

    /// What stands on the line is not repeated: it is somebody's own.
    fn refuse(&mut self, line: u64, error: &Error) -> Result<()> {
        self.tally.refused += 1;
        let words: Vec<_> = error.field().iter().map(AsRef::as_ref).chain([error.message()]).collect();
        writeln!(self.out, "line {line}: {}", words.join(" ")).map_err(Error::internal)
    }

    fn tell_sum(&mut self) -> Result<()> {
        if let Some(ids) = self.ids.take() {
            ids.finish()?;
        }
        let Tally { moved_in, before, refused } = self.tally;
        let what = match self.earnest {
            Earnest::Done => "moved in",
            Earnest::Tried => "would be moved in",
        };
        writeln!(self.out, "{what}: {moved_in}; moved in before: {before}; refused: {refused}")
            .map_err(Error::internal)?;
        if refused > 0 { Err(Error::invalid("file", format!("lines refused: {refused}"))) } else { Ok(()) }
    }
}

/// Where it is told by which id here the other system's people are known.
struct IdsFile(csv::Writer<File>);

impl IdsFile {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path);
        let file = file.map_err(|error| Error::invalid("ids", format!("{}: {error}", path.display())))?;
        let mut ids = Self(csv::Writer::from_writer(file));
        ids.write("id", "userId")?;
        Ok(ids)
    }

    fn write(&mut self, id: &str, user: &str) -> Result<()> {
        self.0.write_record([id, user]).map_err(Error::internal)
    }

    fn finish(mut self) -> Result<()> {
        self.0.flush().map_err(Error::internal)
    }
}

impl Lines {
    fn of(file: Box<dyn Read>) -> Result<Self> {
        Self::read(Box::new(BufReader::new(file)))
    }
}

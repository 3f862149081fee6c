use std::fmt;

/// How serious a log record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum Level {
    /// Not used by the stub, but the program may use it.
    Panic = 0,
    /// The start has failed; the text says why.
    Fatal = 1,
    /// An error after which the writer goes on.
    Error = 2,
    /// Something that may be wrong.
    Warning = 3,
    /// The main events.
    Info = 4,
    /// Each step of the start.
    Debug = 5,
    /// More detail than `Debug`.
    Trace = 6,
}

impl Level {
    pub(crate) fn of(number: i32) -> Option<Level> {
        use Level::*;
        let levels = [Panic, Fatal, Error, Warning, Info, Debug, Trace];
        levels.into_iter().find(|level| *level as i32 == number)
    }
}

/// One log record of the stub, or of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// `None` if the line is not a record. [`text`](Record::text) then has the whole line.
    pub level: Option<Level>,
    /// The stage that wrote it; `None` if a stage did not write it.
    pub stage: Option<u8>,
    /// The pid of the writer, in its own pid namespace; `None` if the record does not have it.
    pub pid: Option<u32>,
    /// The message.
    pub text: String,
}

impl Record {
    pub(crate) fn of(level: i32, text: &str) -> Record {
        let level = Level::of(level);
        let (stage, pid, rest) = match level {
            Some(_) => take_apart(text),
            None => (None, None, text),
        };
        Record { level, stage, pid, text: rest.to_string() }
    }
}

/// In the stub's format: `nsexec-1[1234]: unshared pid`.
impl fmt::Display for Record {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.stage, self.pid) {
            (Some(stage), Some(pid)) => write!(out, "nsexec-{}[{}]: {}", stage, pid, self.text),
            (None, Some(pid)) => write!(out, "nsexec[{}]: {}", pid, self.text),
            _ => write!(out, "{}", self.text),
        }
    }
}

/// Splits "nsexec-1[1234]: unshared pid" into stage, pid and the rest.
pub(crate) fn take_apart(text: &str) -> (Option<u8>, Option<u32>, &str) {
    fn parts(text: &str) -> Option<(Option<u8>, Option<u32>, &str)> {
        let (head, rest) = text.strip_prefix("nsexec")?.split_once("]: ")?;
        let (stage, pid) = head.split_once('[')?;
        let stage = match stage {
            "" => None,
            "-0" => Some(0),
            "-1" => Some(1),
            "-2" => Some(2),
            _ => return None,
        };
        Some((stage, Some(pid.parse().ok()?), rest))
    }
    parts(text).unwrap_or((None, None, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_writer() {
        let record = Record::of(5, "nsexec-1[1234]: unshared pid");
        assert_eq!(record.level, Some(Level::Debug));
        assert_eq!((record.stage, record.pid), (Some(1), Some(1234)));
        assert_eq!(record.text, "unshared pid");
        assert_eq!(record.to_string(), "nsexec-1[1234]: unshared pid");
        let record = Record::of(4, "nsexec[7]: => nsexec container setup");
        assert_eq!((record.stage, record.pid), (None, Some(7)));
        assert_eq!(record.to_string(), "nsexec[7]: => nsexec container setup");
    }

    #[test]
    fn keeps_other_lines() {
        for text in ["", "hello", "nsexec-3[1]: a", "nsexec[x]: a", "nsexec-1[1]:a", "nsexec]: [1"]
        {
            let record = Record::of(4, text);
            assert_eq!((record.stage, record.pid, record.text.as_str()), (None, None, text));
        }
        let record = Record::of(-1, "nsexec[7]: not JSON");
        assert_eq!((record.level, record.pid), (None, None));
        assert_eq!(record.text, "nsexec[7]: not JSON");
    }
}

use crate::errno;
use crate::record;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a container could not be started, or why an operation on it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The file has no stub in front. It was not started, because it would have run on the host,
    /// with all privileges of the caller.
    NoStub {
        /// The file.
        program: PathBuf,
    },
    /// A value of the [`Command`](crate::Command) cannot be sent to the stub. Nothing was started.
    Invalid {
        /// The value, or what it stands for.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A system call of this process failed.
    System {
        /// The call: `"execute"`, `"clone"`, `"open"`, `"wait"`.
        call: String,
        /// The object of the call: a path, or `"init pipe"`. May be empty.
        object: String,
        /// The kernel's answer, errno(3).
        errno: i32,
    },
    /// The stub failed, in one of its stages.
    Stub {
        /// 0, 1 or 2; `None` if there are no stages yet.
        stage: Option<u8>,
        /// The pid of that stage, in its own pid namespace.
        pid: Option<u32>,
        /// What it was doing: `"open namespace"`, `"unshare"`, `"bootstrap message"`.
        call: String,
        /// The object of the call: `"net:/run/netns/blue"`, `"/proc/123/uid_map"`. May be empty.
        object: String,
        /// The name of the errno, `"ENOENT"`, or a reason in words.
        reason: String,
        /// The kernel's answer, errno(3). `None` if the reason is not an errno.
        errno: Option<i32>,
    },
}

impl Error {
    /// The stage that failed; `None` if the error is not of a stage.
    pub fn stage(&self) -> Option<u8> {
        match self {
            Error::Stub { stage, .. } => *stage,
            _ => None,
        }
    }

    /// The call that failed. Empty if the error is not of a call.
    pub fn call(&self) -> &str {
        match self {
            Error::System { call, .. } | Error::Stub { call, .. } => call,
            _ => "",
        }
    }

    /// The object of the call: a path, a namespace, a value. May be empty.
    pub fn object(&self) -> &str {
        match self {
            Error::NoStub { program } => program.to_str().unwrap_or(""),
            Error::Invalid { value, .. } => value,
            Error::System { object, .. } | Error::Stub { object, .. } => object,
        }
    }

    /// The errno(3), if that is the reason.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Error::System { errno, .. } => Some(*errno),
            Error::Stub { errno, .. } => *errno,
            _ => None,
        }
    }

    /// The kind of the errno. Without an errno, [`InvalidInput`](io::ErrorKind::InvalidInput) or
    /// [`Other`](io::ErrorKind::Other).
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Error::NoStub { .. } | Error::Invalid { .. } => io::ErrorKind::InvalidInput,
            _ => self
                .errno()
                .map_or(io::ErrorKind::Other, |errno| io::Error::from_raw_os_error(errno).kind()),
        }
    }

    /// An error of this process's own call, with an errno only.
    pub(crate) fn system(call: &str, object: &str, errno: i32) -> Error {
        Error::System { call: call.to_string(), object: object.to_string(), errno }
    }

    /// The error in a message of the C library: "call object: ERRNO".
    pub(crate) fn of_library(failure: &str, errno: i32) -> Error {
        let text = failure.rsplit_once(": ").map_or(failure, |(text, _)| text);
        let (call, object) = text.split_once(' ').unwrap_or((text, ""));
        Error::system(call, object, errno)
    }

    /// The error in a fatal record of the stub: "nsexec-1[12]: open namespace net:/a: ENOENT".
    pub(crate) fn of_stub(failure: &str) -> Error {
        let (stage, pid, text) = record::take_apart(failure);
        let mut call = CALLS
            .iter()
            .filter(|call| {
                text.strip_prefix(**call).map_or(false, |rest| rest.starts_with([' ', ':']))
            })
            .max_by_key(|call| call.len())
            .map_or("", |call| *call);
        let rest = &text[call.len()..];
        if call.is_empty() && rest.starts_with("_LIBCONTAINER_") {
            call = "environment";
        }
        let (object, reason) = match rest.rsplit_once(": ") {
            Some((object, reason)) => (object.trim_start_matches([':', ' ']), reason),
            None => ("", rest),
        };
        Error::Stub {
            stage,
            pid,
            call: call.to_string(),
            object: object.to_string(),
            reason: reason.to_string(),
            errno: errno::named(reason),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_words = |errno: i32| io::Error::from_raw_os_error(errno);
        match self {
            Error::NoStub { program } => {
                write!(out, "{}: nsexec-stub is not in front of this program", program.display())
            }
            Error::Invalid { value, reason } => write!(out, "{}: {}", value, reason),
            Error::System { call, object, errno } => {
                let space = if object.is_empty() { "" } else { " " };
                write!(out, "{}{}{}: {}", call, space, object, in_words(*errno))
            }
            Error::Stub { stage, call, object, reason, errno, .. } => {
                if let Some(stage) = stage {
                    write!(out, "stage {}: ", stage)?;
                }
                let words = [call.as_str(), object.as_str()];
                let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
                if !words.is_empty() {
                    write!(out, "{}: ", words.join(" "))?;
                }
                match errno {
                    Some(errno) => write!(out, "{}", in_words(*errno)),
                    None => write!(out, "{}", reason),
                }
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        io::Error::new(error.kind(), error)
    }
}

/// The beginnings of the stub's fatal records. The object stands between the call and the reason.
const CALLS: &[&str] = &[
    "bootstrap message",
    "clone",
    "clone stage 1",
    "clone stage 2",
    "create cgroup namespace",
    "dup3",
    "execve",
    "id map tool",
    "mmap",
    "open",
    "open mount source",
    "open namespace",
    "poll",
    "prctl PR_SET_DUMPABLE",
    "read init pipe",
    "read socketpair",
    "recvmsg",
    "rt_sigaction",
    "seal",
    "send ready byte",
    "send to init pipe",
    "sendmsg",
    "sendto",
    "setgid 0",
    "setgroups (none)",
    "setns",
    "setresuid 0",
    "setsid",
    "setuid 0",
    "socketpair",
    "stage 0",
    "stage 1",
    "stages 1 and 2",
    "unshare",
    "wait for",
    "wait4",
    "write",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<u8>, Option<u32>, String, String, String, Option<i32>) {
        match Error::of_stub(text) {
            Error::Stub { stage, pid, call, object, reason, errno } => {
                (stage, pid, call, object, reason, errno)
            }
            other => panic!("{:?}", other),
        }
    }

    #[test]
    fn takes_fatal_records_apart() {
        for (text, stage, pid, call, object, reason, errno) in [
            (
                "nsexec-1[12]: open namespace net:/a b: ENOENT",
                Some(1),
                Some(12),
                "open namespace",
                "net:/a b",
                "ENOENT",
                Some(2),
            ),
            (
                "nsexec-0[7]: write /proc/8/uid_map: EPERM",
                Some(0),
                Some(7),
                "write",
                "/proc/8/uid_map",
                "EPERM",
                Some(1),
            ),
            (
                "nsexec-0[7]: open /proc: EACCES",
                Some(0),
                Some(7),
                "open",
                "/proc",
                "EACCES",
                Some(13),
            ),
            (
                "nsexec-1[9]: clone stage 2: EAGAIN",
                Some(1),
                Some(9),
                "clone stage 2",
                "",
                "EAGAIN",
                Some(11),
            ),
            (
                "nsexec-2[9]: setsid: errno 999",
                Some(2),
                Some(9),
                "setsid",
                "",
                "errno 999",
                Some(999),
            ),
            (
                "nsexec-0[7]: id map tool /bin/a: exit status 1",
                Some(0),
                Some(7),
                "id map tool",
                "/bin/a",
                "exit status 1",
                None,
            ),
            (
                "nsexec[3]: bootstrap message: uid map: bad\n: not a map",
                None,
                Some(3),
                "bootstrap message",
                "uid map: bad\n",
                "not a map",
                None,
            ),
            (
                "nsexec[3]: bootstrap message: end of file",
                None,
                Some(3),
                "bootstrap message",
                "",
                "end of file",
                None,
            ),
            (
                "nsexec[3]: _LIBCONTAINER_LOGPIPE=x: not a decimal int",
                None,
                Some(3),
                "environment",
                "_LIBCONTAINER_LOGPIPE=x",
                "not a decimal int",
                None,
            ),
            ("something else", None, None, "", "", "something else", None),
            ("nsexec-0[7]: setns", Some(0), Some(7), "", "", "setns", None),
            ("nsexec-9[x]: \u{e9}", None, None, "", "nsexec-9[x]", "\u{e9}", None),
            ("", None, None, "", "", "", None),
        ] {
            assert_eq!(
                parsed(text),
                (stage, pid, call.to_string(), object.to_string(), reason.to_string(), errno),
                "{:?}",
                text
            );
        }
    }

    #[test]
    fn says_what_failed_in_words() {
        let error = Error::of_stub("nsexec-1[12]: open namespace net:/a: ENOENT");
        assert_eq!(
            error.to_string(),
            "stage 1: open namespace net:/a: No such file or directory (os error 2)"
        );
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
        let error = Error::of_library("execute /a b: EACCES", 13);
        assert_eq!((error.call(), error.object(), error.errno()), ("execute", "/a b", Some(13)));
        assert_eq!(
            Error::of_library("clone: EAGAIN", 11).to_string(),
            "clone: Resource temporarily unavailable (os error 11)"
        );
        assert_eq!(Error::of_stub("no record").to_string(), "no record");
    }

    // The list of the Go package is itself checked against the stub's sources.
    #[test]
    fn knows_what_the_stub_says() {
        let go = concat!(env!("CARGO_MANIFEST_DIR"), "/../../go/parent/");
        let (calls, errnos) = match std::fs::read_to_string(format!("{}error.go", go)) {
            Ok(calls) => (calls, std::fs::read_to_string(format!("{}errnos.go", go)).unwrap()),
            Err(_) => return println!("not in the source tree: there is no list to compare with"),
        };
        let list =
            calls.split("var calls = []string{").nth(1).unwrap().split("\n}").next().unwrap();
        let mut names: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
        names.sort_unstable();
        assert_eq!(CALLS, names);
        for name in errnos.split('"').filter(|name| name.starts_with('E')) {
            assert!(errno::named(name).is_some(), "{}", name);
        }
    }
}

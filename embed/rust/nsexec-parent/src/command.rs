use crate::container::{BeforeExec, Context, OnRecord, Starting};
use crate::{ffi, Container, Error, Level, Record};
use std::collections::BTreeMap;
use std::ffi::{CString, OsStr, OsString};
use std::fmt;
use std::io;
use std::os::raw::{c_char, c_int};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::io::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

/// A type of namespace, namespaces(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// Control groups, cgroup_namespaces(7).
    Cgroup,
    /// System V IPC and POSIX message queues, ipc_namespaces(7).
    Ipc,
    /// Mounts, mount_namespaces(7).
    Mount,
    /// The network, network_namespaces(7).
    Net,
    /// Process numbers, pid_namespaces(7).
    Pid,
    /// Clocks, time_namespaces(7). Linux 5.6.
    Time,
    /// Users and capabilities, user_namespaces(7).
    User,
    /// Host and domain name, uts_namespaces(7).
    Uts,
}

impl Namespace {
    // CLONE_NEW* of clone(2), and the name in /proc/PID/ns.
    fn facts(self) -> (u32, &'static str) {
        match self {
            Namespace::Cgroup => (0x0200_0000, "cgroup"),
            Namespace::Ipc => (0x0800_0000, "ipc"),
            Namespace::Mount => (0x0002_0000, "mnt"),
            Namespace::Net => (0x4000_0000, "net"),
            Namespace::Pid => (0x2000_0000, "pid"),
            Namespace::Time => (0x0000_0080, "time"),
            Namespace::User => (0x1000_0000, "user"),
            Namespace::Uts => (0x0400_0000, "uts"),
        }
    }

    /// The name of its file in `/proc/PID/ns`: `"mnt"` for mounts.
    pub fn name(self) -> &'static str {
        self.facts().1
    }
}

/// A clock of a new time namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clock {
    /// CLOCK_MONOTONIC.
    Monotonic,
    /// CLOCK_BOOTTIME.
    Boottime,
}

/// The generation of parents that the program's stub expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Dialect {
    /// runc 1.2 and later: the default.
    Runc12 = 0,
    /// runc 1.1.
    Runc11 = 1,
    /// runc 1.0.
    Runc10 = 2,
    /// Older parents.
    Runc2019 = 3,
}

/// A container to start: the program, and what the stub in front of it must do. Similar to
/// [`std::process::Command`], but each method takes the command and returns it.
///
/// By default the program runs in this process's namespaces, with its environment and standard
/// streams.
pub struct Command {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    streams: [Option<OwnedFd>; 3],
    kept: Vec<OwnedFd>,
    flags: u32,
    joins: Vec<(Namespace, PathBuf)>,
    uid_map: Vec<ffi::IdRange>,
    gid_map: Vec<ffi::IdRange>,
    uid_map_tool: Option<PathBuf>,
    gid_map_tool: Option<PathBuf>,
    setgroups: bool,
    rootless: bool,
    oom_score_adj: Option<i32>,
    time_offsets: Vec<(Clock, i64, u32)>,
    mount_sources: Vec<Option<(PathBuf, RawFd)>>,
    dialect: Dialect,
    log_level: Level,
    on_record: Option<OnRecord>,
    before_exec: Option<BeforeExec>,
    unchecked: bool,
    sealed: Option<Sealed>,
}

impl Command {
    /// A container that runs this program. `PATH` is not searched. Argument 0 is the path, unless
    /// [`arg0`](Command::arg0) changes it.
    pub fn new(program: impl Into<PathBuf>) -> Command {
        let program = program.into();
        Command {
            arguments: vec![program.clone().into_os_string()],
            program,
            environment: std::env::vars_os().collect(),
            streams: [None, None, None],
            kept: Vec::new(),
            flags: 0,
            joins: Vec::new(),
            uid_map: Vec::new(),
            gid_map: Vec::new(),
            uid_map_tool: None,
            gid_map_tool: None,
            setgroups: false,
            rootless: false,
            oom_score_adj: None,
            time_offsets: Vec::new(),
            mount_sources: Vec::new(),
            dialect: Dialect::Runc12,
            log_level: Level::Info,
            on_record: None,
            before_exec: None,
            unchecked: false,
            sealed: None,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Command {
        self.arguments.push(argument.as_ref().to_os_string());
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.arguments.extend(arguments.into_iter().map(|one| one.as_ref().to_os_string()));
        self
    }

    /// Changes argument 0, the name that the program sees.
    pub fn arg0(mut self, argument: impl AsRef<OsStr>) -> Command {
        self.arguments[0] = argument.as_ref().to_os_string();
        self
    }

    /// Sets an environment variable. The other variables are those that this process had when
    /// [`new`](Command::new) was called. The library itself sets the stub's variables, such as
    /// `_LIBCONTAINER_INITPIPE`.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Command {
        self.environment.insert(name.as_ref().to_os_string(), value.as_ref().to_os_string());
        self
    }

    /// Sets environment variables.
    pub fn envs<N: AsRef<OsStr>, V: AsRef<OsStr>>(
        self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Command {
        variables.into_iter().fold(self, |command, (name, value)| command.env(name, value))
    }

    /// Removes an environment variable.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Command {
        self.environment.remove(name.as_ref());
        self
    }

    /// Removes all environment variables.
    pub fn env_clear(mut self) -> Command {
        self.environment.clear();
        self
    }

    /// The program's standard input: a file, one end of a pipe or of a socket pair.
    pub fn stdin(mut self, stream: impl Into<OwnedFd>) -> Command {
        self.streams[0] = Some(stream.into());
        self
    }

    /// The program's standard output.
    pub fn stdout(mut self, stream: impl Into<OwnedFd>) -> Command {
        self.streams[1] = Some(stream.into());
        self
    }

    /// The program's standard error. The stub also writes errors there that it cannot log.
    pub fn stderr(mut self, stream: impl Into<OwnedFd>) -> Command {
        self.streams[2] = Some(stream.into());
        self
    }

    /// A descriptor that the program inherits with the same number.
    pub fn keep_open(mut self, descriptor: impl Into<OwnedFd>) -> Command {
        self.kept.push(descriptor.into());
        self
    }

    /// Creates namespaces of these types.
    pub fn unshare(mut self, namespaces: impl IntoIterator<Item = Namespace>) -> Command {
        self.flags |= namespaces.into_iter().fold(0, |flags, one| flags | one.facts().0);
        self
    }

    /// Joins the namespace at this path: `/proc/123/ns/net`, or a bind mount of it. At most 32. The
    /// stub finds an order in which the kernel permits it.
    pub fn join(mut self, namespace: Namespace, path: impl Into<PathBuf>) -> Command {
        self.joins.push((namespace, path.into()));
        self
    }

    /// Joins these namespaces of a process.
    pub fn join_process(
        self,
        pid: u32,
        namespaces: impl IntoIterator<Item = Namespace>,
    ) -> Command {
        namespaces.into_iter().fold(self, |command, one| {
            command.join(one, format!("/proc/{}/ns/{}", pid, one.name()))
        })
    }

    /// Maps `count` user ids, from `inside` on in the new user namespace, to the ids from `outside`
    /// on in this process's user namespace. May be called several times. user_namespaces(7)
    pub fn uid_map(mut self, inside: u32, outside: u32, count: u32) -> Command {
        self.uid_map.push(ffi::IdRange { inside, outside, count });
        self
    }

    /// Maps group ids in the same way.
    pub fn gid_map(mut self, inside: u32, outside: u32, count: u32) -> Command {
        self.gid_map.push(ffi::IdRange { inside, outside, count });
        self
    }

    /// The path of newuidmap(1), which the stub runs if the kernel refuses the map.
    pub fn uid_map_tool(mut self, path: impl Into<PathBuf>) -> Command {
        self.uid_map_tool = Some(path.into());
        self
    }

    /// The path of newgidmap(1), which the stub runs if the kernel refuses the map.
    pub fn gid_map_tool(mut self, path: impl Into<PathBuf>) -> Command {
        self.gid_map_tool = Some(path.into());
        self
    }

    /// Whether the program starts without supplementary groups.
    pub fn setgroups(mut self, clear: bool) -> Command {
        self.setgroups = clear;
        self
    }

    /// Whether this process has no privileges. Without [`setgroups`](Command::setgroups),
    /// setgroups(2) is then denied in the new user namespace, because the kernel refuses the map
    /// otherwise.
    pub fn rootless(mut self, rootless: bool) -> Command {
        self.rootless = rootless;
        self
    }

    /// How soon the kernel kills the program if memory runs out: -1000 to 1000,
    /// proc_pid_oom_score_adj(5).
    pub fn oom_score_adj(mut self, value: i32) -> Command {
        self.oom_score_adj = Some(value);
        self
    }

    /// Sets a clock of the new time namespace forward. Negative seconds set it back.
    pub fn time_offset(mut self, clock: Clock, seconds: i64, nanoseconds: u32) -> Command {
        self.time_offsets.push((clock, seconds, nanoseconds));
        self
    }

    /// A mount source that the stub opens for the program, with that descriptor number; `None` for
    /// a mount without a source. Only in dialect runc 1.1, and not together with time offsets.
    pub fn mount_source(mut self, source: Option<(PathBuf, RawFd)>) -> Command {
        self.mount_sources.push(source);
        self
    }

    /// The dialect of the program's stub.
    pub fn dialect(mut self, dialect: Dialect) -> Command {
        self.dialect = dialect;
        self
    }

    /// The highest level of records to write, by default [`Level::Info`]. Fatal records are always
    /// written.
    pub fn log_level(mut self, level: Level) -> Command {
        self.log_level = level;
        self
    }

    /// Sets a function that gets each log record. The method that reads the record calls it:
    /// [`start`](Command::start), [`Container::wait`] or [`Container::read_records`].
    pub fn on_record(mut self, receiver: impl FnMut(&Record) + Send + 'static) -> Command {
        self.on_record = Some(Box::new(receiver));
        self
    }

    /// Sets a function that runs in the new process, right before it executes the program. Its
    /// standard streams are already set up. If the function fails, the program is not started, and
    /// the error's errno is returned.
    ///
    /// # Safety
    ///
    /// As after vfork(2), the function runs in this process's memory. The calling thread waits, but
    /// other threads run. The function must only make system calls: it must not allocate memory,
    /// take locks or panic.
    pub unsafe fn before_exec(
        mut self,
        function: impl FnMut() -> io::Result<()> + Send + 'static,
    ) -> Command {
        self.before_exec = Some(Box::new(function));
        self
    }

    /// Does not check that the stub is in front of the program. For programs with another
    /// implementation of the protocol. A program without any implementation runs on the host.
    pub fn unchecked(mut self, unchecked: bool) -> Command {
        self.unchecked = unchecked;
        self
    }

    /// Executes this program in place of the file at the path of [`new`](Command::new), which is then only a
    /// name. The stub does not seal it once more.
    pub fn sealed(mut self, program: &Sealed) -> Command {
        self.sealed = Some(program.clone());
        self
    }

    /// Starts the container. On return it is set up, and its init runs the program. After an error
    /// no process of the container is left.
    pub fn start(self) -> Result<Container, Error> {
        self.begin()?.finish()
    }

    /// Starts the program and sends the message to the stub, but does not wait for the stub.
    pub fn begin(self) -> Result<Starting, Error> {
        self.check_values()?;
        let mut strings = Strings(Vec::new());
        let path = strings.add(&self.program)?;
        let argv = self.argv(&mut strings)?;
        let environment = self.environment(&mut strings)?;
        let joins = self.joins(&mut strings)?;
        let time_offsets = self.time_offsets(&mut strings)?;
        let mount_sources = self.mount_sources(&mut strings)?;
        let message = ffi::Message {
            clone_flags: self.flags,
            setgroups: self.setgroups.into(),
            rootless: self.rootless.into(),
            set_oom_score_adj: self.oom_score_adj.is_some().into(),
            oom_score_adj: self.oom_score_adj.unwrap_or(0),
            joins: joins.as_ptr(),
            join_count: joins.len(),
            uid_map: self.uid_map.as_ptr(),
            uid_map_count: self.uid_map.len(),
            gid_map: self.gid_map.as_ptr(),
            gid_map_count: self.gid_map.len(),
            uid_map_tool: strings.add_path(&self.uid_map_tool)?,
            gid_map_tool: strings.add_path(&self.gid_map_tool)?,
            time_offsets: time_offsets.as_ptr(),
            time_offset_count: time_offsets.len(),
            mount_sources: mount_sources.as_ptr(),
            mount_source_count: mount_sources.len(),
        };
        let streams = streams_above_the_standard_ones(&self.streams)?;
        let numbers = [0, 1, 2].map(|i| streams[i].as_ref().map_or(-1, |one| one.as_raw_fd()));
        let kept: Vec<c_int> = self.kept.iter().map(|one| one.as_raw_fd()).collect();
        let program = ffi::Program {
            path,
            argv: argv.as_ptr(),
            environment: environment.as_ptr(),
            dialect: self.dialect as c_int,
            log_level: self.log_level as c_int,
            on_record: Some(Context::on_record),
            before_exec: Some(Context::before_exec),
            context: ptr::null_mut(),
            keep_open: kept.as_ptr(),
            keep_open_count: kept.len(),
            unchecked: self.unchecked.into(),
            sealed_fd: self.sealed.as_ref().map_or(0, |sealed| sealed.0.as_raw_fd()),
        };
        let context = Context::new(self.on_record, self.before_exec, numbers);
        // Safety: the arrays, strings and streams live until the end of this function.
        unsafe { Starting::new(context, program, &message, &self.program) }
    }

    /// Checks the values that the library would refuse without saying which one is wrong.
    fn check_values(&self) -> Result<(), Error> {
        if self.joins.len() > 32 {
            return invalid("namespaces to join", "there are more than 32");
        }
        for (_, path) in &self.joins {
            let bytes = path.as_os_str().as_bytes();
            if bytes.is_empty() || bytes.contains(&b',') {
                return invalid(
                    path,
                    "the path of a namespace must not be empty or contain a comma",
                );
            }
        }
        if self.uid_map.iter().chain(&self.gid_map).any(|range| range.count == 0) {
            return invalid("id map", "a range has no ids");
        }
        for (_, _, nanoseconds) in &self.time_offsets {
            if *nanoseconds > 999_999_999 {
                return invalid(nanoseconds.to_string(), "nanoseconds must be less than a second");
            }
        }
        if !self.mount_sources.is_empty() && !self.time_offsets.is_empty() {
            return invalid("mount sources", "cannot be used together with time offsets");
        }
        match self.oom_score_adj {
            Some(value) if !(-1000..=1000).contains(&value) => {
                invalid(value.to_string(), "oom_score_adj must be from -1000 to 1000")
            }
            _ => Ok(()),
        }
    }

    // This list and the environment end with NULL.
    fn argv(&self, strings: &mut Strings) -> Result<Vec<*const c_char>, Error> {
        let mut argv = Vec::new();
        for one in &self.arguments {
            argv.push(strings.add(one)?);
        }
        argv.push(ptr::null());
        Ok(argv)
    }

    fn environment(&self, strings: &mut Strings) -> Result<Vec<*const c_char>, Error> {
        let mut lines = Vec::new();
        for (name, value) in &self.environment {
            // As in the standard library: the name of an inherited variable may begin with "=".
            if name.is_empty() || name.as_bytes()[1..].contains(&b'=') {
                return invalid(name, "the name of a variable must not be empty or contain =");
            }
            let mut line = name.clone();
            line.push("=");
            line.push(value);
            lines.push(strings.add(line)?);
        }
        lines.push(ptr::null());
        Ok(lines)
    }

    fn joins(&self, strings: &mut Strings) -> Result<Vec<ffi::Join>, Error> {
        let mut add = |(namespace, path): &(Namespace, PathBuf)| {
            Ok(ffi::Join { kind: strings.add(namespace.name())?, path: strings.add(path)? })
        };
        self.joins.iter().map(&mut add).collect()
    }

    fn time_offsets(&self, strings: &mut Strings) -> Result<Vec<ffi::TimeOffset>, Error> {
        let mut add = |(clock, seconds, nanoseconds): &(Clock, i64, u32)| {
            let clock = match clock {
                Clock::Monotonic => strings.add("monotonic")?,
                Clock::Boottime => strings.add("boottime")?,
            };
            Ok(ffi::TimeOffset { clock, seconds: *seconds, nanoseconds: *nanoseconds })
        };
        self.time_offsets.iter().map(&mut add).collect()
    }

    fn mount_sources(&self, strings: &mut Strings) -> Result<Vec<ffi::MountSource>, Error> {
        let mut add = |source: &Option<(PathBuf, RawFd)>| match source {
            Some((path, fd)) => Ok(ffi::MountSource { path: strings.add(path)?, fd: *fd }),
            None => Ok(ffi::MountSource { path: ptr::null(), fd: -1 }),
        };
        self.mount_sources.iter().map(&mut add).collect()
    }
}

/// Copies of the streams with numbers from 3 on: in the new process, dup2 to a standard stream must
/// not close another of them.
fn streams_above_the_standard_ones(
    streams: &[Option<OwnedFd>; 3],
) -> Result<Vec<Option<OwnedFd>>, Error> {
    let copy = |stream: &OwnedFd| {
        // The standard library's clone gets such a number.
        stream.try_clone().map_err(|error| Error::system("fcntl", "stream", errno_of(&error)))
    };
    streams.iter().map(|stream| stream.as_ref().map(copy).transpose()).collect()
}

impl fmt::Debug for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("Command");
        out.field("program", &self.program)
            .field("arguments", &self.arguments)
            .finish_non_exhaustive()
    }
}

/// A program that was sealed once, for many starts: [`seal`]. Clones are the same descriptor, which is
/// closed with the last one. Containers that run keep what they need.
#[derive(Clone, Debug)]
pub struct Sealed(Arc<OwnedFd>);

/// Opens a program so that nobody can write to it through this descriptor or through `/proc/PID/exe` of a
/// process that runs it, not even a container's root (CVE-2019-5736). Give it to [`Command::sealed`] of as many
/// commands as you like: their stubs then need not seal it at each start.
///
/// It is a read-only mount that is in no mount namespace. It needs Linux 5.12 and CAP_SYS_ADMIN, and a
/// program that is not sealed already, as `/proc/self/exe` may be. If it fails, start the program without
/// it. If the program's file is replaced later, call this again.
pub fn seal(program: impl AsRef<Path>) -> Result<Sealed, Error> {
    let mut strings = Strings(Vec::new());
    let path = strings.add(program.as_ref())?;
    match unsafe { ffi::nsexec_parent_seal(path) } {
        // Safety: the descriptor is new, so nobody else closes it.
        fd if fd >= 0 => Ok(Sealed(Arc::new(unsafe { OwnedFd::from_raw_fd(fd) }))),
        error => Err(Error::system("seal", &program.as_ref().to_string_lossy(), -error)),
    }
}

/// Checks that the stub is in front of this program, and fails with [`Error::NoStub`] if it is not.
/// It detects mistakes in the link, but not a program with a false mark. [`Command`] makes this
/// check itself.
pub fn check(program: impl AsRef<Path>) -> Result<(), Error> {
    let mut strings = Strings(Vec::new());
    let path = strings.add(program.as_ref())?;
    const ENOEXEC: c_int = 8;
    match -unsafe { ffi::nsexec_parent_check(path) } {
        0 => Ok(()),
        ENOEXEC => Err(Error::NoStub { program: program.as_ref().to_path_buf() }),
        errno => Err(Error::system("open", &program.as_ref().to_string_lossy(), errno)),
    }
}

fn invalid<T>(value: impl AsRef<OsStr>, reason: &'static str) -> Result<T, Error> {
    Err(Error::Invalid { value: value.as_ref().to_string_lossy().into_owned(), reason })
}

pub(crate) fn errno_of(error: &io::Error) -> i32 {
    const ECANCELED: i32 = 125;
    error.raw_os_error().unwrap_or(ECANCELED)
}

/// Owns the strings that the C structures point to.
struct Strings(Vec<CString>);

impl Strings {
    fn add(&mut self, text: impl AsRef<OsStr>) -> Result<*const c_char, Error> {
        let text = text.as_ref();
        match CString::new(text.to_os_string().into_vec()) {
            Ok(string) => {
                self.0.push(string);
                Ok(self.0[self.0.len() - 1].as_ptr())
            }
            Err(_) => invalid(text, "contains a NUL"),
        }
    }

    fn add_path(&mut self, path: &Option<PathBuf>) -> Result<*const c_char, Error> {
        path.as_ref().map_or(Ok(ptr::null()), |path| self.add(path))
    }
}

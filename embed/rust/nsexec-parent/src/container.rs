use crate::command::errno_of;
use crate::{ffi, Error, Record};
use std::any::Any;
use std::ffi::CStr;
use std::fmt;
use std::io;
use std::mem::MaybeUninit;
use std::os::raw::{c_char, c_int, c_void};
use std::os::unix::io::{BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::ExitStatus;

const ENOEXEC: c_int = 8;
const EINVAL: c_int = 22;
const E2BIG: c_int = 7;
const ENOSYS: c_int = 38;
const EPROTO: c_int = 71;
const SIGKILL: c_int = 9;

pub(crate) type OnRecord = Box<dyn FnMut(&Record) + Send>;
pub(crate) type BeforeExec = Box<dyn FnMut() -> io::Result<()> + Send>;

/// What the C library's callbacks need.
pub(crate) struct Context {
    on_record: Option<OnRecord>,
    before_exec: Option<BeforeExec>,
    streams: [RawFd; 3],
    // A panic of on_record, because it must not unwind through C.
    panic: Option<Box<dyn Any + Send>>,
}

impl Context {
    pub(crate) fn new(
        on_record: Option<OnRecord>,
        before_exec: Option<BeforeExec>,
        streams: [RawFd; 3],
    ) -> Context {
        Context { on_record, before_exec, streams, panic: None }
    }

    /// # Safety
    /// `context` must be a Context that has no other reference, and `record` must be valid.
    pub(crate) unsafe extern "C" fn on_record(context: *mut c_void, record: *const ffi::Record) {
        let context = &mut *(context as *mut Context);
        let (receiver, record) = match &mut context.on_record {
            Some(receiver) if context.panic.is_none() => (receiver, &*record),
            _ => return,
        };
        let called = panic::catch_unwind(AssertUnwindSafe(|| {
            let text = std::slice::from_raw_parts(record.text as *const u8, record.size);
            receiver(&Record::of(record.level, &String::from_utf8_lossy(text)));
        }));
        context.panic = called.err();
    }

    /// # Safety
    /// As for `on_record`. Runs in the new process, which shares its memory with this one.
    pub(crate) unsafe extern "C" fn before_exec(context: *mut c_void) -> c_int {
        let context = &mut *(context as *mut Context);
        for (number, stream) in context.streams.iter().enumerate() {
            if *stream >= 0 && ffi::dup2(*stream, number as c_int) < 0 {
                return -errno_of(&io::Error::last_os_error());
            }
        }
        match &mut context.before_exec {
            Some(function) => function().map_or_else(|error| -errno_of(&error), |()| 0),
            None => 0,
        }
    }
}

/// The C library's container and its context. C has pointers to both, so they must not move.
struct Raw {
    container: *mut ffi::Container,
    context: *mut Context,
}

// There are no other references to these objects, and all that the context owns is Send.
unsafe impl Send for Raw {}
// Functions that run a callback need a &mut.
unsafe impl Sync for Raw {}

impl Raw {
    fn get(&self) -> &ffi::Container {
        unsafe { &*self.container }
    }

    /// Calls a function of the library, which returns a negated errno on an error.
    fn call(
        &mut self,
        function: impl FnOnce(*mut ffi::Container) -> c_int,
    ) -> Result<c_int, c_int> {
        let answer = function(self.container);
        if let Some(payload) = unsafe { (*self.context).panic.take() } {
            panic::resume_unwind(payload);
        }
        if answer < 0 {
            Err(-answer)
        } else {
            Ok(answer)
        }
    }

    fn failure(&self) -> String {
        let text = &self.get().failure as *const c_char;
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    }

    /// The error with the library's own words, if it has any.
    fn error(&self, errno: c_int) -> Error {
        if errno == EPROTO {
            Error::of_stub(&self.failure())
        } else {
            Error::of_library(&self.failure(), errno)
        }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        unsafe {
            ffi::nsexec_parent_close(self.container);
            drop(Box::from_raw(self.container));
            drop(Box::from_raw(self.context));
        }
    }
}

/// The pids of a container's processes, in this process's pid namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pids {
    /// The stage that joins and creates the namespaces. It ends when the container is set up.
    pub stage1: u32,
    /// The container's first process, in which the program will run.
    pub init: u32,
}

/// A container that the stub is setting up. It is killed when this is dropped.
pub struct Starting {
    raw: Option<Raw>,
}

impl Starting {
    /// # Safety
    /// All pointers in `program` and `message` must be valid.
    pub(crate) unsafe fn new(
        context: Context,
        mut program: ffi::Program,
        message: &ffi::Message,
        path: &Path,
    ) -> Result<Starting, Error> {
        let container = MaybeUninit::<ffi::Container>::zeroed().assume_init();
        let container = Box::into_raw(Box::new(container));
        let context = Box::into_raw(Box::new(context));
        let mut raw = Raw { container, context };
        // Before the library has started it owns no descriptor. In particular it must not close 0.
        (*container).pidfd = -1;
        (*container).init_pipe = -1;
        (*container).log_pipe = -1;
        program.context = context as *mut c_void;
        match raw.call(|container| ffi::nsexec_parent_start(container, &program, message)) {
            Ok(_) => Ok(Starting { raw: Some(raw) }),
            Err(errno) => {
                let error = raw.error(errno);
                Err(match (errno, error.call()) {
                    (ENOEXEC, call) if call != "execute" => {
                        Error::NoStub { program: path.to_path_buf() }
                    }
                    (E2BIG, "encode") => Error::Invalid {
                        value: "the message".to_string(),
                        reason: "a list is too long to be sent",
                    },
                    (EINVAL, "encode") => Error::Invalid {
                        value: "the message".to_string(),
                        reason: "the stub would refuse it",
                    },
                    _ => error,
                })
            }
        }
    }

    fn raw(&mut self) -> &mut Raw {
        self.raw.as_mut().expect("only finish() takes it")
    }

    /// Waits for the pids. In the dialects of runc 1.0 and before, if a cgroup namespace is to be
    /// created, init then waits for [`finish`](Starting::finish), so that the caller can first put
    /// it into a control group.
    pub fn pids(&mut self) -> Result<Pids, Error> {
        let raw = self.raw();
        match raw.call(|container| unsafe { ffi::nsexec_parent_read_pids(container) }) {
            Ok(_) => Ok(Pids { stage1: raw.get().stage1 as u32, init: raw.get().init as u32 }),
            Err(errno) => Err(raw.error(errno)),
        }
    }

    /// Waits until the container is set up.
    pub fn finish(mut self) -> Result<Container, Error> {
        let raw = self.raw();
        raw.call(|container| unsafe { ffi::nsexec_parent_set_up(container) })
            .map_err(|errno| raw.error(errno))?;
        let id = raw.get().init as u32;
        // From now on the library does not use the init pipe.
        let init_pipe = unsafe {
            let container = raw.container;
            UnixStream::from_raw_fd(std::mem::replace(&mut (*container).init_pipe, -1))
        };
        let raw = self.raw.take().expect("nobody has taken it");
        Ok(Container { raw, init_pipe, id, status: None })
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        if let Some(raw) = &mut self.raw {
            let killed = panic::catch_unwind(AssertUnwindSafe(|| {
                raw.call(|container| {
                    unsafe { ffi::nsexec_parent_kill(container) };
                    0
                })
            }));
            // If the receiver of records panics here, the processes have still been killed.
            drop(killed);
        }
    }
}

/// A running container.
///
/// As with [`std::process::Child`], a container continues to run when this is dropped, and its init
/// becomes a zombie when it ends. So call [`wait`](Container::wait) or [`kill`](Container::kill).
pub struct Container {
    raw: Raw,
    init_pipe: UnixStream,
    id: u32,
    status: Option<ExitStatus>,
}

impl Container {
    /// The pid of the container's init, in this process's pid namespace. The init is the
    /// container's first process, which runs the program.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// A pidfd of the init, pidfd_open(2). It refers to the init as long as it is open. Fails with
    /// ENOSYS before Linux 5.3.
    pub fn pidfd(&self) -> Result<OwnedFd, Error> {
        match self.raw.get().pidfd {
            fd if fd >= 0 => unsafe { BorrowedFd::borrow_raw(fd) }
                .try_clone_to_owned()
                .map_err(|error| Error::system("fcntl", "pidfd", errno_of(&error))),
            _ => Err(Error::system("pidfd_open", "init", ENOSYS)),
        }
    }

    /// This process's end of the init pipe. The program can read and write the other end.
    pub fn init_pipe(&self) -> &UnixStream {
        &self.init_pipe
    }

    /// Waits until the init ends. Reads records in the meantime (from Linux 5.3 on). Further calls
    /// return the same status.
    pub fn wait(&mut self) -> Result<ExitStatus, Error> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        let mut raw_status = 0;
        self.raw
            .call(|container| unsafe { ffi::nsexec_parent_wait(container, &mut raw_status) })
            .map_err(|errno| Error::system("wait", "init", errno))?;
        Ok(*self.status.insert(ExitStatus::from_raw(raw_status)))
    }

    /// The init's status if it has ended; `None` otherwise. Does not wait.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, Error> {
        if self.status.is_none() {
            let mut info = ffi::SignalInfo { signal: 0, rest: [0; 124] };
            let options = ffi::WEXITED | ffi::WNOHANG | ffi::WNOWAIT | ffi::WALL;
            if unsafe { ffi::waitid(ffi::P_PID, self.id, &mut info, options) } < 0 {
                let error = io::Error::last_os_error();
                return Err(Error::system("waitid", "init", errno_of(&error)));
            }
            if info.signal == 0 {
                return Ok(None);
            }
        }
        self.wait().map(Some)
    }

    /// Sends a signal to the init. Fails with ESRCH after the init has been reaped.
    pub fn signal(&self, signal: i32) -> Result<(), Error> {
        match -unsafe { ffi::nsexec_parent_signal(self.raw.container, signal) } {
            0 => Ok(()),
            errno => Err(Error::system("signal", "init", errno)),
        }
    }

    /// Kills the init and waits until it has ended. If the container has a new pid namespace, all
    /// its other processes end with the init. Does nothing if the init has been reaped.
    pub fn kill(&mut self) -> Result<ExitStatus, Error> {
        if self.status.is_none() {
            self.signal(SIGKILL)?;
        }
        self.wait()
    }

    /// Reads the log records that are there, without waiting. These are the records that the
    /// program writes. Returns whether more may come.
    pub fn read_records(&mut self) -> Result<bool, Error> {
        self.raw
            .call(|container| unsafe { ffi::nsexec_parent_read_records(container) })
            .map(|more| more != 0)
            .map_err(|errno| Error::system("read", "log pipe", errno))
    }

    /// The log pipe's descriptor, for poll(2); `None` after its end has been read.
    pub fn log_pipe(&self) -> Option<BorrowedFd<'_>> {
        let fd = self.raw.get().log_pipe;
        (fd >= 0).then(|| unsafe { BorrowedFd::borrow_raw(fd) })
    }
}

impl fmt::Debug for Starting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage0 = self.raw.as_ref().map(|raw| raw.get().stage0);
        out.debug_struct("Starting").field("stage0", &stage0).finish_non_exhaustive()
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("Container");
        out.field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

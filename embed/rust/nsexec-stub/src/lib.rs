//! Puts [nsexec-stub](https://github.com/nsexec-stub/nsexec-stub) in front of a program that is
//! started as a container's init.
//!
//! A program only has to depend on this crate. If a container runtime starts the program as an
//! init, the stub joins and creates the namespaces before `main`, while the program has only one
//! thread. In any other process it makes three system calls and does nothing.
//!
//! ```toml
//! [dependencies]
//! nsexec-stub = { path = "/usr/local/share/nsexec-stub/rust/nsexec-stub" }
//! ```
//!
//! # Constructor mode and entry mode
//!
//! By default the stub runs from a constructor: after the dynamic linker, and before the program's
//! own constructors. As the ELF entry point it runs before all other code, does not need `/proc`,
//! and makes no system call in a process that is no init. A crate cannot choose a program's entry
//! point, so the program's own `build.rs` must:
//!
//! ```
//! // build.rs
//! println!("cargo:rustc-link-arg-bins=-Wl,-e,nsexec_start,--defsym=nsexec_entry=nsexec_start");
//! ```
//!
//! If a program has both, the stub runs once. `--defsym` refers to the stub, so a program that has
//! this line but does not depend on the crate does not link. Without it the linker would only warn
//! about an entry point that does not exist.
//!
//! # Where the library comes from
//!
//! This crate's build script takes the directory from `NSEXEC_LIBDIR`, or else uses
//! `build/<machine>` if the crate is in the project's source tree, or else asks `pkg-config
//! nsexec-stub`. It needs `nsexec-stub/libnsexec-archive.a` there.

#![warn(missing_docs)]

use std::os::raw::{c_int, c_ulong};
use std::os::unix::io::RawFd;

extern "C" {
    fn nsexec();
    fn getauxval(kind: c_ulong) -> c_ulong;
}

// The member of the archive that has this function also has a constructor that calls it.
#[used]
static STUB: unsafe extern "C" fn() = nsexec;

/// Whether this process is a container's init: the stub has run, and a parent has the other end of
/// [`init_pipe`].
pub fn is_init() -> bool {
    init_pipe().is_some()
}

/// The descriptor of the init pipe, a stream socket. The parent and the program may send any data
/// over it. It is only open in an init, where the program owns it.
///
/// ```
/// assert_eq!(nsexec_stub::init_pipe(), None);
/// ```
pub fn init_pipe() -> Option<RawFd> {
    descriptor("_LIBCONTAINER_INITPIPE")
}

/// The descriptor of the pipe for log records, if the parent reads them. A record is one JSON
/// object on one line, with the members `level` and `msg`.
pub fn log_pipe() -> Option<RawFd> {
    init_pipe().and(descriptor("_LIBCONTAINER_LOGPIPE"))
}

fn descriptor(name: &str) -> Option<RawFd> {
    // The stub ignores its variables in a set-user-ID program.
    const AT_SECURE: c_ulong = 23;
    if unsafe { getauxval(AT_SECURE) } != 0 {
        return None;
    }
    std::env::var(name).ok()?.parse::<c_int>().ok()
}

/// The generation of parents that a program's stub expects. See [`config!`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
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

/// What a program can configure in its stub: `struct nsexec_config` of `nsexec.h`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Config {
    dialect: Dialect,
    process_names: [[u8; 16]; 3],
    sealing: [u8; 12],
}

impl Config {
    /// The default configuration for parents of that dialect.
    pub const fn new(dialect: Dialect) -> Config {
        Config {
            dialect,
            process_names: [*b"runc:[0:PARENT]\0", *b"runc:[1:CHILD]\0\0", *b"runc:[2:INIT]\0\0\0"],
            sealing: [0; 12],
        }
    }
}

/// Configures this program's stub. Use it once, in the program itself:
///
/// ```
/// nsexec_stub::config!(nsexec_stub::Config::new(nsexec_stub::Dialect::Runc11));
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! config {
    ($config:expr) => {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        #[no_mangle]
        #[used]
        pub static nsexec_config: $crate::Config = $config;
    };
}

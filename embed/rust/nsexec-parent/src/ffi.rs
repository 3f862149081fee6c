//! The declarations of `nsexec_parent.h`.

use std::os::raw::{c_char, c_int, c_void};

#[repr(C)]
pub struct IdRange {
    pub inside: u32,
    pub outside: u32,
    pub count: u32,
}

#[repr(C)]
pub struct Join {
    pub kind: *const c_char,
    pub path: *const c_char,
}

#[repr(C)]
pub struct TimeOffset {
    pub clock: *const c_char,
    pub seconds: i64,
    pub nanoseconds: u32,
}

#[repr(C)]
pub struct MountSource {
    pub path: *const c_char,
    pub fd: c_int,
}

#[repr(C)]
pub struct Message {
    pub clone_flags: u32,
    pub setgroups: i32,
    pub rootless: i32,
    pub set_oom_score_adj: i32,
    pub oom_score_adj: i32,
    pub joins: *const Join,
    pub join_count: usize,
    pub uid_map: *const IdRange,
    pub uid_map_count: usize,
    pub gid_map: *const IdRange,
    pub gid_map_count: usize,
    pub uid_map_tool: *const c_char,
    pub gid_map_tool: *const c_char,
    pub time_offsets: *const TimeOffset,
    pub time_offset_count: usize,
    pub mount_sources: *const MountSource,
    pub mount_source_count: usize,
}

#[repr(C)]
pub struct Record {
    pub level: c_int,
    pub text: *const c_char,
    pub size: usize,
}

pub type OnRecord = unsafe extern "C" fn(context: *mut c_void, record: *const Record);
pub type BeforeExec = unsafe extern "C" fn(context: *mut c_void) -> c_int;

#[repr(C)]
pub struct Program {
    pub path: *const c_char,
    pub argv: *const *const c_char,
    pub environment: *const *const c_char,
    pub dialect: c_int,
    pub log_level: c_int,
    pub on_record: Option<OnRecord>,
    pub before_exec: Option<BeforeExec>,
    pub context: *mut c_void,
    pub keep_open: *const c_int,
    pub keep_open_count: usize,
    pub unchecked: c_int,
    pub sealed_fd: c_int,
}

#[repr(C)]
pub struct Container {
    pub stage0: c_int,
    pub stage1: c_int,
    pub init: c_int,
    pub pidfd: c_int,
    pub init_pipe: c_int,
    pub log_pipe: c_int,
    pub failure: [c_char; 1024],
    pub on_record: Option<OnRecord>,
    pub context: *mut c_void,
    pub awaits_byte: c_int,
    pub line_size: u32,
    pub line: [c_char; 4097],
}

extern "C" {
    pub fn nsexec_parent_check(path: *const c_char) -> c_int;
    pub fn nsexec_parent_seal(path: *const c_char) -> c_int;
    pub fn nsexec_parent_start(
        container: *mut Container,
        program: *const Program,
        message: *const Message,
    ) -> c_int;
    pub fn nsexec_parent_read_pids(container: *mut Container) -> c_int;
    pub fn nsexec_parent_set_up(container: *mut Container) -> c_int;
    pub fn nsexec_parent_read_records(container: *mut Container) -> c_int;
    pub fn nsexec_parent_wait(container: *mut Container, status: *mut c_int) -> c_int;
    pub fn nsexec_parent_signal(container: *mut Container, signal: c_int) -> c_int;
    pub fn nsexec_parent_kill(container: *mut Container);
    pub fn nsexec_parent_close(container: *mut Container);
}

// Functions of the system's libc, which std links.
extern "C" {
    pub fn dup2(from: c_int, to: c_int) -> c_int;
    pub fn waitid(kind: c_int, id: u32, info: *mut SignalInfo, options: c_int) -> c_int;
}

/// siginfo_t has 128 bytes. The first four are si_signo.
#[repr(C, align(8))]
pub struct SignalInfo {
    pub signal: c_int,
    pub rest: [u8; 124],
}

pub const P_PID: c_int = 1;
pub const WNOHANG: c_int = 1;
pub const WEXITED: c_int = 4;
pub const WNOWAIT: c_int = 0x0100_0000;
pub const WALL: c_int = 0x4000_0000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;
    use std::mem::size_of;
    use std::process::Command;

    // The offset of a member, in a struct that is never read.
    macro_rules! offset {
        ($kind:ty, $member:ident) => {{
            let one = std::mem::MaybeUninit::<$kind>::uninit();
            let start = one.as_ptr();
            unsafe { std::ptr::addr_of!((*start).$member) as usize - start as usize }
        }};
    }

    #[test]
    fn has_the_layout_of_the_header() {
        let header = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../parent/nsexec_parent.h");
        if !std::path::Path::new(header).exists() {
            println!("not in the source tree: there is no header to compare with");
            return;
        }
        let mut source = format!("#include \"{}\"\n", header);
        for (kind, size) in [
            ("id_range", size_of::<IdRange>()),
            ("join", size_of::<Join>()),
            ("time_offset", size_of::<TimeOffset>()),
            ("mount_source", size_of::<MountSource>()),
            ("message", size_of::<Message>()),
            ("record", size_of::<Record>()),
            ("program", size_of::<Program>()),
            ("container", size_of::<Container>()),
        ] {
            writeln!(source, "_Static_assert(sizeof(struct nsexec_{}) == {}, \"\");", kind, size)
                .unwrap();
        }
        for (kind, member, offset) in [
            ("join", "path", offset!(Join, path)),
            ("time_offset", "nanoseconds", offset!(TimeOffset, nanoseconds)),
            ("message", "oom_score_adj", offset!(Message, oom_score_adj)),
            ("message", "uid_map", offset!(Message, uid_map)),
            ("message", "gid_map", offset!(Message, gid_map)),
            ("message", "uid_map_tool", offset!(Message, uid_map_tool)),
            ("message", "mount_source_count", offset!(Message, mount_source_count)),
            ("record", "size", offset!(Record, size)),
            ("program", "log_level", offset!(Program, log_level)),
            ("program", "before_exec", offset!(Program, before_exec)),
            ("program", "unchecked", offset!(Program, unchecked)),
            ("program", "sealed_fd", offset!(Program, sealed_fd)),
            ("container", "init_pipe", offset!(Container, init_pipe)),
            ("container", "log_pipe", offset!(Container, log_pipe)),
            ("container", "failure", offset!(Container, failure)),
            ("container", "line_", offset!(Container, line)),
        ] {
            writeln!(
                source,
                "_Static_assert(__builtin_offsetof(struct nsexec_{}, {}) == {}, \"{1}\");",
                kind, member, offset
            )
            .unwrap();
        }
        let file = std::env::temp_dir().join(format!("nsexec-layout-{}.c", std::process::id()));
        std::fs::write(&file, source).unwrap();
        let compiled = Command::new("cc").arg("-fsyntax-only").arg(&file).output().unwrap();
        std::fs::remove_file(&file).unwrap();
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    }
}

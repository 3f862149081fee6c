//! Tests with real containers. They run this test program again, which has the stub in front
//! because the crate depends on nsexec-stub for its tests.

use nsexec_parent::{check, seal, Clock, Command, Error, Level, Namespace};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::io::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SELF: &str = "/proc/self/exe";

/// The program that the containers of these tests run. In a process that is no init, it only tests
/// that.
#[test]
fn as_init() {
    let task = match std::env::var("TASK") {
        Ok(task) if nsexec_stub::is_init() => task,
        _ => return assert!(!nsexec_stub::is_init()),
    };
    let link = |name: &str| fs::read_link(format!("/proc/thread-self/ns/{}", name)).unwrap();
    match task.as_str() {
        "report" => {
            println!("\npid={}", std::process::id());
            for name in ["mnt", "net", "user", "uts"] {
                println!("{}={}", name, link(name).display());
            }
            let read = |name: &str| fs::read_to_string(name).unwrap();
            let uptime = read("/proc/uptime");
            println!("uptime={}", uptime.split('.').next().unwrap());
            println!("oom={}", read("/proc/self/oom_score_adj").trim());
            let status = read("/proc/thread-self/status");
            let of = |key: &str| {
                let line = status.lines().find(|line| line.starts_with(key)).unwrap();
                line.split_whitespace().nth(1).unwrap_or("none").to_string()
            };
            println!("uid={}\ngid={}\ngroups={}", of("Uid:"), of("Gid:"), of("Groups:"));
            println!("arg0={}", std::env::args().next().unwrap());
            println!("hello={}", std::env::var("HELLO").unwrap_or_default());
            println!("path={}", std::env::var("PATH").is_ok());
        }
        "exit" => std::process::exit(7),
        "sleep" => std::thread::sleep(Duration::from_secs(60)),
        "cat" => {
            let copied = io::copy(&mut io::stdin(), &mut io::stderr());
            std::process::exit(copied.map_or(1, |_| 0));
        }
        "echo" => {
            let mut pipe = unsafe { UnixStream::from_raw_fd(nsexec_stub::init_pipe().unwrap()) };
            let mut line = [0; 5];
            pipe.read_exact(&mut line).unwrap();
            line.reverse();
            pipe.write_all(&line).unwrap();
        }
        "log" => {
            let mut pipe = unsafe { File::from_raw_fd(nsexec_stub::log_pipe().unwrap()) };
            pipe.write_all(b"{\"level\":\"error\", \"msg\":\"from the program\"}\nno record\n")
                .unwrap();
        }
        "kept" => {
            let number = std::env::var("KEPT").unwrap().parse().unwrap();
            unsafe { File::from_raw_fd(number) }.write_all(b"kept").unwrap();
        }
        other => panic!("no task {}", other),
    }
    std::process::exit(0);
}

fn command(task: &str) -> Command {
    Command::new(SELF)
        .args(["as_init", "--exact", "--nocapture", "--test-threads=1"])
        .env("TASK", task)
        .stdout(File::options().write(true).open("/dev/null").unwrap())
}

/// What the program writes to its standard output until it ends.
fn output_of(command: Command) -> Result<String, Error> {
    let (mut reader, writer) = UnixStream::pair().unwrap();
    let mut container = command.stdout(OwnedFd::from(writer)).start()?;
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert!(container.wait()?.success(), "{}", text);
    Ok(text)
}

struct Report(String);

impl Report {
    fn of(command: Command) -> Report {
        Report(output_of(command).unwrap())
    }
    fn get(&self, key: &str) -> &str {
        let line = self.0.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("{} in {}", key, self.0))
    }
}

fn own(namespace: &str) -> String {
    fs::read_link(format!("/proc/self/ns/{}", namespace)).unwrap().display().to_string()
}

fn is_root() -> bool {
    let root = fs::metadata("/proc/self").unwrap();
    std::os::unix::fs::MetadataExt::uid(&root) == 0
}

#[test]
fn runs_a_container_to_its_end() {
    assert!(is_root(), "these tests need root");
    let report = Report::of(
        command("report")
            .unshare([Namespace::Pid, Namespace::Uts])
            .env("HELLO", "a b")
            .arg0("name"),
    );
    assert_eq!(report.get("pid"), "1");
    assert_eq!(report.get("uid"), "0");
    assert_ne!(report.get("uts"), own("uts"));
    assert_eq!(report.get("net"), own("net"));
    assert_eq!(report.get("hello"), "a b");
    assert_eq!(report.get("arg0"), "name");
    assert_eq!(report.get("path"), "true");
}

#[test]
fn clears_the_environment() {
    let report = Report::of(
        command("report").env("HELLO", "x").env_clear().env("TASK", "report").env_remove("NONE"),
    );
    assert_eq!(report.get("path"), "false");
    assert_eq!(report.get("hello"), "");
}

#[test]
fn maps_ids_in_a_user_namespace() {
    let report = Report::of(
        command("report")
            .unshare([Namespace::User, Namespace::Pid])
            .uid_map(0, 100_000, 10)
            .uid_map(10, 200_000, 10)
            .gid_map(0, 100_000, 10)
            .setgroups(true),
    );
    assert_ne!(report.get("user"), own("user"));
    assert_eq!((report.get("uid"), report.get("gid")), ("0", "0"));
    assert_eq!(report.get("groups"), "none");
}

#[test]
fn joins_the_namespaces_of_a_process() {
    let mut first =
        command("sleep").unshare([Namespace::Net, Namespace::Uts, Namespace::Pid]).start().unwrap();
    let of = |name: &str| {
        fs::read_link(format!("/proc/{}/ns/{}", first.id(), name)).unwrap().display().to_string()
    };
    let report = Report::of(
        command("report")
            .join_process(first.id(), [Namespace::Net])
            .join(Namespace::Uts, format!("/proc/{}/ns/uts", first.id())),
    );
    assert_eq!(report.get("net"), of("net"));
    assert_eq!(report.get("uts"), of("uts"));
    assert_eq!(report.get("mnt"), own("mnt"));
    assert_eq!(first.kill().unwrap().signal(), Some(9));
}

#[test]
fn sets_oom_score_and_clocks() {
    let report = Report::of(
        command("report")
            .oom_score_adj(321)
            .unshare([Namespace::Time])
            .time_offset(Clock::Boottime, 1_000_000_000, 5)
            .time_offset(Clock::Monotonic, 10, 0),
    );
    assert_eq!(report.get("oom"), "321");
    assert!(report.get("uptime").parse::<u64>().unwrap() >= 1_000_000_000);
}

#[test]
fn connects_the_standard_streams() {
    let (mut input, theirs) = UnixStream::pair().unwrap();
    let (mut output, written) = UnixStream::pair().unwrap();
    let mut container = command("cat")
        .unshare([Namespace::Pid])
        .stdin(OwnedFd::from(theirs))
        .stderr(OwnedFd::from(written))
        .start()
        .unwrap();
    input.write_all(b"through").unwrap();
    drop(input);
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    assert_eq!(text, "through");
    assert!(container.wait().unwrap().success());
}

#[test]
fn keeps_descriptors_open() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let theirs = OwnedFd::from(theirs);
    let number = theirs.as_raw_fd().to_string();
    let mut container = command("kept").env("KEPT", number).keep_open(theirs).start().unwrap();
    let mut text = String::new();
    ours.read_to_string(&mut text).unwrap();
    assert_eq!(text, "kept");
    assert!(container.wait().unwrap().success());
}

#[test]
fn talks_on_the_init_pipe() {
    let mut container = command("echo").unshare([Namespace::Pid]).start().unwrap();
    container.init_pipe().write_all(b"hello").unwrap();
    let mut answer = [0; 5];
    container.init_pipe().read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"olleh");
    assert!(container.wait().unwrap().success());
}

#[test]
fn gives_the_status_as_often_as_asked() {
    let mut container = command("exit").unshare([Namespace::Pid]).start().unwrap();
    assert_eq!(container.wait().unwrap().code(), Some(7));
    assert_eq!(container.wait().unwrap().code(), Some(7));
    assert_eq!(container.try_wait().unwrap().unwrap().code(), Some(7));
    assert_eq!(container.kill().unwrap().code(), Some(7));
    assert_eq!(container.signal(15).unwrap_err().errno(), Some(3));
}

#[test]
fn does_not_wait_if_asked_not_to() {
    let mut container = command("sleep").unshare([Namespace::Pid]).start().unwrap();
    assert_eq!(container.try_wait().unwrap(), None);
    container.signal(9).unwrap();
    let start = Instant::now();
    let status = loop {
        match container.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
        assert!(start.elapsed() < Duration::from_secs(20));
    };
    assert_eq!(status.signal(), Some(9));
}

#[test]
fn gives_a_pidfd_that_outlives_the_container() {
    let mut container = command("sleep").unshare([Namespace::Pid]).start().unwrap();
    let pidfd = container.pidfd().unwrap();
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).unwrap();
    assert!(info.contains(&format!("\nPid:\t{}\n", container.id())), "{}", info);
    container.kill().unwrap();
    drop(container);
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).unwrap();
    assert!(info.contains("\nPid:\t-1\n"), "{}", info);
}

#[test]
fn delivers_the_records_of_stub_and_program() {
    let records = Arc::new(Mutex::new(Vec::new()));
    let receiver = records.clone();
    let mut container = command("log")
        .unshare([Namespace::Pid, Namespace::Uts])
        .log_level(Level::Debug)
        .on_record(move |record| receiver.lock().unwrap().push(record.clone()))
        .start()
        .unwrap();
    container.wait().unwrap();
    let records = records.lock().unwrap();
    let of = |text: &str| {
        let found = records.iter().find(|record| record.text.contains(text));
        found.unwrap_or_else(|| panic!("{}: {:?}", text, records))
    };
    let unshared = of("unshared pid uts");
    assert_eq!((unshared.level, unshared.stage), (Some(Level::Debug), Some(1)));
    assert!(unshared.pid.is_some());
    assert_eq!(of("nsexec container setup").stage, None);
    let own = of("from the program");
    assert_eq!((own.level, own.stage, own.pid), (Some(Level::Error), None, None));
    assert_eq!(of("no record").level, None);
}

#[test]
fn a_receiver_may_panic() {
    let started = std::panic::catch_unwind(|| {
        let receiver = |_: &nsexec_parent::Record| panic!("as asked");
        let container = command("sleep").log_level(Level::Debug).on_record(receiver).start();
        container.map(|mut container| container.kill()).map(drop)
    });
    let payload = started.unwrap_err();
    assert_eq!(*payload.downcast_ref::<&str>().unwrap(), "as asked");
}

#[test]
fn an_error_says_where_it_failed() {
    let error = command("exit").join(Namespace::Net, "/run/netns/none").start().unwrap_err();
    assert_eq!(error.stage(), Some(1));
    assert_eq!(error.call(), "open namespace");
    assert_eq!(error.object(), "net:/run/netns/none");
    assert_eq!(error.errno(), Some(2));
    let error: Box<dyn std::error::Error> = Box::new(error);
    assert!(error.to_string().contains("/run/netns/none: No such file"), "{}", error);
}

#[test]
fn a_map_that_the_kernel_refuses_is_an_error() {
    let error = command("exit")
        .unshare([Namespace::User])
        .uid_map(0, 0, 5)
        .uid_map(3, 100, 5)
        .gid_map(0, 0, 1)
        .start()
        .unwrap_err();
    assert_eq!((error.stage(), error.call(), error.errno()), (Some(0), "write", Some(22)));
    assert!(error.object().ends_with("/uid_map"), "{:?}", error);
}

#[test]
fn refuses_values_that_cannot_be_passed_on() {
    let long = "/".repeat(70_000);
    for command in [
        command("exit").arg("a\0b"),
        command("exit").env("A", "a\0b"),
        command("exit").env("A=", "a"),
        command("exit").env("", "a"),
        command("exit").join(Namespace::Net, ""),
        command("exit").join(Namespace::Net, "/a,b"),
        command("exit").join(Namespace::Net, long),
        command("exit").join_process(1, [Namespace::Net; 33]),
        command("exit").oom_score_adj(1001),
        command("exit").uid_map(0, 0, 0),
        command("exit").time_offset(Clock::Monotonic, 0, 1_000_000_000),
        command("exit").time_offset(Clock::Monotonic, 0, 0).mount_source(None),
    ] {
        let error = command.start().unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{:?}", error);
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("nsexec-parent-{}-{}", std::process::id(), name))
}

#[test]
fn does_not_start_a_program_without_the_stub() {
    let no_stub = Error::NoStub { program: "/bin/sh".into() };
    assert_eq!(check("/bin/sh"), Err(no_stub.clone()));
    assert_eq!(check(SELF), Ok(()));
    assert_eq!(check("/none").unwrap_err().errno(), Some(2));
    let mark = temporary("mark");
    let touch = format!("echo > {}", mark.display());
    let command = Command::new("/bin/sh").arg("-c").arg(&touch);
    assert_eq!(command.start().unwrap_err(), no_stub);
    assert!(!mark.exists());
}

#[test]
fn a_program_is_sealed_once_for_many_starts() {
    let sealed = seal(SELF).unwrap();
    for _ in 0..3 {
        let records = Arc::new(Mutex::new(Vec::new()));
        let received = Arc::clone(&records);
        let report = Report::of(
            command("report")
                .unshare([Namespace::Pid])
                .sealed(&sealed)
                .log_level(Level::Debug)
                .on_record(move |record| received.lock().unwrap().push(record.text.clone())),
        );
        assert_eq!(report.get("pid"), "1");
        let text = records.lock().unwrap().join("\n");
        assert!(text.contains("sealed: ") && !text.contains("sealing: "), "{}", text);
    }
    match seal("/none").unwrap_err() {
        Error::System { call, object, errno } => {
            assert_eq!((call.as_str(), object.as_str(), errno), ("seal", "/none", 2));
        }
        other => panic!("{:?}", other),
    }
}

#[test]
fn a_program_that_is_not_checked_and_has_no_stub_is_an_error() {
    let error = Command::new("/bin/sh").args(["-c", "exit 3"]).unchecked(true).start().unwrap_err();
    assert!(error.to_string().contains("sent no pids"), "{}", error);
}

#[test]
fn a_file_that_cannot_be_executed_is_an_error() {
    let copy = temporary("copy");
    fs::copy(SELF, &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o644)).unwrap();
    let error = Command::new(&copy).start().unwrap_err();
    fs::remove_file(&copy).unwrap();
    assert_eq!(
        (error.call(), error.object(), error.errno()),
        ("execute", copy.to_str().unwrap(), Some(13))
    );
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::PermissionDenied);
}

#[test]
fn runs_a_function_before_the_program() {
    extern "C" {
        fn setpriority(which: i32, id: u32, value: i32) -> i32;
    }
    let nicer = || match unsafe { setpriority(0, 0, 19) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    };
    let mut container =
        unsafe { command("sleep").unshare([Namespace::Pid]).before_exec(nicer) }.start().unwrap();
    let stat = fs::read_to_string(format!("/proc/{}/stat", container.id())).unwrap();
    let nice = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(16).unwrap().to_string();
    container.kill().unwrap();
    assert_eq!(nice, "19");
    let fails = || Err(io::Error::from_raw_os_error(28));
    let error = unsafe { command("sleep").before_exec(fails) }.start().unwrap_err();
    assert_eq!(error.errno(), Some(28));
}

#[test]
fn gives_the_pids_before_the_container_is_set_up() {
    let mut starting = command("exit").unshare([Namespace::Pid]).begin().unwrap();
    let pids = starting.pids().unwrap();
    assert_eq!(starting.pids().unwrap(), pids);
    assert!(pids.stage1 > 0 && pids.stage1 != pids.init);
    let mut container = starting.finish().unwrap();
    assert_eq!(container.id(), pids.init);
    container.wait().unwrap();
}

#[test]
fn a_start_that_is_dropped_leaves_no_process() {
    let mut starting = command("sleep").unshare([Namespace::Pid]).begin().unwrap();
    let pids = starting.pids().unwrap();
    drop(starting);
    // The kernel does not use a pid again so soon.
    for pid in [pids.stage1, pids.init] {
        assert!(!PathBuf::from(format!("/proc/{}", pid)).exists());
    }
}

#[test]
fn containers_can_be_used_by_other_threads() {
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let mut container = command("exit").unshare([Namespace::Pid]).start().unwrap();
            std::thread::spawn(move || container.wait().unwrap().code())
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Some(7));
    }
}

#[test]
fn the_example_is_a_runtime() {
    let program = std::env::current_exe().unwrap();
    let profile = program.parent().unwrap().parent().unwrap();
    let runtime = profile.join("examples/minimal-runtime");
    let run = |program: &str, task: &str| {
        std::process::Command::new(&runtime)
            .args([program, "as_init", "--exact", "--nocapture"])
            .env("TASK", task)
            .output()
            .unwrap()
    };
    let ran = run(program.to_str().unwrap(), "report");
    let out = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success() && out.contains("\npid=1\n"), "{}", out);
    assert_eq!(run(program.to_str().unwrap(), "exit").status.code(), Some(7));
    let refused = run("/bin/true", "exit");
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("nsexec-stub is not in front"), "{}", said);
    let lines = include_str!("../examples/minimal-runtime.rs").lines().count();
    assert!(lines < 100, "{} lines", lines);
}

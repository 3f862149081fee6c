// Shared by all tests: real parents that start real binaries on the real kernel.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stub/bootstrap.h"
#include "syscalls/fd.h"

namespace test {

using Environment = std::map<std::string, std::string>;
using Arguments = std::vector<std::string>;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using Duration = std::chrono::milliseconds;

/// How long a test waits for something that must happen. The limit is there to notice a hang and
/// must not depend on the speed of the machine.
constexpr Duration kHangs = 30s;

/// Returns the path of a program that the build has made: "nsexec-true", "tests/probe".
std::string built(const std::string& name);

/// A directory for one test. The destructor removes it with everything in it.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& parent = "/tmp");
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content, mode_t mode = 0644);
void copy_program(const std::string& from, const std::string& to);
/// Returns a sealed copy in a memfd, as a parent may pass it. The stub then has nothing to seal.
sys::Fd sealed_memfd(const std::string& program);
std::string read_link(const std::string& path);
/// "/proc/self/fd/7".
inline std::string fd_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }
bool exists(const std::string& path);
std::vector<std::string> split(const std::string& text, char separator);
/// Asks until the answer is true or the time is up, which is longer on a slow machine. Returns the
/// last answer.
bool eventually(Duration limit, const std::function<bool()>& question);
/// Opens the file as soon as no process executes it (until then open(2) gives ETXTBSY). The result
/// is closed if open(2) refuses for another reason.
sys::Fd open_when_not_executed(const std::string& path, int flags);
/// Returns where cgroup2 is mounted, or "" if it is not mounted.
std::string cgroup2_mount_point();
/// Returns whether the part is in the text or in with_bare_errnos(text).
bool contains(const std::string& text, const std::string& part);
/// Returns nsrun's message with ": no such file or directory [ENOENT]" replaced by ": ENOENT".
std::string with_bare_errnos(const std::string& message);

/// Parses "key: value" lines.
std::map<std::string, std::string> parse_report(const std::string& text);

/// A parsed wait status.
struct Status {
  bool ended = false;  ///< false: still running when the time was up
  int value = 0;

  [[nodiscard]] bool exited_with(int status) const;
  [[nodiscard]] bool killed_by(int signal) const;
};
std::ostream& operator<<(std::ostream& out, const Status& status);

/// Calls waitpid with a time limit.
Status wait_for(pid_t pid, Duration limit = kHangs);

/// Returns the pids, as the host sees them, of all processes that execute this file.
std::vector<pid_t> processes_of(const std::string& program);
/// Returns the pids of a process's children.
std::vector<std::string> children_of(pid_t pid);
/// Describes what this process and all its descendants wait for, as /proc shows it. For messages
/// about a hang.
std::string what_they_wait_for(pid_t pid);
/// Waits until no process executes this file. Returns false if one still does when the time is up.
/// Waits until so many processes of the program run. Returns whether they do.
bool appears(const std::string& program, size_t count = 1);
bool all_gone(const std::string& program, Duration limit = kHangs);

/// A bootstrap message, built attribute by attribute as a parent does.
class Message {
 public:
  Message& add(unsigned type, const std::string& payload);  ///< any payload
  Message& flags(uint32_t clone_flags);
  Message& text(stub::Attribute type, const std::string& value);  ///< with a NUL at the end
  Message& boolean(stub::Attribute type, bool value);             ///< four bytes
  Message& raw(const std::string& bytes);                         ///< appended as they are
  /// Returns the whole message. `length` replaces the length in the header.
  [[nodiscard]] std::string bytes(std::optional<uint32_t> length = {},
                                  uint16_t type = stub::kMessageTypeInit) const;

 private:
  class Memory;

  std::string attributes_;
};

std::string native(uint32_t value);
std::string native16(uint16_t value);

struct LogRecord {
  std::string level;
  std::string message;
};
/// Parses log lines with a strict JSON parser. The test fails on a line that is not a valid record.
std::vector<LogRecord> parse_log(const std::string& text);

/// The two pids of the pid line.
struct Pids {
  pid_t stage1 = 0;
  pid_t stage2 = 0;
};

/// The parent's side of the protocol, as runc implements it.
class Parent {
 public:
  explicit Parent(const std::string& program) : program_(program) {}
  ~Parent();
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  Environment environment;      ///< added to what start() sets, or in place of it
  Arguments arguments{"init"};  ///< argv[1] and the following
  bool with_log = true;
  int log_level = 6;
  int uid = 0;                 ///< the child becomes this user and group before execve
  std::vector<int> inherited;  ///< more fds that the child inherits
  std::function<void()> before_exec = [] {};  ///< runs in the child just before execve
  bool with_report = false;                   ///< pass a socket pair to tests/probe

  /// Starts stage 0 with an init pipe.
  void start();
  void send(const std::string& bytes);
  /// Waits until the stub has read all that was sent.
  void wait_until_read() const;
  /// Reads one line from the init pipe, without its newline. Returns "" at the end of file or when
  /// the time is up.
  std::string read_line(Duration limit = kHangs);
  /// Reads up to `size` bytes.
  std::string read_bytes(size_t size, Duration limit = kHangs);
  /// Reads the pid line in either of its two forms.
  Pids read_pids();
  Status wait_stage0(Duration limit = kHangs) { return wait_for(stage0, limit); }
  /// Waits for the end of the log pipe and returns everything written to it.
  std::string log(Duration limit = 5s);
  /// Returns the message of the fatal record, or "" if there is none. A second fatal record fails
  /// the test.
  std::string fatal();
  void close_init() { init_.reset(); }
  void close_log() { log_.reset(); }

  /// Reads the probe's report. The probe then waits until finish_probe().
  std::map<std::string, std::string> read_report(Duration limit = kHangs);
  void finish_probe() { report_.reset(); }

  /// Runs a whole successful start: sends the message, reads the pid line, and reaps all three
  /// stages with status 0.
  Pids run(const std::string& message);

  pid_t stage0 = 0;
  [[nodiscard]] int init_fd() const { return init_.get(); }

 private:
  std::string program_;
  sys::Fd init_;
  sys::Fd log_;
  sys::Fd report_;
  std::string log_text_;
};

/// What a command printed and how it ended.
struct Outcome {
  Status status;
  std::string out;
  std::string err;
};
struct RunOptions {
  int uid = 0;
  Environment environment = {};
  Duration limit = kHangs;
  std::function<void()> before_exec = [] {};  ///< runs in the child just before execve
};
Outcome run_command(const Arguments& command, const RunOptions& options = {});

/// A process in new namespaces that sleeps until it is destroyed, so that tests can join it.
class Sleeper {
 public:
  /// A new user namespace gets the maps "0 0 4294967295".
  explicit Sleeper(unsigned clone_flags);
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  /// Returns the pid, as the host sees it, of a process inside (pid 1 of a new pid namespace).
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string namespace_path(const std::string& type) const;

 private:
  pid_t outer_ = 0;
  pid_t pid_ = 0;
};

/// Runs `attack` in a child in the user, ipc and mnt namespace of a process, with all capabilities
/// there. `ended` gets the child's status; by default the child must exit with 0. If the target
/// sees the host's /proc, the attack sees more than the target would, because the child stays in
/// the host's pid namespace.
void run_in_namespaces_of(pid_t pid, const std::function<void()>& attack,
                          const std::function<void(const Status&)>& ended = {});

/// Returns, for "self" or a pid, the namespace's name: "mnt:[4026531832]".
std::string namespace_id(const std::string& pid, const std::string& type);

bool is_root();

/// Returns how often to repeat a test that must be repeated to show something: `often`, or a fifth
/// of it on an emulated machine, which is about thirty times slower (tests/rig/start marks it as
/// emulated).
int repetitions(int often);

/// Returns whether this is an emulated machine. Times measured there depend on the emulator and on
/// the load of its host.
bool is_emulated();

/// Skips the test if it needs root and does not run as root.
#define REQUIRE_ROOT() \
  if (!::test::is_root()) GTEST_SKIP() << "needs root: namespaces without a user namespace"

}  // namespace test

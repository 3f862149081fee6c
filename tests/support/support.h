// What the tests share: real parents for real binaries, on the real kernel.
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

/// How long a test waits for what must happen. It is for what hangs and never happens, not for how
/// fast a machine is.
constexpr Duration kHangs = 30s;

/// The path of a program that the build has made: "nsexec-true", "tests/probe".
std::string built(const std::string& name);

/// A directory of this test's own, removed with all that is in it.
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
/// A sealed copy in memory, as a parent may hand it over: nothing for the stub to seal.
sys::Fd sealed_memfd(const std::string& program);
std::string read_link(const std::string& path);
bool exists(const std::string& path);
std::vector<std::string> split(const std::string& text, char separator);
/// Asks until the answer is yes or time is up: whether it was yes.
bool eventually(Duration limit, const std::function<bool()>& question);
/// Where cgroup2 is mounted; "" for nowhere.
std::string cgroup2_mount_point();
/// Whether the part is in the text, or in with_bare_errnos() of it.
bool contains(const std::string& text, const std::string& part);
/// nsrun's message with ": no such file or directory [ENOENT]" as ": ENOENT".
std::string with_bare_errnos(const std::string& message);

/// "key: value" lines as a map.
std::map<std::string, std::string> parse_report(const std::string& text);

/// A wait status, read.
struct Status {
  bool ended = false;  ///< false: still running when the time was up
  int value = 0;

  [[nodiscard]] bool exited_with(int status) const;
  [[nodiscard]] bool killed_by(int signal) const;
};
std::ostream& operator<<(std::ostream& out, const Status& status);

/// waitpid with an end.
Status wait_for(pid_t pid, Duration limit = kHangs);

/// Pids of processes whose executable is this file, as the host sees them.
std::vector<pid_t> processes_of(const std::string& program);
/// The children of a process, by their pids.
std::vector<std::string> children_of(pid_t pid);
/// For a message about a hang: where this process and all below it are, as the kernel tells.
std::string what_they_wait_for(pid_t pid);
/// Waits until there is none; false: there still was one.
bool all_gone(const std::string& program, Duration limit = kHangs);

/// A bootstrap message as a parent writes it, attribute by attribute.
class Message {
 public:
  Message& add(unsigned type, const std::string& payload);  ///< any payload
  Message& flags(uint32_t clone_flags);
  Message& text(stub::Attribute type, const std::string& value);  ///< with its NUL
  Message& boolean(stub::Attribute type, bool value);             ///< four bytes
  Message& raw(const std::string& bytes);  ///< behind what is there, as it is
  /// The whole message; a `length` overrides what the header says.
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
/// Parses log lines with a strict JSON parser; a line that is no valid record fails the test.
std::vector<LogRecord> parse_log(const std::string& text);

/// The two pids of the pid line.
struct Pids {
  pid_t stage1 = 0;
  pid_t stage2 = 0;
};

/// The parent's side of the wire contract, as runc's is.
class Parent {
 public:
  explicit Parent(const std::string& program) : program_(program) {}
  ~Parent();
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  Environment environment;      ///< besides what start() sets; "" as value: set to nothing
  Arguments arguments{"init"};  ///< argv[1] and on
  bool with_log = true;
  int log_level = 6;
  int uid = 0;                                ///< becomes this user and group before executing
  std::vector<int> inherited;                 ///< further fds to pass on
  std::function<void()> before_exec = [] {};  ///< runs in the child, last
  bool with_report = false;                   ///< a socket pair for tests/probe

  /// Starts stage 0 with an init pipe.
  void start();
  void send(const std::string& bytes);
  /// Waits until all that was sent has been read.
  void wait_until_read() const;
  /// One line from the init pipe, without its newline; "" at the end or when time is up.
  std::string read_line(Duration limit = kHangs);
  /// Up to `size` bytes.
  std::string read_bytes(size_t size, Duration limit = kHangs);
  /// Reads the pid line (either form) and parses it.
  Pids read_pids();
  Status wait_stage0(Duration limit = kHangs) { return wait_for(stage0, limit); }
  /// What has come on the log pipe; waits for its end.
  std::string log(Duration limit = 5s);
  /// The fatal record's message, "" where there is none; more than one fails the test.
  std::string fatal();
  void close_init() { init_.reset(); }
  void close_log() { log_.reset(); }

  /// The probe's report; the probe then waits until finish_probe().
  std::map<std::string, std::string> read_report(Duration limit = kHangs);
  void finish_probe() { report_.reset(); }

  /// The whole success story: message, pid line, all three reaped with status 0.
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
  std::function<void()> before_exec = [] {};  ///< runs in the child, last
};
Outcome run_command(const Arguments& command, const RunOptions& options = {});

/// A process in new namespaces that sleeps until it is destroyed: something to join.
class Sleeper {
 public:
  /// `maps`: write "0 0 4294967295" maps for a user namespace.
  explicit Sleeper(unsigned clone_flags);
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  /// A process inside (pid 1 of a new pid namespace), as the host sees it.
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string namespace_path(const std::string& type) const;

 private:
  pid_t outer_ = 0;
  pid_t pid_ = 0;
};

/// Runs `attack` in a child in the user, ipc and mnt namespace of a process, with all capabilities
/// there; but with the host's /proc where that is mounted, which shows it more than its own would.
/// `ended` gets how it ended; by default that must be well.
void run_in_namespaces_of(pid_t pid, const std::function<void()>& attack,
                          const std::function<void(const Status&)>& ended = {});

/// "mnt:[4026531832]" of a process, "self" or a pid.
std::string namespace_id(const std::string& pid, const std::string& type);

bool is_root();

/// How often to do what proves itself by being done often: `often`, and a fifth of it on an
/// emulated machine, which is some thirty times slower (tests/rig/start says that it is one).
int repetitions(int often);

/// Whether this is an emulated machine: what it takes tells of the emulator and of its neighbours.
bool is_emulated();

/// Ends the test as skipped, with its reason, where root is needed and we are not.
#define REQUIRE_ROOT() \
  if (!::test::is_root()) GTEST_SKIP() << "needs root: namespaces without a user namespace"

}  // namespace test

// Lets every system call of every stage fail with every errno, and kills and stops every process
// between any two of its calls. No process may hang, nothing may be left behind, and a start that
// fails must name the failed call.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "syscalls/errno_names.h"
#include "syscalls/namespaces.h"
#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/supervisor.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::contains;
using test::Message;
using test::Parent;
using test::Sealing;
using test::Status;
using test::SupervisedCall;
using test::Supervisor;
using test::Verdict;
using std::chrono_literals::operator""s;

constexpr int kNobody = 65534;
constexpr unsigned kFour = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
// A process that hangs never ends, so the limit may be long. It must be enough for a busy machine.
constexpr test::Duration kLimit = 30s;
constexpr int kErrors[] = {EINTR, EAGAIN, ENOMEM, EPERM, EACCES, EMFILE, ENOSYS, EINVAL, EIO};

// One kind of start.
struct Flow {
  std::string program;
  std::string message;
  test::Environment environment = {};
  int uid = 0;
  bool falls_back = true;  // if a strategy fails, the next one is tried
  int log_level = 4;       // low, because each record is one more call
  std::vector<int> inherited = {};
  bool map_by_tool = false;  // if writing a map fails with EPERM, the tool writes it
};

struct Outcome {
  bool pid_line = false;
  Status verdict;
  std::vector<Status> others;  // how the children besides stage 0 ended
  std::vector<std::string> fatal;
  bool hung = false;
  std::vector<std::string> left;  // processes, files and mounts
  std::vector<SupervisedCall> calls;
};

std::string join(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : "; ") + word;
  return all;
}

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << outcome.verdict << (outcome.pid_line ? ", pid line" : "")
             << (outcome.hung ? ", HUNG" : "") << ", fatal: " << join(outcome.fatal)
             << ", left: " << join(outcome.left);
}

// The children of this process that did not exist at the construction.
class NewChildren {
 public:
  NewChildren() : before_(of_us()) {}

  // Reaps them until the limit. Returns whether all have ended, and their statuses in `ended`.
  bool reap(std::vector<Status>& ended, test::Duration limit) const {
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      bool is_one = false;
      for (const std::string& child : of_us()) {
        if (before_.count(child) != 0) continue;
        Status status;
        const pid_t pid = std::stoi(child);
        status.ended = waitpid(pid, &status.value, WNOHANG) == pid;
        if (status.ended) ended.push_back(status);
        is_one = is_one || !status.ended;
      }
      if (!is_one) return true;
      if (std::chrono::steady_clock::now() > end) return false;
      usleep(100);
    }
  }

  void kill_all() const {
    for (const std::string& child : of_us()) {
      if (before_.count(child) == 0) kill(std::stoi(child), SIGKILL);
    }
  }

 private:
  static std::set<std::string> of_us() {
    const auto children = test::children_of(getpid());
    return {children.begin(), children.end()};
  }
  std::set<std::string> before_;
};

// Removes the calls of processes that have executed another program than the stub.
void remove_strangers(std::vector<SupervisedCall>& calls) {
  std::set<int> strangers;
  calls.erase(std::remove_if(calls.begin(), calls.end(),
                             [&](const SupervisedCall& call) {
                               const bool is_strange = strangers.count(call.process) != 0;
                               if (test::executes(call) && call.process != 0)
                                 strangers.insert(call.process);
                               return is_strange;
                             }),
              calls.end());
}

std::string mount_table() { return test::read_file("/proc/self/mountinfo"); }

bool makes(const Outcome& outcome, int number) {
  return std::any_of(outcome.calls.begin(), outcome.calls.end(),
                     [&](const SupervisedCall& call) { return call.number == number; });
}

class FaultTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    // Orphans become children of this process, so that none of them is overlooked.
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    chmod(state_.path().c_str(), 0777);
  }
  void TearDown() override { prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); }

  Outcome run(const Flow& flow, const Supervisor::Decide& decide) {
    const test::Duration limit = kLimit;
    Outcome outcome;
    const NewChildren children;
    const std::string mounts = mount_table();
    Supervisor supervisor([&](const SupervisedCall& call) {
      const Verdict verdict = decide(call);
      // Also when the stub tries without openat2. The tool's path is a whole one.
      const bool opens = call.number == SYS_openat2 || call.number == SYS_openat;
      const bool maps = opens && static_cast<int>(call.arguments[0]) != AT_FDCWD &&
                        contains(test::text_of(call, 1), "/uid_map");
      if (verdict.what != Verdict::kContinue || !flow.map_by_tool || !maps) return verdict;
      return Verdict{Verdict::kFail, EPERM};
    });
    Parent parent(flow.program);
    parent.environment = flow.environment;
    parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
    parent.log_level = flow.log_level;
    parent.inherited = flow.inherited;
    parent.before_exec = [&] {
      supervisor.install();
      if (flow.uid == 0) return;
      if (syscall(arch::kSetgroups, 0, nullptr) != 0 || setgid(static_cast<gid_t>(flow.uid)) != 0 ||
          setuid(static_cast<uid_t>(flow.uid)) != 0)
        _exit(96);
    };
    parent.start();
    const pid_t stage0 = parent.stage0;
    parent.stage0 = 0;  // so that ~Parent does not reap; this function reaps all children
    parent.send(flow.message);
    const std::string line = parent.read_line(limit);
    outcome.pid_line = contains(line, "pid\":") && line.back() == '}';
    outcome.verdict = test::wait_for(stage0, limit);
    outcome.hung = !children.reap(outcome.others, limit) || !outcome.verdict.ended;
    if (outcome.hung) children.kill_all();
    for (const auto& record : test::parse_log(parent.log())) {
      if (record.level == "fatal") outcome.fatal.push_back(record.message);
    }
    outcome.calls = supervisor.finish();
    remove_strangers(outcome.calls);
    if (outcome.hung) (void)children.reap(outcome.others, limit);
    if (mount_table() != mounts) outcome.left.emplace_back("a mount");
    for (const auto& file : std::filesystem::directory_iterator(state_.path())) {
      outcome.left.push_back(file.path());
      umount2(file.path().c_str(), MNT_DETACH);
      std::filesystem::remove(file.path());
    }
    return outcome;
  }

  // Returns all flows by name. The files that they need live as long as the test.
  std::map<std::string, Flow> flows() {
    std::map<std::string, Flow> all;
    const std::string program = built("nsexec-true");
    all["plain"] = {program, Message().flags(kFour).bytes(), {}, 0, true, 6};
    all["nothing"] = {program, Message().bytes(), {}};
    Message user;
    user.flags(kFour | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME)
        .text(Attribute::kUidMap, "0 0 1\n1 1000 10\n")
        .text(Attribute::kGidMap, "0 0 1\n1 1000 10\n")
        .boolean(Attribute::kSetgroups, true)
        .text(Attribute::kOomScoreAdj, "500")
        .text(Attribute::kTimeOffsetsOrMountSources, "monotonic 10 0\n");
    all["user"] = {program, user.bytes(), {}};
    std::string paths;
    for (const char* type : {"mnt", "uts", "ipc", "net", "pid", "cgroup", "user"}) {
      paths += (paths.empty() ? "" : ",") + std::string(type) + ":" + sleeper_.namespace_path(type);
    }
    all["join"] = {program, Message().text(Attribute::kNamespacePaths, paths).bytes(), {}};
    all["join+user"] = {
        program,
        Message()
            .flags(CLONE_NEWUSER | CLONE_NEWUTS)
            .text(Attribute::kNamespacePaths, "net:" + sleeper_.namespace_path("net"))
            .text(Attribute::kUidMap, "0 0 1\n")
            .text(Attribute::kGidMap, "0 0 1\n")
            .bytes(),
        {}};
    const std::string own = std::to_string(kNobody);
    Message rootless;
    rootless.flags(kFour | CLONE_NEWUSER)
        .boolean(Attribute::kRootless, true)
        .boolean(Attribute::kSetgroups, false)
        .text(Attribute::kUidMap, "0 " + own + " 1\n")
        .text(Attribute::kGidMap, "0 " + own + " 1\n");
    all["rootless"] = {program, rootless.bytes(), {}, kNobody};
    // This message does not fit on the stack.
    std::string large;
    for (int i = 0; i < 300; ++i) {
      large += std::to_string(i) + " " + std::to_string(1000 + i) + " 1\n";
    }
    all["large"] = {program,
                    Message()
                        .flags(CLONE_NEWUSER)
                        .text(Attribute::kUidMap, "0 0 1\n")
                        .text(Attribute::kGidMap, large)
                        .bytes(),
                    {}};
    // Does what newuidmap does. It runs with privileges, and its calls are not counted.
    test::write_file(tool_, "#!/bin/sh\necho \"$2 $3 $4\" > /proc/$1/uid_map\n", 0755);
    Flow by_tool{program, Message()
                              .flags(CLONE_NEWUSER)
                              .text(Attribute::kUidMap, "0 0 1\n")
                              .text(Attribute::kUidMapTool, tool_)
                              .text(Attribute::kGidMap, "0 0 1\n")
                              .bytes()};
    by_tool.map_by_tool = true;
    all["tool"] = by_tool;
    const std::string sources = tool_ + '\0';
    all["runc-1.1"] = {built("tests/probe-runc-1.1"),
                       Message()
                               .flags(kFour | CLONE_NEWUSER | CLONE_NEWCGROUP)
                               .text(Attribute::kUidMap, "0 0 10\n")
                               .text(Attribute::kGidMap, "0 0 10\n")
                               .add(27290, sources)
                               .bytes() +
                           "\x80",
                       {{"_LIBCONTAINER_MOUNT_FDS", "[" + std::to_string(reserved_.get()) + "]"}},
                       0,
                       true,
                       4,
                       {reserved_.get()}};
    for (const Sealing sealing : test::available()) {
      const std::string name = "sealed-by-" + test::name_of(sealing);
      const std::string copy = directory_.file(name);
      test::copy_program_sealed_by(program, copy, {sealing});
      all[name] = {copy, Message().flags(kFour).bytes(), {}, 0, false};
    }
    return all;
  }

  test::TemporaryDirectory state_;
  test::TemporaryDirectory directory_;
  std::string tool_ = directory_.file("tool");
  test::Sleeper sleeper_{sys::kAllNamespaces};
  sys::Fd reserved_{open("/dev/null", O_RDONLY | O_CLOEXEC)};
};

bool is_exit(const SupervisedCall& call) {
  return call.number == SYS_exit || call.number == SYS_exit_group;
}

bool writes_log(const SupervisedCall& call) {
  return call.number == SYS_write &&
         contains(test::read_link("/proc/" + std::to_string(call.pid) + "/fd/" +
                                  std::to_string(call.arguments[0])),
                  "pipe:");
}

// Returns the words with which a record may name a system call.
std::vector<std::string> words_for(const SupervisedCall& call) {
  static const std::map<long, std::vector<std::string>> words = {
      {SYS_openat, {"open"}},
      {SYS_openat2, {"open"}},
      {arch::kFstatfs, {"open"}},
      {arch::kPpoll, {"poll"}},
      {SYS_sendto, {"send"}},
      {SYS_write, {"write", "send"}},
      {SYS_recvfrom, {"read socketpair"}},
  };
  const auto found = words.find(call.number);
  std::vector<std::string> all = {test::name_of(call)};
  if (found != words.end()) all.insert(all.end(), found->second.begin(), found->second.end());
  all.emplace_back("seal /proc/self/exe");
  return all;
}

bool names(const std::string& record, const SupervisedCall& call, int error) {
  if (!contains(record, sys::ErrnoText(sys::Errno{error}).c_str())) return false;
  const auto words = words_for(call);
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return contains(record, word); });
}

constexpr int kOfSeals[] = {ELOOP, ESTALE, ECHILD, ETXTBSY};

struct Tally {
  int calls = 0;   // the calls of the flow when nothing fails
  int points = 0;  // the runs with one fault each
  int refused = 0;
  int gone_on = 0;
};

bool is_success(const Outcome& outcome) {
  return outcome.verdict.exited_with(0) && outcome.pid_line && outcome.fatal.empty() &&
         std::all_of(outcome.others.begin(), outcome.others.end(),
                     [](const Status& status) { return status.exited_with(0); });
}

// Returns whether the call removes a file or a mount. If that call fails, the file or mount stays.
bool takes_away(const SupervisedCall& call) {
  return call.number == SYS_unlinkat || call.number == SYS_umount2;
}

// Returns whether the start may succeed although the call failed: the stub gets the result in
// another way or does not need it.
bool may_go_on(const SupervisedCall& call, int error) {
  switch (call.number) {
    case SYS_execveat:  // by the path then
    case SYS_close:
    case SYS_munmap:
    case SYS_rt_sigprocmask:
    case arch::kRtSigtimedwait:
    case SYS_getpid:  // cannot fail; a record then shows another number
    case arch::kGeteuid:
    case arch::kGetegid:
    case SYS_sched_getaffinity:
    case SYS_get_robust_list:
    case SYS_set_robust_list:
      return true;
    case SYS_prctl:  // sets the name or the libc thread's address
      return call.arguments[0] != PR_SET_DUMPABLE;
    case arch::kSetresuid:
    case arch::kSetuid:
    case arch::kSetgid:
      return error == EINVAL;  // id 0 is not mapped, and the ids stay
    case SYS_clone:            // first with shared memory, then with a copy
    case arch::kStatfs:
    case arch::kFstatat:  // whether the binary has a name; if that is unknown, it is sealed again
    case SYS_statx:
    case SYS_uname:
    case SYS_readlinkat:
    case SYS_open_tree:
    case SYS_mount_setattr:
    case SYS_sendfile:
    case SYS_memfd_create:
    case arch::kFcntl:
    case SYS_getrandom:
    case SYS_pidfd_open:  // then the tool is not watched
    case SYS_pidfd_send_signal:
      return true;
    case SYS_openat2:
      return error == ENOSYS || error == EPERM || error == EAGAIN || error == EINTR;
    case SYS_unshare:
      return error == EINVAL || error == EINTR;
    case SYS_setns:
      return error == EPERM || error == EINTR;
    default:
      return error == EINTR;
  }
}

// Returns how many calls all processes make before stage 0 reads the message's header of 16 bytes.
// These calls do the sealing, where the next strategy follows a failed one.
size_t first_read(const Outcome& good) {
  size_t position = 0;
  for (const SupervisedCall& call : good.calls) {
    if (call.process == 0 && call.number == SYS_read && call.arguments[2] == 16) break;
    ++position;
  }
  return position;
}

TEST_F(FaultTest, AnyCallMayFailWithAnyErrno) {
  Tally all;
  int turn = 0;
  const int every_nth = test::is_emulated() ? 20 : 1;
  for (const auto& [name, flow] : flows()) {
    const Outcome good = run(flow, [](const SupervisedCall&) { return Verdict{}; });
    ASSERT_TRUE(is_success(good)) << name << ": " << good;
    EXPECT_EQ(flow.map_by_tool, makes(good, arch::kPpoll))
        << name << ": only a tool is waited for so";
    Tally tally;
    tally.calls = static_cast<int>(good.calls.size());
    const size_t sealed = first_read(good);
    size_t position = 0;
    bool proves = false;
    // On an emulated machine only every 20th fault is made, so each call fails with another errno.
    for (const SupervisedCall& point : good.calls) {
      const int process = point.process;
      const int index = point.index;
      const bool seals = position++ < sealed;
      // From this execve on, the sealed binary runs and proves that it is sealed.
      proves = proves || (test::executes(point) && point.index != 0);
      if (is_exit(point) || (process == 0 && index == 0)) continue;
      for (const int error : kErrors) {
        if (turn++ % every_nth != 0) continue;
        SupervisedCall failed{};
        bool was_log = false;
        const Outcome outcome = run(flow, [&](const SupervisedCall& call) {
          if (call.process != process || call.index != index || is_exit(call)) return Verdict{};
          failed = call;
          was_log = writes_log(call);
          return Verdict{Verdict::kFail, error};
        });
        if (failed.pid == 0) continue;  // this run did not make the call
        ++tally.points;
        const std::string what = name + ", process " + std::to_string(process) + ", call " +
                                 std::to_string(index) + ", " + test::name_of(failed) + ": " +
                                 strerror(error);
        const bool success = is_success(outcome);
        ++(success ? tally.gone_on : tally.refused);
        EXPECT_FALSE(outcome.hung) << what << ": " << outcome;
        if (!takes_away(failed)) {
          EXPECT_EQ("", join(outcome.left)) << what;
        }
        if (success) {
          const bool mapped_by_tool = flow.map_by_tool && error == EPERM;
          // If this wait4 fails, the child that seals may or may not have answered already.
          const bool reaps = failed.number == SYS_wait4 && !flow.map_by_tool;
          EXPECT_TRUE(mapped_by_tool || reaps || (seals && (flow.falls_back || proves)) ||
                      may_go_on(failed, error) || was_log || takes_away(failed))
              << what << ": succeeded";
          continue;
        }
        EXPECT_TRUE(outcome.verdict.exited_with(1)) << what << ": " << outcome;
        EXPECT_EQ(1U, outcome.fatal.size()) << what << ": " << outcome;
        // A failed seal names the strategy, and usually the errno of the call. The other errnos are
        // ELOOP (executed and still not proved sealed), ESTALE (two files cannot be compared),
        // ECHILD (a child cannot be waited for) and ETXTBSY (a copy is still open).
        const bool named =
            !outcome.fatal.empty() &&
            (names(outcome.fatal[0], failed, error) ||
             (seals && std::any_of(std::begin(kOfSeals), std::end(kOfSeals), [&](int other) {
                return names(outcome.fatal[0], failed, other);
              })));
        EXPECT_TRUE(named) << what << ": " << outcome;
      }
    }
    printf("          %-26s %3d calls, %4d faults: %4d refused, %4d tolerated\n", name.c_str(),
           tally.calls, tally.points, tally.refused, tally.gone_on);
    all.calls += tally.calls;
    all.points += tally.points;
    all.refused += tally.refused;
    all.gone_on += tally.gone_on;
  }
  printf("          %-26s %3d calls, %4d faults: %4d refused, %4d tolerated\n", "all", all.calls,
         all.points, all.refused, all.gone_on);
}

// Returns the calls of an undisturbed run, each as process and index.
std::vector<std::pair<int, int>> points_of(const Outcome& good) {
  std::vector<std::pair<int, int>> points;
  for (const SupervisedCall& call : good.calls) points.emplace_back(call.process, call.index);
  return points;
}

TEST_F(FaultTest, AnyReadOrWriteMayBeShort) {
  int points = 0;
  int turn = 0;
  for (const auto& [name, flow] : flows()) {
    const Outcome good = run(flow, [](const SupervisedCall&) { return Verdict{}; });
    ASSERT_TRUE(is_success(good)) << name << ": " << good;
    for (const auto& point : points_of(good)) {
      const auto process = point.first;
      const auto index = point.second;
      if (test::is_emulated() && turn++ % 8 != 0) continue;
      SupervisedCall shortened{};
      const Outcome outcome = run(flow, [&](const SupervisedCall& call) {
        const bool transfers =
            call.number == SYS_read || call.number == SYS_write || call.number == SYS_sendto;
        if (!transfers || call.process != process || call.index != index || call.arguments[2] < 2 ||
            writes_log(call))  // a pipe takes a record as a whole or not at all
          return Verdict{};
        shortened = call;
        return Verdict{Verdict::kShorten};
      });
      if (shortened.pid == 0) continue;
      ++points;
      const std::string what = name + ", process " + std::to_string(process) + ", call " +
                               std::to_string(index) + ", " + test::name_of(shortened);
      EXPECT_FALSE(outcome.hung) << what;
      EXPECT_EQ("", join(outcome.left)) << what;
      // A file of /proc takes its value in one write or not at all.
      const bool is_proc = shortened.number == SYS_write;
      if (!is_proc) {
        EXPECT_TRUE(is_success(outcome)) << what << ": " << outcome;
      }
      if (is_proc && !is_success(outcome)) {
        EXPECT_TRUE(outcome.verdict.exited_with(1)) << what << ": " << outcome;
        EXPECT_EQ(1U, outcome.fatal.size()) << what << ": " << outcome;
      }
    }
  }
  printf("          %d short transfers\n", points);
}

// Returns whether stage 0 may succeed although the other process was killed at that call: no other
// process needs anything that follows it.
bool is_behind_its_job(const std::vector<SupervisedCall>& calls, const SupervisedCall& last) {
  // The last call that matters is stage 1's clone of stage 2, or stage 2's message to stage 0.
  int final_index = -1;
  for (const SupervisedCall& call : calls) {
    if (call.process != last.process) continue;
    if (call.number == SYS_clone || call.number == SYS_write || call.number == SYS_sendto)
      final_index = std::max(final_index, call.index);
  }
  return last.index > final_index;
}

TEST_F(FaultTest, AnyProcessMayBeKilledAtAnyCall) {
  int points = 0;
  int turn = 0;
  int good_ends = 0;
  for (const auto& [name, flow] : flows()) {
    const Outcome good = run(flow, [](const SupervisedCall&) { return Verdict{}; });
    ASSERT_TRUE(is_success(good)) << name << ": " << good;
    for (const auto& point : points_of(good)) {
      const auto process = point.first;
      const auto index = point.second;
      if (test::is_emulated() && turn++ % 8 != 0) continue;
      SupervisedCall killed{};
      const Outcome outcome = run(flow, [&](const SupervisedCall& call) {
        if (call.process != process || call.index != index) return Verdict{};
        killed = call;
        return Verdict{Verdict::kKill};
      });
      if (killed.pid == 0) continue;
      ++points;
      const std::string what = name + ", process " + std::to_string(process) + ", call " +
                               std::to_string(index) + ", " + test::name_of(killed);
      EXPECT_FALSE(outcome.hung) << what << ": " << outcome;
      for (const std::string& left : outcome.left) EXPECT_NE("a mount", left) << what;
      if (process == 0) {
        EXPECT_TRUE(outcome.verdict.killed_by(SIGKILL)) << what << ": " << outcome;
      } else if (outcome.verdict.exited_with(0)) {
        ++good_ends;
        EXPECT_TRUE(outcome.pid_line) << what << ": " << outcome;
        EXPECT_TRUE(is_behind_its_job(good.calls, killed)) << what << ": " << outcome;
      } else {
        EXPECT_TRUE(outcome.verdict.exited_with(1)) << what << ": " << outcome;
        EXPECT_FALSE(outcome.fatal.empty()) << what << ": " << outcome;
      }
    }
  }
  printf("          %d kill points, %d of them after the process had done its work\n", points,
         good_ends);
}

TEST_F(FaultTest, AnyProcessMayBeStoppedForAWhileAtAnyCall) {
  int points = 0;
  int turn = 0;
  for (const auto& [name, flow] : flows()) {
    const Outcome good = run(flow, [](const SupervisedCall&) { return Verdict{}; });
    ASSERT_TRUE(is_success(good)) << name << ": " << good;
    for (const auto& point : points_of(good)) {
      const auto process = point.first;
      const auto index = point.second;
      if (test::is_emulated() && turn++ % 15 != 0) continue;
      bool stopped = false;
      const Outcome outcome = run(flow, [&](const SupervisedCall& call) {
        if (call.process != process || call.index != index || is_exit(call)) return Verdict{};
        stopped = true;
        return Verdict{Verdict::kStop};
      });
      if (!stopped) continue;
      ++points;
      EXPECT_TRUE(is_success(outcome))
          << name << ", process " << process << ", call " << index << ": " << outcome;
      EXPECT_EQ("", join(outcome.left)) << name;
    }
  }
  printf("          %d stop points\n", points);
}

// Does the same to nsrun and all its children until they execute COMMAND.
class NsrunFaultTest : public test::NsrunTest {
 protected:
  NsrunFaultTest() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
  ~NsrunFaultTest() override { prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); }

  struct Container {
    test::Outcome outcome;
    bool hung = false;
    std::vector<std::string> left;
    std::vector<SupervisedCall> calls;

    [[nodiscard]] bool is_good() const {
      return outcome.status.exited_with(0) && contains(outcome.out, "ns_pid: ");
    }
  };
  friend std::ostream& operator<<(std::ostream& out, const Container& container) {
    return out << container.outcome.status << (container.hung ? ", HUNG" : "")
               << ", err: " << container.outcome.err << ", left: " << join(container.left);
  }

  Container run(const test::Arguments& options, int uid, const Supervisor::Decide& decide) {
    const test::Duration limit = kLimit;
    test::Arguments command = {nsrun_};
    command.insert(command.end(), options.begin(), options.end());
    Container container;
    const NewChildren children;
    const std::string mounts = mount_table();
    Supervisor supervisor(decide);
    container.outcome = test::run_command(
        command, {.uid = uid, .environment = {}, .limit = limit, .before_exec = [&] {
                    // Lowers the limit, because nsrun closes all fds up to it one by one if
                    // close_range fails.
                    const rlimit descriptors{64, 64};
                    setrlimit(RLIMIT_NOFILE, &descriptors);
                    supervisor.install();
                  }});
    std::vector<Status> others;
    container.hung = !children.reap(others, limit) || !container.outcome.status.ended;
    container.calls = supervisor.finish();
    if (container.hung) {
      children.kill_all();
      (void)children.reap(others, limit);
    }
    if (mount_table() != mounts) container.left.emplace_back("a mount");
    return container;
  }

  struct Way {
    test::Arguments options;
    int uid;
  };
  std::map<std::string, Way> ways() {
    const test::Arguments command = {"--report", "--", "/nsreport"};
    const auto with = [&](test::Arguments options) {
      options.insert(options.begin(), {"--rootfs", root_.path()});
      options.insert(options.end(), command.begin(), command.end());
      return options;
    };
    std::map<std::string, Way> ways = {
        {"root", {with({"--hostname", "box"}), 0}},
        {"rootless", {with({"--hostname", "box"}), kNobody}},
        {"init", {with({"--init", "--share-net", "--tmpfs", "/tmp", "--user", "1000"}), 0}},
        {"no-root", {{"--report", "--", root_.file("nsreport")}, 0}},
        {"other-ids", {with({"--uid-map", "0:0:1,1:100000:9", "--gid-map", "0:0:9"}), 0}},
        {"stages", {with({"--time-offset", "monotonic:1"}), 0}},
        {"locked", {with({"--cap-add", "all", "--mqueue", "/mqueue"}), 0}},
        {"locked-outer", {with({"--cap-add", "all", "--no-mask"}), 0}},
        {"locked-rootless", {with({"--cap-add", "all"}), kNobody}},
    };
    // Without mount_setattr the seal is a bind mount. If the call that removes it fails, it stays.
    for (auto& [name, way] : ways) {
      if (!test::has_mount_setattr()) way.options.insert(way.options.begin(), "--seal=memfd");
    }
    return ways;
  }

  // Leaves out the calls that COMMAND itself makes.
  static std::vector<std::pair<int, int>> points_before_command(const Container& good) {
    std::map<int, int> last;
    for (const SupervisedCall& call : good.calls) {
      if (test::executes(call) && call.process != 0) last[call.process] = call.index;
    }
    std::vector<std::pair<int, int>> points;
    for (const SupervisedCall& call : good.calls) {
      const auto command = last.find(call.process);
      if (command == last.end() || call.index <= command->second)
        points.emplace_back(call.process, call.index);
    }
    return points;
  }
};

// By default each fourth fault is made, so each call fails with two or three of the nine errnos.
// With NSEXEC_EXHAUSTIVE (make faults) each call fails with all.
TEST_F(NsrunFaultTest, AnyCallMayFailWithAnyErrno) {
  REQUIRE_ROOT();
  int turn = 0;
  const int every_nth = test::is_emulated() ? 60 : getenv("NSEXEC_EXHAUSTIVE") != nullptr ? 1 : 4;
  for (const auto& [name, way] : ways()) {
    const Container good =
        run(way.options, way.uid, [](const SupervisedCall&) { return Verdict{}; });
    ASSERT_TRUE(good.is_good()) << name << ": " << good;
    Tally tally;
    tally.calls = static_cast<int>(good.calls.size());
    std::map<std::string, int> gone_on;
    int hung = 0;
    for (const auto& point : points_before_command(good)) {
      const auto process = point.first;
      const auto index = point.second;
      if (process == 0 && index == 0) continue;
      for (const int error : kErrors) {
        if (turn++ % every_nth != 0) continue;
        SupervisedCall failed{};
        const Container container = run(way.options, way.uid, [&](const SupervisedCall& call) {
          if (call.process != process || call.index != index || is_exit(call)) return Verdict{};
          failed = call;
          return Verdict{Verdict::kFail, error};
        });
        if (failed.pid == 0) continue;
        ++tally.points;
        const std::string what = name + ", process " + std::to_string(process) + ", call " +
                                 std::to_string(index) + ", " + test::name_of(failed) + ": " +
                                 strerror(error);
        EXPECT_FALSE(container.hung) << what << ": " << container;
        EXPECT_EQ("", join(container.left)) << what;
        if (container.is_good()) {
          ++tally.gone_on;
          ++gone_on[test::name_of(failed)];
          continue;
        }
        ++tally.refused;
        EXPECT_FALSE(container.outcome.status.exited_with(0)) << what << ": " << container;
        // An init has closed its stderr and reports the failure only by its status.
        const bool is_init = process != 0 && failed.number == SYS_wait4;
        EXPECT_TRUE(is_init || !container.outcome.err.empty()) << what << ": " << container;
        if (container.hung) ++hung;
        ASSERT_LT(hung, 3);
      }
    }
    printf("          nsrun %-20s %3d calls, %4d faults: %4d refused, %4d tolerated:", name.c_str(),
           tally.calls, tally.points, tally.refused, tally.gone_on);
    for (const auto& [call, count] : gone_on) printf(" %s %d", call.c_str(), count);
    printf("\n");
  }
}

TEST_F(NsrunFaultTest, AnyProcessMayBeKilledAtAnyCall) {
  REQUIRE_ROOT();
  int points = 0;
  int turn = 0;
  for (const auto& [name, way] : ways()) {
    const Container good =
        run(way.options, way.uid, [](const SupervisedCall&) { return Verdict{}; });
    ASSERT_TRUE(good.is_good()) << name << ": " << good;
    for (const auto& point : points_before_command(good)) {
      const auto process = point.first;
      const auto index = point.second;
      if (test::is_emulated() && turn++ % 20 != 0) continue;
      bool killed = false;
      const Container container = run(way.options, way.uid, [&](const SupervisedCall& call) {
        if (call.process != process || call.index != index) return Verdict{};
        killed = true;
        return Verdict{Verdict::kKill};
      });
      if (!killed) continue;
      ++points;
      const std::string what =
          name + ", process " + std::to_string(process) + ", call " + std::to_string(index);
      EXPECT_FALSE(container.hung) << what << ": " << container;
      EXPECT_EQ("", join(container.left)) << what;
      if (process == 0) {
        EXPECT_TRUE(container.outcome.status.killed_by(SIGKILL)) << what;
      }
      if (process != 0 && !container.is_good()) {
        EXPECT_FALSE(container.outcome.status.exited_with(0)) << what << ": " << container;
        // If the container's process is killed before it executes COMMAND, nsrun cannot tell that
        // from a killed COMMAND.
        const bool as_command = container.outcome.status.exited_with(128 + SIGKILL);
        EXPECT_TRUE(as_command || !container.outcome.err.empty()) << what << ": " << container;
      }
    }
  }
  printf("          %d kill points\n", points);
}

}  // namespace

// Tests nsrun's users and groups inside of a container, and who may be which.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "tests/support/nsrun.h"
#include "tests/support/seccomp.h"
#include "tests/support/supervisor.h"
#include "tests/support/support.h"

namespace {

using test::Arguments;
using test::contains;
using test::Outcome;
using test::read_file;
using test::write_file;

constexpr int kNobody = 65534;
constexpr char kId[] = "echo $(id -u) $(id -g)";

std::string proc(pid_t pid, const std::string& file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

Arguments plus(Arguments options, const Arguments& more) {
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

// The ways to make a container: by one clone, with the stub's stages, with an init, with all
// capabilities.
const std::vector<Arguments> kWays = {
    {}, {"--time-offset", "monotonic:0"}, {"--init"}, {"--cap-add", "all"}};

// A sandbox as other programs make them: its processes live in a user namespace that user `uid`
// owns. There `uid` has the id `inside`, and it is the only mapped id unless the kind says
// otherwise.
class Sandbox {
 public:
  enum Kind {
    kOne,    // one user namespace
    kInner,  // two, as bwrap(1) makes them: the outer one maps id 0 and owns the other namespaces
    kLarge,  // one with more ids, in which a process can set groups
  };
  Sandbox(Kind kind, int uid, int inside) {
    int ready[2];
    int go[2];
    if (pipe(ready) != 0 || pipe(go) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(go[1]);
      live(kind, uid, inside, ready[1], go[0]);
    }
    close(ready[1]);
    close(go[0]);
    char c = '?';
    made_ = read(ready[0], &c, 1) == 1;
    if (made_ && kind == kLarge) {
      const std::string map =
          std::to_string(inside) + " " + std::to_string(uid) + " 1\n5000 100000 10\n";
      write_file(proc(pid_, "uid_map"), map);
      write_file(proc(pid_, "gid_map"), map);
    }
    close(go[1]);
    made_ = made_ && read(ready[0], &c, 1) == 1;
    close(ready[0]);
  }
  ~Sandbox() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] std::string pid() const { return std::to_string(pid_); }
  [[nodiscard]] std::string file(const std::string& name) const { return proc(pid_, name); }

 private:
  static bool map(int inside, int outside) {
    const std::string line = " " + std::to_string(outside) + " 1\n";
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", std::to_string(inside) + line);
    write_file("/proc/self/gid_map", std::to_string(inside) + line);
    return geteuid() == static_cast<uid_t>(inside) && getegid() == static_cast<gid_t>(inside);
  }

  [[noreturn]] static void live(Kind kind, int uid, int inside, int ready, int go) {
    constexpr int kOthers = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool good = setgroups(0, nullptr) == 0 && setresgid(uid, uid, uid) == 0 &&
                setresuid(uid, uid, uid) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0 &&
                unshare(CLONE_NEWUSER | kOthers) == 0;
    if (kind == kOne) good = good && map(inside, uid);
    if (kind == kInner) {
      good = good && map(0, uid) && unshare(CLONE_NEWUSER) == 0 && map(inside, 0);
    }
    char c = '?';
    if (good) good = write(ready, "", 1) == 1 && read(go, &c, 1) == 0;
    if (good) good = write(ready, "", 1) == 1;
    close(ready);
    for (;;) pause();
  }

  pid_t pid_ = 0;
  bool made_ = false;
};

class NsrunIdentityTest : public test::NsrunShellTest {
 protected:
  // Runs a script on the host's root and returns what it prints.
  std::string outside(Arguments options, const std::string& script, int uid = 0) {
    const Outcome outcome = nsrun(plus(options, {"--", "/bin/sh", "-c", script}), uid);
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status;
    EXPECT_EQ("", outcome.err) << script;
    return outcome.out;
  }
};

TEST_F(NsrunIdentityTest, MakesAUserNamespaceInWhichIdZeroIsNotMapped) {
  REQUIRE_ROOT();
  const std::vector<std::pair<Arguments, std::string>> maps = {
      {{"--uid-map", "1000:1000:1", "--gid-map", "1000:1000:1", "--user", "1000"}, "1000 1000\n"},
      {{"--uid-map", "1000:0:1", "--gid-map", "1001:0:1"}, "1000 1001\n"},
      {{"--uid-map", "1000:0:1"}, "1000 0\n"},
      {{"--gid-map", "1000:0:1"}, "0 1000\n"},
      // The caller's id is not mapped, so the command gets the first mapped id.
      {{"--uid-map", "7:100000:10", "--gid-map", "8:100000:10"}, "7 8\n"},
      {{"--uid-map", "7:100000:10", "--gid-map", "8:100000:10", "--user", "9:10"}, "9 10\n"},
      {{"--keep-id"}, "0 0\n"},
      {{"--uid", "1000", "--gid", "1001"}, "1000 1001\n"},
      {{"--uid", "1000"}, "1000 0\n"},
      {{"--gid", "1000"}, "0 1000\n"},
  };
  chown(root_.path().c_str(), 0, 0);
  for (const Arguments& way : kWays) {
    for (const auto& [map, ids] : maps) {
      EXPECT_EQ(ids, inside(kId, plus(map, way))) << map.back() << way.size();
      EXPECT_EQ(ids, outside(plus(plus(map, way), {"--ns", "user,time"}), kId)) << map.back();
    }
  }
}

TEST_F(NsrunIdentityTest, AnOrdinaryUserGetsTheRequestedIds) {
  REQUIRE_ROOT();
  const std::vector<std::pair<Arguments, std::string>> maps = {
      {{"--keep-id"}, "65534 65534\n"},
      {{"-c"}, "65534 65534\n"},
      {{"--map-current-user"}, "65534 65534\n"},
      {{"-r"}, "0 0\n"},
      {{"-c", "-r"}, "0 0\n"},
      {{"-r", "-c"}, "65534 65534\n"},
      {{"--uid", "1000", "--gid", "1001"}, "1000 1001\n"},
      {{"--uid", "1000"}, "1000 65534\n"},  // the other id stays, as with bwrap
      {{"--gid", "1000"}, "65534 1000\n"},
      {{"--uid", "0", "--gid", "0"}, "0 0\n"},
      {{"--uid-map", "1000:65534:1", "--gid-map", "1001:65534:1"}, "1000 1001\n"},
      {{"--uid-map", "1000:65534:1", "--gid-map", "1001:65534:1", "--user", "1000:1001"},
       "1000 1001\n"},
      {{"--uid-map", "1000:65534:1"}, "1000 0\n"},
  };
  for (const Arguments& way : kWays) {
    for (const auto& [map, ids] : maps) {
      EXPECT_EQ(ids, inside(kId, plus(map, way), kNobody)) << map.back() << way.size();
      EXPECT_EQ(ids, outside(plus(plus(map, way), {"--ns", "user,time"}), kId, kNobody))
          << map.back();
    }
  }
}

TEST_F(NsrunIdentityTest, NewFilesBelongToTheCommandsUser) {
  for (const int uid : {0, kNobody}) {
    const std::string id = "1000 1000\n";
    EXPECT_EQ(id + id, inside("touch /tmp/x; stat -c '%u %g' /tmp/x /dev/shm",
                              {"--uid", "1000", "--gid", "1000"}, uid));
    // A user other than root has only the capabilities that the options give it.
    const std::string capabilities = "awk '/CapPrm/ { print $2 }' /proc/self/status";
    EXPECT_EQ("0000000000000000\n", inside(capabilities, {"--uid", "1000"}, uid));
    EXPECT_EQ("0000000000000020\n",
              inside(capabilities, {"--uid", "1000", "--cap-add", "kill"}, uid));
    EXPECT_EQ("1000\r\n", inside("stat -c %u $(tty)", {"--uid", "1000", "--tty"}, uid));
    // Its mounts are locked as well.
    EXPECT_EQ("", inside("/bin/busybox umount /tmp 2> /dev/null && echo gone",
                         {"--uid", "1000", "--cap-add", "all"}, uid));
  }
}

TEST_F(NsrunIdentityTest, ReportsConflictsBetweenIdOptions) {
  expect_error({"--ns", "pid", "--keep-id", "true"}, 125, "--keep-id: wants a new user namespace");
  expect_error({"--ns", "pid", "-c", "true"}, 125, "-c: wants a new user namespace");
  expect_error({"--ns", "pid", "--uid", "5", "true"}, 125, "--uid 5: wants a new user namespace");
  expect_error({"--ns", "pid", "--gid", "5", "true"}, 125, "--gid 5: wants a new user namespace");
  expect_error({"--uid", "x", "true"}, 125, "--uid x: not a number from 0 to 4294967294");
  expect_error({"--uid", "4294967295", "true"}, 125, "not a number from 0 to 4294967294");
  expect_error({"--keep-id", "--map-auto", "true"}, 125, "--map-auto: maps the caller to 0",
               kNobody);
}

// Joins by one clone and with the stub's stages, also with a new mount namespace.
TEST_F(NsrunIdentityTest, JoinsASandboxThatDoesNotMapIdZero) {
  REQUIRE_ROOT();
  for (const int owner : {0, kNobody}) {
    for (const Sandbox::Kind kind : {Sandbox::kOne, Sandbox::kInner, Sandbox::kLarge}) {
      const Sandbox sandbox(kind, owner, 1000);
      ASSERT_TRUE(sandbox.made());
      for (const int caller : {0, owner}) {
        for (const Arguments& options : std::vector<Arguments>{
                 {},
                 {"--cap-add", "all"},
                 {"--unshare-mnt", "--tmpfs", "/tmp"},
                 {"--unshare-mnt", "--tmpfs", "/tmp", "--cap-add", "all", "--init"},
                 {"--unshare-mnt", "--unshare-pid", "--rootfs", root_.path()},
                 {"--user", "1000"}}) {
          const std::string where = std::to_string(owner) + " " + std::to_string(kind) + " " +
                                    std::to_string(caller) + " " +
                                    (options.empty() ? "" : options.back());
          SCOPED_TRACE(where);
          EXPECT_EQ("1000 1000\n", outside(plus({"--join", sandbox.pid()}, options), kId, caller));
        }
      }
    }
  }
}

TEST_F(NsrunIdentityTest, JoinsASandboxByItsFiles) {
  REQUIRE_ROOT();
  const Sandbox sandbox(Sandbox::kOne, kNobody, 1000);
  ASSERT_TRUE(sandbox.made());
  for (const int caller : {0, kNobody}) {
    EXPECT_EQ("1000 1000\n", outside({"--join", "user:" + sandbox.file("ns/user") +
                                                    ",net:" + sandbox.file("ns/net")},
                                     kId, caller));
  }
}

// Runs /bin/true, and returns what each process has done before that matters for whether it is
// dumpable: "0" and "1" (PR_SET_DUMPABLE), "ids".
std::map<int, std::string> dumpable_steps(const Arguments& nsrun, int uid) {
  std::map<int, std::string> steps;
  bool executed = false;
  test::Supervisor supervisor([&](const test::SupervisedCall& call) -> test::Verdict {
    const std::string name = test::name_of(call);
    executed = executed || (name == "execve" && test::text_of(call, 0) == "/bin/true");
    std::string& own = steps[call.process];
    if (executed) return {};
    if (call.number == SYS_prctl && call.arguments[0] == PR_SET_DUMPABLE) {
      own += " " + std::to_string(call.arguments[1]);
    }
    for (const char* each : {"setresuid", "setresgid", "setuid", "setgid"}) {
      if (name == each) own += " ids";
    }
    return {};
  });
  const Outcome outcome =
      test::run_command(plus(nsrun, {"--", "/bin/true"}),
                        {.uid = uid, .limit = std::chrono::seconds(60), .before_exec = [&] {
                           supervisor.install();
                         }});
  supervisor.finish();
  EXPECT_TRUE(outcome.status.exited_with(0) && executed) << outcome.status << outcome.err;
  return steps;
}

// A container could otherwise trace the process, or read the host's files through its
// /proc/PID/root (CVE-2016-9962). After a change of ids /proc/sys/fs/suid_dumpable decides, which
// may be 1, so nsrun asks again.
TEST_F(NsrunIdentityTest, IsNotDumpableAfterAChangeOfIds) {
  REQUIRE_ROOT();
  const Sandbox sandbox(Sandbox::kOne, kNobody, 1000);
  const Sandbox large(Sandbox::kLarge, kNobody, 1000);
  ASSERT_TRUE(sandbox.made());
  ASSERT_TRUE(large.made());
  const Arguments map = {"--uid-map", "0:100000:10", "--gid-map", "0:100000:10"};
  const Arguments stages = {"--quiet", "--time-offset", "boottime:5"};
  const Arguments ways[] = {
      {"--join", sandbox.pid()},
      {"--join", large.pid(), "--user", "5001"},
      {"--join", sandbox.pid(), "--unshare-mnt", "--tmpfs", "/tmp"},
      {"--user", "5"},
      {"--uid", "5"},
      map,
      plus(map, {"--user", "5"}),
      plus(map, {"--cap-add", "all"}),
      plus(map, {"--init", "--tmpfs", "/tmp"}),
      plus(map, {"--disable-userns"}),
      plus(map, stages),
      plus(plus(map, stages), {"--cap-add", "all"}),
      // Here the stages change the ids, before another process writes the inner maps.
      plus(plus(map, stages), {"--disable-userns"}),
      // With an inner user namespace, whose maps another process writes.
      {"--join", "net:/proc/self/ns/net", "--unshare-user", "--unshare-mnt", "--disable-userns"},
  };
  for (const Arguments& way : ways) {
    std::string words;
    for (const std::string& word : way) words += word + " ";
    SCOPED_TRACE(words);
    for (const auto& [process, steps] : dumpable_steps(plus({nsrun_}, way), 0)) {
      const bool is_last = steps.empty() || steps.back() == '0';
      EXPECT_TRUE(is_last) << words << ": process " << process << ":" << steps;
    }
  }
}

// After joining, root has the sandbox owner's id outside, so its files belong to the owner.
TEST_F(NsrunIdentityTest, RootHasTheOwnersIdAfterJoining) {
  REQUIRE_ROOT();
  for (const Sandbox::Kind kind : {Sandbox::kOne, Sandbox::kInner}) {
    const Sandbox sandbox(kind, kNobody, 1000);
    ASSERT_TRUE(sandbox.made());
    const std::string path = root_.file("made" + std::to_string(kind));
    outside({"--join", sandbox.pid(), "--cap-add", "all"}, "umask 0; : > " + path);
    struct stat made {};
    ASSERT_EQ(0, stat(path.c_str(), &made));
    EXPECT_EQ(static_cast<uid_t>(kNobody), made.st_uid);
    EXPECT_EQ(static_cast<gid_t>(kNobody), made.st_gid);
  }
}

// Without a mapped id no process can have an id there.
TEST_F(NsrunIdentityTest, ReportsAUserNamespaceWithoutMappedIds) {
  REQUIRE_ROOT();
  int ready[2];
  ASSERT_EQ(0, pipe(ready));
  const pid_t pid = fork();
  if (pid == 0) {
    if (unshare(CLONE_NEWUSER) == 0 && write(ready[1], "", 1) == 1) pause();
    _exit(1);
  }
  char c = '?';
  EXPECT_EQ(1, read(ready[0], &c, 1));
  expect_error({"--join", std::to_string(pid), "true"}, 125, "the user namespace maps no id");
  close(ready[0]);
  close(ready[1]);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

// Joins user namespaces in which groups can be set, and some in which they cannot.
TEST_F(NsrunIdentityTest, RootJoinsWithoutItsGroups) {
  REQUIRE_ROOT();
  const gid_t groups[] = {12, 13};
  ASSERT_EQ(0, setgroups(2, groups));
  constexpr char kGroups[] = "grep Groups /proc/self/status";
  for (const Sandbox::Kind kind : {Sandbox::kOne, Sandbox::kInner, Sandbox::kLarge}) {
    const Sandbox sandbox(kind, kNobody, 1000);
    EXPECT_TRUE(sandbox.made());
    for (const Arguments& more : std::vector<Arguments>{
             {}, {"--user", "1000"}, {"--cap-add", "all"}, {"--unshare-mnt", "--tmpfs", "/tmp"}}) {
      EXPECT_EQ("Groups:\t \n", outside(plus({"--join", sandbox.pid()}, more), kGroups));
    }
  }
  setgroups(0, nullptr);
}

TEST_F(NsrunIdentityTest, AnOrdinaryUserJoinsWithoutItsGroupsIfItMayDropThem) {
  REQUIRE_ROOT();
  const Sandbox sandbox(Sandbox::kLarge, kNobody, 1000);
  ASSERT_TRUE(sandbox.made());
  const Outcome outcome =
      test::run_command({"/bin/sh", "-c",
                         "exec setpriv --reuid 65534 --regid 65534 --groups 12,13 " + nsrun_ +
                             " --join " + sandbox.pid() + " -- grep Groups /proc/self/status"});
  if (contains(outcome.err, "setpriv")) GTEST_SKIP() << "setpriv(1) is not installed";
  EXPECT_EQ("Groups:\t \n", outcome.out) << outcome.err;
}

TEST_F(NsrunIdentityTest, JoinsANsrunContainerFromOutside) {
  REQUIRE_ROOT();
  for (const int uid : {0, kNobody}) {
    for (const Arguments& options :
         std::vector<Arguments>{{}, {"--cap-add", "all"}, {"--keep-id"}, {"--uid", "7"}}) {
      int report[2];
      ASSERT_EQ(0, pipe2(report, O_CLOEXEC));
      const pid_t pid = fork();
      if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (setgroups(0, nullptr) != 0 || setgid(uid) != 0 || setuid(uid) != 0) _exit(1);
        dup2(report[1], 9);
        Arguments words = plus({nsrun_, "--rootfs", root_.path(), "--info-fd", "9"},
                               plus(options, {"--", "/bin/sleep", "100"}));
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(1);
      }
      close(report[1]);
      std::string info;
      char buffer[512];
      for (ssize_t size = 1; size > 0 && !contains(info, "}");) {
        size = read(report[0], buffer, sizeof buffer);
        if (size > 0) info.append(buffer, static_cast<size_t>(size));
      }
      close(report[0]);
      const size_t at = info.find("child-pid\": ");
      ASSERT_NE(std::string::npos, at) << info;
      const std::string inner = std::to_string(atoi(info.c_str() + at + 12));
      const std::string expected = options.size() == 2 && options[0] == "--uid"
                                       ? "7 " + std::to_string(uid) + "\n"
                                   : !options.empty() && options[0] == "--keep-id"
                                       ? std::to_string(uid) + " " + std::to_string(uid) + "\n"
                                       : "0 0\n";
      const Arguments id = {"--", "/bin/sh", "-c", kId};
      for (const int caller : {0, uid}) {
        const Outcome joined = nsrun(plus({"--join", inner, "--env", "PATH=/bin"}, id), caller);
        EXPECT_EQ(expected, joined.out) << joined.err << uid << caller << options.size();
      }
      kill(atoi(inner.c_str()), SIGKILL);
      EXPECT_TRUE(test::wait_for(pid).ended);
    }
  }
}

TEST_F(NsrunIdentityTest, JoinsAUserNamespaceByItsFd) {
  REQUIRE_ROOT();
  for (const Sandbox::Kind kind : {Sandbox::kOne, Sandbox::kLarge}) {
    const Sandbox sandbox(kind, kNobody, 1000);
    ASSERT_TRUE(sandbox.made());
    for (const int caller : {0, kNobody}) {
      const auto run = [&](Arguments options, const std::string& script) {
        options = plus(plus({nsrun_, "--userns", "9"}, options), {"--", "/bin/sh", "-c", script});
        return test::run_command(options, {.uid = caller, .before_exec = [&] {
                                             dup2(open(sandbox.file("ns/user").c_str(), O_RDONLY),
                                                  9);
                                           }});
      };
      const std::string look = std::string(kId) + "; readlink /proc/self/ns/user; ls /proc/self/fd";
      const std::string seen = "1000 1000\n" + test::read_link(sandbox.file("ns/user")) + "\n";
      for (const Arguments& options :
           std::vector<Arguments>{{}, {"--ns", "none"}, {"--unshare-net"}, {"--unshare-all"}}) {
        const Outcome outcome = run(options, look);
        EXPECT_EQ(0U, outcome.out.find(seen)) << outcome.out << outcome.err;
        EXPECT_FALSE(contains(outcome.out, "\n9\n")) << outcome.out;  // nsrun has closed fd 9
      }
      const Outcome both = run({"--unshare-user"}, "true");
      EXPECT_TRUE(contains(both.err, "--userns 9: not together with a new user namespace"))
          << both.err;
    }
  }
  expect_error({"--userns", "0", "true"}, 125, "--userns 0: not of a user namespace");
  expect_error({"--userns", "99", "true"}, 125, "--userns 99: not an open file descriptor");
}

// Tries it as root of the container, with all capabilities, and as another user.
TEST_F(NsrunIdentityTest, ForbidsUserNamespaces) {
  const std::string attack =
      "echo 100 > /proc/sys/user/max_user_namespaces; /bin/busybox unshare -U /bin/echo made; "
      "/bin/busybox unshare -U -r /bin/echo made";
  for (const int uid : {0, kNobody}) {
    EXPECT_EQ("made\n", outside({"--ns", "user"}, "/bin/busybox unshare -U /bin/echo made", uid));
    for (const Arguments& way : kWays) {
      for (const Arguments& options :
           std::vector<Arguments>{{}, {"--no-mask"}, {"--keep-id"}, {"--uid", "5"}}) {
        const Arguments all = plus(plus(way, options), {"--disable-userns"});
        EXPECT_EQ("ok\n", inside("(" + attack + ") 2> /dev/null; echo ok", all, uid));
        EXPECT_EQ("ok\n", outside(plus(all, {"--ns", "user,mnt,pid,time"}),
                                  "(" + attack + ") 2> /dev/null; echo ok", uid));
      }
    }
    expect_error({"--ns", "user", "--disable-userns", "true"}, 125, "wants a new mnt namespace",
                 uid);
    expect_error({"--assert-userns-disabled", "true"}, 125,
                 "--assert-userns-disabled: COMMAND could make a user namespace", uid);
    EXPECT_EQ("", outside({"--disable-userns", "--assert-userns-disabled"}, "true", uid));
  }
  expect_error({"--ns", "mnt", "--disable-userns", "true"}, 125, "wants a new user namespace");
}

TEST_F(NsrunIdentityTest, TriesToCreateNamespaces) {
  EXPECT_NE(test::namespace_id("self", "user"),
            outside({"--unshare-user-try", "--unshare-cgroup-try"}, "readlink /proc/self/ns/user",
                    kNobody));
  // In a user namespace whose limit of user namespaces is 0.
  const Outcome outcome = test::run_command(
      {nsrun_, "--ns", "user", "--", "/bin/sh", "-c",
       "echo 0 > /proc/sys/user/max_user_namespaces; readlink /proc/self/ns/user; exec " + nsrun_ +
           " --unshare-user-try --unshare-uts -- readlink /proc/self/ns/user"});
  const std::vector<std::string> lines = test::split(outcome.out, '\n');
  ASSERT_LE(2U, lines.size()) << outcome.err;
  EXPECT_EQ(lines[0], lines[1]);
}

// /dev/stdout may be a pipe of the caller. Each command here runs with another id than the caller's
// outside.
TEST_F(NsrunIdentityTest, TheCommandCanOpenItsStandardStreamsByPath) {
  REQUIRE_ROOT();
  const std::string write = "echo out > /dev/stdout; echo err > /dev/stderr; cat /dev/stdin";
  const Arguments other = {"--uid-map", "0:100000:65536", "--gid-map", "0:100000:65536"};
  for (const Arguments& options :
       std::vector<Arguments>{{"--user", "33"},
                              {"--user", "33", "--init"},
                              {"--user", "33", "--time-offset", "monotonic:0"},
                              {"--user", "33:0"},
                              other,
                              plus(other, {"--user", "33"}),
                              plus(other, {"--cap-add", "all"})}) {
    int in[2];
    ASSERT_EQ(0, pipe2(in, O_CLOEXEC));
    ASSERT_EQ(3, ::write(in[1], "in\n", 3));
    close(in[1]);
    chown(root_.path().c_str(), 0, 0);
    const Outcome outcome =
        test::run_command(plus(plus({nsrun_, "--rootfs", root_.path()}, options),
                               {"--env", "PATH=/bin", "--", "/bin/sh", "-c", write}),
                          {.before_exec = [&] { dup2(in[0], 0); }});
    close(in[0]);
    EXPECT_EQ("out\nin\n", outcome.out) << options.back();
    EXPECT_EQ("err\n", outcome.err) << options.back();
  }
}

TEST_F(NsrunIdentityTest, FilesAndFifosKeepTheirOwnerAndContent) {
  const std::string file = bin_.file("file");
  const std::string fifo = bin_.file("fifo");
  write_file(file, "", 0600);
  ASSERT_EQ(0, mkfifo(fifo.c_str(), 0600));
  for (const std::string& path : {file, fifo}) {
    struct stat before {};
    struct stat after {};
    const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(0, fstat(fd, &before));
    const Outcome outcome =
        test::run_command({nsrun_, "--user", "33", "--", "/bin/sh", "-c", "echo x > /dev/stdout"},
                          {.before_exec = [&] { dup2(fd, 1); }});
    ASSERT_EQ(0, fstat(fd, &after));
    EXPECT_EQ(before.st_mode, after.st_mode);
    EXPECT_EQ(before.st_uid, after.st_uid);
    EXPECT_EQ(0, after.st_size) << outcome.err;
    close(fd);
  }
}

TEST_F(NsrunIdentityTest, LeavesOutIdsThatAreMappedAlready) {
  REQUIRE_ROOT();
  if (!test::exists("/etc/subuid")) GTEST_SKIP() << "this system has no /etc/subuid";
  // The files have the caller's own id in the middle of a range, overlapping ranges, and a range
  // that goes past the last id.
  write_file(root_.file("subids"),
             "0:0:3\nroot:2:4\nroot:300000:10\n0:300005:10\nroot:4294967290:100\n"
             "nobody:65530:10\n65534:65535:20\n");
  const auto with_files = [&](const std::string& run) {
    return test::run_command({"/bin/sh", "-c",
                              "unshare -m sh -c 'for f in subuid subgid; do mount --bind " +
                                  root_.file("subids") + " /etc/$f || exit 9; done; " + run + "'"});
  };
  const std::string report = nsrun_ + " --map-auto --report --rootfs " + root_.path();
  const std::string expected = "0 0 1, 1 1 2, 3 3 3, 6 300000 10, 16 300010 5, 21 4294967290 5";
  auto seen = test::parse_report(with_files("exec " + report + " -- /nsreport").out);
  EXPECT_EQ(expected, seen["uid_map"]);
  EXPECT_EQ(expected, seen["gid_map"]);
  if (!test::exists("/usr/bin/newuidmap")) GTEST_SKIP() << "newuidmap is not installed";
  const std::string as_nobody = "exec setpriv --reuid 65534 --regid 65534 --groups 12 ";
  const Outcome user = with_files(as_nobody + report + " -- /nsreport");
  seen = test::parse_report(user.out);
  EXPECT_EQ("0 65534 1, 1 65530 4, 5 65535 5, 10 65540 15", seen["uid_map"]) << user.err;
  EXPECT_EQ("0 65534 1, 1 65530 4, 5 65535 5, 10 65540 15", seen["gid_map"]);
  // A user who has subordinate group ids can set groups, and starts without any group of the
  // caller.
  const Outcome groups =
      with_files(as_nobody + report + " --user 0:0,5 -- /bin/grep Groups /proc/self/status");
  EXPECT_EQ("Groups:\t5 \n", groups.out) << groups.err;
  const Outcome none = with_files(as_nobody + report + " -- /bin/grep Groups /proc/self/status");
  EXPECT_EQ("Groups:\t \n", none.out) << none.err;
  // A user namespace without id 0 that maps the caller, and another user in it.
  const std::string map = " --uid-map 7:65534:1,9:65530:2 --gid-map 7:65534:1,9:65530:2 ";
  const std::string alone = nsrun_ + " --rootfs " + root_.path() + " --env PATH=/bin";
  for (const std::string more : {"", "--cap-add all ", "--time-offset monotonic:0 "}) {
    const Outcome outcome =
        with_files(as_nobody + alone + map + more + "-- /bin/sh -c \"id -u; id -g\"");
    EXPECT_EQ("7\n7\n", outcome.out) << outcome.err;
    const Outcome second =
        with_files(as_nobody + alone + map + more + "--user 10:9 -- /bin/sh -c \"id -u; id -g\"");
    EXPECT_EQ("10\n9\n", second.out) << second.err;
  }
}

// A directory service can give ids that are in no file. Only getsubids(1) knows them.
TEST_F(NsrunIdentityTest, AsksGetsubidsForIdsThatAreInNoFile) {
  REQUIRE_ROOT();
  if (!test::exists("/usr/bin/getsubids"))
    GTEST_SKIP() << "this system has no getsubids(1) that the test could replace";
  write_file(root_.file("none"), "");
  const auto run = [&](const std::string& script) {
    write_file(root_.file("getsubids"), "#!/bin/sh\n" + script, 0755);
    return test::run_command(
        {"/bin/sh", "-c",
         "SECRET=x; export SECRET; unshare -m sh -c 'for f in subuid subgid; do mount --bind " +
             root_.file("none") + " /etc/$f || exit 9; done; mount --bind " +
             root_.file("getsubids") + " /usr/bin/getsubids; exec " + nsrun_ +
             " --map-auto --report --rootfs " + root_.path() + " -- /nsreport'"});
  };
  auto seen = test::parse_report(
      run("case \"$*$SECRET\" in root) echo '0: root 400000 10'; echo '1: root 500000 5';;"
          " '-g root') echo '0: root 600000 7';; *) exit 1; esac\n")
          .out);
  EXPECT_EQ("0 0 1, 1 400000 10, 11 500000 5", seen["uid_map"]);
  EXPECT_EQ("0 0 1, 1 600000 7", seen["gid_map"]);
  const Outcome fails = run("echo '0: root 400000 10'; exit 1\n");
  EXPECT_TRUE(contains(fails.err, "--map-auto /etc/subuid: gives the caller no ids")) << fails.err;
  const Outcome nonsense =
      run("echo 'x'; echo '0: root -5 1'; echo '1: root 7 99999999999999999'\n");
  EXPECT_TRUE(contains(nonsense.err, "gives the caller no ids")) << nonsense.err;
  const Outcome endless = run("exec cat /dev/zero\n");
  EXPECT_TRUE(contains(endless.err, "gives the caller no ids")) << endless.err;
}

// The kernel requires that each range lies within one range of the caller's own user namespace.
TEST_F(NsrunIdentityTest, SplitsRangesAtTheEndsOfTheCallersRanges) {
  REQUIRE_ROOT();
  const std::string pieces = "0:0:50,50:1000:50,100:5000:10";
  const std::string look = "while read -r a b c; do echo $a $b $c; done < /proc/self/uid_map";
  for (const Arguments& more : kWays) {
    Arguments nested =
        plus({"--ns", "user", "--uid-map", pieces, "--gid-map", pieces, "--", nsrun_},
             plus({"--uid-map", "0:0:100,200:104:3", "--gid-map", "0:0:110"}, more));
    const Outcome outcome = nsrun(plus(nested, {"--", "/bin/sh", "-c", look + "; id -u"}));
    const std::vector<std::string> lines = test::split(outcome.out, '\n');
    const std::string seen = "," + outcome.out;
    EXPECT_TRUE(contains(outcome.out, "0 0 50\n")) << outcome.out << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "50 50 50\n")) << outcome.out;
    EXPECT_TRUE(contains(outcome.out, "200 104 3\n") || contains(outcome.out, "200 200 3\n"))
        << outcome.out;
  }
  expect_error({"--ns", "user", "--uid-map", pieces, "--gid-map", pieces, "--", nsrun_, "--uid-map",
                "0:0:111", "true"},
               125, "--uid-map 0:0:111: 110:110:1 wants the id 110, which is not mapped outside");
}

TEST_F(NsrunIdentityTest, ReportsWhatIsWrongWithAMap) {
  expect_error({"--uid-map", "0:0:0", "true"}, 125, "--uid-map 0:0:0: 0:0:0 has no ids");
  expect_error({"--uid-map", "0:0:10,5:100:10", "true"}, 125,
               "5:100:10 has an id inside that another range has");
  expect_error({"--gid-map", "0:0:10,50:9:10", "true"}, 125,
               "--gid-map 0:0:10,50:9:10: 50:9:10 has an id outside that another range has");
  expect_error({"--uid-map", "0:4294967290:10", "true"}, 125,
               "goes beyond 4294967294, the last id");
  expect_error({"--uid-map", "4294967295:0:1", "true"}, 125, "goes beyond 4294967294, the last id");
  std::string many = "0:0:1";
  std::string wide = "3000000000:3000000000:1";
  for (int i = 1; i <= 340; ++i) many += "," + std::to_string(i) + ":" + std::to_string(i) + ":1";
  for (int i = 1; i < 200; ++i) {
    const std::string id = std::to_string(3000000000 + i);
    wide += "," + id + ":" + id + ":1";
  }
  for (const int uid : {0, kNobody}) {
    expect_error({"--uid-map", many, "true"}, 125, "--uid-map: more than 340 ranges", uid);
    expect_error({"--uid-map", wide, "true"}, 125, "--uid-map: 4096 bytes or more", uid);
  }
}

TEST_F(NsrunIdentityTest, ReportsThatAUserIsNotMapped) {
  const Arguments five = {"--uid-map", "0:0:5", "--gid-map", "0:0:5"};
  expect_error(plus(five, {"--user", "5", "true"}), 125,
               "--user 5: user id 5 is not mapped in the user namespace");
  expect_error(plus(five, {"--user", "4:9", "true"}), 125, "group id 9 is not mapped");
  expect_error(plus(five, {"--user", "4:4,6", "true"}), 125, "group id 6 is not mapped");
  expect_error({"--user", "33", "true"}, 125, "--user 33: user id 33 is not mapped", kNobody);
  expect_error({"--keep-id", "--user", "0", "true"}, 125, "user id 0 is not mapped", kNobody);
  // In a user namespace with fewer ids only the kernel knows which are mapped, so the error comes
  // from its errno.
  expect_error({"--ns", "user", "--uid-map", "0:0:5", "--gid-map", "0:0:5", "--", nsrun_, "--user",
                "7", "true"},
               125, "--user 7: the group id is not mapped in the user namespace");
}

TEST_F(NsrunIdentityTest, ReportsWhyNewuidmapCannotMapOtherIds) {
  REQUIRE_ROOT();
  const Outcome outcome = nsrun({"--uid-map", "0:1:2", "true"}, kNobody);
  EXPECT_TRUE(outcome.status.exited_with(125));
  if (!test::exists("/usr/bin/newuidmap")) {
    EXPECT_TRUE(contains(outcome.err, "/usr/bin/newuidmap: there is no such program (install"))
        << outcome.err;
    return;
  }
  EXPECT_TRUE(contains(outcome.err, "newuidmap or newgidmap refuses the map: /etc/subuid"))
      << outcome.err;
  const Outcome bare = test::run_command(
      {nsrun_, "--uid-map", "0:1:2", "true"},
      {.uid = kNobody, .before_exec = [] { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }});
  EXPECT_TRUE(contains(bare.err, "gets no privileges: the caller has no_new_privs")) << bare.err;
  const Outcome plain = test::run_command(
      {"/bin/sh", "-c",
       "unshare -m sh -c 'mount --bind " + root_.file("tool") + " /usr/bin/newuidmap && exec " +
           "setpriv --reuid 65534 --regid 65534 --clear-groups " + nsrun_ +
           " --uid-map 0:1:2 -- true'"});
  EXPECT_TRUE(contains(plain.err, "/usr/bin/newuidmap: not set-user-ID root")) << plain.err;
}

TEST_F(NsrunIdentityTest, ReportsThatAClockOffsetIsOutOfRange) {
  expect_error({"--time-offset", "monotonic:-1000000000", "true"}, 125,
               "--time-offset monotonic:-1000000000: the clock would be out of range");
  expect_error({"--time-offset", "boottime:5000000000", "true"}, 125,
               "--time-offset boottime:5000000000: the clock would be out of range");
}

// An ordinary user has a user namespace whatever --ns says: his id 0 is of it.
TEST_F(NsrunIdentityTest, AnOrdinaryUsersOwnUserNamespaceNeedNotBeListed) {
  for (const char* list : {"none", "", "uts"}) {
    const Outcome outcome = nsrun({"--ns", list, "--", "id", "-u"}, kNobody);
    EXPECT_EQ("0\n", outcome.out) << list << outcome.err;
  }
}

TEST_F(NsrunIdentityTest, NamesTheLimitsOfNamespaces) {
  for (const char* type : {"ipc", "mnt", "net", "pid", "time", "uts"}) {
    const Outcome outcome =
        test::run_command({nsrun_, "--ns", "user", "--", "/bin/sh", "-c",
                           "echo 0 > /proc/sys/user/max_" + std::string(type) +
                               "_namespaces; exec " + nsrun_ + " --ns user," + type + " -- true"});
    EXPECT_TRUE(contains(outcome.err, "a limit (user.max_*_namespaces) [ENOSPC]"))
        << type << outcome.err;
  }
}

TEST_F(NsrunIdentityTest, ReportsWhyAUserNamespaceCannotBeCreated) {
  // The limit of an outer user namespace refuses it.
  const auto with_limit = [&](const std::string& limit) {
    return test::run_command({nsrun_, "--ns", "user", "--", "/bin/sh", "-c",
                              "echo " + limit + " > /proc/sys/user/max_user_namespaces; exec " +
                                  nsrun_ + " --ns user -- " + nsrun_ + " --ns user -- true"});
  };
  const Outcome none = with_limit("0");
  EXPECT_TRUE(contains(none.err, "create a user namespace: user.max_user_namespaces is 0"))
      << none.err;
  const Outcome one = with_limit("1");
  EXPECT_TRUE(contains(one.err, "create a user namespace: a limit is reached")) << one.err;
  // A seccomp filter refuses it.
  for (const int uid : {0, kNobody}) {
    const Outcome filtered = test::run_command(
        {nsrun_, "--ns", "user", "true"}, {.uid = uid, .before_exec = [] {
                                             test::refuse_calls({SYS_unshare, SYS_clone3}, EPERM);
                                           }});
    EXPECT_TRUE(contains(filtered.err, "create a user namespace: a seccomp filter refuses it"))
        << filtered.err;
  }
}

TEST_F(NsrunIdentityTest, ReportsThatItIsInAChroot) {
  REQUIRE_ROOT();
  test::copy_program(nsrun_, root_.file("nsrun"));
  mkdir(root_.file("proc").c_str(), 0755);
  for (const Arguments& options : std::vector<Arguments>{{"--ns", "user"}, {}}) {
    const Outcome outcome = test::run_command(
        plus(plus({"/nsrun"}, options), {"/bin/true"}), {.before_exec = [&] {
          if (unshare(CLONE_NEWNS) != 0 ||
              mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
              mount("proc", root_.file("proc").c_str(), "proc", 0, nullptr) != 0 ||
              chroot(root_.path().c_str()) != 0 || chdir("/") != 0) {
            _exit(9);
          }
        }});
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
    EXPECT_TRUE(contains(outcome.err, "chroot")) << outcome.err;
  }
}

}  // namespace

// Tests nsrun from outside and from inside.
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "syscalls/namespaces.h"
#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/support.h"
#include "tools/nsrun/command_line/options.h"

namespace {

using test::built;
using test::contains;
using test::NsrunShellTest;
using test::NsrunTest;
using test::Outcome;
using test::run_command;
using std::chrono_literals::operator""ms;

constexpr int kNobody = 65534;

// Returns nsreport's key for a namespace.
std::string key(const std::string& type) { return "ns_" + type; }

TEST_F(NsrunTest, RunsInAllEightNamespacesAsRoot) {
  REQUIRE_ROOT();
  auto seen = report({"--hostname", "box"});
  EXPECT_EQ("1", seen["pid"]);
  EXPECT_EQ("0", seen["ppid"]);
  EXPECT_EQ("0", seen["uid"]);
  EXPECT_EQ("box", seen["hostname"]);
  EXPECT_EQ("0 0 4294967295", seen["uid_map"]);
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    EXPECT_TRUE(contains(seen[key(type.name)], "differs"))
        << type.name << ": " << seen[key(type.name)];
    const std::string outside = test::namespace_id("self", type.name);
    EXPECT_TRUE(contains(seen[key(type.name)],
                         "outside " + outside.substr(outside.find('[') + 1,
                                                     outside.size() - 2 - outside.find('['))));
  }
  EXPECT_GT(std::stol(seen["setup_us"]), 50);
  EXPECT_LT(std::stol(seen["setup_us"]), 1000000);
}

TEST_F(NsrunTest, RunsInAllEightNamespacesAsAnOrdinaryUser) {
  REQUIRE_ROOT();
  auto seen = report({"--hostname", "box"}, kNobody);
  EXPECT_EQ("0", seen["uid"]);
  EXPECT_EQ("0 65534 1", seen["uid_map"]);
  EXPECT_EQ("0 65534 1", seen["gid_map"]);
  EXPECT_EQ("box", seen["hostname"]);
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    EXPECT_TRUE(contains(seen[key(type.name)], "differs")) << type.name;
  }
}

TEST_F(NsrunTest, CreatesOnlyTheRequestedNamespaces) {
  REQUIRE_ROOT();
  auto seen = report({"--ns", "mnt,pid"});
  EXPECT_TRUE(contains(seen["ns_mnt"], "differs"));
  EXPECT_TRUE(contains(seen["ns_pid"], "differs"));
  for (const char* type : {"cgroup", "ipc", "net", "time", "user", "uts"}) {
    EXPECT_TRUE(contains(seen[key(type)], "same")) << type;
  }
}

TEST_F(NsrunTest, RunsWithoutNewNamespaces) {
  REQUIRE_ROOT();
  const Outcome outcome = nsrun({"--ns", "none", "--", built("nsreport")});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  auto seen = test::parse_report(outcome.out);
  EXPECT_EQ("unknown", seen["setup_us"]) << "only --report sets it";
}

TEST_F(NsrunTest, MountsANewProcOnTheHostsRoot) {
  REQUIRE_ROOT();
  for (const int uid : {0, kNobody}) {
    const Outcome outcome = nsrun({"--", "/bin/ls", "/proc"}, uid);
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
    EXPECT_TRUE(contains("\n" + outcome.out, "\n1\n")) << "the command must be pid 1";
    EXPECT_FALSE(contains("\n" + outcome.out, "\n" + std::to_string(getpid()) + "\n"));
  }
}

TEST_F(NsrunTest, GivesTheRootfsProcDevAndTmp) {
  REQUIRE_ROOT();
  test::copy_program("/bin/busybox", root_.file("busybox"));
  for (const int uid : {0, kNobody}) {
    const auto inside = [&](const std::string& script) {
      return nsrun({"--rootfs", root_.path(), "--", "/busybox", "sh", "-c", script}, uid);
    };
    EXPECT_EQ("full\nnull\nptmx\npts\nrandom\nshm\ntty\nurandom\nzero\n",
              inside("cd /dev; for f in *; do [ -h $f ] && [ $f != ptmx ] || echo $f; done").out);
    EXPECT_EQ("4\n", inside("/busybox head -c 4 /dev/zero | /busybox wc -c").out);
    EXPECT_EQ("ok\n", inside("echo x > /dev/null && [ -c /dev/null ] && echo ok").out);
    EXPECT_EQ("ok\n", inside("[ -c /dev/pts/ptmx ] && [ -e /dev/ptmx ] && echo ok").out);
    EXPECT_EQ("ok\n", inside("echo x > /tmp/file && [ -s /tmp/file ] && echo ok").out);
    EXPECT_EQ("/\n", inside("pwd").out);
    EXPECT_EQ("ok\n", inside("[ -d /proc/1 ] && [ ! -e /proc/2000 ] && echo ok").out);
    // nsrun uses pivot_root and not chroot, so the old root is not mounted any more.
    EXPECT_EQ("1\n",
              inside("/busybox awk '$5 == \"/\"' /proc/self/mountinfo | /busybox wc -l").out);
    EXPECT_EQ("", inside("/busybox awk '$5 ~ \"^/(etc|sys|home)\"' /proc/self/mountinfo").out);
    EXPECT_FALSE(test::exists(root_.file("tmp/file"))) << "/tmp must be a new tmpfs";
  }
}

TEST_F(NsrunTest, AHostileRootfsLeadsNoMountOutside) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory victim;
  for (const char* name : {"proc", "dev", "tmp"}) {
    ASSERT_EQ(0, symlink(victim.path().c_str(), root_.file(name).c_str()));
  }
  const Outcome outcome = nsrun({"--rootfs", root_.path(), "--", "/nsreport"});
  EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
  EXPECT_TRUE(contains(outcome.err, "nsrun: --rootfs /proc: ELOOP")) << outcome.err;
  EXPECT_EQ(0, rmdir(victim.path().c_str())) << "the directory is not empty any more";
  mkdir(victim.path().c_str(), 0700);
}

TEST_F(NsrunTest, JoinsAProcess) {
  REQUIRE_ROOT();
  const test::Sleeper sleeper(CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWPID);
  const Outcome outcome =
      nsrun({"--join", std::to_string(sleeper.pid()), "--report", "--", built("nsreport")});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  auto seen = test::parse_report(outcome.out);
  for (const char* type : {"net", "uts", "pid"}) EXPECT_TRUE(contains(seen[key(type)], "differs"));
  for (const char* type : {"mnt", "ipc", "user"}) EXPECT_TRUE(contains(seen[key(type)], "same"));
}

TEST_F(NsrunTest, JoinsByPathAndCreatesOthers) {
  REQUIRE_ROOT();
  const test::Sleeper sleeper(CLONE_NEWNET);
  const std::string path = sleeper.namespace_path("net");
  const std::string id = test::namespace_id(std::to_string(sleeper.pid()), "net");
  const Outcome outcome =
      nsrun({"--join=net:" + path, "--ns=uts", "--report", "--", built("nsreport")});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  auto seen = test::parse_report(outcome.out);
  EXPECT_TRUE(contains(seen["ns_net"], "inside " + id.substr(5, id.size() - 6))) << seen["ns_net"];
  EXPECT_TRUE(contains(seen["ns_uts"], "differs"));
  EXPECT_TRUE(contains(seen["ns_mnt"], "same"));
}

TEST_F(NsrunTest, MapsIds) {
  REQUIRE_ROOT();
  auto seen = report({"--uid-map", "0:0:1,1:100000:10", "--gid-map=0:0:5"});
  EXPECT_EQ("0 0 1, 1 100000 10", seen["uid_map"]);
  EXPECT_EQ("0 0 5", seen["gid_map"]);
}

TEST_F(NsrunTest, SetsOomScoreAndClocks) {
  REQUIRE_ROOT();
  const Outcome oom =
      nsrun({"--oom-score-adj", "444", "--", "/bin/cat", "/proc/self/oom_score_adj"});
  EXPECT_EQ("444\n", oom.out) << oom.err;
  const Outcome uptime = nsrun({"--time-offset", "boottime:1000000000", "--time-offset",
                                "monotonic:1000", "--", "/bin/cat", "/proc/uptime"});
  EXPECT_GT(std::stod(uptime.out), 9.9e8) << uptime.err;
}

TEST_F(NsrunTest, EndsAsTheCommandEnds) {
  test::write_file(root_.file("tool.status"), "42");
  EXPECT_TRUE(nsrun({"--", root_.file("tool")}).status.exited_with(42));
  EXPECT_TRUE(
      nsrun({"--", "/bin/sh", "-c", "sh -c 'kill -TERM $$'; exit $?"}).status.exited_with(143));
  EXPECT_TRUE(
      nsrun({"--ns", "none", "--", "/bin/sh", "-c", "kill -TERM $$"}).status.exited_with(143));
}

TEST_F(NsrunTest, FindsTheCommandInPath) {
  const Outcome outcome = nsrun({"echo", "a", "b"});
  EXPECT_EQ("a b\n", outcome.out) << outcome.err;
}

TEST_F(NsrunTest, HidesItsOwnVariablesAndFdsFromTheCommand) {
  const Outcome variables = nsrun({"env"});
  EXPECT_FALSE(contains(variables.out, "_LIBCONTAINER")) << variables.out;
  EXPECT_FALSE(contains(variables.out, "NSRUN")) << variables.out;
  const Outcome fds = nsrun({"--", "/bin/sh", "-c", "ls /proc/self/fd | wc -l"});
  const Outcome plain = run_command({"/bin/sh", "-c", "ls /proc/self/fd | wc -l"});
  EXPECT_EQ(plain.out, fds.out) << fds.err;
}

TEST_F(NsrunTest, ItsOwnFdsDoNotBecomeStandardStreams) {
  REQUIRE_ROOT();
  const auto close_all = [] {
    for (const int fd : {0, 1, 2}) close(fd);
  };
  const std::string seen = root_.file("seen");
  const std::string look =
      "for i in 0 1 2; do all=\"$all $(readlink /proc/$$/fd/$i)\"; done; echo $all > " + seen;
  for (const char* way : {"--quiet", "--verbose"}) {
    const Outcome outcome =
        run_command({nsrun_, way, "--", "/bin/sh", "-c", look}, {.before_exec = close_all});
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status;
    EXPECT_EQ("/dev/null /dev/null /dev/null\n", test::read_file(seen)) << way;
  }
  const std::string pid = root_.file("pid");
  (void)run_command({nsrun_, "--pid-file", pid, "--", "/nonexistent"}, {.before_exec = close_all});
  EXPECT_FALSE(contains(test::read_file(pid), "nsrun:")) << test::read_file(pid);
}

TEST_F(NsrunTest, PassesSignalsToTheCommand) {
  REQUIRE_ROOT();
  test::write_file(root_.file("tool.status"), "hang");
  const std::string tool = root_.file("tool");
  const pid_t child = fork();
  if (child == 0) {
    execl(nsrun_.c_str(), "nsrun", "--ns", "net", "--", tool.c_str(), nullptr);
    _exit(99);
  }
  ASSERT_TRUE(test::appears(tool));
  kill(child, SIGTERM);
  const test::Status status = test::wait_for(child);
  EXPECT_TRUE(status.exited_with(128 + SIGTERM)) << status;
  EXPECT_TRUE(test::all_gone(tool));
}

TEST_F(NsrunTest, ShowsTheStagesRecordsWithTimes) {
  const Outcome outcome = nsrun({"--verbose", "--", "true"});
  EXPECT_TRUE(outcome.status.exited_with(0));
  EXPECT_TRUE(contains(outcome.err, " us  debug: nsexec[")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "nsexec container setup\n")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "unshared pid time\n")) << outcome.err;
}

// Prints what a command can find out about itself, except what differs from start to start. It
// prints the status of a child, because a waiting shell blocks signals at times.
constexpr char kWhoAmI[] =
    "grep -E '^(Uid|Gid|Groups|NSpid|NSsid|Cap|NoNew|Sig(Blk|Ign)|Seccomp)' /proc/self/status; "
    "cd /proc/self; cat uid_map gid_map setgroups oom_score_adj limits; readlink root; readlink "
    "cwd; ls fd; "
    "awk '{print $5, $6, $9}' mountinfo; stat -c '%u %g %a' /proc/net/dev /dev /tmp; stat -c '%u "
    "%a' /dev/mqueue";

// Adds this process to groups in which a container must not be.
class SupplementaryGroups {
 public:
  SupplementaryGroups() : before_(64) {
    before_.resize(static_cast<size_t>(getgroups(64, before_.data())));
    const gid_t groups[] = {100, 200};
    EXPECT_EQ(0, setgroups(2, groups));
  }
  ~SupplementaryGroups() { EXPECT_EQ(0, setgroups(before_.size(), before_.data())); }
  SupplementaryGroups(const SupplementaryGroups&) = delete;
  SupplementaryGroups& operator=(const SupplementaryGroups&) = delete;

 private:
  std::vector<gid_t> before_;
};

TEST_F(NsrunShellTest, ByOneCloneAndByStagesTheCommandFindsTheSame) {
  REQUIRE_ROOT();
  const SupplementaryGroups groups;
  const test::Arguments ways[] = {
      {},
      {"--share-net"},
      {"--share-user"},
      {"--user", "12:13", "--cap-drop", "all", "--oom-score-adj", "300"},
      {"--uid-map", "0:100000:5000", "--gid-map", "0:200000:5000"},
      {"--map-root-user", "--init", "--die-with-parent"},
  };
  for (test::Arguments options : ways) {
    const std::string name = options.empty() ? "" : options[0];
    if (name == "--uid-map") chown(root_.path().c_str(), 100000, 200000);
    options.insert(options.end(), {"--mqueue", "/dev/mqueue"});
    const std::string by_clone = inside(kWhoAmI, options);
    // Setting the clocks of a new time namespace needs the stub's stages.
    options.insert(options.end(), {"--time-offset", "monotonic:0"});
    EXPECT_EQ(inside(kWhoAmI, options), by_clone) << name;
    EXPECT_TRUE(contains(by_clone, "NSpid:\t")) << name;
    EXPECT_TRUE(contains(by_clone, "Groups:\t")) << name;
  }
}

TEST_F(NsrunShellTest, ItsNamespacesBelongToTheContainersRoot) {
  REQUIRE_ROOT();
  chown(root_.path().c_str(), 100000, 200000);
  EXPECT_EQ("0\n0\n", inside("stat -c %u /proc/self/net/dev /dev/mqueue",
                             {"--uid-map", "0:100000:5000", "--gid-map", "0:200000:5000",
                              "--mqueue", "/dev/mqueue"}));
}

TEST_F(NsrunTest, KeepsItsProcessNameWhenSealed) {
  REQUIRE_ROOT();
  const pid_t child = fork();
  if (child == 0) {
    execl(nsrun_.c_str(), "nsrun", "--", "/bin/sleep", "1000", nullptr);
    _exit(99);
  }
  EXPECT_TRUE(test::eventually(test::kHangs, [&] { return !test::children_of(child).empty(); }));
  EXPECT_EQ("nsrun\n", test::read_file("/proc/" + std::to_string(child) + "/comm"));
  kill(child, SIGTERM);
  EXPECT_TRUE(test::wait_for(child).exited_with(128 + SIGTERM));
}

// Returns the address of a process's program, from its first executable mapping.
std::string code_of(pid_t pid) {
  for (const std::string& line :
       test::split(test::read_file("/proc/" + std::to_string(pid) + "/maps"), '\n')) {
    if (contains(line, "r-xp")) return line.substr(0, line.find('-'));
  }
  return "";
}

TEST_F(NsrunTest, IsLoadedAtRandomAddresses) {
  REQUIRE_ROOT();
  // The rig boots without address randomisation, to be faster.
  const std::string file = "/proc/sys/kernel/randomize_va_space";
  const std::string before = test::read_file(file);
  if (before == "0\n") test::write_file(file, "2\n");
  test::write_file(root_.file("tool.status"), "hang");
  const std::string tool = root_.file("tool");
  std::set<std::string> places;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      execl(nsrun_.c_str(), "nsrun", "--die-with-parent", "--", tool.c_str(), nullptr);
      _exit(99);
    }
    EXPECT_TRUE(test::appears(tool));
    places.insert(code_of(child));
    kill(child, SIGKILL);
    (void)test::wait_for(child);
    EXPECT_TRUE(test::all_gone(tool));
  }
  if (before == "0\n") test::write_file(file, before);
  EXPECT_LT(1U, places.size());
  EXPECT_EQ(0U, places.count("")) << "a process had no executable mapping";
}

// In an ordinary user's user namespace setgroups is denied, and so it is in all namespaces below.
TEST_F(NsrunTest, RunsInsideAnOrdinaryUsersContainer) {
  REQUIRE_ROOT();
  // With the stub's stages, and by one clone.
  for (const char* seal : {"--seal=memfd", "--seal=none"}) {
    const Outcome outcome =
        nsrun({"--", nsrun_, seal, "--", "/bin/cat", "/proc/self/uid_map"}, kNobody);
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
    EXPECT_TRUE(contains(outcome.out, " 0          0          1")) << outcome.out << outcome.err;
  }
}

// If /proc shows another pid namespace, a process has another pid there. nsrun must find its
// container there.
TEST_F(NsrunTest, FindsItsContainerInAnotherPidNamespacesProc) {
  REQUIRE_ROOT();
  const Outcome outcome =
      nsrun({"--ns", "pid", "--", nsrun_, "--seal=none", "--oom-score-adj", "10", "--", "/bin/cat",
             "/proc/self/oom_score_adj", "/proc/self/uid_map"});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "10\n")) << outcome.out;
}

// `bwrap --dev-bind / / --unshare-all` leaves the outer /proc mounted like this.
TEST_F(NsrunTest, RunsWithAStaleProc) {
  REQUIRE_ROOT();
  const auto run = [&](const test::Arguments& arguments) {
    test::Arguments all = {"--ns", "user,pid", "--", nsrun_, "--seal=none"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return nsrun(all);
  };
  const Outcome outcome = run({"--", "/bin/sh", "-c", "echo $$"});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  EXPECT_EQ("1\n", outcome.out);
  // The stub's stages can write only to a /proc of their own pid namespace.
  const Outcome refused = run({"--time-offset", "monotonic:5", "--", "/bin/true"});
  EXPECT_TRUE(refused.status.exited_with(125)) << refused.status;
  EXPECT_TRUE(contains(refused.err, "nsrun: /proc shows another pid namespace: mount -t proc"))
      << refused.err;
}

TEST_F(NsrunTest, ReportsThePidOnceTheContainerIsInItsNamespaces) {
  REQUIRE_ROOT();
  const std::string ours = test::namespace_id("self", "net");
  for (int i = 0; i < test::repetitions(20); ++i) {
    const Outcome outcome = nsrun({"--info-fd", "1", "--rootfs", root_.path(), "--", "/nsreport"});
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "\"net-namespace\": ")) << outcome.out;
    EXPECT_FALSE(contains(outcome.out, ours.substr(5, ours.size() - 6))) << outcome.out;
  }
}

TEST_F(NsrunTest, NamesOptionObjectAndReasonInItsErrors) {
  REQUIRE_ROOT();
  expect_error({"--nonsense", "x"}, 125, "nsrun: --nonsense: unknown option (see nsrun --help)\n");
  expect_error({"--rootfs"}, 125, "nsrun: --rootfs: needs a value\n");
  expect_error({}, 125, "nsrun: COMMAND: missing (see nsrun --help)\n");
  expect_error({"--ns", "foo", "x"}, 125, "nsrun: --ns foo: not a list of");
  expect_error({"--uid-map", "0:0", "x"}, 125, "nsrun: --uid-map 0:0: not of the form");
  expect_error({"--gid-map=0:0:x", "x"}, 125, "not of the form INSIDE:OUTSIDE:COUNT,...");
  expect_error({"--oom-score-adj", "1001", "x"}, 125, "--oom-score-adj 1001: not a number from");
  expect_error({"--time-offset", "x:1", "x"}, 125, "--time-offset x:1: not monotonic:SECONDS");
  expect_error({"--rootfs", "/nonexistent", "x"}, 125, "nsrun: --rootfs /nonexistent: ENOENT");
  expect_error({"--rootfs", "/etc/passwd", "x"}, 125, "nsrun: --rootfs /etc/passwd: ENOTDIR");
  expect_error({"--ns", "pid", "--rootfs", "/", "x"}, 125, "--rootfs /: wants a new mnt namespace");
  expect_error({"--ns", "pid", "--hostname", "h", "x"}, 125, "wants a new uts namespace");
  expect_error({"--ns", "pid", "--uid-map", "0:0:1", "x"}, 125, "wants a new user namespace");
  expect_error({"--ns", "pid", "--time-offset", "boottime:1", "x"}, 125, "new time namespace");
  expect_error({"--join", "999999999", "x"}, 125,
               "nsrun: --join 999999999: there is no such process\n");
  expect_error({"--join", "net:/nonexistent", "x"}, 125, "nsexec-1[");
  expect_error({"--join", "net:/nonexistent", "x"}, 125,
               "open namespace net:/nonexistent: ENOENT\n");
  expect_error({"--hostname", std::string(65, 'h'), "x"}, 125, ": EINVAL\n");
}

TEST_F(NsrunTest, EndsLikeAShellIfTheCommandCannotRun) {
  expect_error({"--", "/nonexistent"}, 127, "nsrun: execute /nonexistent: ENOENT\n");
  expect_error({"not-in-path"}, 127, "nsrun: execute not-in-path: ENOENT\n");
  expect_error({"--", "/etc/passwd"}, 126, "nsrun: execute /etc/passwd: EACCES\n");
  expect_error({"--", "/"}, 126, "nsrun: execute /: EACCES\n");
}

TEST_F(NsrunTest, HasHelpAndVersion) {
  const Outcome help = nsrun({"--help"});
  EXPECT_TRUE(help.status.exited_with(0));
  EXPECT_EQ(0U, help.out.find("usage: nsrun "));
  for (const char* option :
       {"--ns", "--join", "--uid-map", "--gid-map", "--rootfs", "--hostname", "--oom-score-adj",
        "--time-offset", "--seal", "--verbose", "--report"}) {
    EXPECT_TRUE(contains(help.out, option)) << option;
  }
  EXPECT_EQ(help.out, nsrun({"-h"}).out);
  EXPECT_EQ(0U, nsrun({"--version"}).out.find("nsrun 0."));
}

TEST_F(NsrunTest, SealsItselfAsToldAndReportsHow) {
  REQUIRE_ROOT();
  // The overlay is left out, because the root lies below STATEDIR here, and layers may not overlap.
  for (const char* how : {"detached-mount", "child-mount", "bind-mount", "memfd", "tmpfile"}) {
    if ((how[0] == 'd' || how[0] == 'c') && !test::has_mount_setattr()) continue;
    const Outcome outcome = nsrun(
        {"--seal", how, "--rootfs", root_.path(), "--report", "--verbose", "--", "/nsreport"});
    EXPECT_TRUE(contains(outcome.out, std::string("exe_sealed: yes (") + how + ")\n"))
        << how << outcome.out << outcome.err;
    // nsrun makes a detached mount itself before the stub runs. This saves one execve.
    const std::string record = how[0] == 'd' ? "sealed: detached-mount" : "sealing: ";
    EXPECT_TRUE(contains(outcome.err, record + (how[0] == 'd' ? "" : how) + "\n")) << outcome.err;
  }
  const auto report = [&](const test::Arguments& options) {
    test::Arguments arguments = options;
    for (const char* more : {"--rootfs", root_.path().c_str(), "--report", "--", "/nsreport"}) {
      arguments.emplace_back(more);
    }
    return test::parse_report(nsrun(arguments).out)["exe_sealed"];
  };
  // Without mount_setattr the default is the bind mount. The overlay fails here for the reason
  // above.
  const std::string usual = test::has_mount_setattr() ? "yes (detached-mount)" : "yes (bind-mount)";
  EXPECT_EQ(usual, report({}));
  EXPECT_EQ(usual, report({"--seal=auto"}));
  EXPECT_EQ("no", report({"--seal", "none"}));
  expect_error({"--seal", "wax", "x"}, 125, "nsrun: --seal wax: not auto, a strategy or none\n");
}

TEST_F(NsrunTest, LeavesNothingAfterManyRuns) {
  REQUIRE_ROOT();
  const auto before = test::children_of(getpid());
  for (int i = 0; i < test::repetitions(50); ++i) {
    EXPECT_TRUE(nsrun({"--rootfs", root_.path(), "--", "/nsreport"}).status.exited_with(0));
  }
  EXPECT_EQ(before, test::children_of(getpid()));
}

}  // namespace

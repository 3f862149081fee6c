// Tests each of nsrun's options as the command sees it, and wrong uses of each.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"

namespace {

using test::built;
using test::contains;
using test::Outcome;
using test::run_command;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr int kNobody = 65534;

class NsrunOptionTest : public test::NsrunShellTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
  // Returns a path in a directory of the host that every user may read.
  std::string host(const std::string& name) { return host_.file(name); }

  test::TemporaryDirectory host_;
};

TEST_F(NsrunOptionTest, SharesAndUnsharesByName) {
  auto seen = report({"--share-net", "--share-time"});
  EXPECT_TRUE(contains(seen["ns_net"], "same"));
  EXPECT_TRUE(contains(seen["ns_time"], "same"));
  EXPECT_TRUE(contains(seen["ns_uts"], "differs"));
  seen = report({"--unshare-mnt", "--unshare-pid", "--unshare-ipc"});
  EXPECT_TRUE(contains(seen["ns_ipc"], "differs"));
  EXPECT_TRUE(contains(seen["ns_uts"], "same"));
}

TEST_F(NsrunOptionTest, MapsOnlyTheCallerToRoot) {
  EXPECT_EQ("0 0 1", report({"--map-root-user"})["uid_map"]);
  EXPECT_EQ("0 65534 1", report({"--map-root-user"}, kNobody)["uid_map"]);
  expect_error({"--ns", "pid", "--map-root-user", "x"}, 125, "--map-root-user: wants a new user");
}

TEST_F(NsrunOptionTest, MapsTheSubordinateIds) {
  if (!test::exists("/etc/subuid")) GTEST_SKIP() << "this system has no /etc/subuid";
  // Binds the test's own files over /etc/subuid and /etc/subgid, in a mount namespace for the
  // script.
  test::write_file(host("subuid"),
                   "somebody:1:2\nroot:300000:1000\n0:500000:10\nnobody:600000:100\n");
  test::write_file(host("subgid"), "root:400000:2000\n65534:700000:50\n");
  const auto with_files = [&](const std::string& run_as) {
    return test::run_command({"/bin/sh", "-c",
                              "unshare -m sh -c 'for f in subuid subgid; do mount --bind " +
                                  host_.path() + "/$f /etc/$f || exit 9; done; " + run_as + " " +
                                  nsrun_ + " --map-auto --report --rootfs " + root_.path() +
                                  " -- /nsreport'"});
  };
  const Outcome good = with_files("exec");
  auto seen = test::parse_report(good.out);
  EXPECT_EQ("0 0 1, 1 300000 1000, 1001 500000 10", seen["uid_map"]) << good.err;
  EXPECT_EQ("0 0 1, 1 400000 2000", seen["gid_map"]);
  // An ordinary user needs the set-user-ID tools.
  if (test::exists("/usr/bin/newuidmap")) {
    const Outcome user = with_files("exec setpriv --reuid 65534 --regid 65534 --clear-groups");
    seen = test::parse_report(user.out);
    EXPECT_EQ("0 65534 1, 1 600000 100", seen["uid_map"]) << user.err;
    EXPECT_EQ("0 65534 1, 1 700000 50", seen["gid_map"]);
  } else if (test::run_command({"/bin/sh", "-c", "setpriv --reuid 65534 true"})
                 .status.exited_with(0)) {  // busybox's setpriv does not know --reuid
    const Outcome user = with_files("exec setpriv --reuid 65534 --regid 65534 --clear-groups");
    EXPECT_TRUE(contains(user.err, "/usr/bin/newuidmap: there is no such program")) << user.err;
  }
  test::write_file(host("subgid"), "somebody:1:2\n");
  const Outcome none = with_files("exec");
  EXPECT_TRUE(none.status.exited_with(125));
  EXPECT_TRUE(contains(none.err, "--map-auto /etc/subgid: gives the caller no ids")) << none.err;
}

TEST_F(NsrunOptionTest, RunsTheCommandAsAnotherUser) {
  EXPECT_EQ("uid=1000 gid=1000\n", inside("id", {"--user", "1000"}));
  EXPECT_EQ("uid=1000 gid=50 groups=60,70\n", inside("id", {"--user", "1000:50,60,70"}));
  EXPECT_EQ("uid=0 gid=0\n", inside("id", {"--user", "0"}, kNobody));
  // Without --cap-add the user has no capabilities.
  EXPECT_EQ("0000000000000000\n",
            inside("awk '/CapPrm/ { print $2 }' /proc/self/status", {"--user", "1000"}));
  expect_error({"--ns", "user", "--map-root-user", "--user", "5", "true"}, 125,
               "nsrun: --user 5: user id 5 is not mapped");
}

TEST_F(NsrunOptionTest, BindsDirectoriesAndFiles) {
  mkdir(host("dir").c_str(), 0755);
  chmod(host("dir").c_str(), 0777);
  chmod(host_.path().c_str(), 0755);
  test::write_file(host("dir/file"), "content\n", 0666);
  for (const int uid : {0, kNobody}) {
    EXPECT_EQ("content\n", inside("cat /a/b/file; echo more >> /a/b/file",
                                  {"--bind", host("dir"), "/a/b"}, uid));
    EXPECT_EQ("content\nmore\n",
              inside("cat /etc/name", {"--ro-bind", host("dir/file"), "/etc/name"}, uid));
    test::write_file(host("dir/file"), "content\n", 0666);
    EXPECT_EQ("read-only\n", inside("touch /a/b/new 2> /dev/null || echo read-only",
                                    {"--ro-bind", host("dir"), "/a/b"}, uid));
  }
  EXPECT_FALSE(test::exists(host("dir/new")));
  expect_error({"--bind", "/nonexistent", "/a", "true"}, 125, "nsrun: --bind /nonexistent: ENOENT");
  expect_error({"--bind", host("dir"), "/nonexistent", "true"}, 125, "--bind /nonexistent: ENOENT");
  expect_error({"--ns", "pid", "--bind", "/a", "/b", "true"}, 125, "wants a new mnt namespace");
}

TEST_F(NsrunOptionTest, MakesMountsBelowReadOnlyToo) {
  if (!test::has_mount_setattr()) GTEST_SKIP() << "this kernel has no mount_setattr";
  mkdir(host("dir").c_str(), 0755);
  mkdir(host("dir/below").c_str(), 0755);
  ASSERT_EQ(0, mount("tmpfs", host("dir/below").c_str(), "tmpfs", 0, nullptr));
  EXPECT_EQ("read-only\n", inside("touch /a/below/new 2> /dev/null || echo read-only",
                                  {"--ro-bind", host("dir"), "/a"}));
  umount2(host("dir/below").c_str(), MNT_DETACH);
}

TEST_F(NsrunOptionTest, MountsInTheOrderGiven) {
  EXPECT_EQ("tmpfs\ntmpfs\n",
            inside("stat -f -c %T /x /x/y", {"--tmpfs", "/x", "--tmpfs", "/x/y"}));
  EXPECT_EQ("mqueue\n", inside("awk '$5 == \"/q\" { print $(NF-2) }' /proc/self/mountinfo",
                               {"--mqueue", "/q"}));
  EXPECT_EQ("proc\n", inside("stat -f -c %T /p", {"--proc", "/p"}));
  EXPECT_EQ("1\n", inside("ls /p | grep -x 1", {"--proc", "/p"}));
  EXPECT_EQ("4\n", inside("head -c 4 /d/zero | wc -c", {"--dev", "/d"}));
  EXPECT_EQ("1777\n", inside("stat -c %a /dev/shm"));
  EXPECT_EQ("directory\n", inside("stat -c %F /e/f", {"--dir", "/e/f"}));
  EXPECT_EQ("../to\n", inside("readlink /e/link", {"--symlink", "../to", "/e/link"}));
  // The directories exist from the first run: making the same symlink again is no error, another
  // one is.
  EXPECT_EQ("../to\n", inside("readlink /e/link", {"--symlink", "../to", "/e/link"}));
  expect_error({"--rootfs", root_.path(), "--symlink", "other", "/e/link", "true"}, 125,
               "nsrun: --symlink /e/link: EEXIST");
  for (const char* option : {"--tmpfs", "--proc", "--dev", "--mqueue"}) {
    expect_error({option, "/nonexistent", "true"}, 125,
                 std::string("nsrun: ") + option + " /nonexistent: ENOENT");
  }
  expect_error({"--dir", "/proc/x", "true"}, 125, "nsrun: --dir /proc/x: ENOENT");
}

TEST_F(NsrunOptionTest, MountsOverlays) {
  // The directories are not below each other, because the kernel forbids that for layers.
  for (const char* name : {"low1", "low2", "up", "work"}) mkdir(host(name).c_str(), 0755);
  test::write_file(host("low1/a"), "1\n");
  test::write_file(host("low2/a"), "2\n");
  test::write_file(host("low2/b"), "2\n");
  const std::string lowers = host("low1") + ":" + host("low2");
  test::Arguments first = {
      "--rootfs", root_.path(), "--overlay",
      lowers,     "/o",         "--",
      "/bin/sh",  "-c",         "cat /o/a /o/b; echo x > /o/new && /bin/ls /o"};
  Outcome seen = nsrun(first);
  if (contains(seen.err, "ENODEV")) GTEST_SKIP() << "this kernel has no overlayfs";
  // Before Linux 5.11 an overlay cannot be mounted in a user namespace.
  test::Arguments user;
  if (contains(seen.err, "overlay: EPERM")) {
    user = {"--share-user"};
    first.insert(first.begin(), "--share-user");
    seen = nsrun(first);
  }
  EXPECT_EQ("1\n2\na\nb\nnew\n", seen.out) << seen.err;
  EXPECT_FALSE(test::exists(host("low1/new"))) << "the write must not reach the layer";
  test::Arguments kept = {"--overlay", lowers + "," + host("up") + "," + host("work"), "/o"};
  kept.insert(kept.end(), user.begin(), user.end());
  inside("echo kept > /o/new", kept);
  EXPECT_EQ("kept\n", test::read_file(host("up/new")));
  // An overlay as the root itself.
  test::Arguments whole = {"--overlay",
                           root_.path(),
                           "/",
                           "--",
                           "/bin/sh",
                           "-c",
                           "echo x > /new; /bin/ls -d /new /proc/1"};
  whole.insert(whole.begin(), user.begin(), user.end());
  const Outcome root = nsrun(whole);
  EXPECT_EQ("/new\n/proc/1\n", root.out) << root.err;
  EXPECT_FALSE(test::exists(root_.file("new")));
  // The root as an overlay of several layers, without and with a writable one.
  const std::string two = host("low1") + ":" + root_.path();
  for (const std::string& layers : {two, two + "," + host("up") + "," + host("work")}) {
    whole = {"--overlay", layers, "/", "--", "/bin/cat", "/a"};
    whole.insert(whole.begin(), user.begin(), user.end());
    const Outcome layered = nsrun(whole);
    EXPECT_EQ("1\n", layered.out) << layers << layered.err;
  }
  expect_error({"--overlay", "/nonexistent", "/", "true"}, 125,
               "nsrun: --overlay /nonexistent: ENOENT");
  expect_error({"--overlay", host("low1") + "," + host("up"), "/tmp", "true"}, 125,
               "UPPER wants WORK");
}

TEST_F(NsrunOptionTest, MakesOnlyTheRootReadOnly) {
  for (const int uid : {0, kNobody}) {
    EXPECT_EQ(
        "no /\nno /bin\nok\nok\n",
        inside(
            "for d in / /bin /tmp /w; do touch $d/new 2> /dev/null && echo ok || echo no $d; done",
            {"--read-only", "--tmpfs", "/w"}, uid));
  }
  expect_error({"--read-only", "true"}, 125, "nsrun: --read-only: wants --rootfs");
}

TEST_F(NsrunOptionTest, StartsTheCommandInTheGivenDirectory) {
  EXPECT_EQ("/bin\n", inside("pwd", {"--chdir", "/bin"}));
  EXPECT_EQ("/etc\n", nsrun({"--chdir", "/etc", "--", "/bin/pwd"}).out);
  expect_error({"--chdir", "/nonexistent", "true"}, 125, "nsrun: --chdir /nonexistent: ENOENT");
}

TEST_F(NsrunOptionTest, HidesPartsOfProcUnlessToldOtherwise) {
  for (const int uid : {0, kNobody}) {
    EXPECT_EQ("no\n", inside("echo 1 2> /dev/null > /proc/sys/kernel/panic || echo no", {}, uid));
    EXPECT_EQ("0\n", inside("cat /proc/keys /proc/timer_list 2> /dev/null | wc -c", {}, uid));
  }
  const std::string hostname = "echo name > /proc/sys/kernel/hostname && echo ok";
  EXPECT_EQ("ok\n", inside(hostname, {"--no-mask"}));
  // On the host's root nothing is hidden.
  EXPECT_EQ("ok\n", nsrun({"--", "/bin/sh", "-c", hostname}).out);
}

TEST_F(NsrunOptionTest, SetsUnsetsAndClearsVariables) {
  const Outcome outcome = nsrun({"--clear-env", "--env", "A=1", "--env", "B=x=y", "--env", "A=2",
                                 "--env", "C=3", "--unset-env", "C", "--", "env"});
  EXPECT_EQ("B=x=y\nA=2\n", outcome.out) << outcome.err;
}

TEST_F(NsrunOptionTest, LooksForTheCommandInTheCommandsPath) {
  EXPECT_EQ("", nsrun({"--rootfs", root_.path(), "--env", "PATH=/bin", "true"}).err);
  expect_error({"--rootfs", root_.path(), "--env", "PATH=/nowhere", "true"}, 127,
               "execute true: ENOENT");
}

TEST_F(NsrunOptionTest, SetsHostAndDomainName) {
  EXPECT_EQ("box\nexample.org\n", inside("hostname; cat /proc/sys/kernel/domainname",
                                         {"--hostname", "box", "--domainname", "example.org"}));
  expect_error({"--domainname", std::string(65, 'x'), "true"}, 125, "nsrun: --domainname x");
  expect_error({"--ns", "pid", "--domainname", "x", "true"}, 125, "wants a new uts namespace");
}

TEST_F(NsrunOptionTest, SetsResourceLimits) {
  EXPECT_EQ("100\n200\n", inside("ulimit -Sn; ulimit -Hn", {"--rlimit", "nofile=100:200"}));
  EXPECT_EQ("7 unlimited\n", inside("awk '/core/ { print $5, $6 }' /proc/self/limits",
                                    {"--rlimit=core=7:unlimited"}));
  expect_error({"--rlimit", "nofile=99999999999", "true"}, 125,
               "nsrun: --rlimit nofile=99999999999: EPERM");
}

TEST_F(NsrunOptionTest, DropsAndAddsCapabilities) {
  const std::string all = "awk '/^Cap/ { printf \"%s \", $2 }' /proc/self/status";
  const std::string none = "0000000000000000 ";
  const std::string kill = "0000000000000020 ";
  EXPECT_EQ(none + none + none + none + none, inside(all, {"--cap-drop", "all"}));
  EXPECT_EQ(none + kill + kill + kill + none,
            inside(all, {"--cap-drop", "all", "--cap-add", "CAP_KILL"}));
  EXPECT_EQ(kill + kill + kill + kill + kill,
            inside(all, {"--cap-drop", "all", "--cap-add", "kill", "--user", "1000"}))
      << "a user other than root needs them ambient";
  const std::string bounding = inside("awk '/^CapBnd/ { print $2 }' /proc/self/status",
                                      {"--cap-drop", "kill", "--cap-drop", "chown"});
  EXPECT_EQ(0U, std::stoull(bounding, nullptr, 16) & 0x21U);
  EXPECT_NE(0U, std::stoull(bounding, nullptr, 16));
}

TEST_F(NsrunOptionTest, AnInitHasNoMoreCapabilitiesThanTheCommand) {
  const std::string all = "awk '/^Cap/ { printf \"%s \", $2 }' /proc/";
  const std::vector<std::string> options = {"--init", "--cap-drop", "all", "--cap-add", "kill"};
  const std::string of_init = inside(all + "1/status", options);
  EXPECT_EQ(inside(all + "self/status", options), of_init);
  EXPECT_TRUE(contains(of_init, "0000000000000020 ")) << of_init;
}

TEST_F(NsrunOptionTest, ClearsTheInheritableCapabilities) {
  // CVE-2022-29162: the capabilities that the caller has made inheritable must not be passed on.
  const Outcome outcome =
      test::run_command({"/bin/sh", "-c",
                         "exec setpriv --inh-caps +chown " + nsrun_ + " --rootfs " + root_.path() +
                             " -- /bin/grep CapInh /proc/self/status"});
  if (contains(outcome.err, "setpriv"))
    GTEST_SKIP() << "setpriv(1) is not installed or cannot set capabilities";
  EXPECT_EQ("CapInh:\t0000000000000000\n", outcome.out) << outcome.err;
}

TEST_F(NsrunOptionTest, SetsNoNewPrivsUnlessToldOtherwise) {
  const std::string ask = "awk '/NoNewPrivs/ { print $2 }' /proc/self/status";
  EXPECT_EQ("1\n", inside(ask));
  EXPECT_EQ("1\n", inside(ask, {"--no-new-privs"}));
  EXPECT_EQ("0\n", inside(ask, {"--new-privs"}));
}

TEST_F(NsrunOptionTest, InstallsASeccompFilter) {
  // Makes mkdirat fail with EXDEV, which it does not do otherwise. busybox's mkdir uses mkdir if
  // the machine has that call.
  std::vector<sock_filter> code = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const long number : {
           static_cast<long>(SYS_mkdirat),
#ifdef SYS_mkdir
           static_cast<long>(SYS_mkdir),
#endif
       }) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  test::write_file(host("filter"), std::string(reinterpret_cast<const char*>(code.data()),
                                               code.size() * sizeof(sock_filter)));
  const auto with = [&](const std::string& file, const std::string& fd) {
    return test::run_command(
        {"/bin/sh", "-c",
         "exec " + nsrun_ + " --seccomp " + fd + " --rootfs " + root_.path() +
             " -- /bin/sh -c '/bin/mkdir /x; [ -e /proc/self/fd/5 ] || echo gone' 5< " + file});
  };
  const Outcome outcome = with(host("filter"), "5");
  EXPECT_TRUE(contains(outcome.err, "ross-device link")) << outcome.err;
  EXPECT_EQ("gone\n", outcome.out) << "the command has inherited the filter's fd";
  test::write_file(host("bad"), "12345");
  EXPECT_TRUE(contains(with(host("bad"), "5").err, "nsrun: --seccomp 5: not a filter"));
  EXPECT_TRUE(contains(with(host("bad"), "77").err, "nsrun: --seccomp 77: EBADF"));
}

// The suite itself may have any priority: `nice make test`.
TEST_F(NsrunOptionTest, SetsNiceness) {
  EXPECT_EQ("19\n", inside("awk '{ print $19 }' /proc/self/stat", {"--nice", "19"}));
  const Outcome refused = nsrun({"--nice", "-20", "--", "/bin/true"}, kNobody);
  EXPECT_TRUE(refused.status.exited_with(125));
  EXPECT_TRUE(contains(refused.err, "nsrun: --nice -20: EACCES")) << refused.err;
}

// A user namespace may not raise a hard limit either.
TEST_F(NsrunOptionTest, RootCanRaiseAHardLimit) {
  REQUIRE_ROOT();
  const Outcome raised = test::run_command(
      {"/bin/sh", "-c", "ulimit -Hn 512 && (ulimit -Hn 700) 2> /dev/null && echo may"});
  if (raised.out != "may\n") GTEST_SKIP() << "root lacks CAP_SYS_RESOURCE here";
  for (const char* seal : {"--seal=none", "--seal=memfd"}) {
    const Outcome outcome = test::run_command({"/bin/sh", "-c",
                                               "ulimit -Sn 300; ulimit -Hn 512; exec " + nsrun_ +
                                                   " --rlimit nofile=600:700 " + seal +
                                                   " -- /bin/sh -c 'ulimit -Sn; ulimit -Hn'"});
    EXPECT_EQ("600\n700\n", outcome.out) << outcome.err;
  }
}

// A user namespace may not raise the priority. nsrun's own priority must not change, either by one
// clone or with the stub's stages.
TEST_F(NsrunOptionTest, RootCanRaiseThePriority) {
  REQUIRE_ROOT();
  for (const char* seal : {"--seal=none", "--seal=memfd"}) {
    EXPECT_EQ("-5\n", inside("awk '{ print $19 }' /proc/self/stat", {"--nice", "-5", seal}))
        << seal;
  }
  const std::string before = std::to_string(getpriority(PRIO_PROCESS, 0));
  EXPECT_EQ(before + "\n",
            test::run_command({"/bin/sh", "-c",
                               nsrun_ + " --nice -5 --pid-file " + root_.file("pid") +
                                   " -- /bin/sleep 1000 & while ! test -s " + root_.file("pid") +
                                   "; do sleep 0.1; done; "
                                   "awk '{ print $19 }' /proc/$!/stat; kill $!; wait"})
                .out);
}

TEST_F(NsrunOptionTest, GetsItsOwnSession) {
  EXPECT_EQ("1\n", inside("awk '{ print $6 }' /proc/1/stat", {"--new-session"}));
}

TEST_F(NsrunOptionTest, AnInitReapsOrphansAndReturnsTheStatus) {
  // The shell is not pid 1, its orphan is reaped, and its status becomes the container's.
  const Outcome outcome = nsrun(
      {"--rootfs", root_.path(), "--init", "--env", "PATH=/bin", "--", "/bin/sh", "-c",
       "echo $$; (sh -c 'echo $$ > /tmp/pid; exec sleep 0.1' &); "
       "while [ ! -s /tmp/pid ] || [ -e /proc/$(cat /tmp/pid) ]; do sleep 0.05; done; exit 7"});
  EXPECT_EQ("2\n", outcome.out) << outcome.err;
  EXPECT_TRUE(outcome.status.exited_with(7)) << outcome.status;
  EXPECT_TRUE(nsrun({"--rootfs", root_.path(), "--init", "--", "/bin/sh", "-c", "kill -TERM $$"})
                  .status.exited_with(128 + SIGTERM));
  // The init passes a signal for nsrun on to the command.
  test::write_file(root_.file("tool.status"), "hang");
  const pid_t child = fork();
  if (child == 0) {
    execl(nsrun_.c_str(), "nsrun", "--init", "--", root_.file("tool").c_str(), nullptr);
    _exit(99);
  }
  ASSERT_TRUE(test::appears(root_.file("tool")));
  kill(child, SIGTERM);
  EXPECT_TRUE(test::wait_for(child).exited_with(128 + SIGTERM));
}

TEST_F(NsrunOptionTest, TheCommandDiesWithItsParent) {
  test::write_file(root_.file("tool.status"), "hang");
  const std::string tool = root_.file("tool");
  for (const char* more : {"--verbose", "--init", "--ns=none"}) {
    const pid_t child = fork();
    if (child == 0) {
      execl(nsrun_.c_str(), "nsrun", "--quiet", "--die-with-parent", more, "--", tool.c_str(),
            nullptr);
      _exit(99);
    }
    ASSERT_TRUE(test::appears(tool)) << more;
    kill(child, SIGKILL);
    test::wait_for(child);
    EXPECT_TRUE(test::all_gone(tool)) << more;
    EXPECT_TRUE(test::all_gone(nsrun_)) << more;
  }
}

TEST_F(NsrunOptionTest, NothingIsLeftAtWhateverMomentTheParentIsKilled) {
  test::write_file(root_.file("tool.status"), "hang");
  const std::string tool = root_.file("tool");
  for (int i = 0; i < test::repetitions(60); ++i) {
    const pid_t child = fork();
    if (child == 0) {
      execl(nsrun_.c_str(), "nsrun", "--die-with-parent", "--init", "--rootfs",
            root_.path().c_str(), "--", "/tool", nullptr);
      _exit(99);
    }
    usleep(static_cast<unsigned>(i) * 100);
    kill(child, SIGKILL);
    test::wait_for(child);
    EXPECT_TRUE(test::all_gone(nsrun_)) << i;
    EXPECT_TRUE(test::all_gone(tool)) << i;
  }
}

TEST_F(NsrunOptionTest, StartsInACgroup) {
  const std::string top = test::cgroup2_mount_point();
  if (top.empty()) GTEST_SKIP() << "cgroup2 is not mounted";
  const std::string name = "nsrun-test-" + std::to_string(getpid());
  const std::string ask = "/bin/cat /proc/self/cgroup";
  for (const std::string& path : {name, top + "/" + name}) {
    const Outcome outcome = nsrun({"--unshare-pid", "--cgroup", path, "--", "/bin/sh", "-c",
                                   "cat " + top + "/" + name + "/cgroup.procs; exec " + ask});
    EXPECT_TRUE(contains(outcome.out, "0::/" + name + "\n")) << outcome.out << outcome.err;
    EXPECT_FALSE(test::exists(top + "/" + name)) << "nsrun must remove the group that it has made";
  }
  ASSERT_EQ(0, mkdir((top + "/" + name).c_str(), 0755));
  EXPECT_TRUE(contains(nsrun({"--cgroup", name, "--", "/bin/sh", "-c", ask}).out, "0::/\n"))
      << "the group must be the root of the new cgroup namespace";
  EXPECT_TRUE(test::exists(top + "/" + name)) << "nsrun must keep a group that existed before";
  rmdir((top + "/" + name).c_str());
  expect_error({"--cgroup", "/nonexistent/x", "true"}, 125,
               "nsrun: --cgroup /nonexistent/x: ENOENT");
  expect_error({"--cgroup", host("no-cgroup"), "true"}, 125, "no-cgroup: ENOENT");
  EXPECT_FALSE(test::exists(host("no-cgroup")));
}

TEST_F(NsrunOptionTest, ReportsThePid) {
  const Outcome outcome = test::run_command(
      {"/bin/sh", "-c",
       "exec " + nsrun_ + " --unshare-net --pid-file " + host("pid") +
           " --info-fd 5 -- /bin/sh -c 'echo $$; readlink /proc/self/ns/net' 5> " + host("info")});
  const std::string pid = outcome.out.substr(0, outcome.out.find('\n'));
  EXPECT_EQ(pid + "\n", test::read_file(host("pid"))) << outcome.err;
  const std::string info = test::read_file(host("info"));
  EXPECT_EQ(0U, info.find("{\"child-pid\": " + pid + ", \"cgroup-namespace\": ")) << info;
  const std::string net = outcome.out.substr(outcome.out.find('[') + 1);
  EXPECT_TRUE(contains(info, "\"net-namespace\": " + net.substr(0, net.find(']')))) << info;
  expect_error({"--info-fd", "77", "true"}, 125, "nsrun: --info-fd 77: EBADF");
  expect_error({"--pid-file", "/nonexistent/x", "true"}, 125, "--pid-file /nonexistent/x: ENOENT");
}

// The kernel accepts 4096 instructions. A longer filter must not be cut silently, because the rest
// may be what forbids something.
TEST_F(NsrunOptionTest, RefusesASeccompFilterThatIsTooLong) {
  const sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const std::string one(reinterpret_cast<const char*>(&allow), sizeof allow);
  std::string most;
  for (int i = 0; i < 4096; ++i) most += one;
  const auto with = [&](const std::string& filter) {
    test::write_file(host("filter"), filter);
    return test::run_command({"/bin/sh", "-c",
                              "exec " + nsrun_ + " --seccomp 5 --rootfs " + root_.path() +
                                  " -- /bin/true 5< " + host("filter")});
  };
  EXPECT_TRUE(with(most).status.exited_with(0)) << with(most).err;
  for (const std::string& more : {one, std::string("x"), one + most}) {
    const Outcome outcome = with(most + more);
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
    EXPECT_EQ("nsrun: --seccomp 5: more than 4096 instructions\n", outcome.err);
  }
}

// The 32 KiB include the arguments, the environment, and up to 8 KiB that the kernel leaves free at
// random. So each start is repeated several times.
TEST_F(NsrunOptionTest, RunsWithLittleStack) {
  test::copy_program(built("nsexec-true"), root_.file("nsexec-true"));
  test::write_file(host("conf"), "a once --rootfs " + root_.path() + " -- /nsexec-true\n");
  mkdir(host("dir").c_str(), 0755);
  const test::Sleeper sleeper(CLONE_NEWUTS | CLONE_NEWNET);
  const test::Arguments in = {"--rootfs", root_.path()};
  const test::Arguments true_inside = {"--", "/nsexec-true"};
  const test::Arguments true_here = {"--", root_.file("nsexec-true")};
  const auto inside = [&](test::Arguments options) {
    options.insert(options.begin(), in.begin(), in.end());
    options.insert(options.end(), true_inside.begin(), true_inside.end());
    return options;
  };
  const auto here = [&](test::Arguments options) {
    options.insert(options.end(), true_here.begin(), true_here.end());
    return options;
  };
  std::vector<test::Arguments> ways = {
      inside({}),
      inside({"--verbose"}),
      inside({"--init"}),
      inside({"--tty"}),
      inside({"--tty", "--init", "--verbose"}),
      inside({"--seal", "memfd"}),
      inside({"--seal", "bind-mount"}),
      inside({"--uid-map", "0:0:70000", "--gid-map", "0:0:70000"}),
      inside({"--dir", "/a/b/c", "--symlink", "x", "/a/b/l", "--bind", host("dir"), "/a/b/d",
              "--ro-bind", root_.file("nsreport"), "/a/b/f", "--tmpfs", "/a/t", "--chdir", "/a"}),
      inside({"--pid-file", host("pid"), "--read-only", "--report", "--cap-drop", "all"}),
      inside({"--env", "PATH=/a:/b:/", "--user", "5"}),
      here({"--join", std::to_string(sleeper.pid())}),
      here({"--join", std::to_string(sleeper.pid()), "--verbose", "--chdir", "/"}),
      {"--supervise", host("conf")},
  };
  if (test::has_mount_setattr()) ways.push_back(inside({"--seal", "child-mount"}));
  for (const rlim_t limit : {rlim_t{32} << 10, rlim_t{128} << 10}) {
    for (test::Arguments way : ways) {
      // With 128 KiB, the arguments are so long that less than 32 KiB are left.
      if (limit > (rlim_t{32} << 10) && way[0] != "--supervise") {
        for (int i = 0; i < 100; ++i) way.push_back(std::string(1000, 'a'));
      }
      std::string name = std::to_string(limit);
      for (size_t i = 0; i < way.size() && i < 12; ++i) name += " " + way[i].substr(0, 40);
      way.insert(way.begin(), nsrun_);
      for (int i = 0; i < test::repetitions(5); ++i) {
        const Outcome outcome = run_command(way, {.environment = {}, .before_exec = [&] {
                                                    const rlimit64 stack = {limit, limit};
                                                    setrlimit64(RLIMIT_STACK, &stack);
                                                  }});
        ASSERT_TRUE(outcome.status.exited_with(0)) << name << ": " << outcome.status << outcome.err;
      }
    }
  }
}

// After sh -c "job & exec nsrun ..." the job is a child of nsrun, but nsrun must not wait for it.
TEST_F(NsrunOptionTest, DoesNotWaitForChildrenThatAreNotItsOwn) {
  for (const std::string more : {"", "--verbose", "--init"}) {
    const Outcome outcome = run_command({"/bin/sh", "-c",
                                         "sleep 1000 > /dev/null 2>&1 & echo $!; (exit 5) & exec " +
                                             nsrun_ + " --quiet " + more + " -- sh -c 'exit 7'"});
    EXPECT_TRUE(outcome.status.exited_with(7)) << more << outcome.status << outcome.err;
    kill(atoi(outcome.out.c_str()), SIGKILL);
  }
}

// If nsrun is the first process of a pid namespace, only nsrun can reap the orphans there.
TEST_F(NsrunOptionTest, ReapsOrphansAsAFirstProcess) {
  const Outcome outcome =
      nsrun({"--", nsrun_, "--share-pid", "--seal=none", "--", "/bin/sh", "-c",
             "sh -c 'sleep 0 & sleep 0 & exit'; "
             "while grep -qs zombie /proc/[0-9]*/status; do sleep 0.1; done; exit 4"});
  EXPECT_TRUE(outcome.status.exited_with(4)) << outcome.status << outcome.err;
}

class NsrunPidFileTest : public NsrunOptionTest {
 protected:
  std::string file_ = host("pid");
  // Returns the names in the directory, one per line.
  std::string names() { return run_command({"ls", "-A", host_.path()}).out; }
};

TEST_F(NsrunPidFileTest, FollowsNoSymlinkAndOverwritesNoOtherFile) {
  test::write_file(host("victim"), "content");
  ASSERT_EQ(0, symlink("victim", file_.c_str()));
  const auto refused = [&](const std::string& why) {
    expect_error({"--pid-file", file_, "--", "/bin/true"}, 125,
                 "nsrun: --pid-file " + file_ + ": " + why + "\n");
  };
  refused("is a symbolic link, which is not followed");
  EXPECT_EQ("content", test::read_file(host("victim")));
  unlink(file_.c_str());
  ASSERT_EQ(0, mkfifo(file_.c_str(), 0600));
  refused("exists and is not a regular file");
  unlink(file_.c_str());
  mkdir(file_.c_str(), 0700);
  refused("exists and is not a regular file");
  rmdir(file_.c_str());
  expect_error({"--pid-file", host("x") + "/", "--", "/bin/true"}, 125, ": is a directory\n");
  // A symlink that appears only later is replaced and not followed.
  int calls = 0;
  test::AnsweredCall unshare(SYS_unshare, [&](int) {
    if (calls++ == 0) (void)!symlink("victim", file_.c_str());
    return 0;
  });
  const Outcome outcome = run_command({nsrun_, "--pid-file", file_, "--", "/bin/true"},
                                      {.before_exec = [&] { unshare.install(); }});
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  EXPECT_LE(1, calls);
  EXPECT_EQ("content", test::read_file(host("victim")));
  EXPECT_LT(0, atoi(test::read_file(file_).c_str()));
}

TEST_F(NsrunPidFileTest, IsReplacedByARename) {
  test::write_file(file_, "a very long line that was there before\n");
  ASSERT_EQ(0, link(file_.c_str(), host("same").c_str()));
  for (const char* way : {"--quiet", "--init"}) {
    EXPECT_EQ("", nsrun({way, "--pid-file", file_, "--", "/bin/true"}).err);
    const std::string text = test::read_file(file_);
    EXPECT_EQ(std::to_string(atoi(text.c_str())) + "\n", text);
    EXPECT_EQ("a very long line that was there before\n", test::read_file(host("same")));
    EXPECT_EQ("pid\nsame\n", names());
  }
}

TEST_F(NsrunPidFileTest, IsNotLeftBehindByAStartThatFails) {
  for (const test::Arguments& wrong :
       {test::Arguments{"--rootfs", "/nonexistent", "--", "/bin/true"},
        test::Arguments{"--", "/nonexistent"}, test::Arguments{"--init", "--", "/nonexistent"},
        test::Arguments{"--chdir", "/nonexistent", "--", "/bin/true"},
        test::Arguments{"--join", "net:/nonexistent", "--", "true"},
        test::Arguments{"--nonsense"}}) {
    test::Arguments options = {"--pid-file", file_};
    options.insert(options.end(), wrong.begin(), wrong.end());
    EXPECT_FALSE(nsrun(options).status.exited_with(0));
    EXPECT_EQ("", names()) << wrong[0];
  }
  // If the file cannot be written in the end, the container must not stay.
  test::write_file(root_.file("tool.status"), "hang");
  test::AnsweredCall rename(__NR_renameat2, [](int) { return ENOSPC; });
  const Outcome outcome = run_command({nsrun_, "--pid-file", file_, "--", root_.file("tool")},
                                      {.before_exec = [&] { rename.install(); }});
  EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
  EXPECT_EQ("nsrun: --pid-file " + file_ + ": ENOSPC\n", test::with_bare_errnos(outcome.err));
  EXPECT_EQ("", names());
  EXPECT_TRUE(test::all_gone(root_.file("tool")));
}

// nsrun's options can reach every file, so with raised privileges a caller could do what only the
// file's owner may do.
TEST_F(NsrunOptionTest, RefusesToRunWithRaisedPrivileges) {
  struct statvfs status {};
  ASSERT_EQ(0, statvfs(nsrun_.c_str(), &status));
  if ((status.f_flag & ST_NOSUID) != 0) GTEST_SKIP() << "set-user-ID has no effect here";
  chmod(bin_.path().c_str(), 0755);
  const auto as_nobody = [&](const test::Arguments& options) {
    test::Arguments command = {nsrun_};
    command.insert(command.end(), options.begin(), options.end());
    return run_command(command, {.uid = kNobody, .environment = {{"_LIBCONTAINER_INITPIPE", "0"}}});
  };
  for (const mode_t mode : {S_ISUID | 0755U, S_ISGID | 0755U}) {
    ASSERT_EQ(0, chmod(nsrun_.c_str(), mode));
    for (const test::Arguments& options :
         {test::Arguments{"--", "id"}, test::Arguments{"--help"},
          test::Arguments{"--supervise", "/x"},
          test::Arguments{"--pid-file", host("pid"), "--ns", "none", "--", "id"}}) {
      const Outcome outcome = as_nobody(options);
      EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
      EXPECT_EQ("", outcome.out);
      EXPECT_EQ(0U, outcome.err.find("nsrun: raised privileges: nsrun does not run set-user-ID"))
          << outcome.err;
      EXPECT_FALSE(test::exists(host("pid")));
    }
  }
  // The control: without the bit it runs.
  ASSERT_EQ(0, chmod(nsrun_.c_str(), 0755));
  EXPECT_TRUE(nsrun({"--", "id"}, kNobody).status.exited_with(0));
}

TEST_F(NsrunOptionTest, AHostileRootfsLeadsNothingOutside) {
  const test::TemporaryDirectory victim;
  mkdir(root_.file("in").c_str(), 0777);
  const std::string out = victim.path();
  ASSERT_EQ(0, symlink(out.c_str(), root_.file("link").c_str()));
  ASSERT_EQ(0, symlink(("../../../../.." + out).c_str(), root_.file("up").c_str()));
  ASSERT_EQ(0, symlink("/proc/1/root", root_.file("magic").c_str()));
  ASSERT_EQ(0, mkfifo(root_.file("fifo").c_str(), 0666));
  for (const std::string& place :
       test::Arguments{"/link", "/up", "/link/x", "/up/x/y", "/magic/x", "/in/../../../.." + out}) {
    for (const char* option : {"--tmpfs", "--dir", "--proc", "--dev"}) {
      (void)nsrun({"--rootfs", root_.path(), option, place, "--", "/bin/true"});
    }
    (void)nsrun({"--rootfs", root_.path(), "--bind", "/etc", place, "--", "/bin/true"});
    (void)nsrun(
        {"--rootfs", root_.path(), "--bind", "/etc/passwd", place + "/f", "--", "/bin/true"});
    (void)nsrun({"--rootfs", root_.path(), "--symlink", "x", place + "/s", "--", "/bin/true"});
    EXPECT_EQ(mounts_, test::read_file("/proc/self/mountinfo")) << place;
    EXPECT_EQ(0, rmdir(out.c_str())) << place << ": not empty any more";
    mkdir(out.c_str(), 0700);
  }
  expect_error({"--rootfs", root_.path(), "--tmpfs", "/fifo", "--", "/bin/true"}, 125,
               "--tmpfs /fifo: ENOTDIR");
  expect_error({"--rootfs", root_.path(), "--tmpfs", "/fifo/x", "--", "/bin/true"}, 125, "ENOTDIR");
  // A FIFO in place of a directory that nsrun mounts on in every root.
  for (const char* name : {"proc", "dev", "tmp"}) {
    rmdir(root_.file(name).c_str());
    ASSERT_EQ(0, mkfifo(root_.file(name).c_str(), 0666));
    expect_error({"--rootfs", root_.path(), "--", "/bin/true"}, 125,
                 std::string("nsrun: --rootfs /") + name + ": ENOTDIR");
    ASSERT_EQ(0, unlink(root_.file(name).c_str()));
  }
}

// Delays nsrun's wait. So all stages end, and the pid line arrives, between nsrun's check of the
// init pipe and its wait.
TEST_F(NsrunOptionTest, ReturnsTheStatusOfACommandThatEndsAtOnce) {
  for (int i = 0; i < test::repetitions(20); ++i) {
    test::AnsweredCall wait(__NR_wait4, [](int count) {
      if (count == 0) std::this_thread::sleep_for(50ms);
      return 0;
    });
    const pid_t child = fork();
    if (child == 0) {
      wait.install();
      execl(nsrun_.c_str(), "nsrun", "--ns", "none", "--seal=none", "--",
            root_.file("nsreport").c_str(), nullptr);
      _exit(99);
    }
    EXPECT_TRUE(test::wait_for(child).exited_with(0)) << i;
  }
}

TEST_F(NsrunOptionTest, LeavesNothingAfterAThousandRuns) {
  const std::string top = test::cgroup2_mount_point();
  const std::string name = "nsrun-test-" + std::to_string(getpid());
  const auto before = test::children_of(getpid());
  for (int i = 0; i < test::repetitions(1000); ++i) {
    test::Arguments arguments = {"--rootfs", root_.path(), "--", "/nsreport"};
    if (!top.empty()) arguments.insert(arguments.begin(), {"--cgroup", name});
    const Outcome outcome = nsrun(arguments);
    ASSERT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  }
  EXPECT_EQ(before, test::children_of(getpid()));
  EXPECT_FALSE(!top.empty() && test::exists(top + "/" + name));
}

// With a new root, the container creates its network namespace while another process builds the
// file system. If that process cannot be created, the container does both.
TEST_F(NsrunOptionTest, CreatesTheNetworkNamespaceWhileTheFileSystemIsBuilt) {
  REQUIRE_ROOT();
  const std::string outside = test::namespace_id("self", "net");
  const std::string look = "readlink /proc/self; readlink /proc/1/ns/net; cat /proc/self/uid_map";
  const auto seen = test::split(inside(look), '\n');
  ASSERT_LE(3U, seen.size());
  EXPECT_EQ("2", seen[0])
      << "the command's first child must be the second process of its pid namespace";
  EXPECT_NE(outside, seen[1]);

  const test::Arguments command = {nsrun_, "--rootfs",      root_.path(),
                                   "--",   "/bin/readlink", "/proc/self/ns/net"};
  for (const int error : {ENOSYS, EPERM, EAGAIN}) {
    const Outcome alone =
        run_command(command, {.before_exec = [&] { test::refuse_calls({SYS_clone3}, error); }});
    EXPECT_TRUE(alone.status.exited_with(0)) << alone.status << alone.err;
    EXPECT_TRUE(contains(alone.out, "net:[")) << alone.out;
    EXPECT_NE(outside + "\n", alone.out);
  }
}

// If a process ignores SIGCHLD, the kernel reaps its children, and execve keeps that (wait(2)).
TEST_F(NsrunOptionTest, WaitsForItsChildrenEvenIfTheCallerIgnoresSigchld) {
  const auto ignore = [] { signal(SIGCHLD, SIG_IGN); };
  const std::string ignored =
      run_command({"/bin/busybox", "grep", "SigIgn", "/proc/self/status"}, {.before_exec = ignore})
          .out;
  ASSERT_TRUE(contains(ignored, "SigIgn:"));
  std::vector<test::Arguments> ways = {{}, {"--share-net"}, {"--init"}, {"--verbose"}};
  if (test::has_mount_setattr()) ways.push_back({"--seal", "child-mount"});
  for (const test::Arguments& options : ways) {
    test::Arguments command = {nsrun_, "--rootfs", root_.path()};
    command.insert(command.end(), options.begin(), options.end());
    for (const char* more : {"--", "/bin/grep", "-hs", "SigIgn", "/proc/self/status", "/none"}) {
      command.emplace_back(more);
    }
    const Outcome outcome = run_command(command, {.before_exec = ignore});
    const std::string which = options.empty() ? "by one clone" : options[0];
    ASSERT_TRUE(outcome.status.exited_with(2)) << which << ": " << outcome.status << outcome.err;
    EXPECT_EQ(ignored, outcome.out)
        << which << ": the command must ignore the same signals as the caller";
  }
}

TEST_F(NsrunOptionTest, FailsIfEitherTheFileSystemOrTheNetworkNamespaceFails) {
  REQUIRE_ROOT();
  const Outcome no_target =
      nsrun({"--rootfs", root_.path(), "--bind", "/nonexistent", "/x", "--", "/bin/true"});
  EXPECT_TRUE(no_target.status.exited_with(125)) << no_target.status;
  EXPECT_TRUE(contains(no_target.err, "nsrun: --bind /nonexistent: ENOENT")) << no_target.err;

  // Three unshare calls come first: for the user namespace, for the others, and for the cgroup
  // namespace. The seal is a memfd, because a seal by a mount may call unshare as well.
  test::AnsweredCall unshare(SYS_unshare, [](int count) { return count == 3 ? ENOSPC : 0; });
  const Outcome no_namespace =
      run_command({nsrun_, "--seal", "memfd", "--rootfs", root_.path(), "--", "/bin/true"},
                  {.before_exec = [&] { unshare.install(); }});
  EXPECT_TRUE(no_namespace.status.exited_with(125)) << no_namespace.status;
  EXPECT_TRUE(contains(no_namespace.err, "nsrun: unshare net: ENOSPC")) << no_namespace.err;
}

TEST_F(NsrunOptionTest, HasTheCapabilitiesOfAContainerByDefault) {
  REQUIRE_ROOT();
  const auto capabilities = [&](const test::Arguments& options) {
    return inside("awk '/Cap(Prm|Eff|Bnd)/ { print $2 }' /proc/self/status", options);
  };
  const std::string kDefault = "00000000800405fb\n";
  EXPECT_EQ(kDefault + kDefault + kDefault, capabilities({}));
  EXPECT_EQ(kDefault + kDefault + kDefault, capabilities({"--share-user"}));
  const std::string kWithAdmin = "00000000802405fb\n";
  EXPECT_EQ(kWithAdmin + kWithAdmin + kWithAdmin, capabilities({"--cap-add", "sys_admin"}));
  const std::string kWithoutChown = "00000000800405fa\n";
  EXPECT_EQ(kWithoutChown + kWithoutChown + kWithoutChown, capabilities({"--cap-drop", "chown"}));
  const std::string all =
      inside("awk '/CapEff/ { print $2 }' /proc/self/status", {"--cap-add", "all"});
  EXPECT_EQ("000001ff", all.substr(0, 8)) << "the 41 capabilities of Linux 5.9 and later";
}

// nsrun sets the modes of the files and directories that it makes itself.
TEST_F(NsrunOptionTest, MakesMountPointsWithFixedModesWhateverTheUmask) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory source;
  const Outcome outcome = run_command(
      {nsrun_, "--rootfs", root_.path(), "--bind", source.path(), "/made/below", "--dir", "/dir",
       "--env", "PATH=/bin", "--", "/bin/sh", "-c", "umask; stat -c %a /made /dir /dev /tmp"},
      {.before_exec = [] { umask(0777); }});
  EXPECT_EQ("0777\n755\n755\n755\n1777\n", outcome.out) << outcome.err;
}

// A reader of the pid file may look at the namespaces at once, so they must not change any more.
TEST_F(NsrunOptionTest, HasItsFinalNamespacesWhenItHasAPidFile) {
  REQUIRE_ROOT();
  const std::string file = root_.file("pid");
  for (const char* capability : {"chown", "all"}) {  // without and with inner namespaces
    for (const char* report :
         {"--quiet", "--verbose"}) {  // by one clone and with the stub's stages
      unlink(file.c_str());
      const pid_t child = fork();
      if (child == 0) {
        execl(nsrun_.c_str(), "nsrun", report, "--rootfs", root_.path().c_str(), "--cap-add",
              capability, "--pid-file", file.c_str(), "--", "/bin/sleep", "1000", nullptr);
        _exit(99);
      }
      std::string pid;
      while (pid.find('\n') == std::string::npos) pid = test::read_file(file);
      pid.pop_back();
      const auto namespaces = [&] {
        std::string all;
        for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
          all += test::namespace_id(pid, type.name);
        }
        return all;
      };
      const std::string at_first = namespaces();
      usleep(300'000);
      EXPECT_EQ(at_first, namespaces()) << capability << " " << report;
      kill(child, SIGTERM);
      EXPECT_TRUE(test::wait_for(child, 20s).exited_with(128 + SIGTERM));
    }
  }
}

}  // namespace

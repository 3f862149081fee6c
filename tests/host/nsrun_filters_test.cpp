// Tests --seccomp, --landlock-ro and --landlock-rw, which restrict COMMAND.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "syscalls/landlock.h"
#include "tests/support/nsrun.h"
#include "tests/support/seccomp.h"

namespace {

using test::Arguments;
using test::contains;
using test::Outcome;

constexpr int kNobody = 65534;

// Returns a filter that makes these calls fail with that errno.
std::string filter_of(const std::vector<long>& numbers, int error) {
  std::vector<sock_filter> code = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const long number : numbers) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return std::string(reinterpret_cast<const char*>(code.data()), code.size() * sizeof(sock_filter));
}

std::vector<long> making_directories() {
  return {
      SYS_mkdirat,
#ifdef SYS_mkdir
      SYS_mkdir,
#endif
  };
}

std::vector<long> making_links() {
  return {
      SYS_symlinkat,
#ifdef SYS_symlink
      SYS_symlink,
#endif
  };
}

class NsrunSeccompTest : public test::NsrunShellTest {
 protected:
  NsrunSeccompTest() {
    (void)!symlink("busybox", root_.file("bin/ln").c_str());
    chmod(host_.path().c_str(), 0755);
    // EXDEV, because these calls do not fail with it otherwise.
    test::write_file(host_.file("5"), filter_of(making_directories(), EXDEV));
    test::write_file(host_.file("6"), filter_of(making_links(), EXDEV));
    test::write_file(host_.file("7"), filter_of({SYS_prctl}, EPERM));
    std::string large;
    for (int i = 0; i < 4096; ++i) large += filter_of({}, 0).substr(8);
    test::write_file(host_.file("8"), large);
    test::write_file(host_.file("9"), large + large.substr(0, 8));
  }
  // Opens those files as the fds of the same numbers.
  Outcome with_filters(const std::string& options, int uid, const std::string& script) {
    std::string line = "exec " + nsrun_ + " --rootfs " + root_.path() + " --env PATH=/bin " +
                       options + " -- /bin/sh -c '" + script + "'";
    for (const char* fd : {"5", "6", "7", "8", "9"}) {
      line += std::string(" ") + fd + "< " + host_.file(fd);
    }
    return test::run_command({"/bin/sh", "-c", line}, {.uid = uid});
  }

  test::TemporaryDirectory host_;
};

TEST_F(NsrunSeccompTest, InstallsEachGivenFilter) {
  const std::string script = "mkdir /tmp/a; ln -s x /tmp/b";
  for (const int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    for (const char* options :
         {"--seccomp 5 --seccomp 6", "--seccomp 6 --seccomp 5", "--add-seccomp-fd 5 --seccomp 6",
          "--add-seccomp-fd 5 --add-seccomp-fd=6", "--seccomp 5 --init --seccomp 6",
          "--verbose --seccomp 5 --seccomp 6"}) {
      const std::string err = with_filters(options, uid, script).err;
      EXPECT_TRUE(contains(err, "mkdir: ") && contains(err, "ln: ")) << options << err;
      EXPECT_NE(err.find("ross-device link"), err.rfind("ross-device link")) << options << err;
    }
    const std::string one = with_filters("--seccomp 6", uid, script).err;
    EXPECT_FALSE(contains(one, "mkdir: ")) << one;
  }
}

TEST_F(NsrunSeccompTest, InstallsFiltersInTheGivenOrder) {
  // After a filter that forbids prctl(2) no other filter can be installed.
  EXPECT_TRUE(with_filters("--seccomp 5 --seccomp 7", kNobody, "true").status.exited_with(0));
  const Outcome refused = with_filters("--seccomp 7 --add-seccomp-fd 5", kNobody, "true");
  EXPECT_TRUE(refused.status.exited_with(125)) << refused.status;
  EXPECT_EQ("nsrun: --add-seccomp-fd 5: operation not permitted [EPERM]\n", refused.err);
}

TEST_F(NsrunSeccompTest, ChecksEachFilter) {
  EXPECT_EQ("nsrun: --seccomp 9: more than 4096 instructions\n",
            with_filters("--seccomp 5 --seccomp 9", kNobody, "true").err);
  EXPECT_EQ("nsrun: --seccomp 9: more than 4096 instructions\n",
            with_filters("--seccomp 9 --seccomp 5", kNobody, "true").err);
  EXPECT_EQ("nsrun: --seccomp 77: not an open file descriptor [EBADF]\n",
            with_filters("--seccomp 77 --seccomp 5", kNobody, "true").err);
  // After the first --seccomp the fd is read to its end and closed, so the second one fails.
  const Outcome twice = with_filters("--seccomp 5 --seccomp 5", kNobody, "true");
  EXPECT_TRUE(twice.status.exited_with(125)) << twice.status;
  EXPECT_TRUE(contains(twice.err, "nsrun: --seccomp 5: ")) << twice.err;
  EXPECT_TRUE(with_filters("--seccomp 8", kNobody, "true").status.exited_with(0));
}

TEST_F(NsrunSeccompTest, RunsAScriptWithTheShellToo) {
  test::write_file(root_.file("bin/plain"), "echo ran $1\n");
  chmod(root_.file("bin/plain").c_str(), 0755);
  EXPECT_EQ("ran x\n", with_filters("--seccomp 5", kNobody, "exec plain x").out);
  const Outcome direct = test::run_command(
      {"/bin/sh", "-c",
       nsrun_ + " --rootfs " + root_.path() + " --seccomp 5 -- /bin/plain x 5<" + host_.file("5")},
      {.uid = kNobody});
  EXPECT_EQ("ran x\n", direct.out) << direct.err;
}

class NsrunLandlockTest : public test::NsrunShellTest {
 protected:
  NsrunLandlockTest() {
    for (const char* name : {"ro", "rw", "other"}) {
      mkdir(root_.file(name).c_str(), 0777);
      chmod(root_.file(name).c_str(), 0777);
      test::write_file(root_.file(std::string(name) + "/file"), std::string(name) + "\n", 0666);
      chmod(root_.file(std::string(name) + "/file").c_str(), 0666);
    }
    for (const char* name : {"mv", "ln", "rm"}) {
      (void)!symlink("busybox", root_.file(std::string("bin/") + name).c_str());
    }
  }
  void SetUp() override {
    if (!sys::landlock_abi()) GTEST_SKIP() << "needs Landlock: Linux 5.13, and lsm=landlock";
  }
  // Runs the commands and returns the exit status of each.
  std::string statuses(const Arguments& options, int uid,
                       const std::vector<std::string>& commands) {
    std::string script;
    for (const std::string& command : commands) {
      script += "(" + command + ") >/tmp/out 2>&1; echo -n \"$? \"; ";
    }
    Arguments line = {"--rootfs",      root_.path(), "--landlock-ro", "/bin",
                      "--landlock-rw", "/tmp",       "--landlock-ro", "/ro",
                      "--landlock-rw", "/rw",        "--env",         "PATH=/bin"};
    line.insert(line.end(), options.begin(), options.end());
    line.insert(line.end(), {"--", "/bin/sh", "-c", script});
    const Outcome outcome = nsrun(line, uid);
    EXPECT_EQ("", outcome.err);
    return outcome.out;
  }
};

TEST_F(NsrunLandlockTest, AllowsOnlyFilesBelowItsPaths) {
  const std::vector<std::string> allowed = {"cat /ro/file",
                                            "ls /ro",
                                            "cat /rw/file",
                                            "echo x > /rw/a",
                                            "echo x >> /rw/file",
                                            "mkdir /rw/b",
                                            "rm /rw/a",
                                            "ls /rw",
                                            "mv /rw/b /rw/c && rm -r /rw/c"};
  const std::vector<std::string> refused = {"cat /other/file",
                                            "ls /other",
                                            "echo x >> /ro/file",
                                            "touch /ro/new",
                                            "mkdir /ro/new",
                                            "rm /ro/file",
                                            "echo x > /other/new",
                                            "rm /other/file",
                                            "ls /",
                                            "ln -s x /new",
                                            "mv /rw/file /other/moved",
                                            "cat /rw/../other/file",
                                            "cat /proc/self/status"};
  for (const int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    for (const Arguments& options : {Arguments{},
                                     {"--init"},
                                     {"--cap-add", "all"},
                                     {"--new-privs"},
                                     {"--new-privs", "--cap-drop", "all"},
                                     {"--read-only"},
                                     {"--time-offset", "monotonic:0"}}) {
      const bool read_only = !options.empty() && options[0] == "--read-only";
      const std::string& name = options.empty() ? "-" : options[0];
      if (!read_only) {
        EXPECT_EQ("0 0 0 0 0 0 0 0 0 ", statuses(options, uid, allowed)) << name << uid;
      }
      EXPECT_EQ("1 1 1 1 1 1 1 1 1 1 1 1 1 ", statuses(options, uid, refused)) << name << uid;
    }
  }
}

TEST_F(NsrunLandlockTest, RefusesTruncationIfTheKernelControlsIt) {
  if (sys::landlock_abi().value() < 3)
    GTEST_SKIP() << "Landlock controls truncation only since Linux 6.2";
  (void)!symlink("busybox", root_.file("bin/truncate").c_str());
  EXPECT_EQ("0 1 1 ", statuses({}, kNobody,
                               {"truncate -s 0 /rw/file", "truncate -s 0 /ro/file",
                                "truncate -s 0 /other/file"}));
}

TEST_F(NsrunLandlockTest, AcceptsFilesAndRelativePaths) {
  const auto said = [&](const Arguments& options, const std::string& file) {
    Arguments line = {"--rootfs", root_.path(), "--landlock-ro", "/bin"};
    line.insert(line.end(), options.begin(), options.end());
    line.insert(line.end(), {"--", "/bin/cat", file});
    return nsrun(line, kNobody).out;
  };
  EXPECT_EQ("other\n", said({"--landlock-ro", "/other/file"}, "/other/file"));
  EXPECT_EQ("other\n", said({"--landlock-rw", "/other/file"}, "/other/file"));
  EXPECT_EQ("other\n", said({"--chdir", "/other", "--landlock-ro", "."}, "file"));
  EXPECT_EQ("other\n", said({"--landlock-ro", "../../other"}, "/other/file"));
  EXPECT_EQ("", said({"--landlock-ro", "/ro"}, "/other/file"));
  // The path may be a symlink. It is followed as COMMAND would follow it.
  (void)!symlink("/other", root_.file("link").c_str());
  EXPECT_EQ("other\n", said({"--landlock-ro", "/link"}, "/other/file"));
}

TEST_F(NsrunLandlockTest, ReportsThatItForbidsExecutingTheCommand) {
  for (const Arguments& options : {Arguments{}, {"--init"}}) {
    Arguments line = {"--rootfs", root_.path(), "--landlock-ro", "/ro"};
    line.insert(line.end(), options.begin(), options.end());
    line.insert(line.end(), {"--", "/bin/cat"});
    expect_error(line, 126,
                 "nsrun: execute /bin/cat: not below a path of --landlock-ro or --landlock-rw "
                 "[EACCES]\n",
                 kNobody);
  }
  test::write_file(root_.file("ro/script"), "#!/bin/sh\n");
  chmod(root_.file("ro/script").c_str(), 0755);
  expect_error({"--rootfs", root_.path(), "--landlock-ro", "/ro", "--", "/ro/script"}, 126,
               "nsrun: execute /ro/script: its interpreter /bin/sh: not below a path of "
               "--landlock-ro or --landlock-rw [EACCES]\n",
               kNobody);
  expect_error({"--rootfs", root_.path(), "--landlock-ro", "/nonexistent", "--", "/bin/cat"}, 125,
               "nsrun: --landlock-ro /nonexistent: no such file or directory [ENOENT]\n", kNobody);
  expect_error({"--landlock-rw", "", "x"}, 125, "--landlock-rw : not a path", kNobody);
}

TEST_F(NsrunLandlockTest, WorksWithAFilterAndInAJoinedContainer) {
  REQUIRE_ROOT();
  const test::Sleeper container(CLONE_NEWNS | CLONE_NEWPID);
  const Arguments line = {"--join",
                          std::to_string(container.pid()),
                          "--landlock-ro",
                          "/bin",
                          "--landlock-ro",
                          root_.file("bin"),
                          "--landlock-ro",
                          root_.file("ro"),
                          "--",
                          root_.file("bin/cat")};
  const auto said = [&](const std::string& name) {
    Arguments all = line;
    all.push_back(root_.file(name + "/file"));
    return nsrun(all).out;
  };
  EXPECT_EQ("ro\n", said("ro"));
  EXPECT_EQ("", said("other"));
}

TEST(NsrunLandlock, IsAnErrorIfTheKernelHasNoLandlock) {
  for (const int error : {ENOSYS, EOPNOTSUPP}) {
    const Outcome outcome = test::run_command(
        {test::built("nsrun"), "--landlock-ro", "/", "--", "/bin/sh", "-c", "echo ran"},
        {.uid = kNobody,
         .before_exec = [&] { test::refuse_calls({SYS_landlock_create_ruleset}, error); }});
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
    EXPECT_EQ("", outcome.out);
    EXPECT_TRUE(contains(outcome.err, "--landlock-rw: this kernel has no Landlock")) << outcome.err;
  }
}

}  // namespace

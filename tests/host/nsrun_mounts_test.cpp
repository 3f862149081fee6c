// Tests where nsrun's mounts go: the root, as bwrap makes it; dangling symlinks; the working
// directory; overlays; devices; sizes.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "syscalls/file.h"
#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"
#include "tests/support/supervisor.h"

namespace {

using test::Arguments;
using test::contains;
using test::Outcome;

constexpr int kNobody = 65534;

class NsrunMountTest : public test::NsrunShellTest {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    chmod(host_.path().c_str(), 0777);
    for (const char* name : {"proc", "dev", "tmp"}) mkdir(root_.file(name).c_str(), 0777);
  }
  std::string host(const std::string& name) { return host_.file(name); }
  // Runs a script in busybox's shell with exactly these options, started in `directory`.
  Outcome script(Arguments options, const std::string& text, int uid = 0,
                 const std::string& directory = "/", const std::string& program = {}) {
    options.insert(options.begin(), program.empty() ? nsrun_ : program);
    for (const std::string& more :
         Arguments{"--env", "PATH=/bin:/usr/bin", "--", "/bin/sh", "-c", text}) {
      options.push_back(more);
    }
    return test::run_command(options, {.uid = uid, .environment = {}, .before_exec = [&] {
                                         if (chdir(directory.c_str()) != 0) _exit(90);
                                       }});
  }
  void expect_ok(const std::string& out, const Outcome& outcome, const std::string& what = {}) {
    EXPECT_EQ(out, outcome.out) << what << outcome.err;
  }

  test::TemporaryDirectory host_;
};

// ---- The root ----

TEST_F(NsrunMountTest, AMountOnSlashBecomesTheRoot) {
  for (const int uid : {0, kNobody}) {
    for (const char* path : {"/", "//", "/.", "/./", "/..", "/bin/..", "/../bin/.."}) {
      for (const Arguments& more : {Arguments{}, Arguments{"--verbose"}, Arguments{"--init"},
                                    Arguments{"--cap-add", "all"}, Arguments{"--share-net"}}) {
        Arguments options = {"--ro-bind", root_.path(), path};
        options.insert(options.end(), more.begin(), more.end());
        const Outcome outcome = script(
            options, "/bin/touch /written 2> /bin/null || echo read-only; ls /nsreport", uid);
        std::string what = "uid " + std::to_string(uid) + ":";
        for (const std::string& option : options) what += " " + option;
        what += "\n";
        expect_ok("read-only\n/nsreport\n", outcome, what);
        EXPECT_FALSE(test::exists(root_.file("written"))) << what;
        EXPECT_NE(0, unlink("/written")) << what << "COMMAND was in the host's root";
      }
    }
  }
}

// unshare(CLONE_NEWUSER) copies the root at its start and takes the copy at its end. If another
// process that shares the root enters a new one in between, COMMAND would run in the host's root.
// And while that process enters it, the kernel refuses a user namespace.
TEST_F(NsrunMountTest, TheRootIsEnteredWhenTheUserNamespaceExists) {
  std::set<int> sharing;
  int creator = -1;
  bool created = false;
  int entered = 0;
  test::Supervisor supervisor([&](const test::SupervisedCall& call) {
    if (call.process == creator) created = true;
    if (call.number == SYS_clone3) {
      uint64_t flags = 0;
      const iovec here{&flags, sizeof flags};
      const iovec there{reinterpret_cast<void*>(call.arguments[0]), sizeof flags};
      EXPECT_EQ(ssize_t{sizeof flags}, process_vm_readv(call.pid, &here, 1, &there, 1, 0));
      if ((flags & CLONE_FS) != 0) sharing.insert(call.process);
    }
    if (call.number == SYS_pivot_root) {
      ++entered;
      EXPECT_TRUE(created);
    }
    if (call.number == SYS_unshare && (call.arguments[0] & CLONE_NEWUSER) != 0) {
      creator = call.process;
      EXPECT_FALSE(sharing.contains(call.process));
      return test::Verdict{test::Verdict::kStop};
    }
    return test::Verdict{};
  });
  const Outcome outcome = test::run_command(
      {nsrun_, "--ro-bind", root_.path(), "/", "--cap-add", "all", "--", "/nsreport"},
      {.uid = 0, .environment = {}, .before_exec = [&] { supervisor.install(); }});
  (void)supervisor.finish();
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
  EXPECT_NE(-1, creator) << "no inner user namespace";
  EXPECT_EQ(1, entered);
}

TEST_F(NsrunMountTest, TheHostsFilesAsRootCanBeReadOnly) {
  REQUIRE_MOUNT_SETATTR();
  const std::string file = host("made");
  const std::string write = "touch " + file + " 2> /dev/null && echo OUT; echo done";
  for (const int uid : {0, kNobody}) {
    for (const Arguments& more : {Arguments{}, Arguments{"--verbose"}, Arguments{"--init"},
                                  Arguments{"--cap-add", "all"}}) {
      Arguments options = {"--ro-bind", "/", "/", "--dev", "/dev"};
      options.insert(options.end(), more.begin(), more.end());
      expect_ok("done\n", script(options, write, uid));
    }
    expect_ok("OUT\ndone\n", script({"--bind", "/", "/", "--dev", "/dev"}, write, uid),
              "the control");
    EXPECT_EQ(0, unlink(file.c_str()));
    // A directory in it that is bound again can be written.
    expect_ok("OUT\ndone\n",
              script({"--ro-bind", "/", "/", "--dev", "/dev", "--bind", host_.path(), host_.path()},
                     write, uid));
    EXPECT_EQ(0, unlink(file.c_str()));
  }
}

TEST_F(NsrunMountTest, TheOldRootCannotBeReached) {
  REQUIRE_MOUNT_SETATTR();
  for (const int uid : {0, kNobody}) {
    for (const Arguments& options :
         {Arguments{"--bind", root_.path(), "/"},
          Arguments{"--tmpfs", "/x", "--bind", root_.path(), "/"},
          Arguments{"--tmpfs", "/", "--tmpfs", "/a", "--bind", root_.path(), "/"}}) {
      Arguments with_proc = options;
      with_proc.insert(with_proc.end(), {"--proc", "/proc"});
      expect_ok("1\n", script(with_proc, "awk '$5 == \"/\"' /proc/self/mountinfo | wc -l", uid));
      expect_ok("0\n",
                script(with_proc, "awk '$5 !~ \"^/(proc|$)\"' /proc/self/mountinfo | wc -l", uid));
      expect_ok("ok\n", script(with_proc, "cd /..; [ -e nsreport ] && echo ok", uid));
    }
  }
}

TEST_F(NsrunMountTest, MountsBeforeTheRootAreHiddenByIt) {
  mkdir(root_.file("d").c_str(), 0755);
  test::write_file(root_.file("d/seen"), "");
  expect_ok("seen\n", script({"--tmpfs", "/d", "--bind", root_.path(), "/"}, "ls /d"));
  expect_ok("", script({"--bind", root_.path(), "/", "--tmpfs", "/d"}, "ls /d"));
  expect_ok("seen\n", script({"--tmpfs", "/", "--dir", "/a", "--bind", root_.path(), "/"},
                             "ls /d; [ ! -e /a ] || echo a"));
}

TEST_F(NsrunMountTest, AnEmptyRootHasOnlyWhatIsMountedInIt) {
  for (const int uid : {0, kNobody}) {
    for (const Arguments& root : {Arguments{"--tmpfs", "/"}, Arguments{"--empty-root"}}) {
      Arguments options = root;
      options.insert(options.end(), {"--ro-bind", root_.file("bin"), "/bin", "--dir", "/a/b",
                                     "--symlink", "bin", "/other"});
      expect_ok("a\nbin\nother\n",
                script(options, "ls /; touch /x; [ -e /x ] && /other/true", uid));
    }
  }
  EXPECT_FALSE(test::exists("/a/b"));
}

// If no option names the root, a line that mounts single directories of a root means an empty root,
// as with bwrap. Any other line means the host's root.
TEST_F(NsrunMountTest, ARootWhoseDirectoriesAreMountedOneByOneStartsEmpty) {
  for (const int uid : {0, kNobody}) {
    expect_ok("bin\nlink\n", script({"--ro-bind", root_.file("bin"), "/bin", "--symlink", "bin/sh",
                                     "link", "--dir", "/bin"},
                                    "ls /", uid));
    EXPECT_TRUE(contains(script({"--tmpfs", host_.path()}, "ls -a /", uid).out, "tmp\n"));
    EXPECT_TRUE(
        contains(script({"--host-root", "--ro-bind", "/bin", "/bin"}, "ls /", uid).out, "tmp\n"));
  }
  EXPECT_FALSE(test::exists("/link"));
}

TEST_F(NsrunMountTest, UnderTheNameBwrapTheRootIsEmptyAndOnlyTheMountNamespaceIsNew) {
  const std::string bwrap = bin_.file("bwrap");
  ASSERT_EQ(0, symlink("nsrun", bwrap.c_str()));
  const std::string net = test::read_link("/proc/self/ns/net");
  for (const int uid : {0, kNobody}) {
    expect_ok("bin\nproc\n" + net + "\n",
              script({"--bind", root_.file("bin"), "/bin", "--bind", "/proc", "/proc"},
                     "ls /; readlink /proc/self/ns/net", uid, "/", bwrap));
    const std::string other =
        script({"--bind", root_.path(), "/", "--bind", "/proc", "/proc", "--unshare-net"},
               "readlink /proc/self/ns/net", uid, "/", bwrap)
            .out;
    EXPECT_NE(net + "\n", other);
    EXPECT_TRUE(contains(other, "net:"));
  }
}

TEST_F(NsrunMountTest, MountOptionsImplyAMountNamespaceBesideUnshareOptions) {
  for (const int uid : {0, kNobody}) {
    expect_ok("ok\n", script({"--unshare-ipc", "--bind", root_.path(), "/"},
                             "[ -e /nsreport ] && echo ok", uid));
  }
  expect_error({"--ns", "pid", "--ro-bind", "/", "/", "true"}, 125, "wants a new mnt namespace");
  expect_error({"--share-mnt", "--ro-bind", "/", "/", "true"}, 125, "wants a new mnt namespace");
}

TEST_F(NsrunMountTest, OptionsForTwoRootsAreAnError) {
  expect_error({"--rootfs", root_.path(), "--bind", "/", "/", "true"}, 125, "mount on /");
  expect_error({"--rootfs", root_.path(), "--empty-root", "true"}, 125, "--empty-root");
  expect_error({"--host-root", "--tmpfs", "/", "true"}, 125, "--host-root");
  for (const char* option : {"--proc", "--dev", "--mqueue"}) {
    expect_error({option, "/bin/..", "true"}, 125, std::string(option) + " /bin/..: cannot be");
  }
  expect_error({"--symlink", "a", "/", "true"}, 125, "--symlink");
  expect_error({"--bind", "/bin/busybox", "/", "true"}, 125, "not a directory");
  expect_error({"--bind", "/nonexistent", "/", "true"}, 125, "--bind /nonexistent: ENOENT");
}

// A mount on a symlink to the root would never be entered, or a hostile image would choose its
// root.
TEST_F(NsrunMountTest, ASymlinkToTheRootIsRefusedAsAMountPoint) {
  ASSERT_EQ(0, symlink("/", root_.file("link").c_str()));
  ASSERT_EQ(0, symlink("bin/..", root_.file("other").c_str()));
  mkdir(host("d").c_str(), 0755);
  for (const char* path : {"/link", "/other", "/bin/../link", "/link/."}) {
    for (const int uid : {0, kNobody}) {
      expect_error({"--rootfs", root_.path(), "--bind", host("d"), path, "true"}, 125,
                   "leads to the root itself", uid);
      expect_error({"--bind", root_.path(), "/", "--tmpfs", path, "true"}, 125,
                   "leads to the root itself", uid);
    }
  }
  // The same is refused on the host's root.
  const std::string link = host("link");
  ASSERT_EQ(0, symlink("/", link.c_str()));
  expect_error({"--tmpfs", link, "true"}, 125, "leads to the root itself");
}

TEST_F(NsrunMountTest, ABoundRootHasANewProcOverTheHosts) {
  REQUIRE_MOUNT_SETATTR();
  for (const int uid : {0, kNobody}) {
    for (const char* bind : {"--bind", "--ro-bind", "--dev-bind"}) {
      expect_ok("1\n", script({bind, "/", "/"}, "readlink /proc/self | wc -l", uid));
      const std::string mine = "[ -e /proc/" + std::to_string(getpid()) + " ] && echo OUT; echo";
      expect_ok("\n", script({bind, "/", "/"}, mine, uid));
      expect_ok("\n", script({bind, "/", "/", "--proc", "/proc"}, mine, uid));
      expect_ok("OUT\n\n", script({bind, "/", "/", "--share-pid"}, mine, uid), "the control");
    }
  }
}

// A user namespace cannot mount a /proc of a pid namespace that it does not own.
TEST_F(NsrunMountTest, WithASharedPidNamespaceProcIsTheCallers) {
  for (const int uid : {0, kNobody}) {
    const std::string mine = "[ -e /proc/" + std::to_string(getpid()) +
                             "/status ] && echo mine; "
                             "( : >> /proc/sys/kernel/printk_ratelimit ) 2> /dev/null && echo OUT";
    for (const Arguments& more : {Arguments{"--share-pid"}, Arguments{"--unshare-ipc"},
                                  Arguments{"--unshare-ipc", "--unshare-user"},
                                  Arguments{"--share-pid", "--cap-add", "all"}}) {
      Arguments options = {"--rootfs", root_.path()};
      options.insert(options.end(), more.begin(), more.end());
      expect_ok("mine\n", script(options, mine, uid), more.back());
      options = {"--bind", root_.path(), "/", "--dev", "/dev", "--proc", "/proc"};
      options.insert(options.end(), more.begin(), more.end());
      expect_ok("mine\n", script(options, mine, uid), more.back());
    }
  }
}

TEST_F(NsrunMountTest, ABoundRootCannotConfigureTheHostsKernel) {
  REQUIRE_MOUNT_SETATTR();
  if (!test::exists("/sys/kernel")) GTEST_SKIP() << "/sys is not mounted";
  // Opens each file for writing and writes nothing.
  const std::string open =
      "for file in $(find /sys /proc/sys /proc/irq -maxdepth 3 -type f -perm -200 2>&- | "
      "head -n 300); do ( : >> $file ) 2>&- && echo OUT $file; done; "
      "( : > /proc/self/oom_score_adj ) && echo own";
  for (const char* bind : {"--bind", "--dev-bind"}) {
    for (const Arguments& more :
         {Arguments{}, Arguments{"--cap-add", "all"}, Arguments{"--share-pid"},
          Arguments{"--unshare-net"}, Arguments{"--verbose"}}) {
      Arguments options = {bind, "/", "/"};
      options.insert(options.end(), more.begin(), more.end());
      expect_ok("own\n", script(options, open), more.empty() ? bind : more[0]);
    }
    EXPECT_TRUE(contains(script({bind, "/", "/", "--no-mask"}, open).out, "OUT /sys/"))
        << "the control";
  }
  // /sys alone, bound into a root, is read-only as well.
  mkdir(root_.file("sys").c_str(), 0755);
  const std::string event =
      "( : >> /sys/kernel/profiling ) 2> /bin/null; "
      "( : >> /sys/kernel/mm/lru_gen/enabled ) 2> /bin/null && echo OUT; echo";
  expect_ok("\n", script({"--rootfs", root_.path(), "--bind", "/sys", "/sys"}, event));
  expect_ok("\n", script({"--bind", root_.path(), "/", "--bind", "/sys", "/sys"}, event));
}

// A root made of mounts has the same protections as --rootfs.
TEST_F(NsrunMountTest, AnAssembledRootIsAsSafeAsARootfs) {
  REQUIRE_MOUNT_SETATTR();
  const Arguments root = {"--bind", root_.path(), "/", "--proc", "/proc"};
  const auto seen = [&](Arguments more, const std::string& text, int uid) {
    more.insert(more.begin(), root.begin(), root.end());
    return script(more, text, uid).out;
  };
  ASSERT_EQ(0, mknod(root_.file("node").c_str(), S_IFCHR | 0666, makedev(1, 3)));
  chmod(root_.file("node").c_str(), 0666);
  (void)!symlink("busybox", root_.file("bin/mount").c_str());
  (void)!symlink("busybox", root_.file("bin/umount").c_str());
  for (const int uid : {0, kNobody}) {
    EXPECT_EQ("00000000800405fb\n", seen({}, "awk '/CapEff/ { print $2 }' /proc/self/status", uid));
    EXPECT_EQ("", seen({}, "( echo x > /node ) 2> /bin/null && echo OUT", uid));
    EXPECT_EQ("ok\n", seen({"--cap-add", "all", "--ro-bind", host_.path(), "/dev"},
                           "mount -o remount,bind,rw /dev 2> /tmp/e; touch /dev/x 2> /tmp/e && "
                           "echo OUT; umount /dev 2> /tmp/e && echo OUT; echo ok",
                           uid));
  }
  // Tries to change the mode of the host's null device through a standard stream.
  (void)!symlink("busybox", root_.file("bin/chmod").c_str());
  const std::string chmod_null =
      " -- /bin/sh -c 'chmod 666 /proc/self/fd/0 2>&-; echo $?' < /dev/null";
  for (const std::string& bound : {root_.path() + " / --proc /proc", std::string("/ /")}) {
    EXPECT_EQ("1\n", test::run_command({"/bin/sh", "-c",
                                        nsrun_ + " --env PATH=/bin --bind " + bound + chmod_null})
                         .out);
  }
  EXPECT_EQ("0\n",
            test::run_command({"/bin/sh", "-c", nsrun_ + " --env PATH=/bin" + chmod_null}).out)
      << "the control";
  const Outcome open = test::run_command({"/bin/sh", "-c",
                                          "exec 7< /; exec " + nsrun_ + " --bind " + root_.path() +
                                              " / --proc /proc --env PATH=/bin -- /bin/sh -c 'ls "
                                              "-d /proc/self/fd/7/ 2> /tmp/e; echo'"});
  EXPECT_EQ("\n", open.out) << open.err;
}

// Runs command lines that desktop applications, thumbnailers, coding agents and builds use, with
// bwrap and with nsrun. Both must print the same.
TEST_F(NsrunMountTest, CommandLinesOfBwrapPrintTheSame) {
  const std::string bwrap = "/usr/bin/bwrap";
  if (!test::exists(bwrap)) GTEST_SKIP() << "bwrap is not installed";
  const std::string look =
      "ls /; ls -d /usr /etc/passwd /home 2>&1; pwd; echo $PWD; touch /x 2>&1 && rm /x; echo a > "
      "/tmp/b && "
      "cat /tmp/b && rm /tmp/b; ( echo > /dev/null ) 2>&1; ls /dev; stat -c %a / /tmp 2>&1; "
      "ls -d /proc/1; awk '$5 == \"/\"' /proc/self/mountinfo | wc -l";
  const std::string links =
      " --symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/bin /bin ";
  const std::string d = host("d");
  mkdir(d.c_str(), 0777);
  chmod(d.c_str(), 0777);
  const std::string lines[] = {
      "--ro-bind /usr /usr" + links +
          "--ro-bind /etc /etc --proc /proc --dev /dev --tmpfs /tmp "
          "--unshare-all --die-with-parent --new-session",
      "--unshare-all --share-net --ro-bind /usr /usr --dir /tmp --dir /var --symlink ../tmp "
      "var/tmp --proc /proc --dev /dev --ro-bind-try /etc/resolv.conf /etc/resolv.conf" +
          links + "--chdir / --die-with-parent --dir /run/user/1000",
      "--new-session --die-with-parent --unshare-net --ro-bind / / --bind " + d + " " + d +
          " --ro-bind-try /none /none --dev /dev --unshare-pid --proc /proc",
      "--unshare-net --new-session --proc /proc --dev /dev --bind /tmp /tmp --ro-bind /usr /usr "
      "--ro-bind /bin /bin --ro-bind /lib /lib --ro-bind-try /lib64 /lib64 --ro-bind /etc /etc "
      "--chdir " +
          d,
      "--tmpfs / --dev /dev --ro-bind /usr /usr" + links + "--proc /proc --unshare-pid",
      "--dev-bind / / --unshare-net",
      "--bind / / --unshare-ipc",
      "--unshare-net --ro-bind / / --tmpfs /home --bind " + d + " /home/me --chdir /home/me",
      "--tmpfs /tmp --ro-bind / / --unshare-uts",
      "--unshare-net --ro-bind /usr /usr" + links + "--size 4096 --perms 0700 --tmpfs /tmp",
  };
  for (const int uid : {0, kNobody}) {
    for (const std::string& line : lines) {
      const auto print = [&](const std::string& program) {
        Arguments words = {program};
        for (const std::string& word : test::split(line, ' ')) {
          if (!word.empty()) words.push_back(word);
        }
        words.insert(words.end(), {"sh", "-c", look});
        const Outcome outcome =
            test::run_command(words, {.uid = uid, .environment = {}, .before_exec = [&] {
                                        if (chdir(d.c_str()) != 0) _exit(90);
                                      }});
        return outcome.out + outcome.err;
      };
      EXPECT_EQ(print(bwrap), print(nsrun_)) << line;
    }
  }
}

// ---- The working directory ----

TEST_F(NsrunMountTest, InABoundRootTheWorkingDirectoryStaysIfItExistsThere) {
  REQUIRE_MOUNT_SETATTR();
  mkdir(host("d").c_str(), 0777);
  chmod(host("d").c_str(), 0777);
  mkdir(root_.file("home").c_str(), 0755);
  for (const int uid : {0, kNobody}) {
    expect_ok(host("d") + "\n", script({"--ro-bind", "/", "/"}, "pwd", uid, host("d")));
    expect_ok("read-only\n", script({"--ro-bind", "/", "/", "--dev", "/dev"},
                                    "touch a 2> /dev/null || echo read-only", uid, host("d")));
    // If the root hides the directory, the command starts in the home directory, or without one in
    // the root.
    expect_ok("/\n", script({"--bind", root_.path(), "/"}, "pwd", uid, host("d")));
    expect_ok("/home\n",
              script({"--bind", root_.path(), "/", "--env", "HOME=/home"}, "pwd", uid, host("d")));
    expect_ok("/\n",
              script({"--bind", root_.path(), "/", "--env", "HOME=/none"}, "pwd", uid, host("d")));
    // A shell believes PWD if it leads to the working directory, so nsrun must set it.
    expect_ok("/home\n",
              script({"--bind", root_.path(), "/", "--env", "PWD=/none", "--bind", host("d"),
                      "/home", "--bind", host("d"), "/other", "--chdir", "/home"},
                     "echo $PWD", uid, host("d")));
    // A relative --chdir starts at the root.
    expect_ok("/home\n",
              script({"--bind", root_.path(), "/", "--chdir", "home"}, "pwd", uid, host("d")));
    expect_ok("/\n", script({"--ro-bind", "/", "/", "--chdir", "."}, "pwd", uid, host("d")));
  }
}

TEST_F(NsrunMountTest, OnTheHostsRootTheWorkingDirectoryIsOnTheNewMount) {
  mkdir(host("d").c_str(), 0777);
  mkdir(host("d/sub").c_str(), 0777);
  for (const char* name : {"d", "d/sub"}) chmod(host(name).c_str(), 0777);
  test::write_file(host("d/secret"), "hidden");
  ASSERT_EQ(0, symlink("d", host("link").c_str()));
  const std::string d = host("d");
  for (const int uid : {0, kNobody}) {
    for (const std::string& directory : {d, host("link")}) {
      for (const Arguments& more :
           {Arguments{}, Arguments{"--chdir", "."}, Arguments{"--chdir", "./sub/.."},
            Arguments{"--verbose"}, Arguments{"--chdir", ".", "--share-user"}}) {
        if (uid != 0 && !more.empty() && more.back() == "--share-user") continue;
        Arguments read_only = {"--ro-bind", d, d};
        read_only.insert(read_only.end(), more.begin(), more.end());
        expect_ok("read-only\n",
                  script(read_only, "touch a 2> /dev/null || echo read-only", uid, directory));
        if (more.size() > 1 && more[1] != ".") continue;
        Arguments hidden = {"--tmpfs", d};
        hidden.insert(hidden.end(), more.begin(), more.end());
        expect_ok("", script(hidden, "ls", uid, directory));
      }
      expect_ok(d + "/sub\n",
                script({"--ro-bind", d, d, "--chdir", "sub"}, "pwd -P", uid, directory));
    }
    // Here a mount hides the working directory itself.
    expect_error({"--tmpfs", d, "--chdir", d + "/sub", "true"}, 125, "--chdir", uid);
    const Outcome gone = script({"--tmpfs", d}, "pwd", uid, d + "/sub");
    EXPECT_TRUE(gone.status.exited_with(125)) << gone.out;
    EXPECT_TRUE(contains(gone.err, "working directory " + d + "/sub")) << gone.err;
  }
  EXPECT_FALSE(test::exists(d + "/a"));
}

// ---- Dangling symlinks ----

struct Dangling {
  const char* link;    // the symlink's target
  const char* option;  // a mount point below or at /link
  const char* made;    // what must exist at the end, inside the root
};

TEST_F(NsrunMountTest, ADanglingSymlinkIsFollowedInsideTheRoot) {
  mkdir(host("d").c_str(), 0755);
  test::write_file(host("d/in"), "");
  test::write_file(host("f"), "file\n");
  mkdir(root_.file("sub").c_str(), 0777);
  chmod(root_.file("sub").c_str(), 0777);
  ASSERT_EQ(0, symlink("/chain2", root_.file("chain1").c_str()));
  ASSERT_EQ(0, symlink("sub/../made9/x", root_.file("chain2").c_str()));
  const Dangling all[] = {
      {"made1", "/link", "made1"},
      {"/made2", "/link", "made2"},
      {"made3/deep/er", "/link", "made3/deep/er"},
      {"/made4/deep", "/link/more", "made4/deep/more"},
      {"../../../made5", "/link", "made5"},
      {"/../made6/../made7", "/link", "made7"},
      {"sub/../made8", "/sub/../link", "made8"},
      {"chain1", "/link", "made9/x"},
      {"./sub/./made10/", "/link", "sub/made10"},
      {"nsreport-not-there/..", "/link/made11", "made11"},
      {"/tmp-not/host", "/link", "tmp-not/host"},
  };
  for (const int uid : {0, kNobody}) {
    for (const char* way : {"--rootfs", "--bind"}) {
      for (const Dangling& one : all) {
        for (const bool file : {false, true}) {
          if (file && one.made == std::string("sub/made10"))
            continue;  // "made10/" with its slash is a directory
          ASSERT_EQ(0, symlink(one.link, root_.file("link").c_str()));
          ASSERT_EQ(0, lchown(root_.file("link").c_str(), uid, uid));
          Arguments options = {way, root_.path()};
          if (options[0] == "--bind") options.emplace_back("/");
          options.insert(options.end(), {"--bind", host(file ? "f" : "d"), one.option});
          const std::string look = file ? "cat " : "ls ";
          expect_ok(file ? "file\n" : "in\n", script(options, look + one.option + " 2>&1", uid),
                    one.link);
          const std::string made = root_.file(one.made);
          struct stat status {};
          EXPECT_EQ(0, lstat(made.c_str(), &status)) << one.link << one.option;
          EXPECT_EQ(file ? S_IFREG : S_IFDIR, status.st_mode & S_IFMT) << one.link;
          EXPECT_EQ(0, remove(made.c_str())) << one.link << errno;
          // Removes what root has made, because the next user could not write there.
          const std::string top = test::split(one.made, '/')[0];
          if (top != "sub") std::filesystem::remove_all(root_.file(top));
          EXPECT_EQ(0, unlink(root_.file("link").c_str()));
        }
      }
    }
  }
  EXPECT_FALSE(test::exists("/made2") || test::exists("/made4") || test::exists("/tmp-not"));
}

TEST_F(NsrunMountTest, DirectoriesAndSymlinksAreMadeThroughDanglingSymlinks) {
  ASSERT_EQ(0, symlink("/a/b", root_.file("link").c_str()));
  expect_ok("directory\n",
            script({"--rootfs", root_.path(), "--dir", "/link/c"}, "stat -c %F /a/b/c"));
  expect_ok("x\n",
            script({"--rootfs", root_.path(), "--symlink", "x", "/link/d"}, "readlink /a/b/d"));
  ASSERT_EQ(0, symlink("e/f", root_.file("other").c_str()));
  expect_ok("tmpfs\n",
            script({"--rootfs", root_.path(), "--tmpfs", "/other"}, "stat -f -c %T /e/f"));
}

TEST_F(NsrunMountTest, ALoopOfSymlinksIsAnError) {
  ASSERT_EQ(0, symlink("loop2", root_.file("loop1").c_str()));
  ASSERT_EQ(0, symlink("/loop1", root_.file("loop2").c_str()));
  ASSERT_EQ(0, symlink("self/a", root_.file("self").c_str()));
  ASSERT_EQ(0, symlink("missing/../loop1", root_.file("late").c_str()));
  for (const char* path : {"/loop1", "/loop2/x", "/self", "/late"}) {
    expect_error({"--rootfs", root_.path(), "--tmpfs", path, "true"}, 125,
                 std::string("--tmpfs ") + path + ": ELOOP");
    expect_error({"--rootfs", root_.path(), "--bind", "/bin/busybox", path, "true"}, 125, "ELOOP");
  }
  // A regular file inside the path is an error, too.
  expect_error({"--rootfs", root_.path(), "--tmpfs", "/nsreport/x", "true"}, 125, "ENOTDIR");
}

// The symlink must also stay inside if a seccomp filter refuses openat2.
TEST_F(NsrunMountTest, ADanglingSymlinkStaysInsideTheRootWithoutOpenat2) {
  const test::TemporaryDirectory victim;
  chmod(victim.path().c_str(), 0777);
  mkdir(host("d").c_str(), 0755);
  const std::string outside = victim.file("made");
  ASSERT_EQ(0, symlink(outside.c_str(), root_.file("link").c_str()));
  ASSERT_EQ(0, symlink(("../../../.." + outside).c_str(), root_.file("other").c_str()));
  test::write_file(host("d/in"), "");
  for (const char* path : {"/link", "/other", "/link/x", "/other/../y", "/bin/../z"}) {
    const Outcome outcome = test::run_command(
        {nsrun_, "--rootfs", root_.path(), "--bind", host("d"), path, "--env", "PATH=/bin", "--",
         "/bin/sh", "-c",
         std::string("ls ") + path + "; echo x 2>&- > /proc/sys/kernel/x || echo ro"},
        {.before_exec = [] { test::refuse_calls({SYS_openat2}, ENOSYS); }});
    expect_ok("in\nro\n", outcome, path);
  }
  const Outcome hidden =
      test::run_command({nsrun_, "--rootfs", root_.path(), "--", "/bin/sh", "-c", "cat /proc/keys"},
                        {.before_exec = [] { test::refuse_calls({SYS_openat2}, ENOSYS); }});
  expect_ok("", hidden, "/proc/keys");
  EXPECT_EQ(0, rmdir(victim.path().c_str())) << "the directory is not empty any more";
  mkdir(victim.path().c_str(), 0700);
}

// ---- Binds ----

TEST_F(NsrunMountTest, DevicesWorkOnlyIfTheyAreBoundAsDevices) {
  test::write_file(host("null"), "");
  const std::string write = "( echo x > /null ) 2> /tmp/e && echo works; echo done";
  for (const int uid : {0, kNobody}) {
    const auto with = [&](const char* option) {
      return script({"--rootfs", root_.path(), option, "/dev/null", "/null"}, write, uid).out;
    };
    EXPECT_EQ("works\ndone\n", with("--dev-bind"));
    EXPECT_EQ("works\ndone\n", with("--dev-bind-try"));
    EXPECT_EQ("done\n", with("--bind")) << "the control";
    EXPECT_EQ("works\ndone\n", script({"--rootfs", root_.path(), "--dev-bind", "/dev", "/d"},
                                      "( echo x > /d/null ) && echo works; echo done", uid)
                                   .out);
  }
}

TEST_F(NsrunMountTest, ADeviceInTheRootsOwnFilesDoesNotWork) {
  REQUIRE_ROOT();
  const std::string null = root_.file("device");
  ASSERT_EQ(0, mknod(null.c_str(), S_IFCHR | 0666, makedev(1, 3)));
  ASSERT_EQ(0, chmod(null.c_str(), 0666));
  const std::string write = "( echo x > /device ) 2> /tmp/e && echo works; echo done";
  EXPECT_EQ("done\n", script({"--rootfs", root_.path()}, write).out);
  EXPECT_EQ("done\n", script({"--rootfs", root_.path(), "--cap-add", "all"}, write).out);
}

// An image that belongs to another user, or that is read-only.
TEST_F(NsrunMountTest, ReportsAMountPointThatIsMissingAndCannotBeMade) {
  const test::TemporaryDirectory image;
  ASSERT_EQ(0, chmod(image.path().c_str(), 0755));
  const Outcome refused =
      test::run_command({nsrun_, "--rootfs", image.path(), "--", "/bin/true"}, {.uid = kNobody});
  EXPECT_EQ(
      "nsrun: --rootfs /proc: missing, and may not be made there (make it, or use --overlay DIR "
      "/)\n",
      refused.err);
  EXPECT_TRUE(refused.status.exited_with(125));
  if (!test::is_linux(5, 11)) return;  // an ordinary user may not mount an overlay
  const Outcome overlaid = test::run_command(
      {nsrun_, "--overlay", image.path(), "/", "--", "/nothing"}, {.uid = kNobody});
  EXPECT_TRUE(contains(overlaid.err, "/nothing: no such file")) << overlaid.err;
}

// COMMAND has no new privileges in any case. This is for processes that enter the container later.
TEST_F(NsrunMountTest, NoMountHonoursASetUserIdBit) {
  mkdir(host("d").c_str(), 0755);
  for (const char* option : {"--bind", "--ro-bind", "--dev-bind"}) {
    const Outcome outcome = script({"--rootfs", root_.path(), option, host("d"), "/m"},
                                   "awk '$5 == \"/m\" { print $6 }' /proc/self/mountinfo");
    EXPECT_TRUE(contains(outcome.out, "nosuid")) << option << outcome.out << outcome.err;
  }
}

TEST_F(NsrunMountTest, AReadOnlyRootIsSoInTheMountsBelowToo) {
  REQUIRE_ROOT();
  REQUIRE_MOUNT_SETATTR();
  mkdir(root_.file("below").c_str(), 0755);
  ASSERT_EQ(0, mount("tmpfs", root_.file("below").c_str(), "tmpfs", 0, nullptr));
  const std::string write = "( echo x > /below/new ) 2> /tmp/e && echo works; echo done";
  EXPECT_EQ("works\ndone\n", script({"--rootfs", root_.path()}, write).out) << "the control";
  EXPECT_EQ("done\n", script({"--rootfs", root_.path(), "--read-only"}, write).out);
  umount2(root_.file("below").c_str(), MNT_DETACH);
}

TEST_F(NsrunMountTest, ADeviceOnANodevMountDoesNotWork) {
  REQUIRE_MOUNT_SETATTR();
  mkdir(host("nodev").c_str(), 0755);
  ASSERT_EQ(0, mount("tmpfs", host("nodev").c_str(), "tmpfs", MS_NODEV, nullptr));
  ASSERT_EQ(0, mknod(host("nodev/null").c_str(), S_IFCHR | 0666, makedev(1, 3)));
  for (const int uid : {0, kNobody}) {
    EXPECT_EQ("", script({"--rootfs", root_.path(), "--dev-bind", host("nodev"), "/d"},
                         "( echo x > /d/null ) 2> /tmp/e && echo works", uid)
                      .out);
  }
  umount2(host("nodev").c_str(), MNT_DETACH);
}

TEST_F(NsrunMountTest, ATryOptionIgnoresAMissingSource) {
  mkdir(host("d").c_str(), 0755);
  chmod(host("d").c_str(), 0777);
  for (const int uid : {0, kNobody}) {
    for (const char* option : {"--bind-try", "--ro-bind-try", "--dev-bind-try"}) {
      expect_ok("no\n", script({"--rootfs", root_.path(), option, "/nonexistent", "/none"},
                               "[ -e /none ] || echo no", uid));
      const bool read_only = std::string(option) == "--ro-bind-try";
      expect_ok(read_only ? "ro\n" : "rw\n",
                script({"--rootfs", root_.path(), option, host("d"), "/x"},
                       "touch /x/a 2> /tmp/e && echo rw || echo ro", uid));
      unlink(host("d/a").c_str());
    }
  }
  expect_error({"--bind-try", "/bin/busybox/x", "/a", "true"}, 125, "ENOTDIR");
}

// ---- Sizes and modes ----

TEST_F(NsrunMountTest, ATmpfsHasASizeAndAMode) {
  for (const int uid : {0, kNobody}) {
    const std::string look = "stat -c %a /t; stat -f -c '%b %S' /t";
    expect_ok("755\n", script({"--rootfs", root_.path(), "--tmpfs", "/t"}, "stat -c %a /t", uid));
    expect_ok(
        "700\n16 4096\n",
        script({"--rootfs", root_.path(), "--size", "65536", "--perms", "0700", "--tmpfs", "/t"},
               sysconf(_SC_PAGESIZE) == 4096 ? look : "stat -c %a /t; echo 16 4096", uid));
    // --perms counts only for the next option.
    expect_ok("1777\n755\n", script({"--rootfs", root_.path(), "--perms", "1777", "--tmpfs", "/t",
                                     "--tmpfs", "/u"},
                                    "stat -c %a /t /u", uid));
    expect_ok("711\n755\n", script({"--rootfs", root_.path(), "--tmpfs", "/t", "--perms", "711",
                                    "--dir", "/t/a", "--dir", "/t/b"},
                                   "stat -c %a /t/a /t/b", uid));
    expect_ok("1777\n1777\n", script({"--rootfs", root_.path()}, "stat -c %a /tmp /dev/shm", uid));
  }
  expect_error({"--size", "0", "--tmpfs", "/t", "true"}, 125, "--size 0: not a number of bytes");
  expect_error({"--size", "1k", "--tmpfs", "/t", "true"}, 125, "--size 1k");
  expect_error({"--size", "10", "--dir", "/t", "true"}, 125, "--size: wants --tmpfs");
  expect_error({"--size", "10", "true"}, 125, "--size: wants --tmpfs");
  expect_error({"--perms", "8", "--dir", "/t", "true"}, 125,
               "--perms 8: not an octal mode up to 07777");
  expect_error({"--perms", "10000", "--dir", "/t", "true"}, 125, "--perms 10000");
  expect_error({"--perms", "700", "--bind", "/a", "/b", "true"}, 125, "--perms: wants an option");
}

TEST_F(NsrunMountTest, FileSystemsInMemoryCannotTakeAllMemory) {
  // /tmp, /dev/shm and a --tmpfs may each take at most a quarter of the memory.
  const std::string look =
      "m=$(awk '/MemTotal/ { print $2 }' /proc/meminfo); for d in /tmp /dev/shm /t; do "
      "set -- $(stat -f -c '%b %S' $d); [ $(($1 * ($2 / 1024) * 10)) -lt $((m * 3)) ] || echo $d "
      "$1; done; echo done";
  for (const int uid : {0, kNobody}) {
    expect_ok("done\n", script({"--rootfs", root_.path(), "--tmpfs", "/t"}, look, uid));
  }
}

// ---- Overlays ----

class NsrunOverlayTest : public NsrunMountTest {
 protected:
  // Runs as root in the host's user namespace, because every kernel can mount overlays there.
  Outcome overlay(Arguments options, const std::string& text) {
    options.insert(options.begin(), {"--share-user", "--rootfs", root_.path()});
    return script(options, text);
  }
  std::string layer(const std::string& name, const std::string& file, const std::string& text) {
    mkdir(host(name).c_str(), 0755);
    test::write_file(host(name) + "/" + file, text);
    return host(name);
  }
  bool has_overlays() {
    const Outcome seen = overlay({"--overlay", layer("probe", "a", ""), "/o"}, "echo ok");
    return !contains(seen.err, "ENODEV");
  }
};

std::string escaped(const std::string& path) {
  std::string all;
  for (const char c : path) {
    if (c == ':' || c == ',' || c == '\\') all += '\\';
    all += c;
  }
  return all;
}

TEST_F(NsrunOverlayTest, APathMayContainAnyCharacter) {
  if (!has_overlays()) GTEST_SKIP() << "this kernel has no overlayfs";
  for (const char* name : {"a,b", "a:b", "a\\b", "a\\:b,c", "\\", ",", ":", "a b", "trail\\"}) {
    const std::string low = layer(std::string("low") + name, "file", "low\n");
    const std::string up = layer(std::string("up") + name, "x", "");
    const std::string work = host(std::string("work") + name);
    mkdir(work.c_str(), 0755);
    expect_ok("low\n", overlay({"--overlay", escaped(low), "/o"}, "cat /o/file"), name);
    expect_ok("",
              overlay({"--overlay", escaped(low) + "," + escaped(up) + "," + escaped(work), "/o"},
                      "echo kept > /o/new"),
              name);
    EXPECT_EQ("kept\n", test::read_file(up + "/new")) << name;
  }
}

TEST_F(NsrunOverlayTest, ThereMayBeFortyLayers) {
  if (!has_overlays()) GTEST_SKIP() << "this kernel has no overlayfs";
  std::string all;
  std::string last;
  const int count = 40;
  for (int i = 0; i < count; ++i) {
    last = layer("layer" + std::to_string(i), "file" + std::to_string(i), "");
    test::write_file(last + "/same", std::to_string(i) + "\n");
    all += (i == 0 ? "" : ":") + last;
  }
  expect_ok("0\n41\n", overlay({"--overlay", all, "/o"}, "cat /o/same; ls /o | wc -l"));
}

TEST_F(NsrunOverlayTest, LayersCanBeGivenAsForBwrap) {
  if (!has_overlays()) GTEST_SKIP() << "this kernel has no overlayfs";
  const std::string low = layer("lo,w", "a", "low\n");
  const std::string high = layer("hi:gh", "a", "high\n");
  const std::string up = layer("up", "x", "");
  mkdir(host("work").c_str(), 0755);
  const Arguments sources = {"--overlay-src", low, "--overlay-src", high};
  const auto with = [&](Arguments more, const std::string& text) {
    more.insert(more.begin(), sources.begin(), sources.end());
    return overlay(more, text);
  };
  expect_ok("high\n", with({"--tmp-overlay", "/o"}, "cat /o/a; echo x > /o/new"));
  expect_ok("high\nread-only\n",
            with({"--ro-overlay", "/o"}, "cat /o/a; touch /o/new 2> /tmp/e || echo read-only"));
  expect_ok("high\n", with({"--overlay", up, host("work"), "/o"}, "cat /o/a; echo y > /o/new"));
  EXPECT_EQ("y\n", test::read_file(up + "/new"));
  EXPECT_FALSE(test::exists(high + "/new"));
  // As the root, which then contains only the files of the layers.
  Arguments root = {"--share-user", "--overlay-src", root_.path(), "--tmp-overlay", "/"};
  expect_ok("ok\n", script(root, "echo x > /new && [ ! -e /proc/self ] && echo ok"));
  EXPECT_FALSE(test::exists(root_.file("new")));
  expect_error({"--tmp-overlay", "/o", "true"}, 125, "--tmp-overlay /o: wants --overlay-src");
  expect_error({"--overlay-src", low, "--ro-overlay", "/o", "true"}, 125, "two --overlay-src");
}

}  // namespace

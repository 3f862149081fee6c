// The attacker is root of a container that nsrun has made. Its id 0 is the host's root, and it has
// all capabilities. It wants what nsrun has hidden or made read-only: the host's sysctls, processes
// and devices, a directory that is bound read-only, and the limits of its own control group.
//
// The defence is the inner user namespace (tools/nsrun/container/inner_namespaces.h). With the
// default capabilities it is that CAP_SYS_ADMIN is not among them. The control has neither:
// --share-user --cap-add all.
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <sstream>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"

namespace {

using test::contains;
using test::Outcome;

constexpr int kNobody = 65534;

// A script that prints OUT if the attack works.
struct Attack {
  const char* name;
  const char* script;
  bool needs_mount_setattr = false;  // before Linux 5.12 there is no defence, because a bound
                                     // device cannot be made read-only
};
std::ostream& operator<<(std::ostream& out, const Attack& attack) { return out << attack.name; }

// Writes a sysctl's own value back to its file, so a successful attack changes nothing.
#define WRITE_SYSCTL(file) "v=$(cat " file ") && echo \"$v\" > " file " && echo OUT; "

// The root file system has a file dev/secret below the /dev that nsrun mounts, a device node, and
// /ro, which is bound read-only.
constexpr Attack kAttacks[] = {
    {"UnmountsProcSys", "umount /proc/sys; " WRITE_SYSCTL("/proc/sys/kernel/printk_ratelimit")},
    {"UnmountsProcSysLazily",
     "umount -l /proc/sys; " WRITE_SYSCTL("/proc/sys/kernel/printk_ratelimit")},
    {"RemountsProcSys",
     "mount -o remount,bind,rw /proc/sys; " WRITE_SYSCTL("/proc/sys/kernel/printk_ratelimit")},
    {"MountsProcElsewhere",
     "mount -t proc proc /mnt; " WRITE_SYSCTL("/mnt/sys/kernel/printk_ratelimit")},
    {"MountsProcInNamespacesOfItsOwn",
     "unshare -Urpfm sh -c 'mount -t proc proc /mnt; " WRITE_SYSCTL(
         "/mnt/sys/kernel/printk_ratelimit") "' || { mount -t proc proc "
                                             "/mnt; " WRITE_SYSCTL("/mnt/sys/kernel/"
                                                                   "printk_ratelimit") "}"},
    {"BindsProcWithoutWhatIsMountedBelow",
     "mount --bind /proc /mnt; " WRITE_SYSCTL("/mnt/sys/kernel/printk_ratelimit")},
    {"MovesProcSys",
     "mount --move /proc/sys /mnt; " WRITE_SYSCTL("/proc/sys/kernel/printk_ratelimit")},
    {"UnmountsProc", "mount --bind / /mnt; umount -l /proc; test -e /proc/hidden && echo OUT"},
    {"UnmountsDev", "umount -l /dev; test -e /dev/secret && echo OUT"},
    {"BindsTheRootWithoutWhatIsMountedBelow",
     "mount --bind / /mnt; test -e /mnt/dev/secret && echo OUT"},
    {"LaysAnOverlayOverTheRoot",
     "mount -t overlay -o lowerdir=/:/dev/shm o /mnt; test -e /mnt/dev/secret && echo OUT"},
    {"UnmountsInNamespacesOfItsOwn",
     "unshare -Urm sh -c 'umount -l /dev; test -e /dev/secret && echo OUT' || { umount -l "
     "/dev; "
     "test -e /dev/secret && echo OUT; }"},
    {"RemountsTheReadOnlyBind", "mount -o remount,bind,rw /ro; touch /ro/x && echo OUT"},
    {"UnmountsTheReadOnlyBind", "umount -l /ro; touch /ro/x && echo OUT"},
    {"EntersTheMountNamespaceOfInit",
     "nsenter -t 1 -m -- sh -c 'mount -o remount,bind,rw /ro; touch /ro/x && echo OUT'"},
    {"UsesADeviceOfTheRootsOwn", "mount -o remount,bind,dev /; echo x > /node && echo OUT"},
    {"ChangesTheModeOfTheHostsNull",
     "mount -o remount,bind,rw /dev/null; chmod 666 /dev/null && echo OUT", true},
};

class MountAttackTest : public test::NsrunShellTest, public testing::WithParamInterface<Attack> {
 protected:
  MountAttackTest() {
    for (const char* directory : {"dev", "proc", "mnt", "ro", "tmp"}) {
      mkdir(root_.file(directory).c_str(), 0777);
      chmod(root_.file(directory).c_str(), 0777);
    }
    for (const char* name : {"mount", "umount", "unshare", "nsenter", "chmod", "test"}) {
      (void)!symlink("busybox", root_.file(std::string("bin/") + name).c_str());
    }
    test::write_file(root_.file("dev/secret"), "of the host");
    test::write_file(root_.file("proc/hidden"), "of the host");
    if (test::is_root()) {
      EXPECT_EQ(0, mknod(root_.file("node").c_str(), S_IFCHR | 0666, makedev(1, 3)));
      chmod(root_.file("node").c_str(), 0666);
    }
  }
  bool works(test::Arguments options, int uid = 0) {
    options.insert(options.begin(),
                   {nsrun_, "--rootfs", root_.path(), "--ro-bind", root_.file("ro"), "/ro"});
    for (const std::string& more :
         test::Arguments{"--env", "PATH=/bin", "--", "/bin/sh", "-c", GetParam().script}) {
      options.push_back(more);
    }
    const Outcome outcome = test::run_command(options, {.uid = uid});
    EXPECT_FALSE(outcome.status.exited_with(125)) << "it did not start: " << outcome.err;
    said_ = outcome.err;
    unlink(root_.file("ro/x").c_str());
    return contains(outcome.out, "OUT");
  }
  std::string said_;
};

TEST_P(MountAttackTest, Fails) {
  REQUIRE_ROOT();
  if (GetParam().needs_mount_setattr) REQUIRE_MOUNT_SETATTR();
  EXPECT_FALSE(works({})) << "with the default capabilities";
  EXPECT_FALSE(works({"--cap-add", "all"})) << "with all capabilities";
  EXPECT_FALSE(works({"--cap-add", "all", "--init"}));
  EXPECT_FALSE(works({"--cap-add", "all", "--verbose"})) << "with the stub's stages";
  EXPECT_FALSE(
      works({"--cap-add", "all", "--uid-map", "0:100000:65536", "--gid-map", "0:100000:65536"}));
  EXPECT_FALSE(works({"--cap-add", "all", "--new-privs"}));
  EXPECT_FALSE(works({}, kNobody)) << "an ordinary user's container";
  EXPECT_FALSE(works({"--cap-add", "all"}, kNobody)) << "an ordinary user's, with all capabilities";
  EXPECT_TRUE(works({"--share-user", "--cap-add", "all"})) << "the control: " << said_;
}

INSTANTIATE_TEST_SUITE_P(, MountAttackTest, testing::ValuesIn(kAttacks),
                         [](const testing::TestParamInfo<Attack>& tested) {
                           return tested.param.name;
                         });

// On the host's root, the mounts that nsrun has made over the host's files stay.
TEST_F(MountAttackTest, OnTheHostsRootMountsStayToo) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  chmod(directory.path().c_str(), 0777);
  const std::string d = directory.path();
  const std::string remount = "mount -o remount,bind,rw " + d + "; touch " + d + "/x";
  const std::string unmount = "umount -l " + d + "; touch " + d + "/x";
  for (const std::string& script : {remount, unmount}) {
    const auto written = [&](test::Arguments options, int uid) {
      options.insert(options.begin(), nsrun_);
      for (const std::string& more :
           test::Arguments{"--ro-bind", d, d, "--", "/bin/sh", "-c", script}) {
        options.push_back(more);
      }
      (void)test::run_command(options, {.uid = uid});
      return unlink(directory.file("x").c_str()) == 0;
    };
    EXPECT_FALSE(written({}, 0)) << script;
    EXPECT_FALSE(written({"--ns", "user,mnt"}, 0)) << script;
    EXPECT_FALSE(written({}, kNobody)) << script;
    EXPECT_TRUE(written({"--share-user"}, 0)) << "the control: " << script;
  }
  const std::string uncover =
      "umount -l /proc; test -e /proc/" + std::to_string(getpid()) + " && echo OUT";
  EXPECT_FALSE(contains(nsrun({"--", "/bin/sh", "-c", uncover}).out, "OUT"));
  EXPECT_FALSE(contains(nsrun({"--", "/bin/sh", "-c", uncover}, kNobody).out, "OUT"));
  EXPECT_TRUE(contains(nsrun({"--share-user", "--", "/bin/sh", "-c", uncover}).out, "OUT"))
      << "the control";
}

// A working directory below a new mount would show the files that the mount hides.
TEST_F(MountAttackTest, TheWorkingDirectoryIsOnTheNewMount) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  chmod(directory.path().c_str(), 0777);
  test::write_file(directory.file("secret"), "hidden");
  const std::string d = directory.path();
  const auto says = [&](test::Arguments options, const std::string& script, int uid) {
    options.insert(options.begin(), nsrun_);
    for (const std::string& more : test::Arguments{"--", "/bin/sh", "-c", script})
      options.push_back(more);
    return test::run_command(options, {.uid = uid, .before_exec = [&] {
                                         if (chdir(d.c_str()) != 0) _exit(90);
                                       }});
  };
  for (int uid : {0, kNobody}) {
    EXPECT_FALSE(contains(says({"--ro-bind", d, d}, "touch made && echo OUT", uid).out, "OUT"))
        << uid;
    EXPECT_FALSE(contains(says({"--tmpfs", d}, "cat secret", uid).out, "hidden")) << uid;
    EXPECT_FALSE(contains(says({"--share-user", "--tmpfs", d}, "cat secret", uid).out, "hidden"))
        << uid;
    EXPECT_EQ(d + "\n", says({}, "pwd", uid).out);
    EXPECT_TRUE(contains(says({}, "cat secret", uid).out, "hidden")) << "the control";
  }
}

// Covers both ways to create the builder process, with and without a pid namespace.
TEST_F(MountAttackTest, MountsAreLockedWithoutAPidNamespaceToo) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  const std::string script = "echo ok; umount -l " + directory.path() + " && echo OUT";
  for (int uid : {0, kNobody}) {
    for (const test::Arguments& options :
         {test::Arguments{"--ns", "user,mnt"}, test::Arguments{"--ns", "user,mnt,net"},
          test::Arguments{"--share-pid"},
          test::Arguments{"--ns", "user,mnt", "--quiet", "--verbose"}}) {
      test::Arguments words = options;
      for (const std::string& more :
           test::Arguments{"--tmpfs", directory.path(), "--", "/bin/sh", "-c", script}) {
        words.push_back(more);
      }
      EXPECT_EQ("ok\n", nsrun(words, uid).out) << options.back() << uid;
    }
  }
}

// With all capabilities the command can use what it owns: it mounts and sets up its network, host
// name and message queues.
TEST_F(MountAttackTest, AllCapabilitiesStillWorkInside) {
  REQUIRE_ROOT();
  const std::string script =
      "mount -t tmpfs t /mnt && echo mounted; umount /mnt && echo unmounted; hostname x && "
      "hostname; "
      "ifconfig lo up && ifconfig lo | grep -c RUNNING; touch /dev/mqueue/q && echo queue";
  (void)!symlink("busybox", root_.file("bin/ifconfig").c_str());
  for (int uid : {0, kNobody}) {
    const Outcome outcome =
        nsrun({"--rootfs", root_.path(), "--cap-add", "all", "--mqueue", "/dev/mqueue", "--env",
               "PATH=/bin", "--", "/bin/sh", "-c", script},
              uid);
    EXPECT_EQ("mounted\nunmounted\nx\n1\nqueue\n", outcome.out) << outcome.err;
  }
}

// With the host's own tree as root: files that configure the kernel are writable for the host's
// root without any capability.
TEST_F(MountAttackTest, KernelInterfacesOfTheHostAreReadOnly) {
  REQUIRE_ROOT();
  REQUIRE_MOUNT_SETATTR();
  if (!test::exists("/sys/kernel")) GTEST_SKIP() << "/sys is not mounted";
  // Opens each file for writing and writes nothing.
  const std::string script =
      "for file in $(find /sys /proc/sys -maxdepth 3 -type f -perm -200 2> /dev/null | head -n "
      "200); do "
      "( : >> $file ) 2> /dev/null && echo OUT $file; done; ls /sys/firmware";
  const auto opened = [&](test::Arguments options) {
    options.insert(options.begin(), {"--rootfs", "/"});
    for (const std::string& more : test::Arguments{"--", "/bin/sh", "-c", script})
      options.push_back(more);
    return nsrun(options).out;
  };
  EXPECT_EQ("", opened({}));
  EXPECT_EQ("", opened({"--cap-add", "all"}));
  EXPECT_EQ("", opened({"--share-user"}));
  EXPECT_TRUE(contains(opened({"--no-mask"}), "OUT /sys/")) << "the control";
}

// The same where a part of the host's tree is bound into a root, whatever it is called there.
TEST_F(MountAttackTest, KernelInterfacesOfTheHostAreReadOnlyWhereTheyAreBound) {
  REQUIRE_ROOT();
  REQUIRE_MOUNT_SETATTR();
  struct Bound {
    std::string source;
    std::string file;  // below DEST
  };
  std::vector<Bound> bounds = {{"/proc", "/sys/kernel/printk_ratelimit"},
                               {"/proc/sys", "/kernel/printk_ratelimit"},
                               {"/proc/sys/kernel/printk_ratelimit", ""},
                               {"/", "/proc/sys/kernel/printk_ratelimit"},
                               {"/proc/..", "/proc/sys/kernel/printk_ratelimit"}};
  if (test::exists("/sys/kernel/profiling")) {
    bounds.insert(bounds.end(), {{"/sys", "/kernel/profiling"},
                                 {"/sys/kernel", "/profiling"},
                                 {"/", "/sys/kernel/profiling"}});
  }
  const std::string top = test::cgroup2_mount_point();
  if (!top.empty()) {
    bounds.push_back({top, "/cgroup.subtree_control"});
    // On a host with control groups of both kinds it is mounted in a tmpfs.
    const size_t end = top.rfind('/');
    bounds.push_back({top.substr(0, end) + "/", top.substr(end) + "/cgroup.subtree_control"});
  }
  const auto opened = [&](test::Arguments options, const Bound& bound) {
    const std::string dest = bound.file.empty() ? "/mnt/file" : "/mnt/tree";
    options.insert(options.begin(), {"--rootfs", root_.path(), "--tmpfs", "/mnt"});
    for (const std::string& more :
         test::Arguments{bound.source, dest, "--env", "PATH=/bin", "--", "/bin/sh", "-c",
                         "( : >> " + dest + bound.file + " ) 2> /dev/null && echo OUT; echo ok"}) {
      options.push_back(more);
    }
    return nsrun(options).out;
  };
  for (const Bound& bound : bounds) {
    SCOPED_TRACE(bound.source + bound.file);
    for (const char* bind : {"--bind", "--dev-bind"}) {
      EXPECT_EQ("ok\n", opened({bind}, bound)) << bind;
      EXPECT_EQ("ok\n", opened({"--cap-add", "all", bind}, bound)) << bind;
      EXPECT_EQ("OUT\nok\n", opened({"--no-mask", bind}, bound)) << "the control";
    }
  }
  // A process writes to its own files in there.
  EXPECT_EQ("OUT\nok\n", opened({"--share-pid", "--bind"}, {"/proc", "/self/oom_score_adj"}));
}

// ---- Control groups ----

// If the container's root is the host's root, it may write to the files of its control group as
// soon as it can mount them.
TEST_F(MountAttackTest, TheLimitsOfItsControlGroupCannotBeChanged) {
  REQUIRE_ROOT();
  const std::string top = test::cgroup2_mount_point();
  if (top.empty()) GTEST_SKIP() << "cgroup2 is not mounted";
  const std::string name = "nsrun-attack-" + std::to_string(getpid());
  const std::string write = "echo 7 > /mnt/cgroup.max.depth && echo OUT; ";
  const std::string direct = "mount -t cgroup2 none /mnt && " + write;
  // A new cgroup namespace has this group as its root and is owned by its creator's user namespace.
  const std::string in_own = " sh -c '" + direct + "'; ";
  const std::string nested = "/attack unshare UCM" + in_own + "/attack unshare CM" + in_own;
  test::copy_program(test::built("tests/attack"), root_.file("attack"));
  const auto works = [&](test::Arguments options, const std::string& script) {
    options.insert(options.begin(), {"--rootfs", root_.path(), "--cgroup", name});
    for (const std::string& more :
         test::Arguments{"--env", "PATH=/bin", "--", "/bin/sh", "-c", script}) {
      options.push_back(more);
    }
    return contains(nsrun(options).out, "OUT");
  };
  for (const std::string& script : {direct, nested}) {
    EXPECT_FALSE(works({}, script)) << script;
    EXPECT_FALSE(works({"--cap-add", "all"}, script)) << script;
    EXPECT_FALSE(works({"--cap-add", "all", "--no-mask"},
                       "echo 99 > /proc/sys/user/max_cgroup_namespaces; " + script));
    EXPECT_FALSE(works({"--share-cgroup"}, script)) << script;
    EXPECT_FALSE(works({"--share-cgroup", "--cap-add", "all"}, script)) << script;
    EXPECT_TRUE(works({"--share-user", "--cap-add", "all"}, script)) << "the control: " << script;
  }
  // The host's own cgroup mount, bound into the root.
  const std::string bound = "echo 7 > /mnt/" + name + "/cgroup.max.depth && echo OUT";
  EXPECT_FALSE(works({"--bind", top, "/mnt"}, bound));
  EXPECT_FALSE(works({"--dev-bind", top, "/mnt"}, bound));
  EXPECT_TRUE(works({"--bind", top, "/mnt", "--no-mask"}, bound)) << "the control";
  // The host's own cgroup mount, if the container sees the host's files.
  const std::string file = top + "/" + name + "/cgroup.max.depth";
  const std::string write_host = "echo 7 > " + file + " && echo OUT; mount -o remount,bind,rw " +
                                 top + "; echo 7 > " + file + " && echo OUT";
  EXPECT_FALSE(contains(nsrun({"--cgroup", name, "--", "/bin/sh", "-c", write_host}).out, "OUT"));
  EXPECT_TRUE(contains(
      nsrun({"--share-user", "--cgroup", name, "--", "/bin/sh", "-c", write_host}).out, "OUT"))
      << "the control";
}

// nsrun itself works without a cgroup namespace if it may not create one.
TEST_F(MountAttackTest, NsrunStartsInAContainerWithoutCgroupNamespaces) {
  REQUIRE_ROOT();
  test::copy_program(nsrun_, root_.file("bin/nsrun"));
  const Outcome outcome = nsrun({"--rootfs", root_.path(), "--cap-add", "all", "--no-mask", "--env",
                                 "PATH=/bin", "--", "nsrun", "--", "/bin/sh", "-c", "echo inside"});
  EXPECT_EQ("inside\n", outcome.out) << outcome.err;
}

}  // namespace

// Runs the recipes of docs/nsrun.md and the EXAMPLES of nsrun(1).
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"

namespace {

using test::contains;
using test::Outcome;

constexpr int kNobody = 65534;

class NsrunRecipeTest : public test::NsrunShellTest {
 protected:
  NsrunRecipeTest() {
    (void)!symlink("busybox", root_.file("bin/bash").c_str());
    for (const char* name : {"make", "httpd", "ip"}) {
      (void)!symlink("busybox", root_.file(std::string("bin/") + name).c_str());
    }
  }
  // Runs a command line of the documents in a shell in which "nsrun" is the tested program.
  Outcome shell(const std::string& line, int uid = 0) {
    return test::run_command({"/bin/sh", "-c", "nsrun() { " + nsrun_ + " \"$@\"; }; " + line},
                             {.uid = uid});
  }
};

// "A shell in a root file system, as an ordinary user"
TEST_F(NsrunRecipeTest, AShellAsAnOrdinaryUser) {
  const Outcome outcome =
      shell("echo id | nsrun --rootfs " + root_.path() + " --tty --init -- /bin/sh -c id", kNobody);
  EXPECT_TRUE(contains(outcome.out, "uid=0")) << outcome.out << outcome.err;
}

// "The same, thrown away afterwards"
TEST_F(NsrunRecipeTest, AnOverlayWhoseChangesAreDiscarded) {
  for (int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    const Outcome outcome = shell("nsrun --overlay " + root_.path() +
                                      " / --tty --init -- /bin/sh -c 'echo x > /new && cat /new'",
                                  uid);
    if (contains(outcome.err, "overlay: EPERM"))
      GTEST_SKIP() << "needs overlays in user namespaces: Linux 5.11";
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.out << outcome.err;
    EXPECT_FALSE(test::exists(root_.file("new")));
  }
}

// "A build without network that writes to its own directory alone"
TEST_F(NsrunRecipeTest, ABuildThatWritesOnlyToItsOwnDirectory) {
  REQUIRE_MOUNT_SETATTR();
  // Not below /tmp, because /tmp may be another directory inside.
  const test::TemporaryDirectory work("");
  const test::TemporaryDirectory elsewhere("");
  chmod(work.path().c_str(), 0777);
  chmod(elsewhere.path().c_str(), 0777);
  const std::string build = "sh -c 'touch made; touch " + elsewhere.file("made") +
                            "; mount -o remount,bind,rw /; touch " + elsewhere.file("made") +
                            "; ls /sys/class/net'";
  const char* const lines[] = {
      ("nsrun --rootfs / --read-only --bind $PWD $PWD --chdir $PWD --cap-drop all "
       "--die-with-parent -- "),  // docs/nsrun.md
      "nsrun --rootfs / --read-only --tmpfs /run --bind $PWD $PWD --chdir $PWD -- ",  // nsrun(1)
      "nsrun --rootfs / --read-only --bind $PWD $PWD --chdir $PWD --cap-add all -- ",
  };
  for (const char* line : lines) {
    for (int uid : {0, kNobody}) {
      if (uid == 0 && !test::is_root()) continue;
      const Outcome outcome = shell("cd " + work.path() + "; " + line + build, uid);
      EXPECT_TRUE(test::exists(work.file("made"))) << line << outcome.err;
      EXPECT_FALSE(test::exists(elsewhere.file("made"))) << line << outcome.err;
      unlink(work.file("made").c_str());
    }
  }
}

// "One more process in a running container"
TEST_F(NsrunRecipeTest, OneMoreProcessInARunningContainer) {
  REQUIRE_ROOT();
  const Outcome outcome = shell(
      "nsrun --rootfs " + root_.path() + " --hostname box --pid-file " + root_.file("pid") +
      " -- /bin/sleep 20 & while ! test -s " + root_.file("pid") +
      "; do sleep 0.1; done; pid=$(cat " + root_.file("pid") +
      "); nsrun --join $pid --new-privs -- /bin/sh -c 'hostname; ls /nsreport'; "
      "nsrun --join net:/proc/$pid/ns/net,uts:/proc/$pid/ns/uts -- hostname; kill -9 $pid; wait");
  EXPECT_EQ("box\n/nsreport\nbox\n", outcome.out) << outcome.err;
}

// "A service with limits"
TEST_F(NsrunRecipeTest, AServiceWithLimits) {
  REQUIRE_ROOT();
  mkdir(root_.file("www").c_str(), 0755);
  const test::TemporaryDirectory www;
  chmod(www.path().c_str(), 0755);
  test::write_file(www.file("index.html"), "hello");
  const std::string line =
      "nsrun --rootfs " + root_.path() +
      " --user 33 --cap-add net_bind_service --rlimit nofile=1024 --read-only --bind " +
      www.path() + " /www --share-net --init --pid-file " + root_.file("pid") +
      " -- /bin/sh -c 'id -u; cat /www/index.html; ulimit -n; grep CapEff /proc/self/status'";
  const Outcome outcome = shell(line);
  EXPECT_EQ("33\nhello1024\nCapEff:\t0000000000000400\n", outcome.out) << outcome.err;
}

}  // namespace

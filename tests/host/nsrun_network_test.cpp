// Tests the network of a container: its loopback device, the host's resolv.conf, and the recipes of
// docs/nsrun.md that give it more.
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/nsrun.h"

namespace {

using test::Arguments;
using test::contains;
using test::Outcome;

constexpr int kNobody = 65534;

class NsrunNetworkTest : public test::NsrunShellTest {
 protected:
  // Prints "4" if 127.0.0.1 is up and "6" if ::1 is up.
  static constexpr char kAsk[] =
      "grep -q 'LOCAL' /proc/net/fib_trie && grep -q 127.0.0.1 /proc/net/fib_trie && echo -n 4; "
      "grep -q '^00000000000000000000000000000001 .* lo$' /proc/net/if_inet6 2>/dev/null && "
      "echo -n 6; true";
  static std::string up() { return test::exists("/proc/net/if_inet6") ? "46" : "4"; }

  std::string asked(
      const Arguments& options, int uid, std::function<void()> before_exec = [] {}) {
    Arguments line = {nsrun_};
    line.insert(line.end(), options.begin(), options.end());
    line.insert(line.end(), {"--", root_.file("bin/sh"), "-c", kAsk});
    const Outcome outcome = test::run_command(
        line,
        {.uid = uid, .environment = {{"PATH", root_.file("bin")}}, .before_exec = before_exec});
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
    return outcome.out;
  }
};

TEST_F(NsrunNetworkTest, ANewNetworkNamespaceHasItsLoopbackUp) {
  for (const int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    for (const Arguments& options : {Arguments{},
                                     {"--seal", "memfd"},
                                     {"--init"},
                                     {"--cap-add", "all"},
                                     {"--cap-drop", "all"},
                                     {"--time-offset", "monotonic:0"},
                                     {"--no-mask"}}) {
      EXPECT_EQ(up(), inside(kAsk, options, uid)) << (options.empty() ? "" : options[0]) << uid;
    }
    for (const Arguments& options : {Arguments{"--unshare-net"},
                                     {"--ns", "net,mnt"},
                                     {"--ns", "net,pid,mnt"},
                                     {"--ns", "all"},
                                     {"--unshare-net", "--verbose"}}) {
      EXPECT_EQ(up(), asked(options, uid)) << options[0] << " " << options.back() << uid;
    }
  }
}

TEST_F(NsrunNetworkTest, TheLoopbackIsUpInRootsOwnUserNamespace) {
  REQUIRE_ROOT();
  EXPECT_EQ(up(), inside(kAsk, {"--share-user"}));
  EXPECT_EQ(up(), inside(kAsk, {"--map-root-user"}));
  EXPECT_EQ(up(), inside(kAsk, {"--uid-map", "0:100000:65536", "--gid-map", "0:100000:65536"}));
}

TEST_F(NsrunNetworkTest, ANestedNetworkNamespaceHasItsLoopbackUp) {
  EXPECT_EQ(up(),
            asked({"--unshare-user", "--unshare-mnt", "--", nsrun_, "--unshare-net"}, kNobody));
}

TEST_F(NsrunNetworkTest, WithoutCapNetAdminTheLoopbackStaysDown) {
  REQUIRE_ROOT();
  const auto drop = [] { (void)prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN); };
  EXPECT_EQ("", asked({"--share-user", "--ns", "net"}, 0, drop));
}

TEST_F(NsrunNetworkTest, AJoinedNetworkNamespaceIsNotChanged) {
  REQUIRE_ROOT();
  const test::Sleeper container(CLONE_NEWNET);
  EXPECT_EQ("", asked({"--join", std::to_string(container.pid())}, 0));
  EXPECT_EQ("", asked({"--join", "net:" + container.namespace_path("net"), "--unshare-uts"}, 0));
  // A new network namespace besides the joined one has its loopback up.
  EXPECT_EQ(up(), asked({"--join", std::to_string(container.pid()), "--unshare-net"}, 0));
}

class NsrunResolvConfTest : public NsrunNetworkTest {
 protected:
  void SetUp() override {
    if (!test::exists("/etc/resolv.conf")) GTEST_SKIP() << "this system has no /etc/resolv.conf";
  }
};

TEST_F(NsrunResolvConfTest, IsTheHostsFileAndReadOnly) {
  for (const int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    EXPECT_EQ(
        test::read_file("/etc/resolv.conf") + "refused\n",
        inside("cat /etc/resolv.conf; (echo x >> /etc/resolv.conf) 2>/dev/null || echo refused",
               {"--share-net", "--resolv-conf"}, uid));
  }
}

TEST_F(NsrunResolvConfTest, FollowsTheHostsSymlinkAndTheContainersInsideTheRoot) {
  REQUIRE_ROOT();
  mkdir(root_.file("etc").c_str(), 0755);
  mkdir(root_.file("run").c_str(), 0755);
  test::write_file(root_.file("run/stub.conf"), "the container's\n");
  (void)!symlink("/run/stub.conf", root_.file("etc/resolv.conf").c_str());
  const test::TemporaryDirectory host;
  test::write_file(host.file("real"), "nameserver 192.0.2.53\n");
  const Outcome outcome = test::run_command(
      {"/bin/sh", "-c",
       "unshare -m sh -c 'mount -t tmpfs tmpfs /etc && ln -s " + host.file("real") +
           " /etc/resolv.conf && exec " + nsrun_ + " --rootfs " + root_.path() +
           " --share-net --resolv-conf -- /bin/cat /etc/resolv.conf /run/stub.conf'"});
  EXPECT_EQ("nameserver 192.0.2.53\nnameserver 192.0.2.53\n", outcome.out) << outcome.err;
  EXPECT_EQ("the container's\n", test::read_file(root_.file("run/stub.conf")));
}

TEST_F(NsrunResolvConfTest, NeedsANewRoot) {
  expect_error({"--resolv-conf", "x"}, 125, "nsrun: --resolv-conf: wants --rootfs", kNobody);
  expect_error({"--ns", "pid", "--resolv-conf", "x"}, 125,
               "nsrun: --resolv-conf: wants a new mnt namespace\n", kNobody);
}

class NsrunNetworkRecipeTest : public NsrunNetworkTest {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    (void)!symlink("busybox", root_.file("bin/ip").c_str());
    (void)!symlink("busybox", root_.file("bin/nc").c_str());
  }
  static bool finds(const std::string& program) {
    return test::run_command({"/bin/sh", "-c", "command -v " + program}).status.exited_with(0);
  }
};

// "The host's network for an ordinary user's container, by pasta"
TEST_F(NsrunNetworkRecipeTest, AnOrdinaryUsersNetworkWithPasta) {
  if (!finds("pasta")) GTEST_SKIP() << "needs pasta(1), package passt";
  if (!finds("setpriv")) GTEST_SKIP() << "needs setpriv(1)";
  if (!test::exists("/dev/net/tun")) GTEST_SKIP() << "this kernel has no tun devices";
  if (!contains(test::read_file("/proc/net/route"), "\t00000000\t")) {
    GTEST_SKIP() << "the host has no default route, which pasta needs";
  }
  const test::TemporaryDirectory work;
  chmod(work.path().c_str(), 0777);
  // On some hosts only root may open /dev/net/tun, so the test binds a device that all users may
  // open.
  const std::string script =
      "mknod -m 666 tun c 10 200; chmod 666 tun; mount --bind tun /dev/net/tun; "
      "exec setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '" +
      nsrun_ + " --rootfs " + root_.path() +
      " --resolv-conf --env PATH=/bin --pid-file pid -- /bin/sh -c \""
      "until ip route | grep -q default; do sleep 0.1; done; ip route; cat /etc/resolv.conf\" & "
      "until test -s pid; do sleep 0.1; done; pasta --config-net --pid pasta $(cat pid) "
      "2>/dev/null; wait $!; kill $(cat pasta)'";
  const Outcome outcome = test::run_command(
      {"/bin/sh", "-c", "cd " + work.path() + "; exec unshare -m sh -c \"$0\"", script});
  EXPECT_TRUE(contains(outcome.out, "default via")) << outcome.out << outcome.err;
  EXPECT_TRUE(contains(outcome.out, test::read_file("/etc/resolv.conf"))) << outcome.out;
}

// "A network of two, by a veth pair"
TEST_F(NsrunNetworkRecipeTest, ANetworkOfTwoWithAVethPair) {
  if (!finds("ip")) GTEST_SKIP() << "needs ip(8), package iproute2";
  const std::string script =
      "ip link add test type veth peer name test0 2>/dev/null || exit 77; ip link del test; " +
      nsrun_ + " --rootfs " + root_.path() +
      " --env PATH=/bin --pid-file pid -- /bin/sh -c '"
      "until ip addr show eth0 2>/dev/null | grep -q 10.55.0.2; do sleep 0.1; done; "
      "until nc 10.55.0.1 8055 </dev/null; do sleep 0.1; done' & "
      "until test -s pid; do sleep 0.1; done; pid=$(cat pid); "
      "ip link add ve-box type veth peer name eth0 netns $pid; "
      "ip addr add 10.55.0.1/24 dev ve-box; ip link set ve-box up; " +
      nsrun_ +
      " --join net:/proc/$pid/ns/net -- sh -c 'ip addr add 10.55.0.2/24 dev eth0; "
      "ip link set eth0 up; ip route add default via 10.55.0.1'; "
      "echo hello | busybox nc -l -p 8055; wait $!";
  // Runs in a new network namespace, which disappears with the test.
  const test::TemporaryDirectory work;
  const Outcome outcome = test::run_command(
      {"/bin/sh", "-c", "cd " + work.path() + "; exec unshare -n sh -c \"$0\"", script});
  if (outcome.status.exited_with(77)) GTEST_SKIP() << "this kernel or ip(8) has no veth devices";
  EXPECT_EQ("hello\n", outcome.out) << outcome.err;
}

}  // namespace

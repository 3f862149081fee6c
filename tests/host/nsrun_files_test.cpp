// Tests the options that pass files by fd, set modes, control propagation, and map the owners of
// files.
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"

namespace {

using test::Arguments;
using test::contains;
using test::Outcome;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr int kNobody = 65534;

// The fds of the command line. The numbers are higher than those of the fds that tests open.
constexpr int kFirst = 30;
std::string fd(int index) { return std::to_string(kFirst + index); }

// The ways to launch a container and to build its file system.
const std::vector<Arguments>& ways() {
  static const std::vector<Arguments> kWays = {{},
                                               {"--init"},
                                               {"--cap-add", "all"},
                                               {"--time-offset", "monotonic:0"},
                                               {"--time-offset", "monotonic:0", "--cap-add", "all"},
                                               {"--share-net"}};
  return kWays;
}
std::string name(const Arguments& way, int uid) {
  std::string all = "user " + std::to_string(uid);
  for (const std::string& word : way) all += " " + word;
  return all;
}

Arguments operator+(Arguments all, const Arguments& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class NsrunFilesTest : public test::NsrunShellTest {
 protected:
  NsrunFilesTest() { chmod(host_.path().c_str(), 0777); }
  void SetUp() override { REQUIRE_ROOT(); }
  void TearDown() override {
    for (const int given : given_) close(given);
  }

  // Passes this as the next fd.
  void give(int descriptor) { given_.push_back(descriptor); }
  void give_path(const std::string& path, int flags = O_RDONLY) {
    give(open(path.c_str(), flags | O_CLOEXEC));
  }
  void give_pipe(const std::string& content) {
    int ends[2];
    ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
    ASSERT_EQ(static_cast<ssize_t>(content.size()), write(ends[1], content.data(), content.size()));
    close(ends[1]);
    give(ends[0]);
  }
  void take_back() {
    for (const int given : given_) close(given);
    given_.clear();
  }

  Outcome run(const Arguments& arguments, int uid = 0) {
    return test::run_command(Arguments{nsrun_} + arguments,
                             {.uid = uid, .before_exec = [this] {
                                for (size_t i = 0; i < given_.size(); ++i) {
                                  dup2(given_[i], kFirst + static_cast<int>(i));
                                }
                              }});
  }
  // Runs a script in the root and returns what it prints, including errors.
  std::string script(const Arguments& options, const std::string& text, int uid = 0) {
    const Outcome outcome = run(Arguments{"--rootfs", root_.path()} + options +
                                    Arguments{"--env", "PATH=/bin", "--", "/bin/sh", "-c", text},
                                uid);
    return outcome.out + outcome.err;
  }
  std::string error(const Arguments& options, int uid = 0) {
    const Outcome outcome =
        run(Arguments{"--rootfs", root_.path()} + options + Arguments{"--", "/bin/true"}, uid);
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
    return outcome.err;
  }

  test::TemporaryDirectory host_;
  test::TemporaryDirectory place_;  // a mount point; it has the same path inside of the root
  std::vector<int> given_;
};

TEST_F(NsrunFilesTest, CopiesTheDataOfAFdIntoAFile) {
  for (const int uid : {0, kNobody}) {
    for (const Arguments& way : ways()) {
      give_pipe("of a pipe\n");
      test::write_file(host_.file("file"), "of a file\n");
      give_path(host_.file("file"));
      EXPECT_EQ("of a pipe\nof a file\n666 755 751\n",
                script(way + Arguments{"--tmpfs", "/new", "--file", fd(0), "/new/a/b", "--perms",
                                       "0751", "--file", fd(1), "/new/c"},
                       "cat /new/a/b /new/c; echo $(stat -c %a /new/a/b /new/a /new/c)", uid))
          << name(way, uid);
      take_back();
    }
  }
}

TEST_F(NsrunFilesTest, DirectoriesOnTheWayToAFileAreAsPrivateAsTheFile) {
  const std::string look = "echo $(stat -c %a /new/a /new/a/b /new/a/b/file)";
  for (const char* option : {"--file", "--bind-data", "--ro-bind-data"}) {
    for (const char* modes : {"700 700 0", "750 750 750", "755 755 1755", "705 705 3607"}) {
      give_pipe("x");
      const std::string own = std::string(modes).substr(8);
      EXPECT_EQ(std::string(modes) + "\n",
                script({"--tmpfs", "/new", "--perms", own, option, fd(0), "/new/a/b/file"}, look))
          << option;
      take_back();
    }
  }
}

TEST_F(NsrunFilesTest, AnExistingFileIsOverwrittenAndKeepsItsMode) {
  test::write_file(root_.file("there"), "something that is longer", 0640);
  give_pipe("short");
  EXPECT_EQ("short640 0\n", script({"--perms", "0777", "--file", fd(0), "/there"},
                                   "cat /there; stat -c '%a %u' /there"));
}

TEST_F(NsrunFilesTest, SymlinksAreFollowedOnlyInsideTheRoot) {
  const std::string victim = host_.file("victim");
  test::write_file(victim, "of the host", 0666);
  ASSERT_EQ(0, symlink(victim.c_str(), root_.file("link").c_str()));
  ASSERT_EQ(0, symlink("/proc/self/root/../..", root_.file("up").c_str()));
  ASSERT_EQ(0, symlink("/bin/../real", root_.file("inside").c_str()));
  test::write_file(root_.file("real"), "");
  give_pipe("x");
  EXPECT_EQ("xx", script({"--file", fd(0), "/inside"}, "cat /inside /real"));
  (void)run({"--rootfs", root_.path(), "--file", fd(0), "/link", "--", "/bin/true"});
  (void)run({"--rootfs", root_.path(), "--file", fd(0), "/up" + victim, "--", "/bin/true"});
  (void)run(
      {"--rootfs", root_.path(), "--file", fd(0), "/../../" + victim + "2", "--", "/bin/true"});
  EXPECT_EQ("of the host", test::read_file(victim));
  EXPECT_FALSE(test::exists(victim + "2"));
}

TEST_F(NsrunFilesTest, WritesOnlyIntoRegularFiles) {
  ASSERT_EQ(0, mkfifo(root_.file("fifo").c_str(), 0666));
  for (const char* place : {"/fifo", "/dev/null", "/dev/pts/ptmx"}) {
    give_pipe("x");
    const std::string said = error({"--file", fd(0), place});
    EXPECT_TRUE(contains(said, std::string("--file ") + place + ": not a regular file")) << said;
    take_back();
  }
  give_pipe("x");
  EXPECT_TRUE(contains(error({"--file", fd(0), "/bin"}), "nsrun: --file /bin: "));
}

TEST_F(NsrunFilesTest, BindsDataAsAFileInMemory) {
  for (const int uid : {0, kNobody}) {
    for (const Arguments& way : ways()) {
      give_pipe("one\n");
      give_pipe("two\n");
      const std::string seen = script(
          way + Arguments{"--bind-data", fd(0), "/new/a", "--ro-bind-data", fd(1), "/new/b"},
          "cat /new/a /new/b; echo $(stat -c '%a %u' /new/a /new/b); "
          "echo more >> /new/a && cat /new/a; (echo more >> /new/b) 2>/dev/null || echo refused; "
          "grep -c ' /new/[ab] .*nosuid,nodev.* - tmpfs ' /proc/self/mountinfo",
          uid);
      EXPECT_EQ("one\ntwo\n600 0 600 0\none\nmore\nrefused\n2\n", seen) << name(way, uid);
      EXPECT_EQ("", test::read_file(root_.file("new/a")))
          << "the data is in the file below the mount";
      take_back();
      ASSERT_EQ(0, unlink(root_.file("new/a").c_str()));
      ASSERT_EQ(0, unlink(root_.file("new/b").c_str()));
      ASSERT_EQ(0, rmdir(root_.file("new").c_str()));
    }
  }
}

TEST_F(NsrunFilesTest, BindsDataOnTheHostsRoot) {
  test::write_file(host_.file("place"), "below");
  for (const int uid : {0, kNobody}) {
    for (const Arguments& way : {Arguments{"--ns", "mnt"}, Arguments{"--ns", "mnt,pid,user"},
                                 Arguments{"--ns", "mnt,time", "--time-offset", "monotonic:0"}}) {
      give_pipe("data\n");
      give_pipe("more\n");
      const Outcome outcome =
          run(way + Arguments{"--bind-data", fd(0), host_.file("place"), "--tmpfs", place_.path(),
                              "--file", fd(1), place_.file("file"), "--", "/bin/sh", "-c",
                              "cat " + host_.file("place") + " " + place_.file("file")},
              uid);
      EXPECT_EQ("data\nmore\n", outcome.out) << outcome.err << name(way, uid);
      EXPECT_EQ("below", test::read_file(host_.file("place")));
      take_back();
    }
  }
}

TEST_F(NsrunFilesTest, DataBelongsToTheUser) {
  const Arguments map = {"--uid-map", "0:100000:1000", "--gid-map", "0:200000:1000"};
  for (const Arguments& way :
       {Arguments{}, map, map + Arguments{"--cap-add", "sys_admin"},
        map + Arguments{"--time-offset", "monotonic:0"},
        map + Arguments{"--time-offset", "monotonic:0", "--cap-add", "sys_admin"}}) {
    give_pipe("data");
    give_pipe("data");
    EXPECT_EQ("datadata5:6 600 5:6 4711\n",
              script(way + Arguments{"--user", "5:6", "--tmpfs", "/new", "--bind-data", fd(0),
                                     "/new/a", "--perms", "4711", "--file", fd(1), "/new/b"},
                     "cat /new/a /new/b; echo $(stat -c '%u:%g %a' /new/a /new/b)"))
        << name(way, 0);
    take_back();
  }
}

TEST_F(NsrunFilesTest, BindsTheFileOfAFd) {
  mkdir(host_.file("directory").c_str(), 0777);
  chmod(host_.file("directory").c_str(), 0777);
  test::write_file(host_.file("directory/file"), "content\n", 0666);
  for (const int uid : {0, kNobody}) {
    for (const Arguments& way : ways()) {
      give_path(host_.file("directory"), O_PATH);
      give_path(host_.file("directory"), O_RDONLY);
      give_path(host_.file("directory/file"), O_PATH);
      EXPECT_EQ(
          "content\nrefused\ncontent\nnew\n",
          script(way + Arguments{"--tmpfs", "/new", "--bind-fd", fd(0), "/new/a", "--ro-bind-fd",
                                 fd(1), "/new/b", "--bind-fd", fd(2), "/new/file"},
                 "cat /new/b/file; (echo > /new/b/x) 2>/dev/null || echo refused; "
                 "cat /new/file; echo new > /new/a/x; cat /new/b/x",
                 uid))
          << name(way, uid);
      EXPECT_EQ("new\n", test::read_file(host_.file("directory/x")));
      ASSERT_EQ(0, unlink(host_.file("directory/x").c_str()));
      take_back();
    }
  }
}

TEST_F(NsrunFilesTest, BindsOnlyTheFileOfTheFd) {
  mkdir(host_.file("a").c_str(), 0755);
  give_path(host_.file("a"), O_PATH);
  // Renames the directory, so the fd's path changes.
  ASSERT_EQ(0, rename(host_.file("a").c_str(), host_.file("b").c_str()));
  EXPECT_EQ("", script({"--bind-fd", fd(0), "/new"}, "ls /new")) << "the fd's path is the new one";
  ASSERT_EQ(0, rmdir(host_.file("b").c_str()));
  const std::string gone = error({"--bind-fd", fd(0), "/new"});
  EXPECT_TRUE(contains(gone, "nsrun: --bind-fd " + host_.file("b"))) << gone;
  mkdir((host_.file("b") + " (deleted)").c_str(), 0755);
  const std::string other = error({"--bind-fd", fd(0), "/new"});
  EXPECT_TRUE(contains(other, "not the file of the descriptor")) << other;
  take_back();
  give_pipe("");
  const std::string pipe = error({"--bind-fd", fd(0), "/new"});
  EXPECT_TRUE(contains(pipe, "--bind-fd 30: not a directory or file that has a path")) << pipe;
}

TEST_F(NsrunFilesTest, FdsThatAreNotOpenAreAnErrorBeforeAnythingStarts) {
  for (const char* option :
       {"--file", "--bind-data", "--ro-bind-data", "--bind-fd", "--ro-bind-fd"}) {
    // With fd numbers that nsrun itself would use next.
    for (const char* number : {"3", "4", "5", "999999"}) {
      const std::string said =
          error({"--pid-file", host_.file("pid"), option, number, "/new"}, kNobody);
      EXPECT_TRUE(contains(said, std::string("nsrun: ") + option + " " + number + ": EBADF"))
          << said;
    }
  }
  give_path(host_.path());
  EXPECT_TRUE(contains(error({"--file", fd(0), "/new"}), "--file 30: EISDIR"));
  give_path("/dev/null", O_WRONLY);
  EXPECT_TRUE(contains(error({"--file", fd(1), "/new"}), "--file 31: EBADF"));
}

TEST_F(NsrunFilesTest, PassedFdsDoNotReachTheCommand) {
  for (const int uid : {0, kNobody}) {
    for (Arguments way : ways()) {
      for (const bool root : {true, false}) {
        for (const bool keep : {true, false}) {
          give_path(host_.path(), O_PATH);  // a directory outside of the root that no option uses
          give_pipe("x");
          give_path(host_.path(), O_PATH);
          give_pipe("x");
          Arguments all = root ? Arguments{"--rootfs", root_.path()} : Arguments{};
          if (keep) all.emplace_back("--keep-fds");
          all = all + way +
                Arguments{"--tmpfs",
                          place_.path(),
                          "--file",
                          fd(1),
                          place_.file("1"),
                          "--dir",
                          place_.file("2"),
                          "--file",
                          fd(1),
                          place_.file("3"),
                          "--bind-fd",
                          fd(2),
                          place_.file("2"),
                          "--bind-data",
                          fd(3),
                          place_.file("3"),
                          "--env",
                          "PATH=/bin:/usr/bin",
                          "--",
                          "/bin/sh",
                          "-c",
                          "cd " + place_.path() + "; cat 1 3; ls /proc/self/fd | grep '^[3-9]'"};
          const Outcome outcome = run(all, uid);
          // The last fd is the directory that ls itself has open.
          EXPECT_EQ(root && !keep ? "xx3\n" : "xx3\n30\n", outcome.out)
              << outcome.err << name(way, uid) << root << keep;
          take_back();
        }
      }
    }
  }
}

TEST_F(NsrunFilesTest, AStandardStreamThatIsUsedIsTheNullDeviceAfterwards) {
  for (const int uid : {0, kNobody}) {
    for (const Arguments& root : {Arguments{"--rootfs", root_.path()}, Arguments{}}) {
      int ends[2];
      ASSERT_EQ(0, pipe2(ends, O_CLOEXEC));
      ASSERT_EQ(4, write(ends[1], "data", 4));
      close(ends[1]);
      const Arguments command =
          Arguments{nsrun_} + root +
          Arguments{"--tmpfs",
                    place_.path(),
                    "--file",
                    "0",
                    place_.file("file"),
                    "--env",
                    "PATH=/bin:/usr/bin",
                    "--",
                    "/bin/sh",
                    "-c",
                    "cat " + place_.file("file") + "; cat; readlink /proc/self/fd/0"};
      const Outcome outcome =
          test::run_command(command, {.uid = uid, .before_exec = [&] { dup2(ends[0], 0); }});
      EXPECT_EQ("data/dev/null\n", outcome.out) << outcome.err;
      close(ends[0]);
    }
  }
}

// Starts nsrun so that it reads from a pipe, and waits until it has read all the data.
class ReadingNsrun {
 public:
  ReadingNsrun(const std::string& nsrun, const std::string& root, int uid, int flags = 0) {
    if (pipe2(ends_, O_CLOEXEC) != 0) abort();
    (void)!write(ends_[1], "some", 4);
    pid_ = fork();
    if (pid_ == 0) {
      (void)fcntl(ends_[0], F_SETFL, flags);
      dup2(ends_[0], kFirst);
      if (setgid(static_cast<gid_t>(uid)) != 0 || setuid(static_cast<uid_t>(uid)) != 0) _exit(1);
      execl(nsrun.c_str(), "nsrun", "--rootfs", root.c_str(), "--file", "30", "/tmp/file", "--",
            "/bin/grep", "-q", "someother", "/tmp/file", nullptr);
      _exit(1);
    }
    close(ends_[0]);
    for (int unread = 4; unread != 0;) {
      if (ioctl(ends_[1], FIONREAD, &unread) != 0) abort();
      std::this_thread::sleep_for(1ms);
    }
  }
  ~ReadingNsrun() { close(ends_[1]); }
  ReadingNsrun(const ReadingNsrun&) = delete;
  ReadingNsrun& operator=(const ReadingNsrun&) = delete;

  void end_data() {
    (void)!write(ends_[1], "other", 5);
    close(ends_[1]);
    ends_[1] = -1;
  }
  void signal(int number) const { kill(pid_, number); }
  [[nodiscard]] test::Status wait() const { return test::wait_for(pid_, 20s); }

 private:
  int ends_[2] = {-1, -1};
  pid_t pid_ = -1;
};

TEST_F(NsrunFilesTest, ASignalEndsNsrunWhileItReadsAnEndlessPipe) {
  for (const int uid : {0, kNobody}) {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
      const ReadingNsrun nsrun(nsrun_, root_.path(), uid);
      nsrun.signal(number);
      EXPECT_TRUE(nsrun.wait().killed_by(number)) << number;
    }
  }
}

TEST_F(NsrunFilesTest, WaitsForTheEndOfTheDataOnANonBlockingPipeToo) {
  for (const int uid : {0, kNobody}) {
    for (const int flags : {0, O_NONBLOCK}) {
      ReadingNsrun nsrun(nsrun_, root_.path(), uid, flags);
      nsrun.end_data();
      EXPECT_TRUE(nsrun.wait().exited_with(0)) << flags;
    }
  }
}

// A root that has no null device, or one that does not work: --ro-bind / / is nodev.
TEST_F(NsrunFilesTest, AStandardStreamThatIsGivenIsEmptyWhereThereIsNoNullDevice) {
  for (const int uid : {0, kNobody}) {
    for (const char* option : {"--file", "--bind-data"}) {
      for (const std::string& root : {std::string("/"), root_.path()}) {
        const Outcome outcome = test::run_command(
            {"/bin/sh", "-c",
             "echo data | " + nsrun_ + " --bind " + root + " / --tmpfs /tmp " + option +
                 " 0 /tmp/copy --env PATH=/bin:/usr/bin -- /bin/sh -c 'cat; cat /tmp/copy'"},
            {.uid = uid});
        EXPECT_EQ("data\n", outcome.out) << option << root << uid << outcome.err;
      }
    }
  }
}

// nsrun closes the fds before the command ends, so a process that writes to a pipe notices that it
// has no reader.
TEST_F(NsrunFilesTest, KeepsNoPassedFdOpen) {
  for (const Arguments& way : ways()) {
    give_path(host_.path(), O_PATH);
    give_pipe("x");
    const Arguments all =
        Arguments{"--rootfs", root_.path()} + way +
        Arguments{"--bind-fd", fd(0),       "/new", "--file",  fd(1), "/tmp/x",
                  "--env",     "PATH=/bin", "--",   "/bin/sh", "-c",  "echo ready; cat; true"};
    int input[2];
    int output[2];
    ASSERT_EQ(0, pipe2(input, O_CLOEXEC));
    ASSERT_EQ(0, pipe2(output, O_CLOEXEC));
    Arguments words = Arguments{nsrun_} + all;
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
      dup2(input[0], 0);
      dup2(output[1], 1);
      dup2(open("/dev/null", O_WRONLY), 2);
      for (size_t i = 0; i < given_.size(); ++i) dup2(given_[i], kFirst + static_cast<int>(i));
      execv(argv[0], argv.data());
      _exit(1);
    }
    close(input[0]);
    close(output[1]);
    char ready = 0;
    EXPECT_EQ(1, read(output[0], &ready, 1)) << name(way, 0);
    const auto holds_any = [&] {
      bool any = false;
      for (const pid_t process : test::processes_of(nsrun_)) {
        const std::string open = "/proc/" + std::to_string(process) + "/fd/";
        any = any || test::exists(open + fd(0)) || test::exists(open + fd(1));
      }
      return any;
    };
    EXPECT_TRUE(test::eventually(20s, [&] { return !holds_any(); })) << name(way, 0);
    close(input[1]);
    close(output[0]);
    EXPECT_TRUE(test::wait_for(pid, 20s).exited_with(0));
    take_back();
  }
}

TEST_F(NsrunFilesTest, ChangesModes) {
  mkdir(root_.file("directory").c_str(), 0755);
  test::write_file(root_.file("directory/file"), "", 0644);
  ASSERT_EQ(0, symlink("/directory/file", root_.file("link").c_str()));
  chown(root_.file("directory").c_str(), kNobody, kNobody);
  chown(root_.file("directory/file").c_str(), kNobody, kNobody);
  for (const int uid : {0, kNobody}) {
    for (const Arguments& way : ways()) {
      EXPECT_EQ("1700 4711 123\n",
                script(way + Arguments{"--chmod", "1700", "/directory", "--chmod", "4711", "/link",
                                       "--tmpfs", "/new", "--chmod", "123", "/new"},
                       "echo $(stat -c %a /directory /directory/file /new)", uid))
          << name(way, uid);
    }
  }
  EXPECT_TRUE(contains(error({"--chmod", "700", "/nothing"}), "--chmod /nothing: ENOENT"));
  const std::string victim = host_.file("victim");
  test::write_file(victim, "", 0644);
  ASSERT_EQ(0, symlink(victim.c_str(), root_.file("out").c_str()));
  EXPECT_TRUE(contains(error({"--chmod", "777", "/out"}), "--chmod /out: ENOENT"));
  EXPECT_TRUE(contains(error({"--chmod", "777", "/proc/self/root"}), "--chmod /proc/self/root: E"));
  // A device of the host is on a read-only mount: docs/threat-model.md.
  if (test::has_mount_setattr()) {
    EXPECT_TRUE(contains(error({"--chmod", "777", "/dev/null"}), "--chmod /dev/null: EROFS"));
  }
}

TEST_F(NsrunFilesTest, RemountsReadOnlyOnlyTheMountItself) {
  REQUIRE_MOUNT_SETATTR();
  const std::string try_all =
      "for d in /new /new/below; do touch $d/x 2>/dev/null && echo $d; done; "
      "/bin/busybox mount -o remount,bind,rw /new 2>/dev/null; "
      "touch /new/y 2>/dev/null && echo undone; true";
  for (const int uid : {0, kNobody}) {
    for (const Arguments& way : ways()) {
      EXPECT_EQ("/new/below\n", script(way + Arguments{"--tmpfs", "/new", "--tmpfs", "/new/below",
                                                       "--remount-ro", "/new"},
                                       try_all, uid))
          << name(way, uid);
    }
    EXPECT_EQ("tmp\n", script({"--remount-ro", "/"},
                              "touch /x 2>/dev/null && echo root; touch /tmp/x && echo tmp", uid));
  }
  EXPECT_TRUE(contains(error({"--remount-ro", "/bin"}), "--remount-ro /bin: not a mount point"));
  EXPECT_TRUE(contains(error({"--remount-ro", "/nothing"}), "--remount-ro /nothing: ENOENT"));
  EXPECT_TRUE(contains(error({"--remount-ro", "/tmp", "--dir", "/tmp/x"}), "--dir /tmp/x: EROFS"));
}

// A shared mount of the host, with directories to mount on.
class NsrunPropagationTest : public NsrunFilesTest {
 protected:
  void SetUp() override {
    NsrunFilesTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(0, mount("shared", shared().c_str(), "tmpfs", 0, "mode=0777"));
    ASSERT_EQ(0, mount(nullptr, shared().c_str(), nullptr, MS_SHARED, nullptr));
    for (const char* directory : {"of-host", "of-container"}) {
      mkdir(host_.file(directory).c_str(), 0777);
      chmod(host_.file(directory).c_str(), 0777);
    }
    ASSERT_EQ(0, mkfifo(host_.file("mounted").c_str(), 0666));
    ASSERT_EQ(0, mkfifo(host_.file("go").c_str(), 0666));
    chmod(host_.file("mounted").c_str(), 0666);
    chmod(host_.file("go").c_str(), 0666);
  }
  void TearDown() override {
    (void)umount2(host_.file("of-host").c_str(), MNT_DETACH);
    (void)umount2(shared().c_str(), MNT_DETACH);
    NsrunFilesTest::TearDown();
  }
  const std::string& shared() { return host_.path(); }

  // Runs a container that mounts something and then waits while the host mounts and unmounts
  // something. Returns what the container sees of the host's mount at each step.
  std::string seen(const Arguments& options, int uid) {
    std::thread host([this] { act(); });
    const Outcome outcome = run(
        options + Arguments{"--bind", shared(), place_.path(), "--env", "PATH=/bin:/usr/bin", "--",
                            "/bin/sh", "-c",
                            "cd " + place_.path() +
                                "; "
                                "/bin/busybox mount -t tmpfs none of-container 2>/dev/null; "
                                "echo > mounted; read x < go; test -e of-host/file && echo there; "
                                "echo > mounted; read x < go; test -e of-host/file || echo gone"},
        uid);
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.err;
    // If the container has not started, the host's thread is still waiting for it.
    const sys::Fd mounted(open(host_.file("mounted").c_str(), O_RDWR | O_CLOEXEC));
    if (!outcome.status.exited_with(0)) (void)!write(mounted.get(), "\n\n", 2);
    host.join();
    go_.clear();
    return outcome.out;
  }

 private:
  void act() {
    wait_for_container();
    // The container has made its mount by now. The host must not see it.
    EXPECT_FALSE(contains(test::read_file("/proc/self/mountinfo"), host_.file("of-container")));
    EXPECT_EQ(0, mount("later", host_.file("of-host").c_str(), "tmpfs", 0, "mode=0777"));
    test::write_file(host_.file("of-host/file"), "");
    let_container_go();
    wait_for_container();
    EXPECT_EQ(0, umount(host_.file("of-host").c_str()));
    let_container_go();
  }
  void wait_for_container() {
    char byte = 0;
    ssize_t size = 0;
    while (size == 0) {  // 0: the container has not closed the end of the previous round yet
      const sys::Fd fifo(open(host_.file("mounted").c_str(), O_RDONLY | O_CLOEXEC));
      size = read(fifo.get(), &byte, 1);
    }
  }
  void let_container_go() {
    const int fifo = open(host_.file("go").c_str(), O_RDWR | O_CLOEXEC);
    (void)!write(fifo, "\n", 1);
    go_.emplace_back(fifo);
  }
  std::vector<sys::Fd> go_;
};

TEST_F(NsrunPropagationTest, ASlaveSeesTheHostsLaterMountsAndTheHostSeesNone) {
  for (const int uid : {0, kNobody}) {
    for (const Arguments& way : ways()) {
      for (const Arguments& root : {Arguments{"--rootfs", root_.path()}, Arguments{}}) {
        EXPECT_EQ("gone\n", seen(root + way, uid)) << name(way, uid);
        EXPECT_EQ("gone\n", seen(root + way + Arguments{"--propagation", "private"}, uid));
        EXPECT_EQ("there\ngone\n", seen(root + way + Arguments{"--propagation", "slave"}, uid))
            << name(way, uid);
      }
    }
  }
}

TEST_F(NsrunFilesTest, RefusesPropagationThatShowsTheContainersMountsToTheHost) {
  for (const char* mode : {"shared", "rshared", "unchanged"}) {
    const std::string said = error({"--propagation", mode});
    EXPECT_TRUE(contains(said, std::string("nsrun: --propagation ") + mode +
                                   ": the container's mounts would appear on the host"))
        << said;
  }
  expect_error({"--ns", "pid", "--propagation", "slave", "x"}, 125,
               "--propagation slave: wants a new mnt namespace");
}

// Uses a tmpfs, because not every file system supports id-mapped mounts.
class NsrunIdMapTest : public NsrunFilesTest {
 protected:
  void SetUp() override {
    NsrunFilesTest::SetUp();
    if (IsSkipped()) return;
    if (!test::is_linux(6, 3))
      GTEST_SKIP() << "tmpfs supports id-mapped mounts only since Linux 6.3";
    ASSERT_EQ(0, mount("disk", host_.path().c_str(), "tmpfs", 0, "mode=0755"));
    mounted_ = true;
    test::write_file(host_.file("root"), "", 0600);
    test::write_file(host_.file("five"), "", 0600);
    ASSERT_EQ(0, chown(host_.file("five").c_str(), 5, 6));
  }
  void TearDown() override {
    if (mounted_) (void)umount2(host_.path().c_str(), MNT_DETACH);
    NsrunFilesTest::TearDown();
  }
  bool mounted_ = false;
};

const Arguments kMap = {"--uid-map", "0:100000:65536", "--gid-map", "0:200000:65536"};

TEST_F(NsrunIdMapTest, OwnersOnTheDiskAreTheSameIdsInside) {
  for (const Arguments& way : ways()) {
    EXPECT_EQ("0:0 5:6 5:6\n",
              script(kMap + way +
                         Arguments{"--bind-idmap", host_.path(), "/new", "--bind-idmap",
                                   host_.file("five"), "/file"},
                     "echo $(stat -c %u:%g /new/root /new/five /file); touch /new/made"))
        << name(way, 0);
    struct stat status {};
    ASSERT_EQ(0, stat(host_.file("made").c_str(), &status));
    EXPECT_EQ(0U, status.st_uid);
    EXPECT_EQ(0U, status.st_gid);
    ASSERT_EQ(0, unlink(host_.file("made").c_str()));
  }
}

TEST_F(NsrunIdMapTest, IsReadOnlyOnRequestAndLocked) {
  for (const Arguments& way : ways()) {
    EXPECT_EQ("0:0\n", script(kMap + way + Arguments{"--ro-bind-idmap", host_.path(), "/new"},
                              "stat -c %u:%g /new/root; touch /new/made 2>/dev/null && echo OUT; "
                              "/bin/busybox mount -o remount,bind,rw /new 2>/dev/null; "
                              "/bin/busybox mount -o remount,bind,suid,dev /new 2>/dev/null; "
                              "touch /new/made 2>/dev/null && echo OUT; "
                              "grep -v nosuid,nodev /proc/self/mountinfo | grep ' /new '; true"))
        << name(way, 0);
  }
}

TEST_F(NsrunIdMapTest, MapsAsTheContainersUserNamespaceDoes) {
  EXPECT_EQ("0:0 65534:65534\n", script({"--map-root-user", "--bind-idmap", host_.path(), "/new"},
                                        "echo $(stat -c %u:%g /new/root /new/five)"));
  EXPECT_EQ("0:0 5:6\n", script({"--bind-idmap", host_.path(), "/new"},
                                "echo $(stat -c %u:%g /new/root /new/five)"))
      << "each id is mapped to itself";
  ASSERT_EQ(0, chown(host_.file("five").c_str(), 3, 4));
  EXPECT_EQ("3:4\n", script({"--uid-map", "0:1000:1,3:5:1", "--gid-map", "0:1000:1,4:6:1",
                             "--bind-idmap", host_.path(), "/new"},
                            "stat -c %u:%g /new/five"));
}

TEST_F(NsrunIdMapTest, MountsOfTheContainerBelowDoNotAppearOnTheHost) {
  mkdir(host_.file("below").c_str(), 0755);
  ASSERT_EQ(0, mount(nullptr, host_.path().c_str(), nullptr, MS_SHARED, nullptr));
  const std::string before = test::read_file("/proc/self/mountinfo");
  for (const char* propagation : {"private", "slave"}) {
    for (const Arguments& way : ways()) {
      const std::string said =
          script(kMap + way +
                     Arguments{"--cap-add", "all", "--propagation", propagation, "--bind-idmap",
                               host_.path(), "/new"},
                 "/bin/busybox mount -t tmpfs none /new/below && echo mounted; read x");
      EXPECT_TRUE(contains(said, "mounted")) << said;
      EXPECT_EQ(before, test::read_file("/proc/self/mountinfo"));
    }
  }
}

TEST_F(NsrunIdMapTest, ReportsWhyItIsRefused) {
  const std::string what = "nsrun: --bind-idmap " + host_.path() + ": ";
  const Arguments option = {"--bind-idmap", host_.path(), "/new"};
  EXPECT_EQ(what + "only root can map the owners of files\n", error(option, kNobody));
  EXPECT_TRUE(contains(error(Arguments{"--share-user"} + option), what + "wants a new user names"));
  const std::string proc = error(kMap + Arguments{"--bind-idmap", "/proc", "/new"});
  EXPECT_TRUE(contains(proc, "nsrun: --bind-idmap /proc: this kernel cannot map the owners"))
      << proc;
  EXPECT_TRUE(contains(error(kMap + Arguments{"--bind-idmap", host_.file("none"), "/new"}),
                       "/none: ENOENT"));
}

}  // namespace

// Tests nsrun's error messages: they say in words what is wrong with which file.
#include <link.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"
#include "tools/nsrun/common/errno_words.h"

namespace {

using test::Arguments;
using test::contains;
using test::Outcome;
using test::TemporaryDirectory;

constexpr int kNobody = 65534;

std::string words(int number) { return nsrun::ErrnoWords(sys::Errno{number}).c_str(); }

TEST(NsrunErrno, IsShownInWordsWithItsNameInBrackets) {
  EXPECT_EQ("operation not permitted [EPERM]", words(EPERM));
  EXPECT_EQ("no such file or directory [ENOENT]", words(ENOENT));
  EXPECT_EQ("permission denied [EACCES]", words(EACCES));
  EXPECT_EQ("not a directory [ENOTDIR]", words(ENOTDIR));
  EXPECT_EQ("invalid argument [EINVAL]", words(EINVAL));
  EXPECT_EQ("read-only file system [EROFS]", words(EROFS));
  EXPECT_EQ("too many symbolic links [ELOOP]", words(ELOOP));
  EXPECT_EQ("not supported [EOPNOTSUPP]", words(EOPNOTSUPP));
  EXPECT_EQ("quota exceeded [EDQUOT]", words(EDQUOT));
  EXPECT_EQ("canceled [ECANCELED]", words(ECANCELED));
  EXPECT_EQ("errno 133", words(133));
}

TEST(NsrunErrno, FitsInItsMemory) {
  for (int number = 1; number < 134; ++number) {
    EXPECT_FALSE(nsrun::ErrnoWords(sys::Errno{number}).truncated()) << number;
  }
}

// Returns an ELF file for this machine that consists of headers and the interpreter's path.
std::string elf_with_interpreter(const std::string& interpreter) {
  const std::string self = test::read_file("/proc/self/exe");
  ElfW(Ehdr) header{};
  memcpy(&header, self.data(), sizeof header);
  header.e_type = ET_DYN;
  header.e_phoff = sizeof header;
  header.e_phnum = 1;
  ElfW(Phdr) segment{};
  segment.p_type = PT_INTERP;
  segment.p_flags = PF_R;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = interpreter.size() + 1;
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) +
         std::string(reinterpret_cast<const char*>(&segment), sizeof segment) + interpreter +
         std::string(1, '\0');
}

std::string elf_of_machine(unsigned short machine) {
  std::string file = elf_with_interpreter("/lib/ld.so");
  memcpy(file.data() + offsetof(ElfW(Ehdr), e_machine), &machine, sizeof machine);
  return file;
}

class NsrunErrorsTest : public test::NsrunShellTest {
 protected:
  void program(const std::string& name, const std::string& content, mode_t mode = 0755) {
    test::write_file(root_.file("bin/" + name), content, mode);
    chmod(root_.file("bin/" + name).c_str(), mode);
  }
  // The ways to start a command: as root by one clone and with the stub's stages, as an ordinary
  // user, with an init. Each with a new root and on the host's root, where the command's path
  // differs.
  struct Way {
    Arguments options;
    int uid;
    bool own_root;
  };
  std::vector<Way> ways() const {
    std::vector<Way> all;
    for (const int uid : {0, kNobody}) {
      if (uid == 0 && !test::is_root()) continue;
      for (const Arguments& more : {Arguments{}, {"--verbose"}, {"--init"}}) {
        for (const bool own_root : {true, false}) {
          Arguments options = more;
          if (own_root) options.insert(options.end(), {"--rootfs", root_.path()});
          all.push_back({options, uid, own_root});
        }
      }
    }
    return all;
  }
  // Returns the path of a program made by program(), as the command sees it.
  std::string seen(const Way& way, const std::string& name) const {
    return (way.own_root ? "" : root_.path()) + "/bin/" + name;
  }
  // Starts the program in each way, by its path and by PATH.
  void expect_each_way(const std::string& name, int status, const std::string& reason) {
    for (const Way& way : ways()) {
      const std::string file = seen(way, name);
      const std::string directory = file.substr(0, file.rfind('/'));
      for (const bool by_path : {true, false}) {
        Arguments line = way.options;
        line.insert(line.end(), {"--env", "PATH=/nonexistent:" + directory, "--"});
        line.push_back(by_path ? file : name);
        expect_error(line, status, "nsrun: execute " + file + ": " + reason + "\n", way.uid);
      }
    }
  }
};

TEST_F(NsrunErrorsTest, ShowsTheErrnoInWords) {
  const auto said = [&](const Arguments& line) { return nsrun(line, kNobody).err; };
  EXPECT_EQ("nsrun: --rootfs /nonexistent: no such file or directory [ENOENT]\n",
            said({"--rootfs", "/nonexistent", "x"}));
  EXPECT_EQ("nsrun: --info-fd 77: not an open file descriptor [EBADF]\n",
            said({"--info-fd", "77", "x"}));
  // nsrun changes the errno in the stub's records into words, too.
  const std::string by_stub = said({"--join", "net:/nonexistent", "x"});
  EXPECT_NE(std::string::npos,
            by_stub.find("open namespace net:/nonexistent: no such file or directory [ENOENT]\n"))
      << by_stub;
}

TEST_F(NsrunErrorsTest, ReportsThatACommandIsNotFound) {
  expect_error({"--", "/nonexistent"}, 127,
               "nsrun: execute /nonexistent: no such file or directory [ENOENT]\n", kNobody);
  expect_error({"nonexistent"}, 127, "nsrun: execute nonexistent: not in PATH [ENOENT]\n", kNobody);
  expect_error({"--", ""}, 127, "nsrun: execute : no such file or directory [ENOENT]\n", kNobody);
  (void)!symlink("/nonexistent/x", root_.file("bin/dangling").c_str());
  expect_each_way("dangling", 127,
                  "a symbolic link to /nonexistent/x: no such file or directory [ENOENT]");
}

TEST_F(NsrunErrorsTest, NamesTheInterpreterOfAScript) {
  constexpr char kMissing[] = ": no such file or directory [ENOENT]";
  program("script", "#!/nonexistent/sh -e\necho\n");
  expect_each_way("script", 127, std::string("its interpreter /nonexistent/sh") + kMissing);
  program("blanks", "#! \t/nonexistent/sh\t-e\necho\n");
  expect_each_way("blanks", 127, std::string("its interpreter /nonexistent/sh") + kMissing);
  program("unended", "#!/nonexistent/sh");
  expect_each_way("unended", 127, std::string("its interpreter /nonexistent/sh") + kMissing);
  program("dos", "#!/bin/sh\r\necho\r\n");
  expect_each_way("dos", 127, std::string("its interpreter /bin/sh\\x0d") + kMissing);
}

TEST_F(NsrunErrorsTest, NamesTheInterpreterOfAnInterpreter) {
  program("second", "#!/nonexistent/sh\n");
  for (const Way& way : ways()) {
    program("first", "#!" + seen(way, "second") + "\n");
    Arguments line = way.options;
    line.insert(line.end(), {"--", seen(way, "first")});
    expect_error(line, 127,
                 "nsrun: execute " + seen(way, "first") + ": its interpreter " +
                     seen(way, "second") +
                     ": its interpreter /nonexistent/sh: no such file or directory [ENOENT]\n",
                 way.uid);
  }
}

TEST_F(NsrunErrorsTest, NamesTheInterpreterOfAnElfFile) {
  program("elf", elf_with_interpreter("/nonexistent/ld.so.1"));
  expect_each_way("elf", 127,
                  "its interpreter /nonexistent/ld.so.1: no such file or directory [ENOENT]");
  program("by-elf", "#!" + root_.file("bin/elf") + "\n");
  expect_error(
      {"--", root_.file("bin/by-elf")}, 127,
      "its interpreter " + root_.file("bin/elf") + ": its interpreter /nonexistent/ld.so.1",
      kNobody);
}

TEST_F(NsrunErrorsTest, ReportsAMissingInterpreterEvenIfTheProgramCannotBeRead) {
  REQUIRE_ROOT();
  program("elf", elf_with_interpreter("/nonexistent/ld.so.1"), 0711);
  expect_error({"--", root_.file("bin/elf")}, 127,
               ": exists, but its interpreter does not [ENOENT]\n", kNobody);
}

TEST_F(NsrunErrorsTest, ReportsThatAnInterpreterCannotBeExecuted) {
  program("script", "#!/etc/passwd\n");
  expect_error({"--", root_.file("bin/script")}, 126,
               "its interpreter /etc/passwd: not executable (its mode has no x) [EACCES]\n",
               kNobody);
  program("directory", "#!/tmp\n");
  expect_each_way("directory", 126, "its interpreter /tmp: is a directory [EACCES]");
}

TEST_F(NsrunErrorsTest, ReportsWhyAFileCannotBeExecuted) {
  program("plain", "#!/bin/sh\n", 0644);
  expect_each_way("plain", 126, "not executable (its mode has no x) [EACCES]");
  mkdir(root_.file("bin/directory").c_str(), 0755);
  expect_each_way("directory", 126, "is a directory [EACCES]");
}

TEST_F(NsrunErrorsTest, ReportsThatAFileSystemIsMountedNoexec) {
  REQUIRE_ROOT();
  mkdir(root_.file("noexec").c_str(), 0755);
  const std::string file = root_.file("noexec/x");
  const Outcome outcome = test::run_command(
      {"/bin/sh", "-c",
       "unshare -m sh -c 'mount -t tmpfs -o noexec tmpfs " + root_.file("noexec") + "; echo > " +
           file + "; chmod 755 " + file + "; exec " + nsrun_ + " -- " + file + "'"});
  EXPECT_TRUE(contains(outcome.err, "on a file system that is mounted noexec [EACCES]"))
      << outcome.err;
}

TEST_F(NsrunErrorsTest, NamesTheMachineOfAForeignProgram) {
  // A machine for which no emulator is registered.
  program("foreign", elf_of_machine(EM_IA_64));
  for (const Way& way : ways()) {
    Arguments line = way.options;
    line.insert(line.end(), {"--", seen(way, "foreign")});
    expect_error(line, 126, ": a program for IA-64, which this machine (", way.uid);
    expect_error(line, 126, ") does not run [ENOEXEC]\n", way.uid);
  }
  program("unknown", elf_of_machine(0xfedc));
  expect_error({"--", root_.file("bin/unknown")}, 126, ": a program for machine 65244, which",
               kNobody);
  // A program for this machine, but broken.
  program("broken", elf_with_interpreter("").substr(0, sizeof(ElfW(Ehdr))));
  expect_error({"--", root_.file("bin/broken")}, 126, "nsrun: execute", kNobody);
}

TEST_F(NsrunErrorsTest, RunsAScriptWithoutAFirstLineWithTheShell) {
  program("script", "echo \"ran $0 $1\"\n");
  program("empty", "");
  for (const Way& way : ways()) {
    const std::string file = seen(way, "script");
    const std::string directory = file.substr(0, file.rfind('/'));
    for (const std::string& name : {file, std::string("script")}) {
      Arguments line = way.options;
      line.insert(line.end(), {"--env", "PATH=/nonexistent:" + directory, "--", name, "a b"});
      const Outcome outcome = nsrun(line, way.uid);
      EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
      EXPECT_EQ("ran " + file + " a b\n", outcome.out);
    }
    Arguments line = way.options;
    line.insert(line.end(), {"--", seen(way, "empty")});
    EXPECT_TRUE(nsrun(line, way.uid).status.exited_with(0));
  }
}

TEST_F(NsrunErrorsTest, DoesNotRunABinaryFileWithTheShell) {
  program("binary", std::string("ab\0cd\n", 6));
  expect_each_way("binary", 126, "not a program that this machine runs [ENOEXEC]");
}

TEST_F(NsrunErrorsTest, ReportsThatThereIsNoShellForAScript) {
  program("script", "echo\n");
  unlink(root_.file("bin/sh").c_str());
  expect_error({"--rootfs", root_.path(), "--", "/bin/script"}, 126,
               "nsrun: execute /bin/script: a script without #!, and /bin/sh cannot be executed "
               "[ENOEXEC]\n",
               kNobody);
}

TEST_F(NsrunErrorsTest, ExaminesUnusualFilesWithoutBlocking) {
  mkfifo(root_.file("bin/fifo").c_str(), 0755);
  expect_each_way("fifo", 126, "not a regular file [EACCES]");
  program("by-fifo", "#!" + root_.file("bin/fifo") + "\n");
  expect_error({"--", root_.file("bin/by-fifo")}, 126,
               "its interpreter " + root_.file("bin/fifo") + ": not a regular file [EACCES]\n",
               kNobody);
  (void)!symlink("loop", root_.file("bin/loop").c_str());
  expect_error({"--", root_.file("bin/loop")}, 126, "too many symbolic links [ELOOP]", kNobody);
  program("itself", "#!" + root_.file("bin/itself") + "\n");
  expect_error({"--", root_.file("bin/itself")}, 126, "nsrun: execute ", kNobody);
  // The kernel refuses such a long line, so the shell runs the file, in which the line is a
  // comment.
  program("endless", "#!/" + std::string(5000, 'x'));
  EXPECT_TRUE(nsrun({"--", root_.file("bin/endless")}, kNobody).status.exited_with(0));
  // A header that points past the end of the file.
  std::string elf = elf_with_interpreter("/nonexistent");
  const ElfW(Off) far = ~ElfW(Off){0} / 2;
  memcpy(elf.data() + offsetof(ElfW(Ehdr), e_phoff), &far, sizeof far);
  program("far", elf);
  expect_error({"--", root_.file("bin/far")}, 126, "nsrun: execute ", kNobody);
}

TEST_F(NsrunErrorsTest, ShowsControlCharactersOfAnInterpreterAsNumbers) {
  program("escape", "#!/\033[2J\n");
  expect_error({"--", root_.file("bin/escape")}, 127, "its interpreter /\\x1b[2J: no such",
               kNobody);
}

TEST_F(NsrunErrorsTest, NamesTheInterpreterInAJoinedContainer) {
  REQUIRE_ROOT();
  const test::Sleeper container(CLONE_NEWNS | CLONE_NEWPID);
  program("script", "#!/nonexistent/sh\n");
  program("plain", "echo \"ran $1\"\n");
  const std::string pid = std::to_string(container.pid());
  expect_error({"--join", pid, "--", root_.file("bin/script")}, 127,
               "its interpreter /nonexistent/sh: no such file or directory [ENOENT]\n");
  const Outcome outcome = nsrun({"--join", pid, "--", root_.file("bin/plain"), "x"});
  EXPECT_EQ("ran x\n", outcome.out) << outcome.err;
}

TEST_F(NsrunErrorsTest, NamesTheNearestOption) {
  const auto said = [&](const std::string& option) {
    const Outcome outcome = nsrun({option, "x"}, kNobody);
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
    return outcome.err;
  };
  const auto nearest = [](const std::string& option, const std::string& name) {
    return "nsrun: " + option + ": unknown option; did you mean " + name + "?\n";
  };
  EXPECT_EQ(nearest("--robind", "--ro-bind"), said("--robind"));
  EXPECT_EQ(nearest("--ro-bnid", "--ro-bind"), said("--ro-bnid"));
  EXPECT_EQ(nearest("-bind", "--bind"), said("-bind"));
  EXPECT_EQ(nearest("--read-onyl=x", "--read-only"), said("--read-onyl=x"));
  EXPECT_EQ(nearest("--unshare-network", "--unshare-net"), said("--unshare-network"));
  EXPECT_EQ(nearest("--share-mount", "--share-mnt"), said("--share-mount"));
  EXPECT_EQ(nearest("--hostnam", "--hostname"), said("--hostnam"));
  for (const std::string& far : {std::string("--nonsense"), std::string("-q"), std::string("-"),
                                 std::string("--"), "--" + std::string(5000, 'x')}) {
    if (far == "--") continue;
    EXPECT_EQ("nsrun: " + far + ": unknown option (see nsrun --help)\n", said(far));
  }
}

// A container in which parts of /proc are hidden, as in nsrun's own containers.
class NsrunBindProcTest : public test::NsrunShellTest {
 protected:
  NsrunBindProcTest() {
    test::copy_program(test::built("nsrun"), root_.file("nsrun"));
    mkdir(root_.file("inner").c_str(), 0777);
    chmod(root_.file("inner").c_str(), 0777);
    test::copy_program(test::busybox(), root_.file("inner/busybox"));
  }
  // Runs nsrun in a container made by nsrun.
  Outcome nested(const Arguments& options, const std::string& script, int uid) {
    Arguments line = {"--rootfs", root_.path(), "--cap-add", "all",
                      "--",       "/nsrun",     "--rootfs",  "/inner"};
    line.insert(line.end(), options.begin(), options.end());
    line.insert(line.end(), {"--", "/busybox", "sh", "-c", script});
    return nsrun(line, uid);
  }
};

TEST_F(NsrunBindProcTest, ReportsWhyTheKernelRefusesANewProc) {
  for (const int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    const Outcome outcome = nested({}, "echo ran", uid);
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status << outcome.err;
    EXPECT_EQ("", outcome.out);
    EXPECT_TRUE(contains(outcome.err, "nsrun: --rootfs proc: a part of the outer /proc is hidden"))
        << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "--bind-proc\n")) << outcome.err;
  }
}

TEST_F(NsrunBindProcTest, BindsTheOuterProcReadOnly) {
  REQUIRE_MOUNT_SETATTR();
  constexpr char kScript[] =
      "b=/busybox; $b grep -q . /proc/self/status && echo there; "
      "for f in /proc/self/oom_score_adj /proc/sys/kernel/hostname /proc/self/uid_map; do "
      "(echo x > $f) 2>/dev/null && echo $f; done; "
      "$b ls /proc/1/root >/dev/null 2>&1 && echo root; "
      "$b cat /proc/1/environ 2>/dev/null | $b grep -q . && echo environment; "
      "$b mount -o remount,bind,rw /proc 2>/dev/null && echo remounted; "
      "$b umount /proc 2>/dev/null && echo unmounted; "
      "$b mount -t proc proc /proc 2>/dev/null && echo mounted; "
      "$b wc -c < /proc/keys 2>/dev/null; true";
  for (const int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    for (const Arguments& options : {Arguments{"--bind-proc"},
                                     {"--bind-proc", "--cap-add", "all"},
                                     {"--bind-proc", "--init"},
                                     {"--bind-proc", "--share-pid"}}) {
      const Outcome outcome = nested(options, kScript, uid);
      EXPECT_EQ("there\n0\n", outcome.out) << uid << options.back() << outcome.err;
      const Outcome direct = nsrun(
          [&] {
            Arguments line = {"--rootfs", root_.file("inner")};
            line.insert(line.end(), options.begin(), options.end());
            line.insert(line.end(), {"--", "/busybox", "sh", "-c", kScript});
            return line;
          }(),
          uid);
      EXPECT_EQ("there\n0\n", direct.out) << uid << options.back() << direct.err;
    }
  }
}

TEST_F(NsrunBindProcTest, NeedsAUserNamespace) {
  REQUIRE_ROOT();
  expect_error({"--rootfs", root_.path(), "--share-user", "--bind-proc", "x"}, 125,
               "nsrun: --bind-proc: wants a new user namespace\n");
  expect_error({"--ns", "user,pid", "--bind-proc", "x"}, 125,
               "nsrun: --bind-proc: wants a new mnt namespace\n");
}

TEST_F(NsrunBindProcTest, ContainersWithASharedPidNamespaceHaveTheOuterProc) {
  REQUIRE_MOUNT_SETATTR();
  const Outcome outcome = nsrun({"--rootfs", root_.file("inner"), "--share-pid", "--", "/busybox",
                                 "sh", "-c", "/busybox readlink /proc/self; echo $$"},
                                kNobody);
  EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "\n")) << outcome.err;
}

// What a kernel without some types of namespaces shows, and a system without /proc. tests/rig/small
// boots such kernels.
class NsrunSmallSystemTest : public NsrunErrorsTest {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }
  static void own_mounts() {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      _exit(99);
    }
  }
  // Only these types are in /proc/PID/ns, and the kernel refuses to create the others.
  Outcome with_types(const std::vector<std::string>& types, Arguments line) {
    unsigned refused = sys::kAllNamespaces & ~unsigned{CLONE_NEWCGROUP};
    for (const std::string& type : types) refused &= ~sys::namespace_flag(type.c_str());
    const test::AnsweredCall statx(SYS_statx, 1, [refused](const std::string& path) {
      const std::string all = "/proc/self/ns/";
      const bool asks = path.compare(0, all.size(), all) == 0;
      const unsigned type = asks ? sys::namespace_flag(path.c_str() + all.size()) : 0;
      return (type & refused) != 0 ? ENOENT : 0;
    });
    line.insert(line.begin(), nsrun_);
    return test::run_command(line, {.environment = {}, .before_exec = [&] {
                                      statx.install();
                                      test::refuse_flags(SYS_unshare, refused, EINVAL);
                                    }});
  }
  Outcome without_proc(Arguments line) {
    line.insert(line.begin(), nsrun_);
    return test::run_command(line, {.environment = {}, .before_exec = [] {
                                      own_mounts();
                                      if (umount2("/proc", MNT_DETACH) != 0) _exit(98);
                                    }});
  }
};

TEST_F(NsrunSmallSystemTest, NamesAllNamespacesThatTheKernelLacks) {
  const std::vector<std::string> types = {"ipc", "mnt", "pid", "uts"};
  const std::string lacks =
      "nsrun: namespaces: not all are in this kernel (CONFIG_NET_NS, ...); root can do "
      "without:";
  const Outcome all = with_types(types, {"--", "/bin/true"});
  EXPECT_TRUE(all.status.exited_with(125)) << all.status;
  EXPECT_EQ(lacks + " --share-net --share-time --share-user\n", all.err);
  const Outcome some = with_types(types, {"--ns", "mnt,net", "--", "/bin/true"});
  EXPECT_EQ(lacks + " --share-net\n", some.err);
}

TEST_F(NsrunSmallSystemTest, DoesWithoutTheNamespacesThatRootLeavesOut) {
  const std::vector<std::string> types = {"ipc", "mnt", "pid", "uts"};
  for (const Arguments& options : {Arguments{"--share-net", "--share-time", "--share-user"},
                                   {"--ns", "mnt,pid,uts,ipc"},
                                   {"--ns", "mnt,pid,uts,ipc,cgroup"},
                                   {"--ns", "none"}}) {
    Arguments line = options;
    line.insert(line.end(), {"--", "/bin/echo", "hi"});
    const Outcome outcome = with_types(types, line);
    EXPECT_EQ("hi\n", outcome.out) << outcome.err;
  }
}

TEST_F(NsrunSmallSystemTest, SaysThatProcIsNotMounted) {
  for (const Arguments& options :
       {Arguments{}, {"--ns", "mnt,pid"}, {"--verbose", "--seal", "none"}}) {
    Arguments line = options;
    line.insert(line.end(), {"--", "/bin/true"});
    const Outcome outcome = without_proc(line);
    EXPECT_TRUE(outcome.status.exited_with(125)) << outcome.status;
    EXPECT_EQ("nsrun: /proc: not mounted (mount -t proc proc /proc; or as root: --seal none)\n",
              outcome.err);
  }
}

TEST_F(NsrunSmallSystemTest, DoesWithoutProcIfRootAsksForNoSeal) {
  const Outcome outcome =
      without_proc({"--seal", "none", "--ns", "mnt,pid,uts,ipc", "--", "/bin/echo", "hi"});
  EXPECT_EQ("hi\n", outcome.out) << outcome.err;
}

}  // namespace

#include "tests/support/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>
#include <thread>

#include "parent/message.h"
#include "syscalls/file.h"

namespace test {

namespace {

// A shell starts a job in the background with SIGINT and SIGQUIT ignored, and nohup(1) ignores
// SIGHUP. The programs under test would inherit that.
[[gnu::constructor]] void take_signals_by_default() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) signal(number, SIG_DFL);
}

}  // namespace

namespace {
// A limit is there to notice a hang and must not depend on the speed of the machine.
Duration patience(Duration limit) { return limit * (is_emulated() ? 8 : 3); }
}  // namespace

bool eventually(Duration limit, const std::function<bool()>& question) {
  const auto end = std::chrono::steady_clock::now() + patience(limit);
  while (!question()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

sys::Fd open_when_not_executed(const std::string& path, int flags) {
  sys::Fd fd;
  eventually(kHangs, [&] {
    fd = sys::Fd(open(path.c_str(), flags | O_CLOEXEC));
    return fd.is_open() || errno != ETXTBSY;
  });
  return fd;
}

namespace {

// A child that a test has killed may end after that test. The next test may count its own children,
// or wait for any.
class Reaper : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& /*test*/) override {
    eventually(kHangs, [] {
      while (waitpid(-1, nullptr, WNOHANG | __WALL) > 0) continue;
      const auto children = children_of(getpid());
      return std::none_of(children.begin(), children.end(), [](const std::string& pid) {
        // A process that is ending has no memory any more.
        return !contains(read_file("/proc/" + pid + "/status"), "VmSize");
      });
    });
  }
};

[[gnu::constructor]] void reap_before_each_test() {
  testing::UnitTest::GetInstance()->listeners().Append(new Reaper);
}

using Clock = std::chrono::steady_clock;

// Waits until there is data or an end of file to read. Returns false if the time is up first.
bool readable(int fd, Clock::time_point end) {
  const auto left = std::chrono::duration_cast<Duration>(end - Clock::now()).count();
  struct pollfd entry = {fd, POLLIN, 0};
  return poll(&entry, 1, left < 0 ? 0 : static_cast<int>(left)) > 0;
}

// Reads up to `size` bytes, or to the end, or until `stop` has been read.
std::string read_until(int fd, size_t size, Duration limit, char stop, bool stops) {
  const auto end = Clock::now() + limit;
  std::string text;
  char c = 0;
  while (text.size() < size && readable(fd, end) && read(fd, &c, 1) == 1) {
    text += c;
    if (stops && c == stop) break;
  }
  return text;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_strings(const Environment& environment) {
  std::vector<std::string> strings;
  for (const auto& [name, value] : environment) strings.push_back(name + "=" + value);
  return strings;
}

void become_user(int uid) {
  if (uid == 0) return;
  if (setgroups(0, nullptr) != 0 || setgid(static_cast<gid_t>(uid)) != 0 ||
      setuid(static_cast<uid_t>(uid)) != 0) {
    _exit(99);
  }
}

void keep_on_exec(int fd) { fcntl(fd, F_SETFD, 0); }

// A strict parser of one JSON object of strings (RFC 8259). A log record must be such an object.
class RecordParser {
 public:
  explicit RecordParser(const std::string& text) : text_(text) {}

  std::optional<std::map<std::string, std::string>> parse() {
    std::map<std::string, std::string> object;
    if (!take('{')) return {};
    do {
      const auto key = string();
      if (!key || !take(':')) return {};
      const auto value = string();
      if (!value) return {};
      object[*key] = *value;
    } while (take(','));
    if (!take('}') || at_ != text_.size()) return {};
    return object;
  }

 private:
  bool take(char c) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::optional<std::string> string() {
    if (!take('"')) return {};
    std::string value;
    while (at_ < text_.size() && text_[at_] != '"') {
      const auto c = static_cast<unsigned char>(text_[at_++]);
      if (c < 0x20) return {};
      if (c != '\\') {
        value += static_cast<char>(c);
        continue;
      }
      if (at_ >= text_.size()) return {};
      const char escape = text_[at_++];
      if (escape == 'u') {
        if (at_ + 4 > text_.size()) return {};
        const unsigned point = static_cast<unsigned>(std::stoul(text_.substr(at_, 4), nullptr, 16));
        at_ += 4;
        value += point < 0x80 ? std::string(1, static_cast<char>(point)) : "\xef\xbf\xbd";
      } else if (strchr("\"\\/bfnrt", escape) != nullptr) {
        value += escape;
      } else {
        return {};
      }
    }
    if (!take('"')) return {};
    return is_utf8(value) ? std::optional(value) : std::nullopt;
  }

  // Written by hand, because not every image has the UTF-8 locale that mbrtowc needs.
  static bool is_utf8(const std::string& text) {
    for (size_t i = 0; i < text.size();) {
      const auto c = static_cast<unsigned char>(text[i]);
      const size_t length = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
      if (length == 0 || c > 0xf4 || i + length > text.size()) return false;
      for (size_t k = 1; k < length; ++k) {
        if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
      }
      i += length;
    }
    return true;
  }

  const std::string& text_;
  size_t at_ = 0;
};

}  // namespace

std::string built(const std::string& name) {
  static const std::string directory = [] {
    const std::string self = read_link("/proc/self/exe");
    return std::filesystem::path(self).parent_path().parent_path().string();
  }();
  return directory + "/" + name;
}

TemporaryDirectory::TemporaryDirectory(const std::string& parent) {
  std::string pattern = parent + "/nsexec-test.XXXXXX";
  path_ = mkdtemp(pattern.data());
  chmod(path_.c_str(), 0755);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

void write_file(const std::string& path, const std::string& content, mode_t mode) {
  std::ofstream(path) << content;
  chmod(path.c_str(), mode);
}

void copy_program(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  chmod(to.c_str(), 0755);
}

sys::Fd sealed_memfd(const std::string& program) {
  sys::Fd copy(memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_TRUE(copy.is_open());
  const std::string content = read_file(program);
  EXPECT_TRUE(sys::write_fully(copy.get(), {content.data(), content.size()}));
  EXPECT_EQ(
      0, fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
  return copy;
}

std::string read_link(const std::string& path) {
  char buffer[4096];
  const ssize_t size = readlink(path.c_str(), buffer, sizeof buffer);
  return size < 0 ? std::string() : std::string(buffer, static_cast<size_t>(size));
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> pieces;
  std::stringstream stream(text);
  for (std::string piece; std::getline(stream, piece, separator);) pieces.push_back(piece);
  return pieces;
}

std::string cgroup2_mount_point() {
  for (const std::string& line : split(read_file("/proc/self/mountinfo"), '\n')) {
    if (contains(line, " - cgroup2 ")) return split(line, ' ')[4];
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  return text.find(" [E") != std::string::npos &&
         with_bare_errnos(text).find(part) != std::string::npos;
}

std::string with_bare_errnos(const std::string& message) {
  static const std::regex kWords(": [^:\n]* \\[(E[A-Z0-9]+)\\]");
  return std::regex_replace(message, kWords, ": $1");
}

std::map<std::string, std::string> parse_report(const std::string& text) {
  std::map<std::string, std::string> report;
  for (const std::string& line : split(text, '\n')) {
    const size_t colon = line.find(": ");
    if (colon != std::string::npos) report[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return report;
}

bool Status::exited_with(int status) const {
  return ended && WIFEXITED(value) && WEXITSTATUS(value) == status;
}
bool Status::killed_by(int signal) const {
  return ended && WIFSIGNALED(value) && WTERMSIG(value) == signal;
}
std::ostream& operator<<(std::ostream& out, const Status& status) {
  if (!status.ended) return out << "still running";
  if (WIFEXITED(status.value)) return out << "exit status " << WEXITSTATUS(status.value);
  return out << "signal " << WTERMSIG(status.value);
}

Status wait_for(pid_t pid, Duration limit) {
  Status status;
  eventually(limit, [&] {
    const pid_t waited = waitpid(pid, &status.value, WNOHANG);
    status.ended = waited == pid;
    return waited != 0;
  });
  return status;
}

std::vector<pid_t> processes_of(const std::string& program) {
  std::vector<pid_t> pids;
  struct stat wanted {};
  EXPECT_EQ(0, stat(program.c_str(), &wanted)) << program;
  DIR* proc = opendir("/proc");
  while (const dirent* entry = readdir(proc)) {
    const std::string name = entry->d_name;
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    // Compares size and time, because a sealed binary may show another path or none, and an overlay
    // shows another inode.
    struct stat file {};
    if (stat(("/proc/" + name + "/exe").c_str(), &file) != 0) continue;
    if (file.st_size == wanted.st_size && file.st_mtim.tv_sec == wanted.st_mtim.tv_sec &&
        file.st_mtim.tv_nsec == wanted.st_mtim.tv_nsec)
      pids.push_back(std::stoi(name));
  }
  closedir(proc);
  return pids;
}

std::vector<std::string> children_of(pid_t pid) {
  const std::string proc = "/proc/" + std::to_string(pid);
  std::vector<std::string> children =
      split(read_file(proc + "/task/" + std::to_string(pid) + "/children"), ' ');
  children.erase(std::remove(children.begin(), children.end(), ""), children.end());
  return children;
}

std::string what_they_wait_for(pid_t pid) {
  const std::string proc = "/proc/" + std::to_string(pid);
  const std::string status = read_file(proc + "/status");
  std::string text = status.substr(0, status.find("FDSize"));
  for (const char* file : {"wchan", "syscall", "stack"}) {
    const std::string content = read_file(proc + "/" + file);
    text += content + (content.empty() || content.back() == '\n' ? "" : "\n");
  }
  for (const std::string& child : children_of(pid)) text += what_they_wait_for(std::stoi(child));
  return text;
}

bool appears(const std::string& program, size_t count) {
  return eventually(kHangs, [&] { return processes_of(program).size() >= count; });
}

bool all_gone(const std::string& program, Duration limit) {
  return eventually(limit, [&] { return processes_of(program).empty(); });
}

std::string native(uint32_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

std::string native16(uint16_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// A buffer with the attributes so far and room for `more` bytes behind them.
class Message::Memory {
 public:
  Memory(const Message& message, size_t more)
      : bytes_(sizeof(stub::MessageHeader) + message.attributes_.size() + more, '\0'),
        writer({reinterpret_cast<unsigned char*>(bytes_.data()), bytes_.size()}) {
    writer.append({message.attributes_.data(), message.attributes_.size()});
  }
  [[nodiscard]] std::string attributes() const {
    return bytes_.substr(sizeof(stub::MessageHeader), writer.size() - sizeof(stub::MessageHeader));
  }

 private:
  std::string bytes_;

 public:
  parent::MessageWriter writer;
};

Message& Message::add(unsigned type, const std::string& payload) {
  constexpr size_t kHeaderAndPadding = 4 + 3;
  Memory memory(*this, payload.size() + kHeaderAndPadding);
  memory.writer.add_bytes(type, {payload.data(), payload.size()});
  attributes_ = memory.attributes();
  return *this;
}
Message& Message::flags(uint32_t clone_flags) {
  return add(static_cast<unsigned>(stub::Attribute::kCloneFlags), native(clone_flags));
}
Message& Message::text(stub::Attribute type, const std::string& value) {
  return add(static_cast<unsigned>(type), value + '\0');
}
Message& Message::boolean(stub::Attribute type, bool value) {
  return add(static_cast<unsigned>(type), native(value ? 1 : 0));
}
Message& Message::raw(const std::string& bytes) {
  attributes_ += bytes;
  return *this;
}
std::string Message::bytes(std::optional<uint32_t> length, uint16_t type) const {
  const Memory memory(*this, 0);
  const sys::Text text = memory.writer.finish();
  std::string bytes(text.data(), text.size());
  if (length) bytes.replace(offsetof(stub::MessageHeader, length), sizeof *length, native(*length));
  return bytes.replace(offsetof(stub::MessageHeader, type), sizeof type, native16(type));
}

std::vector<LogRecord> parse_log(const std::string& text) {
  std::vector<LogRecord> records;
  for (const std::string& line : split(text, '\n')) {
    const auto object = RecordParser(line).parse();
    if (!object || object->size() != 2 || object->count("level") == 0 ||
        object->count("msg") == 0) {
      ADD_FAILURE() << "not a log record: " << line;
      continue;
    }
    records.push_back({object->at("level"), object->at("msg")});
  }
  return records;
}

Parent::~Parent() {
  if (stage0 == 0) return;
  // Processes left by a failed test must not disturb the next test. They are killed before the
  // pipes are closed. A process that ends by itself no longer shows its program in /proc, and may
  // not be reapable yet.
  const std::vector<pid_t> killed = processes_of(program_);
  for (const pid_t pid : killed) kill(pid, SIGKILL);
  for (const pid_t pid : killed) {
    (void)eventually(1s, [pid] { return waitpid(pid, nullptr, WNOHANG | __WALL) != 0; });
  }
  while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
}

void Parent::start() {
  int init[2];
  int log[2];
  int report[2] = {-1, -1};
  ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, init));
  ASSERT_EQ(0, pipe2(log, O_CLOEXEC));
  Environment all = environment;
  all["_LIBCONTAINER_INITPIPE"] = std::to_string(init[1]);
  if (with_log) {
    all["_LIBCONTAINER_LOGPIPE"] = std::to_string(log[1]);
    all.insert({"_LIBCONTAINER_LOGLEVEL", std::to_string(log_level)});
  }
  if (with_report) {
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, report));
    all["PROBE_FD"] = std::to_string(report[1]);
  }
  for (const auto& [name, value] : environment) all[name] = value;

  std::vector<std::string> argv_strings = arguments;
  argv_strings.insert(argv_strings.begin(), program_);
  std::vector<std::string> environment_lines = environment_strings(all);
  const std::vector<char*> argv = pointers(argv_strings);
  const std::vector<char*> envp = pointers(environment_lines);
  stage0 = fork();
  ASSERT_GE(stage0, 0);
  if (stage0 == 0) {
    keep_on_exec(init[1]);
    if (with_log) {
      keep_on_exec(log[1]);
    } else {
      dup2(log[1], 2);
    }
    if (with_report) keep_on_exec(report[1]);
    for (const int fd : inherited) keep_on_exec(fd);
    become_user(uid);
    before_exec();
    execve(program_.c_str(), argv.data(), envp.data());
    _exit(98);
  }
  close(init[1]);
  close(log[1]);
  init_ = sys::Fd(init[0]);
  log_ = sys::Fd(log[0]);
  if (with_report) {
    close(report[1]);
    report_ = sys::Fd(report[0]);
  }
}

void Parent::wait_until_read() const {
  EXPECT_TRUE(eventually(kHangs, [&] {
    int unread = 0;
    return ioctl(init_.get(), SIOCOUTQ, &unread) == 0 && unread == 0;
  }));
}

void Parent::send(const std::string& bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::send(init_.get(), bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (count < 0) return;  // the stub has already refused the message
    done += static_cast<size_t>(count);
  }
}

std::string Parent::read_line(Duration limit) {
  std::string line = read_until(init_.get(), SIZE_MAX, limit, '\n', true);
  if (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

std::string Parent::read_bytes(size_t size, Duration limit) {
  return read_until(init_.get(), size, limit, 0, false);
}

Pids Parent::read_pids() {
  const std::string line = read_line();
  Pids pids;
  if (sscanf(line.c_str(), "{\"stage1_pid\":%d,\"stage2_pid\":%d}", &pids.stage1, &pids.stage2) !=
          2 &&
      sscanf(line.c_str(), "{\"pid\": %d, \"pid_first\": %d}", &pids.stage2, &pids.stage1) != 2) {
    ADD_FAILURE() << "not a pid line: '" << line << "', log: " << log(100ms);
  }
  return pids;
}

std::string Parent::log(Duration limit) {
  if (log_.is_open()) log_text_ += read_until(log_.get(), SIZE_MAX, limit, 0, false);
  return log_text_;
}

std::string Parent::fatal() {
  std::string message;
  for (const LogRecord& record : parse_log(log())) {
    if (record.level != "fatal") continue;
    EXPECT_EQ("", message) << "two fatal records; the second: " << record.message;
    message = record.message;
  }
  return message;
}

std::map<std::string, std::string> Parent::read_report(Duration limit) {
  // The report ends with its own last line and not with an end of file, because the probe then
  // waits on the open socket.
  const auto end = Clock::now() + limit;
  std::string text;
  char c = 0;
  while (!contains(text, "end: 1\n") && readable(report_.get(), end) &&
         read(report_.get(), &c, 1) == 1) {
    text += c;
  }
  EXPECT_TRUE(contains(text, "end: 1\n")) << "no complete report: " << text << log(100ms);
  return parse_report(text);
}

Pids Parent::run(const std::string& message) {
  start();
  send(message);
  const Pids pids = read_pids();
  EXPECT_TRUE(wait_for(pids.stage1).exited_with(0));
  const Status verdict = wait_stage0();
  EXPECT_TRUE(verdict.exited_with(0)) << verdict << ", log: " << (with_log ? log(1s) : "");
  if (!with_report) {
    const Status container = wait_for(pids.stage2);
    EXPECT_TRUE(container.exited_with(0)) << container;
  }
  return pids;
}

Outcome run_command(const Arguments& command, const RunOptions& options) {
  int out[2];
  int err[2];
  Outcome outcome;
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) return outcome;
  std::vector<std::string> argv_strings = command;
  Environment environment = options.environment;
  environment.insert({"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"});
  std::vector<std::string> environment_lines = environment_strings(environment);
  const std::vector<char*> argv = pointers(argv_strings);
  const std::vector<char*> envp = pointers(environment_lines);
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], 1);
    dup2(err[1], 2);
    become_user(options.uid);
    options.before_exec();
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  const auto end = Clock::now() + patience(options.limit);
  // Reads both pipes at the same time. If one filled up while only the other is read, the command
  // would block.
  struct pollfd entries[] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  std::string* texts[] = {&outcome.out, &outcome.err};
  while ((entries[0].fd >= 0 || entries[1].fd >= 0) && Clock::now() < end) {
    poll(entries, 2, 100);
    for (int i = 0; i < 2; ++i) {
      char buffer[4096];
      if (entries[i].fd < 0 || entries[i].revents == 0) continue;
      const ssize_t count = read(entries[i].fd, buffer, sizeof buffer);
      if (count > 0) texts[i]->append(buffer, static_cast<size_t>(count));
      if (count <= 0) entries[i].fd = -1;
    }
  }
  // A pipe that is still open at the limit may be held by a process that the command has left.
  const bool is_late = entries[0].fd >= 0 || entries[1].fd >= 0;
  outcome.status = wait_for(child, is_late ? Duration(0) : kHangs);
  if (!outcome.status.ended) {
    outcome.err += "hangs:\n" + what_they_wait_for(child);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  // Closes the pipes only after the command has ended, so that it can still write its message.
  close(out[0]);
  close(err[0]);
  return outcome;
}

void run_in_namespaces_of(pid_t pid, const std::function<void()>& attack,
                          const std::function<void(const Status&)>& ended) {
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const auto& [name, flag] :
         {std::pair{"user", CLONE_NEWUSER}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS}}) {
      const std::string path = "/proc/" + std::to_string(pid) + "/ns/" + name;
      if (read_link(path) == read_link(std::string("/proc/self/ns/") + name)) continue;
      const sys::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (setns(fd.get(), flag) != 0) _exit(1);
    }
    attack();
    _exit(0);
  }
  const Status status = wait_for(child, 20s);
  if (ended) return ended(status);
  EXPECT_TRUE(status.exited_with(0)) << status;
}

Sleeper::Sleeper(unsigned clone_flags) {
  int ready[2];
  int mapped[2];
  if (pipe2(ready, O_CLOEXEC) != 0 || pipe2(mapped, O_CLOEXEC) != 0) return;
  outer_ = fork();
  if (outer_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char byte = 0;
    pid_t inner = -1;
    int bound[2];
    if (unshare(static_cast<int>(clone_flags)) == 0 && write(ready[1], &inner, sizeof inner) > 0 &&
        read(mapped[0], &byte, 1) == 1 && pipe(bound) == 0) {
      inner = fork();
    }
    if (inner == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      (void)!write(bound[1], "", 1);
      for (;;) pause();
    }
    // Waits until the inner process has set its parent-death signal. The caller may kill this
    // process as soon as it gets the pid.
    if (inner > 0) (void)!read(bound[0], &byte, 1);
    (void)!write(ready[1], &inner, sizeof inner);
    for (;;) pause();
  }
  pid_t answer = 0;
  (void)!read(ready[0], &answer, sizeof answer);
  if ((clone_flags & CLONE_NEWUSER) != 0) {
    const std::string proc = "/proc/" + std::to_string(outer_);
    write_file(proc + "/uid_map", "0 0 4294967295\n");
    write_file(proc + "/gid_map", "0 0 4294967295\n");
  }
  (void)!write(mapped[1], "", 1);
  (void)!read(ready[0], &pid_, sizeof pid_);
  for (const int fd : {ready[0], ready[1], mapped[0], mapped[1]}) close(fd);
}

Sleeper::~Sleeper() {
  // The parent-death signal comes from inside its pid namespace, so it does not kill an init there.
  if (pid_ > 0) kill(pid_, SIGKILL);
  kill(outer_, SIGKILL);
  waitpid(outer_, nullptr, 0);
}

std::string Sleeper::namespace_path(const std::string& type) const {
  return "/proc/" + std::to_string(pid_) + "/ns/" + type;
}

std::string namespace_id(const std::string& pid, const std::string& type) {
  return read_link("/proc/" + pid + "/ns/" + type);
}

bool is_emulated() { return getenv("NSEXEC_EMULATED") != nullptr; }

int repetitions(int often) { return is_emulated() ? (often + 4) / 5 : often; }

bool is_root() { return geteuid() == 0; }

}  // namespace test

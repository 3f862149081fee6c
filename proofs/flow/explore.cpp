// proofs/flow: runs the stub's whole flow, compiled from its own sources, once for each combination
// of answers that the kernel may give, up to a number of unusual ones. docs/proofs.md explains what
// is checked and what is assumed.
//
// A run is one process from the entry point to its end. Where a process is created, one run goes on
// as the child and another as the parent. A run is a list of choices; the next run changes the last
// choice that has a further alternative. Choice 0 is the usual answer. Every other is an unusual
// one, of which a run may have DISTURBANCES.
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fsverity.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "proofs/flow/syscall.h"
#include "stub/bootstrap.h"
#include "stub/channel.h"
#include "stub/dialect.h"
#include "stub/nsexec.h"

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define MSAN 1
#endif
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define ASAN 1
#endif
#endif

namespace {

using stub::Attribute;
using stub::Message;

// ---- Choices ----

constexpr int kMostChoices = 4000;
struct Choice {
  int taken;
  int alternatives;
  bool unusual;  // every choice but the first uses up a disturbance
};
Choice choices[kMostChoices];
int choice_count;  // of the run so far, and after a run of the whole run
int choices_known;
int disturbances_at_start;  // of the run
int disturbances_left;
int most_disturbances = 2;

int choose(int alternatives, bool unusual) {
  if (unusual && disturbances_left == 0) alternatives = 1;
  if (choice_count == kMostChoices) {
    printf("too many choices in one run\n");
    abort();
  }
  Choice& choice = choices[choice_count++];
  if (choice_count > choices_known) {
    choice = {0, alternatives, unusual};
    choices_known = choice_count;
  }
  // The run before did the same up to here. A stub that uses memory that it has not written may
  // not.
  if (choice.alternatives != alternatives) {
    printf("  WRONG    a run cannot be repeated\n");
    exit(1);
  }
  if (unusual && choice.taken != 0) --disturbances_left;
  return choice.taken;
}

// Prepares the next run. Returns false if there is none.
bool next_run() {
  while (choices_known > 0) {
    Choice& last = choices[choices_known - 1];
    if (last.taken + 1 < last.alternatives) {
      ++last.taken;
      return true;
    }
    --choices_known;
  }
  return false;
}

// ---- The flow ----

// What the running binary is.
enum Binary : unsigned char { kOrdinaryFile, kOnDetachedMount, kOnOverlay, kInMemfd };

struct Flow {
  const char* name;
  unsigned dialect = 0;
  const char* sealing = "\x09";  // none
  bool silent = false;           // the process is no init
  bool cloned = false;
  Binary binary = kOrdinaryFile;
  const char* log_level = "4";
  bool log_pipe = true;
  unsigned clone_flags = 0;
  const char* namespaces = nullptr;
  const char* map = nullptr;
  const char* tool = nullptr;
  const char* offsets = nullptr;
  bool sources = false;
  bool rootless = false;
  bool user = false;  // the caller is an ordinary user
  bool large = false;
  const char* score = nullptr;
  unsigned type = stub::kMessageTypeInit;
  unsigned unknown = 0;  // the type of one more attribute
  const char* init_variable = "5";
  bool secure = false;
  bool refused = false;  // an undisturbed start fails
  bool seals = false;    // executes the binary again
  int most = 3;          // disturbances
};
const Flow* flow;
alignas(4) unsigned char message[4096];
size_t message_size;

void put(const void* bytes, size_t size) {
  memcpy(message + message_size, bytes, size);
  message_size += size;
}

void attribute(Attribute type, const void* value, size_t size) {
  const uint16_t header[] = {static_cast<uint16_t>(size + 4), static_cast<uint16_t>(type)};
  put(header, sizeof header);
  put(value, size);
  while (message_size % 4 != 0) put("", 1);
}

void text(Attribute type, const char* value) {
  if (value != nullptr) attribute(type, value, strlen(value) + 1);
}

constexpr char kSources[] = "/a\0\0/b";  // with the last one's NUL

void build_message() {
  message_size = sizeof(stub::MessageHeader);
  if (flow->clone_flags != 0) attribute(Attribute::kCloneFlags, &flow->clone_flags, 4);
  text(Attribute::kNamespacePaths, flow->namespaces);
  text(Attribute::kUidMap, flow->map);
  text(Attribute::kGidMap, flow->map);
  text(Attribute::kUidMapTool, flow->tool);
  text(Attribute::kGidMapTool, flow->tool);
  text(Attribute::kTimeOffsetsOrMountSources, flow->offsets);
  if (flow->sources) attribute(Attribute::kTimeOffsetsOrMountSources, kSources, sizeof kSources);
  text(Attribute::kOomScoreAdj, flow->score);
  const unsigned char yes = 1;
  if (flow->map != nullptr && !flow->rootless) attribute(Attribute::kSetgroups, &yes, 1);
  if (flow->rootless) attribute(Attribute::kRootless, &yes, 1);
  if (flow->large) {
    char path[700];
    memset(path, 'x', sizeof path);
    memcpy(path, "net:/", 5);
    path[sizeof path - 1] = '\0';
    attribute(Attribute::kNamespacePaths, path, sizeof path);
  }
  if (flow->unknown != 0) attribute(static_cast<Attribute>(flow->unknown), "\1\2\3", 4);
  const stub::MessageHeader header{static_cast<uint32_t>(message_size),
                                   static_cast<uint16_t>(flow->type), 0, 0, 0};
  memcpy(message, &header, sizeof header);
}

// ---- The kernel ----

enum Kind : unsigned char {
  kClosed,
  kStandard,
  kInitPipe,
  kLogPipe,
  kReserved,
  kSocket,
  kProcfs,
  kNamespace,
  kFile
};
struct Descriptor {
  Kind kind = kClosed;
  bool ours = false;  // opened by the stub
  bool kept_by_exec = false;
  bool map = false;       // of ids
  bool unproven = false;  // it may be on another file system than it should
  int inode = 0;          // that fstat has said; 0: not asked
};
enum Role { kBefore, kStage0, kStage1, kStage2, kTool, kSealer };
constexpr const char* kRoles[] = {
    "before the stages",   "stage 0", "stage 1", "stage 2", "the tool's process",
    "the child that seals"};

constexpr int kFds = 64;
constexpr int kInit = 5;
constexpr int kLog = 6;
constexpr int kFirstReserved = 7;
constexpr int kSecondReserved = 8;
constexpr int kOwnPid = 100;
constexpr int kChildPid = 101;
constexpr long kMagicOfProc = 0x9fa0;
constexpr long kMagicOfNsfs = 0x6e736673;

struct Mapped {
  char* start;
  size_t size;
};

struct World {
  Descriptor fds[kFds];
  Mapped maps[8];
  long* shared;  // the last shared mapping
  Role role;
  int calls;
  size_t read;         // bytes of the message
  int requests;        // that stage 0 has received
  int records;         // fatal
  bool tool_failed;    // or it could not be executed, or its work is no longer wanted
  bool tool_unwanted;  // the parent or stage 1 has gone
  bool tool_killed;
  bool mask_failed;
  bool told_failed;   // kFailed has been received
  bool tells_failed;  // kFailed has been sent
  bool told_ready;    // kReady has been received
  bool tells_ready;
  bool pid_line;
  bool told;  // the byte 0x80 has been read
  bool has_stage2;
  bool has_seals;        // the binary is a memfd with all seals
  bool in_no_namespace;  // the mount of the binary
  int copied;
  int inode;  // of the binary; 0: not asked
  uint64_t mask;
  char sent[128];  // to the init pipe
  size_t sent_size;
  char calls_made[4096];
  size_t calls_size;
};
World world;
sigjmp_buf end_of_run;
enum End { kReturned, kExited, kExecuted };
int end_status;
constexpr uint64_t kMaskAtExec = 0x10;
const char* const* arguments_at_exec;  // and behind them the environment

long runs;
long all_calls;
int most_calls;
long violations;

void violation(const char* what, long number = 0) {
  if (++violations <= 5) {
    printf("  WRONG    %s, %s: %s (%ld)\n          ", flow->name, kRoles[world.role], what, number);
    printf("%.*s\n", static_cast<int>(world.calls_size), world.calls_made);
    fflush(stdout);
  }
}

void note(const char* format, long a = 0, long b = 0) {
  const size_t left = sizeof world.calls_made - world.calls_size;
  const int size = snprintf(world.calls_made + world.calls_size, left, format, a, b);
  if (size > 0 && static_cast<size_t>(size) < left) world.calls_size += static_cast<size_t>(size);
}

// That the stub may read these bytes, and has written them.
void check_input(const void* bytes, size_t size) {
  if (size == 0) return;
#ifdef MSAN
  __msan_check_mem_is_initialized(bytes, size);
#endif
#ifdef ASAN
  if (__asan_region_is_poisoned(const_cast<void*>(bytes), size) != nullptr)
    violation("passes memory that is not its own");
#endif
  unsigned char sum = 0;
  for (size_t i = 0; i < size; ++i) sum ^= static_cast<const unsigned char*>(bytes)[i];
  asm volatile("" : : "r"(sum));
}

void check_output(void* bytes, size_t size) {
  if (size == 0) return;
#ifdef ASAN
  if (__asan_region_is_poisoned(bytes, size) != nullptr)
    violation("lets the kernel write into memory that is not its own");
#endif
  (void)bytes;
}

// It has holes.
void check_header(const msghdr& header) {
  check_input(&header.msg_name, sizeof header.msg_name);
  check_input(&header.msg_namelen, sizeof header.msg_namelen);
  check_input(&header.msg_iov, sizeof header.msg_iov);
  check_input(&header.msg_iovlen, sizeof header.msg_iovlen);
  check_input(&header.msg_control, sizeof header.msg_control);
  check_input(&header.msg_controllen, sizeof header.msg_controllen);
  check_input(header.msg_iov, sizeof *header.msg_iov);
}

const char* path_of(long word) {
  const char* path = reinterpret_cast<const char*>(word);
  if (path != nullptr) check_input(path, strlen(path) + 1);
  return path;
}

void check_strings(long word) {
  for (auto* const* each = reinterpret_cast<const char* const*>(word); *each != nullptr; ++each) {
    check_input(each, sizeof *each);
    path_of(reinterpret_cast<long>(*each));
  }
}

Descriptor* descriptor(long fd) {
  if (fd < 0 || fd >= kFds || world.fds[fd].kind == kClosed) {
    violation("uses a descriptor that is not open", fd);
    return nullptr;
  }
  return &world.fds[fd];
}

long open_as(Kind kind, bool kept_by_exec = false) {
  for (int fd = 0; fd < kFds; ++fd) {
    if (world.fds[fd].kind != kClosed) continue;
    world.fds[fd] = {.kind = kind, .ours = true, .kept_by_exec = kept_by_exec};
    return fd;
  }
  violation("too many descriptors");
  return -EMFILE;
}

// All errnos that the stub asks for, and one other.
constexpr int kErrnos[] = {EIO,   EINTR,      EPERM,  ENOENT, EAGAIN,  EINVAL, ENOSYS,
                           EPIPE, ECONNRESET, ECHILD, EROFS,  ETXTBSY, ESRCH,  EOVERFLOW};
constexpr int kErrnoCount = sizeof kErrnos / sizeof *kErrnos;

// Returns 0, the number of another usual or unusual answer (1 to `others`), or a negative errno.
long fails_or(int others = 0) {
  const int choice = choose(1 + others + kErrnoCount, true);
  if (choice <= others) return choice;
  return -kErrnos[choice - others - 1];
}

[[noreturn]] void end_run(End end, int status) {
  end_status = status;
  siglongjmp(end_of_run, 1 + end);
}

void fill(void* to, size_t size) {
  check_output(to, size);
  memset(to, 0, size);
}

Kind kind_of(const char* path) {
  if (path == nullptr) return kFile;
  if (strcmp(path, "/proc") == 0) return kProcfs;
  return strstr(path, "ns/") != nullptr ? kNamespace : kFile;
}

// What stage 0 receives: the requests of the flow, and then "ready".
int next_request() {
  int requests[4];
  int count = 0;
  if ((flow->clone_flags & CLONE_NEWUSER) != 0)
    requests[count++] = static_cast<int>(Message::kMapIds);
  if (flow->offsets != nullptr) requests[count++] = static_cast<int>(Message::kSetTimeOffsets);
  if (flow->sources) requests[count++] = static_cast<int>(Message::kOpenMountSources);
  if (world.requests < count) return requests[world.requests++];
  if (world.requests++ == count) return static_cast<int>(Message::kReady);
  return 0;
}

long receive(long fd, long buffer, long size, long flags) {
  if (fd == -1) return -EBADF;  // before there is a channel
  descriptor(fd);
  check_output(reinterpret_cast<void*>(buffer), static_cast<size_t>(size));
  auto* byte = reinterpret_cast<unsigned char*>(buffer);
  const int usual = (flags & MSG_DONTWAIT) != 0 ? -1
                    : world.role == kStage0     ? next_request()
                                                : static_cast<int>(Message::kDone);
  const long answer = fails_or(5);
  if (answer < 0) return answer;
  constexpr Message kOthers[] = {Message::kEnd, Message::kFailed, Message::kDone, Message::kReady,
                                 static_cast<Message>(9)};
  const int value = answer == 0 ? usual : static_cast<int>(kOthers[answer - 1]);
  if (value < 0) return -EAGAIN;
  if (value == 0) return 0;
  *byte = static_cast<unsigned char>(value);
  world.told_failed |= value == static_cast<int>(Message::kFailed);
  world.told_ready |= value == static_cast<int>(Message::kReady);
  return 1;
}

long receive_message(long fd, long header_word, long flags) {
  descriptor(fd);
  auto* header = reinterpret_cast<msghdr*>(header_word);
  check_header(*header);
  if (header->msg_iovlen != 1 || header->msg_iov->iov_len < 1) violation("has no room for a byte");
  check_output(header->msg_iov->iov_base, header->msg_iov->iov_len);
  check_output(header->msg_control, header->msg_controllen);
  const long answer = fails_or(3);
  if (answer < 0) return answer;
  auto* byte = static_cast<unsigned char*>(header->msg_iov->iov_base);
  if (answer == 1) {
    header->msg_controllen = 0;
    return 0;
  }
  *byte = static_cast<unsigned char>(answer == 2 ? Message::kFailed : Message::kDone);
  world.told_failed |= answer == 2;
  if (answer != 0) {
    header->msg_controllen = 0;
    return 1;
  }
  const long received = open_as(kFile, (flags & MSG_CMSG_CLOEXEC) == 0);
  const cmsghdr control = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
  if (header->msg_controllen < CMSG_LEN(sizeof(int))) violation("has no room for a descriptor");
  memcpy(header->msg_control, &control, sizeof control);
  const int number = static_cast<int>(received);
  memcpy(static_cast<char*>(header->msg_control) + sizeof control, &number, sizeof number);
  header->msg_controllen = CMSG_LEN(sizeof(int));
  return 1;
}

long send(long fd, long buffer, long size) {
  const auto* bytes = reinterpret_cast<const char*>(buffer);
  check_input(bytes, static_cast<size_t>(size));
  if (fd == -1) return -EBADF;
  const Descriptor* to = descriptor(fd);
  const long answer = fails_or(size > 1 ? 1 : 0);
  if (to != nullptr && to->kind == kSocket) {
    if (size != 1) violation("sends more than a byte to a stage", size);
    world.tells_failed |= *bytes == static_cast<char>(Message::kFailed);
    if (*bytes == static_cast<char>(Message::kReady)) {
      if (!world.pid_line) violation("is ready before the pid line");
      if (answer >= 0) world.tells_ready = true;
    }
  } else if (to != nullptr && to->kind != kInitPipe) {
    violation("sends to what is no socket", fd);
  }
  if (answer < 0) return answer;
  const long sent = answer == 1 ? 1 : size;
  if (to != nullptr && to->kind == kInitPipe) {
    for (long i = 0; i < sent && world.sent_size < sizeof world.sent - 1; ++i) {
      world.sent[world.sent_size++] = bytes[i];
    }
    // The parent reads lines.
    if (bytes[sent - 1] == '\n') world.pid_line = true;
  }
  return sent;
}

long read_from(long fd, long buffer, long size) {
  const Descriptor* from = descriptor(fd);
  // A list of strategies without "none", and no variable that says that the binary is sealed.
  const bool needs_proof = *flow->sealing == '\0' && !flow->cloned;
  if (needs_proof && !world.has_seals && !world.in_no_namespace) violation("is not sealed");
  check_output(reinterpret_cast<void*>(buffer), static_cast<size_t>(size));
  const size_t left = message_size - world.read;
  const bool is_message = from != nullptr && from->kind == kInitPipe && left > 0;
  const bool is_told = from != nullptr && from->kind == kInitPipe && left == 0;
  if (from != nullptr && from->kind != kInitPipe)
    violation("reads from what is not the init pipe", fd);
  const long answer = fails_or(2);
  if (answer < 0) return answer;
  if (answer == 1 || size == 0) return 0;
  if (is_told) {
    *reinterpret_cast<unsigned char*>(buffer) = answer == 2 ? 0x81 : 0x80;
    world.told = answer == 0;
    return 1;
  }
  if (!is_message) return 0;
  size_t count = static_cast<size_t>(size) < left ? static_cast<size_t>(size) : left;
  if (answer == 2) count = 1;
  memcpy(reinterpret_cast<void*>(buffer), message + world.read, count);
  world.read += count;
  return static_cast<long>(count);
}

long write_to(long fd, long buffer, long size) {
  const auto* bytes = reinterpret_cast<const char*>(buffer);
  check_input(bytes, static_cast<size_t>(size));
  const Descriptor* to = descriptor(fd);
  if (to != nullptr && to->unproven) violation("writes to a file that may not be on a procfs", fd);
  // Without privileges the kernel refuses the map, so that the tool is needed.
  const bool refused = flow->tool != nullptr && to != nullptr && to->map;
  const long answer = refused ? -EPERM : fails_or();
  const bool logs = to != nullptr && (to->kind == kLogPipe || (to->kind == kStandard && fd == 2));
  if (logs) {
    const bool fatal = to->kind == kStandard ||
                       memmem(bytes, static_cast<size_t>(size), "\"fatal\"", 7) != nullptr;
    world.records += fatal && answer != -EINTR;
    if (size == 0 || bytes[size - 1] != '\n') violation("a record does not end with a line feed");
  }
  return answer < 0 ? answer : size;
}

// `of` is the descriptor that is asked for, or null for the binary's file system.
long status_of(Descriptor* of, long buffer) {
  const bool self = of == nullptr;
  struct statfs status;
  memset(&status, 0, sizeof status);
  status.f_type = !self && of->kind == kNamespace ? kMagicOfNsfs : kMagicOfProc;
  const long answer = fails_or(self ? 4 : 1);
  if (answer < 0) return answer;
  if (!self && answer == 1) status.f_type = 0xef53;
  if (!self && answer == 0) of->unproven = false;
  if (self) {
    constexpr Binary kBinaries[] = {kOnDetachedMount, kOnOverlay, kInMemfd, kOrdinaryFile};
    const Binary binary = answer == 0 ? flow->binary : kBinaries[answer - 1];
    status.f_type = binary == kOnOverlay ? 0x794c7630 : binary == kInMemfd ? 0x01021994 : 0xef53;
    status.f_flags = binary == kOnDetachedMount || binary == kOnOverlay ? 1 : 0;
  }
  check_output(reinterpret_cast<void*>(buffer), sizeof status);
  memcpy(reinterpret_cast<void*>(buffer), &status, sizeof status);
  return 0;
}

// `inode` is where the kernel remembers what it has said, or null. `is_root`: of the root
// directory, whose mount is not the binary's.
template <class Status>
long file_status(long buffer, Status& status, int* inode, bool is_root = false) {
  const long answer = fails_or(2);
  if (answer < 0) return answer;
  if constexpr (requires { status.st_ino; }) {
    status.st_ino = answer == 1 ? 8 : 7;
    status.st_size = answer == 1 ? 8 : 7;  // another file of an overlay
    if (inode != nullptr) *inode = answer == 1 ? 8 : 7;
    status.st_nlink = (answer == 2) == (flow->binary == kInMemfd) ? 1 : 0;
  } else {
    status.stx_mask = answer == 2 ? 0 : ~0U;
    status.stx_mnt_id = (answer == 1) == is_root ? 7 : 8;
  }
  check_output(reinterpret_cast<void*>(buffer), sizeof status);
  memcpy(reinterpret_cast<void*>(buffer), &status, sizeof status);
  return 0;
}

long read_link(long buffer, long size) {
  check_output(reinterpret_cast<void*>(buffer), static_cast<size_t>(size));
  const long answer = fails_or(3);
  if (answer < 0) return answer;
  auto* to = reinterpret_cast<char*>(buffer);
  if (answer == 1) {  // truncated
    memset(to, 'x', static_cast<size_t>(size));
    return size;
  }
  constexpr const char* kPaths[] = {"/usr/bin/program", "/", "/program", "/memfd:x (deleted)"};
  const char* path = answer == 0 ? kPaths[flow->binary] : answer == 2 ? "/" : "no slash";
  memcpy(to, path, strlen(path));
  return static_cast<long>(strlen(path));
}

long two_descriptors(long word, Kind kind, bool kept_by_exec) {
  auto* ends = reinterpret_cast<int*>(word);
  check_output(ends, 2 * sizeof *ends);
  const long answer = fails_or();
  if (answer < 0) return answer;
  ends[0] = static_cast<int>(open_as(kind, kept_by_exec));
  ends[1] = static_cast<int>(open_as(kind, kept_by_exec));
  return 0;
}

long close_fd(long fd) {
  if (fd < 0 || fd >= kFds || world.fds[fd].kind == kClosed) {
    violation("closes a descriptor that is not open", fd);
    return -EBADF;
  }
  if (!world.fds[fd].ours) violation("closes a descriptor of the parent's", fd);
  world.fds[fd].kind = kClosed;
  return 0;
}

// Mappings end in the middle of a page. What follows is not the stub's.
size_t whole_pages(size_t size) { return (size + 4095) & ~size_t{4095}; }

void release(Mapped& mapping) {
#ifdef ASAN
  __asan_unpoison_memory_region(mapping.start, whole_pages(mapping.size));
#endif
  munmap(mapping.start, whole_pages(mapping.size));
  mapping = {};
}

long unmap(long start, long size) {
  for (Mapped& each : world.maps) {
    if (each.start != reinterpret_cast<char*>(start) || each.start == nullptr) continue;
    if (each.size != static_cast<size_t>(size)) violation("unmaps another size", size);
    release(each);
    return 0;
  }
  violation("unmaps what is not mapped");
  return -EINVAL;
}

int fake_tid;

long process_control(const long* a) {
  const long answer = fails_or(a[0] == PR_GET_TID_ADDRESS ? 2 : a[0] == PR_GET_DUMPABLE ? 1 : 0);
  if (answer < 0) return answer;
  if (a[0] == PR_GET_TID_ADDRESS) {
    auto** address = reinterpret_cast<int**>(a[1]);
    check_output(address, sizeof *address);
    fake_tid = answer == 1 ? kOwnPid : 0;
    *address = answer == 0 ? nullptr : &fake_tid;
    return 0;
  }
  if (a[0] == PR_GET_DUMPABLE) return answer == 1 ? 0 : 1;
  if (a[0] == PR_SET_NAME) path_of(a[1]);
  return 0;
}

long signal_mask(const long* a) {
  if (a[1] != 0) check_input(reinterpret_cast<void*>(a[1]), 8);
  if (a[2] != 0) check_output(reinterpret_cast<void*>(a[2]), 8);
  const long answer = fails_or();
  if (answer < 0) {
    world.mask_failed = true;
    return answer;
  }
  const uint64_t before = world.mask;
  if (a[1] != 0) {
    uint64_t set;
    memcpy(&set, reinterpret_cast<void*>(a[1]), 8);
    world.mask = a[0] == SIG_BLOCK ? before | set : a[0] == SIG_UNBLOCK ? before & ~set : set;
  }
  if (a[2] != 0) memcpy(reinterpret_cast<void*>(a[2]), &before, 8);
  return 0;
}

long wait_child(const long* a) {
  check_output(reinterpret_cast<void*>(a[1]), sizeof(int));
  if (a[0] != kChildPid) violation("waits for another process", a[0]);
  if (world.tool_unwanted && !world.tool_killed) violation("waits for a tool that nobody wants");
  const long answer = fails_or(2);
  if (answer < 0) return answer;
  world.tool_failed |= world.role == kStage0 && answer != 0;
  const int status = answer == 0 ? 0 : answer == 1 ? 1 << 8 : SIGKILL;
  memcpy(reinterpret_cast<void*>(a[1]), &status, sizeof status);
  return a[0];
}

long poll_fds(const long* a) {
  auto* entries = reinterpret_cast<pollfd*>(a[0]);
  check_input(entries, static_cast<size_t>(a[1]) * sizeof *entries);
  for (long i = 0; i < a[1]; ++i) descriptor(entries[i].fd);
  const long answer = fails_or(static_cast<int>(a[1]) - 1);
  if (answer < 0) return answer;
  world.tool_unwanted = answer != 0;
  world.tool_failed |= answer != 0;
  for (long i = 0; i < a[1]; ++i)
    entries[i].revents = static_cast<short>(i != answer ? 0 : i == 0 ? POLLIN : POLLHUP);
  return 1;
}

// Whether a change of a mount is one that the proof tries on the mount of the binary.
bool is_of_the_binary(long number, const long* a) {
  const char* path = reinterpret_cast<const char*>(a[1]);
  const bool by_path = number == SYS_mount ? a[0] == 0 : a[0] == AT_FDCWD;
  return by_path && path != nullptr && strcmp(path, "/proc/self/exe") == 0;
}

// EINVAL: a mount that is in no namespace.
long detached_answer() {
  const long answer = fails_or();
  return answer < 0 || flow->binary == kOrdinaryFile ? answer : -EINVAL;
}

// A program must not get what is the stub's.
void check_kept_by_exec() {
  for (int fd = 0; fd < kFds; ++fd) {
    if (world.fds[fd].kind != kClosed && world.fds[fd].ours && world.fds[fd].kept_by_exec) {
      violation("a descriptor stays open at execve", fd);
    }
  }
}

// The binary again, from an fd of its own, with one more variable.
void check_sealed_binary(int fd, const char* const* arguments, const char* const* environment) {
  const Descriptor* sealed = descriptor(fd);
  if (sealed == nullptr) return;
  if (!sealed->ours) violation("executes a file of the parent's", fd);
  if (sealed->inode != 0 && sealed->inode != world.inode)
    violation("executes another file than its own", fd);
  if (arguments != arguments_at_exec) violation("changes the arguments");
  if (strcmp(*environment++, "_LIBCONTAINER_CLONED_BINARY=1") != 0)
    violation("does not say that the binary is sealed");
  const char* const* before = arguments_at_exec + 2;
  while (*before != nullptr && *before == *environment) ++before, ++environment;
  if (*before != *environment) violation("changes the environment");
}

void check_tool(const char* path, const char* const* arguments, const char* const* environment) {
  if (strcmp(path, flow->tool) != 0 || strcmp(arguments[0], path) != 0)
    violation("executes another tool");
  char words[64] = "";
  for (++arguments; *arguments != nullptr; ++arguments) {
    snprintf(words + strlen(words), sizeof words - strlen(words), " %s", *arguments);
  }
  if (strcmp(words, " 101 0 1 1") != 0) violation("gives the tool other arguments");
  if (*environment != nullptr) violation("gives the tool an environment");
}

// By a path, or by a descriptor, which then is not -1.
long execute(int fd, const char* path, const long* a) {
  check_strings(a[0]);
  check_strings(a[1]);
  const auto* arguments = reinterpret_cast<const char* const*>(a[0]);
  const auto* environment = reinterpret_cast<const char* const*>(a[1]);
  if (world.role == kTool) {
    check_tool(path, arguments, environment);
  } else if (world.role == kBefore) {
    if (fd < 0 && sscanf(path, "/proc/self/fd/%d", &fd) != 1)
      violation("executes another file than the sealed one");
    check_sealed_binary(fd, arguments, environment);
  } else {
    violation("executes a program");
  }
  check_kept_by_exec();
  if (world.mask != kMaskAtExec && !world.mask_failed)
    violation("another program starts with signals blocked");
  const long answer = fails_or();
  if (answer < 0) return answer;
  end_run(kExecuted, 0);
}

}  // namespace

extern "C" long flow_mmap(unsigned long size, int flags) {
  note(" mmap");
  ++world.calls;
  const long answer = fails_or();
  if (answer < 0) return answer;
  void* start = mmap(nullptr, whole_pages(size), PROT_READ | PROT_WRITE, flags, -1, 0);
#ifdef ASAN
  __asan_poison_memory_region(static_cast<char*>(start) + size, whole_pages(size) - size);
#endif
  for (Mapped& each : world.maps) {
    if (each.start != nullptr) continue;
    each = {static_cast<char*>(start), size};
    if ((flags & MAP_SHARED) != 0) world.shared = static_cast<long*>(start);
    return reinterpret_cast<long>(start);
  }
  violation("too many mappings");
  abort();
}

extern "C" long flow_clone(unsigned long flags, long tid) {
  note(" clone");
  ++world.calls;
  const bool tool = (flags & 0xff) == SIGCHLD;
  const bool sealer = (flags & CLONE_FILES) != 0;
  const long answer = fails_or();
  if (answer < 0) return answer;
  if (choose(2, false) == 1) {
    if (world.role != (tool ? kStage0 : kBefore)) violation("creates a process");
    world.role = tool ? kTool : sealer ? kSealer : kStage1;
    note("[child]");
    if ((flags & CLONE_CHILD_SETTID) != 0) {
      check_output(reinterpret_cast<void*>(tid), sizeof(int));
      const int own = kChildPid;
      memcpy(reinterpret_cast<void*>(tid), &own, sizeof own);
    }
    return 0;
  }
  if (sealer) {
    // The child has opened a mount, has died before it could, or has failed.
    const int ended = choose(3, true);
    if (ended == 0) *world.shared = open_as(kFile);
    if (ended == 2) *world.shared = -EPERM;
  } else if (tool) {
    // The tool could not be executed.
    if (choose(2, true) == 1) {
      *reinterpret_cast<int*>(world.shared) = ENOENT;
      world.tool_failed = true;
    }
  } else {
    world.role = kStage0;
  }
  return kChildPid;
}

extern "C" long flow_clone_and_exit(unsigned long flags, long parent_tid) {
  note(" clone_and_exit");
  ++world.calls;
  if (world.role != kStage1) violation("creates stage 2");
  check_output(reinterpret_cast<void*>(parent_tid), sizeof(int));
  const long answer = fails_or();
  if (answer < 0) return answer;
  if (choose(2, false) == 0) {
    world.role = kStage2;
    note("[child]");
    const int own = kChildPid + 1;
    memcpy(reinterpret_cast<void*>(parent_tid), &own, sizeof own);
    (void)flags;
    return 0;
  }
  world.has_stage2 = true;
  end_run(kExited, 0);
}

extern "C" long flow_syscall(long number, const long* a, int count) {
  check_input(a, static_cast<size_t>(count) * sizeof *a);
  if (++world.calls > 3000) {
    violation("does not end");
    end_run(kExited, -1);
  }
  note(" %ld(%ld)", number, count > 0 ? a[0] : 0);
  switch (number) {
    case SYS_exit_group:
      end_run(kExited, static_cast<int>(a[0]));
    case SYS_read:
      return read_from(a[0], a[1], a[2]);
    case SYS_write:
      return write_to(a[0], a[1], a[2]);
    case SYS_sendto:
      return send(a[0], a[1], a[2]);
    case SYS_recvfrom:
      return receive(a[0], a[1], a[2], a[3]);
    case SYS_recvmsg:
      return receive_message(a[0], a[1], a[2]);
    case SYS_sendmsg: {
      const auto* header = reinterpret_cast<const msghdr*>(a[1]);
      check_header(*header);
      check_input(header->msg_control, header->msg_controllen);
      check_input(header->msg_iov->iov_base, header->msg_iov->iov_len);
      int fd = -1;
      memcpy(&fd, static_cast<const char*>(header->msg_control) + sizeof(cmsghdr), sizeof fd);
      descriptor(fd);
      descriptor(a[0]);
      const long answer = fails_or();
      return answer < 0 ? answer : 1;
    }
    case SYS_openat:
    case SYS_openat2: {
      const char* path = path_of(a[1]);
      const Descriptor* below = a[0] == AT_FDCWD ? nullptr : descriptor(a[0]);
      if (below != nullptr && below->unproven)
        violation("opens a file below what may not be a procfs", a[0]);
      uint64_t flags = static_cast<uint64_t>(a[2]);
      bool stays = false;  // on the procfs
      if (number == SYS_openat2) {
        const auto* how = reinterpret_cast<const open_how*>(a[2]);
        check_input(how, static_cast<size_t>(a[3]));
        flags = how->flags;
        stays = (how->resolve & (RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS)) ==
                (RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
      }
      const bool writes = (flags & O_ACCMODE) == O_WRONLY && strcmp(path, "/proc/self/exe") == 0;
      const long answer = fails_or();
      if (answer < 0) return answer;
      if (writes && flow->binary != kInMemfd) return flow->binary == kOnOverlay ? -EROFS : -ETXTBSY;
      const long fd = open_as(kind_of(path), (flags & O_CLOEXEC) == 0);
      if (fd < 0) return fd;
      world.fds[fd].map = strstr(path, "_map") != nullptr;
      world.fds[fd].unproven =
          below != nullptr ? below->kind == kProcfs && !stays : world.fds[fd].kind == kProcfs;
      return fd;
    }
    case SYS_open_tree:
    case SYS_fsopen:
    case SYS_fsmount:
    case SYS_memfd_create:
    case SYS_pidfd_open: {
      if (number == SYS_open_tree && a[0] != AT_FDCWD) descriptor(a[0]);
      if (number == SYS_fsmount) descriptor(a[0]);
      if (number == SYS_open_tree) path_of(a[1]);
      if (number == SYS_fsopen || number == SYS_memfd_create) path_of(a[0]);
      const long flags = number == SYS_open_tree ? a[2] : a[1];
      const long closed_by_exec = number == SYS_open_tree ? O_CLOEXEC
                                  : number == SYS_memfd_create
                                      ? static_cast<long>(MFD_CLOEXEC)
                                      : 1;  // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
      const long answer = fails_or();
      if (answer < 0) return answer;
      return open_as(kFile, number != SYS_pidfd_open && (flags & closed_by_exec) == 0);
    }
    case SYS_close:
      return close_fd(a[0]);
    case SYS_munmap:
      return unmap(a[0], a[1]);
    case SYS_statfs:
      path_of(a[0]);
      return status_of(nullptr, a[1]);
    case SYS_fstatfs: {
      Descriptor* of = descriptor(a[0]);
      return of == nullptr ? -EBADF : status_of(of, a[1]);
    }
    case SYS_newfstatat: {
      Descriptor* of = a[0] == AT_FDCWD ? nullptr : descriptor(a[0]);
      path_of(a[1]);
      struct stat status;
      memset(&status, 0, sizeof status);
      return file_status(a[2], status, of == nullptr ? &world.inode : &of->inode);
    }
    case SYS_statx: {
      if (a[0] != AT_FDCWD) descriptor(a[0]);
      const char* path = path_of(a[1]);
      struct statx status;
      memset(&status, 0, sizeof status);
      return file_status(a[4], status, nullptr, strcmp(path, "/") == 0);
    }
    case SYS_readlinkat:
      path_of(a[1]);
      return read_link(a[2], a[3]);
    case SYS_uname: {
      const long answer = fails_or(2);
      if (answer < 0) return answer;
      auto* name = reinterpret_cast<utsname*>(a[0]);
      fill(name, sizeof *name);
      strcpy(name->release, answer == 0 ? "6.18.0" : answer == 1 ? "5.4" : "");
      return 0;
    }
    case SYS_socketpair:
      return two_descriptors(a[3], kSocket, (a[1] & SOCK_CLOEXEC) == 0);
    case SYS_dup3: {
      descriptor(a[1]);
      if (a[0] < 0) return -EBADF;  // a message without a descriptor
      descriptor(a[0]);
      return fails_or();
    }
    case SYS_prctl:
      return process_control(a);
    case SYS_rt_sigprocmask:
      return signal_mask(a);
    case SYS_rt_sigtimedwait: {
      check_input(reinterpret_cast<void*>(a[0]), 8);
      if (a[2] != 0) check_input(reinterpret_cast<void*>(a[2]), sizeof(timespec));
      const long answer = fails_or(1);
      return answer == 0 ? -EAGAIN : answer == 1 ? SIGPIPE : answer;
    }
    case SYS_wait4:
      return wait_child(a);
    case SYS_ppoll:
      return poll_fds(a);
    case SYS_execve:
      return execute(-1, path_of(a[0]), a + 1);
    case SYS_execveat:
      if (*path_of(a[1]) != '\0' || a[4] != AT_EMPTY_PATH) violation("executes another file");
      return execute(static_cast<int>(a[0]), "", a + 2);
    case SYS_getpid:
    case SYS_gettid:
    case SYS_set_tid_address:
      return world.role == kStage1 ? kChildPid : world.role == kStage2 ? 1 : kOwnPid;
    case SYS_geteuid:
    case SYS_getegid:
    case SYS_getuid:
    case SYS_getgid:
      return flow->user ? 1000 : 0;
    case SYS_get_robust_list: {
      const long answer = fails_or();
      if (answer < 0) return answer;
      fill(reinterpret_cast<void*>(a[1]), sizeof(void*));
      fill(reinterpret_cast<void*>(a[2]), sizeof(size_t));
      return 0;
    }
    case SYS_sched_getaffinity: {
      const long answer = fails_or();
      if (answer < 0) return answer;
      check_output(reinterpret_cast<void*>(a[2]), static_cast<size_t>(a[1]));
      fill(reinterpret_cast<void*>(a[2]), 8);
      *reinterpret_cast<unsigned long*>(a[2]) = 0xdeadbeef;
      return 8;
    }
    case SYS_fcntl: {
      descriptor(a[0]);
      const long answer = fails_or(1);
      if (a[1] != F_GET_SEALS || answer < 0) return answer < 0 ? answer : 0;
      world.has_seals = (answer == 1) != (flow->binary == kInMemfd);
      return world.has_seals ? 0x3f : 0;
    }
    case SYS_sendfile: {
      descriptor(a[0]);
      descriptor(a[1]);
      const long answer = fails_or();
      if (answer < 0) return answer;
      return world.copied++ == 0 ? 4096 : 0;
    }
    case SYS_mount:
    case SYS_fsconfig:
      if (number == SYS_fsconfig) descriptor(a[0]);
      path_of(a[number == SYS_mount ? 0 : 2]);
      path_of(a[number == SYS_mount ? 1 : 3]);
      if (number == SYS_mount) path_of(a[2]);
      if (is_of_the_binary(number, a)) {
        const long answer = detached_answer();
        if (a[3] == MS_SLAVE) world.in_no_namespace = answer == -EINVAL;
        return answer;
      }
      return fails_or();
    case SYS_mount_setattr:
      if (a[0] != AT_FDCWD) descriptor(a[0]);
      path_of(a[1]);
      check_input(reinterpret_cast<void*>(a[3]), static_cast<size_t>(a[4]));
      if (is_of_the_binary(number, a)) return detached_answer();
      return fails_or();
    case SYS_pidfd_send_signal:
      world.tool_killed = true;
      descriptor(a[0]);
      return fails_or();
    case SYS_setns: {
      const Descriptor* entered = descriptor(a[0]);
      if (entered != nullptr && entered->unproven)
        violation("enters what may be no namespace", a[0]);
      return fails_or();
    }
    case SYS_ioctl: {
      descriptor(a[0]);
      const long answer = fails_or();
      if (a[1] != static_cast<long>(FS_IOC_MEASURE_VERITY)) return answer;
      check_input(reinterpret_cast<void*>(a[2]), sizeof(fsverity_digest));
      // The digest is longer than the room for it.
      if (answer == -EOVERFLOW) world.has_seals = true;
      return answer < 0 ? answer : -ENODATA;
    }
    case SYS_fchmod:
      descriptor(a[0]);
      return fails_or();
    case SYS_rt_sigaction:
      if (a[1] != 0) check_input(reinterpret_cast<void*>(a[1]), 32);
      return fails_or();
    case SYS_unshare:
      if (a[0] == CLONE_NEWCGROUP && flow->dialect >= NSEXEC_DIALECT_RUNC_1_0 && !world.told) {
        violation("creates the cgroup namespace before the byte 0x80");
      }
      return fails_or();
    case SYS_setsid:
    case SYS_setuid:
    case SYS_setgid:
    case SYS_setgroups:
    case SYS_setresuid:
    case SYS_set_robust_list:
      return fails_or();
    default:
      violation("makes a system call that proofs/flow does not know", number);
      end_run(kExited, -1);
  }
}

namespace {

// ---- One run ----

// What the parent has got: a byte in the older dialects, and the pids.
void check_sent() {
  char expected[sizeof world.sent];
  const bool old = flow->dialect == NSEXEC_DIALECT_RUNC_2019;
  const int size = snprintf(
      expected, sizeof expected,
      old ? "{\"pid\": %d, \"pid_first\": %d}\n" : "{\"stage1_pid\":%d,\"stage2_pid\":%d}\n",
      old ? kChildPid + 1 : kChildPid, old ? kChildPid : kChildPid + 1);
  const size_t ready_bytes =
      flow->dialect == NSEXEC_DIALECT_RUNC_1_1 || flow->dialect == NSEXEC_DIALECT_RUNC_1_0 ? 1 : 0;
  if (world.sent_size != ready_bytes + static_cast<size_t>(size) ||
      memcmp(world.sent + ready_bytes, expected, static_cast<size_t>(size)) != 0) {
    violation("sends the parent another pid line");
  }
}

// What the child has left in the fd table, which the process that seals shares.
void check_sealer() {
  const long answer = *world.shared;
  if (answer >= 0) {
    const Descriptor* sealed = descriptor(answer);
    if (sealed != nullptr && !sealed->ours)
      violation("answers with a file of the parent's", answer);
  }
  for (int fd = 0; fd < kFds; ++fd) {
    const Descriptor& left = world.fds[fd];
    if (left.kind == kClosed || !left.ours) continue;
    if (fd != answer) violation("leaves a descriptor open", fd);
    if (left.inode == 0 || left.inode != world.inode) violation("seals another file", fd);
  }
}

// A start without an unusual answer.
void check_undisturbed(int end) {
  if (world.role == kSealer && *world.shared < 0)
    violation("does not seal the binary", *world.shared);
  const bool process = world.role == kTool || world.role == kSealer;
  const bool failed = end == kExited && !process && end_status != 0;
  if (failed != flow->refused && !process)
    violation(failed ? "fails although nothing has happened" : "does not fail");
  if (failed || process || flow->silent) return;
  const bool again = end == kExecuted;
  if (again != flow->seals)
    violation(again ? "executes the binary again" : "does not seal the binary");
}

void check_end(int end) {
  if (disturbances_left == disturbances_at_start) check_undisturbed(end);
  if (flow->silent && end != kReturned) violation("a process that is no init ends");
  if (end == kReturned) {
    if (flow->silent) {
      if (world.calls != 0) violation("a process that is no init makes system calls", world.calls);
      return;
    }
    if (world.role != kStage2) violation("returns to the program");
    check_sent();
    if (!world.pid_line || !world.tells_ready)
      violation("runs the program before the parent knows");
    if (world.records != 0) violation("runs the program after a fatal record", world.records);
    for (int fd = 0; fd < kFds; ++fd) {
      if (world.fds[fd].kind != kClosed && world.fds[fd].ours)
        violation("the program gets a descriptor of the stub", fd);
    }
    for (const Mapped& each : world.maps) {
      // The page with the pid of a stage 2 that is a copy is freed with stage 1.
      if (each.start != nullptr)
        violation("the program gets a mapping of the stub", static_cast<long>(each.size));
    }
    if (world.mask != kMaskAtExec && !world.mask_failed)
      violation("the program starts with signals blocked");
    return;
  }
  if (end == kExecuted) return;
  if (world.role == kSealer) return check_sealer();
  if (world.role == kTool) {
    // Stage 0 reads the errno there.
    if (*reinterpret_cast<int*>(world.shared) == 0)
      violation("does not say why the tool could not be executed");
    return;
  }
  if (end_status != 0 && end_status != 1) violation("exits with another status", end_status);
  if (end_status == 0 && world.role == kStage0 && !world.told_ready)
    violation("succeeds although nobody is ready");
  if (end_status == 0 && world.tool_failed) violation("succeeds although the map tool has failed");
  if (end_status == 0 && world.role == kStage1 && !world.has_stage2)
    violation("succeeds without stage 2");
  if (end_status == 0 && (world.role == kBefore || world.role == kStage2)) violation("exits 0");
  if (end_status == 1) {
    if (world.records == 0 && !world.told_failed) violation("fails without a record");
    if (world.records != 0 && world.told_failed)
      violation("writes a record of what the other stage has written");
    if (world.records > 1) violation("writes more than one fatal record", world.records);
    if (world.role != kBefore && !world.tells_failed && !world.told_failed)
      violation("does not tell the other stage");
  }
}

void run_once() {
  char init[64];
  snprintf(init, sizeof init, "_LIBCONTAINER_INITPIPE=%s", flow->init_variable);
  char log[] = "_LIBCONTAINER_LOGPIPE=6";
  char level[32];
  snprintf(level, sizeof level, "_LIBCONTAINER_LOGLEVEL=%s", flow->log_level);
  char fds[] = "_LIBCONTAINER_MOUNT_FDS=[7,-1,8]";
  char cloned[] = "_LIBCONTAINER_CLONED_BINARY=1";
  char program[] = "program";
  unsigned long stack[24];
  size_t size = 0;
  stack[size++] = 1;
  stack[size++] = reinterpret_cast<unsigned long>(program);
  stack[size++] = 0;
  if (!flow->silent || flow->secure) stack[size++] = reinterpret_cast<unsigned long>(init);
  if (flow->log_pipe) stack[size++] = reinterpret_cast<unsigned long>(log);
  stack[size++] = reinterpret_cast<unsigned long>(level);
  if (flow->sources) stack[size++] = reinterpret_cast<unsigned long>(fds);
  if (flow->cloned) stack[size++] = reinterpret_cast<unsigned long>(cloned);
  stack[size++] = 0;
  stack[size++] = AT_PAGESZ;
  stack[size++] = 4096;
  stack[size++] = flow->secure ? AT_SECURE : AT_NULL;
  stack[size++] = flow->secure ? 1 : 0;
  stack[size++] = AT_NULL;
  stack[size++] = 0;

  struct nsexec_config config;
  memset(&config, 0, sizeof config);
  config.dialect = flow->dialect;
  strcpy(config.process_names[0], "zero");
  memcpy(config.sealing, flow->sealing, strlen(flow->sealing) + 1);

  memset(&world, 0, offsetof(World, calls_made));  // the rest is long, and is text
  world.calls_size = 0;
  world.mask = kMaskAtExec;
  for (int fd = 0; fd < 3; ++fd) world.fds[fd] = {.kind = kStandard, .kept_by_exec = true};
  world.fds[kInit] = {.kind = kInitPipe, .kept_by_exec = true};
  world.fds[kLog] = {.kind = kLogPipe, .kept_by_exec = true};
  world.fds[kFirstReserved] = {.kind = kReserved, .kept_by_exec = true};
  world.fds[kSecondReserved] = {.kind = kReserved, .kept_by_exec = true};
  arguments_at_exec = reinterpret_cast<const char* const*>(stack + 1);
  choice_count = 0;
  disturbances_at_start = flow->most < most_disturbances ? flow->most : most_disturbances;
  disturbances_left = disturbances_at_start;

  int end = sigsetjmp(end_of_run, 0);
  if (end == 0) {
    nsexec_blob(stack, &config);
    end = 1 + kReturned;
  }
  check_end(end - 1);
  choices_known = choice_count;
  for (Mapped& each : world.maps) {
    if (each.start != nullptr) release(each);
  }
  ++runs;
  all_calls += world.calls;
  if (world.calls > most_calls) most_calls = world.calls;
}

constexpr char kMap[] = "0 1 1";  // as many numbers as fit into its length
constexpr unsigned kUser = CLONE_NEWUSER;
constexpr unsigned kOthers = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID;
constexpr char kAll[] = "";  // the default order

const Flow kFlows[] = {
    {.name = "no init", .silent = true},
    {.name = "set-user-ID", .silent = true, .secure = true},
    {.name = "malformed variable", .init_variable = "5x", .refused = true},
    {.name = "no log", .log_pipe = false, .init_variable = "5x", .refused = true},
    {.name = "the parent has failed", .type = 2, .refused = true},
    {.name = "unknown attribute", .unknown = 1, .refused = true},
    {.name = "names that are no text",
     .namespaces = "net:/\xc3\xa4\n\xff\"\\\xe2\x82\xac\xf0\x9f\x98\x80",
     .most = 1},
    {.name = "plain", .clone_flags = kOthers},
    {.name = "nothing", .log_pipe = false, .score = "500"},
    {.name = "debug", .log_level = "5", .clone_flags = kOthers, .score = "500", .most = 1},
    {.name = "join", .namespaces = "user:/proc/1/ns/user,net:/proc/1/ns/net"},
    {.name = "join and user namespace",
     .clone_flags = kUser | kOthers,
     .namespaces = "net:/proc/1/ns/net",
     .map = kMap},
    {.name = "user namespace", .clone_flags = kUser | kOthers, .map = kMap},
    {.name = "rootless",
     .clone_flags = kUser | kOthers,
     .map = kMap,
     .rootless = true,
     .user = true},
    {.name = "map tool", .clone_flags = kUser, .map = kMap, .tool = "/usr/bin/newuidmap"},
    {.name = "map tool, debug",
     .log_level = "5",
     .clone_flags = kUser,
     .map = kMap,
     .tool = "/usr/bin/newuidmap",
     .most = 1},
    {.name = "time offsets", .clone_flags = CLONE_NEWTIME, .offsets = "monotonic 10 0\n"},
    {.name = "runc-1.1", .dialect = 1, .clone_flags = kOthers | CLONE_NEWCGROUP},
    {.name = "mount sources", .dialect = 1, .clone_flags = CLONE_NEWNS, .sources = true},
    {.name = "runc-1.0", .dialect = 2, .clone_flags = kOthers | CLONE_NEWCGROUP},
    {.name = "runc-2019", .dialect = 3, .clone_flags = kOthers | CLONE_NEWCGROUP},
    {.name = "a large message", .large = true},
    {.name = "default order", .sealing = kAll, .seals = true},
    {.name = "the seal was lost", .sealing = kAll, .cloned = true, .refused = true},
    {.name = "on a detached mount", .sealing = kAll, .binary = kOnDetachedMount},
    {.name = "on our detached mount", .sealing = kAll, .cloned = true, .binary = kOnDetachedMount},
    {.name = "on an overlay", .sealing = kAll, .cloned = true, .binary = kOnOverlay},
    {.name = "in a memfd", .sealing = kAll, .binary = kInMemfd},
    {.name = "in our memfd", .sealing = kAll, .cloned = true, .binary = kInMemfd},
    {.name = "detached mount", .sealing = "\1\x09", .seals = true},
    {.name = "child mount", .sealing = "\2", .seals = true},
    {.name = "overlay", .sealing = "\3", .seals = true},
    {.name = "bind mount", .sealing = "\4", .seals = true},
    {.name = "reflink", .sealing = "\5", .seals = true},
    {.name = "memfd", .sealing = "\6", .seals = true},
    {.name = "tmpfile", .sealing = "\7", .seals = true},
    {.name = "refused strategies", .sealing = "\x08\x0b\x09"},
    {.name = "verity or nothing", .sealing = "\x0a", .refused = true},
    {.name = "verity or a memfd", .sealing = "\x0a\6", .seals = true},
};

}  // namespace

// explore DISTURBANCES [FLOW], or explore list
int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "list") == 0) {
    for (const Flow& each : kFlows) printf("%s\n", each.name);
    return 0;
  }
  if (argc > 1) most_disturbances = atoi(argv[1]);
  int wrong = 0;
  int good = 0;
  for (const Flow& each : kFlows) {
    if (argc > 2 && strcmp(argv[2], each.name) != 0) continue;
    flow = &each;
    build_message();
    runs = all_calls = violations = 0;
    most_calls = 0;
    choices_known = 0;
    do run_once();
    while (next_run() && violations < 5);
    printf("  FLOW     %-28s %9ld runs, %11ld system calls, at most %d in one\n", each.name, runs,
           all_calls, most_calls);
    fflush(stdout);
    ++(violations == 0 ? good : wrong);
  }
  printf("%d good, %d wrong\n", good, wrong);
  return wrong != 0 || good == 0;
}

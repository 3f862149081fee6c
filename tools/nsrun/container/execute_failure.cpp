#include "tools/nsrun/container/execute_failure.h"

#include "arch/abi.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/execute.h"
#include "tools/nsrun/container/program_file.h"

namespace nsrun {

namespace {

constexpr int kWrongInterpreter = 80;  // ELIBBAD, <asm-generic/errno.h>

// EM_* of <linux/elf-em.h> and <elf.h>.
struct MachineName {
  unsigned short number;
  char name[10];
};
constexpr MachineName kMachines[] = {
    {2, "SPARC"},       {3, "i386"},       {4, "m68k"},    {8, "MIPS"},      {15, "PA-RISC"},
    {20, "PowerPC"},    {21, "PowerPC64"}, {22, "S390"},   {40, "ARM"},      {42, "SuperH"},
    {43, "SPARC64"},    {50, "IA-64"},     {62, "x86-64"}, {183, "AArch64"}, {243, "RISC-V"},
    {258, "LoongArch"}, {0x9026, "Alpha"},
};

// AUDIT_ARCH_* has EM_* as its lower half.
constexpr unsigned machine_of(const arch::Abi& abi) { return abi.audit_arch & 0xffff; }

bool may_run_here(const ProgramFile::Machine& machine) {
  if (!machine.own_byte_order) return false;
  for (const arch::Abi& abi : arch::kAbis) {
    if (machine_of(abi) == machine.number) return true;
  }
  return false;
}

// Builds one reason, step by step: from COMMAND's file to its interpreter, and so on.
class Explanation {
 public:
  Explanation(const Options& options, sys::Errno error) : options_(options), error_(error) {}

  /// Prints why the file could not be executed.
  void complain_of(const char* path);

 private:
  bool explain(const char* path);
  bool explains(const char* path, sys::StringBuilder& next);
  void descend(sys::Text interpreter);
  bool say(const char* words) { return say(words, error_); }
  bool say(const char* words, sys::Errno error);
  bool explain_missing(const char* path, sys::Errno error);
  bool explain_denied(const ProgramFile& file);
  bool explain_machine(const ProgramFile::Machine& machine);

  const Options& options_;
  const sys::Errno error_;
  bool below_ = false;
  sys::FixedString<768> reason_;
};

bool Explanation::say(const char* words, sys::Errno error) {
  const char* const name = error == kWrongInterpreter ? "ELIBBAD" : sys::errno_name(error);
  reason_ << words << " [" << (name == nullptr ? "?" : name) << "]";
  return true;
}

bool Explanation::explain_missing(const char* path, sys::Errno error) {
  char target[256];
  const auto link = sys::readlinkat(AT_FDCWD, path, {target, sizeof target});
  if (link) {
    reason_ << "a symbolic link to ";
    append_harmless(reason_, link.value());
    reason_ << ": ";
  }
  reason_ << ErrnoWords(error).c_str();
  return true;
}

bool Explanation::explain_denied(const ProgramFile& file) {
  if (file.is_directory()) return say("is a directory");
  if (!file.is_regular()) return say("not a regular file");
  if (!file.has_execute_permission()) return say("not executable (its mode has no x)");
  if (file.is_on_noexec_mount()) return say("on a file system that is mounted noexec");
  return false;
}

bool Explanation::explain_machine(const ProgramFile::Machine& machine) {
  const bool is_own = machine.number == machine_of(arch::kAbis[0]) && machine.own_byte_order;
  // The kernel may or may not run programs for its 32-bit variant.
  if (is_own || (may_run_here(machine) && !(error_ == ENOEXEC))) return false;
  reason_ << "a program for ";
  const char* own = "";
  const char* name = nullptr;
  for (const MachineName& known : kMachines) {
    if (known.number == machine.number) name = known.name;
    if (known.number == machine_of(arch::kAbis[0])) own = known.name;
  }
  if (name != nullptr) {
    reason_ << name;
  } else {
    reason_ << "machine " << machine.number;
  }
  if (machine.number == machine_of(arch::kAbis[0])) reason_ << " of the other byte order";
  if (error_ == ENOENT) return say(", whose emulator (binfmt_misc) is not in this root");
  reason_ << ", which this machine (" << own;
  return say(") does not run");
}

// The words after this are about the interpreter.
void Explanation::descend(sys::Text interpreter) {
  reason_ << "its interpreter ";
  append_harmless(reason_, interpreter);
  reason_ << ": ";
  below_ = true;
}

// Whether this file is the reason; then the reason is complete. Otherwise `next` is its
// interpreter.
bool Explanation::explains(const char* path, sys::StringBuilder& next) {
  const ProgramFile file(path);
  if (!(file.missing() == 0)) return explain_missing(path, file.missing());
  if (error_ == EACCES && explain_denied(file)) return true;
  if (file.unreadable() == EACCES && error_ == EACCES && options_.rights.landlock) {
    return say("not below a path of --landlock-ro or --landlock-rw");
  }
  if (!(file.unreadable() == 0) && error_ == ENOENT) {
    return say("exists, but its interpreter does not");
  }
  if (file.is_elf() && explain_machine(file.machine())) return true;
  if (below_ && error_ == kWrongInterpreter) return say("not a program of this machine");
  if (error_ == ENOEXEC && file.is_text()) {
    return say("a script without #!, and /bin/sh cannot be executed");
  }
  file.append_interpreter(next);
  return false;
}

// Follows the kernel's steps: a script's interpreter can be a script again, up to five times.
bool Explanation::explain(const char* path) {
  constexpr int kMostSteps = 6;
  sys::FixedString<256> file;
  for (int step = 0; step < kMostSteps; ++step) {
    sys::FixedString<256> next;
    if (explains(step == 0 ? path : file.c_str(), next)) return true;
    if (next.text().empty() || next.truncated()) return false;
    descend(next.text());
    file.clear();
    file << next.text();
  }
  return false;
}

void Explanation::complain_of(const char* path) {
  if (explain(path)) {
    complain("execute", path, reason_.c_str());
  } else {
    complain("execute", path, error_);
  }
}

bool is_of_files(sys::Errno error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == ENOEXEC ||
         error == kWrongInterpreter;
}

bool is_there(const char* path) {
  struct statx status {};
  return static_cast<bool>(sys::statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, status));
}

}  // namespace

void explain_failure(const Options& options, const char* name,
                     const CommandEnvironment& environment, sys::Errno error) {
  if (!is_of_files(error)) return complain("execute", name, error);
  Candidates files(name, environment);
  const char* file = files.next();
  while (file != nullptr && !is_there(file)) file = files.next();
  if (file != nullptr) return Explanation(options, error).complain_of(file);
  if (!is_path(name) && error == ENOENT) return complain("execute", name, "not in PATH [ENOENT]");
  complain("execute", name, error);
}

}  // namespace nsrun

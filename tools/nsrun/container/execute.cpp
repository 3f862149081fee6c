#include "tools/nsrun/container/execute.h"

#include "tools/nsrun/container/program_file.h"

namespace nsrun {

namespace {

// The list of directories to search. For a name that is a path it has any one directory, which is
// not used.
sys::Text directories_for(const char* name, const CommandEnvironment& environment) {
  static constexpr char kDefault[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  if (is_path(name)) return "/";
  const char* path = environment.find("PATH");
  return path == nullptr ? sys::Text(kDefault) : sys::Text::of(path);
}

// A file that is no program is a script without a "#!" line.
sys::Errno execute_by_shell(const char* file, const char* const* command,
                            const CommandEnvironment& environment) {
  static constexpr char kShell[] = "/bin/sh";
  // This is the process's own argument vector, and the word before COMMAND is no longer needed.
  const char** const arguments = const_cast<const char**>(command) - 1;
  const char* const before = arguments[0];
  const char* const name = arguments[1];
  arguments[0] = kShell;
  arguments[1] = file;
  const sys::Errno error = sys::execve(kShell, arguments, environment.entries());
  arguments[0] = before;
  arguments[1] = name;
  return error;
}

}  // namespace

Candidates::Candidates(const char* name, const CommandEnvironment& environment)
    : name_(name), directories_(directories_for(name, environment), ':') {}

const char* Candidates::next() {
  while (directories_.more()) {
    const sys::Text directory = directories_.next();
    if (is_path(name_)) return name_;
    file_.clear();
    // An empty entry means the working directory.
    file_ << (directory.empty() ? sys::Text(".") : directory) << "/" << name_;
    if (!file_.truncated()) return file_.c_str();
  }
  return nullptr;
}

sys::Errno execute(const char* name, const char* const* command,
                   const CommandEnvironment& environment, bool may_look) {
  sys::Errno result{ENOENT};
  Candidates files(name, environment);
  while (const char* file = files.next()) {
    const sys::Errno error = sys::execve(file, command, environment.entries());
    if (error == ENOEXEC && (!may_look || ProgramFile(file).is_text())) {
      (void)execute_by_shell(file, command, environment);
    }
    // A file that exists but cannot be executed tells more than one that does not exist.
    if (!(error == ENOENT) && !(error == ENOTDIR)) result = error;
  }
  return result;
}

}  // namespace nsrun

#include "tools/nsrun/container/execute.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr char kDefaultPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

}  // namespace

sys::Errno execute(const char* const* command, const CommandEnvironment& environment) {
  const char* name = command[0];
  if (*name == '\0' || Text::of(name).contains('/')) {
    return sys::execve(name, command, environment.entries());
  }
  const char* path = environment.find("PATH");
  if (path == nullptr) path = kDefaultPath;
  sys::Errno result{ENOENT};
  for (sys::Splitter directories(Text::of(path), ':'); directories.more();) {
    sys::Path file;
    file << directories.next() << "/" << name;
    const sys::Errno error = sys::execve(file.c_str(), command, environment.entries());
    // What is there but cannot be executed is better news than what is not there.
    if (!(error == ENOENT) && !(error == ENOTDIR)) result = error;
  }
  return result;
}

}  // namespace nsrun

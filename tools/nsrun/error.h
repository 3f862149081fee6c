// nsrun's own errors: one line on stderr that names the object and the errno, and status 125.
#pragma once

#include "syscalls/errno_names.h"
#include "syscalls/file.h"
#include "syscalls/process.h"
#include "tools/nsrun/options.h"

namespace nsrun {

/// "nsrun: WHAT OBJECT: REASON"
inline void complain(const char* what, const char* object, const char* reason) {
  sys::FixedString<4096 + 256> line;
  line << "nsrun: " << what;
  if (object != nullptr) line << " " << object;
  line << ": " << reason << "\n";
  (void)sys::write_fully(2, line.text());
}

inline void complain(const char* what, const char* object, sys::Errno error) {
  complain(what, object, sys::ErrnoText(error).c_str());
}

template <class Reason>
[[noreturn]] void fail(const char* what, const char* object, Reason reason) {
  complain(what, object, reason);
  sys::exit(kExitOwnError);
}

/// The value of a call that must succeed, or the end.
template <class T>
T check(sys::Result<T> result, const char* what, const char* object = nullptr) {
  if (!result) fail(what, object, result.error());
  return static_cast<sys::Result<T>&&>(result).value();
}

}  // namespace nsrun

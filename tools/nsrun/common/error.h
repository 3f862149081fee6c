// nsrun's own errors: one line on stderr that names the object and has the errno in words, and exit
// status 125.
#pragma once

#include "syscalls/memory.h"
#include "syscalls/process.h"
#include "tools/nsrun/common/errno_words.h"
#include "tools/nsrun/common/exit_status.h"
#include "tools/nsrun/common/output.h"

namespace nsrun {

/// Prints "nsrun: WHAT OBJECT: REASON" in one write. A long line gets memory of its own, because
/// the stack may be small.
inline void complain(const char* what, const char* object, const char* reason) {
  const size_t size = sys::length(what) + (object == nullptr ? 0 : sys::length(object)) +
                      sys::length(reason) + sizeof "nsrun:  : \n";
  char little[256];
  sys::Span<char> room{little, sizeof little};
  sys::Mapping memory;
  if (size > sizeof little && memory.map_private(size)) {
    room = {reinterpret_cast<char*>(memory.data()), size};
  }
  sys::StringBuilder line(room);
  line << "nsrun: " << what;
  if (object != nullptr) line << " " << object;
  line << ": " << reason << "\n";
  (void)write_waiting(2, line.text());
}

inline void complain(const char* what, const char* object, sys::Errno error) {
  complain(what, object, ErrnoWords(error).c_str());
}

template <class Reason>
[[noreturn, gnu::noinline, gnu::cold]] void fail(const char* what, const char* object,
                                                 Reason reason) {
  complain(what, object, reason);
  sys::exit(kExitOwnError);
}

/// Returns the answer of a system call, or ends nsrun if it is an error.
[[gnu::noinline]] inline long check_answer(long answer, const char* what, const char* object) {
  if (sys::is_error(answer)) fail(what, object, sys::Errno{static_cast<int>(-answer)});
  return answer;
}

/// Returns the value of a result, or ends nsrun if it is an error.
template <class T>
[[gnu::always_inline]] inline T check(sys::Result<T> result, const char* what,
                                      const char* object = nullptr) {
  if constexpr (requires { result.release(); }) {
    return sys::Result<T>::of(check_answer(result.release(), what, object)).value();
  } else {
    if (!result) fail(what, object, result.error());
    return static_cast<sys::Result<T>&&>(result).value();
  }
}

}  // namespace nsrun

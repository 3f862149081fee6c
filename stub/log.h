// Log records for the parent: one JSON object a line, one write(2) a record.
// docs/protocol.md, "Log records".
#pragma once

#include "syscalls/text.h"
#include "syscalls/uapi.h"

namespace stub {

/// logrus's levels, which parents speak; a smaller number is more serious.
enum class LogLevel : int { kPanic, kFatal, kError, kWarning, kInfo, kDebug, kTrace };

inline constexpr char kHexDigits[] = "0123456789abcdef";

/// Where records go, and who is speaking. Copied by fork into every stage.
class Log {
 public:
  /// `pipe` -1: nobody wants records, and fatal ones go to stderr as plain lines.
  Log(int pipe, int level) : pipe_(pipe), level_(level) {}

  [[nodiscard]] bool wants(LogLevel level) const {
    return pipe_ >= 0 && static_cast<int>(level) <= level_;
  }
  /// From here on records come from stage 0, 1 or 2.
  void enter_stage(int stage) { stage_ = stage; }
  [[nodiscard]] int stage() const { return stage_; }

  /// Gives the signal mask back as it was at exec. To be called before any other program runs.
  void restore_signals();

 private:
  friend class Record;
  void write(sys::Text line);

  int pipe_;
  int level_;
  int stage_ = -1;
  bool broken_pipe_blocked_ = false;
  sys::SignalSet mask_at_exec_;
};

/// One record: `Record(log, LogLevel::kDebug) << "joined " << path;`, sent as its scope ends.
/// Whatever bytes go in, what comes out is valid JSON and at most PIPE_BUF long, so that pipes
/// never interleave it; what does not fit is left out.
/// A record that nobody wants costs nothing.
class Record {
 public:
  Record(Log& log, LogLevel level);
  ~Record();
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  Record& operator<<(const char* text);
  Record& operator<<(int64_t number) { return *this << sys::Decimal(number).c_str(); }

 private:
  void put(const char* text);

  static constexpr size_t kPipeBuf = 4096;  // PIPE_BUF, <linux/limits.h>
  static constexpr size_t kTail = 3;        // "}\n

  Log& log_;
  const bool wanted_;
  char* end_;  ///< behind what has been written of the line
  char line_[kPipeBuf];
};

/// Puts `text` at `out` as the inside of a JSON string (RFC 8259, section 7, and DEL): bytes that
/// are not UTF-8 become U+FFFD. Gives the end of what it wrote. Escapes are never cut: it stops
/// where not even the longest would have room before `end`.
char* escape_json(const char* text, char* out, const char* end);

}  // namespace stub

#include "stub/log.h"

#include "syscalls/file.h"
#include "syscalls/process.h"
#include "syscalls/signals.h"

namespace stub {

using sys::Text;

namespace {

constexpr int kStandardError = 2;

constexpr char kLevelNames[] = "panic\0fatal\0error\0warning\0info\0debug\0trace";

// The length of the UTF-8 sequence at `text`, or 0 if it is invalid (RFC 3629: nothing overlong, no
// surrogates, nothing above U+10FFFF). A NUL also ends a sequence.
size_t utf8_length(const unsigned char* text) {
  unsigned point = *text;
  if (point < 0x80) return 1;
  size_t length = 2;
  while (length <= 4 && (point & (0x80U >> length)) != 0) ++length;
  if (point < 0xc0 || length > 4) return 0;
  point &= 0x7fU >> length;
  for (size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xc0) != 0x80) return 0;
    point = point << 6 | (text[i] & 0x3f);
  }
  // The smallest code point that needs this length: 0x80, 0x800, 0x10000.
  const unsigned least = length == 2 ? 0x80 : 1U << (5 * length - 4);
  const bool surrogate = point >> 11 == 0xd800 >> 11;
  return point < least || surrogate || point > 0x10ffff ? 0 : length;
}

}  // namespace

char* escape_json(const char* text, char* out, const char* end) {
  constexpr long kLongest = 6;
  while (*text != '\0' && end - out >= kLongest) {
    unsigned c = static_cast<unsigned char>(*text);
    size_t length = utf8_length(reinterpret_cast<const unsigned char*>(text));
    if (length == 0) {
      c = 0xfffd;
      length = 1;
    }
    if (c < 0x20 || c == 0x7f || c == 0xfffd) {
      *out++ = '\\';
      *out++ = 'u';
      for (int shift = 12; shift >= 0; shift -= 4) *out++ = kHexDigits[c >> shift & 15];
      ++text;
    } else {
      if (c == '"' || c == '\\') *out++ = '\\';
      for (; length != 0; --length) *out++ = *text++;
    }
  }
  return out;
}

Record::Record(Log& log, LogLevel level)
    : log_(log),
      wanted_(log.wants(level) || (log.pipe_ < 0 && level <= LogLevel::kFatal)),
      end_(line_) {
  if (!wanted_) return;
  if (log.pipe_ >= 0) {
    put("{\"level\":\"");
    put(sys::entry(kLevelNames, static_cast<size_t>(level)));
    put("\", \"msg\": \"");
  }
  *this << "nsexec";
  if (log.stage_ >= 0) *this << "-" << log.stage_;
  *this << "[" << sys::getpid() << "]: ";
}

Record::~Record() {
  if (!wanted_) return;
  put(log_.pipe_ >= 0 ? "\"}\n" : "\n");
  log_.write({line_, static_cast<size_t>(end_ - line_)});
}

void Record::put(const char* text) {
  while (*text != '\0') *end_++ = *text++;
}

Record& Record::operator<<(const char* text) {
  if (wanted_) end_ = escape_json(text, end_, line_ + kPipeBuf - kTail);
  return *this;
}

void Log::write(Text line) {
  // If the parent has gone, SIGPIPE must not end this process: only the record is lost.
  if (!broken_pipe_blocked_) {
    const auto before = sys::signal_mask(SIG_BLOCK, sys::SignalSet::of(SIGPIPE));
    if (before) {
      broken_pipe_blocked_ = true;
      mask_at_exec_ = before.value();
    }
  }
  const auto written = sys::write(pipe_ >= 0 ? pipe_ : kStandardError, line);
  if (!written && written.error() == EPIPE && !mask_at_exec_.has(SIGPIPE)) {
    (void)sys::take_pending_signal(sys::SignalSet::of(SIGPIPE));
  }
}

void Log::restore_signals() {
  if (broken_pipe_blocked_) (void)sys::signal_mask(SIG_SETMASK, mask_at_exec_);
  broken_pipe_blocked_ = false;
}

}  // namespace stub

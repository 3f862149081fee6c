// A whole record: stub/log.cpp, with a contract for escape_json. N is the level of the record, plus
// 7 if there is a pipe, plus 14 if the log has a lower level.
#define CONTRACT_DIGITS 1
#include "stub/log.cpp"

#include "proofs/parsers/contracts.h"

namespace {

constexpr auto kLevel = static_cast<stub::LogLevel>(N % 7);
constexpr bool kPipe = N / 7 % 2 != 0;
constexpr bool kAsked = N / 14 == 0;
constexpr bool kWanted = kPipe ? kAsked : kLevel <= stub::LogLevel::kFatal;
const char* written;
size_t written_size;
unsigned writes;

}  // namespace

// escape_json(text, out, end): returns a place from `out` to `end`; it writes between them. The
// sets of escape_json prove this.
extern "C" char* escape_json_contract(const char* text, char* out, const char* end) {
  PROVE(text != nullptr && __CPROVER_same_object(out, end) && out <= end);
  PROVE(__CPROVER_w_ok(out, static_cast<size_t>(end - out)));
  // The furthest place. Before it, the same bytes are written at lower addresses.
  return out + (end - out);
}

extern "C" long model_syscall(long number, long /*a*/, long b, long c, long d, long /*e*/,
                              long /*f*/) {
  if (number == __NR_write) {
    written = reinterpret_cast<const char*>(b);
    written_size = static_cast<size_t>(c);
    PROVE(written_size <= 4096 && __CPROVER_r_ok(written, written_size));
    PROVE(written[written_size - 1] == '\n');
    ++writes;
  } else if (number == __NR_rt_sigprocmask && c != 0) {
    PROVE(d == 8);
    *reinterpret_cast<uint64_t*>(c) = nondet_unsigned_long();
  }
  const long answer = nondet_long();
  __CPROVER_assume(answer >= -4095 && answer != -EINTR);
  return answer;
}

// A record of a text and a number, in any stage.
extern "C" void record() {
  written = nullptr;
  writes = 0;
  stub::Log log(kPipe ? 3 : -1, static_cast<int>(kLevel) - (kAsked ? 0 : 1));
  log.stage_ = nondet_int();
  log.broken_pipe_blocked_ = nondet_bool();
  {
    stub::Record record(log, kLevel);
    record << "text" << static_cast<int64_t>(nondet_long());
    if (kWanted) {
      PROVE(record.end_ >= record.line_ && record.end_ <= record.line_ + 4093);
      if (kPipe) {
        const char kStart[] = "{\"level\":\"";
        for (size_t i = 0; i < sizeof kStart - 1; ++i) PROVE(record.line_[i] == kStart[i]);
      }
    }
  }
  PROVE(writes == (kWanted ? 1 : 0));
}

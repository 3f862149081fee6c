// nsreport: prints what a container's first process sees, as "key: value" lines. It is
// freestanding, so that it runs in any root file system.
#include "stub/initial_stack.h"
#include "syscalls/file.h"
#include "syscalls/ids.h"
#include "syscalls/namespaces.h"
#include "syscalls/process.h"
#include "syscalls/system.h"

namespace {

using sys::Text;

using Report = sys::FixedString<8192>;

void report_system(Report& report) {
  sys::SystemName name{};
  (void)sys::uname(name);
  report << "pid: " << sys::getpid() << "\n";
  report << "ppid: " << sys::getppid() << "\n";
  report << "uid: " << sys::getuid() << "\n";
  report << "gid: " << sys::getgid() << "\n";
  report << "hostname: " << name.host << "\n";
}

// Prints the lines of a file as one line, separated by commas, with single spaces between the
// words.
void report_map(Report& report, const char* key, const char* path) {
  char buffer[4096];
  const auto file = sys::openat(AT_FDCWD, path, O_RDONLY);
  report << key << ":";
  if (!file) {
    report << " unknown\n";
    return;
  }
  const sys::Fd owner = file.value();
  const auto size =
      sys::read(owner.get(), {reinterpret_cast<unsigned char*>(buffer), sizeof buffer});
  bool first = true;
  for (sys::Splitter lines({buffer, size ? size.value() : 0}, '\n'); lines.more();) {
    const Text line = lines.next();
    if (line.empty()) continue;
    if (!first) report << ",";
    first = false;
    for (sys::Splitter words(line, ' '); words.more();) {
      const Text word = words.next();
      if (!word.empty()) report << " " << word;
    }
  }
  report << "\n";
}

// Returns the number in an entry such as "mnt:[4026531832]". `list` has one entry, or several
// separated by spaces.
Text namespace_id(Text list, const char* type) {
  for (sys::Splitter entries(list, ' '); entries.more();) {
    const Text entry = entries.next();
    const size_t colon = entry.find(':');
    if (!(entry.first(colon) == Text::of(type)) || colon + 2 >= entry.size()) continue;
    const Text id = entry.from(colon + 2);
    return id.first(id.find(']'));
  }
  return "unknown";
}

void report_namespaces(Report& report, Text outside) {
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    char buffer[64];
    sys::FixedString<32> path;
    path << "/proc/self/ns/" << type.name;
    const auto link = sys::readlinkat(AT_FDCWD, path.c_str(), {buffer, sizeof buffer});
    const Text inside_id = namespace_id(link ? link.value() : Text(), type.name);
    const Text outside_id = namespace_id(outside, type.name);
    report << "ns_" << type.name << ": inside " << inside_id << " outside " << outside_id;
    report << (inside_id == outside_id ? " same\n" : " differs\n");
  }
}

}  // namespace

/// Called by arch/<arch>/program.S.
extern "C" [[noreturn, gnu::used]] void program_main(const unsigned long* initial_stack) {
  const stub::InitialStack stack(initial_stack);
  Report report;
  report_system(report);
  report_map(report, "uid_map", "/proc/self/uid_map");
  report_map(report, "gid_map", "/proc/self/gid_map");
  report_namespaces(report, Text::of(stack.variable("NSRUN_OUTSIDE")));
  const char* sealed = stack.variable("NSRUN_SEALED");
  if (*sealed == '\0') {
    report << "exe_sealed: unknown\n";
  } else if (sys::same(sealed, "none")) {
    report << "exe_sealed: no\n";
  } else {
    report << "exe_sealed: yes (" << sealed << ")\n";
  }
  const char* setup = stack.variable("NSRUN_SETUP_US");
  report << "setup_us: " << (*setup == '\0' ? "unknown" : setup) << "\n";
  sys::exit(sys::write_fully(1, report.text()) ? 0 : 1);
}

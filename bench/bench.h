// Shared by the benchmarks.
#pragma once

#include <benchmark/benchmark.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/support.h"

namespace bench {

using test::built;

/// Returns a directory for the files of this run. It is removed at the end.
const std::string& scratch();

/// Returns the path of a program in PATH or the sbin directories, or "" if there is none.
std::string find_program(const std::string& name);

/// Something to start, again and again. `run` returns the seconds until it has ended, or a negative
/// number if it failed.
struct Program {
  std::string name;
  std::function<double()> run;
};
/// Registers a program: each start is one repetition, and repetitions are interleaved.
void register_program(const Program& program);

/// The stub with four namespaces, and its floor.
std::vector<Program> flow_programs();
/// Whole containers with a root file system, by nsrun, its floor and other launchers.
std::vector<Program> launch_programs();

void register_system_calls();
void register_flows();
void register_joins();
void register_sealings();
void register_runc_init();
void register_launches();
void register_growth();
/// The programs above, with that many containers on the machine.
void register_parked();

}  // namespace bench

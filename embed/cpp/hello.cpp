// hello: an ordinary C++ program that prints what it sees, run by hand or as a container's init.
// Its source does not mention the stub:
//
//   c++ hello.cpp libnsexec.a -Wl,-e,nsexec_start -o hello
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

std::atomic<int> arrived;

int threads(int count) {
  std::atomic<int> sum{0};
  for (int i = 0; i < count; i += 50) {
    std::vector<std::thread> some;
    for (int k = 0; k < 50; ++k) some.emplace_back([&] { ++sum; });
    for (std::thread& thread : some) thread.join();
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  const char* hello = std::getenv("HELLO");
  std::cout << "entered: true\n";
  std::cout << "pid: " << getpid() << "\nuid: " << getuid() << "\n";
  std::cout << "args: " << argc << " " << argv[argc - 1] << "\n";
  std::cout << "variable: " << (hello == nullptr ? "" : hello) << "\n";
  for (const std::string name : {"mnt", "uts", "user"}) {
    std::cout << "ns_" << name << ": "
              << std::filesystem::read_symlink("/proc/self/ns/" + name).string() << "\n";
  }
  std::cout << "threads: " << threads(1000) << "\n" << std::boolalpha;
  std::signal(SIGUSR1, [](int signal) { arrived = signal; });
  std::raise(SIGUSR1);
  std::cout << "signals: " << (arrived == SIGUSR1) << "\n";
  const auto before = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::cout << "clock: "
            << (std::chrono::steady_clock::now() - before >= std::chrono::milliseconds(1))
            << std::endl;
  if (hello != nullptr && std::string(hello) == "crash") throw std::runtime_error("as asked");
}

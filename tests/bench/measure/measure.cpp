#include "measure/measure.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <unistd.h>

namespace bongsu::bench {

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error{std::string{name} + " is not set: use tests/bench/run"};
  }
  return value;
}

int number_of(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoi(text);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.at(values.size() / 2);
}

double processor_seconds(pid_t pid) {
  std::ifstream file{fmt::format("/proc/{}/stat", pid)};
  std::string stat;
  std::getline(file, stat);
  std::istringstream fields{stat.substr(stat.rfind(')') + 2)};
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double memory_mib(pid_t pid, const std::string& line) {
  std::ifstream status{fmt::format("/proc/{}/status", pid)};
  for (std::string text; std::getline(status, text);) {
    if (text.starts_with(line + ":")) return std::stod(text.substr(line.size() + 1)) / 1024;
  }
  throw std::runtime_error{fmt::format("process {} does not run any more", pid)};
}

void print(const Figure& figure) {
  std::cout
      << fmt::format(
             R"({{"bench":"{}","value":{:.2f},"unit":"{}","limit":{:.2f},"ratio":{:.3f},"detail":{{{}}}}})",
             figure.id, figure.value, figure.unit, figure.limit, figure.ratio, figure.detail)
      << std::endl;
}

int run(int argc, char** argv, const std::map<std::string, void (*)()>& benches) {
  const std::string program = argv[0];
  const auto name = program.substr(program.rfind('/') + 1);
  for (int i = 1; i < argc; ++i) {
    const auto found = benches.find(argv[i]);
    if (found == benches.end()) {
      std::cerr << name << ": there is no benchmark " << argv[i] << "\n";
      return 2;
    }
    try {
      found->second();
    } catch (const std::exception& error) {
      std::cerr << name << ": " << found->first << ": " << error.what() << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace bongsu::bench

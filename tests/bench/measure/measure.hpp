#pragma once
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

/// What all benchmarks need to measure and to say what they found.
namespace bongsu::bench {

/// A variable of the environment. The first throws without it.
std::string setting(const char* name);
int number_of(const char* name, int otherwise);

double median(std::vector<double> values);

/// User and system time of a process, in seconds.
double processor_seconds(pid_t pid);

/// A line of /proc/PID/status in MiB: VmRSS, VmHWM. Throws when the process does not run.
double memory_mib(pid_t pid, const std::string& line);
inline double peak_mib(pid_t pid) { return memory_mib(pid, "VmHWM"); }

/// What a benchmark says: one line of JSON.
struct Figure {
  std::string id;
  double value = 0;
  std::string unit;
  double limit = 0;
  double ratio = value / limit;
  std::string detail;  ///< members of a JSON object
};
void print(const Figure& figure);

/// Runs those that the arguments name, in their order. The exit code: 1 when one throws, 2 when there is no
/// such benchmark.
int run(int argc, char** argv, const std::map<std::string, void (*)()>& benches);

}  // namespace bongsu::bench

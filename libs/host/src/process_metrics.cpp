#include "process_metrics.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace bongsu::host {
namespace {

double resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
  std::error_code trouble;
  double count = -1;  // the iterator's own descriptor
  for (std::filesystem::directory_iterator at{"/proc/self/fd", trouble}, end; !trouble && at != end;
       at.increment(trouble)) {
    ++count;
  }
  return count;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

ProcessMetrics::ProcessMetrics()
    : resident_(metrics::gauge("process_resident_memory_bytes", "Resident memory size in bytes.")),
      open_files_(metrics::gauge("process_open_fds", "Number of open file descriptors.")),
      started_(metrics::gauge("process_start_time_seconds", "Start of the process since the epoch.")),
      cpu_(metrics::counter("process_cpu_seconds_total", "User and system CPU time spent in seconds.")) {
  started_.Set(now_seconds());
  update();
}

void ProcessMetrics::update() {
  resident_.Set(resident_bytes());
  open_files_.Set(open_files());
  cpu_.Increment(cpu_seconds() - cpu_.Value());
}

}  // namespace bongsu::host

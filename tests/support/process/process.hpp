#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace bongsu::support {

/// A folder of its own, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// One of the project's programs, by its name, as it was built; the folder is in BONGSU_TEST_BIN.
std::string built(const std::string& program);

/// A child process, killed and waited for with the object. What it prints is added to `log`;
/// `environment` is added to this process' own.
class Process {
 public:
  Process(std::vector<std::string> command, const std::filesystem::path& log,
          const std::map<std::string, std::string>& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  /// SIGKILL, and waits until it is gone.
  void kill();
  void signal(int number);
  /// Its exit code, 128 + the signal's number when one ended it. Throws when it has not ended in time.
  int wait(std::chrono::seconds limit);

 private:
  pid_t pid_ = -1;
  int status_ = 0;  ///< once it has ended
};

/// The content of a file once it is there and not empty. Throws, with what `log` holds, when `process`
/// ends before or it takes longer than 60 s.
std::string await_file(const std::filesystem::path& file, Process& process, const std::filesystem::path& log);

}  // namespace bongsu::support

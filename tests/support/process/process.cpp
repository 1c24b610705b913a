#include "support/process/process.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bongsu::support {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

}  // namespace

std::string built(const std::string& program) {
  const char* folder = std::getenv("BONGSU_TEST_BIN");
  if (folder == nullptr) throw std::runtime_error{"BONGSU_TEST_BIN is not set: run the tests by tests/run"};
  return std::string{folder} + "/" + program;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // what is left in a temporary folder harms nobody
  std::filesystem::remove_all(path_, ignored);
}

Process::Process(std::vector<std::string> command, const std::filesystem::path& log,
                 const std::map<std::string, std::string>& environment) {
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0) _exit(126);
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

Process::~Process() { kill(); }

void Process::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Process::signal(int number) {
  if (pid_ > 0) ::kill(pid_, number);
}

int Process::wait(std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (running()) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the process has not ended in time");
    poll(nullptr, 0, 10);
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

bool Process::running() {
  if (pid_ < 0) return false;
  if (waitpid(pid_, &status_, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

std::string await_file(const std::filesystem::path& file, Process& process,
                       const std::filesystem::path& log) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (std::chrono::steady_clock::now() < deadline) {
    // In this order: it may write the file and end between two looks.
    const bool ended = !process.running();
    if (auto content = content_of(file); !content.empty()) return content;
    if (ended) throw std::runtime_error("the process ended: " + content_of(log));
    poll(nullptr, 0, 10);
  }
  throw std::runtime_error("the process wrote nothing to " + file.string() + ": " + content_of(log));
}

}  // namespace bongsu::support

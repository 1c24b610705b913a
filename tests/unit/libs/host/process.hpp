#pragma once
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bongsu::host {

/// A child process with a folder of its own, killed at the end if it is still there.
class Process {
 public:
  Process(const std::string& program, std::vector<std::string> arguments,
          std::vector<std::string> environment = {}) {
    std::string folder = testing::TempDir() + "/bongsu_host_XXXXXX";
    folder_ = ::mkdtemp(folder.data());
    environment.push_back("BONGSU_ADDRESS_FILE=" + file("address"));
    arguments.insert(arguments.begin(), program);
    pid_ = ::fork();
    if (pid_ == 0) become(arguments, environment);
    exited_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    ::kill(pid_, SIGKILL);
    wait();
    ::close(exited_);
    std::filesystem::remove_all(folder_);
  }

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string content(const std::string& name) const {
    std::ifstream stream{file(name)};
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  std::string output() const { return content("out"); }
  std::string errors() const { return content("err"); }

  void signal(int number) const { ::kill(pid_, number); }

  /// Its exit code; 128 and the signal's number when one ended it; nothing when it lives on.
  std::optional<int> wait(std::chrono::milliseconds bound = std::chrono::seconds{20}) {
    if (code_) return code_;
    pollfd ended{.fd = exited_, .events = POLLIN, .revents = 0};
    if (::poll(&ended, 1, static_cast<int>(bound.count())) != 1) return std::nullopt;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_;
  }

  /// The first line of the file once it is there; empty when the process ended before.
  std::string await_line(const std::string& name) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!std::filesystem::exists(file(name))) {
      if (wait(std::chrono::milliseconds{5}) || std::chrono::steady_clock::now() > give_up) return {};
    }
    auto line = content(name);
    line.resize(line.find('\n'));
    return line;
  }

 private:
  [[noreturn]] void become(std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
    if (std::freopen(file("out").c_str(), "w", stdout) == nullptr) ::_exit(126);
    if (std::freopen(file("err").c_str(), "w", stderr) == nullptr) ::_exit(126);
    for (const auto& variable : environment) {
      const auto equals = variable.find('=');
      ::setenv(variable.substr(0, equals).c_str(), variable.c_str() + equals + 1, 1);
    }
    std::vector<char*> raw;
    for (auto& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    ::execv(raw.front(), raw.data());
    ::_exit(127);
  }

  std::string folder_;
  pid_t pid_ = -1;
  int exited_ = -1;
  std::optional<int> code_;
};

struct Answer {
  int status = 0;
  std::string body;
};

/// One GET on a connection of its own; `address` is 127.0.0.1:port.
inline Answer get(const std::string& address, const std::string& path) {
  namespace asio = boost::asio;
  asio::io_context io;
  asio::ip::tcp::socket socket{io};
  const auto port = static_cast<unsigned short>(std::stoul(address.substr(address.rfind(':') + 1)));
  socket.connect({asio::ip::make_address("127.0.0.1"), port});
  asio::write(socket, asio::buffer("GET " + path + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"));
  std::string raw;
  boost::system::error_code end;
  asio::read(socket, asio::dynamic_buffer(raw), end);
  if (raw.size() < 12) return {};
  return {std::stoi(raw.substr(9, 3)), raw.substr(raw.find("\r\n\r\n") + 4)};
}

}  // namespace bongsu::host

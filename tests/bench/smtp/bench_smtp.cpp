// P8: mails of 1 KB over 50 connections to Postfix's smtp-sink, against smtp-source doing the same in
// the same run. Both keep their connections. Rounds alternate; the median of each side counts.
//
//   bench_smtp P8        prints one JSON line
//   BONGSU_POSTFIX_ROOT  folder with an unpacked postfix package; default: the installed one
#include "measure/measure.hpp"

#include <bongsu/smtp/client.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <signal.h>
#include <support/process/held_port.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bongsu::bench {
namespace {

constexpr std::size_t kConnections = 50;
constexpr int kMails = 20'000;
constexpr int kRounds = 5;
constexpr int kUnderWay = 200;

using Seconds = std::chrono::duration<double>;

std::string tool(const std::string& name) {
  const char* root = std::getenv("BONGSU_POSTFIX_ROOT");
  const auto path = std::string{root == nullptr ? "" : root} + "/usr/sbin/" + name;
  if (access(path.c_str(), X_OK) != 0)
    throw std::runtime_error(path + " is missing: install the package postfix");
  if (root != nullptr) setenv("LD_LIBRARY_PATH", (std::string{root} + "/usr/lib/postfix").c_str(), 1);
  return path;
}

class Child {
 public:
  explicit Child(std::vector<std::string> command) {
    std::vector<char*> words;
    for (auto& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      execv(words[0], words.data());
      _exit(127);
    }
  }
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  void wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    if (status != 0) throw std::runtime_error("a child failed");
  }

 private:
  pid_t pid_ = -1;
};

void await_listening(unsigned short port) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  asio::io_context io;
  while (std::chrono::steady_clock::now() < deadline) {
    boost::system::error_code refused;
    asio::ip::tcp::socket socket{io};
    socket.connect({asio::ip::make_address("127.0.0.1"), port}, refused);
    if (!refused) return;
    usleep(10'000);
  }
  throw std::runtime_error("smtp-sink does not listen");
}

smtp::Mail mail_of_1_kb() {
  smtp::Mail mail;
  mail.message_id = "0193a1b2-0000-8000-8000-000000000001@example.com";
  mail.from = EmailAddress{"no-reply@example.com"};
  mail.from_name = PersonName{"Bongsu"};
  mail.to = EmailAddress{"member@example.com"};
  mail.subject = PrivateText{"Welcome"};
  std::string text;
  while (text.size() < 1024) text += "This line is written here only so that the mail has a size.\n";
  mail.text = PrivateText{text.substr(0, 1024 - 300)};  // the header fields make up the rest
  return mail;
}

asio::awaitable<void> send_all(smtp::Client& client, const smtp::Mail& mail, int& left, int& failed) {
  while (left > 0) {
    --left;
    if (const auto receipt = co_await client.send(mail); !receipt) ++failed;
  }
}

double ours(unsigned short port) {
  asio::io_context io{1};
  smtp::Client client{io.get_executor(),
                      {.url = fmt::format("smtp://127.0.0.1:{}", port), .connections = kConnections}};
  const auto mail = mail_of_1_kb();
  int left = kMails;
  int failed = 0;
  const auto begin = std::chrono::steady_clock::now();
  int workers = kUnderWay;
  for (int i = 0; i < kUnderWay; ++i)
    asio::co_spawn(io, send_all(client, mail, left, failed), [&](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
      if (--workers == 0) io.stop();
    });
  io.run();
  if (failed > 0) throw std::runtime_error(fmt::format("{} mails failed", failed));
  return kMails / Seconds{std::chrono::steady_clock::now() - begin}.count();
}

double smtp_source(unsigned short port) {
  const auto begin = std::chrono::steady_clock::now();
  Child source{{tool("smtp-source"), "-d", "-s", std::to_string(kConnections), "-m", std::to_string(kMails),
                "-l", "1024", "-f", "no-reply@example.com", "-t", "member@example.com",
                fmt::format("127.0.0.1:{}", port)}};
  source.wait();
  return kMails / Seconds{std::chrono::steady_clock::now() - begin}.count();
}

void p8() {
  const support::HeldPort held;
  const auto port = static_cast<unsigned short>(held.number());
  Child sink{{tool("smtp-sink"), "-u", "nobody", held.address(), "1000"}};
  await_listening(port);
  std::vector<double> values;
  std::vector<double> limits;
  for (int round = 0; round < kRounds; ++round) {
    limits.push_back(smtp_source(port));
    values.push_back(ours(port));
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  print({.id = "P8",
         .value = median(values),
         .unit = "mails/s",
         .limit = median(limits),
         .detail = fmt::format(
             R"("mails":{},"rounds":{},"connections":{},"cpu_us_per_mail":{:.1f},"max_rss_mb":{:.1f})",
             kMails, kRounds, kConnections, 1e6 * cpu / kMails / kRounds,
             static_cast<double>(usage.ru_maxrss) / 1024)});
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) {
  using namespace bongsu::bench;
  return run(argc, argv, {{"P8", p8}});
}

#include "load.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace bongsu::bench {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMessageBytes = 512;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -";
constexpr std::size_t kPool = 1U << 20;

struct Run {
  const Target& target;
  const std::function<std::string()>& next_body;
  Clock::time_point counted_from;
  Clock::time_point end;
  LoadResult result;
  std::vector<float> latencies;
};

/// One connection. Reads only as much of an answer as says where the next begins.
class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(asio::io_context& context, Run& run) : socket_(context), run_(run) {
    socket_.connect({asio::ip::make_address(run.target.host), run.target.port});
    socket_.set_option(asio::ip::tcp::no_delay{true});
  }

  void post() {
    begun_ = Clock::now();
    if (begun_ >= run_.end) return;
    const auto body = run_.next_body();
    output_ = fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        run_.target.path, run_.target.host, run_.target.token, body.size(), body);
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error)
                          throw std::runtime_error{"the gateway took no request: " + error.message()};
                        self->read();
                      });
  }

 private:
  void read() {
    const auto held = input_.size();
    input_.resize(held + 4096);
    socket_.async_read_some(asio::buffer(input_.data() + held, 4096),
                            [self = shared_from_this(), held](error_code error, std::size_t count) {
                              if (error)
                                throw std::runtime_error{"the gateway gave no answer: " + error.message()};
                              self->input_.resize(held + count);
                              self->take();
                            });
  }

  void take() {
    const auto head = input_.find("\r\n\r\n");
    if (head == std::string::npos) return read();
    const auto at = input_.find("Content-Length: ");
    std::size_t length = 0;
    if (at < head) std::from_chars(input_.data() + at + 16, input_.data() + head, length);
    if (input_.size() < head + 4 + length) return read();
    if (!input_.starts_with("HTTP/1.1 202")) throw std::runtime_error{"not accepted: " + input_};
    input_.erase(0, head + 4 + length);
    count();
    post();
  }

  void count() {
    const auto now = Clock::now();
    ++run_.result.answered;
    if (now < run_.counted_from || now > run_.end) return;
    run_.latencies.push_back(std::chrono::duration<float, std::milli>(now - begun_).count());
  }

  asio::ip::tcp::socket socket_;
  Run& run_;
  std::string output_;
  std::string input_;
  Clock::time_point begun_;
};

double quantile(std::vector<float>& sorted, double share) {
  return sorted.empty() ? 0
                        : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

LoadResult run_load(const Target& target, int clients, std::chrono::milliseconds warm_up,
                    std::chrono::milliseconds duration, const std::function<std::string()>& next_body) {
  asio::io_context context{1};
  const auto begin = Clock::now();
  Run run{.target = target,
          .next_body = next_body,
          .counted_from = begin + warm_up,
          .end = begin + warm_up + duration,
          .result = {},
          .latencies = {}};
  for (int i = 0; i < clients; ++i) std::make_shared<Client>(context, run)->post();
  context.run();
  std::ranges::sort(run.latencies);
  run.result.per_second =
      static_cast<double>(run.latencies.size()) / std::chrono::duration<double>(duration).count();
  run.result.median_ms = quantile(run.latencies, 0.5);
  run.result.p99_ms = quantile(run.latencies, 0.99);
  return run.result;
}

Messages::Messages(std::uint64_t seed) : state_(seed) {
  pool_.resize(kPool);
  for (auto& c : pool_) c = kLetters[random() % kLetters.size()];
}

std::uint64_t Messages::random() {  // SplitMix64
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::string Messages::next() {
  auto body = fmt::format(
      R"({{"clientMessageId":"{:016x}{:016x}","channel":"EMAIL","recipient":"user{:08}@example.com",)"
      R"("subject":"Your order","content":")",
      random(), random(), random() % 100'000'000);
  const auto length = kMessageBytes - 2 - body.size();
  body.append(pool_, random() % (kPool - length), length).append("\"}");
  return body;
}

std::string Messages::next_batch(int count) {
  std::string body = R"({"messages":[)";
  for (int i = 0; i < count; ++i) body.append(i > 0 ? "," : "").append(next());
  return body.append("]}");
}

}  // namespace bongsu::bench

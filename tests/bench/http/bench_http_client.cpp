// The HTTP client alone, on one thread: POSTs as the Kakao service sends them, and what one costs in
// processor time of this process (the server's is not in it). By hand:
//
//   bench_http 8099 &
//   bench_http_client http://127.0.0.1:8099/echo 64 64 5      # connections, calls under way, seconds
#include <bongsu/core/uuid.hpp>
#include <bongsu/http/client.hpp>

#include <cstdlib>
#include <iostream>

#include <sys/resource.h>

namespace bongsu {
namespace {

using Clock = std::chrono::steady_clock;

struct Counts {
  std::int64_t fine = 0;
  std::int64_t failed = 0;
};

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

asio::awaitable<void> call_until(http::Client& client, const http::Url& url, Clock::time_point end,
                                 Counts& counts) {
  const auto authorization = http::basic_auth("autoever", "1234");
  while (Clock::now() < end) {
    http::ClientRequest request{http::Method::kPost, url};
    request.header("Authorization", authorization)
        .header("Idempotency-Key", Uuid{}.str())
        .body("application/json",
              R"({"recipient":"010-1234-5678","message":")" + std::string(300, 'x') + R"("})");
    const auto response = co_await client.send(request);
    ++(response && response->status < 300 ? counts.fine : counts.failed);
  }
}

int run(const char* target, std::size_t connections, int calls, int seconds) {
  const auto url = http::Url::parse(target);
  if (!url) {
    std::cerr << url.error().message << "\n";
    return 2;
  }
  asio::io_context context{1};
  http::Client client{context.get_executor(), {.connections = connections}};
  Counts counts;
  const auto end = Clock::now() + std::chrono::seconds{seconds};
  for (int i = 0; i < calls; ++i)
    spawn(context.get_executor(), "bench.call", call_until(client, *url, end, counts));
  const auto used = processor_seconds();
  while (context.run_one_until(end + std::chrono::seconds{6}) > 0 && Clock::now() < end) {
  }
  const auto cost =
      (processor_seconds() - used) / static_cast<double>(std::max<std::int64_t>(counts.fine, 1));
  std::cout << counts.fine / seconds << " calls/s, " << cost * 1e6 << " us of processor time a call, "
            << counts.failed << " failed" << std::endl;
  std::quick_exit(0);
}

}  // namespace
}  // namespace bongsu

int main(int argc, char** argv) {
  const auto number = [&](int at, int usual) { return argc > at ? std::atoi(argv[at]) : usual; };
  return bongsu::run(argc > 1 ? argv[1] : "http://127.0.0.1:8099/echo",
                     static_cast<std::size_t>(number(2, 64)), number(3, 64), number(4, 5));
}

// The HTTP server alone, on one thread, with a handler that does next to nothing. By hand:
//
//   bench_http 8099 &
//   wrk -t1 -c64 -d5s -s tests/bench/http/post.lua http://127.0.0.1:8099/echo
#include <bongsu/http/json.hpp>
#include <bongsu/http/server.hpp>

#include <cstdlib>
#include <iostream>

#include <boost/asio/signal_set.hpp>

namespace bongsu {
namespace {

asio::awaitable<http::Response> echo(http::Request& request) {
  co_return http::success(202, "ok", R"({"size":)" + std::to_string(request.body().size()) + "}");
}

/// Reads the body as the gateway does.
asio::awaitable<http::Response> read(http::Request& request) {
  const auto json = http::Json::parse(request.body());
  if (!json) co_return to_response(http::invalid_request(json.error()), request.language());
  http::ObjectReader reader{json->object()};
  const auto id = reader.text("clientMessageId");
  reader.text("recipient");
  reader.text("content", {.max = 10'000});
  reader.finish();
  if (!reader.ok()) co_return to_response(http::invalid_request(reader.errors()), request.language());
  co_return http::success(202, "ok", R"({"messageId":")" + id + "\"}");
}

int run(std::uint16_t port) {
  asio::io_context context{1};
  http::Router router;
  router.add(http::Method::kPost, "/echo", echo);
  router.add(http::Method::kPost, "/read", read);
  auto server = http::Server::listen(context.get_executor(), {.port = port}, std::move(router));
  if (!server) {
    std::cerr << server.error().message << "\n";
    return 1;
  }
  std::cout << "listening on " << server->port() << std::endl;
  asio::signal_set signals{context, SIGINT, SIGTERM};
  signals.async_wait([&](auto, int) { context.stop(); });
  context.run();
  return 0;
}

}  // namespace
}  // namespace bongsu

int main(int argc, char** argv) {
  return bongsu::run(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
}

#pragma once
#include "scripted_server.hpp"

#include <gtest/gtest.h>

namespace bongsu::http::testing {

/// A client and a scripted server on one loop.
class ClientWorld {
 public:
  explicit ClientWorld(ScriptedServer::Script script, ClientSettings settings = {})
      : server(io, std::move(script)),
        client(std::in_place, io.get_executor(), patient(std::move(settings))) {}

  Url url(std::string_view path = "") const { return Url::parse(server.url()).value() / path; }

  /// Starts a call whose end lies in `into`.
  void begin(std::optional<Result<ClientResponse>>& into, Method method = Method::kPost) {
    asio::co_spawn(io, call(*client, method, url("messages")),
                   [&into](const std::exception_ptr& error, Result<ClientResponse> response) {
                     if (error) std::rethrow_exception(error);
                     into = std::move(response);
                   });
  }
  Result<ClientResponse> send(Method method = Method::kPost) {
    std::optional<Result<ClientResponse>> response;
    begin(response, method);
    until([&] { return response.has_value(); });
    return std::move(*response);
  }
  /// Turns the loop until `holds`; fails the test when that takes too long.
  void until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{40};
    io.restart();
    while (!holds() && std::chrono::steady_clock::now() < deadline)
      io.run_one_for(std::chrono::milliseconds{10});
    ASSERT_TRUE(holds());
  }

  asio::io_context io;
  ScriptedServer server;
  std::optional<Client> client;

 private:
  /// A slow machine is no slow server, but for who says what is slow.
  static ClientSettings patient(ClientSettings settings) {
    if (settings.timeout == ClientSettings{}.timeout) settings.timeout = std::chrono::seconds{30};
    return settings;
  }
  static asio::awaitable<Result<ClientResponse>> call(Client& client, Method method, Url url) {
    ClientRequest request{method, url};
    request.header("Idempotency-Key", "k1");
    if (method == Method::kPost) request.body("application/json", R"({"a":1})");
    co_return co_await client.send(request);
  }
};

}  // namespace bongsu::http::testing

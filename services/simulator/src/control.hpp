#pragma once
#include "provider.hpp"

namespace bongsu::simulator {

/// The control API: /control/stats, /control/messages, /control/faults, /control/settings.
/// Lifetime: what it refers to outlives the server that has its routes.
class Control {
 public:
  Control(std::vector<Provider*> providers, Faults& faults, MessageLog& log)
      : providers_(std::move(providers)), faults_(faults), log_(log) {}

  http::Router routes();

 private:
  asio::awaitable<http::Response> stats() const;
  asio::awaitable<http::Response> messages(const http::Request& request) const;
  asio::awaitable<http::Response> forget();
  asio::awaitable<http::Response> set_faults(const http::Request& request);
  asio::awaitable<http::Response> clear_faults();
  asio::awaitable<http::Response> set_behaviour(const http::Request& request);

  std::vector<Provider*> providers_;
  Faults& faults_;
  MessageLog& log_;
};

}  // namespace bongsu::simulator

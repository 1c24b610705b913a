#pragma once
#include "report.hpp"

#include <bongsu/rpc/client.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace bongsu::ctl {

/// How a service is reached, and how its answers are told.
struct ServiceOptions {
  std::string service;  ///< its name, for messages
  std::string address;  ///< host:port
  std::string token;
  Format format = Format::kTable;
  bool yes = false;                                  ///< do not ask
  std::optional<std::chrono::milliseconds> timeout;  ///< of a call, instead of its own
};

/// One connection to a service of ours, for one command.
/// Errors of its calls: as the service says, all fields that are wrong in the message; kUnavailable and
/// kTimeout name the service and its address.
class ServiceCalls {
 public:
  ServiceCalls(const asio::any_io_executor& executor, ServiceOptions options)
      : options_(std::move(options)), channel_(executor, options_.address) {}

  template <class Response, class Request>
  asio::awaitable<Result<Response>> call(Request request,
                                         std::chrono::milliseconds patience = std::chrono::seconds{5}) {
    auto answer = co_await channel_.call<Response>(
        request, {.timeout = options_.timeout.value_or(patience), .token = options_.token});
    if (!answer) co_return std::unexpected(told(answer.error()));
    co_return std::move(*answer);
  }

  /// What is watched, again and again until the service ends the stream; `on_change` is told of each state.
  /// Goes on by itself when the service was away for less than a minute.
  template <class Message, class Request, class OnChange>
  asio::awaitable<Result<Message>> watch(Request request, OnChange on_change) {
    Message latest;
    auto heard = std::chrono::steady_clock::now();
    while (true) {
      auto stream = channel_.stream<Message>(
          request, {.timeout = std::chrono::milliseconds{0}, .token = options_.token});
      while (true) {
        auto next = co_await stream.next();
        if (next && !*next) co_return latest;
        if (!next) {
          const auto error = told(next.error());
          if (!is_away(error) || std::chrono::steady_clock::now() - heard > kWatchPatience)
            co_return std::unexpected(error);
          break;
        }
        latest = std::move(**next);
        heard = std::chrono::steady_clock::now();
        on_change(latest);
      }
      co_await sleep_for(kPause);
    }
  }

  const ServiceOptions& options() const { return options_; }

 private:
  static constexpr std::chrono::milliseconds kPause{500};
  static constexpr std::chrono::seconds kWatchPatience{60};

  static bool is_away(const Error& error) {
    return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
  }
  Error told(const rpc::Failure& failure) const;

  ServiceOptions options_;
  rpc::Channel channel_;
};

/// Whether somebody at the terminal says yes.
bool agreed(std::string_view question);
/// Whether there is anybody to ask: a terminal, and no program that reads our JSON.
bool can_ask(const ServiceOptions& options);

}  // namespace bongsu::ctl

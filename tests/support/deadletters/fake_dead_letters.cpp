#include "support/deadletters/fake_dead_letters.hpp"

#include <stdexcept>

namespace bongsu::support {
namespace {

using namespace deadletters::v1;

const std::set<std::string, std::less<>> kRoles{"deadletter.read", "deadletter.replay", "deadletter.reveal"};

Result<rpc::Caller> authenticate(std::string_view token) {
  if (token == "nobody") return rpc::Caller{.subject = "nobody", .roles = {}};
  return rpc::Caller{.subject = "tester", .roles = kRoles};
}

/// Not a lambda: what a coroutine's lambda captures goes before its frame does.
template <class Request, class Response>
asio::awaitable<rpc::Answer<Response>> answer(const FakeDeadLetters::Give<Request, Response>& give,
                                              std::vector<Request>& notes, Request request) {
  notes.push_back(request);
  if (!give) co_return rpc::refuse(ErrorCode::kNotFound, "not_set", "there is no such thing");
  co_return give(request);
}

}  // namespace

template <class Request, class Response>
void FakeDeadLetters::serve(std::string role, Give<Request, Response>& give, std::vector<Request>& notes) {
  service_.unary<Request, Response>(std::move(role), [&give, &notes](rpc::Call, Request request) {
    return answer<Request, Response>(give, notes, std::move(request));
  });
}

asio::awaitable<rpc::Answer<void>> FakeDeadLetters::watch(rpc::Writer<Replay> writer) {
  for (const auto& replay : watched) {
    if (!co_await writer.write(replay)) break;
  }
  co_return rpc::Answer<void>{};
}

FakeDeadLetters::FakeDeadLetters() {
  serve("deadletter.read", on_list, listed);
  serve("deadletter.read", on_get, got);
  serve("deadletter.read", on_summarize, summarized);
  serve("deadletter.replay", on_create, created);
  serve("deadletter.replay", on_execute, executed);
  serve("deadletter.read", on_get_replay, got_replays);
  serve("deadletter.read", on_list_replays, listed_replays);
  serve("deadletter.replay", on_cancel, cancelled);
  serve("deadletter.replay", on_discard, discarded);
  service_.stream<WatchReplayRequest, Replay>(
      "deadletter.read",
      [this](rpc::Call, WatchReplayRequest, rpc::Writer<Replay> writer) { return watch(std::move(writer)); });
  auto server = rpc::Server::listen(io_.get_executor(), {}, {&service_}, authenticate);
  if (!server) throw std::runtime_error{server.error().message};
  server_ = std::make_unique<rpc::Server>(std::move(*server));
  thread_ = std::thread{[this] {
    const auto work = asio::make_work_guard(io_);
    io_.run();
  }};
}

FakeDeadLetters::~FakeDeadLetters() {
  io_.stop();
  thread_.join();
  server_.reset();
}

}  // namespace bongsu::support

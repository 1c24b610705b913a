#pragma once
#include "planner.hpp"
#include "replayer.hpp"

#include <bongsu/rpc/server.hpp>

#include <functional>

namespace bongsu::deadletters {

/// The calls of DeadLetterService that are about replays (deadletters.proto says what each promises). It
/// checks, stores and reads; what follows is the replayer's. Threads: the io_context's one thread. Lifetime:
/// what it refers to outlives it, and it the service it answers for.
class ReplayApi {
 public:
  /// How a filter is read: as for the list of letters.
  using ReadFilter = std::function<rpc::Answer<Query>(const v1::Filter& filter)>;

  struct Parts {
    asio::any_io_executor executor;
    LetterStore& letters;
    ReplayStore& replays;
    Planner& planner;
    Replayer& replayer;
    const security::SealedBox& box;
    const Clock& clock;
    Random& random;
    ReadFilter read_filter;
    std::function<void()> on_stored;
  };
  explicit ReplayApi(Parts parts) : parts_(std::move(parts)) {}

  void serve(rpc::Service& service);

 private:
  template <class T>
  using Answered = asio::awaitable<rpc::Answer<T>>;

  Answered<v1::Replay> create(rpc::Call call, v1::CreateReplayRequest request);
  Answered<v1::Replay> execute(rpc::Call call, v1::ExecuteReplayRequest request);
  Answered<v1::Replay> get(std::string name);
  Answered<v1::ListReplaysResponse> list(v1::ListReplaysRequest request);
  Answered<void> watch(std::string name, rpc::Writer<v1::Replay> writer);
  Answered<v1::Replay> cancel(rpc::Call call, std::string name);

  Answered<Replay> find(std::string name);
  Answered<std::vector<SealedRepair>> seal(Replay replay, v1::ExecuteReplayRequest request);

  Parts parts_;
};

}  // namespace bongsu::deadletters

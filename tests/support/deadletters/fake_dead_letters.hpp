#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/rpc/server.hpp>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bongsu::support {

/// A DeadLetterService for tests of those who call it: answers what the test says, on a real socket and a
/// thread of its own, and notes what it was asked. The token "nobody" has no role, every other one has all.
///
///   FakeDeadLetters letters;
///   letters.on_create = [](const CreateReplayRequest&) { return plan(); };
///   … letters.address() …
///   EXPECT_EQ(letters.created.at(0).filter().job(), "jobs/1");
///
/// What is not set answers NOT_FOUND. Set the answers before the first call; read the notes after the answer.
class FakeDeadLetters {
 public:
  template <class Request, class Response>
  using Give = std::function<rpc::Answer<Response>(const Request&)>;

  FakeDeadLetters();
  ~FakeDeadLetters();
  FakeDeadLetters(const FakeDeadLetters&) = delete;
  FakeDeadLetters& operator=(const FakeDeadLetters&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }

  Give<deadletters::v1::ListDeadLettersRequest, deadletters::v1::ListDeadLettersResponse> on_list;
  Give<deadletters::v1::GetDeadLetterRequest, deadletters::v1::DeadLetter> on_get;
  Give<deadletters::v1::SummarizeDeadLettersRequest, deadletters::v1::SummarizeDeadLettersResponse>
      on_summarize;
  Give<deadletters::v1::CreateReplayRequest, deadletters::v1::Replay> on_create;
  Give<deadletters::v1::ExecuteReplayRequest, deadletters::v1::Replay> on_execute;
  Give<deadletters::v1::GetReplayRequest, deadletters::v1::Replay> on_get_replay;
  Give<deadletters::v1::ListReplaysRequest, deadletters::v1::ListReplaysResponse> on_list_replays;
  Give<deadletters::v1::CancelReplayRequest, deadletters::v1::Replay> on_cancel;
  Give<deadletters::v1::DiscardDeadLettersRequest, deadletters::v1::DiscardDeadLettersResponse> on_discard;
  std::vector<deadletters::v1::Replay> watched;  ///< what WatchReplay sends, one after the other

  std::vector<deadletters::v1::ListDeadLettersRequest> listed;
  std::vector<deadletters::v1::GetDeadLetterRequest> got;
  std::vector<deadletters::v1::SummarizeDeadLettersRequest> summarized;
  std::vector<deadletters::v1::CreateReplayRequest> created;
  std::vector<deadletters::v1::ExecuteReplayRequest> executed;
  std::vector<deadletters::v1::GetReplayRequest> got_replays;
  std::vector<deadletters::v1::ListReplaysRequest> listed_replays;
  std::vector<deadletters::v1::CancelReplayRequest> cancelled;
  std::vector<deadletters::v1::DiscardDeadLettersRequest> discarded;

 private:
  template <class Request, class Response>
  void serve(std::string role, Give<Request, Response>& give, std::vector<Request>& notes);
  asio::awaitable<rpc::Answer<void>> watch(rpc::Writer<deadletters::v1::Replay> writer);

  asio::io_context io_;
  rpc::Service service_{"bongsu.deadletters.v1.DeadLetterService"};
  std::unique_ptr<rpc::Server> server_;
  std::thread thread_;
};

}  // namespace bongsu::support

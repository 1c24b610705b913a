// Dead letters that are replayed, as an operator does it: real channels, a provider that refused for a while.
#include "message_status.hpp"
#include "support/run.hpp"
#include "support/stack/stack.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/rpc/client.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

namespace bongsu::support {
namespace {

using namespace std::chrono_literals;
using deadletters::v1::Replay;

/// DeadLetterService, asked again while the service is away.
class DeadLetterClient {
 public:
  explicit DeadLetterClient(Stack& stack)
      : stack_(stack), channel_(io_.get_executor(), stack.deadletters()) {}

  template <class Response, class Request>
  Response ask(const Request& request) {
    std::optional<Response> response;
    std::string why;
    eventually("an answer of deadletters", [&] {
      auto answer =
          run(io_, channel_.call<Response>(request, {.timeout = 20s, .token = stack_.token()}), 60s);
      if (answer) {
        response = std::move(*answer);
      } else {
        why = answer.error().message;
        if (answer.error().code != ErrorCode::kUnavailable && answer.error().code != ErrorCode::kTimeout)
          throw std::runtime_error{why};
      }
      return response.has_value();
    });
    return *response;
  }

  Replay plan(const std::string& channel) {
    deadletters::v1::CreateReplayRequest request;
    request.mutable_filter()->add_channels(channel);
    return ask<Replay>(request);
  }
  Replay execute(const Replay& plan, double rate) {
    deadletters::v1::ExecuteReplayRequest request;
    request.set_name(plan.name());
    request.set_digest(plan.digest());
    request.set_rate_per_second(rate);
    return ask<Replay>(request);
  }
  Replay get(const Replay& replay) {
    deadletters::v1::GetReplayRequest request;
    request.set_name(replay.name());
    return ask<Replay>(request);
  }
  Replay until_completed(const Replay& replay) {
    Replay last;
    eventually(
        "the replay is complete", [&] { return (last = get(replay)).state() == Replay::COMPLETED; }, 120s);
    return last;
  }

 private:
  Stack& stack_;
  asio::io_context io_;
  rpc::Channel channel_;
};

/// Messages by SMS, each to a number of its own.
void send_messages(Stack& stack, int count) {
  constexpr int kBatch = 1'000;
  for (int first = 0; first < count; first += kBatch) {
    std::string items;
    for (int i = first; i < std::min(first + kBatch, count); ++i) {
      const auto number = std::to_string(10'000'000 + i);
      items +=
          fmt::format(R"({}{{"clientMessageId":"m-{}","channel":"SMS","recipient":"010{}","content":"hi"}})",
                      items.empty() ? "" : ",", number, number);
    }
    // What comes again is known by its ids: a PostgreSQL that stalls may cost an answer.
    Answer answer;
    eventually("the batch is taken", [&] {
      answer = stack.post("/api/messages/batch", R"({"messages":[)" + items + "]}");
      return answer.status != 503;
    });
    ASSERT_EQ(answer.status, 202) << answer.body;
  }
}

std::int64_t open_letters(Stack& stack) {
  return stack.count("SELECT count(*) FROM deadletters.letter WHERE state = 1 AND died_at IS NOT NULL");
}

TEST(Replays, KilledTwentyTimesEveryLetterIsReplayedOnceAndNoneSkipped) {
  constexpr int kLetters = 10'000;
  Stack stack;
  stack.simulator().put_faults(R"([{"channel":"sms","status":400}])");
  stack.launch("sms");
  stack.launch("deadletters");
  stack.start("gateway");
  stack.wait_ready("sms");
  stack.wait_ready("deadletters");
  send_messages(stack, kLetters);
  eventually("all are dead letters", [&] { return open_letters(stack) == kLetters; }, 180s);
  stack.simulator().clear_faults();
  stack.simulator().forget_messages();

  DeadLetterClient client{stack};
  const auto plan = client.plan("SMS");
  ASSERT_EQ(plan.total_count(), kLetters);
  client.execute(plan, 400);
  SeededRandom random{20};
  for (int i = 0; i < 20; ++i) {
    // A moment of its own for each kill: not a wait for anything.
    ::poll(nullptr, 0, static_cast<int>(100 + random.below(900)));
    stack.kill("deadletters");
    stack.start("deadletters");
  }
  const auto end = client.until_completed(plan);
  EXPECT_EQ(end.delivered_count(), kLetters) << end.ShortDebugString();
  EXPECT_EQ(end.dead_again_count() + end.skipped_count() + end.returned_count(), 0);
  const auto seen = stack.simulator().stats("sms");
  EXPECT_EQ(seen.unique, kLetters);
  EXPECT_EQ(seen.accepted, kLetters) << "somebody got a second copy";
  EXPECT_EQ(stack.count("SELECT count(*) FROM deadletters.letter WHERE state = 3"), kLetters);
}

TEST(Replays, AMessageThatDiedAndWasReplayedIsDeliveredInItsStatus) {
  Stack stack;
  stack.simulator().put_faults(R"([{"channel":"sms","status":400}])");
  stack.launch("sms");
  stack.launch("deadletters");
  stack.start("gateway");
  stack.wait_ready("sms");
  stack.wait_ready("deadletters");
  const auto accepted =
      stack.post("/api/messages",
                 R"({"clientMessageId":"m-1","channel":"SMS","recipient":"010-1234-5678","content":"hi"})");
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  const std::string id{accepted.json().at("data").at("messageId").as_string()};
  eventually("it died", [&] { return status_of(stack, id) == "FAILED" && open_letters(stack) == 1; });
  stack.simulator().clear_faults();
  DeadLetterClient client{stack};
  const auto plan = client.plan("SMS");
  client.execute(plan, 10);
  EXPECT_EQ(client.until_completed(plan).delivered_count(), 1);
  eventually("it is delivered", [&] { return status_of(stack, id) == "DELIVERED"; });
}

TEST(Replays, ARepairGoesToTheNewRecipientUnderAKeyOfItsOwn) {
  Stack stack;
  stack.simulator().put_faults(R"([{"channel":"sms","recipient":"010-1234-5678","status":400}])");
  stack.launch("sms");
  stack.launch("deadletters");
  stack.start("gateway");
  stack.wait_ready("sms");
  stack.wait_ready("deadletters");
  const auto accepted =
      stack.post("/api/messages",
                 R"({"clientMessageId":"m-1","channel":"SMS","recipient":"010-1234-5678","content":"hi"})");
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  eventually("it died", [&] { return open_letters(stack) == 1; });
  DeadLetterClient client{stack};
  const auto letters =
      client.ask<deadletters::v1::ListDeadLettersResponse>(deadletters::v1::ListDeadLettersRequest{});
  ASSERT_EQ(letters.dead_letters_size(), 1);
  const auto plan = client.plan("SMS");
  deadletters::v1::ExecuteReplayRequest order;
  order.set_name(plan.name());
  order.set_digest(plan.digest());
  order.set_rate_per_second(10);
  auto& repair = *order.add_repairs();
  repair.set_name(letters.dead_letters(0).name());
  repair.set_recipient("010-8765-4321");
  client.ask<Replay>(order);
  EXPECT_EQ(client.until_completed(plan).delivered_count(), 1);
  const auto refused = stack.simulator().messages("sms", "010-1234-5678");
  const auto delivered = stack.simulator().messages("sms", "010-8765-4321");
  ASSERT_EQ(refused.size(), 1U);
  ASSERT_EQ(delivered.size(), 1U);
  EXPECT_EQ(delivered[0].content, "hi");
  EXPECT_EQ(delivered[0].idempotency_key, refused[0].idempotency_key + ".r1");
}

}  // namespace
}  // namespace bongsu::support

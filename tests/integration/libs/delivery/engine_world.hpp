#pragma once
#include <bongsu/core/bytes.hpp>
#include <bongsu/delivery/engine.hpp>
#include <bongsu/delivery/kafka_controls.hpp>
#include <bongsu/delivery/postgres_ledger.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>

#include <map>

#include <gtest/gtest.h>
#include <support/kafka/kafka_world.hpp>
#include <support/postgres/postgres_world.hpp>

namespace bongsu::delivery {

using namespace std::chrono_literals;

/// A provider that does as it is told, by recipient.
class ScriptedChannel final : public Channel {
 public:
  Result<void> validate(const Notification& notification) const override {
    if (notification.recipient.reveal().starts_with("invalid")) {
      return fail(ErrorCode::kNotFound, "there is no such recipient");
    }
    return {};
  }
  asio::awaitable<Result<Receipt>> send(const Notification& notification) override {
    const auto recipient = notification.recipient.reveal();
    const auto call = ++calls[recipient];
    co_await sleep_for(latency);
    order.push_back(recipient);
    if (down || recipient.starts_with("away")) co_return fail(ErrorCode::kUnavailable, "away", "451");
    if (recipient.starts_with("once") && call == 1)
      co_return fail(ErrorCode::kTimeout, "late", {}, Sent::kMaybe);
    if (recipient.starts_with("reject")) co_return fail(ErrorCode::kRejected, "refused", "400");
    if (unauthorized) co_return fail(ErrorCode::kUnauthorized, "who are you", "401");
    ++accepted[recipient];
    co_return Receipt{.provider_id = "p-" + recipient};
  }
  asio::awaitable<Result<void>> probe() override { co_return Result<void>{}; }
  std::chrono::milliseconds timeout() const override { return 2s; }
  std::size_t concurrency() const override { return at_once; }

  std::map<std::string, int> calls;
  std::map<std::string, int> accepted;
  std::vector<std::string> order;  ///< of the answers
  std::chrono::milliseconds latency{0};
  std::size_t at_once = 200;
  bool unauthorized = false;
  bool down = false;
};

/// The machine's, ahead by what the test says.
class ShiftedClock final : public Clock {
 public:
  Timestamp now() const override { return system_.now() + ahead; }
  std::chrono::steady_clock::time_point monotonic() const override { return system_.monotonic() + ahead; }

  std::chrono::milliseconds ahead{0};

 private:
  SystemClock system_;
};

class EngineTest : public testing::Test {
 protected:
  /// One member of the group, with connections of its own.
  struct Member {
    Member(EngineTest& test, ScriptedChannel& provider)
        : pool(test.io_.get_executor(), test.database_.settings()),
          ledger(test.io_.get_executor(), pool, test.settings_),
          log(std::move(*KafkaLog::open(test.io_.get_executor(), test.consumer(), test.kafka_.producer()))),
          controls(
              std::move(*KafkaControls::open(test.io_.get_executor(), test.kafka_.cluster(), test.topics_))),
          engine(test.io_.get_executor(),
                 {.channel = provider,
                  .kind = events::Channel::kEmail,
                  .ledger = ledger,
                  .log = *log,
                  .tokens = test.tokens_,
                  .controls = controls.get(),
                  .clock = test.clock_,
                  .random = test.random_,
                  .box = test.box_,
                  .topics = test.topics_,
                  .group = test.kafka_.prefix() + "email"},
                 test.settings_) {
      spawn(test.io_.get_executor(), "engine", [](Member& self) -> asio::awaitable<void> {
        auto ended = co_await self.engine.run();
        co_await self.controls->close();
        self.ended = std::move(ended);
      }(*this));
    }
    postgres::Pool pool;
    PostgresLedger ledger;
    std::unique_ptr<KafkaLog> log;
    std::unique_ptr<KafkaControls> controls;
    Engine engine;
    std::optional<Result<void>> ended;
  };

  EngineTest() {
    std::vector<kafka::TopicSpec> specs;
    for (const auto& spec : topics_.all({})) {
      specs.push_back({.name = spec.name, .partitions = spec.partitions, .configs = spec.config});
    }
    kafka_.create_topics(std::move(specs));
    settings_.retry = {.max_tries = 2, .first_delay = 10ms};
    settings_.retry_delays = {100ms, 200ms};
    settings_.commit_interval = 50ms;
  }
  ~EngineTest() override {
    for (auto& member : members_) stop(*member);
    members_.clear();
    io_.restart();
    io_.run();
  }

  /// A machine that stands still for a while has not left the group.
  kafka::ConsumerSettings consumer() const {
    auto settings = kafka_.consumer("email");
    settings.session_timeout = 30s;
    return settings;
  }

  Member& join() {
    members_.push_back(std::make_unique<Member>(*this, provider_));
    return *members_.back();
  }
  void stop(Member& member) {
    member.engine.stop();
    run_until("the engine has ended", [&] { return member.ended.has_value(); });
    EXPECT_TRUE(*member.ended) << member.ended->error().message;
  }

  void run_until(std::string_view what, const std::function<bool()>& holds,
                 std::chrono::seconds limit = 60s) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    io_.restart();
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "not in time: " << what;
      io_.run_one_for(50ms);
    }
  }

  /// `more`: further fields of the request, as JSON, beginning with a comma.
  void request(int count, const std::string& recipient, const std::string& more = "") {
    publish(topics_.request(events::Channel::kEmail), count, recipient, more);
  }
  void publish(const std::string& topic, int count, const std::string& recipient,
               const std::string& more = "") {
    std::vector<kafka::Record> records;
    for (int i = 0; i < count; ++i) {
      kafka::Record record;
      record.topic = topic;
      record.key = recipient + std::to_string(i);
      record.value = R"({"recipient":")" + record.key + R"(","content":"x","requestedAt":")" +
                     to_rfc3339(clock_.now()) + "\"" + more + "}";
      record.headers = events::make_headers({.id = record.key,
                                             .source = "/test",
                                             .type = std::string{events::type::kNotificationRequested},
                                             .content_type = events::ContentType::kJson});
      records.push_back(std::move(record));
    }
    kafka_.produce(std::move(records));
  }

  /// What is in the topic, once there are `count` records, with the engines going on meanwhile.
  std::vector<kafka::Message> await(const std::string& topic, std::size_t count) {
    std::optional<std::vector<kafka::Message>> read;
    spawn(io_.get_executor(), "read",
          [](support::KafkaWorld& kafka, std::string from, std::size_t least,
             std::optional<std::vector<kafka::Message>>& into) -> asio::awaitable<void> {
            into = co_await kafka.read_soon(std::move(from), least, 55s);
          }(kafka_, topic, count, read));
    run_until("records in " + topic, [&] { return read.has_value(); });
    return std::move(*read);
  }

  std::size_t total(const std::map<std::string, int>& counts) const {
    std::size_t sum = 0;
    for (const auto& [key, count] : counts) sum += static_cast<std::size_t>(count);
    return sum;
  }
  void expect_each_once(int count, const std::string& recipient) {
    for (int i = 0; i < count; ++i)
      EXPECT_EQ(provider_.accepted[recipient + std::to_string(i)], 1) << recipient << i;
  }

  asio::io_context io_;
  support::KafkaWorld kafka_;
  support::PostgresWorld database_{"email"};
  ShiftedClock clock_;
  SystemRandom random_;
  Settings settings_;
  events::Topics topics_{kafka_.prefix()};
  security::SealedBox box_{*security::KeyRing::parse("k1:" + to_base64(std::string(32, 'k')) + "\n")};
  ScriptedChannel provider_;
  Tokens* tokens_ = nullptr;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace bongsu::delivery

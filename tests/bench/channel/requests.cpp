#include "requests.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/kafka/producer.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

namespace bongsu::bench {
namespace {

kafka::Record request(const std::string& topic, int number, const security::SealedBox& box, Random& random) {
  const SystemClock clock;
  const auto now = clock.now();
  const auto id = events::notification_id(Uuid::v7(now, random), events::Channel::kKakao);
  events::v1::NotificationPrivate content;
  content.set_recipient(recipient(number % kRecipients));
  content.set_text("주문하신 상품이 출발했습니다. 내일 오후에 도착할 예정입니다. 감사합니다. (" +
                   std::to_string(number) + ")");
  events::v1::NotificationRequest event;
  event.set_id(id.str());
  event.set_channel(events::to_proto(events::Channel::kKakao));
  event.set_member_id(fmt::format("member-{}", number));
  event.set_purpose("TRANSACTIONAL");
  *event.mutable_requested_at() = events::to_proto(now);
  event.set_sealed(box.seal(content.SerializeAsString(), id, events::type::kNotificationRequested, random));
  return {.topic = topic,
          .key = event.member_id(),
          .value = events::encode(event),
          .headers = events::make_headers({.id = id.str(),
                                           .source = "/bongsu/gateway",
                                           .type = std::string{events::type::kNotificationRequested},
                                           .time = now})};
}

asio::awaitable<void> write_all(kafka::Producer& producer, std::string topic, int count, std::string box_key,
                                bool& done) {
  const security::SealedBox box{
      *security::KeyRing::parse(box_key + ":" + to_base64(std::string(32, 'b')) + "\n")};
  SystemRandom random;
  constexpr int kChunk = 10'000;
  for (int begun = 0; begun < count; begun += kChunk) {
    std::vector<kafka::Record> records;
    records.reserve(kChunk);
    for (int i = begun; i < std::min(count, begun + kChunk); ++i)
      records.push_back(request(topic, i, box, random));
    for (const auto& written : co_await producer.send_all(std::move(records))) {
      if (!written) throw std::runtime_error(written.error().message);
    }
  }
  done = true;
}

}  // namespace

std::string recipient(int number) { return fmt::format("010-0000-{:04}", number); }

void write_requests(const kafka::ProducerSettings& kafka, const std::string& topic, int count,
                    const std::string& box_key) {
  asio::io_context io;
  auto producer = kafka::Producer::open(io.get_executor(), kafka);
  if (!producer) throw std::runtime_error(producer.error().message);
  bool done = false;
  spawn(io.get_executor(), "write", write_all(*producer, topic, count, box_key, done));
  while (!done) io.run_one();
}

std::int64_t written_to(const std::string& brokers, const std::string& topic, int partitions) {
  static rd_kafka_t* const client = [&] {
    auto* settings = rd_kafka_conf_new();
    rd_kafka_conf_set(settings, "bootstrap.servers", brokers.c_str(), nullptr, 0);
    return rd_kafka_new(RD_KAFKA_PRODUCER, settings, nullptr, 0);
  }();
  // A topic that has just been made may not be known yet.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  std::int64_t sum = 0;
  for (int partition = 0; partition < partitions; ++partition) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    while (rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &low, &high, 5000) != 0) {
      if (std::chrono::steady_clock::now() > deadline)
        throw std::runtime_error("Kafka does not tell the offsets of " + topic);
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    sum += high;
  }
  return sum;
}

}  // namespace bongsu::bench

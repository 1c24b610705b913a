#include "upstream.hpp"

#include "support/run.hpp"

#include <bongsu/core/time.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>

#include <stdexcept>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace bongsu::support {
namespace {

constexpr std::chrono::seconds kSendLimit{60};

kafka::Producer open(asio::io_context& io, const KafkaWorld& kafka) {
  auto producer = kafka::Producer::open(io.get_executor(), kafka.producer());
  if (!producer) throw std::runtime_error{producer.error().message};
  return std::move(*producer);
}

}  // namespace

kafka::Record clear_request(const std::string& topic, const std::string& id, const std::string& recipient,
                            const std::string& content, const std::string& more) {
  const auto fields =
      boost::json::serialize(boost::json::object{{"recipient", recipient}, {"content", content}});
  kafka::Record record;
  record.topic = topic;
  record.key = id;
  record.value = fields.substr(0, fields.size() - 1) + R"(,"requestedAt":")" +
                 to_rfc3339(SystemClock{}.now()) + "\"" + more + "}";
  record.headers = events::make_headers({.id = id,
                                         .source = "/test",
                                         .type = std::string{events::type::kNotificationRequested},
                                         .content_type = events::ContentType::kJson});
  return record;
}

Upstream::Upstream(const KafkaWorld& kafka) : producer_(open(io_, kafka)) {}

void Upstream::send(std::vector<kafka::Record> records) {
  for (const auto& taken : run(io_, producer_.send_all(std::move(records)), kSendLimit)) {
    if (!taken) throw std::runtime_error{"Kafka did not take a record: " + taken.error().message};
  }
}

std::vector<events::v1::DeliveryResult> results_of(KafkaWorld& kafka, std::size_t least) {
  std::vector<events::v1::DeliveryResult> results;
  const auto records = kafka.read(kafka.prefix() + "delivery.result", least, std::chrono::seconds{60});
  results.reserve(records.size());
  for (const auto& record : records) {
    auto result = events::decode<events::v1::DeliveryResult>(record.value, events::ContentType::kProtobuf);
    if (!result) throw std::runtime_error{"a result that cannot be read: " + result.error().message};
    results.push_back(std::move(*result));
  }
  return results;
}

std::vector<std::string> alerts_of(KafkaWorld& kafka, std::size_t least) {
  std::vector<std::string> alerts;
  const auto records = kafka.read(kafka.prefix() + "ops.alert", least);
  alerts.reserve(records.size());
  for (const auto& record : records) {
    const auto alert = boost::json::parse(record.value.value_or("null"));
    alerts.push_back(std::string{alert.at("name").as_string()} + " " +
                     std::string{alert.at("state").as_string()});
  }
  return alerts;
}

}  // namespace bongsu::support

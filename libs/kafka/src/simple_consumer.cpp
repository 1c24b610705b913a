#include "simple_consumer.hpp"

#include "metrics.hpp"

#include <bongsu/core/log.hpp>

#include <array>

namespace bongsu::kafka {
namespace {

constexpr std::size_t kBatch = 500;

}  // namespace

SimpleConsumer::SimpleConsumer(const asio::any_io_executor& executor, ClientHandle client, std::string what)
    : events_(std::move(what)),
      client_(std::move(client)),
      main_(executor, QueueHandle{rd_kafka_queue_get_main(client_.get())}),
      records_(executor, QueueHandle{rd_kafka_queue_new(client_.get())}) {
  rd_kafka_set_log_queue(client_.get(), nullptr);
}

asio::awaitable<void> SimpleConsumer::serve() {
  while (client_) {
    main_.clear();
    while (auto event = main_.poll()) events_.handle(client_.get(), event.get());
    co_await main_.readable();
  }
}

TopicHandle SimpleConsumer::topic(const std::string& name) const {
  return TopicHandle{rd_kafka_topic_new(client_.get(), name.c_str(), nullptr)};
}

bool SimpleConsumer::start(rd_kafka_topic_t* topic, std::int32_t partition, std::int64_t offset) const {
  return rd_kafka_consume_start_queue(topic, partition, offset, records_.get()) == 0;
}

bool SimpleConsumer::take_all(const std::function<void(MessageHandle)>& take) {
  records_.clear();
  std::array<rd_kafka_message_t*, kBatch> batch{};
  bool any = false;
  for (;;) {
    const auto got = rd_kafka_consume_batch_queue(records_.get(), 0, batch.data(), batch.size());
    const auto count = got > 0 ? static_cast<std::size_t>(got) : 0;
    for (std::size_t i = 0; i < count; ++i) take(MessageHandle{batch.at(i)});
    any = any || count > 0;
    if (count < batch.size()) return any;
  }
}

void SimpleConsumer::failed(std::string_view topic, const rd_kafka_message_t& native) {
  consumer_metrics().read_errors.Increment();
  log::warning("kafka.read_error",
               {{"topic", topic}, {"partition", native.partition}, {"error", rd_kafka_err2name(native.err)}});
}

void SimpleConsumer::close() {
  records_.close();
  main_.close();
  client_.reset();
}

}  // namespace bongsu::kafka

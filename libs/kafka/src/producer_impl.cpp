#include "producer_impl.hpp"

#include "conversion.hpp"
#include "errors.hpp"
#include "metrics.hpp"

#include <array>

namespace bongsu::kafka {
namespace {

/// What a record takes beside its bytes: our slot, librdkafka's message, and each header.
constexpr std::size_t kRecordOverhead = 320;
constexpr std::size_t kHeaderOverhead = 64;
/// Events handled before others on the same thread get their turn.
constexpr int kEventsATurn = 16;

std::size_t weight_of(const Record& record) {
  auto bytes = kRecordOverhead + record.key.size() + record.value.size();
  for (const auto& header : record.headers)
    bytes += kHeaderOverhead + header.name.size() + header.value.size();
  return bytes;
}

Error fatal_error() {
  return Error{.code = ErrorCode::kConflict,
               .message = "kafka: the idempotent producer is beyond repair",
               .detail = "fatal"};
}

Error closed_error(Sent sent) {
  return Error{.code = ErrorCode::kCancelled, .message = "kafka: the producer went away", .sent = sent};
}

rd_kafka_vu_t argument(rd_kafka_vtype_t type) {
  rd_kafka_vu_t made{};
  made.vtype = type;
  return made;
}

}  // namespace

Producer::Impl::Impl(const asio::any_io_executor& executor, const ProducerSettings& settings,
                     ClientHandle client)
    : executor_(executor),
      settings_(settings),
      events_("producer"),
      changed_(executor),
      client_(std::move(client)),
      queue_(executor, QueueHandle{rd_kafka_queue_get_main(client_.get())}) {
  rd_kafka_set_log_queue(client_.get(), nullptr);  // the main queue
}

Producer::Impl::~Impl() { close(); }

asio::awaitable<void> Producer::Impl::serve(std::shared_ptr<Impl> self) {
  while (!self->closed_) {
    self->queue_.clear();
    int handled = 0;
    while (auto event = self->queue_.poll()) {
      self->handle(event.get());
      event.reset();
      self->tell_lenders();
      if (++handled % kEventsATurn == 0) co_await asio::post(asio::use_awaitable);
    }
    self->show_in_flight();
    co_await self->queue_.readable();
  }
}

void Producer::Impl::handle(rd_kafka_event_t* event) {
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
    report(event);
    return;
  }
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR &&
      rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__FATAL) {
    fatal_ = true;
    changed_.notify_all();
  }
  events_.handle(client_.get(), event);
}

Result<rd_kafka_topic_t*> Producer::Impl::topic(const std::string& name) {
  if (const auto known = topics_.find(name); known != topics_.end()) return known->second.get();
  TopicHandle made{rd_kafka_topic_new(client_.get(), name.c_str(), nullptr)};
  if (!made) return std::unexpected(to_error(rd_kafka_last_error(), "topic name"));
  return topics_.emplace(name, std::move(made)).first->second.get();
}

Result<void> Producer::Impl::produce(Record&& record, OnDelivered&& on_delivered, std::string* lender) {
  if (closed_) return std::unexpected(closed_error(Sent::kNo));
  if (fatal_) return std::unexpected(fatal_error());
  if (!has_room()) return fail(ErrorCode::kExhausted, "kafka: too much in flight");
  const auto to = topic(record.topic);
  if (!to) return std::unexpected(to.error());

  auto& slot = slots_.take(weight_of(record));
  if (!record.null_value) slot.value.swap(record.value);
  auto handed_over = hand_over(*to, record, slot);
  if (!handed_over) {
    if (!record.null_value) slot.value.swap(record.value);
    slots_.give_back(slot);
    return handed_over;
  }
  slot.on_delivered = std::move(on_delivered);
  slot.lender = lender;
  return {};
}

Result<void> Producer::Impl::hand_over(rd_kafka_topic_t* topic, const Record& record, Slot& slot) {
  auto headers = to_native(record.headers);
  if (!headers) return std::unexpected(headers.error());

  std::array<rd_kafka_vu_t, 7> arguments{};
  std::size_t count = 0;
  auto to = argument(RD_KAFKA_VTYPE_RKT);
  to.u.rkt = topic;
  arguments[count++] = to;
  if (record.partition) {
    auto partition = argument(RD_KAFKA_VTYPE_PARTITION);
    partition.u.i32 = *record.partition;
    arguments[count++] = partition;
  }
  if (!record.null_value) {
    // Without the flag to copy or free: the bytes stay in the slot.
    auto value = argument(RD_KAFKA_VTYPE_VALUE);
    value.u.mem.ptr = slot.value.data();
    value.u.mem.size = slot.value.size();
    arguments[count++] = value;
  }
  if (!record.key.empty()) {
    auto key = argument(RD_KAFKA_VTYPE_KEY);
    key.u.mem.ptr = const_cast<char*>(record.key.data());  // read only, says the C interface elsewhere
    key.u.mem.size = record.key.size();
    arguments[count++] = key;
  }
  if (record.timestamp) {
    auto time = argument(RD_KAFKA_VTYPE_TIMESTAMP);
    time.u.i64 = record.timestamp->time_since_epoch().count();
    arguments[count++] = time;
  }
  if (*headers) {
    auto list = argument(RD_KAFKA_VTYPE_HEADERS);
    list.u.headers = headers->get();
    arguments[count++] = list;
  }
  auto opaque = argument(RD_KAFKA_VTYPE_OPAQUE);
  opaque.u.ptr = &slot;
  arguments[count++] = opaque;

  if (auto* error = rd_kafka_produceva(client_.get(), arguments.data(), count); error != nullptr)
    return std::unexpected(to_error(error, "produce"));
  static_cast<void>(headers->release());  // librdkafka's from here on
  return {};
}

void Producer::Impl::report(rd_kafka_event_t* event) {
  auto& metrics = producer_metrics();
  std::size_t delivered = 0;
  std::size_t failed = 0;
  for (const auto* message = rd_kafka_event_message_next(event); message != nullptr;
       message = rd_kafka_event_message_next(event)) {
    auto outcome = outcome_of(*message);
    if (outcome && delivered == 0) {
      const auto latency = rd_kafka_message_latency(message);
      if (latency >= 0) metrics.delivery_seconds.Observe(static_cast<double>(latency) / 1e6);
    }
    ++(outcome ? delivered : failed);
    settle(*static_cast<Slot*>(message->_private), std::move(outcome));
  }
  if (delivered > 0) {
    metrics.delivered.Increment(static_cast<double>(delivered));
    events_.reached();
  }
  if (failed > 0) metrics.failed.Increment(static_cast<double>(failed));
  changed_.notify_all();
}

Result<Position> Producer::Impl::outcome_of(const rd_kafka_message_t& message) const {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR)
    return Position{rd_kafka_topic_name(message.rkt), message.partition, message.offset};
  auto error = to_error(message.err, "delivery");
  // What this producer reports after its end does not tell whether the record itself was at fault.
  if (fatal_ && !is_records_fault(message.err)) error = fatal_error();
  if (rd_kafka_message_status(&message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED) error.sent = Sent::kMaybe;
  return std::unexpected(std::move(error));
}

void Producer::Impl::settle(Slot& slot, Result<Position> outcome) {
  auto on_delivered = std::move(slot.on_delivered);
  const bool lent = slot.lender != nullptr;
  if (lent && !outcome) slot.lender->swap(slot.value);
  slots_.give_back(slot);
  if (!lent) return on_delivered(std::move(outcome));
  for_lenders_.emplace_back(std::move(on_delivered), std::move(outcome));
}

void Producer::Impl::tell_lenders() {
  for (auto& [on_delivered, outcome] : std::exchange(for_lenders_, {})) on_delivered(std::move(outcome));
}

void Producer::Impl::purge() {
  if (closed_) return;
  rd_kafka_purge(client_.get(),
                 RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

/// Asked of librdkafka too: its event may not have been served yet.
bool Producer::Impl::fatal() const {
  return fatal_ || (client_ && rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR);
}

void Producer::Impl::break_fatally() {
  rd_kafka_test_fatal_error(client_.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                            "asked for by a test");
}

void Producer::Impl::close() {
  if (closed_) return;
  closed_ = true;
  topics_.clear();
  queue_.close();
  client_.reset();  // from here on nobody reads the slots' bytes any more
  slots_.for_each_taken([this](Slot& slot) { settle(slot, std::unexpected(closed_error(Sent::kMaybe))); });
  for (auto& [on_delivered, outcome] : std::exchange(for_lenders_, {})) {
    asio::post(executor_, [on_delivered = std::move(on_delivered), outcome = std::move(outcome)]() mutable {
      on_delivered(std::move(outcome));
    });
  }
  show_in_flight();
  changed_.notify_all();
}

void Producer::Impl::show_in_flight() {
  // As differences: several producers share the gauges.
  auto& metrics = producer_metrics();
  metrics.in_flight_records.Increment(static_cast<double>(slots_.taken()) -
                                      static_cast<double>(shown_records_));
  metrics.in_flight_bytes.Increment(static_cast<double>(slots_.bytes()) - static_cast<double>(shown_bytes_));
  shown_records_ = slots_.taken();
  shown_bytes_ = slots_.bytes();
}

}  // namespace bongsu::kafka

#pragma once
#include "client_events.hpp"
#include "event_queue.hpp"
#include "handle.hpp"
#include "slots.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/kafka/producer.hpp>

#include <functional>
#include <string>
#include <unordered_map>

namespace bongsu::kafka {

/// The producer behind Producer. Coroutines under way keep it alive; close() ends them.
class Producer::Impl {
 public:
  Impl(const asio::any_io_executor& executor, const ProducerSettings& settings, ClientHandle client);
  ~Impl();

  /// Serves reports, errors and logs until close().
  static asio::awaitable<void> serve(std::shared_ptr<Impl> self);
  static asio::awaitable<Result<Position>> send(std::shared_ptr<Impl> self, Record record);
  static asio::awaitable<Result<Position>> lend(std::shared_ptr<Impl> self, Record& record);
  static asio::awaitable<Result<Position>> lend_when_there_is_room(std::shared_ptr<Impl> self,
                                                                   Record& record);
  static asio::awaitable<std::vector<Result<Position>>> send_all(std::shared_ptr<Impl> self,
                                                                 std::vector<Record> records);
  static asio::awaitable<void> room(std::shared_ptr<Impl> self);
  static asio::awaitable<bool> flush(std::shared_ptr<Impl> self, std::chrono::milliseconds timeout);

  Result<void> produce(Record&& record, OnDelivered&& on_delivered, std::string* lender = nullptr);
  bool has_room() const {
    return slots_.taken() < settings_.max_in_flight_records && slots_.bytes() < settings_.max_in_flight_bytes;
  }
  void purge();
  void break_fatally();
  void close();

  bool fatal() const;
  const Slots& slots() const { return slots_; }
  const asio::any_io_executor& executor() const { return executor_; }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  Result<rd_kafka_topic_t*> topic(const std::string& name);
  Result<void> hand_over(rd_kafka_topic_t* topic, const Record& record, Slot& slot);
  void handle(rd_kafka_event_t* event);
  void report(rd_kafka_event_t* event);
  Result<Position> outcome_of(const rd_kafka_message_t& message) const;
  void settle(Slot& slot, Result<Position> outcome);
  void tell_lenders();
  void show_in_flight();

  asio::any_io_executor executor_;
  ProducerSettings settings_;
  ClientEvents events_;
  Signal changed_;  ///< there were reports, or an end
  Slots slots_;
  ClientHandle client_;
  std::unordered_map<std::string, TopicHandle, Hash, std::equal_to<>> topics_;
  EventQueue queue_;
  /// Reports to lenders, told when librdkafka's event is done with: a coroutine may do anything when it goes
  /// on, destroying the producer included.
  std::vector<std::pair<OnDelivered, Result<Position>>> for_lenders_;
  bool fatal_ = false;
  bool closed_ = false;
  std::size_t shown_records_ = 0;
  std::size_t shown_bytes_ = 0;
};

}  // namespace bongsu::kafka

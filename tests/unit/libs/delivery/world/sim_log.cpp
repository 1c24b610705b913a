#include "sim_broker.hpp"

#include <bongsu/core/assert.hpp>

namespace bongsu::world {

namespace {

constexpr auto kDeliveryTimeout = 12s;

}  // namespace

SimLog::SimLog(Life& life, Broker& broker, const Clock& clock)
    : life_(life), sim_(life.sim), broker_(broker), clock_(clock), changed_(life.loop.get_executor()) {
  broker_.opened(*this);
}

bool SimLog::reachable() const { return broker_.up() && sim_.now() >= life_.log_cut_until; }

Result<void> SimLog::subscribe(const std::vector<std::string>& topics) {
  broker_.consumed(topics);
  subscribed_ = true;
  last_contact = sim_.now();
  return {};
}

void SimLog::give(kafka::GroupEvent event) {
  events_.push_back(std::move(event));
  changed_.notify_all();
  sim_.wake(life_);
}

void SimLog::assigned(int generation, std::vector<kafka::TopicPartition> partitions) {
  sim_.tell([&] { return "ASSIGNED " + life_.name + " " + std::to_string(partitions.size()); });
  generation_ = generation;
  assigned_ = partitions;
  give(kafka::Assigned{std::move(partitions)});
}

void SimLog::take_back(bool lost) {
  sim_.tell([&] { return (lost ? "LOST " : "REVOKED ") + life_.name; });
  answering_ = true;
  if (lost) {
    give(kafka::Lost{assigned_});
  } else {
    give(kafka::Revoked{assigned_});
  }
}

asio::awaitable<kafka::GroupEvent> SimLog::next_event() {
  while (events_.empty() && !closed_) co_await changed_.wait();
  if (events_.empty()) co_return kafka::Closed{};
  auto event = std::move(events_.front());
  events_.pop_front();
  co_return event;
}

asio::awaitable<Result<std::vector<kafka::PartitionStart>>> SimLog::assign(
    std::vector<kafka::TopicPartition> partitions) {
  using Starts = std::vector<kafka::PartitionStart>;
  auto starts = co_await ask<Result<Starts>>(life_, [this, partitions](const auto& reply) {
    sim_.after(sim_.between(1ms, 60ms), [this, partitions, reply] {
      if (!reachable()) {
        sim_.after(sim_.between(100ms, 2s), [reply] { reply(fail(ErrorCode::kTimeout, "no answer")); });
        return;
      }
      Starts found;
      found.reserve(partitions.size());
      for (const auto& where : partitions) found.push_back({where, broker_.committed(where)});
      sim_.after(sim_.between(1ms, 20ms), [reply, found] { reply(found); });
    });
  });
  if (!starts) co_return starts;
  if (left_) co_return fail(ErrorCode::kCancelled, "closed");
  readers_.clear();
  for (const auto& start : *starts) {
    readers_[start.partition] =
        std::make_shared<Reader>(life_.loop.get_executor(), start.committed.value_or(0));
  }
  co_return starts;
}

/// Whatever was asked back is given with it, as in librdkafka.
Result<void> SimLog::unassign() {
  for (const auto& [where, reader] : std::exchange(readers_, {})) reader->changed.notify_all();
  if (answering_) generation_ = 0;
  answering_ = false;
  return {};
}

std::vector<kafka::Message> SimLog::poll(const kafka::TopicPartition& partition, std::size_t max_records) {
  std::vector<kafka::Message> messages;
  const auto reader = readers_.find(partition);
  if (reader == readers_.end() || !reachable()) return messages;
  auto& position = reader->second->position;
  for (const auto* stored : broker_.between(partition, position, broker_.end(partition))) {
    if (messages.size() == max_records) break;
    kafka::Message message{.topic = *broker_.interned(partition.topic),
                           .partition = partition.partition,
                           .offset = stored->offset,
                           .key = stored->record.key,
                           .value = stored->record.value,
                           .headers = stored->record.headers,
                           .timestamp = stored->written_at};
    messages.push_back(std::move(message));
    position = stored->offset + 1;
  }
  return messages;
}

asio::awaitable<void> SimLog::readable(kafka::TopicPartition partition) {
  const auto reader = readers_.find(partition);
  if (reader == readers_.end()) {
    co_await asio::post(asio::use_awaitable);  // so that one who asks again and again can be seen
    co_return;
  }
  const auto kept = reader->second;
  co_await kept->changed.wait();
}

void SimLog::notify_readers() {
  if (!reachable()) return;
  for (const auto& [where, reader] : readers_) {
    if (broker_.end(where) <= reader->position) continue;
    reader->changed.notify_all();
    sim_.wake(life_);
  }
}

asio::awaitable<Result<void>> SimLog::commit(std::vector<kafka::Position> next) {
  if (sim_.off(Rule::kCommitOfTheContiguousPrefixOnly)) {
    for (auto& position : next) {
      const auto reader = readers_.find({position.topic, position.partition});
      if (reader != readers_.end()) position.offset = std::max(position.offset, reader->second->position);
    }
  }
  co_return co_await ask<Result<void>>(life_, [this, next](const auto& reply) {
    const auto generation = generation_;
    last_commit_ = std::max(last_commit_, sim_.now() + sim_.between(1ms, 30ms));
    sim_.after(last_commit_ - sim_.now(), [this, next, generation, reply] {
      if (life_.dead && sim_.chance(0.5)) return;
      if (!reachable()) {
        sim_.after(sim_.between(500ms, 3s),
                   [reply] { reply(fail(ErrorCode::kTimeout, "no answer", "", Sent::kMaybe)); });
        return;
      }
      const bool done = broker_.commit(*this, generation, next);
      if (sim_.chance(0.03)) {
        sim_.after(2s, [reply] { reply(fail(ErrorCode::kTimeout, "no answer", "", Sent::kMaybe)); });
        return;
      }
      sim_.after(sim_.between(1ms, 20ms), [reply, done] {
        if (done) return reply(Result<void>{});
        reply(fail(ErrorCode::kConflict, "no longer a member"));
      });
    });
  });
}

asio::awaitable<void> SimLog::leave() {
  left_ = true;
  const auto given = unassign();
  require(given.has_value(), "the simulated consumer always gives back");
  generation_ = 0;
  co_await ask<bool>(life_, [this](const auto& reply) {
    sim_.after(sim_.between(1ms, 50ms), [this, reply] {
      if (reachable()) broker_.left(*this);
      reply(true);
    });
  });
  closed_ = true;
  changed_.notify_all();
}

asio::awaitable<Result<kafka::Position>> SimLog::publish(kafka::Record& record) {
  const auto published = co_await ask<Result<void>>(life_, [this, record = record](const auto& reply) {
    const auto deadline = sim_.now() + kDeliveryTimeout;
    if (sim_.off(Rule::kPublishedMeansInTheLog) && !broker_.refuses(record)) {
      deliver(record, Moment::max(), [](const Result<void>&) {});
      return sim_.after(1ms, [reply] { reply(Result<void>{}); });
    }
    deliver(record, deadline, reply);
  });
  if (!published) co_return std::unexpected(published.error());
  record.value.clear();  // gone, as Log says
  co_return kafka::Position{.topic = record.topic};
}

/// One record on its way: tried again by itself until it is in the log, or too late.
void SimLog::deliver(const kafka::Record& record, Moment deadline, const Published& report) {
  sim_.after(sim_.between(1ms, 40ms), [this, record, deadline, report] {
    if (life_.dead && sim_.chance(0.5)) return;
    if (!reachable() || life_.frozen()) {
      if (life_.dead) return;
      if (sim_.now() > deadline && !life_.frozen())
        return report(fail(ErrorCode::kTimeout, "no report", "", Sent::kMaybe));
      return sim_.after(300ms, [this, record, deadline, report] { deliver(record, deadline, report); });
    }
    if (broker_.refuses(record)) return report(fail(ErrorCode::kTooLarge, "too large", "MSG_SIZE_TOO_LARGE"));
    broker_.append(record, clock_.now());
    if (sim_.chance(0.01)) {
      sim_.after(3s, [report] { report(fail(ErrorCode::kTimeout, "no report", "", Sent::kMaybe)); });
      return;
    }
    sim_.after(sim_.chance(0.03) ? 1s : sim_.between(1ms, 20ms), [report] { report(Result<void>{}); });
  });
}

}  // namespace bongsu::world

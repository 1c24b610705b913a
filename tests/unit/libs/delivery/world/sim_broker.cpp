#include "sim_broker.hpp"

#include "sim_ledger.hpp"

#include <bongsu/events/headers.hpp>

namespace bongsu::world {

namespace {

constexpr auto kSession = 6s;
constexpr auto kPatience = 10s;  // how long a rebalance waits for those who give up

std::uint64_t hash_of(const std::string& key) {  // FNV-1a
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

}  // namespace

int Broker::partition_of(const std::string& key, bool again) {
  auto partition = static_cast<int>(hash_of(key) % static_cast<std::uint64_t>(partitions_));
  if (again && sim_.off(Rule::kOneIdOnePartition)) partition = (partition + 1) % partitions_;
  return partition;
}

void Broker::append(const kafka::Record& record, Timestamp now) {
  const kafka::TopicPartition where{record.topic, record.partition.value_or(partition_of(record.key, false))};
  names_.try_emplace(record.topic, record.topic);
  auto& partition = log_[where];
  if (sim_.chance(0.05)) ++partition.end;  // a marker of somebody's transaction
  Stored stored{.offset = partition.end++, .record = record, .written_at = now};
  if (const auto id = bongsu::find(record.headers, events::header::kNotificationId)) {
    const auto parsed = Uuid::parse(*id);
    stored.id = *parsed;
    stored.unsendable = parsed->time() < now - std::chrono::days{20};
    stored.progress = events::read_progress(record.headers).value_or(events::Progress{});
  }
  partition.records.push_back(stored);
  witness_->appended(record.topic, stored);
  sim_.after(sim_.between(500us, 20ms), [this] {
    for (auto* log : logs_) {
      if (log->life().alive()) log->notify_readers();
    }
  });
}

bool Broker::refuses(const kafka::Record& record) const {
  if (record.topic.find(".dlq") == std::string::npos && record.topic.find(".retry.") == std::string::npos)
    return false;
  const auto id = bongsu::find(record.headers, events::header::kNotificationId);
  return id && oversized_.contains(canonical(*Uuid::parse(*id)));
}

const Stored* Broker::find(const kafka::TopicPartition& where, std::int64_t offset) const {
  const auto found = between(where, offset, offset + 1);
  return found.empty() ? nullptr : found.front();
}

std::vector<const Stored*> Broker::between(const kafka::TopicPartition& where, std::int64_t from,
                                           std::int64_t to) const {
  std::vector<const Stored*> found;
  const auto partition = log_.find(where);
  if (partition == log_.end()) return found;
  auto next = std::ranges::lower_bound(partition->second.records, from, {}, &Stored::offset);
  for (; next != partition->second.records.end() && next->offset < to; ++next) found.push_back(&*next);
  return found;
}

std::int64_t Broker::committed(const kafka::TopicPartition& where) const {
  const auto partition = log_.find(where);
  return partition == log_.end() ? 0 : partition->second.committed;
}

std::int64_t Broker::end(const kafka::TopicPartition& where) const {
  const auto partition = log_.find(where);
  return partition == log_.end() ? 0 : partition->second.end;
}

bool Broker::commit(const SimLog& by, int generation, const std::vector<kafka::Position>& next) {
  const auto place = static_cast<std::size_t>(std::ranges::find(logs_, &by) - logs_.begin());
  if (generation != generation_ || !members_.contains(place)) return false;
  for (const auto& position : next) {
    const kafka::TopicPartition where{position.topic, position.partition};
    auto& partition = log_[where];
    witness_->commits(where, partition.committed, position.offset);
    partition.committed = position.offset;
  }
  return true;
}

const std::string* Broker::interned(const std::string& topic) const {
  const auto found = names_.find(topic);
  return found == names_.end() ? nullptr : &found->second;
}

bool Broker::quiet() const {
  for (const auto& [where, partition] : log_) {
    const bool read = std::ranges::find(consumed_, where.topic) != consumed_.end();
    if (read && !partition.records.empty() && partition.committed <= partition.records.back().offset)
      return false;
  }
  return true;
}

void Broker::left(SimLog& log) {
  const auto place = static_cast<std::size_t>(std::ranges::find(logs_, &log) - logs_.begin());
  if (members_.erase(place) > 0) rebalance();
}

void Broker::rebalance() {
  if (rebalancing_) return;
  rebalancing_ = true;
  patience_ends_ = sim_.now() + kPatience;
  for (auto& [place, member] : members_) member.ready = false;
}

void Broker::heartbeat(SimLog& log) {
  const auto place = static_cast<std::size_t>(std::ranges::find(logs_, &log) - logs_.begin());
  log.last_contact = sim_.now();
  log.notify_readers();
  const auto member = members_.find(place);
  if (member == members_.end()) {
    if (log.has_assignment() && !log.is_answering()) log.take_back(true);
    if (log.has_assignment() || log.is_answering()) return;
    members_[place] = {.ready = false, .seen = sim_.now()};
    rebalance();
    return;
  }
  member->second.seen = sim_.now();
  if (!rebalancing_) {
    const bool behind = log.has_assignment() && log.generation() != generation_;
    if (behind && !log.is_answering()) log.take_back(true);
    if (!log.has_assignment() && !log.is_answering()) log.assigned(generation_, shares_[place]);
    return;
  }
  if (log.has_assignment() && !log.is_answering()) log.take_back(false);
  member->second.ready = !log.has_assignment() && !log.is_answering();
}

void Broker::tick() {
  for (auto* log : logs_) {
    if (!log->life().running() || !log->in_the_group()) continue;
    if (log->reachable()) {
      heartbeat(*log);
    } else if (sim_.now() - log->last_contact > kSession && log->has_assignment() && !log->is_answering()) {
      log->take_back(true);
    }
  }
  if (!up()) {
    for (auto& [place, member] : members_) member.seen = sim_.now();
    return;
  }
  bool ready = true;
  bool gone = false;
  for (auto member = members_.begin(); member != members_.end();) {
    const bool late = rebalancing_ && sim_.now() >= patience_ends_ && !member->second.ready;
    if (late || sim_.now() - member->second.seen > kSession) {
      sim_.tell([&] { return "EVICTED " + logs_[member->first]->life().name; });
      member = members_.erase(member);
      gone = true;
      continue;
    }
    ready = ready && member->second.ready;
    ++member;
  }
  if (gone && !rebalancing_) return rebalance();
  if (members_.empty()) rebalancing_ = false;
  if (rebalancing_ && ready) next_generation();
}

/// Range assignment: a member gets the same partitions of every topic.
void Broker::next_generation() {
  rebalancing_ = false;
  ++generation_;
  shares_.clear();
  std::vector<std::size_t> places;
  places.reserve(members_.size());
  for (const auto& [place, member] : members_) places.push_back(place);
  for (int partition = 0; partition < partitions_; ++partition) {
    const auto owner =
        places[static_cast<std::size_t>(partition) * places.size() / static_cast<std::size_t>(partitions_)];
    for (const auto& topic : consumed_) shares_[owner].push_back({topic, partition});
  }
  sim_.tell([&] { return "GENERATION " + std::to_string(generation_); });
}

}  // namespace bongsu::world

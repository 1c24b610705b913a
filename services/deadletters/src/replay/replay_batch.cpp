#include "replay_record.hpp"
#include "replayer.hpp"

#include <bongsu/core/log.hpp>

#include <algorithm>
#include <map>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;

/// A report that has not come by then is asked for again: the same generation twice is sent once.
constexpr auto kDeliveryTimeout = 30s;
constexpr std::string_view kActor = "replay";
/// Of values that are read at once.
constexpr std::int64_t kLargestBytes = 8LL << 20;

bool own_fault(const Error& error) {
  return error.code == ErrorCode::kTooLarge || error.code == ErrorCode::kInvalidArgument;
}

}  // namespace

Result<void> Replayer::ensure_clients() {
  if (stopping_) return fail(ErrorCode::kCancelled, "stopping");
  if (!reader_) {
    auto reader = kafka::RecordReader::open(parts_.executor, parts_.cluster);
    if (!reader) return std::unexpected(reader.error());
    reader_.emplace(std::move(*reader));
  }
  if (producer_ && !producer_->fatal()) return {};
  producer_.reset();
  kafka::ProducerSettings settings;
  settings.cluster = parts_.cluster;
  settings.delivery_timeout = kDeliveryTimeout;
  auto producer = kafka::Producer::open(parts_.executor, settings);
  if (!producer) return std::unexpected(producer.error());
  producer_.emplace(std::move(*producer));
  return {};
}

asio::awaitable<Result<void>> Replayer::finish_begun(Uuid replay) {
  while (goes_on(replay)) {
    auto begun = co_await parts_.replays.unsent(replay, kLargestBatch);
    if (!begun) co_return std::unexpected(begun.error());
    if (begun->empty()) break;
    auto parcels = co_await fetch(std::move(*begun));
    if (!parcels) co_return std::unexpected(parcels.error());
    if (const auto sent = co_await publish(replay, std::move(*parcels)); !sent) co_return sent;
  }
  co_return Result<void>{};
}

asio::awaitable<Result<std::optional<std::int64_t>>> Replayer::next_batch(const Replay& replay,
                                                                          std::int64_t limit) {
  const auto id = replay.id;
  auto planned = co_await parts_.replays.waiting(id, limit);
  if (!planned) co_return std::unexpected(planned.error());
  if (planned->empty()) co_return std::optional<std::int64_t>{};
  auto parcels = co_await fetch(std::move(*planned));
  if (!parcels) co_return std::unexpected(parcels.error());
  std::vector<Turn> turns;
  turns.reserve(parcels->size());
  for (const auto& parcel : *parcels)
    turns.push_back(
        {.position = parcel.planned.position, .letter = parcel.planned.letter, .gone = !parcel.message});
  auto taken = co_await parts_.replays.take(id, std::move(turns), std::string{kActor}, parts_.clock.now());
  if (!taken) co_return std::unexpected(taken.error());
  parts_.on_stored();
  changed_.notify_all();
  if (taken->stopped) co_return std::optional<std::int64_t>{};
  std::map<Uuid, std::int32_t> generations;
  for (const auto& letter : taken->letters) generations.emplace(letter.letter, letter.generation + 1);
  std::vector<Parcel> mine;
  mine.reserve(generations.size());
  for (auto& parcel : *parcels) {
    const auto generation = generations.find(parcel.planned.letter);
    if (generation == generations.end()) continue;
    parcel.planned.generation = generation->second;
    mine.push_back(std::move(parcel));
  }
  const auto count = static_cast<std::int64_t>(mine.size());
  // What was taken goes out, come what may: a stop between the two is a crash's case.
  if (const auto sent = co_await publish(id, std::move(mine)); !sent) co_return std::unexpected(sent.error());
  co_return std::optional{count};
}

asio::awaitable<Result<std::vector<Replayer::Parcel>>> Replayer::fetch(std::vector<PlannedLetter> planned) {
  if (const auto ready = ensure_clients(); !ready) co_return std::unexpected(ready.error());
  std::vector<Uuid> ids;
  ids.reserve(planned.size());
  for (const auto& letter : planned) ids.push_back(letter.letter);
  auto rows = co_await parts_.letters.find(ids);
  if (!rows) co_return std::unexpected(rows.error());
  std::map<Uuid, LetterRow*> by_id;
  for (auto& row : *rows) by_id.emplace(row.letter.id, &row);
  // Large ones come a few at a time, one at least.
  std::int64_t bytes = 0;
  const auto large = std::ranges::find_if(planned, [&](const PlannedLetter& letter) {
    const auto row = by_id.find(letter.letter);
    if (row != by_id.end()) bytes += row->second->letter.size;
    return bytes > kLargestBytes;
  });
  if (large != planned.end()) planned.erase(std::max(planned.begin() + 1, large), planned.end());
  std::vector<kafka::Position> places;
  std::map<Uuid, std::size_t> place_of;
  for (const auto& letter : planned) {
    const auto row = by_id.find(letter.letter);
    if (row == by_id.end()) continue;
    const auto& at = row->second->letter;
    place_of.emplace(at.id, places.size());
    places.push_back({at.topic, at.partition, at.offset});
  }
  auto messages = co_await reader_->read(places);
  if (!messages) co_return std::unexpected(messages.error());
  std::vector<Parcel> parcels;
  parcels.reserve(planned.size());
  for (auto& letter : planned) {
    Parcel parcel{.planned = std::move(letter), .row = {}, .message = {}};
    if (const auto found = by_id.find(parcel.planned.letter); found != by_id.end()) {
      auto& message = messages->at(place_of.at(parcel.planned.letter));
      if (message && is_record_of(found->second->letter, *message)) parcel.message = std::move(*message);
      parcel.row = std::move(*found->second);
    }
    parcels.push_back(std::move(parcel));
  }
  co_return parcels;
}

Result<kafka::Record> Replayer::record_of(const Uuid& replay, Parcel& parcel) const {
  const auto& planned = parcel.planned;
  if (!parcel.message) return fail(ErrorCode::kInvalidArgument, "the letter's record is gone from its topic");
  auto record =
      replay_record(parts_.topics, parcel.row.letter, std::move(*parcel.message), replay, planned.generation);
  if (planned.repair.empty()) return record;
  const auto recipient = open_recipient(planned.repair, replay, planned.letter, parts_.box);
  if (!recipient) return std::unexpected(recipient.error());
  auto value = repaired(record.value, *recipient, planned.generation, parts_.box, parts_.random);
  if (!value) return std::unexpected(value.error());
  record.value = std::move(*value);
  return record;
}

/// Whether each is in Kafka; those that are not were refused for their own sake. Errors: not all is known, or
/// Kafka is away: publish all of it again.
asio::awaitable<Result<std::vector<bool>>> Replayer::send(std::vector<kafka::Record> records) {
  if (const auto ready = ensure_clients(); !ready) co_return std::unexpected(ready.error());
  const auto copies = records;
  const auto reports = co_await producer_->send_all(std::move(records));
  std::vector<bool> sent(reports.size(), true);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i]) continue;
    auto error = reports[i].error();
    if (own_fault(error)) {
      // Kafka refuses a batch as a whole: whose fault it is shows only when it stands alone.
      if (!producer_) co_return std::unexpected(std::move(error));
      const auto alone = co_await producer_->send(copies[i]);
      if (alone) continue;
      if (own_fault(alone.error())) {
        sent[i] = false;
        continue;
      }
      error = alone.error();
    }
    co_return std::unexpected(std::move(error));
  }
  co_return sent;
}

asio::awaitable<Result<void>> Replayer::publish(Uuid replay, std::vector<Parcel> parcels) {
  std::vector<PlannedLetter> refused;
  std::vector<PlannedLetter> going;
  std::vector<kafka::Record> records;
  for (auto& parcel : parcels) {
    auto record = record_of(replay, parcel);
    if (record) {
      going.push_back(std::move(parcel.planned));
      records.push_back(std::move(*record));
    } else {
      log::warning("replay.letter_refused",
                   {{"letter", parcel.planned.letter}, {"why", record.error().message}});
      refused.push_back(std::move(parcel.planned));
    }
  }
  const auto sent = co_await send(std::move(records));
  if (!sent) co_return std::unexpected(sent.error());
  std::vector<std::int64_t> positions;
  for (std::size_t i = 0; i < going.size(); ++i) {
    if (sent->at(i)) {
      positions.push_back(going[i].position);
    } else {
      log::error("replay.letter_refused", {{"letter", going[i].letter}, {"why", "Kafka refuses the record"}});
      refused.push_back(std::move(going[i]));
    }
  }
  if (const auto marked = co_await parts_.replays.mark_sent(replay, std::move(positions)); !marked)
    co_return marked;
  if (!refused.empty()) {
    const auto given =
        co_await parts_.replays.give_back(replay, std::move(refused), "refused", parts_.clock.now());
    if (!given) co_return given;
    parts_.on_stored();
  }
  changed_.notify_all();
  co_return Result<void>{};
}

}  // namespace bongsu::deadletters

#include "witness.hpp"

#include "sim_broker.hpp"
#include "sim_controls.hpp"
#include "sim_ledger.hpp"

#include <bongsu/events/codec.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/events/v1/result.pb.h>

namespace bongsu::world {

using delivery::Outcome;
using delivery::Row;

namespace {

using events::v1::DeliveryResult;

constexpr auto kOther = events::Channel::kEmail;  // the channel that requests fall back to

bool is_too_old(const Uuid& id) {
  return id.time() < Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 1}};
}

}  // namespace

int result_outcome(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDelivered:
      return DeliveryResult::DELIVERED;
    case Outcome::kFailed:
      return DeliveryResult::RETRYING;
    case Outcome::kDead:
      return DeliveryResult::DEAD;
    case Outcome::kUnknown:
      return DeliveryResult::UNKNOWN;
    case Outcome::kFellBack:
      return DeliveryResult::FELL_BACK;
    case Outcome::kHeld:
      return DeliveryResult::HELD;
    case Outcome::kSuppressed:
      return DeliveryResult::SUPPRESSED;
    default:
      return DeliveryResult::OUTCOME_UNSPECIFIED;
  }
}

std::string text_of(const events::Progress& progress) {
  return std::to_string(progress.generation) + "/" + std::to_string(progress.attempt) + "/" +
         std::to_string(progress.round);
}

std::string text_of(const Row& row) {
  return text_of(delivery::progress_of(row)) + " outcome " + std::to_string(static_cast<int>(row.outcome)) +
         (row.maybe ? " maybe" : "");
}

std::string Witness::name_of(const Uuid& id) const { return "…" + canonical(id).str().substr(24); }

void Witness::claimed(const Life& life, const delivery::Hold& hold, std::int64_t to, bool fenced) {
  sim_.tell([&] {
    return "  CLAIM " + hold.where.topic + "/" + std::to_string(hold.where.partition) + " to " +
           std::to_string(to) + " by " + life.name;
  });
  for (const auto* stored : broker_.between(hold.where, committed(hold.where), to)) {
    if (!stored->id) continue;
    auto& claim = claims_.try_emplace({life.number, canonical(*stored->id)}).first->second;
    // The same id may lie in more than one place: what is called is the furthest.
    if (events::compare(stored->progress, claim.second) >= 0) claim = {hold, stored->progress};
  }
  if (fenced) sim_.violation("claim by a former owner", hold.where.topic + " by " + life.name);
}

void Witness::looked_up(const Life& life, const Uuid& id, const Row* row) {
  looked_[{life.number, id}] = sim_.now();
  seen_delivered_.erase({life.number, id});
  if (row != nullptr && row->outcome == Outcome::kDelivered)
    seen_delivered_[{life.number, id}] = row->generation;
}

void Witness::told(const Row& row) {
  if (row.outcome != Outcome::kDelivered) return;
  auto& generation = told_delivered_[canonical(row.id)];
  generation = std::max(generation, row.generation);
}

void Witness::recorded(const Life& life, const Row& offered, const Row& stays, bool former) {
  sim_.tell([&] {
    return "  LEDGER " + name_of(offered.id) + " offered " + text_of(offered) + " stays " + text_of(stays) +
           " by " + life.name + (former ? " (former)" : "");
  });
  stayed_.insert({stays.id, stays.generation, stays.attempt, stays.outcome});
  if (offered.outcome == Outcome::kFellBack && offered.maybe && !settings_.fall_back_after_maybe)
    sim_.violation("fell back although it may have been delivered", name_of(offered.id));
  check_stopped(offered);
  if (offered.outcome != Outcome::kDelivered) return;
  if (former) told_late_[offered.id] = &life;
  for (auto& call : calls_) {
    if (call.id == offered.id && call.life == &life && call.accepted && !call.recorded)
      call.recorded = sim_.now();
  }
}

void Witness::refused(const kafka::Record& record) {
  if (const auto id = find(record.headers, events::header::kNotificationId))
    refused_.insert(canonical(*Uuid::parse(*id)));
}

std::size_t Witness::called(Life& life, const Uuid& id) {
  const auto claim = claims_.find({life.number, id});
  Call call{.id = id, .life = &life, .began = sim_.now()};
  if (claim == claims_.end()) {
    sim_.violation("sent without a claim", name_of(id) + " by " + life.name);
  } else {
    call.hold = claim->second.first;
    call.progress = claim->second.second;
  }
  const auto looked = looked_.find({life.number, id});
  if (looked != looked_.end()) call.looked = looked->second;
  const auto seen = seen_delivered_.find({life.number, id});
  if (seen != seen_delivered_.end() && seen->second == call.progress.generation)
    sim_.violation("sent after delivered", name_of(id) + " by " + life.name);
  check_control(life, id);
  sim_.tell([&] { return "  CALL " + name_of(id) + " " + text_of(call.progress) + " by " + life.name; });
  calls_.push_back(call);
  return calls_.size() - 1;
}

/// The provider has it. While it was on the wire nobody else may have taken its partition, unless its
/// sender stood still.
void Witness::accepted(std::size_t index) {
  auto& call = calls_[index];
  call.accepted = sim_.now();
  sim_.tell([&] { return "  PROVIDER ACCEPTS " + name_of(call.id) + " of " + call.life->name; });
  const auto claim = database_.claims.find(call.hold.where);
  if (claim == database_.claims.end() || claim->second.epoch == call.hold.epoch) return;
  if (call.life->alive() && call.life->frozen_since(call.began)) return;
  sim_.violation("on the wire under another's hold", name_of(call.id) + " of " + call.life->name);
}

void Witness::requested(const Uuid& id) {
  asked_.insert(id);
  derived_[events::notification_id(id, kOther)] = id;
  derived_[events::notification_id(alias_of(id), kOther)] = id;
}

void Witness::appended(const std::string& topic, const Stored& stored) {
  if (topic == topics_.result()) return result_appended(stored.record);
  if (topic.find(".retry.") != std::string::npos) return retry_appended(stored);
  if (topic.ends_with(".dlq")) return letter_appended(stored);
  if (topic == topics_.request(kOther) || topic == topics_.bulk(kOther) || topic == topics_.replay(kOther))
    fallback_appended(stored.record);
}

void Witness::result_appended(const kafka::Record& record) {
  const auto result = events::decode<DeliveryResult>(record.value, events::ContentType::kProtobuf);
  const auto id = canonical(*Uuid::parse(result->notification_id()));
  results_[id].push_back({.progress = {.generation = result->generation(),
                                       .attempt = result->attempt(),
                                       .round = result->round()},
                          .outcome = result->outcome(),
                          .final = result->final(),
                          .maybe = result->maybe_twice()});
  sim_.tell([&] {
    return "  RESULT " + name_of(id) + " " + text_of(results_[id].back().progress) + " outcome " +
           std::to_string(result->outcome()) + (result->maybe_twice() ? " maybe" : "");
  });
  const bool known =
      std::ranges::any_of(std::array{Outcome::kDelivered, Outcome::kFailed, Outcome::kDead, Outcome::kUnknown,
                                     Outcome::kFellBack, Outcome::kHeld, Outcome::kSuppressed},
                          [&](Outcome outcome) {
                            return result_outcome(outcome) == result->outcome() &&
                                   stayed_.contains({id, result->generation(), result->attempt(), outcome});
                          });
  if (!known && !is_too_old(id)) sim_.violation("a result that never stood in the ledger", name_of(id));
}

void Witness::retry_appended(const Stored& stored) {
  const auto id = canonical(*stored.id);
  const auto& progress = stored.progress;
  sim_.tell([&] { return "  RETRY " + name_of(id) + " " + text_of(progress); });
  retries_.insert({id, progress.generation, progress.attempt, progress.round});
  const bool held = progress.round > 0;  // its job was paused: the same attempt again
  const auto ended = held ? progress.attempt : progress.attempt - 1;
  const bool told = std::ranges::any_of(results_[id], [&](const Result& result) {
    return result.progress.generation == progress.generation && result.progress.attempt == ended &&
           (!held || result.progress.round + 1 == progress.round);
  });
  if (!told && !sim_.off(Rule::kPublishedMeansInTheLog))
    sim_.violation("the retry came before its result", name_of(id));
  if (!stayed_.contains({id, progress.generation, ended, held ? Outcome::kHeld : Outcome::kFailed}))
    sim_.violation("a retry that the ledger never knew", name_of(id));
}

void Witness::letter_appended(const Stored& stored) {
  if (stored.id) {
    const auto id = canonical(*stored.id);
    const auto& progress = stored.progress;
    sim_.tell([&] { return "  LETTER " + name_of(id) + " " + text_of(progress); });
    letters_.insert({id, progress.generation});
    const bool known = stayed_.contains({id, progress.generation, progress.attempt, Outcome::kDead}) ||
                       stayed_.contains({id, progress.generation, progress.attempt, Outcome::kUnknown});
    if (!known && !stored.unsendable) sim_.violation("a letter that the ledger never knew", name_of(id));
  }
  if (const auto death = events::read_death(stored.record.headers))
    letters_by_place_.insert({death->topic, death->partition, death->offset});
}

/// Another channel's topic: one id for each that fell back, however often it is published.
void Witness::fallback_appended(const kafka::Record& record) {
  const auto request =
      events::decode<events::v1::NotificationRequest>(record.value, events::ContentType::kProtobuf);
  const auto whose = derived_.find(*Uuid::parse(request->id()));
  if (whose == derived_.end()) return sim_.violation("a fallback of nobody", request->id());
  const auto& id = whose->second;
  sim_.tell([&] { return "  FALLBACK of " + name_of(id); });
  fallbacks_.insert(id);
  const bool known = std::ranges::any_of(stayed_, [&](const Stay& stay) {
    return std::get<0>(stay) == id && std::get<3>(stay) == Outcome::kFellBack;
  });
  if (!known) sim_.violation("a fallback that the ledger never knew", name_of(id));
  if (request->has_fallback() || request->channel() != events::to_proto(kOther))
    sim_.violation("a fallback that goes on", name_of(id));
}

bool Witness::follow_up_is_there(const Row& row) const {
  const auto results = results_.find(row.id);
  const bool told =
      results != results_.end() && std::ranges::any_of(results->second, [&](const Result& result) {
        return result.progress == delivery::progress_of(row);
      });
  if (!told) return false;
  if (refused_.contains(row.id)) return true;
  if (row.outcome == Outcome::kFailed)
    return retries_.contains({row.id, row.generation, row.attempt + 1, 0U});
  if (row.outcome == Outcome::kHeld)
    return retries_.contains({row.id, row.generation, row.attempt, row.round + 1});
  if (row.outcome == Outcome::kDead || row.outcome == Outcome::kUnknown)
    return letters_.contains({row.id, row.generation});
  if (row.outcome == Outcome::kFellBack) return fallbacks_.contains(row.id);
  return true;
}

bool Witness::ended(const kafka::TopicPartition& where, const Stored& stored) const {
  if (!stored.id) return letters_by_place_.contains({where.topic, where.partition, stored.offset});
  const auto id = canonical(*stored.id);
  if (stored.unsendable) return letters_.contains({id, stored.progress.generation}) || refused_.contains(id);
  const auto row = database_.rows.find(id);
  if (row == database_.rows.end()) return false;
  if (events::compare(stored.progress, delivery::progress_of(row->second)) < 0) return true;
  if (delivery::judge(stored.progress, row->second) == delivery::Verdict::kGoOn) return false;
  return row->second.outcome != Outcome::kOpen && follow_up_is_there(row->second);
}

void Witness::commits(const kafka::TopicPartition& where, std::int64_t from, std::int64_t to) {
  const auto place = where.topic + "/" + std::to_string(where.partition);
  sim_.tell([&] { return "  COMMIT " + place + " " + std::to_string(from) + " → " + std::to_string(to); });
  if (to < from) sim_.violation("a commit went back", place);
  for (const auto* stored : broker_.between(where, from, to)) {
    if (!ended(where, *stored))
      sim_.violation("a commit passed an open record", place + "@" + std::to_string(stored->offset));
  }
}

std::int64_t Witness::committed(const kafka::TopicPartition& where) const { return broker_.committed(where); }

}  // namespace bongsu::world

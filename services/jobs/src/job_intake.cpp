#include "job_intake.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/events/reasons.hpp>

namespace bongsu::jobs {
namespace {

void sort_result(Sorted& into, const kafka::Message& record, std::size_t place, const std::string& group) {
  auto read = read_result(record);
  if (!read) {
    into.letters.push_back(intake::letter_of(record, std::move(read.error()), group));
  } else if (*read) {
    into.batch.results.push_back(std::move(**read));
    into.places.push_back(place);
  }
}

void sort_planned(Sorted& into, const kafka::Message& record, const std::string& group) {
  auto read = read_planned(record);
  if (!read) {
    into.letters.push_back(intake::letter_of(record, std::move(read.error()), group));
  } else if (auto* count = std::get_if<PlannedCount>(&*read)) {
    into.batch.counts.push_back(*count);
  } else {
    into.batch.pages.push_back(std::move(std::get<PlannedPage>(*read)));
  }
}

}  // namespace

std::map<std::string, intake::Take> JobIntake::takes() {
  const intake::Take take = [this](const std::vector<kafka::Message>& records) {
    return this->take(records);
  };
  return {{topics_.bulk_planned(), take}, {topics_.result(), take}};
}

asio::awaitable<Result<std::vector<kafka::PartitionStart>>> JobIntake::starts(
    std::vector<kafka::TopicPartition> partitions) {
  auto starts = co_await intake::stored_offsets(pool_, partitions);
  if (!starts) co_return std::unexpected(starts.error());
  places_.clear();
  for (const auto& start : *starts) places_[start.partition] = {start.committed, start.committed.value_or(0)};
  co_return std::move(*starts);
}

asio::awaitable<Result<void>> JobIntake::look_up(const kafka::TopicPartition& partition) {
  const auto starts = co_await intake::stored_offsets(pool_, {partition});
  if (!starts) co_return std::unexpected(starts.error());
  places_[partition].stored = starts->front().committed;
  co_return Result<void>{};
}

Sorted JobIntake::sort(const std::vector<kafka::Message>& records, std::int64_t first) const {
  Sorted sorted;
  const bool results = records.front().topic == topics_.result();
  if (results) sorted.batch.results.reserve(records.size());
  for (std::size_t place = 0; place < records.size(); ++place) {
    if (records[place].offset < first) continue;
    if (results) {
      sort_result(sorted, records[place], place, group_);
    } else {
      sort_planned(sorted, records[place], group_);
    }
  }
  return sorted;
}

asio::awaitable<Result<void>> JobIntake::write_letters(std::vector<intake::DeadLetter> letters) {
  if (letters.empty() || co_await letters_.write(std::move(letters))) co_return Result<void>{};
  co_return fail(ErrorCode::kCancelled, "stopping before the dead letters were written");
}

/// Dead letters go out before the batch counts, so there are none left to give back.
asio::awaitable<Result<std::vector<intake::DeadLetter>>> JobIntake::take(
    const std::vector<kafka::Message>& records) {
  const kafka::TopicPartition partition{std::string{records.front().topic}, records.front().partition};
  const auto next = records.back().offset + 1;
  const auto [stored, read] = places_[partition];
  // What lies before the stored offset was counted by another, or by a commit whose answer was lost; unless
  // the topic has begun anew.
  const bool anew = records.front().offset < read;
  const auto first = anew ? 0 : stored.value_or(0);
  if (first >= next) {
    places_[partition].read = next;
    co_return std::vector<intake::DeadLetter>{};
  }
  auto sorted = sort(records, first);
  sorted.batch.offset = {.partition = partition, .from = stored, .to = next};
  const BeforeCommit before_commit = [&](const Applied& applied) {
    auto letters = sorted.letters;
    for (const auto result : applied.misplaced) {
      letters.push_back(intake::letter_of(records[sorted.places[result]],
                                          {.reason = events::reason::kInvalidRequest,
                                           .message = "the page has no such index",
                                           .sealed_value = {}},
                                          group_));
    }
    return write_letters(std::move(letters));
  };
  const auto applied = co_await apply(pool_, sorted.batch, before_commit);
  if (!applied) {
    const auto& error = applied.error();
    if (error.detail == "offset" || error.sent == Sent::kMaybe) {
      if (const auto found = co_await look_up(partition); !found) co_return std::unexpected(found.error());
    }
    co_return std::unexpected(error);
  }
  places_[partition] = {next, next};
  if (!applied->jobs.empty()) on_changed_(applied->jobs);
  co_return std::vector<intake::DeadLetter>{};
}

}  // namespace bongsu::jobs

#pragma once
#include "page_store.hpp"

#include <bongsu/events/topics.hpp>
#include <bongsu/intake/intake.hpp>

#include <functional>
#include <map>
#include <string>

namespace bongsu::jobs {

/// A batch's records by what they are; `places` are those of its results.
struct Sorted {
  Batch batch;
  std::vector<std::size_t> places;
  std::vector<intake::DeadLetter> letters;
};

/// Takes bulk.planned and delivery.result into the pages. Offsets live beside the counts (page_store.hpp), so
/// each record counts once; what is committed to Kafka only tells how far behind the group is. Threads: the
/// io_context's one thread. Lifetime: outlives the intake that uses it; `pool` and `letters` outlive it.
class JobIntake {
 public:
  /// Jobs of which something has changed, after each batch.
  using OnChanged = std::function<void(const std::set<Uuid>& jobs)>;

  JobIntake(postgres::Pool& pool, events::Topics topics, std::string group, intake::DeadLetters& letters,
            OnChanged on_changed)
      : pool_(pool),
        topics_(std::move(topics)),
        group_(std::move(group)),
        letters_(letters),
        on_changed_(std::move(on_changed)) {}

  std::map<std::string, intake::Take> takes();
  asio::awaitable<Result<std::vector<kafka::PartitionStart>>> starts(
      std::vector<kafka::TopicPartition> partitions);

 private:
  asio::awaitable<Result<std::vector<intake::DeadLetter>>> take(const std::vector<kafka::Message>& records);
  Sorted sort(const std::vector<kafka::Message>& records, std::int64_t first) const;
  asio::awaitable<Result<void>> write_letters(std::vector<intake::DeadLetter> letters);
  asio::awaitable<Result<void>> look_up(const kafka::TopicPartition& partition);

  struct Place {
    std::optional<std::int64_t> stored;  ///< as far as is known here
    std::int64_t read = 0;               ///< what has been read lies before it
  };

  postgres::Pool& pool_;
  events::Topics topics_;
  std::string group_;
  intake::DeadLetters& letters_;
  OnChanged on_changed_;
  std::map<kafka::TopicPartition, Place> places_;
};

}  // namespace bongsu::jobs
